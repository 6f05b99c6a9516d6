"""What each tape sets going: the day's watch, ten days judged, warnings raised, and late days."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from audit.models import Entry
from audit.recording import SYSTEM
from portfolio.figures.stocks import stocks
from portfolio.models import (
    Admonishment,
    TenDays,
    Warning,  # noqa: A004  the term of the field
    WatchDay,
)
from portfolio.policy import Policy
from portfolio.rules import watch
from portfolio.tasks import judge_ended_ten_days
from tests.portfolio.books import Books, kept
from tests.portfolio.watching import BASE, YEAR_START, M, day, figures, judged, policy
from tests.stage import Stage, stages

MARCH_10 = date(2026, 3, 10)


def _made() -> Stage:
    stage = Stage().to("founded")
    stage.books = kept(stage)
    policy(stage.books)
    for on, first in ((YEAR_START, 82 * M), (BASE, 91 * M + M // 2)):
        figures(stage.books, on, first=first, second=50 * M, third=40 * M)
    return stage


watching = stages("watching", _made)


@pytest.fixture
def books(watching) -> Books:
    watching.travel("2026-03-10T18:00+08:00")
    return watching.books


def raised(books: Books) -> set[tuple[str, str, date, int]]:
    names = {row.pk: name for name, row in books.institutions.items()}
    return {
        (names[row.institution_id], row.trigger, row.last_on, row.amount) for row in Warning.objects.all()
    }


def at(books: Books, name: str, on: date) -> WatchDay:
    return WatchDay.objects.get(institution=books.institutions[name], as_of=on)


def test_a_day_has_its_rise_on_the_years_start_and_on_the_base_date(books):
    day(books, MARCH_10, first=92 * M, second=50 * M, third=39 * M)
    assert at(books, "first", MARCH_10).stock == watch.Stock(92 * M, 82 * M, 91 * M + M // 2)
    assert at(books, "first", MARCH_10).watched
    assert not at(books, "second", MARCH_10).watched
    assert at(books, "third", MARCH_10).stock.rise == -M
    assert WatchDay.objects.count() == 3


def test_ten_million_is_watched_and_a_fen_less_is_not(books):
    day(books, date(2026, 3, 9), first=92 * M - 1, second=0, third=0)
    assert not at(books, "first", date(2026, 3, 9)).watched
    day(books, MARCH_10, first=92 * M, second=0, third=0)
    assert at(books, "first", MARCH_10).watched


def test_the_sql_and_the_rules_agree(books):
    given = Policy(base_date=BASE)
    for number, npl in enumerate((81 * M, 82 * M, 85 * M, 91 * M + M // 2 + 1, 92 * M - 1, 92 * M)):
        on = date(2026, 3, 3 + number)
        day(books, on, first=npl, second=0, third=50 * M)
        for row in WatchDay.objects.filter(as_of=on):
            assert row.watched is watch.daily_watch(row.stock, given)


def test_ten_days_are_judged_on_their_last_day_and_warn_once_a_trigger(books):
    day(books, MARCH_10, first=92 * M, second=50 * M, third=40 * M + 1)
    assert raised(books) == {
        ("first", "increase", MARCH_10, M // 2),
        ("first", "rebound", MARCH_10, 10 * M),
        ("third", "increase", MARCH_10, 1),
    }
    assert TenDays.objects.filter(last_on=MARCH_10, as_of=MARCH_10).count() == 3
    day(books, MARCH_10, first=92 * M, second=50 * M, third=40 * M + 1)
    assert Warning.objects.count() == 3
    entries = Entry.objects.filter(action="raise_warning")
    assert {entry.actor for entry in entries} == {"system"}
    assert entries.count() == 3


def test_before_the_last_day_nothing_is_judged(books, watching):
    watching.travel("2026-03-09T18:00+08:00")
    day(books, date(2026, 3, 9), first=100 * M, second=0, third=0)
    assert not TenDays.objects.exists()
    assert not Warning.objects.exists()


def test_the_last_day_is_judged_on_a_tape_of_three_days_ago_by_the_job(books, watching):
    watching.travel("2026-03-07T18:00+08:00")
    day(books, date(2026, 3, 7), first=100 * M, second=50 * M, third=40 * M)
    assert not Warning.objects.exists()
    watching.travel("2026-03-11T00:40+08:00")
    judge_ended_ten_days(0)
    row = TenDays.objects.get(institution=books.institutions["first"], last_on=MARCH_10)
    assert (row.as_of, row.npl) == (date(2026, 3, 7), 100 * M)
    assert ("first", "increase", MARCH_10, 8 * M + M // 2) in raised(books)
    judge_ended_ten_days(0)
    assert Warning.objects.filter(last_on=MARCH_10).count() == 2


def test_without_a_recent_tape_there_are_no_figures_never_zero(books, watching):
    watching.travel("2026-03-06T18:00+08:00")
    day(books, date(2026, 3, 6), first=100 * M, second=50 * M, third=40 * M)
    watching.travel("2026-03-11T00:40+08:00")
    judge_ended_ten_days(0)
    rows = TenDays.objects.filter(last_on=MARCH_10)
    assert {(row.as_of, row.npl) for row in rows} == {(None, None)}
    assert not Warning.objects.filter(last_on=MARCH_10).exists()


def test_without_a_tape_of_the_years_start_there_is_no_rise(books):
    stranger = date(2027, 3, 10)
    found = stocks(books.bank.pk, [stranger], Policy(base_date=BASE))
    assert {(row.npl, row.year_start) for row in found} == {(None, None)}


def test_a_tape_of_one_institution_gives_figures_of_that_one_alone(books):
    tape = figures(books, MARCH_10, scope="first", first=100 * M)
    judged(tape, by=SYSTEM)
    assert [row.institution for row in WatchDay.objects.all()] == [books.institutions["first"]]
    assert TenDays.objects.get(institution=books.institutions["second"], last_on=MARCH_10).npl is None


def test_an_institution_without_a_row_on_a_whole_tape_has_nothing_bad(books):
    day(books, MARCH_10, first=1)
    assert at(books, "second", MARCH_10).npl == 0


def test_the_office_is_not_watched_but_its_institutions_are(books):
    day(books, MARCH_10, first=1, second=1, third=1)
    names = {row.institution_id for row in WatchDay.objects.all()}
    assert names == {books.institutions[name].pk for name in ("first", "second", "third")}


def test_the_thirtieth_of_september_asks_for_a_talk(books, watching):
    watching.travel("2026-09-30T20:00+08:00")
    last = date(2026, 9, 30)
    day(books, last, first=82 * M + 1, second=50 * M, third=39 * M)
    assert raised(books) == {("first", "year_rise", last, 1)}
    (talk,) = Admonishment.objects.all()
    assert (talk.institution, talk.year, talk.amount) == (books.institutions["first"], 2026, 1)
    # 15 working days after 30 September, with the week of the national day between
    assert talk.due_on == date(2026, 10, 27)


def test_at_the_years_end_no_talk_is_due(books, watching):
    watching.travel("2026-12-31T20:00+08:00")
    day(books, date(2026, 12, 31), first=82 * M + 1, second=50 * M, third=40 * M)
    assert not Admonishment.objects.exists()


# -- Late days --------------------------------------------------------------------------------------


def test_a_later_tape_of_the_same_day_marks_warnings_and_takes_none_away(books):
    day(books, MARCH_10, first=92 * M, second=50 * M, third=40 * M)
    day(books, MARCH_10, first=91 * M, second=51 * M, third=40 * M)
    increase = Warning.objects.get(institution=books.institutions["first"], trigger="increase")
    assert (increase.amount, increase.rejudged) == (M // 2, 0)
    rebound = Warning.objects.get(institution=books.institutions["first"], trigger="rebound")
    assert (rebound.amount, rebound.rejudged) == (10 * M, 9 * M)
    assert ("second", "increase", MARCH_10, M) in raised(books)
    # and the first figures again: no mark
    day(books, MARCH_10, first=92 * M, second=50 * M, third=40 * M)
    increase.refresh_from_db()
    assert (increase.rejudged, increase.rejudged_at) == (None, None)


def test_a_late_day_of_the_base_date_judges_what_rests_on_it(books):
    day(books, MARCH_10, first=92 * M, second=50 * M, third=40 * M)
    day(books, BASE, first=93 * M, second=50 * M, third=30 * M)
    assert at(books, "first", MARCH_10).base == 93 * M
    increase = Warning.objects.get(institution=books.institutions["first"], trigger="increase")
    assert increase.rejudged == 0
    assert ("third", "increase", MARCH_10, 10 * M) in raised(books)


def test_a_late_day_of_the_years_start_judges_the_year(books):
    day(books, MARCH_10, first=92 * M, second=50 * M, third=40 * M)
    day(books, YEAR_START, first=90 * M, second=50 * M, third=20 * M)
    assert not at(books, "first", MARCH_10).watched
    assert at(books, "third", MARCH_10).watched
    rebound = Warning.objects.get(institution=books.institutions["first"], trigger="rebound")
    assert rebound.rejudged == 0


def test_a_late_day_in_between_changes_no_other_day(books):
    day(books, MARCH_10, first=92 * M, second=50 * M, third=40 * M)
    before = set(WatchDay.objects.values_list("pk", "npl", "year_start", "base", "watched"))
    day(books, date(2026, 3, 4), first=99 * M, second=0, third=0)
    after = set(
        WatchDay.objects.filter(as_of=MARCH_10).values_list("pk", "npl", "year_start", "base", "watched")
    )
    assert after == before


@pytest.mark.parametrize("numbers", [{"watch_rise": "5000000.00"}, {"rebound_pct": "50"}])
def test_the_policy_in_force_on_the_day_judges(books, numbers):
    policy(books, **numbers)
    day(books, MARCH_10, first=88 * M, second=50 * M, third=40 * M)
    assert at(books, "first", MARCH_10).watched is ("watch_rise" in numbers)
    assert bool(Warning.objects.filter(trigger="rebound").exists()) is ("watch_rise" in numbers)


def test_it_takes_as_many_statements_for_three_institutions_as_for_one(books, django_assert_max_num_queries):
    tape = figures(books, date(2026, 3, 3), first=1, second=1, third=1)
    with django_assert_max_num_queries(40):
        judged(tape, by=SYSTEM)


def test_the_clock_of_these_tests_is_the_banks(books, watching):
    # 23:30 of 9 March at Greenwich is the 10th here
    watching.travel(datetime.fromisoformat("2026-03-09T23:30+00:00"))
    day(books, MARCH_10, first=100 * M, second=0, third=0)
    assert TenDays.objects.filter(last_on=MARCH_10).exists()
