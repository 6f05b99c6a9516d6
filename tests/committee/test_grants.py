"""What is granted to one person on one item, and when it ends (architecture.md, Actions)."""

from committee.grants import granted
from committee.models import AgendaItemUserPermission, Person
from tests.stage import MEETING


def grants(stage):
    """Who holds what on the item, by handle."""
    item = stage.now(stage.proposal).item
    handles = {person.pk: handle for handle, person in stage.people.items()}
    rows = AgendaItemUserPermission.objects.filter(content_object=item).select_related("permission")
    found = {}
    for row in rows:
        found.setdefault(handles[row.user_id], set()).add(row.permission.codename.removesuffix("_agendaitem"))
    return found


def in_vote(stage, powers="attend speak vote"):
    stage.proxy(powers=powers)
    stage.travel(MEETING)
    stage.sign_in("chair", "seat2", "deputy3")
    for verb in ("open_meeting", "take_up", "open_vote"):
        stage.do(verb)


def test_a_proxy_is_granted_its_powers_on_the_covered_items(noticed):
    noticed.proxy(powers="attend vote")
    assert grants(noticed) == {"deputy3": {"view", "vote"}}
    noticed.do("revoke_proxy", "seat3")
    assert grants(noticed) == {}


def test_a_holder_with_any_power_sees_the_item(noticed):
    noticed.proxy(powers="speak")
    assert grants(noticed) == {"deputy3": {"view", "speak"}}


def test_the_holders_are_granted_the_ballot_when_the_vote_opens_and_lose_it_when_it_ends(noticed):
    in_vote(noticed)
    holders = {handle: {"vote"} for handle in noticed.seats}
    assert grants(noticed) == {**holders, "deputy3": {"view", "speak", "vote"}}
    noticed.do("cancel_vote", reason="Papers missing")
    assert not any("vote" in held for handle, held in grants(noticed).items() if handle in noticed.seats)


def test_the_coming_of_the_principal_leaves_the_holder_only_to_look(noticed):
    in_vote(noticed)
    noticed.sign_in("seat3")
    assert grants(noticed)["deputy3"] == {"view"}


def test_a_vacated_seats_holder_and_proxy_lose_their_grants_and_the_new_holder_votes(noticed):
    in_vote(noticed)
    noticed.do("vacate_seat", seat=3)
    assert set(grants(noticed)) == {"chair", "seat2"}
    noticed.do("fill_seat", seat=3, holder=noticed["outsider"])
    assert grants(noticed)["outsider"] == {"vote"}


def test_an_observer_is_granted_the_item_until_withdrawing(taken_up):
    taken_up.do("admit_observer", observer=taken_up["handler_head"])
    assert grants(taken_up) == {"handler_head": {"observe"}}
    taken_up.do("withdraw_observer")
    assert grants(taken_up) == {}


def test_guardian_reads_the_same_grants(noticed):
    noticed.proxy()
    item = noticed.now(noticed.proposal).item
    for handle in ("deputy3", "deputy2", "seat3"):
        person = Person.objects.get(pk=noticed[handle].pk)
        assert person.has_perm("committee.vote_agendaitem", item) is (handle == "deputy3")
        assert granted(item, person, "vote_agendaitem") is (handle == "deputy3")


def test_the_institutions_group_holds_its_proposal(drafted):
    for handle in ("handler", "other_handler", "handler_head"):
        person = Person.objects.get(pk=drafted[handle].pk)
        assert person.has_perm("proposals.handle_proposal", drafted.proposal) is (handle == "handler")
