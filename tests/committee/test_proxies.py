"""Written authorisations (Art. 11)."""

import pytest

from audit import clock
from committee.models import Proxy
from tests.stage import MEETING, START, Stage


@pytest.mark.article("11")
def test_a_proxy_is_a_written_authorisation_with_items_and_powers(convened):
    proxy = convened.proxy(powers="vote attend")
    item = convened.now(convened.proposal).item
    assert (proxy.principal, proxy.holder, proxy.seat.number) == (convened["seat3"], convened["deputy3"], 3)
    assert (proxy.powers, list(proxy.items.all())) == (["attend", "vote"], [item])
    assert proxy.document == "Signed authorisation"


def refused(stage, code, by="seat3", holder="deputy3", powers="vote", **given):
    given = {"proposals": [stage.proposal], "document": "Signed"} | given
    return stage.refused(code, "authorise_proxy", by, holder=stage[holder], powers=powers.split(), **given)


ORDER = [
    ("11/document-required", {"document": " . "}),
    ("11/scope-required", {"powers": "rule"}),
    ("11/holder-not-eligible", {"holder": "liaison"}),
    ("11/out-of-scope", {"another": True}),
    ("11/after-vote-opened", {"opened": True}),
    ("state/not-allowed", {"second": True}),
]


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_a_proxy_is_checked_in_this_order(taken_up, first):
    """Document, scope, holder, an item not on the agenda, a vote that has opened, one proxy a seat."""
    given = {key: value for _, part in ORDER[first:] for key, value in part.items()}
    taken_up.do("sign_out", "seat3")
    if given.pop("second", None):
        taken_up.proxy(holder="deputy2")
        taken_up.sign_in("deputy2")
    proposals = [taken_up.proposal]
    if given.pop("opened", None):
        taken_up.do("open_vote")
    if given.pop("another", None):
        proposals.append(taken_up.another("C-2"))
    refused(taken_up, ORDER[first][0], proposals=proposals, **given)


@pytest.mark.parametrize("document", ["", "  ", "———", "。"])
def test_it_needs_a_document(convened, document):
    refused(convened, "11/document-required", document=document)


@pytest.mark.parametrize("given", [{"proposals": []}, {"powers": ""}, {"powers": "vote veto"}])
def test_it_names_items_and_known_powers(convened, given):
    refused(convened, "11/scope-required", **given)


@pytest.mark.parametrize("holder", ["seat2", "chair", "seat3", "liaison", "handler", "handler_head"])
def test_a_holder_is_no_member_liaison_or_of_the_handling_institution(convened, holder):
    refused(convened, "11/holder-not-eligible", holder=holder)


@pytest.mark.parametrize("holder", ["other_handler", "outsider", "deputy1", "credit", "head_office"])
def test_others_may_hold_one(convened, holder):
    made = convened.proxy(holder=holder)
    assert list(Proxy.objects.running().filter(meeting=convened.meeting)) == [made]
    assert (made.seat.number, made.holder) == (3, convened[holder])


def test_a_holder_has_one_proxy_in_a_meeting(convened):
    convened.proxy("seat3", "deputy3")
    refused(convened, "11/holder-not-eligible", "seat2", "deputy3")
    convened.do("revoke_proxy", "seat3")
    convened.proxy("seat2", "deputy3")


def test_a_holders_proxies_are_counted_within_the_meeting(filed):
    other = filed.another("C-2")
    filed.meeting = filed.convene(filed.proposal)
    second = filed.convene(other)
    filed.proxy("seat3", "deputy3")
    filed.proxy("seat2", "deputy3", on=second, proposals=[other])


def test_as_many_as_the_regulation_allows(db):
    with clock.frozen(START):
        stage = Stage(proxies_per_holder=2).to("convened")
        stage.proxy("seat3", "deputy1")
        stage.proxy("seat2", "deputy1")
        refused(stage, "11/holder-not-eligible", "chair", "deputy1")


@pytest.fixture
def both(db):
    """deputy1 is in the room for seat 3, and may hold another proxy."""
    with clock.frozen(START):
        stage = Stage(proxies_per_holder=2).to("noticed")
        stage.proxy("seat3", "deputy1")
        stage.sign_in("chair", "deputy1")
        yield stage


def test_a_holder_in_the_room_is_there_for_a_seat_that_authorises_later(both):
    both.proxy("seat2", "deputy1")
    both.refused("state/not-allowed", "sign_in", "deputy1")
    both.travel(MEETING)
    both.do("open_meeting")
    both.do("sign_out", "deputy1")
    both.do("take_up")
    both.refused("20.1/not-all-present", "open_vote")


def test_once_a_principal_who_authorised_while_present_has_left(both):
    both.sign_in("seat2")
    both.proxy("seat2", "deputy1")
    both.travel(MEETING)
    both.do("open_meeting")
    both.do("take_up")
    both.do("sign_out", "seat2")
    both.do("open_vote")


def test_none_where_the_regulation_allows_none(db):
    with clock.frozen(START):
        refused(Stage(proxies_per_holder=0).to("convened"), "11/holder-not-eligible")


def test_a_seat_has_one_proxy_a_meeting(convened):
    convened.proxy("seat3", "deputy3")
    refused(convened, "state/not-allowed", "seat3", "deputy2")


def test_only_a_seat_authorises_not_its_proxy(convened):
    convened.proxy()
    for by in ("deputy3", "liaison", "head_office"):
        refused(convened, "20.1/no-seat", by, "deputy2")
    refused(convened, "access/not-found", "outsider", "deputy2")


@pytest.mark.parametrize("step", ["carried", "closed"])
def test_no_proxy_once_the_vote_on_the_item_opened_or_the_meeting_closed(founded, step):
    founded.to(step)
    refused(founded, "state/not-allowed" if step == "closed" else "11/after-vote-opened")


def test_an_item_that_left_the_agenda_is_not_covered(filed):
    other = filed.another("C-2")
    filed.meeting = filed.convene(filed.proposal, other)
    filed.do("withdraw", on=other, reason="Paid")
    refused(filed, "11/out-of-scope", proposals=[other])


def test_an_item_of_a_cancelled_vote_is_not_covered(voting):
    voting.do("cancel_vote", reason="Papers missing")
    refused(voting, "11/out-of-scope")


# --- revoking ---


def test_a_proxy_is_revoked_until_a_vote_on_a_covered_item_opens(noticed):
    noticed.proxy()
    noticed.do("revoke_proxy", "seat3")
    noticed.refused("state/not-allowed", "revoke_proxy", "seat3")
    noticed.refused("access/not-found", "sign_in", "deputy3")
    noticed.proxy()
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3")
    for verb in ("open_meeting", "take_up", "open_vote"):
        noticed.do(verb)
    noticed.refused("11/after-vote-opened", "revoke_proxy", "seat3")


def test_revoking_takes_the_holder_out_of_the_room(noticed):
    noticed.proxy()
    noticed.sign_in("deputy3")
    noticed.do("revoke_proxy", "seat3")
    assert not noticed.meeting.attendances.filter(signed_out_at=None).exists()


def test_only_the_seat_revokes_its_own(noticed):
    noticed.proxy()
    noticed.refused("20.1/no-seat", "revoke_proxy", "deputy3")
    noticed.refused("state/not-allowed", "revoke_proxy", "seat2")
    noticed.refused("20.1/no-seat", "revoke_proxy", "liaison")


def test_an_ended_proxy_is_not_revoked(noticed):
    noticed.proxy()
    noticed.sign_in("deputy3", "seat3")
    noticed.refused("state/not-allowed", "revoke_proxy", "seat3")


# --- scope in session ---


def with_proxy(stage, powers, sign_in=True, **given):
    stage.proxy(powers=powers, **given)
    stage.travel(MEETING)
    stage.sign_in("chair", "seat2", *(["deputy3"] if sign_in else []))
    stage.do("open_meeting")
    stage.do("take_up")


@pytest.mark.parametrize("powers", ["attend", "attend vote", "vote"])
def test_opinions_need_the_power_to_speak(noticed, powers):
    with_proxy(noticed, powers)
    noticed.refused("11/out-of-scope", "record_opinion", "deputy3", text="Sound")


@pytest.mark.parametrize("powers", ["attend", "attend speak"])
def test_abstention_requests_need_the_power_to_vote(noticed, powers):
    with_proxy(noticed, powers)
    noticed.refused("11/out-of-scope", "request_abstention", "deputy3", reason="Kin")


def test_proposals_to_cancel_need_the_power_to_speak(noticed):
    with_proxy(noticed, "vote")
    noticed.do("open_vote")
    noticed.refused("11/out-of-scope", "propose_cancellation", "deputy3", reason="Papers")


def test_a_proxy_acts_on_covered_items_only(noticed):
    other = noticed.another("C-2")
    noticed.do("change_meeting", proposals=[noticed.proposal, other])
    noticed.do("send_notice")
    with_proxy(noticed, "attend speak vote")
    noticed.do("take_up", on=other)
    noticed.refused("access/not-found", "record_opinion", "deputy3", on=other, text="Sound")
    noticed.do("record_opinion", "deputy3", text="Sound")
    refusal = noticed.refused("20.1/not-all-present", "open_vote", on=other)
    assert refusal.context["seats"] == [3]
    noticed.do("open_vote")


def test_a_conflict_is_declared_by_the_member_not_by_the_proxy(noticed):
    noticed.proxy()
    noticed.refused("20.1/no-seat", "declare_conflict", "deputy3", reason="My cousin's firm")
    noticed.do("declare_conflict", "seat3", reason="My cousin's firm")
