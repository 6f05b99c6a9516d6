"""Numbers without gap and without double, a committee, kind and year each their own series."""

from datetime import datetime

import pytest
from django.db import transaction

from committee.models import Series
from tests.stage import START, Stage


def take(stage, kind=Series.Kind.PROPOSAL, at=START):
    with transaction.atomic():
        return Series.objects.take(stage.committee, kind, at)


def test_numbers_follow_each_other_from_one(founded):
    assert [take(founded) for _ in range(3)] == [(2026, 1), (2026, 2), (2026, 3)]


def test_each_kind_year_and_committee_has_its_own_series(founded):
    other = Stage()
    assert take(founded) == take(other) == take(founded, Series.Kind.MEETING) == (2026, 1)
    assert take(founded, at=START.replace(year=2027)) == (2027, 1)


def test_the_year_is_the_committees_own(founded):
    assert take(founded, at=datetime.fromisoformat("2026-12-31T16:30+00:00")) == (2027, 1)


def test_a_rollback_gives_the_number_back(founded):
    take(founded)
    with transaction.atomic():
        Series.objects.take(founded.committee, Series.Kind.PROPOSAL, START)
        transaction.set_rollback(True)
    assert take(founded) == (2026, 2)


def test_a_refused_submission_takes_no_number(drafted):
    second = drafted.do("draft", plan=drafted.plan | {"title": " "})
    drafted.refused("plan/incomplete", "submit", on=second)
    drafted.do("submit")
    assert drafted.now(drafted.proposal).number == 1


@pytest.mark.parametrize(
    ("kind", "written"),
    [("proposal", "呼联〔2026〕3号"), ("meeting", "呼联会〔2026〕3号"), ("minutes", "呼联纪〔2026〕3号"),
     ("filing", "呼联备〔2026〕3号")],
)  # fmt: skip
def test_numbers_are_written_as_they_are_filed(founded, kind, written):
    assert Series.written(founded.committee, Series.Kind(kind), 2026, 3) == written
    assert Series.written(founded.committee, Series.Kind(kind), None, None) == ""
