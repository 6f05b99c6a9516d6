"""`manage.py import_archive PATH`: an archive that was exported is checked and can be read again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents.checksums import Unsound
from office import imported


class Command(BaseCommand):
    """Check an archive and keep it for reading."""

    help = (
        "Check every checksum of an archive (a folder or ZIP that export_archive made) and the kind of "
        "every file; then head office and auditors of its bank read it on the page Imported archives. "
        "Exit status 1 when it is not sound."
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
