"""Every template is asked for somewhere, and every one asked for is there."""

import re

from django.template.loader import get_template

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
    there = {name for name in there if not name.endswith(".typ")}  # documents.render names them
    inside = {name for name in there if "/" in name}
    fitting = {name: re.compile(re.sub(r"\{\w+\}", r"\\w+", name)) for name in asked_for()}
    found = {name: {each for each in inside if pattern.fullmatch(each)} for name, pattern in fitting.items()}
    assert {name for name, those in found.items() if not those} <= {
        "admin/base.html", "admin/color_theme_toggle.html",
    }  # fmt: skip
    assert inside - set().union(*found.values()) <= BY_DJANGO


def test_pages_are_sent_without_the_indentation_of_their_templates() -> None:
    source = get_template("base.html").template.source
    assert "\n  " in (ROOT / "templates/base.html").read_text(encoding="utf-8")
    assert not re.search(r"\n[ \t]", source)


def test_no_text_of_several_lines_depends_on_its_indentation() -> None:
    """A text to be translated is trimmed where it has several lines; a textarea's content is not indented."""
    for path in (ROOT / "templates").rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        texts = re.findall(r"{% blocktrans(?! trimmed)[^%]*%}(.*?){% endblocktrans %}", html, re.DOTALL)
        assert not [text for text in texts if "\n" in text], path
        inside = re.findall(r"<(?:textarea|pre)\b[^>]*>(.*?)</(?:textarea|pre)>", html, re.DOTALL)
        assert not [text for text in inside if re.search(r"\n[ \t]", text)], path
