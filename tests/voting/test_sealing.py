"""Sealed ballots (Art. 10.5, 20; Secrecy while a vote is open)."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Entry, Payload
from tests.stage import START
from voting.models import Ballot
from voting.sealing import check_receipt, commitment

BALLOT = {"vote": "12", "seat": 3, "person": "45", "choice": "against", "reason": "理由充分"}
SALT = bytes(range(32))


def test_the_commitment_is_a_salted_sha_256_that_anyone_can_compute():
    body = '{"choice":"against","person":"45","reason":"理由充分","seat":3,"vote":"12"}'
    expected = hashlib.sha256(b"lianxi-ballot-1\x00" + SALT + body.encode()).hexdigest()
    assert commitment(SALT, **BALLOT) == expected


def test_a_receipt_is_checked_with_the_salt():
    receipt = commitment(SALT, **BALLOT)
    assert check_receipt(receipt, salt=SALT.hex(), **BALLOT)
    assert check_receipt(f" {receipt.upper()}\n", salt=SALT.hex(), **BALLOT)


@pytest.mark.parametrize(
    "changed", [{"vote": "13"}, {"seat": 4}, {"person": "46"}, {"choice": "for"}, {"reason": "理由"}]
)
def test_the_receipt_of_another_ballot_does_not_fit(changed):
    assert not check_receipt(commitment(SALT, **BALLOT), salt=SALT.hex(), **(BALLOT | changed))


@pytest.mark.parametrize("salt", ["", "zz", SALT.hex()[:-2], bytes(32).hex()])
def test_nor_with_another_salt(salt):
    assert not check_receipt(commitment(SALT, **BALLOT), salt=salt, **BALLOT)


@pytest.mark.parametrize("receipt", ["", "no", "é" * 64, "0" * 64])
def test_what_is_no_receipt_does_not_fit(receipt):
    assert not check_receipt(receipt, salt=SALT.hex(), **BALLOT)


@given(st.text(max_size=40), st.text(max_size=40))
def test_two_reasons_have_two_commitments(one, other):
    same = commitment(SALT, **BALLOT | {"reason": one}) == commitment(SALT, **BALLOT | {"reason": other})
    assert same is (one == other)


# --- what the log says of a vote ---


def bodies(stage, *actions):
    """The payloads of the meeting's and the proposal's streams, as text, by action."""
    entries = Entry.objects.filter(stream__in=[stage.meeting.stream, stage.proposal.stream]).order_by(
        "stream", "seq"
    )
    if actions:
        entries = entries.filter(action__in=actions)
    by_commitment = {bytes(row.commitment): bytes(row.body) for row in Payload.objects.all()}
    return [by_commitment[bytes(entry.commitment)].decode() for entry in entries]


def vote(stage):
    stage.do("request_abstention", "seat3", reason="A cousin of the borrower")
    stage.do("grant_abstention", seat=3)
    stage.cast("for", "against:Too long 理由充分", "abstain:As requested")


@pytest.mark.article("10.5")
def test_nothing_of_a_choice_is_in_any_payload_before_the_closing(voting):
    vote(voting)
    for body in bodies(voting, "cast"):
        said = json.loads(body)
        assert set(said) <= {"seat", "proxy", "commitment", "stored"}
        ballots = [row for key, row in said.get("stored", {}).items() if key.startswith("voting_ballot:")]
        assert all(row[secret] == "" for row in ballots for secret in ("choice", "reason", "salt"))
    told = [json.loads(body) for body in bodies(voting)]
    columns = {name for said in told for row in said.pop("stored", {}).values() for name in row or ()}
    assert {"against_count", "choice"} <= columns  # the names of columns stand there, and digests
    for word in ("against", '"for"', "Too long", "理由充分", "As requested"):
        assert not any(word in json.dumps(said, ensure_ascii=False) for said in told)
    salts = [bytes(salt).hex() for salt in Ballot.objects.values_list("salt", flat=True)]
    assert not any(salt in body for salt in salts for body in bodies(voting))


def test_nor_in_a_running_count(voting):
    vote(voting)
    row = voting.vote
    assert (row.for_count, row.against_count, row.abstained_count, row.carried) == (None, None, None, None)


def test_the_closing_reveals_all_with_salts_and_each_matches_what_was_committed(nine_voting):
    nine_voting.cast(*["for"] * 6, *["against:Too long"] * 3)
    receipts = {row.seat.number: row.commitment for row in Ballot.objects.filter(vote=nine_voting.vote)}
    nine_voting.do("close_vote")
    committed = {}
    for body in bodies(nine_voting, "cast"):
        payload = json.loads(body)
        committed[payload["seat"]] = payload["commitment"]
    (closing,) = [
        json.loads(body) for body in bodies(nine_voting, "close_vote") if "ballots" in json.loads(body)
    ]
    assert len(closing["ballots"]) == 9
    for row in closing["ballots"]:
        opened = {key: row[key] for key in ("vote", "seat", "person", "choice", "reason")}
        assert committed[row["seat"]] == receipts[row["seat"]] == row["commitment"]
        assert check_receipt(committed[row["seat"]], salt=row["salt"], **opened)
    assert len({row["salt"] for row in closing["ballots"]}) == 9
    assert [row["choice"] for row in closing["ballots"]] == ["for"] * 6 + ["against"] * 3


def test_the_ballots_of_a_cancelled_vote_are_never_opened(voting):
    vote(voting)
    voting.do("cancel_vote", reason="Papers missing")
    voting.do("close_meeting")
    voting.do("draft_minutes", narrative="Said.")
    voting.do("sign_minutes")
    for verb in ("distribute", "report_decisions", "archive"):
        voting.do(verb)
    text = "".join(bodies(voting))
    for word in ('"against"', "Too long", "As requested"):
        assert word not in text
    from office.models import Copy, Minutes, Report

    papers = [
        Minutes.objects.get(meeting=voting.meeting).record,
        Report.objects.get(meeting=voting.meeting).content,
    ]
    papers += [copy.content for copy in Copy.objects.filter(minutes__meeting=voting.meeting)]
    for paper in papers:
        for word in ("Too long", "As requested"):
            assert word not in json.dumps(paper, ensure_ascii=False)
    assert Ballot.objects.filter(vote=voting.vote).count() == 3  # void, but kept


def test_the_voter_gets_the_commitment_as_a_receipt(voting):
    ballot = voting.do("cast", "seat2", choice="for")
    assert ballot.commitment == Ballot.objects.get(pk=ballot.pk).commitment
    assert len(bytes(ballot.salt)) == 32


def test_ballots_entered_at_the_opening_are_committed_to_there(noticed):
    noticed.proxy(powers="attend speak")
    noticed.travel(START.replace(day=5, hour=14))
    noticed.sign_in("chair", "seat2", "deputy3")
    for verb in ("open_meeting", "take_up", "open_vote"):
        noticed.do(verb)
    (opening,) = [json.loads(body) for body in bodies(noticed, "open_vote") if "entered" in body]
    entered = Ballot.objects.get(vote=noticed.vote)
    assert opening["entered"] == {"3": entered.commitment}
    noticed.cast("for", "for")
    noticed.do("close_vote")
    (closing,) = [json.loads(body) for body in bodies(noticed, "close_vote") if '"ballots"' in body]
    row = closing["ballots"][2]
    assert (row["seat"], row["choice"], row["commitment"]) == (3, "abstain", entered.commitment)
