"""`state/not-allowed` says what is missing and who leads out of it, for every verb in every state."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from committee.acts import Act
from committee.models import Meeting
from committee.permissions import require_state
from config.packages import PACKAGES
from portfolio.permissions import ACTS as LEDGER
from proposals.models import Proposal
from regulation.causes import CAUSES, STANDING, cause_of
from regulation.refused import Refused
from tests.stage import MEETING, Stage
from web import labels, offers
from web.acts import ACTS
from web.viewer import Viewer

ROOT = Path(__file__).parents[2]
LANGUAGES = ("en", "zh-hans")
BARE = {lang: Refused("state/not-allowed").message(lang).rstrip("。.") for lang in LANGUAGES}
#: whoever can do something about it, in each language
OFFICERS = {
    "en": re.compile(
        r"liaison|chair|presides|handler|handling institution|department|head office|member|observer",
        re.IGNORECASE,
    ),
    "zh-hans": re.compile(
        "联络员|主任委员|主持人|经办人|经办机构|总行|省联社|授信管理部|风险管理部|委员|列席人员|到会人员"
    ),
}


def _states(act: Act) -> Iterator[str]:
    """The states of the act's object in which it is not possible; of its meeting, for one in session."""
    kind = Meeting.State if set(act.states) & set(Meeting.State) else Proposal.State
    yield from (state for state in kind if state not in act.states)
    if kind is Proposal.State:
        yield from (state for state in Meeting.State if state != Meeting.State.IN_SESSION)


def _told_well(refused: Refused, lang: str) -> None:
    message, remedy = refused.message(lang), refused.remedy(lang)
    assert not message.startswith(BARE[lang]), message
    assert remedy != Refused("state/not-allowed").remedy(lang)
    assert OFFICERS[lang].search(message + remedy), remedy
    assert not re.search(r"[\[\]{}]", message + remedy)
    for text in (message, remedy):
        assert text.endswith("。" if lang == "zh-hans" else ".")
        assert bool(re.search(r"[\u4e00-\u9fff]", text)) == (lang == "zh-hans")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("verb", [verb for verb, act in ACTS.items() if act.states and verb not in LEDGER])
def test_each_verb_in_each_wrong_state_names_the_cause_and_who_leads_out_of_it(verb: str, lang: str) -> None:
    act = ACTS[verb]
    said = {}
    for state in _states(act):
        if state in act.states:
            continue
        with pytest.raises(Refused) as caught:
            require_state(act, state)
        assert caught.value.code == "state/not-allowed"
        assert cause_of(verb, state) is not None, f"places in regulation/texts/causes.toml: no row of {verb}"
        _told_well(caught.value, lang)
        said[state] = caught.value.message(lang)
    assert said
    assert len(set(said.values())) == len(said), "each state is told apart"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("cause", CAUSES)
def test_each_cause_that_no_state_tells_is_told_whole(cause: str, lang: str) -> None:
    _told_well(Refused("state/not-allowed", cause=cause), lang)
    _told_well(Refused("state/not-allowed", cause=cause, seat=3, item=2, opens="2026-03-05 14:00"), lang)


def test_every_state_has_its_words() -> None:
    assert set(STANDING) == set(Proposal.State) | set(Meeting.State)


def _refusals() -> Iterator[tuple[str, ast.Call]]:
    for app in PACKAGES:
        for path in sorted((ROOT / app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id == "Refused"
                    and node.args
                    and isinstance(node.args[0], ast.Constant)
                    and node.args[0].value == "state/not-allowed"
                ):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def test_no_place_refuses_a_state_without_its_cause() -> None:
    places = dict(_refusals())
    assert len(places) > 30
    bare = [
        place
        for place, call in places.items()
        if not {"cause", "verb"} & {word.arg for word in call.keywords}
    ]
    assert not bare


def _named_causes(path: Path) -> Iterator[str]:
    """The causes by name in a module: of a refusal, and of an offer whose act is done already."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and node.arg in {"cause", "already_done_cause"}:
            yield from (
                each.value
                for each in ast.walk(node.value)
                if isinstance(each, ast.Constant) and isinstance(each.value, str) and "/" in each.value
            )


def test_every_cause_that_is_raised_has_its_words() -> None:
    named = {
        cause for app in PACKAGES for path in (ROOT / app).rglob("*.py") for cause in _named_causes(path)
    }
    assert len(named) > 20
    lacking = sorted(named - CAUSES.keys())
    assert lacking == [], f"causes in regulation/texts/causes.toml needs a row of {lacking}"


def test_every_cause_is_raised_somewhere() -> None:
    source = "\n".join(
        path.read_text(encoding="utf-8") for app in PACKAGES for path in (ROOT / app).rglob("*.py")
    )
    assert [cause for cause in CAUSES if f'"{cause}"' not in source] == []


# -- Where a person meets them -----------------------------------------------------------------------------


def _button(stage: Stage, verb: str, handle: str) -> labels.Refusal:
    found = [
        each
        for each in offers.offered(stage.now(stage.meeting), Viewer(stage[handle]))
        if each.offer.verb == verb
    ]
    assert len(found) == 1
    assert found[0].refusal is not None
    return found[0].refusal


def test_a_meeting_that_is_not_closed_for_a_vote_names_the_item_and_the_two_ways_out(voting: Stage) -> None:
    refused = voting.refused("state/not-allowed", "close_meeting")
    assert refused.message() == "A vote is open in the meeting: on item 1."
    assert "liaison closes the vote, or the chair cancels it" in refused.remedy()
    assert refused.message("zh-hans") == "会议正在进行表决：议题1。"
    assert _button(voting, "close_meeting", "chair").message == refused.message()


def test_a_meeting_that_is_not_opened_for_want_of_a_notice_names_the_liaison(convened: Stage) -> None:
    refused = convened.refused("state/not-allowed", "open_meeting")
    assert refused.message() == (
        "The liaison has not sent the current notice yet, and the meeting opens on 2026-03-05 (Thursday)"
        " 14:00."
    )
    assert refused.remedy().startswith("The liaison sends it on the meeting's page")
    assert _button(convened, "open_meeting", "chair").message == refused.message()
    convened.do("send_notice")
    told = convened.refused("state/not-allowed", "open_meeting")
    assert told.message() == "The meeting opens at its hour, on 2026-03-05 (Thursday) 14:00."


def test_what_belongs_to_a_session_names_what_the_meeting_lacks(noticed: Stage) -> None:
    noticed.travel(MEETING)
    refused = noticed.refused("state/not-allowed", "take_up")
    assert refused.message().endswith("; the meeting is convened and was not opened yet.")
    assert refused.remedy().startswith("Whoever presides opens the meeting when its hour has come")


def test_what_is_done_twice_is_told_as_done(reported: Stage) -> None:
    for verb, said in (
        ("report_decisions", "The report on this meeting was sent already."),
        ("distribute", "The minutes have been distributed already."),
    ):
        assert reported.refused("state/not-allowed", verb).message() == said
    reported.do("receive_report")
    again = reported.refused("state/not-allowed", "receive_report")
    assert again.message() == "The report on this meeting was received already."
