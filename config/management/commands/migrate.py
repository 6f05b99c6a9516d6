"""`manage.py migrate`: Django's, as the owner of the database unless told otherwise, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections, transaction

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

    def _restrict(self, alias: str) -> None:
        """The application's role has its rights, and what the log vouches for is watched."""
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.execute("SELECT to_regprocedure('public.audit_touch()')")
            if cursor.fetchone() != (None,):
                rights.give(cursor, settings.APP_ROLE)
                watching.watch(cursor)
