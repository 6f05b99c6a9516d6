"""docs/where.md names files and folders that are there, and counts twelve usual changes."""

from __future__ import annotations

import re

from config.packages import PACKAGES
from docs.screenshots import ROOT

PAGE = (ROOT / "docs" / "where.md").read_text(encoding="utf-8")
#: a file, or a folder with a slash at its end; `<place>` stands for any
PATH = re.compile(r"[\w<>.*/-]+(?:/|\.(?:py|toml|csv|md|html))")
CHANGES = (
    "rule", "refusal", "verb", "role", "page", "list", "paper", "message", "setting", "figure", "job", "test",
)  # fmt: skip


def paths() -> set[str]:
    return {each for each in re.findall(r"`([^`\n]+)`", PAGE) if PATH.fullmatch(each)}


def is_there(path: str) -> bool:
    """From the root; a bare name such as `listing.py` somewhere in a package."""
    found = re.sub(r"<\w+>", "*", path)
    if "/" in found:
        return any(ROOT.glob(found.rstrip("/")))
    return (ROOT / found).exists() or any(next((ROOT / each).rglob(found), None) for each in PACKAGES)


def test_each_file_and_folder_that_it_names_is_there() -> None:
    assert len(paths()) > 50
    gone = sorted(path for path in paths() if not is_there(path))
    assert gone == [], f"docs/where.md names {gone}"


def test_each_of_the_twelve_changes_is_counted_and_told() -> None:
    counted = re.findall(r"^\| an? (\w+) \| \d+ \| \d+ \| \d+ \|$", PAGE, re.MULTILINE)
    told = re.findall(r"^\*\*An? (\w+)\.\*\* ", PAGE, re.MULTILINE)
    assert tuple(counted) == tuple(told) == CHANGES
