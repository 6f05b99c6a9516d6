"""`manage.py migrate`: Django's command, run as the database's owner by default, one at a time."""

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
    """Migrate as the owner's role, then grant the application's role the rights of `config/tables.py`."""

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
        """Hold the migration lock until the block ends; wait for a process that holds it.

        The lock has a connection of its own, so that it is independent of the migrations' transactions and
        ends with the process. `rehearsal.running.make_ready` waits for it too.
        """
        with closing(connections[alias].copy()) as own, own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [settings.MIGRATION_LOCK])
            if cursor.fetchone() != (True,):
                if loud:
                    self.stdout.write("Another process is migrating this database; waiting for it.")
                cursor.execute("SELECT pg_advisory_lock(%s)", [settings.MIGRATION_LOCK])
            yield

    def _refuse_earlier_layout(self, alias: str) -> None:
        """Raise CommandError, in one line, for a database from before the migrations were folded.

        Such a database has unknown migrations after one that it lacks. A database of a later version has
        unknown ones after all known, and is left to Django.
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
        """Grant the application's role its rights and create the triggers of vouched tables."""
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.execute("SELECT to_regprocedure('public.audit_touch()')")
            if cursor.fetchone() != (None,):
                rights.give(cursor, settings.APP_ROLE)
                watching.watch(cursor)


def _is_ours(app: str) -> bool:
    """Whether the app is a package of this project; libraries may remove migrations, the project does not."""
    found = apps.app_configs.get(app)
    return found is not None and Path(found.path).parent == settings.BASE_DIR
