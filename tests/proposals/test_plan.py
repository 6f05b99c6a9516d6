"""The plan as a document: its shape, completeness, dates, balance, Art. 6, 7 and 22."""

from __future__ import annotations

import hashlib
import json
import random
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from proposals.plan.drafts import Plan, digest, incomplete, parse_draft, problems, stored_plan
from proposals.plan.limits import MAX_BYTES, MAX_COUNT, MAX_ROWS, MAX_TEXT
from proposals.plan.measures import MEASURES
from proposals.plan.problem import _WORDS, Problem, json_path
from proposals.plan.resolved import matches_terms
from proposals.plan.schema import NUMERIC, PARTS
from proposals.plan.stated import contracts, officers, only_special_circumstances
from proposals.plan.submission import check_submission
from regulation.refused import Refused
from tests.proposals.plans import (
    FULL,
    SUBMITTED,
    Document,
    Place,
    balanced,
    bundled,
    full,
    leaves,
    named,
    places,
    plan,
    plan_with,
    texts,
    with_value,
    without,
    yuan,
)

BUNDLED = bundled()
PER_CENT = {"rate", "new_rate", "discount_rate", "haircut", "probability"}
MONEY = [place for place, _ in leaves() if place[-1] in NUMERIC - PER_CENT]
RATES: list[Place] = [("loans", 0, "rate"), ("concessions", "new_rate"), ("discount_rate",)]
PERCENTS: list[Place] = [("collateral", 0, "haircut"), ("alternatives", 0, "flows", 1, "probability")]
DATES = [
    place for place, _ in leaves() if place[-1] in ("base_date", "issued_on", "due_on", "valued_on", "on")
]
COUNTS: list[Place] = [
    ("loans", 0, "days_past_due"), ("collateral", 0, "rank"), ("concessions", "extension_months"),
]  # fmt: skip
CODES: list[Place] = [
    ("borrower", "kind"), ("borrower", "operating"), ("loans", 1, "classification"), ("recoverability",),
    ("measures", 1),
]  # fmt: skip
EVIDENCE: list[Place] = [("conditions", "7.1"), ("conditions", "7.3")]
TEXTS = [
    place
    for place, _ in leaves()
    if place not in [*MONEY, *RATES, *PERCENTS, *DATES, *COUNTS, *CODES, *EVIDENCE]
    and place[-1] not in NUMERIC | {"classification", "days_past_due"}
    and place[0] != "measures"
]
LISTS: list[Place] = [place for place, value in places() if isinstance(value, list)]
OBJECTS: list[Place] = [(), *(place for place, value in places() if isinstance(value, dict))]
MAY_BE_EMPTY: list[Place] = [
    ("guarantees",), ("collateral",), ("milestones",), ("attachments",), ("alternatives", 0, "flows"),
]  # fmt: skip


def refused_draft(document: object) -> Refused:
    with pytest.raises(Refused) as caught:
        parse_draft(document)
    return caught.value


def invalid_at(document: object) -> object:
    """The path at which a draft is refused as plan/invalid."""
    refusal = refused_draft(document)
    assert refusal.code == "plan/invalid"
    assert refusal.context["why"]
    return refusal.context["path"]


def submit(document: Document, on: date = SUBMITTED) -> None:
    check_submission(parse_draft(document), submitted_on=on)


def refused_at(document: Document, on: date = SUBMITTED) -> tuple[str, object]:
    """The code and the path with which a submission is refused."""
    with pytest.raises(Refused) as caught:
        submit(document, on)
    assert caught.value.context["why"]
    return caught.value.code, caught.value.context["path"]


# -- Drafts: only the shape counts --------------------------------------------------------------------


def test_a_draft_may_state_nothing() -> None:
    assert parse_draft({}).document == {}


def test_a_full_plan_is_a_draft_without_problems() -> None:
    assert problems(FULL) == []
    assert parse_draft(FULL).document == FULL


@pytest.mark.parametrize(
    "place", [place for place, value in places() if isinstance(place[-1], str)], ids=named
)
def test_a_draft_may_leave_out_any_key(place: Place) -> None:
    document = without(place)
    assert parse_draft(document).document == document


@pytest.mark.parametrize("place", LISTS, ids=named)
def test_a_draft_may_leave_any_list_empty(place: Place) -> None:
    assert problems(with_value(place, [])) == []


@pytest.mark.parametrize("place", [*TEXTS, *EVIDENCE], ids=named)
def test_a_draft_may_leave_any_text_blank(place: Place) -> None:
    assert problems(with_value(place, "")) == []


@pytest.mark.parametrize("place", OBJECTS, ids=named)
def test_an_unknown_key_is_invalid_anywhere(place: Place) -> None:
    unknown = (*place, "unknown")
    assert invalid_at(with_value(unknown, "x")) == named(unknown)


@pytest.mark.parametrize("place", OBJECTS[1:], ids=named)
def test_an_object_is_nothing_else(place: Place) -> None:
    for value in [None, True, 7, 1.5, "text", []]:
        assert invalid_at(with_value(place, value)) == named(place)


@pytest.mark.parametrize("place", LISTS, ids=named)
def test_a_list_is_nothing_else(place: Place) -> None:
    for value in [None, True, 7, 1.5, "text", {}, ()]:
        assert invalid_at(with_value(place, value)) == named(place)


@pytest.mark.parametrize(
    "place", [*TEXTS, *EVIDENCE, *MONEY, *RATES[:1], *RATES[2:], *PERCENTS, *DATES, *CODES], ids=named
)
def test_a_text_is_nothing_else(place: Place) -> None:
    for value in [None, True, 7, 1.5, [], {}, b"text"]:
        assert invalid_at(with_value(place, value)) == named(place)


@pytest.mark.parametrize("place", COUNTS, ids=named)
def test_a_count_is_a_whole_number_and_no_boolean(place: Place) -> None:
    for value in [None, True, False, -1, 1.0, "1", MAX_COUNT + 1, [], {}]:
        assert invalid_at(with_value(place, value)) == named(place)


@pytest.mark.parametrize("place", COUNTS, ids=named)
def test_a_count_goes_up_to_its_limit(place: Place) -> None:
    for value in [1, 2, MAX_COUNT]:
        assert problems(with_value(place, value)) == []


def test_months_and_days_may_be_none_but_a_rank_begins_at_one() -> None:
    assert problems(with_value(("concessions", "extension_months"), 0)) == []
    assert problems(with_value(("loans", 0, "days_past_due"), 0)) == []
    assert invalid_at(with_value(("collateral", 0, "rank"), 0)) == "$.collateral[0].rank"


def test_only_the_new_rate_may_be_null() -> None:
    nullable = [place for place, _ in places() if not problems(with_value(place, None))]
    assert nullable == [("concessions", "new_rate")]


@pytest.mark.parametrize("value", [None, [], "plan", 7, True, [FULL]], ids=lambda value: type(value).__name__)
def test_a_plan_is_an_object(value: object) -> None:
    assert invalid_at(value) == "$"


def test_any_mapping_is_read_as_an_object() -> None:
    assert parse_draft(MappingProxyType(FULL)) == parse_draft(FULL)


@pytest.mark.parametrize("place", [MONEY[0], MONEY[-1]], ids=named)
def test_money_has_two_decimals_and_no_sign(place: Place) -> None:
    for money in [
        "-1.00",
        "+1.00",
        "-0.00",
        "1",
        "1.0",
        "1.000",
        ".50",
        "1.",
        "1,000.00",
        "１.00",
        " 1.00",
        "1.00 ",
        "1.00\n",
        "01.00",
        "1e3",
        "1_0.00",
        "NaN",
        "Infinity",
        "",
        "¥1.00",
        "1000000000000000.00",
    ]:
        assert invalid_at(with_value(place, money)) == named(place)


@pytest.mark.parametrize("place", MONEY, ids=named)
def test_negative_money_is_invalid_everywhere(place: Place) -> None:
    assert invalid_at(with_value(place, "-1.00")) == named(place)


@pytest.mark.parametrize("place", MONEY, ids=named)
def test_money_goes_up_to_fifteen_digits(place: Place) -> None:
    for money in ["0.00", "0.01", "10.50", "999999999999999.99"]:
        assert problems(with_value(place, money)) == []


@pytest.mark.parametrize("place", [*RATES, *PERCENTS], ids=named)
def test_a_rate_is_digits_with_up_to_six_decimals(place: Place) -> None:
    for rate in ["-1", "+1", "1.", ".5", "08.40", "8,4", "8.4%", "1e2", "", " 8", "8.1234567", "٨"]:
        assert invalid_at(with_value(place, rate)) == named(place)


@pytest.mark.parametrize("place", [*RATES, *PERCENTS], ids=named)
def test_a_rate_may_have_no_decimals(place: Place) -> None:
    for rate in ["0", "8", "8.4", "8.40", "8.123456"]:
        assert problems(with_value(place, rate)) == []


@pytest.mark.parametrize("place", PERCENTS, ids=named)
def test_haircut_and_probability_go_up_to_a_hundred(place: Place) -> None:
    assert problems(with_value(place, "100")) == []
    assert problems(with_value(place, "100.00")) == []
    assert invalid_at(with_value(place, "100.01")) == named(place)


def test_a_rate_may_exceed_a_hundred() -> None:
    assert problems(with_value(("discount_rate",), "100.01")) == []


@pytest.mark.parametrize("place", DATES, ids=named)
def test_a_date_is_an_iso_day_within_reason(place: Place) -> None:
    for day in [
        "2026-02-29",
        "2026-13-01",
        "2026-2-1",
        "20260201",
        "2026-W05-1",
        "2026-02-01T00:00:00",
        " 2026-02-01",
        "01.02.2026",
        "",
        "1899-12-31",
        "2200-01-01",
        "0000-00-00",
        "２０２６-02-01",
    ]:
        assert invalid_at(with_value(place, day)) == named(place)


@pytest.mark.parametrize("place", DATES, ids=named)
def test_a_date_may_be_any_day_of_three_centuries(place: Place) -> None:
    for day in ["1900-01-01", "2024-02-29", "2199-12-31"]:
        assert problems(with_value(place, day)) == []


@pytest.mark.parametrize("place", CODES, ids=named)
def test_an_unknown_code_is_invalid(place: Place) -> None:
    for code in ("unknown", "", "Normal"):
        assert invalid_at(with_value(place, code)) == named(place)


@pytest.mark.parametrize("key", ["7.0", "7.7", "7", "", "evidence"])
def test_a_condition_is_one_of_six(key: str) -> None:
    assert invalid_at(full(conditions={key: "evidence"})) == f"$.conditions[{key!r}]".replace(
        "['evidence']", ".evidence"
    )


@pytest.mark.parametrize(
    ("place", "codes"),
    [
        (
            ("borrower", "kind"),
            ["enterprise", "household", "village_collective", "public_employee", "employee"],
        ),
        (("borrower", "operating"), ["normal", "reduced", "stopped"]),
        (("loans", 0, "classification"), ["normal", "special_mention", "substandard", "doubtful", "loss"]),
        (("recoverability",), ["recoverable", "recoverable_with_effort", "temporarily_unrecoverable"]),
    ],
)
def test_every_code_of_the_tables_is_known(place: Place, codes: list[str]) -> None:
    for code in codes:
        assert problems(with_value(place, code)) == []


def test_every_measure_of_the_catalogue_is_known() -> None:
    assert problems(full(measures=list(MEASURES))) == []
    assert len(MEASURES) == 48
    assert MEASURES["in_kind"]["en"] == "repayment in kind"


def test_all_six_conditions_may_be_claimed() -> None:
    assert problems(full(conditions={f"7.{number}": "evidence" for number in range(1, 7)})) == []


@pytest.mark.parametrize("place", [*TEXTS, *EVIDENCE], ids=named)
def test_a_text_that_cannot_be_stored_is_invalid(place: Place) -> None:
    for text in ("a\0b", "\ud800"):
        assert invalid_at(with_value(place, text)) == named(place)


@pytest.mark.parametrize("place", [*TEXTS, *EVIDENCE], ids=named)
def test_a_text_has_an_end(place: Place) -> None:
    assert problems(with_value(place, "x" * MAX_TEXT)) == []
    assert invalid_at(with_value(place, "x" * (MAX_TEXT + 1))) == named(place)


def test_a_list_has_an_end() -> None:
    assert problems(full(measures=["instalments"] * MAX_ROWS)) == []
    assert invalid_at(full(measures=["instalments"] * (MAX_ROWS + 1))) == "$.measures"


def test_a_plan_has_an_end() -> None:
    rows = [{"name": "x", "text": "x" * MAX_TEXT}] * (MAX_BYTES // MAX_TEXT)
    assert invalid_at(full(attachments=rows)) == "$"
    spare = MAX_BYTES - len(parse_draft(full(attachments=rows[1:], executor="")).canonical.encode())
    assert spare < MAX_TEXT
    parse_draft(full(attachments=rows[1:], executor="x" * spare))
    assert invalid_at(full(attachments=rows[1:], executor="x" * (spare - 1) + "é")) == "$"


@pytest.mark.parametrize("title", ["two\nlines", "tab\there", "a\u2028b", "a\u2029b", "a\x85b"])
def test_a_title_or_a_name_is_one_line(title: str) -> None:
    assert invalid_at(full(title=title)) == "$.title"
    assert invalid_at(full(executor=title)) == "$.executor"


def test_a_plan_given_before_is_read_as_it_is() -> None:
    document = full(executor="two\nlines\u200b")
    assert stored_plan(document).document == document
    assert stored_plan(document).digest == digest(document)
    assert stored_plan(document).terms.executor == "two\nlines\u200b"
    with pytest.raises(Refused, match="plan/invalid"):
        check_submission(stored_plan(document), submitted_on=date(2026, 3, 5))


def test_terms_are_those_resolved_also_without_what_nobody_sees() -> None:
    assert matches_terms(full(executor="A\u200bB"), {"executor": "AB"}) is None
    assert matches_terms(full(executor="AB"), {"executor": "A\ufeffB"}) is None
    assert matches_terms(full(executor="AB"), {"executor": "A B"}) == "$.executor"


def test_a_key_that_is_no_text_is_invalid() -> None:
    assert invalid_at({5: "five"}) == "$[5]"
    assert invalid_at(full(conditions={6: "six"})) == "$.conditions[6]"


def test_a_key_that_cannot_be_stored_is_invalid() -> None:
    assert invalid_at({"\ud800": 1}) == "$"
    assert invalid_at({"a\0": 1}) == r"$['a\u0000']"


def test_deep_and_endless_values_are_refused_without_being_followed() -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    loop: dict[str, Any] = {}
    loop["borrower"] = loop
    assert invalid_at({**FULL, "loans": deep}) == "$.loans[0]"
    assert invalid_at(loop) == "$.borrower.borrower"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([place for place, _ in places()]), json_values)
def test_anything_anywhere_is_read_or_refused_with_a_path_to_it(place: Place, value: Any) -> None:
    found = problems(with_value(place, value))
    assert all(problem.path.startswith(named(place)) for problem in found)
    if not found:
        parse_draft(with_value(place, value))


def test_all_problems_are_reported_in_the_order_of_the_schema() -> None:
    document = full(title=5, recoverability="unknown", odd=1)
    document["loans"][1]["principal"] = "-1.00"
    del document["executor"]
    assert [(problem.path, problem.key) for problem in problems(document)] == [
        ("$.title", "text"),
        ("$.loans[1].principal", "money"),
        ("$.recoverability", "code"),
        ("$.odd", "unknown-key"),
    ]


@pytest.mark.parametrize("key", sorted(_WORDS))
def test_every_problem_has_its_words_in_both_languages(key: str) -> None:
    words = {
        "least": 0,
        "codes": "a, b",
        "limit": 1,
        "got": 2,
        "first": 1,
        "row": 2,
        "en": "normal",
        "zh": "正常",
        "characters": "U+1F600",
        "stated": "doubtful",
        "stated_zh": "可疑",
        "on": "2026-03-01",
        "as_of": "2026-03-04",
    }
    problem = Problem("$", key, words)
    for lang in ("en", "zh-hans", "zh"):
        assert problem.message(lang)
        assert "{" not in problem.message(lang)
    assert problem.message("en") != problem.message("zh-hans")
    assert problem.message() == problem.message("en")


def test_the_refusal_says_what_is_expected() -> None:
    refusal = refused_draft(with_value(("borrower", "operating"), "closed"))
    assert refusal.context["why"] == {
        "en": "expects one of: normal, reduced, stopped",
        "zh-hans": "应为下列之一：normal, reduced, stopped",
    }
    assert "$.borrower.operating" in refusal.message("en")
    refusal = refused_draft(with_value(("collateral", 0, "rank"), "first"))
    assert refusal.context["why"] == {
        "en": "expects a whole number from 1 to 999999",
        "zh-hans": "应为 1 至 999999 的整数",
    }


# -- Paths, canonical form and digest ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ((), "$"),
        (("loans", 0, "principal"), "$.loans[0].principal"),
        (("conditions", "7.1"), "$.conditions['7.1']"),
        (("conditions", "7.9", "[key]"), "$.conditions['7.9']"),
        (("it's",), r"$['it\'s']"),
        (('a"b\\c',), r"""$['a"b\\c']"""),
        (("王",), "$['王']"),
        (("\ud800\n",), r"$['\ud800\n']"),
        (('\\"',), r"""$['\\"']"""),
        (("x" * 59 + "-" * 2,), "$['" + "x" * 59 + "-']"),
    ],
)
def test_a_path_is_a_json_path(location: Place, path: str) -> None:
    assert json_path(location) == path


def test_the_digest_is_the_sha_256_of_the_canonical_json() -> None:
    document = {"title": '王 "x"', "executor": "\n", "concessions": {"new_rate": None, "extension_months": 3}}
    text = '{"concessions":{"extension_months":3,"new_rate":null},"executor":"\\n","title":"王 \\"x\\""}'
    assert parse_draft(document).canonical == text
    assert digest(document) == parse_draft(document).digest == hashlib.sha256(text.encode()).hexdigest()


@given(balanced(), st.randoms(use_true_random=False))
def test_the_digest_does_not_depend_on_the_order_of_keys(document: Document, chance: random.Random) -> None:
    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            keys = list(value)
            chance.shuffle(keys)
            return {key: shuffled(value[key]) for key in keys}
        return [shuffled(part) for part in value] if isinstance(value, list) else value

    assert parse_draft(shuffled(document)).digest == parse_draft(document).digest == digest(document)


@pytest.mark.parametrize("place", TEXTS, ids=named)
def test_the_digest_depends_on_every_text(place: Place) -> None:
    assert plan_with(place, "something else").digest != plan().digest


def test_a_digest_is_not_taken_of_what_json_cannot_say() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        digest({"rate": float("nan")})


@pytest.mark.parametrize(("_name", "_started", "document"), BUNDLED, ids=[name for name, _, _ in BUNDLED])
def test_the_bundled_plans_come_back_as_given(_name: str, _started: date, document: Document) -> None:
    parsed = parse_draft(document)
    assert parsed.document == document
    assert parse_draft(json.loads(parsed.canonical)) == parsed
    assert parsed.terms.model_dump(include={"title"}) == {"title": document["title"]}


def test_there_are_ten_bundled_plans() -> None:
    assert len(BUNDLED) == 10


def test_nothing_changes_a_plan() -> None:
    given_document = full()
    parsed = parse_draft(given_document)
    given_document["title"] = parsed.document["title"] = "Mine"
    assert parsed.document["title"] == FULL["title"]
    with pytest.raises(AttributeError):
        parsed.canonical = "{}"  # type: ignore[misc] # the point: it is frozen
    with pytest.raises(ValidationError):
        parsed.terms.title = "Mine"  # type: ignore[misc] # the point: it is frozen


def test_plans_are_equal_when_their_documents_are() -> None:
    assert plan() == plan()
    assert hash(plan()) == hash(plan())
    assert plan() != plan(title="Another")


def test_no_key_is_a_number_in_one_part_and_a_text_in_another() -> None:
    for part in PARTS:
        for name, info in part.model_fields.items():
            assert (name in NUMERIC) == ("Decimal" in str(info.annotation)), f"{part.__name__}.{name}"


# -- Submission: completeness -------------------------------------------------------------------------


def test_a_full_plan_may_be_submitted() -> None:
    submit(FULL)
    assert plan().complete
    assert incomplete(plan()) == []


@given(balanced())
def test_a_plan_that_balances_may_be_submitted(document: Document) -> None:
    submit(document)


@pytest.mark.parametrize(("name", "started", "document"), BUNDLED, ids=[name for name, _, _ in BUNDLED])
def test_the_bundled_plans_may_be_submitted_but_for_the_performing_loan(
    name: str, started: date, document: Document
) -> None:
    if name == "05-not-non-performing-P1":
        assert refused_at(document, started) == ("6/not-non-performing", "$.loans[0].classification")
    else:
        submit(document, started)


@pytest.mark.parametrize(
    "place",
    [place for place, _ in places() if isinstance(place[-1], str) and place not in EVIDENCE],
    ids=named,
)
def test_every_key_is_due_at_submission(place: Place) -> None:
    document = without(place)
    assert refused_at(document) == ("plan/incomplete", named(place))
    assert not parse_draft(document).complete


@pytest.mark.parametrize("place", TEXTS, ids=named)
def test_no_text_is_blank_at_submission(place: Place) -> None:
    for blank in ("", "  \t", "\u3000", "\u200b", "\ufeff \u3164"):
        if place == ("title",) and "\t" in blank:
            continue
        assert refused_at(with_value(place, blank)) == ("plan/incomplete", named(place))


@pytest.mark.parametrize("key", ["loans", "measures", "sources", "schedule", "alternatives"])
def test_one_loan_measure_source_instalment_and_alternative_at_least(key: str) -> None:
    assert refused_at(full(**{key: []})) == ("plan/incomplete", f"$.{key}")


@pytest.mark.parametrize("place", MAY_BE_EMPTY, ids=named)
def test_other_lists_may_be_empty(place: Place) -> None:
    submit(with_value(place, []))


def test_one_alternative_is_enforcement() -> None:
    assert refused_at(with_value(("alternatives", 0, "name"), "Enforcement")) == (
        "plan/incomplete",
        "$.alternatives",
    )
    submit(full(alternatives=list(reversed(FULL["alternatives"]))))


def test_everything_incomplete_is_listed() -> None:
    document = full(title=" ", measures=[])
    del document["loans"][1]["rate"]
    document["attachments"][0]["text"] = ""
    assert [(problem.path, problem.key) for problem in incomplete(parse_draft(document))] == [
        ("$.title", "blank"),
        ("$.loans[1].rate", "missing"),
        ("$.measures", "none"),
        ("$.attachments[0].text", "blank"),
    ]


def test_only_a_plan_without_missing_keys_has_terms() -> None:
    with pytest.raises(Refused) as caught:
        _ = parse_draft(without(("loans", 0, "rate"))).terms
    assert (caught.value.code, caught.value.context["path"]) == ("plan/incomplete", "$.loans[0].rate")
    assert plan(title="", guarantees=[]).terms.guarantees == ()
    loose = plan(title="", measures=[], alternatives=FULL["alternatives"][1:])
    assert (loose.complete, loose.terms.measures, len(loose.terms.alternatives)) == (False, (), 1)


# -- Submission: dates --------------------------------------------------------------------------------

DAY = timedelta(days=1)


def test_the_base_date_is_not_after_the_submission() -> None:
    submit(full(base_date=SUBMITTED.isoformat()))
    document = full(base_date=(SUBMITTED + DAY).isoformat())
    assert refused_at(document) == ("plan/invalid", "$.base_date")


def test_a_valuation_is_not_after_the_submission() -> None:
    place = ("collateral", 0, "valued_on")
    submit(with_value(place, SUBMITTED.isoformat()))
    assert refused_at(with_value(place, (SUBMITTED + DAY).isoformat())) == (
        "plan/invalid",
        "$.collateral[0].valued_on",
    )


def test_each_loan_is_issued_before_it_is_due() -> None:
    place = ("loans", 1, "issued_on")
    submit(with_value(place, "2025-08-31"))
    for day in ("2025-09-01", "2025-09-02"):
        assert refused_at(with_value(place, day)) == ("plan/invalid", "$.loans[1].issued_on")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("schedule", 0, "due_on"), ("schedule", 1, "due_on")),
        (("schedule", 1, "due_on"), ("schedule", 2, "due_on")),
        (("milestones", 0, "on"), ("milestones", 1, "on")),
        (("alternatives", 0, "flows", 0, "on"), ("alternatives", 0, "flows", 1, "on")),
    ],
    ids=str,
)
def test_days_ascend_and_equal_days_do(first: Place, second: Place) -> None:
    later = date.fromisoformat(dict(places())[second])
    submit(with_value(first, later.isoformat()))
    assert refused_at(with_value(first, (later + DAY).isoformat())) == ("plan/invalid", named(second))


def test_the_flows_of_different_alternatives_are_apart() -> None:
    assert FULL["alternatives"][0]["flows"][-1]["on"] > FULL["alternatives"][1]["flows"][0]["on"]
    submit(FULL)


def test_the_schedule_does_not_begin_before_the_base_date() -> None:
    place = ("schedule", 0, "due_on")
    submit(with_value(place, FULL["base_date"]))
    assert refused_at(with_value(place, "2026-02-26")) == ("plan/invalid", "$.schedule[0].due_on")


# -- Submission: balance, to the fen ------------------------------------------------------------------


@pytest.mark.parametrize("principal", ["49999.99", "50000.01"])
def test_the_schedule_repays_exactly_the_principal_less_the_waiver_plus_the_new_money(principal: str) -> None:
    document = with_value(("schedule", 0, "principal"), principal)
    assert refused_at(document) == ("plan/unbalanced", "$.schedule")


@pytest.mark.parametrize(
    ("kind", "all_of_it", "more"),
    [("interest_waived", "7000.00", "7000.01"), ("penalty_waived", "1000.00", "1000.01")],
)
def test_no_more_is_waived_than_is_owed_of_a_kind(kind: str, all_of_it: str, more: str) -> None:
    submit(with_value(("concessions", kind), all_of_it))
    assert refused_at(with_value(("concessions", kind), more)) == ("plan/unbalanced", f"$.concessions.{kind}")


def test_no_more_principal_is_waived_than_is_owed() -> None:
    schedule = [{"due_on": "2026-06-30", "principal": "5000.00", "interest": "0.00"}]
    concessions = {**FULL["concessions"], "principal_waived": "100000.00"}
    submit(full(schedule=schedule, concessions=concessions))
    schedule[0]["principal"] = "4999.99"
    concessions["principal_waived"] = "100000.01"
    document = full(schedule=schedule, concessions=concessions)
    assert refused_at(document) == ("plan/unbalanced", "$.concessions.principal_waived")


def test_no_more_is_expected_than_everything_owed_plus_the_new_money_and_the_interest_scheduled() -> None:
    submit(full(expected_recovery="119000.00"))
    assert refused_at(full(expected_recovery="119000.01")) == ("plan/unbalanced", "$.expected_recovery")


@given(balanced(), st.sampled_from([-1, 1]))
def test_one_fen_of_principal_unbalances_any_plan(document: Document, fen: int) -> None:
    row = document["schedule"][-1]
    before = int(row["principal"].replace(".", ""))
    row["principal"] = yuan(before + (fen if before else 1))
    assert refused_at(document)[0] == "plan/unbalanced"


# -- Submission: Art. 6 and 7, and the order of the checks --------------------------------------------


@pytest.mark.article("6")
@pytest.mark.parametrize("classification", ["normal", "special_mention"])
def test_every_loan_is_non_performing(classification: str) -> None:
    document = with_value(("loans", 1, "classification"), classification)
    assert refused_at(document) == ("6/not-non-performing", "$.loans[1].classification")


@pytest.mark.article("6")
@pytest.mark.parametrize("classification", ["substandard", "doubtful", "loss"])
def test_substandard_doubtful_and_loss_are_non_performing(classification: str) -> None:
    submit(with_value(("loans", 1, "classification"), classification))


@pytest.mark.article("7")
def test_a_condition_is_claimed() -> None:
    assert refused_at(full(conditions={})) == ("7/no-condition", "$.conditions")


@pytest.mark.article("7")
@pytest.mark.parametrize("evidence", ["", " ", "…", "——！", "\u200b"])
def test_each_condition_claimed_has_its_evidence(evidence: str) -> None:
    document = full(conditions={"7.1": "Order book seen", "7.2": evidence})
    assert refused_at(document) == ("7/evidence-required", "$.conditions['7.2']")


def test_the_checks_come_in_their_order() -> None:
    document = full(
        title="", base_date="2026-03-03", expected_recovery="999999.00", conditions={"7.1": "."},
    )  # fmt: skip
    document["loans"][0]["classification"] = "normal"
    steps = [
        ("plan/incomplete", {"title": "Title"}),
        ("plan/invalid", {"base_date": FULL["base_date"]}),
        ("plan/unbalanced", {"expected_recovery": "1.00"}),
        ("6/not-non-performing", {"loans": FULL["loans"], "conditions": {}}),
        ("7/no-condition", {"conditions": {"7.1": "."}}),
        ("7/evidence-required", {"conditions": {"7.1": "Seen"}}),
    ]
    for code, mended in steps:
        assert refused_at(document)[0] == code
        document = {**document, **mended}
    submit(document)


# -- Questions that also a draft answers --------------------------------------------------------------


def test_the_contracts_are_distinct_and_sorted() -> None:
    loans = [{"contract_no": "B-2"}, {"contract_no": "A-1"}, {"contract_no": "B-2"}, {}, {"contract_no": " "}]
    assert contracts(parse_draft({"loans": loans})) == ("A-1", "B-2")
    assert contracts(parse_draft({})) == ()


@pytest.mark.parametrize(
    "spelling",
    [" a-1", "A-1\u3000", "Ａ－１", "a-1", "A - 1", "A-1\u200b", "A\ufeff–1", "A\u00ad−1", "A‑\u20601"],
)
def test_another_spelling_is_the_same_contract(spelling: str) -> None:
    assert contracts(parse_draft({"loans": [{"contract_no": spelling}]})) == ("A-1",)


@pytest.mark.article("7")
@pytest.mark.parametrize(
    ("conditions", "only"),
    [({"7.6": "x"}, True), ({"7.6": "x", "7.1": "y"}, False), ({"7.1": "y"}, False), ({}, False)],
)
def test_special_circumstances_alone_need_a_vote_of_their_own(conditions: dict[str, str], only: bool) -> None:
    assert only_special_circumstances(parse_draft({"conditions": conditions})) is only
    assert only_special_circumstances(parse_draft({})) is False


def test_lending_and_collection_officers_are_named() -> None:
    assert officers(plan()) == {"OFFICERA", "OFFICERB", "OFFICERC"}
    assert officers(
        parse_draft({"loans": [{"lending_officer": " seat5 ", "collection_officer": " "}, {}]})
    ) == {"SEAT5"}
    assert officers(parse_draft({})) == frozenset()


# -- Art. 22: exactly the terms resolved --------------------------------------------------------------


@pytest.mark.article("22")
def test_the_whole_plan_may_be_stated() -> None:
    assert matches_terms(FULL, full()) is None


@pytest.mark.article("22")
def test_nothing_need_be_stated() -> None:
    assert matches_terms(FULL, {}) is None


@pytest.mark.article("22")
@pytest.mark.parametrize(
    ("place", "value"), list(leaves()), ids=lambda part: named(part) if isinstance(part, tuple) else ""
)
def test_every_value_stated_must_equal_the_one_resolved(place: Place, value: object) -> None:
    other = 10**6 if isinstance(value, int) else "deviating"
    assert matches_terms(FULL, with_value(place, other)) == named(place)


@pytest.mark.article("22")
@pytest.mark.parametrize("place", OBJECTS, ids=named)
def test_an_unknown_key_deviates(place: Place) -> None:
    unknown = (*place, "unknown")
    assert matches_terms(FULL, with_value(unknown, None)) == named(unknown)


@pytest.mark.article("22")
@pytest.mark.parametrize("place", [place for place, _ in places() if isinstance(place[-1], str)], ids=named)
def test_any_key_may_be_left_out_of_the_terms(place: Place) -> None:
    assert matches_terms(FULL, without(place)) is None


@pytest.mark.article("22")
@pytest.mark.parametrize("place", LISTS, ids=named)
def test_a_list_of_another_length_deviates(place: Place) -> None:
    rows = dict(places())[place]
    assert matches_terms(FULL, with_value(place, [*rows, rows[0]])) == named(place)
    assert matches_terms(FULL, with_value(place, rows[:-1])) == named(place)


@pytest.mark.article("22")
def test_a_list_of_another_order_deviates() -> None:
    assert matches_terms(FULL, {"measures": ["active_visit", "instalments"]}) == "$.measures[0]"


@pytest.mark.article("22")
def test_the_rows_of_a_list_may_be_stated_in_part() -> None:
    assert matches_terms(FULL, {"schedule": [{}, {"interest": "2000.00"}, {}]}) is None
    assert matches_terms(FULL, {"schedule": [{}, {"interest": "2000.01"}, {}]}) == "$.schedule[1].interest"


@pytest.mark.article("22")
@pytest.mark.parametrize(
    ("place", "spelling"),
    [
        (("discount_rate",), "6"),
        (("discount_rate",), "6.000000"),
        (("discount_rate",), "06.0"),
        (("concessions", "new_rate"), "6.00"),
        (("concessions", "interest_waived"), "1000"),
        (("collateral", 0, "haircut"), "30.0"),
        (("alternatives", 0, "flows", 1, "probability"), "40.50"),
    ],
)
def test_money_and_rates_are_compared_as_numbers(place: Place, spelling: str) -> None:
    assert matches_terms(FULL, with_value(place, spelling)) is None


@pytest.mark.article("22")
@pytest.mark.parametrize(
    "value", [1000, 1000.0, True, None, "1,000.00", " 1000.00", "+1000.00", "1E3", "", [], {}], ids=repr
)
def test_an_amount_of_another_type_or_form_deviates(value: object) -> None:
    assert matches_terms(FULL, {"concessions": {"interest_waived": value}}) == "$.concessions.interest_waived"


@pytest.mark.article("22")
def test_texts_are_compared_exactly() -> None:
    numbers = full(title="6.00", executor="x")
    assert matches_terms(numbers, {"title": "6"}) == "$.title"
    assert matches_terms(numbers, {"executor": "x "}) == "$.executor"
    assert matches_terms(full(measures=["instalments"]), {"measures": ["instalments "]}) == "$.measures[0]"


@pytest.mark.article("22")
@pytest.mark.parametrize("value", [12.0, True, "12"], ids=repr)
def test_a_whole_number_is_compared_with_its_type(value: object) -> None:
    assert (
        matches_terms(full(), {"concessions": {"extension_months": value}})
        == "$.concessions.extension_months"
    )
    one = with_value(("concessions", "extension_months"), 1)
    assert matches_terms(one, {"concessions": {"extension_months": True}}) == "$.concessions.extension_months"


@pytest.mark.article("22")
def test_null_equals_null_only() -> None:
    document = with_value(("concessions", "new_rate"), None)
    assert matches_terms(document, {"concessions": {"new_rate": None}}) is None
    assert matches_terms(document, {"concessions": {"new_rate": "0"}}) == "$.concessions.new_rate"


@pytest.mark.article("22")
@pytest.mark.parametrize(
    "terms", [None, [], "terms", 5, True, [FULL]], ids=lambda value: type(value).__name__
)
def test_terms_are_an_object(terms: object) -> None:
    assert matches_terms(FULL, terms) == "$"


@pytest.mark.article("22")
def test_terms_of_odd_types_deviate_without_an_error() -> None:
    assert matches_terms(FULL, {5: 1}) == "$['5']"
    assert matches_terms(FULL, {None: 1}) == "$.None"
    assert matches_terms(FULL, {"borrower": "王某某"}) == "$.borrower"
    assert matches_terms(FULL, {"loans": {}}) == "$.loans"
    assert matches_terms(FULL, {"title": {}}) == "$.title"
    assert matches_terms(FULL, {"discount_rate": "9" * 5000}) == "$.discount_rate"


@pytest.mark.article("22")
@given(st.sampled_from([place for place, _ in places()]), json_values)
def test_matching_never_fails_and_names_the_place(place: Place, value: Any) -> None:
    found = matches_terms(FULL, with_value(place, value))
    assert found is None or found.startswith(named(place))


@pytest.mark.article("22")
@given(balanced())
def test_the_terms_of_a_plan_match_itself(document: Document) -> None:
    assert matches_terms(parse_draft(document).document, document) is None


def test_a_plan_shows_its_digest_only_by_request() -> None:
    assert repr(Plan("{}")) == "Plan()"
