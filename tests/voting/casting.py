"""A process that casts ballots and says of each that it is acknowledged; crash tests kill it or its server.

Usage: python -m tests.voting.casting. It reads a ballot a line, as JSON with proposal, person, choice, reason
and key, waits for the last, and casts them in that order. For each it prints key and commitment once `cast`
has returned. When the server is gone it tries again with the same key until it has an answer.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import django

PATIENCE = 60  # seconds without a server


def cast(proposal: int, person: int, **said: Any) -> str:
    """The commitment of the ballot, whatever became of the server meanwhile."""
    from django.db import InterfaceError, OperationalError, connection

    from committee.models import Person
    from proposals.models import Proposal
    from voting.actions import ballots

    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return ballots.cast(Proposal(pk=proposal), by=Person(pk=person), **said).commitment
        except (OperationalError, InterfaceError):
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def main() -> None:
    """Every ballot of the standard input is acknowledged on the standard output."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    for order in [json.loads(line) for line in sys.stdin]:
        sys.stdout.write(f"{order['key']} {cast(**order)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
