"""Who is told of what, in which words, and what the inbox shows of it."""

from __future__ import annotations

import ast
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob

from audit.recording import rehearsed
from committee.models import Message
from pages.inbox import message_texts
from tests import test_architecture as architecture
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_, look, queries
from tests.stage import ACTIONS, Stage, clock, undone
from web.viewer import UNREAD, Viewer

LANGUAGES = ("en", "zh-hans")
SEATS = ("chair", "seat2", "seat3")

#: verb → kind → the handles of those who are told; what is not here tells nobody
TOLD = {
    "submit": {"submit": {"liaison"}},
    "withdraw": {"withdraw": {"liaison", "chair"}, "cancel_meeting": {"liaison", *SEATS}},
    "return": {"return": {"handler"}},
    "screen_out": {"screen_out": {"handler"}},
    "shortlist": {"shortlist": {"handler"}},
    "file_docket": {"file_docket": {"chair", "head_office"}},
    "convene": {"convene": {"liaison"}},
    "change_meeting": {"change_meeting": {"liaison"}},
    "cancel_meeting": {"cancel_meeting": {"liaison", "seat2", "seat3"}},
    "send_notice": {"send_notice": set(SEATS)},
    "remind_members": {"remind_members": set(SEATS)},
    "authorise_proxy": {"authorise_proxy": {"deputy2"}},
    "revoke_proxy": {"revoke_proxy": {"deputy2"}},
    "appoint_acting_chair": {"appoint_acting_chair": {"seat2", "chair"}},
    "admit_observer": {"admit_observer": {"handler_head"}},
    "withdraw_observer": {"withdraw_observer": {"handler_head"}},
    "request_abstention": {"request_abstention": {"chair"}},
    "grant_abstention": {"grant_abstention": {"seat2"}},
    "refuse_abstention": {"refuse_abstention": {"seat2"}},
    "propose_cancellation": {"propose_cancellation": {"chair"}},
    "close_vote": {"close_vote": {"handler"}},
    "cancel_vote": {"cancel_vote": {"seat2", "seat3"}},
    "draft_minutes": {"draft_minutes": {"chair"}},
    "sign_minutes": {"sign_minutes": {"liaison"}, "decide_credit": {"credit"}},
    "draft_supplement": {"draft_supplement": {"chair"}},
    "sign_supplement": {"sign_supplement": {"liaison"}},
    "distribute": {"distribute": {"handler"}},
    "report_decisions": {"report_decisions": {"head_office"}},
    "receive_report": {"receive_report": {"liaison"}},
    "send_again": {"send_dispatch": {"handler", "handler_head"}},
    "approve_credit": {"approve_credit": {"handler", "liaison"}},
    "decline_credit": {"decline_credit": {"handler", "liaison"}},
    "terminate": {"terminate": {"handler"}},
    "assign_follow_up": {"assign_follow_up": {"handler"}},
    "report_follow_up": {"report_follow_up": {"liaison"}},
    "return_follow_up": {"return_follow_up": {"handler"}},
    "confirm_follow_up": {"confirm_follow_up": {"handler"}},
    "amend_regulation": {"amend_regulation": {*SEATS, "liaison"}},
    "appoint_liaison": {"appoint_liaison": {"outsider", "liaison"}},
    "appoint_stand_in": {"appoint_stand_in": {"outsider", "liaison"}},
    "end_stand_in": {"end_stand_in": {"outsider", "liaison"}},
    "publish_interpretation": {"publish_interpretation": {*SEATS, "liaison"}},
    "vacate_seat": {"vacate_seat": {"seat2"}, "leave_meeting": {"seat2"}},
    "fill_seat": {"fill_seat": {"outsider"}},
    "replace_holder": {
        "vacate_seat": {"seat2"},
        "leave_meeting": {"seat2"},
        "fill_seat": {"outsider"},
    },
}


def done(stage, verb):
    """The verb is done as test_architecture.py does it; returns the messages that came of it."""
    if verb in architecture.MOVES:
        architecture.prepare(stage, verb)
        given = architecture.MOVES[verb][1]
    else:
        given = architecture.AFTER[verb][3]
        if verb == "revise":
            stage.cast("against:No", "against:No", "for")
            stage.do("close_vote")
        else:
            architecture.prepare(stage, verb)
    last = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    stage.do(verb, **given(stage))
    return list(Message.objects.filter(pk__gt=last).select_related("person").order_by("pk"))


def sent(stage, **of):
    """The messages of the stage's people, the first first."""
    rows = Message.objects.filter(person__bank=stage.bank.unit, **of)
    return rows.select_related("person").order_by("pk")


def stage_for(ground, verb):
    step = (architecture.MOVES.get(verb) or architecture.AFTER[verb])[0]
    return ground.stage(step, lambda: Stage().to(step))


@pytest.fixture(params=ACTIONS)
def told(request, ground):
    """A verb, the stage on which it was done, and its messages."""
    stage = stage_for(ground, request.param)
    with clock.frozen(stage.clock), undone():
        yield request.param, stage, done(stage, request.param)


def test_whoever_needs_to_know_is_told_and_nobody_else(told):
    verb, stage, messages = told
    handles = {person.pk: handle for handle, person in stage.people.items()}
    found = {}
    for message in messages:
        found.setdefault(message.kind, []).append(handles[message.person_id])
    people = {kind: sorted(handles) for kind, handles in found.items()}
    told_of = {kind: sorted(handles) for kind, handles in TOLD.get(verb, {}).items()}
    assert people == told_of, f"TOLD above says otherwise of {verb}"


def test_every_message_reads_well_in_both_languages_and_leads_to_a_page_that_opens(told):
    _verb, _stage, messages = told
    for message in messages:
        for language in LANGUAGES:
            with translation.override(language):
                (letter,) = message_texts.compose([message], message.person)
            assert "%(" not in letter.text
            assert letter.heading
        if letter.url:
            assert as_(message.person).get(letter.url.partition("?")[0]).status_code == 200
        else:
            assert message.kind in {"revoke_proxy", "leave_meeting"}


def test_what_was_asked_and_cast_in_an_open_vote_is_in_no_message(voting):
    voting.do("request_abstention", "seat3", reason="Kin of the borrower")
    voting.do("cast", "chair", choice="for")
    voting.do("cast", "seat2", choice="against", reason="Too little collateral")
    voting.do("propose_cancellation", "seat3", reason="Papers missing")
    voting.do("cancel_vote", reason="Papers are missing")
    said = " ".join(
        f"{message.context} {message_texts.compose([message], message.person)}" for message in sent(voting)
    )
    for hidden in ("Kin of", "Too little", "'against'", "'for'", "for_count", "Papers missing"):
        assert hidden not in said


def test_the_result_comes_to_the_handlers_in_counts_without_names(voted):
    voted.do("close_vote")
    (message,) = sent(voted, kind="close_vote")
    (letter,) = message_texts.compose([message], message.person)
    assert letter.text == "Carried: 3 for (2 needed)"
    assert not any(person.display_name in json.dumps(message.context) for person in voted.people.values())


def test_requests_of_the_chair_and_of_an_acting_chair_come_to_head_office(taken_up):
    taken_up.do("appoint_acting_chair", seat=2)
    for handle in ("chair", "seat2", "seat3"):
        taken_up.do("request_abstention", handle, reason="Kin")
    rows = sent(taken_up, kind="request_abstention")
    handles = {person.pk: handle for handle, person in taken_up.people.items()}
    assert [handles[row.person_id] for row in rows] == ["head_office", "head_office", "chair", "seat2"]


def test_seats_on_paper_are_told_on_paper(convened):
    convened.do("send_notice", paper=[3])
    assert {row.person for row in sent(convened, kind="send_notice")} == {
        convened["chair"],
        convened["seat2"],
    }


def test_a_change_that_changes_nothing_asks_for_no_notice(noticed):
    noticed.do("change_meeting", place="Room 3")
    assert not sent(noticed, kind="change_meeting")


def test_a_draft_withdrawn_concerns_nobody_else(drafted):
    drafted.do("withdraw", reason="Paid")
    assert not sent(drafted)


def test_every_kind_that_is_announced_has_its_words_and_every_word_its_kind():
    calls = {
        "announce",
        "announce_each",
        "uninvite",
        "_ask",
    }  # or a helper of the module, called _notify_somebody
    kinds = {
        "approve_credit", "decline_credit", "grant_abstention", "refuse_abstention", "instalment_due",
        "instalment_late",
    }  # fmt: skip
    kinds |= {
        node.args[0].value
        for name, tree in architecture.modules().items()
        if ".actions." in name or name in {"committee.messages", "pages.inbox.following"}
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and (node.func.id in calls or node.func.id.startswith("_notify"))
        and isinstance(node.args[0], ast.Constant)
    }
    worded = set(message_texts.KINDS)
    assert kinds == worded, f"pages/inbox/message_texts.py and the actions differ in {sorted(kinds ^ worded)}"


# --- the inbox ---


def test_an_inbox_shows_its_own_persons_messages_alone(completed):
    for handle in EVERYBODY:
        person = completed[handle]
        html = look(person, "messages")
        own = set(Message.objects.filter(person=person).values_list("pk", flat=True))
        shown = {pk for pk in Message.objects.values_list("pk", flat=True) if f'/messages/{pk}/"' in html}
        assert shown == own, handle


def test_anothers_message_is_not_there(filed):
    (message,) = Message.objects.filter(person=filed["head_office"])
    assert as_(filed["head_office"]).get(reverse("message", args=[message.pk])).status_code == 302
    for handle in set(EVERYBODY) - {"head_office"}:
        for pk in (message.pk, 2**70):
            assert as_(filed[handle]).get(reverse("message", args=[pk])).status_code == 404, handle


def test_a_message_on_what_may_no_longer_be_seen_keeps_its_heading_alone(noticed):
    given = {"holder": noticed["deputy2"], "proposals": [noticed.proposal], "powers": ["vote"]}
    noticed.do("authorise_proxy", document="Signed", **given)
    html = look(noticed["deputy2"], "messages")
    assert noticed.meeting.written_number in html
    assert noticed["seat2"].display_name in html
    noticed.do("revoke_proxy")
    html = look(noticed["deputy2"], "messages").partition("<main")[2]
    assert "A proxy that you held was revoked" in html
    assert "You are authorised as a proxy" in html
    for hidden in (noticed.meeting.written_number, noticed["seat2"].display_name, "Room 3", "2026-03-05"):
        assert hidden not in html
    message = Message.objects.filter(person=noticed["deputy2"]).last()
    response = as_(noticed["deputy2"]).get(reverse("message", args=[message.pk]))
    assert response["Location"] == reverse("messages")


def test_opening_a_message_marks_it_read_and_leads_to_its_object(submitted):
    (message,) = Message.objects.filter(person=submitted["liaison"])
    client = as_(submitted["liaison"])
    assert '<b class="count">1' in page_text(client.get(reverse("desk")))
    url = reverse("message", args=[message.pk])
    client.head(url)
    assert Message.objects.get(pk=message.pk).read_at is None
    assert client.get(url)["Location"] == reverse("proposal", args=[submitted.proposal.pk])
    assert Message.objects.get(pk=message.pk).read_at == clock.now()
    assert 'class="count"' not in page_text(client.get(reverse("desk")))
    assert "You have read all your messages." in look(submitted["liaison"], "messages", show="unread")


def test_unread_ones_come_first(submitted):
    liaison = submitted["liaison"]
    submitted.another("C-9", to="submitted")
    first, last = Message.objects.filter(person=liaison).order_by("-pk")[:2]
    as_(liaison).get(reverse("message", args=[first.pk]))
    html = look(liaison, "messages")
    assert html.index(f"/messages/{last.pk}/") < html.index(f"/messages/{first.pk}/")


def test_marking_all_as_read_leaves_what_came_since(filed):
    client = as_(filed["liaison"])
    newest = Message.objects.filter(person=filed["liaison"]).latest("pk")
    filed.another("C-9", to="submitted")
    client.post(reverse("messages-read"), {"last": newest.pk})
    (left,) = Message.objects.unread().filter(person=filed["liaison"])
    assert left.pk > newest.pk
    for wrong in ("", "x", "9" * 30):
        client.post(reverse("messages-read"), {"last": wrong})
    assert Message.objects.unread().filter(person=filed["liaison"]).count() == 1
    assert Message.objects.unread().filter(person=filed["chair"]).exists()


def test_the_count_stops_where_nobody_counts_any_more(submitted):
    liaison = submitted["liaison"]
    Message.objects.bulk_create(
        [
            Message(person=liaison, kind="submit", about=submitted.proposal.subject, at=clock.now())
            for _ in range(UNREAD + 5)
        ]
    )
    assert '<b class="count">99+' in look(liaison, "desk")
    assert Viewer(liaison).unread == UNREAD + 1


def test_the_inbox_takes_as_many_statements_for_many_messages_as_for_few(reported):
    few = queries(reported["liaison"], "messages")
    for number in range(3):
        reported.another(f"N-{number}", to="filed")
    assert len(queries(reported["liaison"], "messages")) == len(few) <= 25


# --- what leaves ---


def test_a_job_for_each_message_is_queued_with_it(filed):
    before = ProcrastinateJob.objects.count()
    filed.do("convene", at=clock.now() + timedelta(days=3), place="Room 3", proposals=[filed.proposal])
    message = Message.objects.latest("pk")
    job = ProcrastinateJob.objects.latest("id")
    assert ProcrastinateJob.objects.count() == before + 1
    assert (job.task_name, job.args) == ("mail_message", {"message": message.pk})


def test_a_rehearsal_tells_and_mails_nothing(filed):
    before = ProcrastinateJob.objects.count()
    with rehearsed("A rehearsal"):
        filed.do("convene", at=clock.now() + timedelta(days=3), place="Room 3", proposals=[filed.proposal])
    assert Message.objects.latest("pk").to_mail is False
    assert ProcrastinateJob.objects.count() == before


def test_two_statements_tell_any_number(founded):
    from django.test.utils import CaptureQueriesContext

    from committee.messages import announce

    with CaptureQueriesContext(connection) as captured:
        announce("submit", list(founded.people.values()), by=founded["risk"], about="proposal:0")
    assert len(captured) == 2
    assert Message.objects.filter(about="proposal:0").count() == len(founded.people) - 1
