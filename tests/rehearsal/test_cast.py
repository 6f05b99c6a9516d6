"""The people of a rehearsal: each has a name of its own, of which nobody real is meant."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from committee.models import Seat
from regulation.numbers import Regulation
from rehearsal import bank, cast
from tests.stage import START

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("seats", [3, 9, 25, 99])
def test_everybody_has_a_name_of_the_own_without_a_given_name(seats: int) -> None:
    names = [member.name for member in cast.everybody(seats)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[\u4e00-\u9fff]某{1,2}\d?", name) for name in names)


def test_no_name_is_part_of_another() -> None:
    names = [member.name for member in cast.everybody(9)]
    assert not [(one, other) for one in names for other in names if one != other and one in other]


def test_nobody_is_called_by_the_post() -> None:
    posts = {cast.holder(number).post for number in range(1, 10)}
    assert len(posts) == 9
    assert not posts & {member.name for member in cast.everybody(9)}


def test_nobody_is_called_as_an_officer_of_a_bundled_plan() -> None:
    """Who is named as lending or collection officer is in conflict of interest (Art. 20.3)."""
    named = set()
    for path in (ROOT / "rehearsal").rglob("*.json"):
        for plan in json.loads(path.read_text(encoding="utf-8"))["proposals"].values():
            for loan in plan.get("loans", ()):
                named |= {loan.get("lending_officer"), loan.get("collection_officer")}
    assert named
    assert not named & {member.name for member in cast.everybody(9)}


@pytest.mark.django_db
def test_a_seat_has_its_post_and_its_holder_a_name() -> None:
    made = bank.own(Regulation(), START.date())
    seats = Seat.objects.filter(committee=made.committee).order_by("number").select_related("holder")
    assert [seat.post for seat in seats] == [cast.holder(number).post for number in range(1, 10)]
    assert [str(seat.holder) for seat in seats] == [cast.holder(number).name for number in range(1, 10)]
