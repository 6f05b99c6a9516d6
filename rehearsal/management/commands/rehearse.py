"""`manage.py rehearse`: cases played through the engine, from files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit import clock
from rehearsal.bank import NotShared
from rehearsal.files import Candidate, candidates
from rehearsal.player import Played, play
from rehearsal.schema import Rehearsal
from rehearsal.times import ZONE
from rehearsal.words import lines, mismatch

MATCHED, MISMATCHED, INVALID = 0, 1, 2


class Command(BaseCommand):
    """The files have been played; what they did is undone, or stays with --keep."""

    help = "Play rehearsals. Exit status: 0 all matched, 1 one did not, 2 one is not a valid rehearsal."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="FILE_OR_FOLDER", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON object a file, on one line")
        parser.add_argument("--keep", action="store_true", help="keep what was done, marked as rehearsed")

    def handle(self, *, paths: list[Path], json: bool, keep: bool, **options: Any) -> None:
        _never_fail_to_print()
        today = clock.now().astimezone(ZONE).date() if keep else None
        status, missed, count = MATCHED, [], 0
        for candidate in candidates(paths, today=today):
            played = self._play(candidate, keep=keep)
            if played is None or candidate.rehearsal is None:
                status = INVALID
                continue
            count += 1
            self._tell(candidate.file, candidate.rehearsal, played, as_json=json)
            if played.mismatch:
                missed.append(f"{candidate.file}: {mismatch(played.mismatch)}")
                status = max(status, MISMATCHED)
        if not json:
            self.stdout.write(f"{count - len(missed)} of {count} rehearsals came out as their files say.")
            for line in missed:
                self.stdout.write(line)
        if status:
            sys.exit(status)

    def _play(self, candidate: Candidate, *, keep: bool) -> Played | None:
        fault = candidate.fault
        if candidate.rehearsal is not None:
            try:
                return play(candidate.rehearsal, keep=keep)
            except NotShared as error:
                fault = f"$.{error.field}: expects {error}"
        self.stderr.write(f"{candidate.file}: {fault}")
        return None

    def _tell(self, file: str, rehearsal: Rehearsal, played: Played, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(played.as_json(file)))
            return
        for line in lines(file, rehearsal, played):
            self.stdout.write(line)
        self.stdout.write("")


def _never_fail_to_print() -> None:
    """What the terminal cannot show is shown escaped."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
