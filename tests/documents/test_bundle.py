"""Papers together, and as Word copies (documents/bundle.py, documents/word.py)."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import UTC, datetime

import pytest
from docx import Document

from documents.bundle import Filed, numbered, reading_copy, safe_name, zipped
from documents.word import word
from tests.documents.samples import paper
from tests.documents.sheets import faults, text_of

AT = datetime(2026, 3, 5, tzinfo=UTC)


def test_a_reading_copy_is_marked_on_every_page_and_says_what_the_papers_say() -> None:
    made = reading_copy([paper(), paper("minutes", title="会议纪要")], title="会议文书", mark="阅读本")
    said = text_of(made.pdf)
    assert said.count("阅读本") == made.pages
    assert "关于召开会议的通知" in said
    assert "会议纪要" in said
    assert faults(made.pdf) == []


def test_a_zip_has_the_files_and_their_checksums_and_is_the_same_each_time() -> None:
    files = numbered([Filed("通知.pdf", b"a"), Filed("纪要.pdf", b"b")])
    made = zipped(files, at=AT)
    assert made == zipped(files, at=AT)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.namelist() == ["01 通知.pdf", "02 纪要.pdf", "SHA256SUMS"]
        sums = archive.read("SHA256SUMS").decode()
        assert archive.read("01 通知.pdf") == b"a"
    assert f"{hashlib.sha256(b'b').hexdigest()}  02 纪要.pdf\n" in sums


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("../../etc/passwd", "etc passwd"),
        ("a\x00b\nc", "a b c"),
        (" . ", "-"),
        ("呼联通〔2026〕3号", "呼联通〔2026〕3号"),
    ],
)
def test_a_name_stays_in_its_folder(text: str, name: str) -> None:
    assert safe_name(text) == name
    assert len(safe_name("长" * 500)) <= 60


@pytest.mark.parametrize(("language", "mark"), [("zh-hans", "非正式文本"), ("en", "Unofficial text")])
def test_a_word_copy_has_the_text_and_says_that_it_is_unofficial(language: str, mark: str) -> None:
    content = paper(language=language)
    document = Document(io.BytesIO(word(content)))
    said = "\n".join(each.text for each in document.paragraphs)
    assert document.paragraphs[0].text == mark
    assert document.sections[0].header.paragraphs[0].text == mark
    for expected in (content.title, content.to, content.number, content.signature.date, content.copies_to):
        assert expected in said
    assert document.tables[0].rows[0].cells[1].text == "甲"
    dates = {each.date_time for each in zipfile.ZipFile(io.BytesIO(word(content))).infolist()}
    assert dates == {content.moment.timetuple()[:6]}
    assert word(content) == word(content)
