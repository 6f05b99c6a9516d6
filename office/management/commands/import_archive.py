"""`manage.py import_archive PATH`: an archive that was exported is checked and can be read again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents.checksums import Unsound
from office.archives import imported
from office.archives import on_record as archives_on_record
from office.archives.on_record import Known

_WORDS = {
    Known.YES: "On record: the audit log has the export of this archive, with this digest.",
    Known.NO: (
        "NOT ON RECORD: the meeting was archived here, and the audit log has no export with this digest. Its"
        " checksums were right, but whoever changes a file can make them anew. Compare it with a fresh"
        " export_archive of the meeting; if it differs, it is a forgery or a damaged copy."
    ),
    Known.ELSEWHERE: (
        "Whether it is on record cannot be known here: this meeting was not archived in this installation."
        " To check, import it in the installation that made it; or ask there for the proof of the entry"
        " export_archive (manage.py audit prove) and check it here with manage.py audit check-proof, by the"
        " public keys of that log and its witness. checkpoint.txt in the archive is the log's checkpoint of"
        " then."
    ),
}


class Command(BaseCommand):
    """Check an archive and keep it for reading."""

    help = (
        "Check every checksum of an archive (a folder or ZIP that export_archive made) and the kind of "
        "every file; say whether the audit log has its digest; then head office and auditors of its bank "
        "read it on the page Imported archives. Exit status 1 when it is not sound."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", metavar="PATH", type=Path, help="the folder or the ZIP")

    def handle(self, *, path: Path, **options: Any) -> None:
        try:
            found = imported.take(path.absolute())
        except Unsound as unsound:
            raise CommandError(f"The archive was not imported: {unsound}") from unsound
        self.stdout.write(
            f"{found.index['number']}: {len(found.files)} files, every checksum is right; "
            f"digest {found.digest}"
        )
        known = archives_on_record.known(found.digest, found.index)
        (self.stdout if known is Known.YES else self.stderr).write(_WORDS[known])
