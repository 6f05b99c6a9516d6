"""`manage.py restore FOLDER`: the database and the files are those of a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backup import facts
from config.backup.restoring import CannotRestore, restore
from config.database.embedded_postgres import EmbeddedPostgresError


class Command(BaseCommand):
    """Check a backup, restore it, and verify what was restored."""

    help = (
        "Restore what `backup` saved, into an empty database and MEDIA_ROOT, as the owner's role. All is "
        "checked before, and verified after: rows, the audit log, checksums, files."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="the folder that `backup` made")
        parser.add_argument(
            "--overwrite", action="store_true", help="remove the data that are in the database now"
        )

    def handle(self, *, folder: Path, overwrite: bool, **options: Any) -> None:
        try:
            done = restore(folder.absolute(), overwrite=overwrite)
        except (CannotRestore, EmbeddedPostgresError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"restored and verified: {done.entries} entries in {done.streams} streams, {done.files} files"
        )
        self.stdout.write(f"head {done.head}")
        if done.public:
            self.stdout.write(
                f"{done.public} certificates and revocation lists are in {folder.absolute() / facts.PUBLIC}: "
                "put those that you trust into TRUST_ANCHORS and REVOCATION_LISTS"
            )
