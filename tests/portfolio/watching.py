"""Days of the watch for tests: figures of institutions by day, judged as an import judges them."""

from __future__ import annotations

from datetime import date
from typing import Any

from audit import clock
from audit.recording import SYSTEM, Actor, action, record
from portfolio.classes import Class
from portfolio.models import DayFigure, PolicyVersion, Tape
from portfolio.policy import Policy
from portfolio.watching import judge_day
from tests.portfolio.books import Books

YEAR_START, BASE = date(2026, 1, 1), date(2026, 2, 28)
#: yuan → fen
M = 1_000_000_00


@action
def judged(tape: Tape, *, by: Actor) -> None:
    """What the import calls at its end."""
    judge_day(tape.bank, tape.as_of, tape)
    told = {"as_of": tape.as_of.isoformat(), "sha256": tape.sha256}
    record(tape.stream, "hand_in", tape.subject, by=by, payload=told)


def policy(books: Books, **numbers: Any) -> None:
    """The bank's policy has the base date of these tests, and other numbers where they are given."""
    PolicyVersion.objects.create(
        bank=books.bank,
        number=PolicyVersion.objects.filter(bank=books.bank).count() + 1,
        effective_from=YEAR_START,
        values=Policy(**({"base_date": BASE} | numbers)).as_json(),
        reason="for tests",
        made_by=books["union_risk"],
        made_at=clock.now(),
    )


def figures(books: Books, day: date, *, scope: str = "union", digest: str = "a", **npl: int) -> Tape:
    """The scope's tape of the day with so much non-performing at each institution, in place of another."""
    Tape.objects.filter(scope=books.institutions[scope], as_of=day).update(state=Tape.State.REPLACED)
    tape = Tape(
        bank=books.bank, scope=books.institutions[scope], as_of=day, state=Tape.State.LOADED,
        sha256=digest * 64, size=1, name="tape.csv", rows=1, rejected=0, principal=sum(npl.values()),
        institutions=[books.institutions[name].pk for name in npl], handed_in_at=clock.now(),
        handed_in_by=books["union_risk"],
    )  # fmt: skip
    tape.save()
    for name, amount in npl.items():
        DayFigure.objects.filter(as_of=day, institution=books.institutions[name]).delete()
        for loan_class, principal in ((Class.NORMAL, 900 * M), (Class.DOUBTFUL, amount)):
            DayFigure.objects.create(
                as_of=day, institution=books.institutions[name], loan_class=loan_class, sub_grade=0,
                cohort="new" if loan_class == Class.DOUBTFUL else "", kind="household", loans=1,
                principal=principal, tape=tape,
            )  # fmt: skip
    return tape


def day(books: Books, on: date, **npl: int) -> Tape:
    """The figures of the day, judged."""
    tape = figures(books, on, **npl)
    judged(tape, by=SYSTEM)
    return tape
