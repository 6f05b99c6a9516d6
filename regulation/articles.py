"""The regulation's 25 articles: the Chinese as printed, an English translation, and the editor's notes.

The Chinese is verbatim, slips of print, ASCII punctuation and all; only line ends and spaces of the page
layout are gone. Each slip has a note on how it is read. The translation renders the reading, not the slip.
They are in `texts/articles.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from regulation import texts

_TEXTS = texts.read("articles")
TITLE_ZH: str = _TEXTS["title_zh"]
TITLE_EN: str = _TEXTS["title_en"]

_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Chapter:
    """One of the six chapters."""

    number: int
    title_zh: str
    title_en: str

    @property
    def heading_zh(self) -> str:
        """The heading as printed, 第五章　工作程序和规则."""
        return f"第{numeral(self.number)}章　{self.title_zh}"

    @property
    def heading_en(self) -> str:
        """The heading in English."""
        return f"Chapter {self.number}: {self.title_en}"


@dataclass(frozen=True, slots=True)
class Note:
    """An editor's note on words printed; ``item`` is the item they stand in, None for the article's lead."""

    item: int | None
    printed: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Article:
    """One article: its lead sentence, its items (一), (二), … if it has any, and the editor's notes."""

    number: int
    chapter: Chapter
    lead_zh: str
    lead_en: str
    items_zh: tuple[str, ...] = ()
    items_en: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def text_zh(self) -> str:
        """The whole article as printed, without its number; each item on a line of its own."""
        return "\n".join(
            (self.lead_zh, *(f"({numeral(n)}){item}" for n, item in enumerate(self.items_zh, 1)))
        )

    @property
    def text_en(self) -> str:
        """The whole article in English, without its number; each item on a line of its own."""
        return "\n".join((self.lead_en, *(f"({n}) {item}" for n, item in enumerate(self.items_en, 1))))


CHAPTERS: tuple[Chapter, ...] = tuple(Chapter(**entry) for entry in _TEXTS["chapters"])


def _article(entry: Mapping[str, Any]) -> Article:
    return Article(
        entry["number"],
        CHAPTERS[entry["chapter"] - 1],
        entry["lead_zh"],
        entry["lead_en"],
        tuple(entry.get("items_zh", ())),
        tuple(entry.get("items_en", ())),
        tuple(
            Note(note.get("item"), note["printed"], note["zh"], note["en"]) for note in entry.get("notes", ())
        ),
    )


ARTICLES: Mapping[int, Article] = MappingProxyType(
    {entry["number"]: _article(entry) for entry in _TEXTS["articles"]}
)


def numeral(number: int) -> str:
    """The number in Chinese numerals, from 一 to 九十九: 二十五 for 25."""
    tens, units = divmod(number, 10)
    head = "" if tens == 0 else ("" if tens == 1 else _DIGITS[tens]) + "十"
    return head + (_DIGITS[units] if units else "")


def _located(reference: str) -> tuple[Article, int | None]:
    """The article and the item that "20" or "20.4" names; KeyError when there is none such."""
    number, _, item = reference.partition(".")
    try:
        article = ARTICLES[int(number)]
        if not item:
            return article, None
        if 1 <= int(item) <= len(article.items_zh):
            return article, int(item)
    except ValueError:
        pass
    raise KeyError(reference)


def citation(reference: str, lang: str = "en") -> str:
    """How "20.4" is cited: "Art. 20(4)", or 第二十条第四项 for a language tag that begins with "zh"."""
    article, item = _located(reference)
    if lang.lower().startswith("zh"):
        return f"第{numeral(article.number)}条" + (f"第{numeral(item)}项" if item else "")
    return f"Art. {article.number}" + (f"({item})" if item else "")


def quotation(reference: str, lang: str = "en") -> str:
    """The words of the article, or its lead and the one item named, then the editor's notes, a line each."""
    article, item = _located(reference)
    chinese = lang.lower().startswith("zh")
    if item is None:
        text = article.text_zh if chinese else article.text_en
    elif chinese:
        text = f"{article.lead_zh}\n({numeral(item)}){article.items_zh[item - 1]}"
    else:
        text = f"{article.lead_en}\n({item}) {article.items_en[item - 1]}"
    notes = (
        f"［编者注：{note.zh}］" if chinese else f"[Editor's note: {note.en}]"
        for note in article.notes
        if item is None or note.item in (None, item)
    )
    return "\n".join((text, *notes))
