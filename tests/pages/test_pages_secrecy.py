"""What no page may tell (rules.md, Secrecy): tried with data that would show."""

import re

import pytest
from django.urls import reverse

from committee.models import Resolution
from tests.page_text import page_text
from tests.pages.pages import EVERYBODY, PASSING, as_, look
from tests.stage import MEETING, Stage, stages, undone
from voting.models import Ballot

SECRET = "Never to be read before the closing"
#: hashes of the log, a voter's own receipt in groups among them
_HASH = re.compile(r"\b(?:[0-9a-f]{12,64}|[0-9a-f]{4}(?: [0-9a-f]{4}){2,15})\b")
COMMITTEE = ("chair", "seat2", "seat3", "liaison", "head_office", "risk", "auditor")


def pages(stage, handle):
    """All that the person can look at, joined."""
    client = as_(stage[handle])
    addresses = [reverse(name) for name in ("desk", "proposals", "meetings")]
    addresses.append(reverse("proposal", args=[stage.proposal.pk]))
    addresses.append(reverse("meeting", args=[stage.meeting.pk]))
    addresses += [reverse("stream", args=[row.stream]) for row in (stage.meeting, stage.proposal)]
    return PASSING.sub("", "".join(page_text(client.get(address)) for address in addresses))


def test_an_open_vote_shows_who_has_voted_and_nothing_of_what(voting):
    voting.do("cast", "seat2", choice="against", reason=SECRET)
    voting.do("cast", "seat3", choice="for")
    rows = Ballot.objects.filter(vote=voting.vote).values_list("person", "commitment")
    for handle in EVERYBODY:
        html = pages(voting, handle)
        assert SECRET not in html, handle
        assert not re.search(r"\d+ (for|against|abstaining)\b", html), handle
        shown = {person for person, commitment in rows if commitment[:12] in html}
        assert shown <= {voting[handle].pk}, handle  # the receipt is the voter's own
    html = look(voting["seat2"], "meeting", voting.meeting.pk)
    assert "2 of 3 seats have voted" in html
    assert html.count("<b>has voted</b>") == 2


def test_pages_are_the_same_whatever_was_cast(voting):
    """The strongest form: with other choices every page has the same bytes, up to the log's hashes."""
    seen = []
    for choices in (["for", "for"], ["against:" + SECRET, "for"], ["for", "against:" + SECRET]):
        with undone():
            voting.cast(*choices)
            seen.append({handle: _HASH.sub("", pages(voting, handle)) for handle in COMMITTEE})
    assert seen[0] == seen[1] == seen[2]


def test_the_last_ballot_opens_nothing_before_the_closing(voted):
    for handle in EVERYBODY:
        assert not re.search(r"\d+ (for|against|abstaining)\b", pages(voted, handle)), handle


def test_after_the_closing_members_see_names_choices_and_reasons(voting):
    voting.cast("for", "against:" + SECRET, "for")
    voting.do("close_vote")
    for handle in COMMITTEE:
        html = look(voting[handle], "meeting", voting.meeting.pk)
        assert SECRET in html
        assert "Carried: 2 for, 1 against (2 needed)" in html
        assert voting["seat2"].display_name in html


def cancelled() -> Stage:
    stage = Stage().to("voting")
    stage.do("cast", "seat2", choice="against", reason=SECRET)
    stage.do("cancel_vote", reason="Papers were missing")
    stage.do("close_meeting")
    stage.do("draft_minutes", narrative="")
    stage.do("sign_minutes")
    return stage


cancelled_vote = stages("cancelled_vote", cancelled)


def test_a_cancelled_votes_ballots_are_never_shown(cancelled_vote):
    commitment = Ballot.objects.get(vote=cancelled_vote.vote).commitment
    for handle in EVERYBODY:
        html = pages(cancelled_vote, handle)
        assert SECRET not in html, handle
        assert commitment[:12] not in html, handle
    html = look(cancelled_vote["liaison"], "meeting", cancelled_vote.meeting.pk)
    assert "Papers were missing" in html
    assert "never opened" in html


@pytest.mark.parametrize("handle", ["handler", "handler_head"])
def test_the_institution_sees_counts_and_reasons_without_names(voting, handle):
    voting.cast("for", "against:" + SECRET, "for")
    voting.do("close_vote")
    html = look(voting[handle], "proposal", voting.proposal.pk)
    assert "Carried: 2 for, 1 against (2 needed)" in html
    assert SECRET in html
    for seat in ("seat2", "seat3"):
        assert voting[seat].display_name not in html
    assert Resolution.objects.get(item__meeting=voting.meeting).ballots[1]["commitment"][:12] not in html
    assert f"/meetings/{voting.meeting.pk}/" not in html


def test_credit_sees_names_only_with_the_signed_minutes(voting):
    voting.cast("for", "against:" + SECRET, "for")
    voting.do("close_vote")
    assert voting["seat2"].display_name not in look(voting["credit"], "proposal", voting.proposal.pk)
    voting.do("close_meeting")
    voting.do("draft_minutes", narrative="")
    voting.do("sign_minutes")
    assert voting["seat2"].display_name in look(voting["credit"], "meeting", voting.meeting.pk)


def test_a_request_to_abstain_is_ones_own_and_that_of_who_decides_while_the_meeting_runs(taken_up):
    """A seat's is the chair's to decide, the chair's is head office's."""
    taken_up.do("request_abstention", "seat2", reason="A cousin of mine owes")
    taken_up.do("request_abstention", "chair", reason="My own firm")
    shown = {handle: pages(taken_up, handle) for handle in EVERYBODY}
    reading = {handle for handle in EVERYBODY if "A cousin of mine owes" in shown[handle]}
    assert reading == {"chair", "seat2", "auditor"}
    reading = {handle for handle in EVERYBODY if "My own firm" in shown[handle]}
    assert reading == {"chair", "head_office", "auditor"}
    for handle in ("seat3", "liaison"):
        assert "Consent to abstain requested" not in shown[handle]
    taken_up.do("grant_abstention", seat=2)
    taken_up.do("close_meeting")
    assert "A cousin of mine owes" in look(taken_up["seat3"], "meeting", taken_up.meeting.pk)


def test_what_is_amended_after_a_return_stays_with_the_institution_until_submitted(submitted):
    submitted.do("return", reason="Evidence is missing")
    submitted.do("amend", changes={"executor": "Somebody not yet told of"})
    reading = {
        handle for handle in EVERYBODY if "Somebody not yet told of" in pages_of_plan(submitted, handle)
    }
    assert reading == {"handler", "handler_head", "auditor"}
    submitted.do("submit")
    assert "Somebody not yet told of" in look(submitted["liaison"], "proposal", submitted.proposal.pk)


def test_versions_that_were_never_submitted_stay_with_the_institution(drafted):
    drafted.do("amend", changes={"executor": "First thought"})
    drafted.do("amend", changes={"executor": "Second thought"})
    drafted.do("submit")
    assert "First thought" in look(drafted["handler"], "proposal", drafted.proposal.pk)
    html = look(drafted["liaison"], "proposal", drafted.proposal.pk)
    assert "First thought" not in html
    assert "Second thought" in html
    assert "Plan amended" not in html


def pages_of_plan(stage, handle):
    return page_text(as_(stage[handle]).get(reverse("proposal", args=[stage.proposal.pk])))


def rejected_elsewhere() -> Stage:
    """The other institution's plan was not carried; the handler submits one on the same contract."""
    stage = Stage().to("founded")
    stage.plan = stage.plan | {"title": "The plan of the other institution"}
    stage.foreign = stage.proposal = stage.do("draft", "other_handler", plan=stage.plan)
    for verb in ("submit", "shortlist"):
        stage.do(verb, "other_handler" if verb == "submit" else None)
    stage.do("file_docket", proposals=[stage.proposal])
    stage.step = "filed"
    stage.to("voting")
    stage.cast("against:No", "against:No", "against:No")
    stage.do("close_vote")
    stage.proposal = stage.do(
        "draft", plan=stage.plan | {"title": "The new plan", "measures": ["litigation", "instalments"]}
    )
    stage.do("submit")
    return stage


compared = stages("compared", rejected_elsewhere)


def test_a_comparison_with_another_institutions_plan_is_told_in_number_only(compared):
    html = look(compared["handler"], "proposal", compared.proposal.pk)
    assert "1 change in substance" in html or "changes in substance" in html
    assert "The plan of the other institution" not in html
    assert compared.now(compared.foreign).written_number not in html
    html = look(compared["liaison"], "proposal", compared.proposal.pk)
    assert "The plan of the other institution" in html
    assert compared.now(compared.foreign).written_number in html


def test_the_log_shows_no_payload(voting):
    voting.do("cast", "seat2", choice="against", reason=SECRET)
    voting.do("cast", "seat3", choice="for")
    voting.do("cast", "chair", choice="for")
    voting.do("close_vote")
    assert SECRET not in look(voting["auditor"], "stream", voting.meeting.stream)


def test_the_minutes_are_not_for_a_proxy(proxied_session):
    html = look(proxied_session["deputy3"], "meeting", proxied_session.meeting.pk)
    assert 'id="papers"' not in html
    assert 'id="timeline"' not in html
    assert 'id="notice"' not in html


def session_by_proxy() -> Stage:
    stage = Stage().to("noticed")
    stage.proxy()
    stage.travel(MEETING)
    stage.sign_in("chair", "seat2", "deputy3")
    stage.do("open_meeting")
    stage.do("take_up")
    stage.do("open_vote")
    return stage


proxied_session = stages("proxied_session", session_by_proxy)


def test_a_proxys_desk_has_the_ballot_of_the_seat(proxied_session):
    assert "Ballots to cast" in look(proxied_session["deputy3"], "desk")
    proxied_session.do("cast", "deputy3", choice="for")
    desk = re.sub(r"(?s)^.*<main", "", look(proxied_session["deputy3"], "desk"))
    agenda = re.compile(r'(?s)<details class="band-items">.*?</details>')  # of the meeting, which goes on
    assert proxied_session.now(proxied_session.proposal).title not in agenda.sub("", desk)
