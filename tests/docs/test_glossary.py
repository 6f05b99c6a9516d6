"""docs/glossary.csv has every model, state, verb and office of the code, as the pages call them.

A row is a term in Chinese and English, its kind, what it is in the code (a model, `Model.state`, a verb or an
office) and the words that are not used for it, separated by semicolons.
"""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterable, Iterator

import pytest
from django.apps import apps
from django.db.models import Choices
from django.utils.functional import Promise
from django.utils.translation import override

from api.verbs import VERBS
from committee.offices import OFFICES
from config.packages import PACKAGES
from docs.screenshots import ROOT
from office.labels import ACTIONS
from regulation.texts import read
from tests.docs.test_guides import words_of_the_pages
from web.offers import _all_offers

with (ROOT / "docs" / "glossary.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
with (ROOT / "docs" / "glossary_exceptions.csv").open(encoding="utf-8", newline="") as file:
    EXCEPTIONS = list(csv.DictReader(file))
BY_CODE = {row["code"]: row for row in ROWS if row["code"]}
Word = str | Promise


def public_models() -> dict[str, Word]:
    models = [model for model in apps.get_models() if model.__module__.split(".")[0] in PACKAGES]
    return {model.__name__: model._meta.verbose_name or "" for model in models}


def states() -> dict[str, Word]:
    """Those of the models that say which they have (`State`)."""
    found: dict[str, Word] = {}
    for model in apps.get_models():
        enum = model.__dict__.get("State")
        if isinstance(enum, type) and issubclass(enum, Choices):
            found |= {f"{model.__name__}.{value}": label for value, label in enum.choices}
    return found


def verbs() -> dict[str, Word]:
    """By its button; one that stands on no button by its line in the timeline."""
    buttons = {offer.verb: offer.name for offer in _all_offers()}
    return {verb: buttons.get(verb, ACTIONS[verb]) for verb in VERBS}


def offices() -> dict[str, Word]:
    return {key: office.name for key, office in OFFICES.items()}


#: packages below the pages have no translations: how their terms are called the glossary alone says
UNTRANSLATED = {"Entry", "Payload", "Head", "Leaf", "Tile", "Sealed", "Checkpoint"}


@pytest.mark.parametrize("terms", [public_models, states, verbs, offices])
def test_the_glossary_has_every_term_of_the_code_by_its_name_on_the_pages(terms) -> None:
    named: dict[str, Word] = terms()
    assert named
    lacking = named.keys() - BY_CODE.keys()
    assert lacking == set(), f"docs/glossary.csv needs a row of {sorted(lacking)}"
    for code, word in named.items():
        if code in UNTRANSLATED:
            continue
        row = BY_CODE[code]
        with override("en"):
            assert str(word).casefold() in alternatives(row["en"]), f"{code} is {word} on the pages"
        with override("zh-hans"):
            assert str(word) in alternatives(row["zh"]), f"{code} is {word} on the pages (compile_messages?)"


def test_the_glossary_names_nothing_of_the_code_that_is_not_there() -> None:
    known = public_models().keys() | states().keys() | verbs().keys() | offices().keys()
    unknown = BY_CODE.keys() - known
    assert unknown == set(), f"docs/glossary.csv names {sorted(unknown)}, which the code has not"


def test_each_row_is_a_term_in_both_languages_and_no_code_stands_twice() -> None:
    assert len(BY_CODE) == sum(bool(row["code"]) for row in ROWS)
    for row in ROWS:
        assert row["zh"], row
        assert row["en"], row
        assert row["kind"], row


def alternatives(terms: str) -> set[str]:
    """The ways of a cell: `proxy/agent (remark)` is two."""
    return {part.strip().casefold() for part in re.sub(r"\s*\(.*\)", "", terms).split("/")}


#: a Chinese character
CHINESE = re.compile("[\u3400-\u9fff]")
#: what a template says to itself, and what is no text of it
UNSAID = re.compile(
    r"{% comment %}.*?{% endcomment %}|{#.*?#}|{%.*?%}|{{.*?}}|<!--.*?-->|<[^>]*>|^\s*//.*?$|https?://\S+",
    re.DOTALL | re.MULTILINE,
)
#: folders whose Chinese is quoted, or told of people, and not said by the product
QUOTED = ("migrations", "rehearsal", "management", "tests")


def texts() -> Iterator[str]:
    """Every text that a user reads: of the pages, of refusals and their causes, of papers and dossiers."""
    yield from words_of_the_pages()
    for name in ("codes", "causes", "enforced"):
        yield from _strings(read(name))
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if not set(QUOTED) & set(path.relative_to(ROOT).parts):
                yield from said_in_code(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "templates").rglob("*.*")):
        if path.suffix in (".html", ".txt", ".typ"):
            yield from said_in_template(path.read_text(encoding="utf-8"))


def said_in_code(source: str) -> Iterator[str]:
    """The texts that stand beside Chinese ones: a text in both languages is a pair, or a call with both."""
    for node in ast.walk(ast.parse(source)):
        parts = (
            node.elts
            if isinstance(node, ast.Tuple)
            else [*node.args, *(each.value for each in node.keywords)]
            if isinstance(node, ast.Call)
            else node.values
            if isinstance(node, ast.Dict)
            else [node.value]
            if isinstance(node, (ast.Return, ast.Assign))
            else []
        )
        said = [
            each.value for each in parts if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        if any(CHINESE.search(each) for each in said):
            yield from said


def said_in_template(source: str) -> Iterator[str]:
    """The lines of a template without tags, variables and comments."""
    for line in UNSAID.sub("\n", source).splitlines():
        if line.strip():
            yield line.strip()


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def avoided() -> re.Pattern[str]:
    """The words that the glossary has instead of which another is said."""
    words = {word for row in ROWS for column in ("not_en", "not_zh") for word in row[column].split("; ")}
    return re.compile(
        "|".join(
            rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word)
            for word in sorted(words, key=len, reverse=True)
            if word
        ),
        re.IGNORECASE,
    )


def beside_the_glossary(said: Iterable[str]) -> set[tuple[str, str]]:
    """The texts that use another word, each with the word."""
    pattern = avoided()
    return {(found[0].casefold(), text) for text in said for found in pattern.finditer(text)}


def excepted() -> set[tuple[str, str]]:
    """The texts that use another word all the same, each for a reason."""
    return {(row["word"], row["text"]) for row in EXCEPTIONS}


def test_no_text_uses_another_word_for_what_the_glossary_names() -> None:
    found = beside_the_glossary(texts()) - excepted()
    assert found == set(), "docs/glossary.csv has other words for these"


def test_each_exception_is_of_a_text_that_there_is_and_has_its_reason() -> None:
    assert all(row["reason"].strip() for row in EXCEPTIONS)
    assert len(excepted()) == len(EXCEPTIONS)
    left = excepted() - beside_the_glossary(texts())
    assert left == set(), "docs/glossary_exceptions.csv: these texts are mended, so their rows go"


def test_a_word_beside_the_glossary_is_found_wherever_it_stands() -> None:
    code = 'say("Sent to the secretary", "已送联系人")\nPAIR = ("The chairman", "主席")\nNOTE = "联系人"\n'
    found = {word for word, _text in beside_the_glossary(said_in_code(code))}
    assert found == {"secretary", "联系人", "chairman", "主席"}
    page = '<p class="secretary">{# 联系人 #}Ask the secretary</p>\n// 主席\n{% trans "x" %}'
    assert beside_the_glossary(said_in_template(page)) == {("secretary", "Ask the secretary")}


def test_no_term_is_another_word_for_another_term() -> None:
    """What one row avoids is the word of no row: one term a thing."""
    terms = {word for row in ROWS for column in ("zh", "en") for word in alternatives(row[column])}
    for row in ROWS:
        for column in ("not_en", "not_zh"):
            clash = {word.casefold() for word in row[column].split("; ") if word} & terms
            assert clash == set(), row
