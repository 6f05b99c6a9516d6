"""A message that asks for an act is done when the act is, by whomever, or when it cannot be done any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from audit.recording import SYSTEM
from committee.messages import ASKS
from committee.models import Meeting, Message
from office.actions.dispatches import send_dispatch
from pages.inbox import message_texts
from proposals.models import Proposal
from tests.pages.pages import look
from tests.stage import MEETING, Stage, today
from web.viewer import Viewer

Deed = Callable[[Stage], Any]


def _do(verb: str, by: str | None = None, **given: Any) -> Deed:
    return lambda stage: stage.do(verb, by, **given)


def _nothing(_stage: Stage) -> None:
    pass


def _voted(stage: Stage) -> None:
    stage.cast()
    stage.do("close_vote")


def _asked(by: str = "seat2") -> Deed:
    return _do("request_abstention", by, reason="A cousin")


def _admitted(stage: Stage) -> None:
    stage.do("admit_observer", observer=stage["handler_head"])


def _asked_with_an_acting_chair(stage: Stage) -> None:
    stage.do("appoint_acting_chair", seat=3)
    _asked()(stage)


def _drafted_with_an_acting_chair(stage: Stage) -> None:
    stage.do("appoint_acting_chair", seat=3)
    _voted(stage)
    stage.do("close_meeting")
    stage.do("draft_minutes", narrative="Said")


def _principal(stage: Stage) -> None:
    stage.travel(MEETING)
    stage.do("sign_in", "seat3")


def _sent_away(stage: Stage) -> None:
    send_dispatch(stage.dispatch, by=SYSTEM)


def _acknowledged(stage: Stage) -> None:
    stage.do("receive_dispatch", "handler_head")
    stage.do("acknowledge_dispatch", "handler_head")


def _opened(stage: Stage) -> None:
    stage.travel(MEETING)
    stage.sign_in()
    stage.do("open_meeting")


def _followed(stage: Stage) -> None:
    given = {"text": "Register the mortgage", "owner": stage["handler"], "due": today()}
    stage.do("assign_follow_up", **given)


def _reported_done(stage: Stage) -> None:
    stage.do("report_follow_up", follow_up=1, text="Registered, No. 7", done=True)


def _followed_and_reported(stage: Stage) -> None:
    _followed(stage)
    _reported_done(stage)


def _followed_and_returned(stage: Stage) -> None:
    _followed_and_reported(stage)
    stage.do("return_follow_up", follow_up=1, reason="The number is missing")


def _answered(stage: Stage) -> None:
    stage.do("comment", "handler", field="$.executor", text="He has agreed")


def _returned_and_remarked(stage: Stage) -> None:
    stage.do("return", **WHY)
    stage.do("comment", "liaison", field="$.executor", text="Who is it?")


def _ballot(stage: Stage) -> None:
    stage.do("open_vote")
    stage.do("cast", "seat2", choice="for")


def _vote(stage: Stage) -> None:
    stage.do("open_vote")
    _voted(stage)


WHY = {"reason": "Because"}
#: kind, stage, what comes before, who was asked, and each of the acts after which nothing is asked
CASES: list[tuple[str, str, Deed, str, dict[str, Deed]]] = [
    (
        "submit", "submitted", _nothing, "liaison",
        {
            "shortlist": _do("shortlist"),
            "return": _do("return", **WHY),
            "screen_out": _do("screen_out", **WHY),
            "withdraw": _do("withdraw", **WHY),
            "another liaison": lambda stage: stage.do("appoint_liaison", person=stage["deputy2"]),
        },
    ),
    (
        "return", "submitted", _do("return", **WHY), "handler",
        {"submit": _do("submit"), "withdraw": _do("withdraw", **WHY)},
    ),
    (
        "convene", "convened", _nothing, "liaison",
        {
            "send_notice": _do("send_notice"),
            "change_meeting": _do("change_meeting", place="Room 4"),
            "cancel_meeting": _do("cancel_meeting", **WHY),
            "the last item is withdrawn": _do("withdraw", **WHY),
            "another liaison": lambda stage: stage.do("appoint_liaison", person=stage["deputy2"]),
        },
    ),
    (
        "change_meeting", "noticed", _do("change_meeting", place="Room 4"), "liaison",
        {"send_notice": _do("send_notice"), "cancel_meeting": _do("cancel_meeting", **WHY)},
    ),
    (
        "send_notice", "noticed", _nothing, "seat2",
        {
            "acknowledge": _do("acknowledge", "seat2"),
            "change_meeting": _do("change_meeting", place="Room 4"),
            "cancel_meeting": _do("cancel_meeting", **WHY),
            "open_meeting": _opened,
            "vacate_seat": _do("vacate_seat", seat=2),
        },
    ),
    (
        "remind_members", "noticed", _do("remind_members"), "seat2",
        {
            "acknowledge and read": lambda stage: (
                stage.do("acknowledge", "seat2"), stage.do("read_materials", "seat2"),
            ),
            "read and acknowledge": lambda stage: (
                stage.do("read_materials", "seat2"), stage.do("acknowledge", "seat2"),
            ),
            "change_meeting": _do("change_meeting", place="Room 4"),
            "cancel_meeting": _do("cancel_meeting", **WHY),
            "open_meeting": _opened,
            "vacate_seat": _do("vacate_seat", seat=2),
        },
    ),
    (
        "authorise_proxy", "noticed", lambda stage: stage.proxy(), "deputy3",
        {
            "sign_in": lambda stage: (stage.travel(MEETING), stage.do("sign_in", "deputy3")),
            "revoke_proxy": _do("revoke_proxy", "seat3"),
            "the principal comes": _principal,
            "vacate_seat": _do("vacate_seat", seat=3),
            "cancel_meeting": _do("cancel_meeting", **WHY),
        },
    ),
    (
        "admit_observer", "taken_up", _admitted, "handler_head",
        {
            "withdraw_observer": _do("withdraw_observer"),
            "close_meeting": _do("close_meeting"),
            "withdraw": _do("withdraw", **WHY),
        },
    ),
    (
        "request_abstention", "taken_up", _asked(), "chair",
        {
            "grant_abstention": _do("grant_abstention", seat=2),
            "refuse_abstention": _do("refuse_abstention", seat=2),
            "declare_conflict": _do("declare_conflict", "seat2", **WHY),
            "cast": _ballot,
            "close_vote": _vote,
            "close_meeting": _do("close_meeting"),
            "vacate_seat": _do("vacate_seat", seat=1),
        },
    ),
    (
        "request_abstention", "taken_up", _asked_with_an_acting_chair, "chair",
        {"the acting chair grants it": _do("grant_abstention", "seat3", seat=2)},
    ),
    (
        "request_abstention", "taken_up", _asked_with_an_acting_chair, "seat3",
        {
            "the chair grants it": _do("grant_abstention", seat=2),
            "another acting chair": _do("appoint_acting_chair", seat=2),
        },
    ),
    (
        "request_abstention", "taken_up", _asked("chair"), "head_office",
        {
            "grant_abstention": _do("grant_abstention", "head_office", seat=1),
            "close_meeting": _do("close_meeting"),
        },
    ),
    (
        "propose_cancellation", "voting", _do("propose_cancellation", "seat2", **WHY), "chair",
        {"cancel_vote": _do("cancel_vote", **WHY), "close_vote": _voted},
    ),
    ("draft_minutes", "minuted", _nothing, "chair", {"sign_minutes": _do("sign_minutes")}),
    (
        "draft_minutes", "voting", _drafted_with_an_acting_chair, "chair",
        {"the acting chair signs": _do("sign_minutes", "seat3")},
    ),
    (
        "draft_minutes", "voting", _drafted_with_an_acting_chair, "seat3",
        {"the chair signs": _do("sign_minutes")},
    ),
    ("sign_minutes", "reported", _nothing, "liaison", {"archive": _do("archive")}),
    ("report_decisions", "reported", _nothing, "head_office", {"receive_report": _do("receive_report")}),
    (
        "report_decisions", "reported", _do("archive"), "head_office",
        {"receive_report": _do("receive_report")},
    ),
    (
        "send_dispatch", "distributed", _sent_away, "handler",
        {"acknowledge_dispatch": _acknowledged},
    ),
    (
        "decide_credit", "signed", _nothing, "credit",
        {"approve_credit": _do("approve_credit"), "decline_credit": _do("decline_credit", **WHY)},
    ),
    (
        "assign_follow_up", "signed", _followed, "handler",
        {
            "report_follow_up": _reported_done,
            "return_follow_up": _do("return_follow_up", follow_up=1, **WHY),
        },
    ),
    (
        "comment", "submitted", _answered, "liaison",
        {"return": _do("return", **WHY), "shortlist": _do("shortlist")},
    ),
    ("comment", "submitted", _returned_and_remarked, "handler", {"submit": _do("submit")}),
    ("return_follow_up", "signed", _followed_and_returned, "handler", {"report_follow_up": _reported_done}),
    (
        "report_follow_up", "signed", _followed_and_reported, "liaison",
        {
            "confirm_follow_up": _do("confirm_follow_up", follow_up=1),
            "return_follow_up": _do("return_follow_up", follow_up=1, **WHY),
            "another liaison": lambda stage: stage.do("appoint_liaison", person=stage["deputy2"]),
        },
    ),
]  # fmt: skip
WALK = [
    pytest.param(kind, step, before, asked, deed, id=f"{kind}-{asked}-{name}")
    for kind, step, before, asked, deeds in CASES
    for name, deed in deeds.items()
]


def _asking(stage: Stage, handle: str, kind: str) -> list[Message]:
    rows = Message.objects.filter(person=stage[handle], kind=kind).order_by("-pk")
    return [letter.message for letter in message_texts.compose(list(rows), stage[handle]) if letter.asks]


@pytest.mark.parametrize(("kind", "step", "before", "asked", "deed"), WALK)
def test_it_asks_until_the_act_is_done_and_not_after(
    kind: str, step: str, before: Deed, asked: str, deed: Deed, request: pytest.FixtureRequest
) -> None:
    stage: Stage = request.getfixturevalue(step)
    before(stage)
    (message,) = _asking(stage, asked, kind)
    unread = Viewer(stage[asked]).unread
    deed(stage)
    message.refresh_from_db()
    assert message.done_at is not None
    assert message.read_at is None
    assert message not in _asking(stage, asked, kind)
    assert message not in Message.objects.unread()
    later = Message.objects.unread().filter(person=stage[asked], pk__gt=message.pk).count()
    assert Viewer(stage[asked]).unread <= unread - 1 + later


def test_every_kind_that_asks_is_walked() -> None:
    # with keys: tests/office/test_signing.py; by receipts: tests/proposals/test_reminding.py
    elsewhere = {"countersign_minutes", "instalment_due", "instalment_late"}
    assert {kind for kind, *_ in CASES} == set(ASKS) - elsewhere
    assert set(ASKS) <= set(message_texts.KINDS)
    assert {state for states in ASKS.values() for state in states} <= {*Proposal.State, *Meeting.State}


def test_what_is_done_for_one_leaves_the_others_asked(noticed: Stage) -> None:
    noticed.do("acknowledge", "seat2")
    assert not _asking(noticed, "seat2", "send_notice")
    assert _asking(noticed, "seat3", "send_notice")
    noticed.proxy(by="seat2", holder="deputy2")
    noticed.proxy()
    noticed.travel(MEETING)
    noticed.do("sign_in", "deputy2")
    assert not _asking(noticed, "deputy2", "authorise_proxy")
    assert _asking(noticed, "deputy3", "authorise_proxy")


def test_a_request_of_one_seat_decided_leaves_that_of_another(taken_up: Stage) -> None:
    for handle in ("seat2", "seat3"):
        taken_up.do("request_abstention", handle, reason="A cousin")
    taken_up.do("grant_abstention", seat=2)
    (left,) = _asking(taken_up, "chair", "request_abstention")
    assert left.context["seat"] == 3


def test_what_was_done_before_stays_done_at_that_moment(convened: Stage) -> None:
    convened.do("send_notice")
    (done,) = Message.objects.filter(person=convened["liaison"], kind="convene")
    convened.travel(timedelta(hours=1))
    convened.do("change_meeting", place="Room 4")
    convened.do("send_notice")
    assert done.done_at is not None
    assert convened.now(done).done_at == done.done_at
    assert not _asking(convened, "liaison", "change_meeting")


def test_another_plan_goes_on_asking(submitted: Stage) -> None:
    other = submitted.another("C-9", to="submitted")
    submitted.do("shortlist")
    assert [message.about for message in _asking(submitted, "liaison", "submit")] == [other.subject]


def test_another_meeting_goes_on_asking(noticed: Stage) -> None:
    other = noticed.convene(noticed.another("C-9"), at=MEETING + timedelta(days=2))
    noticed.do("send_notice", on=other)
    noticed.do("cancel_meeting", reason="No quorum")
    assert [message.about for message in _asking(noticed, "seat2", "send_notice")] == [other.subject]


def test_the_new_notice_asks_in_place_of_the_old(noticed: Stage) -> None:
    noticed.do("change_meeting", place="Room 4")
    assert not _asking(noticed, "seat2", "send_notice")
    noticed.do("send_notice")
    assert len(_asking(noticed, "seat2", "send_notice")) == 1


def test_the_inbox_says_done_and_counts_it_no_more(submitted: Stage) -> None:
    assert "unread, to do" in look(submitted["liaison"], "messages")
    submitted.do("shortlist")
    html = look(submitted["liaison"], "messages")
    assert "to do" not in html.partition("<main")[2]
    assert 'class="count"' not in html
    assert "done" in html.partition("<main")[2]
    assert "You have read all your messages." in look(submitted["liaison"], "messages", show="unread")


def test_reading_it_is_not_doing_it(submitted: Stage) -> None:
    Message.objects.filter(person=submitted["liaison"]).update(read_at=submitted.clock)
    html = look(submitted["liaison"], "messages").partition("<main")[2]
    assert "to do" in html
    assert "unread, to do" not in html
