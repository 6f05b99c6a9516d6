"""The 25 articles: verbatim, complete, cited and quoted rightly."""

from __future__ import annotations

import hashlib
import re

import pytest

from regulation.articles import ARTICLES, CHAPTERS, Note, citation, numeral, quotation

#: SHA-256 over the source text from 第一条 to the end of 第二十五条, without white space.
VERBATIM = "e04363d620650679ef9a15a94b772e4e06b9883e2a45e8d423e32b750add5fe3"
NOTES = [(number, note) for number, article in ARTICLES.items() for note in article.notes]


def test_there_are_25_articles_in_order_in_six_chapters() -> None:
    assert list(ARTICLES) == list(range(1, 26))
    assert all(number == article.number for number, article in ARTICLES.items())
    firsts = [min(n for n, a in ARTICLES.items() if a.chapter is chapter) for chapter in CHAPTERS]
    assert firsts == [1, 3, 6, 8, 13, 24]
    assert [chapter.number for chapter in CHAPTERS] == [1, 2, 3, 4, 5, 6]


def test_the_chinese_is_the_text_as_printed() -> None:
    printed = []
    for number, article in ARTICLES.items():
        if number > 1 and article.chapter is not ARTICLES[number - 1].chapter:
            printed.append(f"第{numeral(article.chapter.number)}章{article.chapter.title_zh}")
        printed.append(f"第{numeral(number)}条{article.text_zh}")
    bare = re.sub(r"\s", "", "".join(printed))
    assert hashlib.sha256(bare.encode()).hexdigest() == VERBATIM


def test_every_item_is_translated() -> None:
    counts = {number: len(article.items_zh) for number, article in ARTICLES.items() if article.items_zh}
    assert counts == {7: 6, 9: 4, 10: 5, 12: 7, 20: 4}
    for article in ARTICLES.values():
        assert len(article.items_en) == len(article.items_zh)
        for text in (article.lead_en, *article.items_en):
            assert not re.search(r"[\u4e00-\u9fff]", text)
            assert re.search(r"[.;:]$", text)


@pytest.mark.parametrize(
    ("number", "note"), NOTES, ids=[f"{number}-{note.printed}" for number, note in NOTES]
)
def test_each_note_is_on_words_that_are_printed_there(number: int, note: Note) -> None:
    article = ARTICLES[number]
    words = article.lead_zh if note.item is None else article.items_zh[note.item - 1]
    assert note.printed in words
    assert note.printed in note.en


def test_the_known_slips_of_print_have_a_note() -> None:
    noted = {(number, note.printed) for number, note in NOTES}
    assert noted >= {
        (1, "显示情况"),
        (8, "利息最大化"),
        (8, "有限进行"),
        (11, "委员员"),
        (18, "计提审议"),
        (20, "应向说明"),
    }


def test_an_article_is_cited_with_its_item() -> None:
    assert citation("20.4") == "Art. 20(4)"
    assert citation("20.4", "zh-hans") == "第二十条第四项"
    assert citation("9", "zh-hans") == "第九条"
    assert citation("25") == "Art. 25"


def test_numerals_are_written_as_in_the_text() -> None:
    assert [numeral(n) for n in (1, 9, 10, 11, 19, 20, 25, 99)] == [
        "一", "九", "十", "十一", "十九", "二十", "二十五", "九十九",
    ]  # fmt: skip


def test_an_item_is_quoted_with_its_lead_and_only_its_own_notes() -> None:
    assert quotation("20.4", "zh-hans") == (
        "联席会议应遵循以下表决规则:\n"
        "(四)投否决票的委员应向说明反对理由。\n"
        "［编者注：“应向说明”中“向”字后缺宾语，原文未载明说明的对象；此处记入会议纪要。］"
    )
    assert quotation("20.2").endswith("(2) " + ARTICLES[20].items_en[1])
    assert "Editor's note" not in quotation("20.2")
    assert quotation("20").count("Editor's note") == 2


@pytest.mark.parametrize("reference", ["0", "26", "20.5", "20.0", "3.1", "access", "", "20.x", "²"])
def test_an_article_that_does_not_exist_is_not_quoted(reference: str) -> None:
    with pytest.raises(KeyError):
        quotation(reference)
