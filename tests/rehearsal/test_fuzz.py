"""Whatever a file holds, it is a rehearsal or it is told where it is none; and what is one can be played."""

import copy

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rehearsal.player import Played, play
from rehearsal.schema import Rehearsal, read
from rehearsal.verbs import VERBS
from tests.rehearsal.conftest import bundled, encoded
from web.problems import Invalid

WORDS = st.sampled_from(
    [
        *(
            "P1",
            "P2",
            "M1",
            "M2",
            "chair",
            "seat2",
            "seat9",
            "deputy9",
            "seats",
            "liaison",
            "handler",
            "outsider",
        ),
        *(
            "+1d",
            "2026-03-05T09:00",
            "2010-03-18T14:30:00+08:00",
            "2026-03-02",
            "0.00",
            "",
            " ",
            "\0",
            "\ud800",
        ),
        *("plan/invalid", "20.1/no-seat", "for", "abstain", "video", "special-circumstances", *VERBS),
    ]
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    WORDS,
    st.integers(10**30, 10**40),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
CASES = [bundled(number) for number in range(1, 11)]


def places(value, place=()):
    yield place
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inner:
        yield from places(below, (*place, key))


def holder(document, place):
    for key in place[:-1]:
        document = document[key]
    return document


@st.composite
def mutated(draw, documents):
    document = copy.deepcopy(draw(st.sampled_from(documents)))
    for _ in range(draw(st.integers(1, 3))):
        found = list(places(document))[1:]
        if not found:
            return document
        place = draw(st.sampled_from(found))
        within, key = holder(document, place), place[-1]
        match draw(st.sampled_from(["replace", "remove", "repeat", "rename", "swap"])):
            case "remove":
                del within[key]
            case "repeat" if isinstance(within, list):
                within.insert(key, copy.deepcopy(within[key]))
            case "rename" if isinstance(within, dict):
                within[draw(WORDS)] = within.pop(key)
            case "swap" if isinstance(within, list):
                other = draw(st.integers(0, len(within) - 1))
                within[key], within[other] = within[other], within[key]
            case _:
                within[key] = draw(VALUES)
    return document


def outcome_of(content):
    """The rehearsal that the bytes are, or what is said of them."""
    try:
        return read(content)
    except Invalid as invalid:
        return str(invalid)


@given(mutated(CASES))
@settings(max_examples=300, deadline=None)
def test_a_changed_file_is_a_rehearsal_or_told_where_it_is_none(document):
    found = outcome_of(encoded(document))
    if isinstance(found, str):
        assert found.startswith("$")
    else:
        assert len(found.steps) == len(document["steps"])


@given(st.binary(max_size=60))
@settings(max_examples=200, deadline=None)
def test_bytes_are_told_where_they_are_no_rehearsal(content):
    assert outcome_of(content).startswith("$")


def short(document, steps):
    """The rehearsal with so many of its steps, and without an outcome."""
    return {**{k: v for k, v in document.items() if k != "outcome"}, "steps": document["steps"][:steps]}


@given(mutated([short(CASES[4], 2), short(CASES[9], 8), short(CASES[8], 11), short(CASES[5], 10)]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_changed_rehearsal_is_played_without_a_fault_of_the_engine(db, document):
    found = outcome_of(encoded(document))
    if isinstance(found, Rehearsal):
        assert isinstance(play(found, loud=True), Played)
