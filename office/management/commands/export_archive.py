"""`manage.py export_archive MEETING --to PATH`: the archived file of a meeting as a folder or ZIP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.recording import SYSTEM
from committee.models import Meeting
from documents.archive.writing import CannotWrite
from office.actions.archive import incomplete
from office.actions.exporting import export_archive
from office.archives.meeting_file import about, archived, contents
from regulation.refused import Refused


class Command(BaseCommand):
    """Write the file of an archived meeting, so that it opens without the system."""

    help = (
        "Write the archived file of a meeting (Art. 12.6): all papers, an index in Chinese and English, "
        "JSON, and checksums. PATH that ends in .zip is made as a ZIP, any other as a folder."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("meeting", metavar="MEETING", help="its number (呼联会〔2026〕3号) or its id")
        parser.add_argument("--to", metavar="PATH", type=Path, required=True, help="what is written")

    def handle(self, *, meeting: str, to: Path, **options: Any) -> None:
        found = _meeting(meeting)
        file = archived(found)
        if file is None:
            refused = incomplete(found) or Refused("12.6/archive-incomplete")
            raise CommandError(f"{refused.citation()}: {refused.message()} {refused.remedy()}")
        try:
            digest = export_archive(file, by=SYSTEM, to=to.absolute())
        except CannotWrite as error:
            raise CommandError(str(error)) from error
        for each in about(file).missing:
            self.stderr.write(f"missing: {each.text}")
        files = len(contents(found))
        self.stdout.write(
            f"{to}: {files} files of {found}, kept until {about(file).kept_until}; digest {digest}"
        )


def _meeting(named: str) -> Meeting:
    """The meeting of that id or number; CommandError without one, and for a number of several banks."""
    rows = Meeting.objects.select_related("committee__branch__bank", "regulation")
    if named.isascii() and named.isdigit():
        found = list(rows.filter(pk=int(named)))
    else:
        found = [row for row in rows.iterator() if row.written_number == named]
    if len(found) != 1:
        ids = ", ".join(str(row.pk) for row in found)
        why = (
            f"is the number of several: name one of the ids {ids}" if found else "is the number or id of none"
        )
        raise CommandError(f"{named} {why}. The number stands on the meeting's page, the id in its address.")
    return found[0]
