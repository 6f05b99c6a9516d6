"""`manage.py backup --to DIR`: save the database and the files that it names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backup.saving import CannotSave, save
from config.database.embedded_postgres import EmbeddedPostgresError


class Command(BaseCommand):
    """Make a new folder with the database, the files and their checksums."""

    help = (
        "Save the database (as the owner's role), attachments, papers and archives, with checksums and the "
        "heads of the audit log, into a new folder below DIR. An interrupted one leaves no such folder. The "
        "secret key and private keys are not in it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", metavar="DIR", type=Path, required=True, help="where the folder is made")

    def handle(self, *, to: Path, **options: Any) -> None:
        try:
            saved = save(to.absolute())
        except (CannotSave, EmbeddedPostgresError) as error:
            raise CommandError(str(error)) from error
        for name in saved.missing:
            self.stderr.write(f"missing: {name} is named in the database and is not there")
        for name in saved.changed:
            self.stderr.write(f"changed: {name} is not the file that the database names")
        for name in saved.left_out:
            self.stderr.write(f"left out: {name} has a private key")
        self.stdout.write(f"{saved.folder}: {saved.files} files beside the database, {saved.size} bytes")
