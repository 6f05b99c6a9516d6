"""`manage.py dispose_archive DIGEST`: remove an imported archive that need be kept no longer."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.recording import SYSTEM
from committee.models import Person
from office.actions.disposal import dispose_archive
from office.archives import imported
from regulation.refused import Refused


class Command(BaseCommand):
    """Dispose of an archive, with an entry in the audit log."""

    help = (
        "Remove an imported archive after the last day on which it must be kept, by order of head office's "
        "officer; an entry of the audit log names its files, the reason and the officer."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "digest", metavar="DIGEST", help="the digest of the archive, as its page shows it"
        )
        parser.add_argument("--ordered-by", metavar="LOGIN", required=True, help="head office's officer")
        parser.add_argument("--reason", metavar="TEXT", required=True, help="why it is disposed of")

    def handle(self, *, digest: str, ordered_by: str, reason: str, **options: Any) -> None:
        person = Person.objects.select_related("bank").filter(username=ordered_by).first()
        if person is None or person.bank is None:
            raise CommandError(f"{ordered_by} is the login of nobody in a bank. Name head office's officer.")
        archive = imported.one(person.bank.name, digest)
        if archive is None:
            raise CommandError(f"{digest} is the digest of no imported archive of {person.bank.name}.")
        try:
            dispose_archive(person.bank, by=SYSTEM, archive=archive, ordered_by=person, reason=reason)
        except Refused as refused:
            raise CommandError(f"{refused.code}: {refused.message()} {refused.remedy()}") from refused
        self.stdout.write(f"{archive.index['number']}: {len(archive.files)} files are disposed of")
