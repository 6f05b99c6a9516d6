"""Chinese texts are punctuated as Chinese is: full-width marks beside Chinese characters."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from babel.messages.pofile import read_po

from tests.test_architecture import ROOT

CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
#: articles.toml is left out: it quotes the regulation, commas as printed
TEXTS = ("causes", "codes", "enforced")
#: a Chinese character, a full-width mark or a Chinese quotation mark
CHINESE = "[\u3000-\u303f\u3400-\u9fff\uff00-\uffef“”‘’]"
ASCII_MARK = re.compile(rf"{CHINESE}\s*[,;:?!()]|[,;:?!()]\s*{CHINESE}")
#: code and tags are not Chinese; what stands in a gap is
CODE = re.compile(r"`[^`]*`|<[^>]+>")
GAP = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def misplaced(text: str) -> str:
    """The first ASCII mark beside a Chinese character, with that character; empty without one."""
    found = ASCII_MARK.search(GAP.sub("某", CODE.sub("", text)))
    return found[0] if found else ""


def translations() -> Iterator[str]:
    with CATALOGUE.open("rb") as file:
        for message in read_po(file):
            if message.id:
                yield from (message.string,) if isinstance(message.string, str) else message.string


def chinese(value: Any) -> Iterator[str]:
    """The texts under a key `zh`, or one that ends in `_zh`."""
    if isinstance(value, list):
        for each in value:
            yield from chinese(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if isinstance(each, str) and (key == "zh" or key.endswith("_zh")):
                yield each
            yield from chinese(each)


def test_translations_have_chinese_punctuation() -> None:
    texts = list(translations())
    assert len(texts) > 2000
    assert {text: misplaced(text) for text in texts if misplaced(text)} == {}


@pytest.mark.parametrize("name", TEXTS)
def test_the_regulations_texts_have_chinese_punctuation(name: str) -> None:
    path = ROOT / "regulation" / "texts" / f"{name}.toml"
    texts = list(chinese(tomllib.loads(path.read_text(encoding="utf-8"))))
    assert len(texts) > 30
    assert {text: misplaced(text) for text in texts if misplaced(text)} == {}


def test_an_ascii_mark_beside_a_chinese_character_is_found() -> None:
    for wrong in ("理由:%(reason)s", "方案(附件)", "是否提交?", "%(one)s, %(two)s", "第一项; 第二项"):
        assert misplaced(wrong), wrong
    for right in (
        "金额 1,234.50 元",
        "时间 09:30 起",
        "字段 `items[0], items[1]` 有误",
        "编号（id）",
        "http://host/",
    ):
        assert not misplaced(right), right
