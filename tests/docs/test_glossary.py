"""docs/glossary.csv has every model, state, verb and office of the code, as the pages call them.

A row is a term in Chinese and English, its kind, what it is in the code (a model, `Model.state`, a verb or an
office) and the words that are not used for it, separated by semicolons.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

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


def texts() -> Iterator[str]:
    """Every text that a user reads: those of the pages, and of refusals and their causes."""
    yield from words_of_the_pages()
    for name in ("codes", "causes", "enforced"):
        yield from _strings(read(name))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def test_no_text_uses_another_word_for_what_the_glossary_names() -> None:
    avoided = {
        word for row in ROWS for column in ("not_en", "not_zh") for word in row[column].split("; ") if word
    }
    assert avoided
    pattern = re.compile(
        "|".join(
            rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in sorted(avoided)
        ),
        re.IGNORECASE,
    )
    found = {text: match[0] for text in texts() if (match := pattern.search(text))}
    assert found == {}
