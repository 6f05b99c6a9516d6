"""Writes the papers of a meeting that are on file into a folder."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit import private
from audit.canonical import payload_bytes
from committee.models import Meeting
from documents.content import read
from office.papers.pictures import drawn
from office.papers.sources import papers
from office.papers.wording import CHINESE, LANGUAGES
from office.preparing import file_name


class Command(BaseCommand):
    """`manage.py papers MEETING --to DIR`."""

    help = "Write the papers of a meeting as PDF and JSON, as they are on file. MEETING is its id."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The meeting's id, the folder and the language."""
        parser.add_argument("meeting", type=int, metavar="MEETING")
        parser.add_argument("--to", type=Path, required=True, metavar="DIR")
        parser.add_argument("--language", choices=LANGUAGES, default=CHINESE)

    def handle(self, *args: Any, meeting: int, to: Path, language: str, **options: Any) -> None:
        """Write the files; CommandError for an unknown meeting, none drawn up, and a file that is lost."""
        found = (
            Meeting.objects.select_related("committee__branch__bank", "regulation").filter(pk=meeting).first()
        )
        if found is None:
            raise CommandError(f"There is no meeting {meeting}.")
        rows = papers(found, language)
        if not rows:
            raise CommandError(
                f"No paper of {found} is drawn up: the liaison does that on the meeting's page."
            )
        private.folder(to)
        for place, paper in enumerate(rows, 1):
            if not paper.path.is_file():
                raise CommandError(f"The file of {paper} is missing below MEDIA_ROOT: {paper.path}.")
            name = f"{place:02d} {file_name(paper)}"
            private.write(to / f"{name}.pdf", paper.path.read_bytes())
            private.write(to / f"{name}.json", payload_bytes(paper.data))
            _contents, pictures = drawn([read(paper.data)])
            for file, image in pictures.items():
                private.write(to / file, image)
        self.stdout.write(f"{len(rows)} papers of {found} are in {to}.")
