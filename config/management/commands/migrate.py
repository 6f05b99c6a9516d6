"""`manage.py migrate`: Django's, as the owner of the database unless told otherwise, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections, transaction
from django.db.migrations.loader import MigrationLoader

from audit import watching
from config import rights


class Command(migrate.Command):
    """The tables belong to the owner's role; the application's may do what `config/tables.py` says."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        if connections[options["database"]].vendor == "unknown":
            raise CommandError("DATABASE_OWNER_URL is not set: only the owner's role can migrate.")
        with self._alone(options["database"], loud=options["verbosity"] > 0):
            self._refuse_earlier_layout(options["database"])
            super().handle(*args, **options)
            self._restrict(options["database"])

    @contextmanager
    def _alone(self, alias: str, *, loud: bool) -> Iterator[None]:
        """Nobody else migrates this database until the block ends; whoever does now is waited for.

        The lock has a connection of its own, so that it lasts whatever the migrations do, and ends with the
        process. `rehearsal.running.make_ready` waits for it too.
        """
        with closing(connections[alias].copy()) as own, own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [settings.MIGRATION_LOCK])
            if cursor.fetchone() != (True,):
                if loud:
                    self.stdout.write("Another process is migrating this database; waiting for it.")
                cursor.execute("SELECT pg_advisory_lock(%s)", [settings.MIGRATION_LOCK])
            yield

    def _refuse_earlier_layout(self, alias: str) -> None:
        """CommandError, in one line, where the data are of a layout from before the migrations were folded.

        Such a database has migrations that no file has, after one that it lacks. One of a later version has
        them after all that are here, and is left to Django.
        """
        loader = MigrationLoader(connections[alias])
        applied = {(app, name) for app, name in loader.applied_migrations if _is_ours(app)}
        here = {(app, name) for app, name in loader.disk_migrations if _is_ours(app)}
        for app, name in sorted(applied - here, reverse=True):
            if any(of == app and lacking < name for of, lacking in here - applied):
                embedded = settings.DATABASES["default"]["ENGINE"] == "config.database"
                remedy = "`make demo-reset`" if embedded else "an empty database"
                raise CommandError(
                    f"The data are of an earlier layout ({app}.{name}), which this version cannot read; "
                    f"nothing was changed. Start over with {remedy}."
                )

    def _restrict(self, alias: str) -> None:
        """The application's role has its rights, and what the log vouches for is watched."""
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.execute("SELECT to_regprocedure('public.audit_touch()')")
            if cursor.fetchone() != (None,):
                rights.give(cursor, settings.APP_ROLE)
                watching.watch(cursor)


def _is_ours(app: str) -> bool:
    """Whether the app is a package of this project, whose migrations are kept; libraries may drop some."""
    found = apps.app_configs.get(app)
    return found is not None and Path(found.path).parent == settings.BASE_DIR
