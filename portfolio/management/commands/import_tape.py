"""`manage.py import_tape FILE --as-of DAY`: a loan tape into the ledger, or with --check judged alone."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import get_language

from audit.recording import SYSTEM, Actor
from committee.models import Person
from portfolio import storage
from portfolio.actions import tapes
from portfolio.models import Institution, Tape
from portfolio.money import yuan
from regulation.refused import Refused

#: faults that are printed; the page of the tape has all
_SHOWN = 50
#: what the process ends with when the tape is held, or rows of a checked one are rejected
_HELD = 2


class Command(BaseCommand):
    """Hand a tape in as the system, or as a person of the risk department."""

    help = (
        "Take a loan tape (CSV in UTF-8 or GB18030, or .xlsx) into the ledger.\n"
        "Ends with 0 when it is in the ledger or unchanged, with 1 when the file is refused, and with 2\n"
        "when it is held, or with --check when rows are rejected."
    )

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        """The parser, with the help's own lines."""
        return super().create_parser(*args, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as-of", required=True, type=date.fromisoformat, help="its day: 2026-11-27")
        parser.add_argument("--check", action="store_true", help="judge the rows and take nothing in")
        parser.add_argument(
            "--scope", default="", help="the number of its institution; by default the union's"
        )
        parser.add_argument("--bank", default="", help="the bank's name, where there are several")
        parser.add_argument("--by", default="", help="the login of who hands it in; by default the system")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        scope, by = self._scope(options), self._person(options["by"])
        try:
            with storage.received(storage.chunks(path)) as file:
                tape = tapes.hand_in(
                    scope, by=by, file=file, as_of=options["as_of"], name=path.name,
                    check_only=options["check"], tell=lambda stage: self._say(options, stage),
                )  # fmt: skip
        except Refused as refused:
            lang = get_language() or "en"
            raise CommandError(f"{refused.code}: {refused.message(lang)} {refused.remedy(lang)}") from refused
        self._tell(tape)

    def _say(self, options: dict[str, Any], stage: str) -> None:
        if options["verbosity"] > 1:
            self.stderr.write(stage)

    def _scope(self, options: dict[str, Any]) -> Institution:
        found = Institution.objects.all()
        if options["bank"]:
            found = found.filter(bank__name=options["bank"])
        if options["scope"]:
            found = found.filter(code=options["scope"])
        else:
            found = found.filter(level=Institution.Level.UNION)
        rows = list(found[:2])
        if len(rows) != 1:
            wrong = "There is no such institution" if not rows else "Several institutions are meant"
            raise CommandError(f"{wrong}: name it by --scope, and its bank by --bank.")
        return rows[0]

    def _person(self, login: str) -> Actor:
        if not login:
            return SYSTEM
        try:
            return Person.objects.get_by_natural_key(login)
        except Person.DoesNotExist:
            raise CommandError(f"Nobody has the login {login}.") from None

    def _tell(self, tape: Tape) -> None:
        self.stdout.write(
            f"{tape.as_of} {tape.scope.code}: {tape.get_state_display()}; {tape.rows} rows,"
            f" {tape.rejected} rejected, principal {yuan(tape.principal)}"
        )
        lang = get_language() or "en"
        for code in tape.figures["held"]:
            self.stdout.write(f"{code}: {Refused(code).message(lang)} {Refused(code).remedy(lang)}")
        faults = tape.faults.all()
        for fault in faults[:_SHOWN]:
            message = Refused(fault.code, column=fault.column, value=fault.value).message(lang)
            self.stdout.write(f"line {fault.line}, {fault.column}: {fault.code}: {message}")
        left = faults.count() - _SHOWN
        if left > 0:
            self.stdout.write(f"... and {left} more")
        if tape.state == Tape.State.HELD or (tape.state == Tape.State.CHECKED and tape.rejected):
            raise CommandError("The tape waits, or has rows to mend.", returncode=_HELD)
