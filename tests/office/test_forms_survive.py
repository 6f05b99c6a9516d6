"""Forms survive being sent twice, the browser's back button, a second tab and the end of the session."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from audit.models import Entry
from office import submitting
from tests.office.pages import as_
from tests.stage import *  # noqa: F403  # the fixtures

TYPED = "Typed at length, in writing"
ONCE = re.compile(r'name="once" value="([^"]+)"')

#: stage → whose form, the address, what is sent; each of them does what it says
FORMS = {
    "shortlist": ("submitted", "liaison", "proposal-act", ("shortlist",), {}),
    "return": ("submitted", "liaison", "proposal-act", ("return",), {"reason": TYPED}),
    "screen_out": ("submitted", "liaison", "proposal-act", ("screen_out",), {"reason": TYPED}),
    "withdraw": ("submitted", "handler", "proposal-act", ("withdraw",), {"reason": TYPED}),
    "submit": ("drafted", "handler", "proposal-act", ("submit",), {}),
    "draft": ("founded", "handler", "committee-act", ("draft",), {"title": TYPED}),
    "convene": (
        "filed", "chair", "convene", (),
        {"date": "2026-03-09", "time": "10:00", "place": TYPED, "item": "plan"},
    ),
    "change_meeting": (
        "convened", "chair", "change-meeting", (),
        {"date": "2026-03-09", "time": "10:00", "place": TYPED, "item": "plan"},
    ),
    "cancel_meeting": ("convened", "chair", "meeting-act", ("cancel_meeting",), {"reason": TYPED}),
    "send_notice": ("convened", "liaison", "meeting-act", ("send_notice",), {}),
    "acknowledge": ("noticed", "seat2", "meeting-act", ("acknowledge",), {}),
    "declare_conflict": ("taken_up", "seat2", "proposal-act", ("declare_conflict",), {"reason": TYPED}),
    "read_materials": ("noticed", "seat2", "proposal-act", ("read_materials",), {}),
    "draft_minutes": ("closed", "liaison", "meeting-act", ("draft_minutes",), {"narrative": TYPED}),
    "distribute": ("signed", "liaison", "meeting-act", ("distribute",), {}),
    "receive_report": ("reported", "head_office", "meeting-act", ("receive_report",), {}),
    "terminate": ("executing", "liaison", "proposal-act", ("terminate",), {"reason": TYPED}),
    "file_docket": ("shortlisted", "liaison", "docket-new", (), {"plan": "plan"}),
    "appoint_liaison": ("founded", "risk", "committee-act", ("appoint_liaison",), {"find": "综合管理部职员"}),
    "publish_interpretation": (
        "founded", "risk", "committee-act", ("publish_interpretation",), {"article": "14", "text_zh": TYPED},
    ),
    "vacate_seat": ("founded", "risk", "roster-seat", (2,), {"act": "vacate"}),
    "amend_regulation": (
        "founded", "risk", "amend-regulation", (),
        {
            "seats": "3", "votes_to_pass": "3", "notice_days": "2", "proxies_per_holder": "1",
            "material_change_pct": "10", "minutes_due_days": "5", "effective_from": "2026-04-01",
            "step": "confirm", "number": "2",
        },
    ),
}  # fmt: skip


def opened(request, act):
    """The stage, whose form it is, its address and what is sent."""
    step, handle, name, more, given = FORMS[act]
    stage = request.getfixturevalue(step)
    subject = {"proposal": stage.proposal, "meeting": stage.meeting}.get(name.partition("-")[0])
    if name == "change-meeting":
        subject = stage.meeting
    address = reverse(name, args=[(subject or stage.committee).pk, *more])
    plan = stage.proposal.pk if stage.proposal else ""
    return stage, handle, address, {key: plan if value == "plan" else value for key, value in given.items()}


def token(client, address):
    """The token of the form as it is shown; of a form that is shown elsewhere, one of the person's."""
    page = client.get(address)
    found = ONCE.search(page.content.decode())
    return found[1] if found else submitting.token(page.wsgi_request.user)


@pytest.mark.parametrize("act", FORMS)
def test_sent_twice_it_acts_once_and_leads_to_the_same_place(request, act):
    stage, handle, address, given = opened(request, act)
    client = as_(stage[handle])
    sent = given | {"once": token(client, address)}
    first = client.post(address, sent)
    assert first.status_code == 302, first.content.decode()
    entries = Entry.objects.count()
    again = client.post(address, sent)  # an impatient hand, or the form again after the button Back
    assert (again.status_code, again["Location"]) == (302, first["Location"])
    assert Entry.objects.count() == entries


@pytest.mark.parametrize("act", [act for act, form in FORMS.items() if TYPED in form[-1].values()])
def test_when_the_session_has_ended_what_was_typed_comes_back_to_the_same_person_alone(request, act):
    stage, handle, address, given = opened(request, act)
    for back in (handle, "auditor"):
        client = as_(stage[handle])
        sent = given | {"once": token(client, address)}
        client.logout()
        assert client.post(address, sent)["Location"] == f"{reverse('login')}?next={address}"
        client.force_login(stage[back], backend="django.contrib.auth.backends.ModelBackend")
        assert (TYPED in client.get(address).content.decode()) is (back == handle)


@pytest.mark.parametrize("act", [act for act, form in FORMS.items() if TYPED in form[-1].values()])
def test_in_a_second_tab_what_was_done_in_the_first_is_refused_or_done_with_its_own_form(request, act):
    """Nothing that was typed is dropped without a word: it is done, or it stands there with the refusal."""
    stage, handle, address, given = opened(request, act)
    client = as_(stage[handle])
    tabs = [given | {"once": token(client, address)} for _tab in range(2)]
    client.post(address, tabs[0])
    second = client.post(address, tabs[1])
    assert second.status_code in (302, 403, 409, 422)
    if second.status_code in (409, 422):
        assert TYPED in second.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["messages-read", "verify", "session-extend", "sessions-end"])
def test_a_button_pressed_after_the_session_leads_by_the_login_to_a_page_that_is_there(client, name):
    assert client.post(reverse(name))["Location"] == f"{reverse('login')}?next={reverse('desk')}"
