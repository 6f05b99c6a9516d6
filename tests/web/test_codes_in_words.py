"""No code of a plan stands raw on a page, in either language: none of the lists, and no handler's own."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.utils import translation

from proposals.labels import CODES
from proposals.plan.measures import MEASURES
from regulation.codes import CODES as REFUSALS
from regulation.refused import Refused
from tests.pages.pages import look
from tests.proposals.test_actions_deliberation import named_officers
from tests.stage import Stage, plan, stages
from web import labels
from web.forms import kinds

LANGUAGES = ("en", "zh-hans")
#: codes that are in no list of ours
OWN = ("raw_silk", "granary", "sale_of_shares")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_speaks_the_readers_language(language: str) -> None:
    for code in REFUSALS:
        with translation.override(language):
            shown = labels.refusal(Refused(code))
        for text in (shown.message, shown.remedy, shown.citation or "第" * (language == "zh-hans")):
            assert bool(re.search(r"[一-鿿]", text)) is (language == "zh-hans"), (code, text)


def _kinds(family: str) -> list[str]:
    return [*CODES[family], *OWN]


def _full() -> dict[str, Any]:
    """A plan with every code of the lists, and some of the handler's own."""
    given = plan("C-1")
    (loan,) = given["loans"]
    given["loans"] = [
        {**loan, "contract_no": f"C-{number}", "classification": code}
        for number, code in enumerate(CODES["classification"], 1)
    ]
    given["collateral"] = [
        {
            "kind": kind, "title_no": f"T-{number}", "owner": "王某", "value": "500.00",
            "valued_on": "2026-02-20", "appraiser": "县评估所", "rank": 1, "haircut": "30",
        }
        for number, kind in enumerate(_kinds("collateral.kind"), 1)
    ]  # fmt: skip
    given["sources"] = [
        {"kind": kind, "amount": "10.00", "description": "所得款项"} for kind in _kinds("sources.kind")
    ]
    given["alternatives"] = [
        {**given["alternatives"][0], "name": name} for name in _kinds("alternatives.name")
    ]
    given["measures"] = list(MEASURES)
    return given


def _drafted() -> Stage:
    stage = Stage()
    stage.proposal = stage.do("draft", plan=_full())
    changed = {
        "collateral": _full()["collateral"][:1],
        "sources": _full()["sources"][:1],
        "alternatives": _full()["alternatives"][:1],
        "measures": list(MEASURES)[:1],
    }
    stage.do("amend", changes=changed)
    stage.do("amend", changes=_full())
    return stage


coded = stages("coded", _drafted)


class _Texts(HTMLParser):
    """The texts that a reader sees; not what is typed into fields."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._hidden += tag in ("script", "style", "textarea", "head")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style", "textarea", "head")

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.found.append(data.strip())


def _seen(html: str) -> list[str]:
    reader = _Texts()
    reader.feed(html)
    return reader.found


def _codes() -> set[str]:
    return {code for family in CODES.values() for code in family} | set(MEASURES) | set(OWN)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", ["proposal", "plan-check"])
def test_no_page_of_a_plan_shows_a_raw_code(coded: Stage, page: str, language: str) -> None:
    seen = _seen(look(coded["handler"], page, coded.proposal.pk, language=language))
    text = "\n".join(seen)
    assert page != "proposal" or "T-1" in text
    raw = {code for code in _codes() if code in seen}
    raw |= {code for code in _codes() if "_" in code and re.search(rf"(?<!\w){code}(?!\w)", text)}
    if language == "zh-hans":
        bare = re.sub(r"其他（[^）]*）", "", text)
        raw |= {code for code in _codes() if re.search(rf"(?<![\w./-]){code}(?![\w./-])", bare)}
    assert not raw


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_every_family_has_words(language: str) -> None:
    with translation.override(language):
        for family, codes in CODES.items():
            for code in codes:
                said = labels.code(code, family)
                assert said != code
                assert bool(re.search(r"[\u4e00-\u9fff]", said)) == (language == "zh-hans"), code
        for code in MEASURES:
            assert labels.measure(code) != code


def test_a_kind_that_is_no_code_stands_as_it_was_typed() -> None:
    with translation.override("zh-hans"):
        assert labels.code("一号仓库", "collateral.kind") == "一号仓库"
        assert labels.code("granary", "collateral.kind") == "其他（granary）"
    with translation.override("en"):
        assert labels.code("A granary at the river", "collateral.kind") == "A granary at the river"
        assert labels.code("raw_silk", "collateral.kind") == "Raw silk"


def test_a_row_is_named_in_words_where_a_code_names_it() -> None:
    with translation.override("zh-hans"):
        assert labels.row("$.sources[?@.kind=='wages'].amount") == "工资收入"
        assert labels.row("$.loans[?@.contract_no=='wages'].principal") == "wages"
        assert labels.row("$.alternatives[?@.name=='enforcement'].cost") == labels.code(
            "enforcement", "alternatives.name"
        )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("family", ["collateral.kind", "sources.kind", "alternatives.name"])
def test_what_the_editor_shows_is_read_as_what_was_stored(family: str, language: str) -> None:
    field = kinds.suggestion(family)
    with translation.override(language):
        for value in (*_kinds(family), "一号仓库"):
            assert field.read(field.write(value)) == value


conflicted = stages("conflicted", named_officers)


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_a_conflict_was_found_is_told_in_the_readers_language_alone(conflicted, language):
    conflicted.do("take_up")
    html = look(conflicted["risk"], "meeting", conflicted.meeting.pk, language=language)
    found = [
        [en in html, zh in html]
        for zh, en in (
            ("经办机构负责人", "head of the handling institution"),
            ("方案所列放贷或清收责任人", "lending or collection officer named in the plan"),
        )
    ]
    assert found == [[language == "en", language != "en"]] * 2
