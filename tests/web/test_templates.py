"""Every template is asked for somewhere, and every one asked for is there."""

import re

from config.packages import PACKAGES
from tests.test_architecture import ROOT

#: asked for by Django itself
BY_DJANGO = {"admin/base_site.html", "admin/change_form.html", "registration/login.html"}
NAMED = re.compile(r'"((?:[\w-]+/)+[\w{}-]+\.(?:html|txt))"')


def asked_for() -> set[str]:
    """The names that stand in sources and templates; a part in braces stands for any word."""
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    files += [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
    return {name for path in files for name in NAMED.findall(path.read_text(encoding="utf-8"))}


def test_templates_are_those_that_are_asked_for() -> None:
    there = {str(path.relative_to(ROOT / "templates")) for path in (ROOT / "templates").rglob("*.*")}
    inside = {name for name in there if "/" in name}
    fitting = {name: re.compile(re.sub(r"\{\w+\}", r"\\w+", name)) for name in asked_for()}
    found = {name: {each for each in inside if pattern.fullmatch(each)} for name, pattern in fitting.items()}
    assert {name for name, those in found.items() if not those} <= {
        "admin/base.html", "admin/color_theme_toggle.html",
    }  # fmt: skip
    assert inside - set().union(*found.values()) <= BY_DJANGO
