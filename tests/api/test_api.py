"""The site for programs answers what the actions answer, and tells what is wrong with a request."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from api.json_input import MAX_BYTES
from api.verbs import VERBS
from audit import clock
from audit.models import Entry
from committee.acts import Kind
from committee.models import Person
from office.models import Dispatch, Minutes
from portfolio.permissions import ACTS as LEDGER
from proposals.models import Proposal
from regulation.codes import CODES
from regulation.refused import Refused
from rehearsal.verbs import VERBS as REHEARSED
from tests.pages.pages import EVERYBODY, PASSWORD, as_, give_password
from tests.stage import MEETING, START, Stage, plan, stages, today, undone
from voting.models import Ballot
from web.models import Submission

WHY = "Reason given in writing"


#: without the acts on the ledger, which no committee has: tests/api/test_ledger.py
COMMON = [verb for verb in VERBS if verb not in LEDGER]


def ask(person, verb, body, *, language="en", client=None, **headers):
    """The status and the JSON of asking for this."""
    sent = body if isinstance(body, bytes) else json.dumps(body, default=lambda at: at.isoformat())
    client = client or as_(person, language)
    response = client.post(f"/api/{verb}/", sent, content_type="application/json", headers=headers)
    return response.status_code, json.loads(response.content)


def read(person, address):
    response = as_(person).get(address)
    return response.status_code, json.loads(response.content)


# -- The same as the actions -------------------------------------------------------------------------------


def asked(stage, kind):
    """A plausible value of the kind: as a request has it, and as the action does."""
    match kind:
        case Kind.COMMITTEE:
            return stage.committee.pk, stage.committee
        case Kind.PROPOSAL:
            return stage.proposal.pk, stage.proposal
        case Kind.PROPOSALS:
            return [stage.proposal.pk], [stage.proposal]
        case Kind.MEETING:
            return stage.meeting.pk, stage.meeting
        case Kind.MOMENT:
            return (MEETING + timedelta(days=9),) * 2
        case Kind.DISPATCH:
            sent = Dispatch.objects.filter(meeting=stage.meeting).first()
            sent = sent or Dispatch(pk=10**15, meeting=stage.meeting)
            return sent.pk, sent
        case Kind.DATE:
            return (today(),) * 2
        case Kind.PERSON:
            return stage["deputy3"].staff_no, stage["deputy3"]
        case Kind.SEAT:
            return 2, 2
        case Kind.MINUTES_EACH:
            return [20], [20]
        case Kind.SEATS:
            return [2], [2]
        case Kind.NUMBER | Kind.MINUTES:
            return 1, 1
        case Kind.FLAG:
            return True, True
        case Kind.PLAN:
            return (plan("C-9"),) * 2
        case Kind.PLAN_PART:
            return ({"title": "Another"},) * 2
        case Kind.NUMBERS:
            return ({"notice_days": 3},) * 2
        case Kind.WORDS:
            return (["vote"],) * 2
        case Kind.WORD:
            return ("5.00",) * 2
        case Kind.QUESTION:
            return ("plan",) * 2
        case Kind.MODE:
            return ("video",) * 2
        case Kind.TEXT | Kind.LINE:
            return (WHY,) * 2
    raise AssertionError(kind)


def requests(stage, verb):
    """The body of a request for the verb, and the arguments of the action."""
    pairs = {name: asked(stage, kind) for name, kind in VERBS[verb].arguments.items()}
    if verb == "cast":
        pairs["choice"] = ("for", "for")
    password = {"password": PASSWORD} if VERBS[verb].confirmed else {}
    return {name: of[0] for name, of in pairs.items()} | password, {name: of[1] for name, of in pairs.items()}


def by_action(verb, person, arguments):
    with undone():
        try:
            VERBS[verb].do(by=person, arguments=arguments)
        except Refused as refused:
            return refused.status, refused.code
    return 201 if VERBS[verb].makes else 200, None


@pytest.mark.parametrize("handle", ["chair", "liaison"])
def test_each_verb_is_answered_as_its_action_answers(voting, handle):
    give_password(voting, handle)
    client, differ = as_(voting[handle]), {}
    for verb in COMMON:
        body, arguments = requests(voting, verb)
        wanted = by_action(verb, voting[handle], arguments)
        with undone():
            status, told = ask(None, verb, body, client=client)
        if (status, told.get("code")) != wanted:
            differ[verb] = wanted, status, told
    assert not differ


def test_the_verbs_are_those_of_rehearsals():
    assert set(VERBS) == set(REHEARSED)


def two_banks() -> Stage:
    abroad = Stage().to("taken_up")
    clock.travel(START)
    stage = Stage().to("taken_up")
    stage.abroad = abroad
    return stage


banks = stages("banks", two_banks)


def test_nothing_of_another_bank_is_there(banks):
    before = Entry.objects.count()
    for handle in ("chair", "handler"):
        give_password(banks.abroad, handle)
        client = as_(banks.abroad[handle])
        for verb in COMMON:
            body, _ = requests(banks, verb)
            status, told = ask(None, verb, body, client=client)
            assert (status, told["code"]) == (404, "access/not-found"), (verb, handle)
    assert Entry.objects.count() == before


def test_what_does_not_exist_is_answered_as_what_is_not_seen(filed):
    draft = filed.do("draft", by="other_handler", plan=plan("C-8"))
    for pk in (draft.pk, 10**15):
        status, told = ask(filed["handler"], "submit", {"proposal": pk})
        assert status == 404
        assert told.pop("code") == "access/not-found"
        looked = read(filed["handler"], f"/api/proposals/{pk}/")
        assert looked == (status, {"code": "access/not-found", **told})


@pytest.mark.parametrize("verb", [name for name in COMMON if Kind.PERSON in VERBS[name].takes.values()])
def test_its_officer_alone_is_told_whether_a_staff_number_is_somebodys(taken_up, verb):
    body, _ = requests(taken_up, verb)
    (name,) = (name for name, kind in VERBS[verb].takes.items() if kind is Kind.PERSON)
    differ = set()
    for handle in EVERYBODY:
        with undone():
            known = ask(taken_up[handle], verb, body)
        if ask(taken_up[handle], verb, body | {name: "no such number"}) != known:
            differ.add(handle)
    roster = ("fill_seat", "replace_holder", "appoint_liaison", "appoint_stand_in")
    officers = {each: {"risk"} for each in roster}
    officers |= {each: {"liaison"} for each in ("assign_follow_up", "return_follow_up")}
    officers["admit_observer"] = {"chair"}
    assert differ == officers.get(verb, {"chair", "seat2", "seat3"})


def test_a_person_who_is_not_there_is_not_found(noticed):
    given = {"meeting": noticed.meeting.pk, "proposals": [noticed.proposal.pk], "powers": ["vote"]}
    given |= {"document": "Signed", "holder": "no such number"}
    assert ask(noticed["seat2"], "authorise_proxy", given)[1]["code"] == "access/not-found"
    Person.objects.filter(pk=noticed["deputy2"].pk).update(is_active=False)
    given["holder"] = noticed["deputy2"].staff_no
    assert ask(noticed["seat2"], "authorise_proxy", given)[0] == 404


# -- What is told of an act --------------------------------------------------------------------------------


def test_what_is_made_is_told_with_its_address(founded):
    client = as_(founded["handler"])
    body = {"committee": founded.committee.pk, "plan": plan()}
    response = client.post("/api/draft/", json.dumps(body), content_type="application/json")
    told = response.json()["proposal"]
    assert response.status_code == 201
    assert response["Location"] == f"/api/proposals/{told['id']}/"
    assert response["Cache-Control"] == "no-store"
    assert (told["state"], told["number"], told["votes"]) == ("draft", "", [])
    assert client.get(response["Location"]).json() == told


def test_an_act_tells_what_has_become_of_its_object(voted):
    status, told = ask(voted["liaison"], "close_vote", {"proposal": voted.proposal.pk})
    assert status == 200
    assert told["proposal"]["state"] == "carried"
    (vote,) = told["proposal"]["votes"]
    assert (vote["for"], vote["against"], vote["abstained"], vote["carried"]) == (3, 0, 0, True)


def test_a_refusal_is_told_with_code_article_and_the_way_out(voting):
    body = {"proposal": voting.proposal.pk, "choice": "against"}
    status, told = ask(voting["seat2"], "cast", body)
    refused = Refused("20.4/reason-required")
    assert (status, told) == (
        422,
        {
            "title": refused.message(),
            "status": 422,
            "code": "20.4/reason-required",
            "remedy": refused.remedy(),
            "article": "20.4",
            "citation": refused.citation(),
            "quotation": refused.article_text(),
        },
    )
    _, chinese = ask(voting["seat2"], "cast", body, language="zh-hans")
    assert chinese["title"] == refused.message("zh")
    response = as_(voting["seat2"]).post("/api/cast/", json.dumps(body), content_type="application/json")
    assert response["Content-Type"] == "application/problem+json"


def test_a_receipt_is_the_ballots_commitment(voting):
    _, told = ask(voting["seat2"], "cast", {"proposal": voting.proposal.pk, "choice": "for"})
    assert told["receipt"] == Ballot.objects.get(person=voting["seat2"]).commitment
    assert told["proposal"]["state"] == "voting"


def test_nothing_told_while_a_vote_is_open_depends_on_what_was_cast(voting):
    addresses = (f"/api/proposals/{voting.proposal.pk}/", f"/api/meetings/{voting.meeting.pk}/")
    seen = []
    for choices in (["for", "for", "for"], ["against:No", "for", "against:Too long"]):
        with undone():
            voting.cast(*choices)
            seen.append([read(voting[who], each) for who in ("seat2", "liaison") for each in addresses])
    assert seen[0] == seen[1]
    assert '"for": null' in json.dumps(seen[0])


# -- Keys --------------------------------------------------------------------------------------------------


def test_a_request_repeated_with_its_key_is_done_once(executing):
    body = {"proposal": executing.proposal.pk, "amount": "5.00", "received_on": today().isoformat()}
    first = ask(executing["handler"], "record_receipt", body, **{"Idempotency-Key": "receipt-1"})
    before = Entry.objects.count()
    assert ask(executing["handler"], "record_receipt", body, **{"Idempotency-Key": "receipt-1"}) == first
    assert Entry.objects.count() == before
    assert ask(executing["handler"], "record_receipt", body)[0] == 200
    assert Entry.objects.count() == before + 1


def test_what_was_made_under_a_key_is_told_again_and_made_once(founded):
    body = {"committee": founded.committee.pk, "plan": plan()}
    status, made = ask(founded["handler"], "draft", body, **{"Idempotency-Key": "k"})
    again, told = ask(founded["handler"], "draft", body, **{"Idempotency-Key": "k"})
    assert (status, again) == (201, 200)
    assert made == told
    assert Proposal.objects.filter(committee=founded.committee).count() == 1


def test_a_key_is_one_persons_and_for_one_request(submitted):
    first = {"proposal": submitted.proposal.pk, "reason": WHY}
    key = {"Idempotency-Key": "k"}
    assert ask(submitted["liaison"], "return", first, **key)[0] == 200
    for verb, body in (("screen_out", first), ("return", first | {"reason": "Another"})):
        status, told = ask(submitted["liaison"], verb, body, **key)
        assert (status, told["code"]) == (422, "request/key-used")
    assert ask(submitted["handler"], "submit", {"proposal": submitted.proposal.pk}, **key)[0] == 200


def test_what_was_refused_under_a_key_may_be_sent_again(submitted):
    body = {"proposal": submitted.proposal.pk, "reason": WHY}
    key = {"Idempotency-Key": "k"}
    with undone():
        submitted.do("shortlist")
        assert ask(submitted["liaison"], "return", body, **key)[0] == 409
        assert not Submission.objects.exists()
    assert ask(submitted["liaison"], "return", body, **key)[0] == 200


def test_a_ballots_key_is_the_ballots(voting):
    body = {"proposal": voting.proposal.pk, "choice": "for"}
    key = {"Idempotency-Key": "ballot-1"}
    first = ask(voting["seat2"], "cast", body, **key)
    for handle in ("chair", "seat3"):
        voting.do("cast", handle, choice="for")
    voting.do("close_vote")
    again = ask(voting["seat2"], "cast", body, **key)
    assert again[0] == 200
    assert again[1]["receipt"] == first[1]["receipt"]
    status, told = ask(voting["seat2"], "cast", body | {"choice": "against", "reason": WHY}, **key)
    assert (status, told["code"]) == (422, "20.1/already-voted")


def test_a_ballot_is_for_the_vote_and_the_seat_that_were_seen(voting):
    (seen,) = read(voting["seat2"], f"/api/proposals/{voting.proposal.pk}/")[1]["votes"]
    body = {"proposal": voting.proposal.pk, "choice": "for"}
    status, told = ask(voting["seat2"], "cast", body | {"vote": seen["id"] + 1})
    assert (status, told["code"]) == (409, "20/vote-not-open")
    status, told = ask(voting["seat2"], "cast", body | {"seat": 3})
    assert (status, told["code"]) == (422, "20.1/already-voted")
    assert ask(voting["seat2"], "cast", body | {"vote": seen["id"], "seat": 2})[0] == 200


@pytest.mark.article("21")
def test_minutes_are_signed_with_the_password_asked_again(minuted):
    give_password(minuted, "chair")
    body = {"meeting": minuted.meeting.pk}
    status, told = ask(minuted["chair"], "sign_minutes", body)
    assert (status, told["code"], told["path"]) == (400, "request/invalid", "$.password")
    for wrong in ("", "another password"):
        status, told = ask(minuted["chair"], "sign_minutes", body | {"password": wrong})
        assert (status, told["code"]) == (403, "request/not-confirmed")
    assert Minutes.objects.get(meeting=minuted.meeting).state == "drafted"
    key = {"Idempotency-Key": "signing"}
    for _ in range(2):
        assert ask(minuted["chair"], "sign_minutes", body | {"password": PASSWORD}, **key)[0] == 200
    assert Minutes.objects.get(meeting=minuted.meeting).state == "signed"
    bare = hashlib.sha256(b"sign_minutes\0" + json.dumps(body | {"password": PASSWORD}).encode()).hexdigest()
    assert bare not in str(list(Submission.objects.values_list()))


# -- What is wrong with a request --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "body", "path"),
    [
        ("submit", b"{", "$"),
        ("submit", b"\xff", "$"),
        ("submit", b"[]", "$"),
        ("submit", b'{"proposal": NaN}', "$"),
        ("submit", b'{"proposal": 1, "proposal": 2}', "$.proposal"),
        ("submit", b'{"proposal": ' + b"[" * 90 + b"]" * 90 + b"}", "$.proposal[0][0]"),
        ("submit", {}, "$.proposal"),
        ("submit", {"proposal": 1, "force": True}, "$.force"),
        ("submit", {"proposal": 1, "by": 5}, "$.by"),
        ("submit", {"proposal": "1"}, "$.proposal"),
        ("submit", {"proposal": True}, "$.proposal"),
        ("submit", {"proposal": 0}, "$.proposal"),
        ("submit", {"proposal": 2**63}, "$.proposal"),
        ("withdraw", {"proposal": 1}, "$.reason"),
        ("withdraw", {"proposal": 1, "reason": "a\0b"}, "$.reason"),
        ("withdraw", {"proposal": 1, "reason": "\ud800"}, "$.reason"),
        ("withdraw", {"proposal": 1, "reason": 5}, "$.reason"),
        ("file_docket", {"committee": 1, "proposals": 1}, "$.proposals"),
        ("file_docket", {"committee": 1, "proposals": [1, None]}, "$.proposals[1]"),
        ("amend", {"proposal": 1, "changes": []}, "$.changes"),
        ("change_meeting", {"meeting": 1}, "$"),
        ("change_meeting", {"meeting": 1, "at": "2026-03-05T09:00"}, "$.at"),
        ("change_meeting", {"meeting": 1, "at": "2026-02-30T09:00Z"}, "$.at"),
        ("change_meeting", {"meeting": 1, "at": "0001-01-01T00:00Z"}, "$.at"),
        ("record_receipt", {"proposal": 1, "amount": "1.00", "received_on": "1.3.2026"}, "$.received_on"),
        ("record_receipt", {"proposal": 1, "amount": 1, "received_on": "2026-03-01"}, "$.amount"),
        ("sign_in", {"meeting": 1, "mode": "by telephone"}, "$.mode"),
        ("send_notice", {"meeting": 1, "paper": [0]}, "$.paper[0]"),
        ("vacate_seat", {"committee": 1, "seat": "chair"}, "$.seat"),
        ("fill_seat", {"committee": 1, "seat": 2, "holder": 7}, "$.holder"),
        ("open_vote", {"proposal": 1, "question": "anything"}, "$.question"),
        (
            "convene",
            {"committee": 1, "at": "2026-03-05T09:00Z", "place": "x", "proposals": [], "emergency": "no"},
            "$.emergency",
        ),
    ],
)
def test_a_bad_body_is_told_where_it_is_bad(founded, verb, body, path):
    status, told = ask(founded["handler"], verb, body)
    assert (status, told["code"], told["path"]) == (400, "request/invalid", path)
    assert told["detail"].startswith("expects ")


@pytest.mark.parametrize("key", ["k" * 65, "a b", "Schlüssel"])
def test_a_bad_key_is_told(founded, key):
    status, told = ask(founded["handler"], "submit", {"proposal": 1}, **{"Idempotency-Key": key})
    assert (status, told["path"]) == (400, "Idempotency-Key")


def test_a_verb_that_is_none_is_unknown(founded):
    for verb in ("dance", "found_bank", "give_password", "1"):
        status, told = ask(founded["chair"], verb, {})
        assert (status, told["code"]) == (404, "request/unknown")


def test_other_methods_are_told_which_to_use(filed):
    client = as_(filed["chair"])
    for method, address, allowed in (
        ("get", "/api/submit/", "POST"),
        ("put", "/api/submit/", "POST"),
        ("post", "/api/", "GET, HEAD"),
        ("delete", f"/api/proposals/{filed.proposal.pk}/", "GET, HEAD"),
    ):
        response = getattr(client, method)(address)
        assert response.status_code == 405
        assert response["Allow"] == allowed
        assert response.json()["code"] == "request/method"


def test_only_json_is_read(founded):
    client = as_(founded["handler"])
    for sent_as in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"):
        response = client.post("/api/submit/", b'{"proposal": 1}', content_type=sent_as)
        assert response.status_code == 415
        assert response.json()["code"] == "request/not-json"


def test_a_body_too_large_is_not_read(founded):
    large = b'{"proposal": 1}' + b" " * MAX_BYTES
    status, told = ask(founded["handler"], "submit", large)
    assert (status, told["code"]) == (413, "request/too-large")


def test_without_a_session_nothing_is_told():
    for client in (Client(), Client(enforce_csrf_checks=True)):
        for response in (
            client.get("/api/"),
            client.post("/api/submit/", b"{}", content_type="application/json"),
        ):
            assert response.status_code == 401
            assert response["Content-Type"] == "application/problem+json"
            assert response["WWW-Authenticate"] == "Session"
            assert response.json()["code"] == "request/not-signed-in"


def test_without_its_csrf_token_nothing_is_done(drafted):
    client = Client(enforce_csrf_checks=True)
    client.force_login(drafted["handler"], backend="django.contrib.auth.backends.ModelBackend")
    body = {"proposal": drafted.proposal.pk}
    status, told = ask(None, "submit", body, client=client)
    assert (status, told["code"]) == (403, "request/forged")
    client.get("/profile/")  # the cookie comes with any form
    token = client.cookies["csrftoken"].value
    assert ask(None, "submit", body, client=client)[0] == 403
    assert ask(None, "submit", body, client=client, **{"X-CSRFToken": "x" * 32})[0] == 403
    elsewhere = {"X-CSRFToken": token, "Origin": "http://evil.example"}
    assert ask(None, "submit", body, client=client, **elsewhere)[0] == 403
    assert drafted.now(drafted.proposal).state == "draft"
    assert ask(None, "submit", body, client=client, **{"X-CSRFToken": token})[0] == 200


def test_a_form_without_its_token_is_answered_by_a_page(drafted):
    client = Client(enforce_csrf_checks=True)
    client.force_login(drafted["handler"], backend="django.contrib.auth.backends.ModelBackend")
    response = client.post(reverse("proposal-act", args=[drafted.proposal.pk, "submit"]))
    assert response.status_code == 403
    assert response["Content-Type"].startswith("text/html")


# -- Reading -----------------------------------------------------------------------------------------------


def test_the_index_tells_who_one_is_and_what_can_be_asked(founded):
    status, told = read(founded["seat2"], "/api/")
    assert status == 200
    assert told["person"] == {"staff_no": founded["seat2"].staff_no, "name": founded["seat2"].display_name}
    assert [each["id"] for each in told["committees"]] == [founded.committee.pk]
    assert told["verbs"]["cast"] == {
        "arguments": {
            "proposal": "proposal",
            "choice": "word",
            "reason": "text",
            "vote": "vote",
            "seat": "seat",
        },
        "optional": ["reason", "seat", "vote"],
    }
    assert told["verbs"]["sign_minutes"] == {
        "arguments": {"meeting": "meeting", "password": "password"},
        "optional": [],
    }
    assert told["verbs"].keys() == VERBS.keys()
    assert read(founded["outsider"], "/api/")[1]["committees"] == []


def test_lists_hold_what_is_seen_in_pages(filed, monkeypatch):
    others = [filed.another(f"C-{number}", to="filed") for number in range(2, 5)]
    draft = filed.do("draft", by="other_handler", plan=plan("C-8"))
    every = [filed.proposal.pk, *(each.pk for each in others)]
    monkeypatch.setattr("api.views.PAGE", 3)
    _, first = read(filed["chair"], "/api/proposals/")
    assert [row["id"] for row in first["proposals"]] == every[:3]
    _, second = read(filed["chair"], first["next"])
    assert [row["id"] for row in second["proposals"]] == every[3:]
    assert second["next"] is None
    (own,) = read(filed["other_handler"], "/api/proposals/")[1]["proposals"]
    assert own["id"] == draft.pk
    assert read(filed["outsider"], "/api/proposals/")[1] == {"proposals": [], "next": None}
    for after in ("x", "-1", "1" * 19, "१"):
        assert read(filed["chair"], f"/api/proposals/?after={after}")[1]["path"] == "after"


def test_a_meeting_is_told_with_the_version_of_its_record(noticed):
    status, told = read(noticed["seat2"], f"/api/meetings/{noticed.meeting.pk}/")
    assert status == 200
    assert told["version"] == Entry.objects.filter(stream=noticed.meeting.stream).count()
    assert told["proposals"] == [noticed.proposal.pk]
    assert (told["state"], told["emergency"]) == ("convened", False)
    listed = read(noticed["seat2"], "/api/meetings/")[1]["meetings"]
    assert [row["id"] for row in listed] == [noticed.meeting.pk]
    assert listed[0].items() <= told.items()


def test_a_proxy_sees_the_covered_items_alone(filed):
    other = filed.another("C-2", to="filed")
    filed.meeting = filed.convene(filed.proposal, other)
    filed.step = "convened"
    filed.to("noticed")
    filed.proxy()
    told = read(filed["deputy3"], f"/api/meetings/{filed.meeting.pk}/")[1]
    assert told["proposals"] == [filed.proposal.pk]
    assert read(filed["deputy3"], f"/api/proposals/{other.pk}/")[0] == 404


def test_the_statuses_are_those_of_the_codes():
    assert {code.status for code in CODES.values()} == {403, 404, 409, 422}
