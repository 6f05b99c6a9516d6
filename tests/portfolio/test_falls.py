"""Falls of principal from tape to tape: what counts, whose it is, tasks, targets and key households."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from audit.models import Entry
from audit.recording import SYSTEM
from portfolio.actions.targets import draft_targets, lock_targets
from portfolio.actions.tasks import assign_task
from portfolio.figures.attainment import attained, received_by, require_may_move
from portfolio.figures.monthly import counted, reported, unseen_days
from portfolio.models import Fall, KeyHousehold, Loan, TargetSet, Task, Warning  # noqa: A004  the term of the field
from portfolio.watching.checks import falls
from regulation.refused import Refused
from tests.portfolio.books import DAY, Books, filled, give, lent, read
from tests.portfolio.watching import judged, policy
from tests.stage import Stage, stages

NEXT, AFTER = DAY + timedelta(days=1), DAY + timedelta(days=2)


def _made() -> Stage:
    stage = Stage().to("submitted")
    stage.books = filled(stage)
    policy(stage.books, key_households=2)
    give(stage.books, "A-1", "collector", "collection", until=DAY)
    give(stage.books, "A-3", "collector", "collection")
    return stage


taped = stages("taped", _made)


@pytest.fixture
def books(taped) -> Books:
    taped.travel("2026-03-04T18:00+08:00")
    known = set(Loan.objects.values_list("pk", flat=True))
    for name, loan in list(taped.books.loans.items()):
        if loan.pk in known:
            loan.refresh_from_db()
        else:
            del taped.books.loans[name]
    return taped.books


def move(books: Books, on: date, **principal: int) -> None:
    """The union's tape of the day, with other principals of these loans, judged."""
    for name, amount in principal.items():
        loan = books.loans[name.replace("_", "-")]
        loan.principal = amount
        Loan.objects.filter(pk=loan.pk).update(principal=amount)
    judged(read(books, on), by=SYSTEM)


def rows(books: Books) -> set[tuple[str, date, int, str]]:
    names = {loan.pk: name for name, loan in books.loans.items()}
    return {(names[row.loan_id], row.as_of, row.amount, row.staff_key) for row in Fall.objects.all()}


def test_what_fell_is_the_collectors_of_the_day(books):
    mine = books["collector"].staff_key
    move(books, NEXT, A_1=9_000_000, A_2=4_000_000, A_3=29_000_000, A_4=1_000_000, B_1=8_000_000)
    assert rows(books) == {
        # whose duty has ended, by the tape's number of the collector
        ("A-1", NEXT, 1_000_000, mine),
        ("A-2", NEXT, 1_000_000, books["other_collector"].staff_key),
        # by the duty, which leads where the tape has nobody
        ("A-3", NEXT, 1_000_000, mine),
        # A-4 performs, B-1 has risen
    }
    assert received_by(books["collector"], 2026, AFTER).money == 2_000_000
    assert received_by(books["collector"], 2026, DAY).money == 0
    assert received_by(books["collector"], 2025, AFTER).money == 0


def test_a_day_read_again_counts_once_and_a_late_day_parts_the_fall(books):
    move(books, AFTER, A_3=20_000_000)
    assert {(name, on, amount) for name, on, amount, _ in rows(books)} == {("A-3", AFTER, 10_000_000)}
    judged(books.tape, by=SYSTEM)
    assert Fall.objects.count() == 1
    # the day between has half of it
    move(books, NEXT, A_3=25_000_000)
    assert {(name, on, amount) for name, on, amount, _ in rows(books)} == {
        ("A-3", NEXT, 5_000_000),
        ("A-3", AFTER, 5_000_000),
    }


def test_the_check_finds_a_fall_that_is_not_that_of_the_balances(books):
    move(books, NEXT, A_3=29_000_000)
    assert list(falls(None)) == []
    Fall.objects.all().delete()
    (fault,) = falls(None)
    assert fault.values == {"day": NEXT.isoformat(), "loan": books.loans["A-3"].pk}
    assert list(falls([f"ledger:{books.bank.pk}"])) == [fault]
    assert list(falls(["ledger:0", "office:1"])) == []


# -- Tasks ------------------------------------------------------------------------------------------


def task(books: Books, amount: int, due: date) -> Task:
    house = books.loans["A-3"].borrower.household
    return assign_task(house, by=books["handler"], collector=books["collector"], amount=amount, due=due)


def test_a_task_is_met_by_what_comes_in(books, taped):
    taped.travel("2026-03-03T09:00+08:00")
    row = task(books, 1_500_000, AFTER)
    move(books, NEXT, A_3=29_000_000)
    row.refresh_from_db()
    assert row.state == "open"
    move(books, AFTER, A_3=28_000_000)
    row.refresh_from_db()
    assert (row.state, row.received, row.ended_on) == ("met", 2_000_000, AFTER)
    assert Entry.objects.filter(action="task_met", subject=row.subject).count() == 1


def test_a_task_is_missed_the_day_after_its_day(books, taped):
    taped.travel("2026-03-03T09:00+08:00")
    row = task(books, 1_500_000, NEXT)
    move(books, NEXT, A_3=29_000_000)
    row.refresh_from_db()
    assert row.state == "open"
    # what comes in later does not count
    move(books, AFTER, A_3=20_000_000)
    row.refresh_from_db()
    assert (row.state, row.received, row.ended_on) == ("missed", 1_000_000, AFTER)


# -- Targets ----------------------------------------------------------------------------------------


def quotas(books: Books, amount: int) -> None:
    made = draft_targets(
        books.institutions["union"],
        by=books["head_office"],
        year=2026,
        targets=[
            {"institution": "15101", "metric": "closing_npl", "amount": 44_000_000},
            {"institution": "15101", "metric": "money", "amount": 4_000_000},
            {"institution": "15102", "metric": "new_cap", "amount": 0},
            {"institution": "15102", "metric": "old_fall", "amount": 1_000_000},
        ],
        quotas=[{"staff_no": books["collector"].staff_no, "post": "Deputy", "amount": amount}],
        reason="The year's plan",
    )
    lock_targets(made, by=books["head_office"])


def test_what_is_reached_of_targets(books):
    quotas(books, 800_000_00)
    move(books, NEXT, A_3=29_000_000)
    found = {
        (row.target.institution.code, row.target.metric): (row.reached, row.met, row.pct)
        for row in attained(TargetSet.objects.in_force(books.bank.pk, 2026), NEXT)
    }
    assert found == {
        ("15101", "closing_npl"): (44_000_000, True, Decimal("100.00")),
        ("15101", "money"): (1_000_000, False, Decimal("25.00")),
        ("15102", "new_cap"): (0, True, None),
        # the year's start has no tape
        ("15102", "old_fall"): (None, None, None),
    }


def test_nobody_moves_before_the_quota_is_met(books):
    quotas(books, 1_000_000)
    with pytest.raises(Refused) as caught:
        require_may_move(books["collector"], NEXT)
    assert caught.value.code == "target/quota-not-met"
    move(books, NEXT, A_3=29_000_000)
    require_may_move(books["collector"], NEXT)
    require_may_move(books["other_collector"], NEXT)


# -- Key households, the monthly report -------------------------------------------------------------


def test_key_households_are_the_largest_of_each_level_once_a_month(books):
    lent(books, "A-9", "first", 30_000_000)
    move(books, NEXT)
    names = {row.pk: name for name, row in books.institutions.items()}
    houses = {loan.borrower.household_id: name for name, loan in books.loans.items()}
    chosen = [
        (names[row.institution_id], row.place, houses[row.household_id], row.npl)
        for row in KeyHousehold.objects.order_by("institution__lft", "place")
    ]
    # are one household; ties go by the household's id
    assert chosen == [
        ("union", 1, "A-3", 30_000_000),
        ("union", 2, "A-9", 30_000_000),
        ("office", 1, "A-3", 30_000_000),
        ("office", 2, "A-9", 30_000_000),
        ("first", 1, "A-3", 30_000_000),
        ("first", 2, "A-9", 30_000_000),
        ("second", 1, "B-1", 7_000_000),
        ("other office", 1, "C-1", 9_000_000),
        ("third", 1, "C-1", 9_000_000),
    ]
    assert {row.month for row in KeyHousehold.objects.all()} == {date(2026, 3, 1)}
    move(books, AFTER, A_9=1)
    assert KeyHousehold.objects.count() == len(chosen)


def test_the_months_report_is_made_of_ten_days_and_their_warnings(books, taped):
    taped.travel("2026-03-20T18:00+08:00")
    judged(read(books, date(2026, 3, 20)), by=SYSTEM)
    rows_of = reported(books.institutions["office"], date(2026, 3, 15))
    assert [(row.ten_days.last_on, row.ten_days.institution) for row in rows_of] == [
        (date(2026, 3, 20), books.institutions["first"]),
        (date(2026, 3, 20), books.institutions["second"]),
    ]
    assert counted(rows_of, date(2026, 3, 31)).without_figures == 0
    assert counted(rows_of, date(2026, 3, 31)).raised == Warning.objects.count() == 0
    assert unseen_days(books.institutions["first"], DAY, AFTER) == 0
