"""The numbers of pages are 1, 2, …: with every length of the text the layout comes to rest."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from documents import render
from documents.content import (
    KINDS,
    Block,
    Column,
    Heading,
    Note,
    SignatureLine,
    Signatures,
    Signed,
    Table,
    Text,
)
from tests.documents.samples import paper

PROSE = {
    "zh-hans": "天地玄黄宇宙洪荒盈昃辰宿列张寒来暑往秋收冬藏" * 40,
    "en": "Nobody objected to any of its terms. " * 90,
}
#: lengths of text between which the end comes to stand on a second page, two lines or so apart
AROUND = {"zh-hans": range(40, 420, 24), "en": range(400, 2600, 90)}
SHORT = {"zh-hans": "特此通知。", "en": "This is notice of it."}


def numbers(pdf: bytes) -> list[str]:
    """The number at the foot of each page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        texts = [sheet.get_textpage().get_text_bounded(top=28 * 72 / 25.4) for sheet in document]
    finally:
        document.close()
    return ["".join(re.findall(r"—\s*(\d+)\s*—", text)) for text in texts]


def endings(language: str, length: int) -> list[list[Block]]:
    """Papers that end in the ways that papers of ours do, with so many characters before the end."""
    text = Text(text=PROSE[language][:length].strip())
    table = Table(columns=[Column(name="甲"), Column(name="乙")], rows=[["1", "2"]] * 3)
    return [
        [text],
        [text, Text(text=SHORT[language])],
        [text, Heading(text=SHORT[language]), Text(text=PROSE[language][:150].strip())],
        [text, Heading(text="签署"), Signatures(rows=[SignatureLine(label="主持")]), Note(text="注")],
        [text, table, Text(text=SHORT[language])],
        [text, table],
    ]


#: with or without what else stands at the end
OTHERWISE: list[dict[str, Any]] = [
    {"attachments": [], "signature": None, "issued": None, "copies_to": ""},
    {"attachments": []},
    {"attachments": ["甲", "乙"], "signature": Signed(lines=["联席会议", "办公室"], date="2026年3月5日")},
]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_with_texts_that_end_around_the_break(kind: str, language: str) -> None:
    """`render` raises where typst warns, so that the numbers are those of a layout at rest."""
    ways = list(itertools.product(range(6), OTHERWISE))
    pages = set()
    apart = AROUND[language].step
    for place, start in enumerate(AROUND[language]):
        # each kind takes other lengths, and other ways of them: together they walk all
        length = start + apart * KINDS.index(kind) // len(KINDS)
        way, changes = ways[(place + 5 * KINDS.index(kind)) % len(ways)]
        content = paper(kind, language, blocks=endings(language, length)[way], to="", **changes)
        made = render.render(content)
        assert numbers(made.pdf) == [str(page + 1) for page in range(made.pages)], (length, way, changes)
        pages.add(made.pages)
    assert pages >= {1, 2}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_several_papers_in_one_file_have_numbers_throughout(language: str) -> None:
    for length in AROUND[language][::4]:
        papers = [
            paper("minutes", language, blocks=blocks, attachments=[]) for blocks in endings(language, length)
        ]
        made = render.render_set(papers, title="Papers")
        assert made.pages >= len(papers)
        assert numbers(made.pdf) == [str(page + 1) for page in range(made.pages)], length


def test_a_layout_that_does_not_come_to_rest_is_no_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A template that says on each attempt what it did not on the one before."""
    (tmp_path / "main.typ").write_text(
        '#set document(title: [title])\n#let turn = state("turn", 0)\n'
        "#context turn.update(turn.final() + 1)\n#context turn.final()\n"
    )
    monkeypatch.setattr(render, "templates", lambda: tmp_path)
    with pytest.raises(render.Unsettled, match="did not converge"):
        render.render(paper())
