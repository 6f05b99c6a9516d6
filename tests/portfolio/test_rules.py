"""The pure rules of the ledger: what holds for all values, and the edges that the cases leave out."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.classes import BY_NAME, CHINESE, NON_PERFORMING, Class
from portfolio.money import fen, percent, yuan
from portfolio.policy import Policy
from portfolio.rules import (
    ageing,
    collection,
    duties,
    instalments,
    limitation,
    movement,
    quality,
    targets,
    watch,
)
from portfolio.rules.dates import due_dates, months_after
from portfolio.rules.ranking import Standing
from portfolio.rules.ranking import ranked as ranking_of
from regulation.refused import Refused

FEN = st.integers(0, 10**13)
DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
FLOWS = st.builds(movement.Flows, FEN, FEN, FEN, FEN, FEN, FEN, FEN, FEN)


# -- Money ------------------------------------------------------------------------------------------


@given(st.integers(-(10**15), 10**15))
def test_fen_and_yuan_are_the_same_amount(amount):
    assert fen(yuan(amount)) == amount
    assert str(yuan(amount)).partition(".")[2].isdigit()


@pytest.mark.parametrize("text", ["0.001", "NaN", "Infinity"])
def test_what_is_no_whole_number_of_fen_is_no_amount(text):
    with pytest.raises(ValueError, match=r"amount|fen"):
        fen(Decimal(text))


def test_a_share_is_rounded_half_up_and_of_nothing_there_is_none():
    assert percent(1, 3) == Decimal("33.33")
    assert percent(1, 20000) == Decimal("0.01")
    assert percent(0, 0) is None
    assert percent(-1, 3) == Decimal("-33.33")


# -- Classes and dates ------------------------------------------------------------------------------


def test_classes_are_ordered_and_the_last_three_are_non_performing():
    assert [each.word for each in sorted(Class)] == [
        "normal", "special_mention", "substandard", "doubtful", "loss",
    ]  # fmt: skip
    assert NON_PERFORMING == (Class.SUBSTANDARD, Class.DOUBTFUL, Class.LOSS)
    assert [BY_NAME[each.word] for each in Class] == [BY_NAME[CHINESE[each]] for each in Class] == [*Class]
    assert "不良" not in BY_NAME


@given(DAYS, st.integers(0, 600))
def test_a_due_date_keeps_its_day_or_is_the_months_last(first, months):
    found = months_after(first, months)
    assert (found.year * 12 + found.month) - (first.year * 12 + first.month) == months
    assert found.day == first.day or (found.day < first.day and (found + timedelta(days=1)).day == 1)


def test_due_dates_lie_a_month_apart_at_least():
    with pytest.raises(ValueError, match="month"):
        due_dates(date(2024, 1, 31), months=0)


# -- Ageing -----------------------------------------------------------------------------------------


@given(st.integers(0, 40000))
def test_each_number_of_days_is_in_one_bucket(days):
    holding = [
        number
        for number, (first, last) in enumerate(ageing.RANGES)
        if first <= days and (last is None or days <= last)
    ]
    assert holding == [ageing.bucket(days)]


def test_what_is_not_overdue_is_a_bucket_of_its_own():
    assert [ageing.bucket(days) for days in (0, 1, 30, 31, 60, 61, 90, 91, 270, 271, 360, 361)] == [
        0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6,
    ]  # fmt: skip
    with pytest.raises(ValueError, match="negative"):
        ageing.bucket(-1)


@given(DAYS, st.none() | DAYS, st.none() | DAYS)
def test_days_past_due_count_from_the_earlier_of_the_two(as_of, principal, interest):
    days = ageing.days_past_due(as_of, principal, interest)
    assert days == max([0, *((as_of - each).days for each in (principal, interest) if each)])


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_more_days_never_make_a_better_class(less, more):
    less, more = sorted((less, more))
    assert ageing.floor_of_days(less) <= ageing.floor_of_days(more)


def test_a_technical_delay_of_a_week_changes_no_class():
    assert ageing.floor_of_days(7, technical=True) is Class.NORMAL
    assert ageing.floor_of_days(8, technical=True) is Class.SPECIAL_MENTION
    assert ageing.floor_of_days(7) is Class.SPECIAL_MENTION


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        # more than 10 % of the claims on an enterprise are non-performing: all substandard (7)
        (ageing.Facts(0, "enterprise", claims=1000, non_performing=101), Class.SUBSTANDARD),
        (ageing.Facts(0, "enterprise", claims=1000, non_performing=100), Class.NORMAL),
        (ageing.Facts(0, "village_collective", claims=1000, non_performing=101), Class.SUBSTANDARD),
        # households are judged loan by loan (8)
        (ageing.Facts(0, "household", claims=1000, non_performing=900, bad_anywhere=True), Class.NORMAL),
        # one bad loan anywhere (9)
        (ageing.Facts(0, "enterprise", claims=1000, bad_anywhere=True), Class.SPECIAL_MENTION),
        # more than 20 % of all banks' debt above 90 days (10)
        (
            ageing.Facts(0, "enterprise", claims=500, other_banks=500, other_banks_over_90=201),
            Class.SUBSTANDARD,
        ),
        (ageing.Facts(0, "enterprise", claims=500, other_banks=500, other_banks_over_90=200), Class.NORMAL),
        (
            ageing.Facts(0, "enterprise", claims=500, over_90=1, other_banks=500, other_banks_over_90=200),
            Class.SUBSTANDARD,
        ),
        # restructured, and again while observed (21, 22)
        (ageing.Facts(0, restructured=True), Class.SPECIAL_MENTION),
        (ageing.Facts(0, restructured=True, restructured_again=True), Class.SUBSTANDARD),
        (ageing.Facts(271, restructured=True), Class.DOUBTFUL),
    ],
)
def test_the_worst_ground_is_the_floor(facts, expected):
    assert ageing.floor(facts) is expected


def test_a_class_above_its_floor_is_told():
    assert ageing.above_floor(Class.SPECIAL_MENTION, ageing.Facts(91))
    assert not ageing.above_floor(Class.DOUBTFUL, ageing.Facts(91))
    assert not ageing.above_floor(Class.SUBSTANDARD, ageing.Facts(91))


def test_an_upgrade_waits_for_the_longer_of_months_and_periods():
    assert ageing.upgrade_on(date(2024, 8, 31), 1) == date(2025, 2, 28)
    assert ageing.upgrade_on(date(2024, 1, 31), 0) == date(2024, 7, 31)
    assert ageing.upgrade_on(date(2024, 1, 31), 6) == date(2025, 1, 31)


def test_observation_is_a_year_or_two_periods_and_begins_anew_from_a_missed_due_date():
    first = date(2024, 3, 31)
    assert ageing.observation_ends(first, 1) == date(2025, 3, 31)
    assert ageing.observation_ends(first, 12) == date(2026, 3, 31)
    assert ageing.observation_ends(first, 1, [date(2024, 9, 30)]) == date(2025, 9, 30)
    # each within the one before; one after the end changes nothing
    missed = [date(2025, 6, 30), date(2024, 9, 30), date(2027, 1, 31)]
    assert ageing.observation_ends(first, 1, missed) == date(2026, 6, 30)


# -- Duties -----------------------------------------------------------------------------------------


def _collecting(person, since, until=None):
    return duties.Duty(duties.Kind.COLLECTION, person, since, until)


def test_the_day_after_an_end_is_no_overlap():
    held = [_collecting("A", date(2011, 1, 1), date(2011, 6, 30))]
    assert duties.refusal_to_assign(held, _collecting("B", date(2011, 7, 1))) is None
    assert duties.refusal_to_assign(held, _collecting("B", date(2011, 6, 30))) == "duty/overlap"
    assert duties.refusal_to_assign(held, duties.Duty(duties.Kind.LENDING, "B", date(2011, 3, 1))) is None
    assert duties.refusal_to_end(held[0]) is None
    assert duties.refusal_to_end(duties.Duty(duties.Kind.APPROVAL, "B", date(2011, 3, 1))) == "duty/lifetime"


SPELLS = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 60)), max_size=8)


@given(SPELLS)
def test_a_day_has_a_collector_or_is_in_a_gap(spells):
    start = date(2011, 1, 1)
    held: list[duties.Duty] = []
    for first, length in spells:
        new = _collecting(str(first), start + timedelta(first), start + timedelta(first + length))
        if duties.refusal_to_assign(held, new) is None:
            held.append(new)
    free = duties.gaps(held, start, start + timedelta(365))
    for number in range(366):
        on = start + timedelta(number)
        holders = duties.holders_on(held, duties.Kind.COLLECTION, on)
        assert len(holders) <= 1
        assert bool(holders) is not any(first <= on <= last for first, last in free)


def test_money_of_a_day_without_a_duty_is_nobodys():
    held = [_collecting("A", date(2011, 1, 1), date(2011, 1, 31))]
    receipts = [
        collection.Received("r1", date(2011, 2, 1), 500),
        collection.Received("r2", date(2011, 1, 31), 700),
    ]
    assert collection.credited(held, receipts) == {"A": 700}


def test_a_spell_begins_anew_after_an_upgrade():
    changes = [
        (date(2009, 1, 1), Class.SUBSTANDARD),
        (date(2010, 1, 1), Class.NORMAL),
        (date(2011, 2, 3), Class.SUBSTANDARD),
        (date(2012, 1, 1), Class.LOSS),
    ]
    assert duties.spell_began(changes) == date(2011, 2, 3)
    assert duties.spell_began(changes[:2]) is None
    assert duties.spell_began(changes[:1]) == date(2009, 1, 1)


# -- Movement, migration, vintage -------------------------------------------------------------------


@given(FLOWS, FLOWS, FEN)
def test_the_stock_closes_to_the_fen(old, new, on_tape):
    moved = movement.Movement(old, new, on_tape)
    whole = moved.whole
    assert moved.explained_closing == (
        whole.opening + whole.became_npl + whole.added - whole.money - whole.in_kind - whole.written_off
        - whole.transferred - whole.upgraded
    )  # fmt: skip
    assert moved.explained_closing + moved.unexplained == on_tape
    assert moved.net_rise == whole.inflow - whole.outflow


def test_ratio_and_its_change_in_points():
    assert movement.ratio_pct(176, 1000) == Decimal("17.60")
    assert movement.ratio_pct(0, 0) is None
    assert movement.in_points(Decimal("22.30"), Decimal("17.60")) == Decimal("-4.70")


CLASSES = st.none() | st.sampled_from(Class)


@st.composite
def moved_loans(draw):
    start, end = draw(CLASSES), draw(CLASSES)
    return quality.Moved(start, 0 if start is None else draw(FEN), end, 0 if end is None else draw(FEN))


@given(st.lists(moved_loans(), max_size=30))
def test_the_rows_of_the_matrix_sum_to_the_start_and_rates_are_shares(loans):
    cells = quality.matrix(loans)
    for given_class in Class:
        held = sum(loan.start_principal for loan in loans if loan.start is given_class)
        assert sum(cells[given_class].values()) == held
    new = sum(loan.end_principal for loan in loans if loan.start is None)
    assert sum(cells[None].values()) == new


def test_rates_of_nothing_are_a_dash():
    assert quality.migration_rate([], Class.NORMAL) is None
    closed = quality.Moved(Class.DOUBTFUL, 4000, None, 0)
    assert quality.migration_rate([closed], Class.DOUBTFUL) is None


def test_a_vintage_counts_what_was_ever_overdue_within_its_months():
    loans = [
        quality.Issued(date(2024, 1, 31), 100_00, date(2024, 7, 31), 60_00),
        quality.Issued(date(2024, 3, 1), 100_00, date(2024, 9, 2), 80_00),
        quality.Issued(date(2024, 4, 1), 50_00),
    ]
    assert quality.vintage(loans, 6) == {(2024, 1): Decimal("30.00"), (2024, 2): Decimal("0.00")}
    assert quality.vintage(loans, 7) == {(2024, 1): Decimal("70.00"), (2024, 2): Decimal("0.00")}
    assert quality.new_loans_npl_pct(20, 10, 1000) == Decimal("3.00")


# -- Limitation and instalments ---------------------------------------------------------------------


def test_two_years_that_were_not_full_on_1_october_2017_are_three():
    assert limitation.period_ends(date(2015, 9, 30)) == date(2017, 9, 30)
    assert limitation.period_ends(date(2015, 10, 1)) == date(2018, 10, 1)


def test_what_the_debtor_signs_after_the_end_recognises_the_debt():
    due = date(2020, 3, 31)
    late = limitation.Event(date(2023, 4, 1), limitation.Kind.ACKNOWLEDGEMENT)
    assert limitation.limitation(due, [late]) == limitation.Limitation(date(2026, 4, 1), True)
    paid = limitation.Event(date(2023, 4, 1), limitation.Kind.PART_PAYMENT)
    assert limitation.limitation(due, [paid]) == limitation.Limitation(date(2023, 3, 31), False)


def test_an_agreement_runs_from_its_last_instalment_and_a_suit_from_its_end():
    signed = limitation.Event(date(2021, 5, 1), limitation.Kind.AGREEMENT, runs_from=date(2024, 4, 20))
    assert limitation.limitation(date(2020, 3, 31), [signed]).expires_on == date(2027, 4, 20)
    suit = [
        limitation.Event(date(2021, 5, 1), limitation.Kind.SUIT),
        limitation.Event(date(2025, 5, 1), limitation.Kind.SUIT_ENDED),
    ]
    assert limitation.limitation(date(2020, 3, 31), suit).expires_on == date(2028, 5, 1)
    # an end without a suit in time is none
    assert limitation.limitation(date(2020, 3, 31), suit[1:]).expires_on == date(2023, 3, 31)


@given(DAYS, st.lists(st.tuples(DAYS, st.sampled_from(limitation.Kind)), max_size=6))
def test_no_event_shortens_a_period(due, events):
    made = [limitation.Event(*each) for each in events]
    assert limitation.limitation(due, made).expires_on >= limitation.limitation(due).expires_on


def test_a_guarantor_is_liable_until_the_last_day_of_a_demand():
    kept = limitation.guarantee(date(2023, 8, 31))
    assert kept.open_on(date(2024, 2, 29))
    assert not kept.open_on(date(2024, 3, 1))


@given(st.integers(1, 10**9), st.integers(10**6, 10**9), DAYS)
def test_instalments_sum_to_the_agreement(total, each, first):
    rows = instalments.schedule(total, each, first)
    assert sum(row.amount for row in rows) == total
    assert all(row.amount == each for row in rows[:-1])
    assert 0 < rows[-1].amount <= each
    assert [row.due_on for row in rows] == sorted({row.due_on for row in rows})


@given(st.integers(1, 10**9), st.integers(10**6, 10**9), st.integers(0, 10**9))
def test_money_goes_to_the_oldest_first(total, each, money):
    money = min(money, total)
    rows = instalments.paid(instalments.schedule(total, each, date(2024, 1, 31)), money)
    assert sum(row.paid for row in rows) == money
    touched = [bool(row.left) for row in rows]
    assert touched == sorted(touched)
    assert sum(0 < row.paid < row.amount for row in rows) <= 1


def test_more_than_is_left_is_not_taken():
    rows = instalments.schedule(1000, 500, date(2024, 1, 31))
    for money in (1001, -1):
        with pytest.raises(ValueError, match="money"):
            instalments.paid(rows, money)
    for total, each in ((0, 1), (1, 0)):
        with pytest.raises(ValueError, match="above zero"):
            instalments.schedule(total, each, date(2024, 1, 31))


# -- Watch ------------------------------------------------------------------------------------------


@given(DAYS)
def test_each_day_is_in_one_period_of_ten_days(day):
    period = watch.period_of(day)
    assert period.first <= day <= period.last
    assert watch.period_of(period.first) == watch.period_of(period.last) == period
    assert watch.period_of(period.last + timedelta(days=1)).first == period.last + timedelta(days=1)


def test_periods_that_ended_since_a_day():
    found = watch.periods_ended(date(2024, 2, 10), date(2024, 3, 10))
    assert [each.last for each in found] == [date(2024, 2, 20), date(2024, 2, 29), date(2024, 3, 10)]
    assert watch.periods_ended(date(2024, 2, 10), date(2024, 2, 19)) == []


def test_a_day_without_figures_is_never_a_day_of_nothing():
    nothing = watch.Stock(None, 100, 100)
    policy = Policy(base_date=date(2011, 7, 31))
    assert nothing.rise is nothing.since is None
    assert not watch.daily_watch(nothing, policy)
    assert watch.triggers(date(2011, 9, 30), nothing, policy) == {}
    assert watch.triggers(date(2011, 9, 30), watch.Stock(100, None, None), policy) == {}


def test_a_tape_of_three_days_ago_has_figures():
    policy = Policy()
    assert watch.has_figures(date(2011, 8, 7), date(2011, 8, 10), policy)
    assert not watch.has_figures(date(2011, 8, 6), date(2011, 8, 10), policy)
    assert not watch.has_figures(date(2011, 8, 11), date(2011, 8, 10), policy)
    assert not watch.has_figures(None, date(2011, 8, 10), policy)


@pytest.mark.parametrize(
    ("npl", "rebounds"), [(105_00, True), (104_99, False), (100_00, False), (95_00, False)]
)
def test_a_rebound_is_five_per_cent_of_the_years_start(npl, rebounds):
    assert watch.rebounded(watch.Stock(npl, 100_00), Policy()) is rebounds


def test_any_rise_on_nothing_is_a_rebound():
    assert watch.rebounded(watch.Stock(1, 0), Policy())
    assert not watch.rebounded(watch.Stock(0, 0), Policy())


_C = watch.Cause


@pytest.mark.parametrize(
    ("causes", "refusal"),
    [
        ([(_C.NEW_ARREARS, 60), (_C.DATA_ENTRY, 40)], None),
        ([(_C.NEW_ARREARS, 100)], None),
        ([(_C.NEW_ARREARS, 99)], "warning/unexplained"),
        ([(_C.NEW_ARREARS, 101)], "warning/unexplained"),
        ([(_C.NEW_ARREARS, 150), (_C.OTHER, -50)], "warning/unexplained"),
        ([(_C.NEW_ARREARS, 100), (_C.OTHER, 0)], "warning/unexplained"),
        ([], "warning/unexplained"),
        ([(_C.DATA_ENTRY, 60), (_C.SYSTEM_CLASS, 40)], "warning/excuse-not-accepted"),
        ([(_C.SYSTEM_CLASS, 100)], "warning/excuse-not-accepted"),
    ],
)
def test_causes_add_up_to_the_rise_and_are_no_mere_excuses(causes, refusal):
    assert watch.refusal_of_reply(100, causes) == refusal


def test_an_unanswered_warning_goes_up_a_level_a_week():
    due, policy = date(2011, 8, 17), Policy()
    up = [watch.levels_up(due, due + timedelta(days), policy) for days in (-1, 0, 1, 7, 8, 14, 15)]
    assert up == [0, 0, 1, 1, 2, 2, 3]


def test_days_of_watch_not_seen_are_counted():
    days = [date(2011, 8, number) for number in (1, 2, 3)]
    assert watch.unseen(days, [days[1], date(2011, 8, 9)]) == 2


# -- Ranking ----------------------------------------------------------------------------------------


def test_the_worst_two_of_the_seeds_four():
    found = ranking_of(
        [
            Standing("D", 900_000_000_00, 900_000_000_00),
            Standing("C", 80_000_000_00, 77_000_000_00),
            Standing("B", 90_000_000_00, 87_000_000_00),
            Standing("A", 85_000_000_00, 80_000_000_00),
        ],
        2,
    )
    assert [each.code for each in found] == ["A", "B"]


STANDINGS = st.lists(
    st.builds(Standing, st.text("abc", min_size=1, max_size=3), st.integers(0, 50), st.integers(0, 50)),
    unique_by=lambda each: each.code,
    max_size=30,
)


@given(STANDINGS, st.integers(0, 20), st.randoms())
def test_a_ranking_is_the_same_whatever_order_it_is_made_from(institutions, n, random):
    found = ranking_of(institutions, n)
    shuffled = list(institutions)
    random.shuffle(shuffled)
    assert ranking_of(shuffled, n) == found
    behind = [each for each in institutions if each.npl > each.planned]
    assert len(found) == min(n, len(behind))
    keys = [(-each.shortfall, -each.npl, each.code) for each in found]
    assert keys == sorted(keys)
    left = [(-each.shortfall, -each.npl, each.code) for each in behind if each not in found]
    assert all(key > keys[-1] for key in left) if keys else n == 0 or not behind


# -- Targets ----------------------------------------------------------------------------------------

_M = targets.Metric


def test_the_quota_of_the_seeds_deputy():
    sums = targets.Sums(money=600_000_00, reversed_money=40_000_00)
    assert targets.attainment_pct(sums, 800_000_00) == Decimal("70.00")
    assert not targets.may_move(date(2011, 12, 31), 2011, quota=800_000_00, sums=sums)
    assert targets.may_move(date(2012, 1, 1), 2011, quota=800_000_00, sums=sums)
    assert targets.may_move(date(2011, 5, 1), 2011, quota=560_000_00, sums=sums)


def test_a_quota_is_met_to_the_fen_though_it_reads_100_per_cent():
    sums = targets.Sums(money=99_999_999_99)
    assert targets.attainment_pct(sums, 100_000_000_00) == Decimal("100.00")
    assert not targets.met(sums, 100_000_000_00)


@given(FEN, FEN, FEN, FEN, st.integers(1, 10**13), st.sampled_from([_M.MONEY, _M.MONEY_AND_KIND]))
def test_attainment_counts_what_came_less_what_was_reversed(money, back, kind, kind_back, target, metric):
    sums = targets.Sums(money, back, kind, kind_back)
    counted = money - back + (kind - kind_back if metric is _M.MONEY_AND_KIND else 0)
    assert targets.attainment_pct(sums, target, metric) == percent(counted, target)
    assert targets.met(sums, target, metric) is (counted >= target)


def test_a_locked_target_is_neither_lowered_nor_measured_otherwise_nor_left_out():
    locked = [
        targets.Target("A", _M.CLOSING_NPL, 100),
        targets.Target("A", _M.MONEY, 50),
        targets.Target("B", _M.OLD_FALL, 30),
    ]
    assert targets.lowered(locked, locked) == []
    harder = [
        targets.Target("A", _M.CLOSING_NPL, 90),
        targets.Target("A", _M.MONEY, 60),
        targets.Target("B", _M.OLD_FALL, 40),
        targets.Target("C", _M.MONEY, 1),
    ]
    assert targets.lowered(locked, harder) == []
    easier = [targets.Target("A", _M.CLOSING_NPL, 101), targets.Target("A", _M.MONEY_AND_KIND, 50)]
    assert targets.lowered(locked, easier) == [
        targets.Lowered("A", "lower"),
        targets.Lowered("A", "metric"),
        targets.Lowered("B", "scope"),
    ]


CODES = st.sampled_from("ABCDE")


@given(
    st.lists(
        st.builds(targets.Target, CODES, st.sampled_from(_M), FEN),
        unique_by=lambda each: (each.institution, each.metric),
    ),
    st.dictionaries(CODES, CODES, max_size=4),
)
def test_a_merger_leaves_the_sum_of_each_metric(given_targets, into):
    found = targets.merged(given_targets, into)
    for metric in _M:
        assert sum(each.amount for each in found if each.metric is metric) == sum(
            each.amount for each in given_targets if each.metric is metric
        )
    assert len({(each.institution, each.metric) for each in found}) == len(found)


# -- Policy -----------------------------------------------------------------------------------------


def test_the_policy_as_settled():
    policy = Policy()
    assert policy.watch_rise == Decimal("10000000.00")
    assert (policy.stale_days, policy.key_households, policy.follow_up_days, policy.breach_grace) == (
        3,
        100,
        30,
        5,
    )
    assert (policy.rebound_pct, policy.nominee_sum) == (Decimal(5), Decimal("1000000.00"))
    assert policy.review_calendar == {2011: (2010,), 2012: (2008, 2009, 2011), 2013: (2006, 2007, 2012)}


def test_a_policy_is_stored_and_read_as_it_is():
    policy = Policy(base_date=date(2011, 7, 31), rebound_pct=Decimal("2.50"))
    stored = policy.as_json()
    assert stored["rebound_pct"] == "2.5"
    assert stored["watch_rise"] == "10000000.00"
    assert stored["base_date"] == "2011-07-31"
    assert stored["review_calendar"]["2011"] == [2010]
    assert Policy.from_json(stored) == policy
    assert Policy.from_json({"stale_days": 2}) == Policy(stale_days=2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stale_days", -1),
        ("stale_days", "3"),
        ("stale_days", True),
        ("stale_days", 10000),
        ("watch_rise", "10,000,000.00"),
        ("watch_rise", "1e7"),
        ("watch_rise", 10.5),
        ("watch_rise", Decimal("NaN")),
        ("watch_rise", "-1.00"),
        ("rebound_pct", "100.1"),
        ("rebound_pct", "05"),
        ("rebound_pct", None),
        ("base_date", "2011-07-32"),
        ("base_date", 2011),
        ("base_date", False),
        ("base_date", "1900-01-01"),
        ("review_calendar", {"2011": [2010], "2012": [2010]}),
        ("review_calendar", {2011: [2011]}),
        ("review_calendar", {"2011": 2010}),
        ("review_calendar", {"20110": [2010]}),
        ("review_calendar", {2011: [2010], "2011": [2009]}),
        ("review_calendar", [2010]),
        ("loss_after", 270),
        ("substandard_after", 270),
        ("key_households", 0),
        ("mood", 1),
    ],
)
def test_a_number_that_is_none_is_refused(name, value):
    with pytest.raises(Refused) as caught:
        Policy().amended({name: value})
    assert caught.value.code == "policy/invalid"
    assert caught.value.context["why"]["zh-hans"]
