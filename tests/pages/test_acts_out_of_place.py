"""Whoever has the office of an act finds its page at every step, and where it cannot be done, why and what
leads out of it. 403 is for others alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from committee.models import Meeting
from office.models import Dispatch
from proposals.models import Proposal
from regulation.refused import Refused
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, as_
from tests.stage import STEPS, Stage
from web.offers import Offer, _offers_on
from web.viewer import Viewer

BARE = Refused("state/not-allowed").message()
STOP = re.compile(r'<div class="refusal" role="alert"[^>]*data-code="([^"]+)">(.*?)</div>', re.DOTALL)
MESSAGE = re.compile(r'<p class="refusal-message">(.*?)</p>\s*<p class="refusal-remedy">(.*?)</p>', re.DOTALL)


def subjects(stage: Stage) -> Iterator[tuple[str, Any]]:
    if stage.proposal is not None:
        yield "proposal-act", stage.now(stage.proposal)
    if stage.meeting is not None:
        yield "meeting-act", stage.now(stage.meeting)
        yield from (("dispatch-act", row) for row in Dispatch.objects.filter(meeting=stage.meeting)[:1])


def acts(stage: Stage, handle: str) -> Iterator[tuple[str, Any, Offer]]:
    """The acts with a page whose office the person has, on what the person sees."""
    client = as_(stage[handle])
    for name, subject in subjects(stage):
        kind = type(subject)
        if client.get(reverse(name.removesuffix("-act"), args=[subject.pk])).status_code != 200:
            continue
        who = Viewer(stage[handle])
        for offer in _offers_on(kind):
            if not offer.page and offer.held(subject, who):
                yield name, subject, offer


def told(page: str) -> tuple[str, str, str] | None:
    """The code, the message and the remedy of the refusal on the page; None without one."""
    found = STOP.search(page)
    if found is None:
        return None
    words = MESSAGE.search(found[2])
    assert words is not None
    return found[1], words[1].strip(), words[2].strip()


@pytest.mark.parametrize("step", STEPS)
def test_an_act_that_is_out_of_place_says_why_and_what_leads_out_of_it(founded: Stage, step: str) -> None:
    founded.to(step)
    seen = 0
    for handle in EVERYBODY:
        for name, subject, offer in acts(founded, handle):
            where = f"{offer.verb} by {handle} at {step}"
            response = as_(founded[handle]).get(reverse(name, args=[subject.pk, offer.verb]))
            assert response.status_code == 200, where
            page = page_text(response)
            refusal = told(page)
            if offer.entitled(subject, Viewer(founded[handle])) and offer.is_shown_in(
                getattr(subject, "state", "")
            ):
                continue
            seen += 1
            assert refusal is not None, where
            _code, message, remedy = refusal
            assert message, where
            assert BARE not in message, where
            assert remedy, where
            assert f">{offer.name}</button>" not in page, where
    assert seen or step == "founded"


def test_the_reason_is_that_of_the_engine(voted: Stage) -> None:
    """Of acts that ask for nothing, or for nothing before their state, as the engine refuses them."""
    given = {"text": "Said", "reason": "Why", "seat": "2", "observer": "1", "choice": "for", "sure": "on"}
    compared = 0
    for handle in EVERYBODY:
        for name, subject, offer in acts(voted, handle):
            possible = offer.entitled(subject, Viewer(voted[handle])) and offer.is_shown_in(
                getattr(subject, "state", "")
            )
            if possible or offer.form.base_fields.keys() - {*given}:
                continue
            client, address = as_(voted[handle]), reverse(name, args=[subject.pk, offer.verb])
            page, sent = told(page_text(client.get(address))), client.post(address, given)
            answer = told(page_text(sent))
            assert page is not None
            if sent.status_code in (409, 422) and answer is not None:
                assert page[:2] == answer[:2], (offer.verb, handle)
                compared += 1
    assert compared > 10


def test_a_report_that_was_not_sent_is_not_said_to_be_received(signed: Stage) -> None:
    address = reverse("meeting-act", args=[signed.meeting.pk, "receive_report"])
    page = told(page_text(as_(signed["head_office"]).get(address)))
    assert page is not None
    assert page[1] == Refused("state/not-allowed", cause="report/not-sent").message()


def test_an_act_of_another_s_office_stays_forbidden(voting: Stage) -> None:
    for name, subject, verb, handle in (
        ("proposal-act", voting.proposal, "cast", "liaison"),
        ("proposal-act", voting.proposal, "close_vote", "chair"),
        ("meeting-act", voting.meeting, "sign_in_here", "seat2"),
    ):
        assert isinstance(subject, Proposal | Meeting)
        assert as_(voting[handle]).get(reverse(name, args=[subject.pk, verb])).status_code == 403
