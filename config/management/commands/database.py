"""`manage.py database`: show, start, stop or delete the embedded PostgreSQL, which otherwise starts and stops
by itself.
"""

from __future__ import annotations

import shutil
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.database.base import cluster
from config.database.embedded_postgres import EmbeddedPostgresError


class Command(BaseCommand):
    """Show or change the state of the embedded PostgreSQL."""

    help = "Show the state of the embedded PostgreSQL, stop it, or remove it with its data."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["status", "stop", "reset"])
        parser.add_argument("--yes", action="store_true", help="reset: remove all data without asking")

    def handle(self, *, verb: str, yes: bool, **options: Any) -> None:
        if settings.DATABASES["default"]["ENGINE"] != "config.database":
            raise CommandError(
                "DATABASE_URL is set: the embedded PostgreSQL is not used. Unset it (see .env)."
            )
        try:
            if verb == "status":
                self._status()
            elif verb == "stop":
                self._stop()
            else:
                self._reset(yes=yes)
        except EmbeddedPostgresError as error:
            raise CommandError(str(error)) from error

    def _status(self) -> None:
        self.stdout.write(
            f"{'runs' if cluster().is_running() else 'stopped'}; its folder is {cluster().home}"
        )

    def _stop(self) -> None:
        cluster().stop()
        self.stdout.write("The embedded PostgreSQL has stopped.")

    def _reset(self, *, yes: bool) -> None:
        if not yes and input(f"Remove {cluster().home} with all data? [y/N] ").lower() not in {"y", "yes"}:
            raise CommandError("Nothing was removed.")
        cluster().destroy()
        (settings.VAR_DIR / "demo-secret-key").unlink(missing_ok=True)
        shutil.rmtree(settings.VAR_DIR / "demo", ignore_errors=True)
        self.stdout.write("The database and all that was done in it are removed.")
