"""The watch under real concurrency: two replies, a reply and a tape, a reply and what goes up."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from audit import clock
from audit.checking.verification import further_faults, verify_streams
from audit.models import Entry
from audit.recording import SYSTEM
from portfolio.actions.warnings import escalate_warnings, issue_warning, reply_to_warning
from portfolio.models import Cause, Reply, Warning  # noqa: A004  the term of the field
from portfolio.watching.day import judge_ended
from tests.databases import Database
from tests.portfolio.books import Books, kept
from tests.portfolio.watching import BASE, YEAR_START, M, figures, judged, policy
from tests.stage import START, Stage
from tests.voting import racing

LAST = date(2026, 3, 10)


@pytest.fixture
def books(fresh_db: Database) -> Books:
    with clock.frozen(START):
        made = kept(Stage())
        policy(made)
        for on, first in ((YEAR_START, 82 * M), (BASE, 82 * M), (LAST, 92 * M)):
            tape = figures(made, on, first=first, second=50 * M, third=40 * M)
    with clock.frozen(START):
        clock.travel(START.replace(day=10))
        judged(tape, by=SYSTEM)
    return made


@pytest.fixture
def racers(fresh_db: Database) -> Iterator[racing.Racers]:
    with racing.racers(2) as made:
        yield made


def assert_log_holds() -> None:
    """The chains verify, and the log vouches for what the acts wrote; figures are the test's own rows."""
    report = verify_streams(None)
    assert report.fault is None, str(report.fault)
    written = ("portfolio_warning", "portfolio_reply", "portfolio_cause", "portfolio_tendays")
    faults = [str(fault) for fault in further_faults(None)]
    assert [fault for fault in faults if any(table in fault for table in written)] == []


def issued(books: Books, trigger: str) -> Warning:
    row = Warning.objects.get(institution=books.institutions["first"], trigger=trigger)
    return issue_warning(
        row, by=books["office"], channel="phone", spoken_with="Head", said="Explain", spoken_at=clock.now()
    )


def replying(books: Books, row: Warning) -> Any:
    return functools.partial(
        reply_to_warning,
        row,
        by=books["handler_head"],
        causes=[{"kind": "new_arrears", "amount": row.amount}],
        measures=[{"text": "Visit", "on": "2026-12-20"}],
    )


def test_of_two_replies_one_counts(books, racers):
    for trigger in ("increase", "rebound"):
        row = issued(books, trigger)
        results = racers.race(replying(books, row), replying(books, row))
        assert racing.outcomes(results) == ["accepted", "state/not-allowed"]
        assert Reply.objects.filter(warning=row).count() == 1
        assert Cause.objects.filter(reply__warning=row).count() == 1
        assert Entry.objects.filter(subject=row.subject, action="reply_to_warning").count() == 1
    assert_log_holds()


def test_a_reply_and_another_tape_of_the_day_both_stand(books, racers):
    row = issued(books, "increase")
    tape = figures(books, LAST, digest="b", first=90 * M, second=50 * M, third=40 * M)
    results = racers.race(replying(books, row), functools.partial(judged, tape, by=SYSTEM))
    assert racing.outcomes(results) == ["accepted", "accepted"]
    row.refresh_from_db()
    assert (row.state, row.amount, row.rejudged) == ("replied", 10 * M, 8 * M)
    assert_log_holds()


def test_a_reply_and_what_goes_up_do_not_undo_each_other(books, racers):
    row = issued(books, "increase")
    late = functools.partial(escalate_warnings, date(2027, 3, 1), by=SYSTEM)
    assert racing.outcomes(racers.race(replying(books, row), late)) == ["accepted", "accepted"]
    row.refresh_from_db()
    assert row.state == "replied"
    assert (
        row.level == Entry.objects.filter(subject=row.subject, action="escalate_warnings").count() * row.level
    )
    assert_log_holds()


def test_ten_days_judged_twice_at_once_warn_once(books, racers):
    judging = functools.partial(judge_ended, books.bank, by=SYSTEM, last_days=[date(2026, 3, 20)])
    figures(books, date(2026, 3, 20), first=95 * M, second=50 * M, third=40 * M)
    assert racing.outcomes(racers.race(judging, judging)) == ["accepted", "accepted"]
    assert Warning.objects.filter(last_on=date(2026, 3, 20)).count() == 2
    assert_log_holds()
