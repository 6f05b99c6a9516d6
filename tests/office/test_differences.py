"""What two texts have alike and apart, and that nothing of either is lost."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from office.differences import Run, difference

TEXTS = st.text(alphabet=st.sampled_from("ab 会议\n,。\U00020bb7"), max_size=60)


def side(runs, kind):
    return "".join(run.text for run in runs if run.kind in ("same", kind))


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_from_the_difference(before, after):
    runs = difference(before, after)
    assert side(runs, "gone") == before
    assert side(runs, "new") == after
    assert all(one.kind != two.kind for one, two in pairwise(runs))


@pytest.mark.parametrize(
    ("before", "after", "runs"),
    [
        ("", "", []),
        ("Same.", "Same.", [Run("same", "Same.")]),
        ("One\r\nTwo", "One\nTwo", [Run("same", "One\nTwo")]),
        ("", "New", [Run("new", "New")]),
        (
            "会议同意方案。",
            "会议原则同意方案。",
            [Run("same", "会议"), Run("new", "原则"), Run("same", "同意方案。")],
        ),
        (
            "The plan carried.\nMore.",
            "The plan failed.\nMore.",
            [Run("same", "The plan "), Run("gone", "carried"), Run("new", "failed"), Run("same", ".\nMore.")],
        ),
    ],
)
def test_words_and_characters_are_compared(before, after, runs):
    assert difference(before, after) == runs


def test_the_longest_texts_are_compared_in_reasonable_time():
    """200,000 characters in one line, and as many lines."""
    before = time.monotonic()
    assert len(difference("甲" * 200_000, "乙" * 200_000)) == 2
    assert len(difference("\n" * 200_000, "\n" * 199_999)) == 2
    assert time.monotonic() - before < 5
