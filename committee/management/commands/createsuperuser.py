"""`manage.py createsuperuser`: Django's command, run as the database's owner, with an audit entry."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.management.base import CommandError, CommandParser
from django.db import connections, transaction


class Command(createsuperuser.Command):
    """Create an administrator, which the application's own role cannot do."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        using = options["database"]
        if connections[using].vendor == "unknown":
            raise CommandError("DATABASE_OWNER_URL is not set: only the owner's role makes an administrator.")
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            super().handle(*args, **options)
            cursor.execute("SELECT audit_vouch('createsuperuser')")
