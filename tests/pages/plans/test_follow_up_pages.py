"""Follow-ups on pages: assigned from a milestone, reported, returned, confirmed; on desks and in papers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse

from office.models import FollowUp
from tests.page_text import page_text
from tests.pages.pages import as_, look, queries
from tests.stage import START, Stage, clock, plan, today, undone

TASK = "Register the mortgage of the workshop"


def address(stage: Stage, verb: str) -> str:
    return reverse("proposal-act", args=[stage.proposal.pk, verb])


def send(stage: Stage, verb: str, by: str, **given: Any) -> Any:
    return as_(stage[by]).post(address(stage, verb), given)


def assign(stage: Stage, owner: str = "handler", days: int = 5) -> FollowUp:
    due = today() + timedelta(days=days)
    row: FollowUp = stage.do("assign_follow_up", text=TASK, owner=stage[owner], due=due)
    return row


def typed(client: Any, at: str, milestone: str) -> str:
    """The fields of the form, with that milestone taken over."""
    return page_text(client.get(at, {"milestone": milestone})).partition('class="form act"')[2]


def test_a_milestone_of_the_plan_is_taken_over_into_the_form(db):
    day = (START.date() + timedelta(days=30)).isoformat()
    with clock.frozen(START), undone():
        stage = Stage()
        stage.plan = plan(milestones=[{"on": day, "what": "Lease the workshop"}])
        stage.to("signed")
        client = as_(stage["liaison"])
        at = address(stage, "assign_follow_up")
        html = page_text(client.get(at))
        assert "Lease the workshop" in html
        html = typed(client, at, "1")
        assert "Lease the workshop" in html
        assert f'value="{day}"' in html
        for wrong in ("2", "0", "x", "9" * 30):
            assert "Lease" not in typed(client, at, wrong)
        stage.do("assign_follow_up", text="Lease the workshop", owner=stage["handler"], due=today())
        assert "Take over" not in page_text(client.get(at))


def test_the_liaison_assigns_the_owner_reports_and_the_liaison_confirms(signed):
    due = (today() + timedelta(days=5)).isoformat()
    html = look(signed["liaison"], "proposal", signed.proposal.pk)
    assert address(signed, "assign_follow_up") in html
    assert address(signed, "assign_follow_up") not in look(signed["chair"], "proposal", signed.proposal.pk)
    owner = signed["handler"].pk
    sent = send(signed, "assign_follow_up", "liaison", text=TASK, owner=owner, due=due)
    assert sent["Location"].endswith("#follow-ups")
    report = f"{address(signed, 'report_follow_up')}?follow_up=1"
    assert report in look(signed["handler"], "proposal", signed.proposal.pk)
    assert report not in look(signed["handler_head"], "proposal", signed.proposal.pk)
    send(signed, "report_follow_up", "handler", follow_up="1", text="Registered, No. 7", done="on")
    html = look(signed["liaison"], "proposal", signed.proposal.pk)
    assert "Registered, No. 7" in html
    assert f"{address(signed, 'confirm_follow_up')}?follow_up=1" in html
    assert send(signed, "confirm_follow_up", "liaison", follow_up="1").status_code == 302
    assert FollowUp.objects.get().state == "done"
    assert "confirm_follow_up" not in look(signed["liaison"], "proposal", signed.proposal.pk)


def test_a_refusal_stands_beside_the_field_and_what_was_typed_stays(signed):
    past = (today() - timedelta(days=1)).isoformat()
    given = {"text": TASK, "owner": signed["handler"].pk, "due": past}
    html = page_text(send(signed, "assign_follow_up", "liaison", **given))
    assert 'data-code="follow-up/invalid"' in html
    assert html.index('id="id_due"') < html.index('data-code="follow-up/invalid"')
    assert TASK in html
    assert not FollowUp.objects.exists()
    outsider = send(signed, "assign_follow_up", "liaison", **given | {"owner": signed["outsider"].pk})
    assert outsider.status_code == 422


def test_it_is_returned_to_another_owner(signed):
    assign(signed)
    given = {"follow_up": "1", "reason": "No number", "owner": signed["seat2"].pk, "due": ""}
    assert send(signed, "return_follow_up", "liaison", **given).status_code == 302
    row = FollowUp.objects.get()
    assert (row.owner, row.due_on) == (signed["seat2"], today() + timedelta(days=5))
    assert "No number" in look(signed["seat2"], "proposal", signed.proposal.pk)


def test_it_stands_on_the_desk_of_whoever_has_to_act(signed):
    assign(signed)
    assert TASK in look(signed["handler"], "desk")
    for handle in ("seat2", "liaison", "handler_head"):
        assert TASK not in look(signed[handle], "desk")
    with clock.frozen(clock.now() + timedelta(days=6)):
        assert "overdue since" in look(signed["handler"], "desk")
        assert "Follow-ups that are late" in look(signed["liaison"], "desk")
    signed.do("report_follow_up", follow_up=1, text="Registered", done=True)
    assert TASK not in look(signed["handler"], "desk")
    assert "Follow-ups to confirm" in look(signed["liaison"], "desk")


def test_the_papers_of_the_next_meeting_have_what_is_not_done(signed):
    assign(signed)
    later = signed.convene(signed.another("C-2"), at=clock.now() + timedelta(days=7))
    assert TASK in look(signed["seat2"], "papers", later.pk)
    assert TASK not in look(signed["seat2"], "papers", signed.meeting.pk)
    signed.do("report_follow_up", follow_up=1, text="Registered", done=True)
    assert "Reported as done" in look(signed["seat2"], "papers", later.pk)
    signed.do("confirm_follow_up", follow_up=1)
    assert TASK not in look(signed["seat2"], "papers", later.pk)


def test_the_list_has_those_of_the_plans_that_one_sees(signed):
    assign(signed)
    for handle in ("liaison", "chair", "handler", "handler_head", "credit", "head_office", "auditor", "risk"):
        assert TASK in look(signed[handle], "follow-ups")
    for handle in ("other_handler", "outsider"):
        assert TASK not in look(signed[handle], "follow-ups")
    assert TASK in look(signed["handler"], "follow-ups", show="own")
    assert TASK not in look(signed["chair"], "follow-ups", show="own")
    assert TASK not in look(signed["chair"], "follow-ups", show="done")


def test_the_list_takes_as_many_statements_for_many_as_for_few(signed):
    assign(signed)
    few = queries(signed["liaison"], "follow-ups")
    for _number in range(4):
        assign(signed)
    assert len(queries(signed["liaison"], "follow-ups")) == len(few) <= 20
