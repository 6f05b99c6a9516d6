"""`manage.py audit verify`: recompute and check the audit log."""

from argparse import ArgumentParser
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from audit.verification import anomalies, further_faults, verify_streams
from audit.verify import Fault

#: the number of anomalies that are listed
LISTED = 100


class Command(BaseCommand):
    help = (
        "Verifies the audit log: every hash, number, link and payload, and what is stored against it. Exit"
        " status 1 at the first fault; entries written at another time than they say are listed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the subcommand `verify`."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verify = verbs.add_parser("verify", help="re-derive every hash and name the first fault")
        verify.add_argument(
            "--stream", action="append", metavar="NAME", help="only this stream (may be repeated)"
        )
        verify.add_argument(
            "--no-payloads",
            dest="payloads",
            action="store_false",
            help="the chains alone, not what they commit to",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check everything on one snapshot; CommandError (exit status 1) names the first fault."""
        streams: list[str] | None = options["stream"]
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            report = verify_streams(streams, payloads=options["payloads"])
            fault = report.fault
            if fault is None and options["payloads"]:
                fault = next(islice(further_faults(streams), 1), None)
            odd = list(islice(anomalies(streams), LISTED + 1)) if options["payloads"] else []
        self._tell_of(odd)
        if fault is not None:
            raise CommandError(f"{fault} ({report.entries} entries verified before it)")
        self.stdout.write(f"{report.entries} entries in {report.streams} streams verified")
        if report.erased:
            self.stdout.write(f"{report.erased} payloads erased, each with an entry that says so")
        self.stdout.write(f"head {report.head}")

    def _tell_of(self, odd: list[Fault]) -> None:
        """Print what is no fault of the log but should be looked at."""
        for each in odd[:LISTED]:
            self.stdout.write(f"anomaly: {each}")
        if len(odd) > LISTED:
            self.stdout.write(f"and more than these {LISTED} anomalies")
