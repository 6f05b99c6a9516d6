"""The end of a paper: no signature alone on a page (此页无正文), the imprint at the foot (GB/T 9704)."""

from __future__ import annotations

import re

import pytest

from documents.content import KINDS, Column, Heading, SignatureLine, Signatures, Signed, Table, Text
from documents.render import render
from tests.documents.samples import paper
from tests.documents.sheets import signs
from tests.documents.test_layout import lines

#: signs that stand in the text alone
BODY = "天地玄黄宇宙洪荒盈昃辰宿列张寒来暑往秋收冬藏"
WORDS = "The plan was considered at length and nobody objected to any of its terms. "
#: the base of the imprint's last line, in millimetres from the upper edge
FOOT = {"zh-hans": 256.4, "en": 258.0}


def last_page(kind: str, language: str, typed: str, **changes: object) -> tuple[int, int, float]:
    """Of the last page: its number, the lines of the text on it, and the base of its last line above 262."""
    given: dict[str, object] = {
        "blocks": [Text(text=typed)],
        "to": "",
        "attachments": [],
        "signature": Signed(lines=["联席会议办公室"], date="2026年3月5日"),
    }
    found = signs(render(paper(kind, language, **(given | changes))).pdf)
    page = max(each.page for each in found)
    rows = ["".join(each.char for each in row) for row in lines(found, page)]
    mark = rf"[{BODY}]" if language == "zh-hans" else r"[a-z]{3}"
    foot = max(each.y for each in found if each.page == page and each.y < 262)
    return page, sum(1 for row in rows if re.search(mark, row)), foot


@pytest.mark.parametrize("kind", KINDS)
def test_signature_and_imprint_never_stand_without_two_lines_of_the_text(kind: str) -> None:
    """In every kind, with texts that end within some lines of the foot of a page."""
    pages = set()
    for count in range(60 + 17 * KINDS.index(kind) % 40, 700, 70):
        page, text, foot = last_page(kind, "zh-hans", (BODY * 40)[:count])
        pages.add(page)
        assert text >= 2, (kind, count)
        assert foot == pytest.approx(FOOT["zh-hans"], abs=0.3), (kind, count)
    assert pages >= {1, 2}


@pytest.mark.parametrize("kind", ["resolution", "tally"])
def test_in_english_too(kind: str) -> None:
    pages = set()
    for count in range(6, 30, 2):
        page, text, foot = last_page(kind, "en", WORDS * count)
        pages.add(page)
        assert text >= 2, (kind, count)
        assert foot == pytest.approx(FOOT["en"], abs=0.3), (kind, count)
    assert pages >= {1, 2}


def test_every_length_around_the_break() -> None:
    """With each line more, also with enclosures; a new page begins with the last lines of the text."""
    before = 1
    for count in range(40, 420, 28):
        page, text, foot = last_page("notice", "zh-hans", (BODY * 40)[:count], attachments=["甲", "乙"])
        assert text >= 2, count
        assert foot == pytest.approx(FOOT["zh-hans"], abs=0.3), count
        if page > before:
            assert text <= 3, count
        before = page
    assert before == 2


def test_less_space_before_them_saves_a_page() -> None:
    """Where the imprint would not fit by a line or so, the parts of the end stand nearer to one another."""
    gaps = set()
    for count in range(60, 420, 14):
        found = signs(render(paper(
            blocks=[Text(text=(BODY * 40)[:count])], to="", attachments=[],
            signature=Signed(lines=["联席会议办公室"], date="2026年3月5日"),
        )).pdf)  # fmt: skip
        if max(each.page for each in found) > 1:
            break
        body = max(each.y for each in found if each.char in BODY)
        signature = next(row[0].y for row in lines(found, 1) if row[0].y > body + 1)
        gaps.add(round((signature - body) / (225 / 22)))
    assert gaps == {2, 1}


def test_of_a_last_paragraph_that_is_long_the_lines_are_full() -> None:
    """Where its last lines go to the next page, the line before them ends at the edge of the text."""
    found = signs(render(paper(
        blocks=[Text(text=(BODY * 40)[:300])], to="", attachments=[],
        signature=Signed(lines=["联席会议办公室"], date="2026年3月5日"),
    )).pdf)  # fmt: skip
    rows = [row for row in lines(found, 1) if row[0].char in BODY]
    assert max(each.page for each in found) == 2
    assert {len(row) for row in rows[1:]} <= {27, 28}
    assert rows[-1][-1].x + 156 / 28 == pytest.approx(184, abs=0.3)


def test_a_heading_goes_with_the_text_below_it() -> None:
    pages = set()
    for count in range(30, 340, 14):
        blocks = [Text(text="一二三四五六七八九十" * (count // 10)), Heading(text="附录"), Text(text=BODY)]
        found = signs(render(paper(blocks=blocks, to="", attachments=[])).pdf)
        heading = next(each.page for each in found if each.char == "附")
        text = next(each.page for each in found if each.char == "黄")
        assert heading == text, count
        pages.add(text)
    assert pages == {1, 2}


def test_a_heading_goes_with_the_signatures_below_it() -> None:
    pages = set()
    for count in range(30, 440, 14):
        blocks = [
            Text(text="一二三四五六七八九十" * (count // 10)),
            Heading(text="附录"),
            Signatures(rows=[SignatureLine(label="主持")]),
        ]
        found = signs(render(paper(blocks=blocks, to="", attachments=[])).pdf)
        heading = next(each.page for each in found if each.char == "附")
        below = next(each.page for each in found if each.char == "持")
        assert heading == below, count
        pages.add(below)
    assert pages == {1, 2}


def test_a_table_at_the_end_has_a_sentence_after_it() -> None:
    """What ends with a table would leave the signature alone: papers of ours say something after it."""
    columns = [Column(name="甲"), Column(name="乙")]
    for rows in range(8, 22):
        table = Table(columns=columns, rows=[[str(each), "数"] for each in range(rows)])
        _page, text, _foot = last_page("docket", "zh-hans", "", blocks=[table, Text(text="天地玄黄。")])
        assert text == 1, rows


def test_more_enclosures_than_a_page_holds_are_shown_whole() -> None:
    names = [f"{BODY}{number}" for number in range(60)]
    found = signs(render(paper(attachments=names, blocks=[Text(text=BODY)])).pdf)
    said = "".join(each.char for each in found)
    for name in names:
        assert name in said
    assert all(each.y < 277 for each in found)
