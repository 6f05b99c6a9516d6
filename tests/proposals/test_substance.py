"""Art. 23: a rejected plan does not come back without substantive change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from proposals.finance import exposure
from proposals.plan.drafts import Plan, parse_draft
from proposals.substance import FINAL_DATE_DAYS, WORDING, Difference, compare, is_substantive
from tests.proposals.plans import (
    FULL,
    Document,
    Place,
    balanced,
    full,
    leaves,
    named,
    places,
    plan,
    plan_with,
    with_value,
    yuan,
)

pytestmark = pytest.mark.article("23")

ONE = Decimal(1)
THRESHOLD = 108_000  # fen: 1 % of the exposure of the full plan, 108,000 yuan


def differences(new: Plan, old: Plan | None = None, pct: Decimal = ONE) -> list[Difference]:
    return compare(old or plan(), new, material_change_pct=pct)


def reasons(new: Plan, old: Plan | None = None, pct: Decimal = ONE) -> dict[str, str]:
    """Why by field, of the differences in substance only."""
    return {found.field: found.why for found in differences(new, old, pct) if found.substantive}


def fen(amount: str) -> int:
    return int(amount.replace(".", ""))


def moved(place: Place, by: int, document: Document = FULL) -> Document:
    """The document with the amount at that place changed by so many fen."""
    return with_value(place, yuan(fen(dict(places(document))[place]) + by), document)


def test_the_exposure_of_the_full_plan_is_that_of_these_tests() -> None:
    assert exposure(plan()) == THRESHOLD


# -- Nothing, and what is never substance -------------------------------------------------------------


def test_the_same_plan_has_no_differences() -> None:
    assert differences(plan()) == []
    assert not is_substantive([])


@given(balanced())
def test_no_plan_differs_from_itself(document: Document) -> None:
    assert differences(parse_draft(document), parse_draft(document)) == []


WORDS: list[Place] = [
    ("title",),
    ("borrower", "name"),
    ("borrower", "cause"),
    ("conditions", "7.1"),
    ("investigation", "assets"),
    ("loans", 0, "lending_officer"),
    ("loans", 1, "collection_officer"),
    ("guarantees", 0, "capacity"),
    ("collateral", 0, "owner"),
    ("collateral", 0, "kind"),
    ("sources", 0, "description"),
    ("executor",),
    ("milestones", 0, "what"),
]


@pytest.mark.parametrize("place", WORDS, ids=named)
def test_wording_is_not_substance(place: Place) -> None:
    (found,) = differences(plan_with(place, "said otherwise"))
    old = dict(places())[place]
    assert (found.old, found.new, found.substantive, found.why) == (old, "said otherwise", False, "wording")


OTHERS: list[tuple[Place, Any]] = [
    (("base_date",), "2026-02-01"),
    (("borrower", "kind"), "household"),
    (("borrower", "operating"), "stopped"),
    (("loans", 0, "classification"), "loss"),
    (("loans", 0, "rate"), "9"),
    (("loans", 0, "due_on"), "2025-03-02"),
    (("loans", 0, "days_past_due"), 400),
    (("loans", 0, "principal"), "90000.00"),
    (("collateral", 0, "rank"), 2),
    (("recoverability",), "recoverable"),
    (("guarantees", 0, "amount"), "90000.00"),
    (("concessions", "extension_months"), 60),
    (("concessions", "new_rate"), None),
    (("discount_rate",), "1.00"),
    (("sources", 0, "amount"), "1.00"),
    (("alternatives", 0, "cost"), "99999.00"),
    (("alternatives", 0, "flows", 0, "amount"), "99999.00"),
    (("milestones", 1, "on"), "2030-12-31"),
]


@pytest.mark.parametrize(
    ("place", "value"), OTHERS, ids=lambda part: named(part) if isinstance(part, tuple) else ""
)
def test_what_the_article_does_not_name_is_not_substance(place: Place, value: Any) -> None:
    (found,) = differences(plan_with(place, value))
    assert (found.new, found.substantive, found.why) == (value, False, "other")


def test_attachments_are_not_substance() -> None:
    (text,) = differences(plan_with(("attachments", 0, "text"), "x" * 1000))
    assert (text.field, text.substantive, text.why) == ("attachments.text", False, "attachment")
    rows = [*FULL["attachments"], {"name": "Another", "text": "Paper"}]
    (added,) = differences(plan(attachments=rows))
    assert (added.path, added.old, added.new) == ("$.attachments[?@.name=='Another']", None, rows[1])
    assert (added.substantive, added.why) == (False, "attachment")


def test_another_alternative_milestone_condition_or_flow_is_not_substance() -> None:
    milestones = [*FULL["milestones"], {"on": "2027-01-01", "what": "Third"}]
    assert not is_substantive(differences(plan(milestones=milestones)))
    assert not is_substantive(differences(plan(alternatives=FULL["alternatives"][:1])))
    assert not is_substantive(differences(plan(conditions={"7.6": "Special"})))
    assert not is_substantive(differences(plan_with(("alternatives", 0, "flows"), [])))


# -- Sets: loans, measures, guarantors, collateral, kinds of repayment source -------------------------

SETS: list[tuple[str, str, str, Any]] = [
    ("loans", "loans", "$.loans[?@.contract_no=='NEW']", {**FULL["loans"][0], "contract_no": "NEW"}),
    (
        "guarantees",
        "guarantors",
        "$.guarantees[?@.guarantor=='NEW']",
        {**FULL["guarantees"][0], "guarantor": "NEW"},
    ),
    (
        "collateral",
        "collateral",
        "$.collateral[?@.title_no=='NEW']",
        {**FULL["collateral"][0], "title_no": "NEW"},
    ),
    ("sources", "sources", "$.sources[?@.kind=='NEW']", {**FULL["sources"][0], "kind": "NEW"}),
    ("measures", "measures", "$.measures[?@=='litigation']", "litigation"),
]
each_set = pytest.mark.parametrize(("key", "why", "path", "row"), SETS, ids=[key for key, _, _, _ in SETS])


@each_set
def test_one_more_is_another_set(key: str, why: str, path: str, row: Any) -> None:
    (found,) = differences(plan(**{key: [*FULL[key], row]}))
    assert found == Difference(key, path, None, row, substantive=True, why=why)


@each_set
def test_one_less_is_another_set(key: str, why: str, path: str, row: Any) -> None:
    found = [found for found in differences(plan(), plan(**{key: [*FULL[key], row]})) if found.field == key]
    assert found == [Difference(key, path, row, None, substantive=True, why=why)]


@each_set
def test_one_for_another_is_another_set(key: str, why: str, path: str, row: Any) -> None:
    found = differences(plan(**{key: [*FULL[key][1:], row]}))
    assert [(part.old, part.new, part.substantive) for part in found] == [
        (FULL[key][0], None, True),
        (None, row, True),
    ]


@each_set
def test_stated_twice_is_the_same_set(key: str, why: str, path: str, row: Any) -> None:
    twice = plan(**{key: [*FULL[key], FULL[key][0]]})
    for found, number in ((differences(twice), 1), (differences(plan(), twice), 1)):
        (part,) = found
        assert (part.field, part.substantive, part.why) == (key, False, "repeated")
        assert part.path.endswith(f"][{number}]")
    thrice = plan(**{key: [*FULL[key], FULL[key][0], FULL[key][0]]})
    assert [part.path[-3:] for part in differences(thrice)] == ["[1]", "[2]"]


@each_set
def test_another_order_is_the_same_set(key: str, why: str, path: str, row: Any) -> None:
    rows = [*FULL[key], row]
    (found,) = differences(plan(**{key: rows[::-1]}), plan(**{key: rows}))
    assert (found.field, found.path, found.substantive, found.why) == (key, f"$.{key}", False, "order")
    assert isinstance(found.old, list)
    assert found.new == found.old[::-1]


@pytest.mark.parametrize(
    ("place", "spelling"),
    [
        (("loans", 0, "contract_no"), " gx-1"),
        (("guarantees", 0, "guarantor"), "张某\u3000"),
        (("collateral", 0, "title_no"), "ＷＳ-2"),
        (("sources", 0, "kind"), "Business_Income"),
    ],
    ids=lambda part: named(part) if isinstance(part, tuple) else "",
)
def test_another_spelling_is_the_same_set(place: Place, spelling: str) -> None:
    (found,) = differences(plan_with(place, spelling))
    assert (found.old, found.new) == (dict(places())[place], spelling)
    assert (found.substantive, found.why) == (False, "wording")


@given(
    st.sampled_from(["loans", "guarantees", "collateral", "sources", "measures"]),
    st.sets(st.integers(0, 4)),
    st.sets(st.integers(0, 4)),
)
def test_a_set_that_changes_one_way_changes_the_other_way(key: str, some: set[int], others: set[int]) -> None:
    def holding(members: set[int]) -> Plan:
        if key == "measures":
            codes = ["instalments", "litigation", "lease", "transfer", "auction"]
            return plan(measures=[codes[member] for member in members])
        name = {
            "loans": "contract_no",
            "guarantees": "guarantor",
            "collateral": "title_no",
            "sources": "kind",
        }[key]
        return plan(**{key: [{**FULL[key][0], name: f"N{member}"} for member in members]})

    there = compare(holding(some), holding(others), material_change_pct=ONE)
    back = compare(holding(others), holding(some), material_change_pct=ONE)
    assert is_substantive(there) == is_substantive(back) == (some != others)
    assert {(part.path, str(part.old), str(part.new)) for part in there if part.substantive} == {
        (part.path, str(part.new), str(part.old)) for part in back if part.substantive
    }
    assert sum(part.substantive for part in there) == len(some ^ others)


# -- Amounts: 1 % of everything owed in the rejected plan, to the fen ---------------------------------

AMOUNTS: list[tuple[Place, str]] = [
    (("concessions", "interest_waived"), "waiver"),
    (("concessions", "penalty_waived"), "waiver"),
    (("concessions", "principal_waived"), "waiver"),
    (("concessions", "new_money"), "new-money"),
    (("expected_recovery",), "expected-recovery"),
]
HIGH: Document = with_value(
    ("concessions",),
    {
        **FULL["concessions"],
        "interest_waived": "5000.00",
        "penalty_waived": "5000.00",
        "principal_waived": "5000.00",
    },
)
each_amount = pytest.mark.parametrize(
    ("place", "why"), AMOUNTS, ids=lambda part: named(part) if isinstance(part, tuple) else ""
)


@pytest.mark.parametrize("sign", [1, -1])
@each_amount
def test_an_amount_that_changes_by_exactly_one_per_cent_is_substance(
    place: Place, why: str, sign: int
) -> None:
    (found,) = differences(parse_draft(moved(place, sign * THRESHOLD, HIGH)), parse_draft(HIGH))
    assert (found.path, found.substantive, found.why) == (named(place), True, why)


@pytest.mark.parametrize("sign", [1, -1])
@each_amount
def test_one_fen_below_one_per_cent_is_not_substance(place: Place, why: str, sign: int) -> None:
    (found,) = differences(parse_draft(moved(place, sign * (THRESHOLD - 1), HIGH)), parse_draft(HIGH))
    assert (found.path, found.substantive, found.why) == (named(place), False, "below-threshold")


def test_each_waiver_is_judged_apart() -> None:
    document = full()
    for kind in ("interest_waived", "penalty_waived", "principal_waived"):
        document = moved(("concessions", kind), THRESHOLD - 1, document)
    assert reasons(parse_draft(document)) == {}


def test_the_per_cent_is_the_regulations() -> None:
    new = parse_draft(moved(("expected_recovery",), 3 * THRESHOLD))
    assert reasons(new, pct=Decimal(3)) == {"expected_recovery": "expected-recovery"}
    assert reasons(new, pct=Decimal("3.01")) == {}
    assert reasons(parse_draft(moved(("expected_recovery",), 1)), pct=Decimal(0)) != {}


def test_the_exposure_is_that_of_the_rejected_plan() -> None:
    larger = parse_draft(moved(("loans", 0, "principal"), 10_000_000))
    assert reasons(parse_draft(moved(("expected_recovery",), THRESHOLD)), larger) == {}
    document = moved(("expected_recovery",), THRESHOLD, larger.document)
    assert reasons(parse_draft(document)) == {"expected_recovery": "expected-recovery"}


@given(
    balanced(),
    st.sampled_from([place for place, _ in AMOUNTS]),
    st.integers(0, 10**15),
    st.sampled_from([1, 2, 5]),
)
def test_the_threshold_holds_for_any_plan(document: Document, place: Place, change: int, pct: int) -> None:
    assume(change != 0)
    old, new = parse_draft(document), parse_draft(moved(place, change, document))
    owed = sum(
        fen(loan[kind])
        for loan in document["loans"]
        for kind in ("principal", "interest_on_balance", "interest_off_balance", "penalty")
    )
    assert bool(reasons(new, old, Decimal(pct))) == (change * 100 >= owed * pct)


NOTHING: Document = full(
    loans=[
        {
            **loan,
            "principal": "0.00",
            "interest_on_balance": "0.00",
            "interest_off_balance": "0.00",
            "penalty": "0.00",
        }
        for loan in FULL["loans"]
    ]
)


def test_a_change_of_one_yuan_is_a_change() -> None:
    assert reasons(parse_draft(moved(("expected_recovery",), 100)), pct=Decimal("0.0001")) != {}


def test_where_nothing_is_owed_no_change_is_no_substance() -> None:
    old = parse_draft(NOTHING)
    assert compare(old, old, material_change_pct=ONE) == []
    (found,) = differences(parse_draft(with_value(("title",), "Another", NOTHING)), old)
    assert not found.substantive
    assert reasons(parse_draft(moved(("expected_recovery",), 1, NOTHING)), old) != {}


def test_another_spelling_of_the_same_number_is_no_change_of_the_amount() -> None:
    (found,) = differences(plan(discount_rate="6.0"))
    assert (found.old, found.new, found.substantive) == ("6.00", "6.0", False)


# -- The schedule: principal by calendar year, interest in all, final due date ------------------------


def rescheduled(*rows: tuple[str, int, int]) -> Plan:
    return plan(
        schedule=[
            {"due_on": day, "principal": yuan(part), "interest": yuan(rest)} for day, part, rest in rows
        ]
    )


OLD = (
    ("2026-06-30", 5_000_000, 200_000),
    ("2026-12-31", 3_000_000, 200_000),
    ("2027-06-30", 2_300_000, 200_000),
)


def summaries(new: Plan) -> dict[str, tuple[object, object, bool, str]]:
    return {
        part.field: (part.old, part.new, part.substantive, part.why)
        for part in differences(new)
        if part.summary
    }


@pytest.mark.parametrize("sign", [1, -1])
def test_principal_moved_to_another_year_is_substance_at_one_per_cent(sign: int) -> None:
    change = sign * THRESHOLD
    new = rescheduled(
        OLD[0], ("2026-12-31", 3_000_000 - change, 200_000), ("2027-06-30", 2_300_000 + change, 200_000)
    )
    assert summaries(new) == {
        "schedule.principal.2026": ("80000.00", yuan(8_000_000 - change), True, "principal-in-year"),
        "schedule.principal.2027": ("23000.00", yuan(2_300_000 + change), True, "principal-in-year"),
    }


@pytest.mark.parametrize("sign", [1, -1])
def test_principal_moved_to_another_year_is_no_substance_below_one_per_cent(sign: int) -> None:
    change = sign * (THRESHOLD - 1)
    new = rescheduled(
        OLD[0], ("2026-12-31", 3_000_000 - change, 200_000), ("2027-06-30", 2_300_000 + change, 200_000)
    )
    assert {why for _, _, _, why in summaries(new).values()} == {"below-threshold"}
    assert not is_substantive(differences(new))


def test_principal_moved_within_a_year_is_no_substance() -> None:
    new = rescheduled(("2026-06-30", 1, 200_000), ("2026-12-31", 7_999_999, 200_000), OLD[2])
    assert summaries(new) == {}
    assert [(part.path, part.why, part.substantive) for part in differences(new)] == [
        ("$.schedule[0].principal", "instalment", False),
        ("$.schedule[1].principal", "instalment", False),
    ]


def test_a_year_that_is_new_or_gone_counts_from_nothing() -> None:
    new = rescheduled(("2027-06-29", 8_000_000, 400_000), OLD[2])
    assert summaries(new)["schedule.principal.2026"] == ("80000.00", "0.00", True, "principal-in-year")
    assert summaries(new)["schedule.principal.2027"] == ("23000.00", "103000.00", True, "principal-in-year")
    back = {
        part.field: (part.old, part.new)
        for part in compare(new, plan(), material_change_pct=ONE)
        if part.summary
    }
    assert back["schedule.principal.2026"] == ("0.00", "80000.00")


@pytest.mark.parametrize(("change", "substantive"), [(THRESHOLD, True), (THRESHOLD - 1, False)])
def test_the_interest_is_judged_in_all(change: int, substantive: bool) -> None:
    new = rescheduled(
        ("2026-06-30", 5_000_000, 200_000 + 50), OLD[1], ("2027-06-30", 2_300_000, 200_000 + change - 50)
    )
    why = "interest-scheduled" if substantive else "below-threshold"
    assert summaries(new) == {"schedule.interest": ("6000.00", yuan(600_000 + change), substantive, why)}


def test_interest_moved_between_years_is_no_substance() -> None:
    new = rescheduled(("2026-06-30", 5_000_000, 0), OLD[1], ("2027-06-30", 2_300_000, 400_000))
    assert summaries(new) == {}


@pytest.mark.parametrize(
    ("day", "substantive"),
    [("2027-07-30", True), ("2027-07-29", False), ("2027-05-31", True), ("2027-06-01", False)],
)
def test_the_final_due_date_is_judged_by_thirty_days(day: str, substantive: bool) -> None:
    new = rescheduled(OLD[0], OLD[1], (day, 2_300_000, 200_000))
    why = "final-date" if substantive else "final-date-near"
    assert summaries(new) == {"schedule.final_due_on": ("2027-06-30", day, substantive, why)}
    assert {part.path for part in differences(new) if part.summary} == {"$.schedule"}
    assert FINAL_DATE_DAYS == 30


def test_other_due_dates_are_no_substance() -> None:
    new = rescheduled(("2026-02-27", 5_000_000, 200_000), ("2026-03-31", 3_000_000, 200_000), OLD[2])
    assert summaries(new) == {}


def test_one_instalment_more_is_listed_by_its_place() -> None:
    new = rescheduled(*OLD, ("2027-06-30", 0, 0))
    (found,) = differences(new)
    assert found == Difference(
        "schedule", "$.schedule[3]", None, new.document["schedule"][3], substantive=False, why="instalment"
    )
    (found,) = differences(plan(), new)
    assert (found.path, found.old, found.new) == ("$.schedule[3]", new.document["schedule"][3], None)


# -- Valuations ---------------------------------------------------------------------------------------

TITLE = FULL["collateral"][0]  # 60,000 yuan less 30 %: 42,000 yuan


def valued(**changes: Any) -> Plan:
    return plan(collateral=[{**TITLE, **changes}])


@pytest.mark.parametrize(
    ("value", "haircut", "after", "substantive"),
    [
        ("61542.86", "30", "43080.00", True),  # 43,080.002 yuan
        ("61542.85", "30", "43080.00", False),  # 43,079.995 yuan
        ("43080.00", "0", "43080.00", True),
        ("43079.99", "0", "43079.99", False),
        ("40920.00", "0", "40920.00", True),
        ("40920.01", "0", "40920.01", False),
        ("60000.00", "31.8", "40920.00", True),
        ("60000.00", "31.799", "40920.60", False),
    ],
)
def test_another_appraisers_value_after_haircut_counts_at_one_per_cent(
    value: str, haircut: str, after: str, substantive: bool
) -> None:
    found = differences(valued(value=value, haircut=haircut, appraiser="Provincial office"))
    (summary,) = [part for part in found if part.summary]
    why = "another-appraiser" if substantive else "below-threshold"
    assert summary == Difference(
        "collateral.valuation",
        "$.collateral[?@.title_no=='WS-2']",
        "42000.00",
        after,
        substantive,
        why,
        summary=True,
    )
    assert {part.why for part in found if not part.summary} == {"valuation"}


def test_the_same_appraisers_other_value_is_no_substance() -> None:
    for spelling in (TITLE["appraiser"], " county  Appraisal office"):
        found = differences(valued(value="600000.00", valued_on="2026-02-27", appraiser=spelling))
        assert not is_substantive(found)
        assert {part.why for part in found} == {"valuation"}


def test_another_appraiser_of_the_same_value_is_no_substance() -> None:
    (found,) = differences(valued(appraiser="Provincial office"))
    assert (found.field, found.substantive, found.why) == ("collateral.appraiser", False, "valuation")
    assert not is_substantive(
        differences(valued(appraiser="Provincial office", value="84000.00", haircut="50"))
    )


def test_a_second_valuation_by_another_appraiser_counts() -> None:
    second = {**TITLE, "appraiser": "Provincial office", "value": "90000.00"}
    (listed, summary) = differences(plan(collateral=[TITLE, second]))
    assert (listed.substantive, listed.why) == (False, "repeated")
    assert (summary.path, summary.old, summary.new) == (
        "$.collateral[?@.title_no=='WS-2'][1]",
        "42000.00",
        "63000.00",
    )
    assert summary.substantive


def test_a_second_valuation_by_the_same_appraiser_does_not() -> None:
    second = {**TITLE, "value": "90000.00"}
    assert not is_substantive(differences(plan(collateral=[TITLE, second])))


def test_a_value_near_any_of_the_old_ones_only_confirms_it() -> None:
    old = plan(collateral=[TITLE, {**TITLE, "appraiser": "City office", "value": "90000.00"}])
    near = {**TITLE, "appraiser": "Provincial office", "value": "90000.01"}
    assert reasons(plan(collateral=[TITLE, near]), old) == {}
    far = {**near, "value": "75000.00"}
    assert reasons(plan(collateral=[TITLE, far]), old) == {"collateral.valuation": "another-appraiser"}


def test_a_valuation_left_out_is_no_substance() -> None:
    old = plan(collateral=[TITLE, {**TITLE, "appraiser": "City office", "value": "90000.00"}])
    assert not is_substantive(differences(plan(), old))


def test_the_valuation_of_another_title_is_no_valuation_of_this_one() -> None:
    other = {**TITLE, "title_no": "WS-3", "appraiser": "Provincial office", "value": "90000.00"}
    assert reasons(plan(collateral=[TITLE, other])) == {"collateral": "collateral"}


# -- Everything that changed is listed, once ----------------------------------------------------------


def paths(found: list[Difference]) -> list[str]:
    return [part.path for part in found if not part.summary]


CODES = [
    ("normal", "reduced"),
    ("doubtful", "loss"),
    ("substandard", "loss"),
    ("enterprise", "household"),
    ("instalments", "lease"),
    ("active_visit", "auction"),
    ("recoverable_with_effort", "recoverable"),
]


def other(value: Any) -> Any:
    """Another value of the same shape."""
    if isinstance(value, int):
        return value + 1
    for codes in CODES:
        if value in codes:
            return codes[value == codes[0]]
    if value[-3:-2] == "." and value[-1].isdigit():
        return value[:-1] + ("1" if value[-1] == "0" else "0")
    if value[4:5] == "-" and value[7:8] == "-":
        return value[:8] + ("15" if value[8:] != "15" else "16")
    return "1" if value.replace(".", "").isdigit() else value + " more"


NAMES = {
    "loans": "contract_no",
    "guarantees": "guarantor",
    "collateral": "title_no",
    "sources": "kind",
    "measures": "",
    "alternatives": "name",
    "attachments": "name",
}


@pytest.mark.parametrize("place", [place for place, _ in leaves()], ids=named)
def test_any_changed_field_is_listed_once(place: Place) -> None:
    document = with_value(place, other(dict(places())[place]))
    found = differences(parse_draft(document))
    own = [part for part in found if not part.summary]
    if place[0] in NAMES and place[-1] in (NAMES[place[0]], place[1]):
        assert [(part.old is None, part.new is None) for part in own] == [(False, True), (True, False)]
    else:
        (part,) = own
        assert part.field == ".".join(str(step) for step in place if not isinstance(step, int))
        assert (part.old, part.new) == (dict(places())[place], dict(places(document))[place])


@given(st.lists(st.sampled_from([place for place, _ in leaves()]), unique=True, max_size=12))
def test_no_path_is_listed_twice(changed: list[Place]) -> None:
    document = full()
    for place in changed:
        document = with_value(place, other(dict(places())[place]), document)
    found = differences(parse_draft(document))
    assert len(set(paths(found))) == len(paths(found))
    assert len({(part.field, part.path) for part in found}) == len(found)
    assert bool(found) == bool(changed)


@given(balanced(), balanced())
def test_comparing_back_lists_the_same_fields(some: Document, others: Document) -> None:
    there = differences(parse_draft(others), parse_draft(some))
    back = differences(parse_draft(some), parse_draft(others))
    assert [(part.field, part.path, part.old, part.new) for part in there] == [
        (part.field, part.path, part.new, part.old) for part in back
    ]


def test_the_list_is_in_the_order_of_the_schema() -> None:
    document = full(title="Another", executor="Another", discount_rate="1", measures=["lease"])
    document["borrower"]["cause"] = "Another"
    assert [part.field for part in differences(parse_draft(document))] == [
        "title", "borrower.cause", "measures", "measures", "measures", "discount_rate", "executor",
    ]  # fmt: skip


def test_of_a_section_that_is_new_every_field_is_listed_and_of_a_list_every_row() -> None:
    listed = paths(differences(plan(), parse_draft({})))
    assert listed == paths(differences(parse_draft({})))
    assert listed[:6] == ["$.title", *(f"$.borrower.{key}" for key in sorted(FULL["borrower"]))]
    assert [
        path for path in listed if path.startswith(("$.loans", "$.conditions", "$.measures", "$.schedule"))
    ] == [
        "$.loans[?@.contract_no=='GX-1']",
        "$.loans[?@.contract_no=='GX-2']",
        "$.conditions['7.1']",
        "$.conditions['7.3']",
        "$.measures[?@=='instalments']",
        "$.measures[?@=='active_visit']",
        "$.schedule[0]",
        "$.schedule[1]",
        "$.schedule[2]",
    ]


def test_a_section_that_is_new_and_empty_is_no_difference() -> None:
    assert differences(parse_draft({"loans": [], "conditions": {}, "schedule": []}), parse_draft({})) == []


def test_in_a_draft_what_is_missing_counts_as_nothing() -> None:
    empty = parse_draft({"schedule": [{}], "collateral": [{}], "loans": [{}]})
    assert differences(empty, empty) == []
    assert is_substantive(differences(plan(), empty))
    (loan,) = differences(parse_draft({"loans": [{}]}), parse_draft({}))
    assert loan.path == "$.loans[?@.contract_no=='']"
    zero = parse_draft({"expected_recovery": "0.00"})
    assert [part.why for part in differences(zero, parse_draft({}))] == ["below-threshold"]


def test_an_instalment_without_a_date_belongs_to_no_year() -> None:
    undated = parse_draft(
        {"schedule": [{"principal": "5.00"}, {"due_on": "2026-01-01", "principal": "7.00"}]}
    )
    for found, summed in (
        (differences(undated, parse_draft({})), [("0.00", "7.00"), ("0.00", "5.00")]),
        (differences(parse_draft({}), undated), [("7.00", "0.00"), ("5.00", "0.00")]),
    ):
        assert [(part.old, part.new) for part in found if part.summary] == summed
        assert [part.field for part in found if part.summary] == [
            "schedule.principal.2026",
            "schedule.principal.undated",
        ]
    later = parse_draft({"schedule": [{"principal": "5.00"}, {"due_on": "2026-03-01", "principal": "7.00"}]})
    for old, new in ((undated, later), (later, undated)):
        assert [part.why for part in differences(new, old) if part.summary] == ["final-date"]
    gone = parse_draft({"schedule": [{}]})
    assert "schedule.final_due_on" not in {part.field for part in differences(gone, later)}


@pytest.mark.parametrize("why", sorted(WORDING))
def test_every_reason_has_its_words_in_both_languages(why: str) -> None:
    part = Difference("title", "$.title", None, None, substantive=False, why=why)
    assert part.reason() == part.reason("en") == WORDING[why][0]
    assert part.reason("zh-hans") == part.reason("zh") == WORDING[why][1]


def test_a_name_with_a_quote_is_escaped_in_the_path() -> None:
    (found,) = differences(plan(sources=[*FULL["sources"], {**FULL["sources"][0], "kind": "王's"}]))
    assert found.path == r"$.sources[?@.kind=='王\'s']"
