"""What counts as a reason: more than blank or punctuation, in any script."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.text import says_something


@pytest.mark.parametrize(
    "text", ["x", "7", "理由", " 反对 ", "§ 3", "Нет", "لا", "ไม่", "〇", "…so", "①", "が", "가"]
)
def test_a_letter_an_ideograph_or_a_digit_says_something(text: str) -> None:
    assert says_something(text)


@pytest.mark.parametrize(
    "text",
    [
        None, "", " ", "\t\r\n", "\u3000", "\u00a0", "\u200b\u200d\ufeff", ".", "。", "……", "——", "？！",
        "- - -", "$", "+", "👍", "\x00\x07", "\u0301", "\u3164", "\uffa0 \u115f\u1160",
        "々", "\u2800", "（）", "ˈ",
    ],
)  # fmt: skip
def test_blank_punctuation_symbols_and_invisible_characters_say_nothing(text: str | None) -> None:
    assert not says_something(text)


@given(st.text(st.characters(categories=["P", "S", "Z", "C", "M", "Lm"])))
def test_no_run_of_other_characters_says_anything(text: str) -> None:
    assert not says_something(text)


@given(st.text(), st.characters(categories=["Lu", "Ll", "N"]), st.text())
def test_one_letter_or_digit_anywhere_is_enough(before: str, letter: str, after: str) -> None:
    assert says_something(before + letter + after)


@given(st.text())
def test_it_is_the_same_for_any_canonical_form(text: str) -> None:
    assert says_something(unicodedata.normalize("NFD", text)) == says_something(
        unicodedata.normalize("NFC", text)
    )
