"""The numbers of the regulation: valid by construction, amended as a whole."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.labels import NUMBERS
from regulation.numbers import LIMIT, Regulation
from regulation.refused import Refused

WHOLE = ("seats", "votes_to_pass", "notice_days", "proxies_per_holder", "minutes_due_days")


def refused_field(**changes: Any) -> str:
    """The field that the refusal of these changes names."""
    with pytest.raises(Refused) as caught:
        Regulation().amended(changes)
    assert caught.value.code == "24/invalid-regulation"
    assert caught.value.message("en") != caught.value.message("zh-hans")
    return str(caught.value.context["field"])


def or_code(changes: dict[str, Any]) -> Regulation | str:
    """The regulation so amended, or the code of the refusal."""
    try:
        return Regulation().amended(changes)
    except Refused as refused:
        return refused.code


def test_the_regulation_as_issued() -> None:
    assert Regulation().as_json() == {
        "seats": 9,
        "votes_to_pass": 6,
        "notice_days": 2,
        "proxies_per_holder": 1,
        "material_change_pct": "1",
        "minutes_due_days": 2,
    }


def test_every_number_has_its_words() -> None:
    assert {field.name for field in dataclasses.fields(Regulation)} <= set(NUMBERS)


def test_it_never_changes() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Regulation().seats = 3  # type: ignore[misc]  # that it cannot be assigned is what is tested


def test_amending_leaves_the_old_version_as_it_was() -> None:
    old = Regulation()
    new = old.amended({"seats": 11, "votes_to_pass": 8})
    assert (new.seats, new.votes_to_pass, new.notice_days) == (11, 8, 2)
    assert old == Regulation()
    assert old.amended({}) == old


@pytest.mark.parametrize("seats", [-1, 0, 1, 2])
def test_fewer_than_three_seats_are_refused(seats: int) -> None:
    assert refused_field(seats=seats, votes_to_pass=2) == "seats"


def test_three_seats_are_enough() -> None:
    assert Regulation(seats=3, votes_to_pass=2).seats == 3


@pytest.mark.parametrize(
    ("seats", "votes", "valid"),
    [
        (9, 4, False), (9, 5, True), (9, 9, True), (9, 10, False),
        (8, 4, False), (8, 5, True), (3, 1, False), (3, 2, True), (3, 3, True), (3, 4, False),
    ],
)  # fmt: skip
def test_carrying_takes_more_than_half_of_the_seats_and_at_most_all(
    seats: int,
    votes: int,
    valid: bool,
) -> None:
    if valid:
        assert Regulation(seats=seats, votes_to_pass=votes).votes_to_pass == votes
    else:
        assert refused_field(seats=seats, votes_to_pass=votes) == "votes_to_pass"


def test_fewer_seats_alone_cannot_strand_the_threshold() -> None:
    assert refused_field(seats=5) == "votes_to_pass"
    assert refused_field(seats=12) == "votes_to_pass"


@pytest.mark.parametrize("field", WHOLE)
@pytest.mark.parametrize("value", ["9", 9.0, Decimal(9), True, False, None, [9], -1, LIMIT + 1, float("nan")])
def test_a_count_is_a_whole_number_within_its_range(field: str, value: object) -> None:
    assert refused_field(**{field: value}) == field


@pytest.mark.parametrize("field", ["notice_days", "proxies_per_holder", "minutes_due_days"])
def test_zero_days_and_no_proxies_are_possible(field: str) -> None:
    assert getattr(Regulation().amended({field: 0}), field) == 0


@pytest.mark.parametrize(
    ("given_as", "kept"),
    [
        (0, "0"), (100, "100"), ("0.5", "0.5"), (0.5, "0.5"), (Decimal("2.50"), "2.5"), ("1.0", "1"),
        (1e-05, "0.00001"),
        (Decimal("-0"), "0"), (Decimal("1E+1"), "10"), ("100.000000", "100"), (0.1, "0.1"), (-0.0, "0"),
    ],
)  # fmt: skip
def test_a_percentage_is_kept_exactly(given_as: Any, kept: str) -> None:
    regulation = Regulation(material_change_pct=given_as)
    assert regulation.material_change_pct == Decimal(kept)
    assert regulation.as_json()["material_change_pct"] == kept


@pytest.mark.parametrize(
    "value",
    [
        -1, "-1", 100.01, "100.01", 101, "", " 1", "1,5", "１", "1e1", "1_0", "+1", ".5", "1.", "NaN",
        float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), True, None, [1],
        "0.0000001", 1e-07, b"1",
    ],
)  # fmt: skip
def test_a_percentage_is_a_plain_number_from_0_to_100(value: object) -> None:
    assert refused_field(material_change_pct=value) == "material_change_pct"


@pytest.mark.parametrize("name", ["quorum", "", "Seats", "seats "])
def test_an_unknown_number_is_refused(name: str) -> None:
    assert refused_field(**{name: 1}) == name


def test_the_refusal_says_why_in_both_languages() -> None:
    with pytest.raises(Refused) as caught:
        Regulation(votes_to_pass=4)
    assert "votes to pass must be more than half of the seats" in caught.value.message("en")
    assert "通过所需同意票数须超过席位总数的半数" in caught.value.message("zh-hans")


@given(
    seats=st.integers(-2, LIMIT + 2),
    votes_to_pass=st.integers(-2, LIMIT + 2),
    notice_days=st.integers(-2, LIMIT + 2),
    proxies_per_holder=st.integers(-2, LIMIT + 2),
    minutes_due_days=st.integers(-2, LIMIT + 2),
    material_change_pct=st.decimals(-1, 101, places=6),
)
def test_exactly_the_valid_sets_are_accepted(**numbers: Any) -> None:
    days_and_counts = (numbers["notice_days"], numbers["proxies_per_holder"], numbers["minutes_due_days"])
    valid = (
        3 <= numbers["seats"] <= LIMIT
        and numbers["seats"] / 2 < numbers["votes_to_pass"] <= numbers["seats"]
        and all(0 <= number <= LIMIT for number in days_and_counts)
        and 0 <= numbers["material_change_pct"] <= 100
    )
    regulation = or_code(numbers)
    if valid:
        assert isinstance(regulation, Regulation)
        assert Regulation().amended(regulation.as_json()) == regulation
    else:
        assert regulation == "24/invalid-regulation"


@given(st.dictionaries(st.sampled_from([*WHOLE, "material_change_pct"]), st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text("019.-+eE ", max_size=5), st.just([1]),
)))  # fmt: skip
def test_whatever_json_holds_is_accepted_or_refused_never_an_error(changes: dict[str, Any]) -> None:
    regulation = or_code(changes)
    if isinstance(regulation, Regulation):
        assert Regulation().amended(regulation.as_json()) == regulation
    else:
        assert regulation == "24/invalid-regulation"
