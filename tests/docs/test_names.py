"""What the documents name is there: paths, names beside their module, commands, targets, links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
#: the generated ones name what the code has
PAGES = sorted(
    page
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))
    if page.name not in ("actions.md", "regulation.md")
)
_FOLDERS = {each.name for each in ROOT.iterdir() if each.is_dir()} - {"var"}
_PATH = re.compile(r"`([a-z_]+/[\w./-]*)`")
_NAMED = re.compile(r"`([\w/]+/\w+\.py)` `([\w.]+)`")
_LINK = re.compile(r"\]\(([^)#:]+)(?:#([^)]+))?\)")
_TARGET = re.compile(r"(?:`| {4})make ([a-z-]+)")
_COMMAND = re.compile(r"manage\.py ([a-z_]+)")


@pytest.fixture(params=PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def page(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def test_each_path_is_there(page: Path) -> None:
    told = {path for path in _PATH.findall(page.read_text()) if path.partition("/")[0] in _FOLDERS}
    assert {path for path in told if not (ROOT / path).exists()} == set()


def test_a_name_beside_its_module_is_in_it(page: Path) -> None:
    told = _NAMED.findall(page.read_text())
    gone = {
        (path, name)
        for path, name in told
        if not re.search(rf"\b{name.rpartition('.')[2]}\b", (ROOT / path).read_text())
    }
    assert gone == set()


def test_each_link_leads_somewhere(page: Path) -> None:
    for path, heading in _LINK.findall(page.read_text()):
        there = page.parent / path
        assert there.exists(), path
        if heading:
            headings = re.findall(r"^#+ (.*)$", there.read_text(), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}


def test_each_target_and_command_is_there(page: Path) -> None:
    text = page.read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(_TARGET.findall(text)) <= targets
    assert set(_COMMAND.findall(text)) <= get_commands().keys()
