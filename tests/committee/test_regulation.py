"""Versions of the regulation (Art. 24, 25)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from audit.models import Entry
from committee.models import Interpretation, RegulationVersion
from tests.stage import Stage, today


def amend(stage, code=None, by=None, on=None, **changes):
    given = {"changes": changes, "effective_from": on or today()}
    if code is None:
        return stage.do("amend_regulation", by, **given)
    return stage.refused(code, "amend_regulation", by, **given)


def in_force(stage, day):
    return RegulationVersion.objects.in_force(stage.committee, day)


@pytest.mark.article("24")
@pytest.mark.parametrize("by", ["chair", "liaison", "head_office", "seat2", "auditor", "outsider"])
def test_only_the_risk_department_amends(founded, by):
    amend(founded, "24/only-risk-department", by, votes_to_pass=3)


def test_an_amendment_changes_the_last_version_made(founded):
    amend(founded, on=today() + timedelta(days=30), notice_days=5)
    second = amend(founded, votes_to_pass=3)
    assert (second.number, second.notice_days, second.votes_to_pass) == (3, 5, 3)


def test_an_amendment_rests_on_no_other_committees_versions(founded):
    abroad = Stage()
    for days in (7, 9):
        amend(abroad, notice_days=days)
    made = amend(founded, votes_to_pass=3)
    assert (made.number, made.notice_days, made.votes_to_pass) == (2, founded.regulation.notice_days, 3)


def test_the_greatest_effective_date_not_after_the_day_is_in_force(founded):
    first = in_force(founded, today())
    later = amend(founded, on=date(2026, 6, 1), votes_to_pass=3)
    sooner = amend(founded, on=date(2026, 4, 1), notice_days=3)
    assert in_force(founded, date(2026, 3, 31)) == first
    assert in_force(founded, date(2026, 4, 1)) == sooner
    assert in_force(founded, date(2026, 5, 31)) == sooner
    assert in_force(founded, date(2026, 6, 1)) == later


def test_of_two_with_the_same_date_the_later_made_is_in_force(founded):
    amend(founded, votes_to_pass=3)
    second = amend(founded, notice_days=3)
    assert in_force(founded, today()) == second


@pytest.mark.article("25")
def test_before_the_first_version_none_is_in_force(founded):
    assert in_force(founded, date(1989, 12, 31)) is None


def test_an_effective_date_in_the_past_is_invalid(founded):
    amend(founded, "24/invalid-regulation", on=today() - timedelta(days=1), votes_to_pass=3)
    amend(founded, on=today(), votes_to_pass=3)


@pytest.mark.parametrize(
    "changes",
    [
        {"seats": 2},
        {"seats": 5},  # two votes are not more than half of five
        {"votes_to_pass": 1},
        {"votes_to_pass": 4},
        {"notice_days": -1},
        {"colour": 1},
        {"material_change_pct": "x"},
        {"votes_to_pass": True},
    ],
)
def test_numbers_that_do_not_hold_together_are_invalid(founded, changes):
    amend(founded, "24/invalid-regulation", **changes)


def test_seats_do_not_fall_below_the_filled_ones(founded):
    amend(founded, seats=4, votes_to_pass=3)
    amend(founded, seats=3)
    amend(founded, seats=4)
    founded.do("fill_seat", seat=4, holder=founded["outsider"])
    amend(founded, "24/invalid-regulation", seats=3)
    founded.do("vacate_seat", seat=4)
    amend(founded, seats=3)


def test_an_old_version_stays_as_it_is(founded):
    before = in_force(founded, today()).numbers
    amend(founded, votes_to_pass=3, material_change_pct="2.5")
    versions = RegulationVersion.objects.filter(committee=founded.committee).order_by("number")
    assert versions[0].numbers == before
    assert versions[1].numbers.material_change_pct == Decimal("2.5")


# -- Interpretations --------------------------------------------------------------------------------

ZH = "本条所称委员，指届时任职的委员。"


def interpret(stage, code=None, by=None, **given):
    given = {"article": 20, "text_zh": ZH} | given
    if code is None:
        return stage.do("publish_interpretation", by, **given)
    return stage.refused(code, "publish_interpretation", by, **given)


@pytest.mark.article("24")
@pytest.mark.parametrize("by", ["chair", "liaison", "head_office", "seat2", "auditor", "outsider"])
def test_only_the_risk_department_interprets(founded, by):
    interpret(founded, "24/only-risk-department", by)


@pytest.mark.article("24")
def test_an_interpretation_is_numbered_dated_and_on_record(founded):
    first, second = interpret(founded), interpret(founded, article=11, text_en="A proxy is written.")
    assert (first.number, second.number, second.published_on) == (1, 2, today())
    entry = Entry.objects.filter(stream=founded.committee.stream).order_by("-seq")[0]
    assert (entry.action, entry.subject) == ("publish_interpretation", f"interpretation:{second.pk}")


@pytest.mark.parametrize(
    "given", [{"article": 0}, {"article": 26}, {"text_zh": " …… "}, {"text_zh": ""}, {"text_en": "!"}]
)
def test_an_interpretation_says_something_of_an_article(founded, given):
    interpret(founded, "24/invalid-regulation", **given)


def test_one_is_given_up_only_by_a_later_one_of_the_same_article(founded):
    first = interpret(founded)
    interpret(founded, "state/not-allowed", article=11, replaces=first)
    second = interpret(founded, replaces=first)
    interpret(founded, "state/not-allowed", replaces=first)
    assert list(Interpretation.objects.filter(committee=founded.committee).standing()) == [second]


def test_one_of_another_committee_is_not_there(founded):
    elsewhere = interpret(Stage())
    interpret(founded, "access/not-found", replaces=elsewhere)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE committee_interpretation SET text_zh = 'x'", "DELETE FROM committee_interpretation",
     "TRUNCATE committee_interpretation CASCADE"],
)  # fmt: skip
def test_an_interpretation_never_changes_whoever_tries(founded, statement):
    interpret(founded)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Interpretation.objects.get(committee=founded.committee).text_zh == ZH
