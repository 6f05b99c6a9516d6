"""The layout of official papers, measured in the file (GB/T 9704-2012)."""

from __future__ import annotations

from collections import Counter
from itertools import groupby, pairwise

import pytest

from documents.content import Content, Heading, Signed, Text
from documents.render import render
from tests.documents.samples import paper
from tests.documents.sheets import Sign, signs

#: millimetres by which a measure may be off
NEAR = 0.15
PROSE = "联席会议审议不良贷款清收化解方案并作出决议" * 100


def lines(found: list[Sign], page: int) -> list[list[Sign]]:
    """The characters of the page by line, from above, without the page's number."""
    here = sorted(
        (each for each in found if each.page == page and each.y < 262), key=lambda each: (each.y, each.x)
    )
    return [list(row) for _y, row in groupby(here, key=lambda each: round(each.y, 1))]


def prose(**changes: object) -> Content:
    given = {
        "blocks": [Text(text=PROSE)],
        "attachments": [],
        "to": "",
        "copies_to": "",
        "issued": None,
        "signature": None,
    }
    return paper(**(given | changes))


@pytest.fixture(scope="module")
def full() -> list[Sign]:
    return signs(render(prose()).pdf)


def test_a_page_has_22_lines_of_28_characters(full: list[Sign]) -> None:
    rows = lines(full, 2)
    assert len(rows) == 22
    assert {len(row) for row in rows} == {28}


def test_lines_are_10_227_millimetres_apart_and_the_text_156_wide(full: list[Sign]) -> None:
    rows = lines(full, 2)
    for above, below in pairwise(rows):
        assert below[0].y - above[0].y == pytest.approx(225 / 22, abs=NEAR)
    for row in rows:
        assert row[0].x == pytest.approx(28, abs=NEAR)
        assert row[-1].x + 156 / 28 == pytest.approx(28 + 156, abs=NEAR)


def test_the_text_stands_between_37_and_262_millimetres(full: list[Sign]) -> None:
    """The first line's box begins 37 mm below the edge: its base lies 0.8 of 16 pt lower."""
    rows = lines(full, 2)
    assert rows[0][0].y == pytest.approx(37 + 0.8 * 16 * 25.4 / 72, abs=NEAR)
    assert rows[-1][0].y + 0.2 * 16 * 25.4 / 72 <= 262 + NEAR


def test_body_title_and_page_number_have_their_sizes(full: list[Sign]) -> None:
    assert {round(each.size, 1) for row in lines(full, 2) for each in row} == {16.0}
    assert Counter(round(each.size, 1) for each in full if each.page == 1)[22.0] == len("关于召开会议的通知")
    assert {round(each.size, 1) for each in full if each.y > 262} == {14.0}


def test_the_page_number_stands_7_millimetres_below_the_text_at_the_outer_edge(full: list[Sign]) -> None:
    for page, outer in ((1, "right"), (2, "left")):
        foot = sorted((each for each in full if each.page == page and each.y > 262), key=lambda each: each.x)
        assert "".join(each.char for each in foot) == f"—{page}—"
        assert foot[0].top == pytest.approx(262 + 7, abs=0.4)
        if outer == "right":  # a character stays free
            assert foot[-1].right == pytest.approx(184 - 156 / 28, abs=0.8)
        else:
            assert foot[0].x == pytest.approx(28 + 156 / 28, abs=0.8)


def test_a_paragraph_begins_two_characters_in(full: list[Sign]) -> None:
    first = next(each for each in full if each.size == 16 and each.y > 120)
    assert first.x == pytest.approx(28 + 2 * 156 / 28, abs=NEAR)


def test_headings_of_the_first_level_are_sans_and_stand_two_characters_in() -> None:
    content = prose(
        blocks=[Heading(text="一、会议议定事项"), Text(text="文"), Heading(text="（一）要求", level=2)]
    )
    found = [each for each in signs(render(content).pdf) if each.size == 16]
    for char in "一（":
        first = next(each for each in found if each.char == char)
        assert first.x == pytest.approx(28 + 2 * 156 / 28, abs=0.4)


def test_the_date_leaves_four_characters_free_and_the_organ_is_centred_over_it() -> None:
    content = prose(
        blocks=[Text(text="特此通知。")], signature=Signed(lines=["联席会议办公室"], date="2026年3月15日")
    )
    found = signs(render(content).pdf)
    last, above = lines(found, 1)[-1], lines(found, 1)[-2]
    assert "".join(each.char for each in last) == "2026年3月15日"
    assert last[-1].x + 156 / 28 == pytest.approx(184 - 4 * 156 / 28, abs=0.3)
    middle = (last[0].x + last[-1].x + 156 / 28) / 2
    assert (above[0].x + above[-1].x + 156 / 28) / 2 == pytest.approx(middle, abs=0.3)


def test_the_name_of_the_organ_begins_35_millimetres_below_the_text_and_fits_its_width() -> None:
    for organ in ("分行联席会议", "呼和浩特金谷农村商业银行股份有限公司不良贷款清收化解联席会议"):
        found = signs(render(prose(organ=organ)).pdf)[: len(organ)]
        assert "".join(each.char for each in found) == organ
        assert found[0].top == pytest.approx(37 + 35, abs=0.6)
        assert found[0].x >= 28 - NEAR
        assert found[-1].right <= 184 + NEAR


def test_titles_of_several_lines_have_them_about_as_long_as_one_another() -> None:
    title = "关于召开呼和浩特分行不良贷款清收化解联席会议二〇二六年第三次会议的通知"
    rows = [row for row in lines(signs(render(prose(title=title)).pdf), 1) if row[0].size == 22]
    assert sum(map(len, rows)) == len(title)
    assert max(map(len, rows)) - min(map(len, rows)) <= 2
