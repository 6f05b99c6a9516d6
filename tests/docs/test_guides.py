"""The guides of docs/guides/ name what exists: pictures the command takes, addresses, words of the pages."""

from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po
from django.urls import resolve
from PIL import Image

from docs.screenshots import IMAGES, ROOT, SCREENS, SHOTS

GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
TEXTS = {guide.name: guide.read_text(encoding="utf-8") for guide in GUIDES}
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
#: what the addresses of the pictures are filled with, and where a guide's link may lead
ANY = dict.fromkeys(re.findall(r"{(\w+)}", " ".join(shot.address for shot in SHOTS)), 1)


def named(pattern: str) -> set[str]:
    return {found for text in TEXTS.values() for found in re.findall(pattern, text)}


def words_of_the_pages() -> set[str]:
    with CATALOGUE.open("rb") as file:
        entries = [entry for entry in read_po(file) if entry.id]
    return {
        words
        for entry in entries
        for each in (entry.id, entry.string)
        for words in ((each,) if isinstance(each, str) else each)
    }


def test_every_picture_of_a_guide_is_one_that_the_command_takes_and_none_is_left_over() -> None:
    taken = {shot.name for shot in SHOTS}
    assert named(r"!\[[^\]]+\]\(images/([^)]*)\.png\)") == taken
    assert {file.stem for file in IMAGES.iterdir()} == taken


def test_every_picture_is_small_and_as_wide_as_its_window() -> None:
    for shot in SHOTS:
        assert shot.file.stat().st_size < 100_000, shot.name
        with Image.open(shot.file) as picture:
            assert picture.width == SCREENS[shot.size][0], shot.name
            assert picture.height <= shot.height, shot.name
    assert sum(shot.file.stat().st_size for shot in SHOTS) < 3_000_000


def test_every_address_is_of_a_page() -> None:
    addresses = {shot.address.format(**ANY) for shot in SHOTS} | named(r"`(/[a-z/]+/)`")
    for address in addresses:
        resolve(address)


@pytest.mark.parametrize("guide", TEXTS)
def test_every_button_and_place_is_named_as_the_pages_name_it(guide: str) -> None:
    bold = {" ".join(each.split()) for each in re.findall(r"\*\*([^*]+)\*\*", TEXTS[guide])}
    assert bold
    assert bold <= words_of_the_pages()


@pytest.mark.parametrize("guide", TEXTS)
def test_every_link_of_a_guide_leads_somewhere(guide: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", TEXTS[guide])
    assert links
    for link in links:
        assert (ROOT / "docs" / "guides" / link).resolve().is_file(), link


def test_every_guide_is_in_the_index_and_the_index_is_found() -> None:
    linked = set(re.findall(r"\]\((\w[\w-]*\.md)\)", TEXTS["README.md"]))
    assert linked == TEXTS.keys() - {"README.md"}
    for place in ("README.md", "docs/overview.md"):
        assert "guides/README.md" in (ROOT / place).read_text(encoding="utf-8"), place


def test_a_guide_speaks_both_languages_the_chinese_first() -> None:
    for name, text in TEXTS.items():
        if name != "README.md":
            chinese, english = re.findall(r"^# (.+)$", text, re.MULTILINE)
            assert not chinese.isascii(), name
            assert english.isascii(), name
