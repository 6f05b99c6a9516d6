"""`manage.py verify_document FILE`: whose signatures a file has, and whether it is the one on record."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from documents.outside.apart import Busy
from documents.verify import MOST_BYTES, Outcome
from office import on_record

_EXIT = {Outcome.VALID: 0, Outcome.INVALID: 1, Outcome.SIGNED: 2}
_WORDS = {
    Outcome.VALID: "VALID: every signature is valid, and this is the file on record",
    Outcome.INVALID: "INVALID",
    Outcome.SIGNED: "SIGNED, NOT THE FILE ON RECORD",
}


class Command(BaseCommand):
    help = (
        "Verifies a signed PDF: who signed, when, valid or not and why, on record or not. Exit status 0 if it"
        " is valid and on record, 1 if not valid (or it cannot be read), 2 if signed and not on record."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the file."""
        parser.add_argument("file", type=Path, help="the signed PDF, up to 20 MB")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say both verdicts; SystemExit with their exit status."""
        path: Path = options["file"]
        try:
            if path.stat().st_size > MOST_BYTES:
                raise CommandError(f"{path} is larger than 20 MB.")
            pdf = path.read_bytes()
        except OSError as failed:
            raise CommandError(f"{path} cannot be read: {failed.strerror}.") from failed
        try:
            judged = on_record.judge(pdf)
        except Busy:
            raise CommandError("Other files are being verified; try again in a minute.") from None
        for each in judged.checked.signatures:
            when = f"{each.at:%Y-%m-%d %H:%M:%S %Z}" if each.at else "no time that is believed"
            told = "valid" if each.fault is None else f"not valid ({each.fault})"
            self.stdout.write(f"{each.field}: {each.name} {each.number}, {when}, {each.issuer}: {told}")
        if judged.checked.fault:
            self.stdout.write(f"file: {judged.checked.fault}")
        record = f"{judged.recorded}{f', {judged.minutes}' if judged.minutes else ''}"
        self.stdout.write(f"record: {record}")
        self.stdout.write(f"SHA-256 {judged.checked.sha256}")
        self.stdout.write(_WORDS[judged.outcome])
        status = _EXIT[judged.outcome]
        if status:
            sys.exit(status)
