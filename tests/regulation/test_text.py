"""What counts as a reason, what nobody sees, and when two identifiers are one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.text import folded_identifier, has_content, is_invisible, without_invisible


@pytest.mark.parametrize(
    "text", ["x", "7", "理由", " 反对 ", "§ 3", "Нет", "لا", "ไม่", "〇", "…so", "①", "が", "가"]
)
def test_a_letter_an_ideograph_or_a_digit_says_something(text: str) -> None:
    assert has_content(text)


@pytest.mark.parametrize(
    "text",
    [
        None, "", " ", "\t\r\n", "\u3000", "\u00a0", "\u200b\u200d\ufeff", ".", "。", "……", "——", "？！",
        "- - -", "$", "+", "👍", "\x00\x07", "\u0301", "\u3164", "\uffa0 \u115f\u1160",
        "々", "\u2800", "（）", "ˈ",
    ],
)  # fmt: skip
def test_blank_punctuation_symbols_and_invisible_characters_say_nothing(text: str | None) -> None:
    assert not has_content(text)


@given(st.text(st.characters(categories=["P", "S", "Z", "C", "M", "Lm"])))
def test_no_run_of_other_characters_says_anything(text: str) -> None:
    assert not has_content(text)


@given(st.text(), st.characters(categories=["Lu", "Ll", "N"]), st.text())
def test_one_letter_or_digit_anywhere_is_enough(before: str, letter: str, after: str) -> None:
    assert has_content(before + letter + after)


@given(st.text())
def test_it_is_the_same_for_any_canonical_form(text: str) -> None:
    assert has_content(unicodedata.normalize("NFD", text)) == has_content(unicodedata.normalize("NFC", text))


# -- Identifiers ----------------------------------------------------------------------------------------

_DASH_OF_ANY_KIND = [char for char in map(chr, range(0x11000)) if unicodedata.category(char) == "Pd"]
_NOBODY_SEES = [
    *(char for char in map(chr, range(0x110000)) if unicodedata.category(char) == "Cf"),
    *"\u034f\u115f\u1160\u17b4\u180b\u2065\u2800\u3164\ufe00\ufe0f\uffa0\ufff0\U000e0100\U000e01ef",
]
_BLANK_OF_ANY_KIND = [char for char in map(chr, range(0x11000)) if char.isspace()]


@pytest.mark.article("13")
@pytest.mark.parametrize(
    "spelling",
    [
        "HT-2025-001",
        "ht-2025-001",
        "ＨＴ－２０２５－００１",
        " HT - 2025 - 001\n",
        "H\tT-2025-001",
        "HT‐2025‑001",
    ],
)
def test_spellings_that_look_alike_are_one_identifier(spelling: str) -> None:
    assert folded_identifier(spelling) == "HT-2025-001"


@pytest.mark.article("13")
@pytest.mark.parametrize("dash", [*_DASH_OF_ANY_KIND, *"\u2212\u2043\u02d7\u2500\u2501\u2796\u207b\u208b"])
def test_all_dashes_are_alike(dash: str) -> None:
    assert folded_identifier(f"A{dash}1") == "A-1"


@pytest.mark.article("13")
def test_neither_blanks_nor_what_nobody_sees_tell_identifiers_apart() -> None:
    for char in [*_NOBODY_SEES, *_BLANK_OF_ANY_KIND, *map(chr, [*range(32), *range(0x7F, 0xA0)])]:
        assert folded_identifier(f"{char}A{char}1{char}") == "A1", f"U+{ord(char):04X}"
    assert all(map(is_invisible, _NOBODY_SEES))


@pytest.mark.article("13")
@pytest.mark.parametrize(
    "other", ["A1", "A--1", "A_1", "A/1", "A.1", "Aー1", "A一1", "A\ue0001", "Ä-1", "А-1"]
)
def test_what_differs_to_the_eye_or_in_meaning_stays_another_identifier(other: str) -> None:
    assert folded_identifier(other) != "A-1"


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    once = folded_identifier(text)
    assert folded_identifier(once) == once
    assert folded_identifier(text.upper()) == folded_identifier(text.lower()) or not text.isascii()


def test_what_nobody_sees_is_taken_out_and_blanks_stay() -> None:
    assert without_invisible("\ufeff张\u200b 三\u3000A\u00ad\u2800") == "张 三\u3000A"
    assert without_invisible("plain\ttext") == "plain\ttext"
