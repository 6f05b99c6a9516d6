"""`manage.py migrate`: Django's, as the owner of the database unless told otherwise."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections
from psycopg import sql


class Command(migrate.Command):
    """The tables belong to the owner's role; the application's may not touch the record of migrations."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        if connections[options["database"]].vendor == "unknown":
            raise CommandError("DATABASE_OWNER_URL is not set: only the owner's role can migrate.")
        super().handle(*args, **options)
        with connections[options["database"]].cursor() as cursor:
            cursor.execute("SELECT to_regclass('django_migrations')")
            if cursor.fetchone() != (None,):
                cursor.execute(
                    sql.SQL("REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {}").format(
                        sql.Identifier(settings.APP_ROLE)
                    )
                )
