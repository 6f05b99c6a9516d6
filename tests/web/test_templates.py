"""Every template is asked for somewhere, and every one asked for is there."""

import re

from django.template import Context, engines
from django.template.loader import get_template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils import translation

from config.packages import PACKAGES
from tests.test_architecture import ROOT
from web.template_loader import ConstantBlock, ConstantText

#: asked for by Django itself
BY_DJANGO = {"admin/base_site.html", "admin/change_form.html", "registration/login.html"}
NAMED = re.compile(r'"((?:[\w-]+/)+[\w{}-]+\.(?:html|txt|js))"')


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


def test_constant_texts_are_those_of_the_page_s_language_and_looked_up_once(monkeypatch) -> None:
    """In all templates: what is said for the first time, and what is said again, is what Django would say."""
    found = 0
    for path in (ROOT / "templates").rglob("*.html"):
        template = get_template(str(path.relative_to(ROOT / "templates"))).template
        context = Context()
        with context.bind_template(template):
            for node in template.nodelist.get_nodes_by_type((ConstantText, ConstantBlock)):
                found += 1
                for language in ("en", "zh-hans", "en", "zh-hans"):
                    with translation.override(language):
                        assert node.render(context) == super(type(node), node).render(context)
                with monkeypatch.context() as asked, translation.override("zh-hans"):
                    asked.delattr(type(node).__mro__[1], "render")
                    assert node.render(context) == node.texts["zh-hans"]
    assert found > 1000


def test_a_text_that_differs_from_page_to_page_is_not_constant() -> None:
    source = """{% load i18n %}{% trans "Proposals" %}{% trans name %}{% trans "Meetings" as kept %}
    {% trans "Desk"|upper %}{% blocktrans %}Meetings{% endblocktrans %}
    {% blocktrans %}{{ name }}{% endblocktrans %}
    {% blocktrans count n=1 %}one{% plural %}many{% endblocktrans %}"""
    engine = engines["django"].engine
    loader = engine.template_loaders[0]
    with_source = type(loader)(engine, [("django.template.loaders.locmem.Loader", {"made.html": source})])
    nodes = with_source.get_template("made.html").nodelist.get_nodes_by_type(
        (TranslateNode, BlockTranslateNode)
    )
    assert [type(node) for node in nodes] == [
        ConstantText, TranslateNode, TranslateNode, TranslateNode, ConstantBlock,
        BlockTranslateNode, BlockTranslateNode,
    ]  # fmt: skip


def test_no_mark_between_two_values_is_of_one_language() -> None:
    """A colon after a value is that of the reader's language: `{{ ":"|gap }}`."""
    marked = re.compile(r"(?:\}\}|%\}|</b>|</span>):[ <{]")
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text("utf-8")
        translated = re.compile(r"(?s)\{% blocktrans.*?\{% endblocktrans %\}|\{#.*?#\}")
        assert marked.search(translated.sub("", text)) is None, path
