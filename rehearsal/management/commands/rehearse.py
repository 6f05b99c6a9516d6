"""`manage.py rehearse`: play rehearsal files through the engine."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from audit import clock
from rehearsal.files import candidates
from rehearsal.report import mismatch, report_lines
from rehearsal.running import Attempt, NotReady, attempts, attempts_over_http, make_ready
from rehearsal.times import ZONE

MATCHED, MISMATCHED, INVALID, FAILED = range(4)


class Command(BaseCommand):
    """Play the files; their effects are rolled back unless --keep is given."""

    help = (
        "Play rehearsals through the engine. Exit status: 0 when all came out as their files say, 1 when "
        "one did not, 2 when one is not a valid rehearsal, 3 when the database failed."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="FILE_OR_FOLDER", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON object a file, on one line")
        parser.add_argument(
            "--keep",
            action="store_true",
            help="keep what was done, marked as rehearsed in the audit log; times may be relative to today",
        )
        parser.add_argument(
            "--over",
            choices=["http"],
            help="act through the site (a server in this process, logins, JSON) on a throw-away database, "
            "not by direct calls; the results are the same",
        )

    def handle(self, *, paths: list[Path], keep: bool, over: str | None, **options: Any) -> None:
        never_fail_to_print()
        if keep and over:
            raise CommandError(
                "--keep and --over exclude each other: what is done over HTTP is thrown away.",
                returncode=INVALID,
            )
        today = clock.now().astimezone(ZONE).date() if keep else None
        try:
            make_ready()
            found = list(candidates(paths, today=today))
            with (
                _undone_when_ended(),
                closing(attempts_over_http(found) if over else attempts(found, keep=keep)) as attempted,
            ):
                status = self._tell_all(attempted, as_json=options["json"])
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(FAILED)
        except (DatabaseError, BrokenProcessPool, NotReady) as error:
            raise CommandError(str(error), returncode=FAILED) from error
        if status:
            sys.exit(status)

    def _tell_all(self, attempted: Iterable[Attempt], *, as_json: bool) -> int:
        status, missed, count = MATCHED, [], 0
        for attempt in attempted:
            if attempt.played is None:
                self.stderr.write(f"{attempt.candidate.file}: {attempt.fault}")
                status = INVALID
                continue
            count += 1
            self._tell(attempt, as_json=as_json)
            if attempt.played.mismatch:
                missed.append(f"{attempt.candidate.file}: {mismatch(attempt.played.mismatch)}")
                status = max(status, MISMATCHED)
        if not as_json:
            self._summarise(count, missed)
        return status

    def _tell(self, attempt: Attempt, *, as_json: bool) -> None:
        rehearsal, played, file = attempt.candidate.rehearsal, attempt.played, attempt.candidate.file
        if rehearsal is None or played is None:
            return
        if as_json:
            self.stdout.write(json.dumps(played.as_json(file)))
        else:
            for line in report_lines(file, rehearsal, played):
                self.stdout.write(line)
            self.stdout.write("")

    def _summarise(self, count: int, missed: list[str]) -> None:
        self.stdout.write(f"{count - len(missed)} of {count} rehearsals came out as their files say.")
        for line in missed:
            self.stdout.write(line)


@contextmanager
def _undone_when_ended() -> Iterator[None]:
    """Turn a termination signal into an exception, so that everything created is removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


def never_fail_to_print() -> None:
    """Write characters that the terminal cannot show as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
