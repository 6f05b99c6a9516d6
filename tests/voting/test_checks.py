"""What `audit verify` finds out about ballots, when somebody with the owner's rights has changed them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from audit import clock
from audit.models import Entry
from tests import databases
from tests.databases import Database
from tests.stage import MEETING, START, Stage
from voting import checks
from voting.models import Vote

NOT_CAST = "the ballot of seat {} is not the one that was cast"
TABLES = (
    "voting_ballot",
    "voting_vote",
    "committee_resolution",
    "voting_voteseat",
    "audit_entry",
    "audit_payload",
)


def three_votes() -> Stage:
    """A closed, a cancelled and an open vote of a meeting; in the first, seat 3's proxy may only attend."""
    made = Stage()
    plans = [made.another(f"C-{number}") for number in range(3)]
    made.meeting = made.convene(*plans)
    made.do("send_notice")
    made.proxy(powers="attend", proposals=plans[:1])
    made.travel(MEETING)
    made.sign_in("chair", "seat2", "deputy3")
    made.do("open_meeting")
    made.proposal = plans[0]
    made.do("take_up")
    made.do("declare_conflict", "seat2", reason="Shares of the borrower's")
    made.do("open_vote")
    made.do("cast", "chair", choice="for")
    made.do("cast", "seat2", choice="abstain", reason="A conflict of interest")
    made.do("close_vote")
    made.sign_in("seat3")
    for made.proposal in plans[1:]:
        made.do("take_up")
        made.do("open_vote")
        made.cast("for", "against:Too long")
        if made.proposal is plans[1]:
            made.do("cancel_vote", reason="A paper is missing")
    return made


@pytest.fixture(scope="module")
def stage(
    django_db_setup: None, django_db_blocker: Any, template: str, dropper: databases.Dropper
) -> Iterator[Stage]:
    """The votes, committed in a database of this module's, in which no test leaves a change."""
    own = databases.clone(template)
    with django_db_blocker.unblock(), databases.django_on(own), clock.frozen(START):
        yield three_votes()
    dropper.drop(own)


@contextmanager
def changed(monkeypatch: pytest.MonkeyPatch, *statements: str) -> Iterator[None]:
    """The owner, with every trigger switched off, has changed this; what is checked then sees it."""
    with transaction.atomic(using="owner"), monkeypatch.context() as patched:
        with connections["owner"].cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for statement in statements:
                cursor.execute(statement)
                assert cursor.rowcount > 0, statement
        patched.setattr(checks, "connection", connections["owner"])
        yield
        transaction.set_rollback(True, using="owner")


class Place:
    """Where a vote's rows and entries are found in SQL."""

    def __init__(self, vote: Vote, stream: str) -> None:
        self.vote, self.pk, self.subject, self.stream = vote, vote.pk, vote.subject, stream

    def seq(self, action: str, nth: int = 0) -> int:
        """The number of its nth entry of that action."""
        told = Entry.objects.filter(stream=self.stream, subject=self.subject, action=action)
        return told.order_by("seq").values_list("seq", flat=True)[nth]

    def entry(self, action: str, nth: int = 0) -> str:
        return f"entry.stream = '{self.stream}' AND entry.seq = {self.seq(action, nth)}"

    def ballot(self, number: int) -> str:
        seats = f"SELECT seat_id FROM voting_voteseat WHERE vote_id = {self.pk} AND number = {number}"
        return f"vote_id = {self.pk} AND seat_id = ({seats})"

    def fault(self, what: str, action: str, nth: int = 0) -> str:
        """How the fault at its nth entry of that action is printed."""
        return f"{self.stream} #{self.seq(action, nth)}: {what} ({self.subject})"


def places_of(stage: Stage) -> list[Place]:
    """The closed vote, the cancelled one, the open one."""
    return [Place(vote, stage.meeting.stream) for vote in Vote.objects.order_by("pk")]


@pytest.fixture
def places(stage: Stage) -> list[Place]:
    return places_of(stage)


@pytest.fixture
def own_places(fresh_db: Database) -> list[Place]:
    """The same, in a database of the test's own."""
    with clock.frozen(START):
        return places_of(three_votes())


def said(entry: str, old: str, new: str) -> str:
    """Another payload behind an entry, and the entry's commitment is that of the new one."""
    return f"""
        WITH made AS (
            SELECT payload.commitment, salt, convert_to(replace(convert_from(body, 'UTF8'), '{old}', '{new}'), 'UTF8') AS body
            FROM audit_payload payload JOIN audit_entry entry USING (commitment) WHERE {entry}
        ), anew AS (
            UPDATE audit_payload payload SET body = made.body,
                commitment = sha256('lianxi/audit/payload/1'::bytea || '\\x00'::bytea || made.salt || made.body)
            FROM made WHERE payload.commitment = made.commitment RETURNING payload.commitment
        )
        UPDATE audit_entry entry SET commitment = anew.commitment FROM anew WHERE {entry}
    """  # noqa: E501 - SQL as it runs


def faults(streams: list[str] | None = None) -> list[str]:
    return [str(fault) for fault in checks.ballots(streams)]


def test_a_log_that_tells_what_is_stored_has_no_fault(places: list[Place]) -> None:
    assert faults() == []


def test_a_changed_ballot_is_named(
    places: list[Place], stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, cancelled, open_ = places
    for change, ballot, fault in [
        ("choice = 'against'", closed.ballot(1), closed.fault(NOT_CAST.format(1), "cast")),
        ("choice = 'for'", open_.ballot(2), open_.fault(NOT_CAST.format(2), "cast", 1)),
        ("reason = 'Else'", cancelled.ballot(2), cancelled.fault(NOT_CAST.format(2), "cast", 1)),
        ("reason = 'Else'", closed.ballot(3), closed.fault(NOT_CAST.format(3), "open_vote")),
        ("salt = sha256(salt)", open_.ballot(1), open_.fault(NOT_CAST.format(1), "cast")),
        ("commitment = repeat('a', 64)", open_.ballot(1), open_.fault(NOT_CAST.format(1), "cast")),
        (f"person_id = {stage['seat2'].pk}", open_.ballot(1), open_.fault(NOT_CAST.format(1), "cast")),
        (
            "conflicted = false",
            closed.ballot(2),
            closed.fault("the resolution has another ballot of seat 2 than was cast", "close_vote"),
        ),
    ]:
        with changed(monkeypatch, f"UPDATE voting_ballot SET {change} WHERE {ballot}"):
            assert faults() == [fault], change


def test_a_ballot_removed_or_added_is_named(places: list[Place], monkeypatch: pytest.MonkeyPatch) -> None:
    closed, _, open_ = places
    with changed(monkeypatch, f"DELETE FROM voting_ballot WHERE {open_.ballot(2)}"):
        assert faults() == [open_.fault("the ballot of seat 2 is gone", "cast", 1)]
    with changed(monkeypatch, f"UPDATE voting_ballot SET vote_id = {open_.pk} WHERE {closed.ballot(3)}"):
        assert faults() == [
            closed.fault("the ballot of seat 3 is gone", "open_vote"),
            open_.fault("the ballot of seat 3 was never cast", "open_vote"),
        ]


def test_a_changed_tally_is_named(places: list[Place], monkeypatch: pytest.MonkeyPatch) -> None:
    closed, cancelled, open_ = places
    resolution = f"WHERE id = {closed.vote.resolution_id}"
    for statement, fault in [
        (
            f"UPDATE voting_vote SET for_count = 2 WHERE id = {closed.pk}",
            closed.fault("the tally is not that of the ballots", "close_vote"),
        ),
        (
            f"UPDATE voting_vote SET carried = true WHERE id = {closed.pk}",
            closed.fault("the tally is not that of the ballots", "close_vote"),
        ),
        (
            f"UPDATE voting_vote SET state = 'closed' WHERE id = {open_.pk}",
            open_.fault("the vote is closed, and the log says otherwise", "cast", 1),
        ),
        (
            f"UPDATE voting_vote SET state = 'closed' WHERE id = {cancelled.pk}",
            cancelled.fault("the vote is closed, and the log says otherwise", "cancel_vote"),
        ),
        (
            f"UPDATE committee_resolution SET conflicted_count = 0 {resolution}",
            closed.fault("the resolution's tally is not that of the ballots", "close_vote"),
        ),
        (
            f"UPDATE committee_resolution SET votes_to_pass = 3 {resolution}",
            closed.fault("the resolution asks for other votes to pass than the opening", "close_vote"),
        ),
        (
            f"UPDATE committee_resolution SET ballots = ballots - 0 {resolution}",
            closed.fault("the resolution has another ballot of seat 1 than was cast", "close_vote"),
        ),
        (
            f"UPDATE committee_resolution SET ballots = ballots || '[{{\"seat\": 9}}]' {resolution}",
            closed.fault("the resolution has ballots that were not cast", "close_vote"),
        ),
    ]:
        with changed(monkeypatch, statement):
            assert faults() == [fault], statement


def test_an_entry_that_says_otherwise_is_named(
    places: list[Place], stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when its payload's commitment was made to fit, as only a new chain from there on could hide."""
    closed, cancelled, open_ = places
    closing = closed.entry("close_vote")
    for statement, fault in [
        (
            said(closing, '"for":1', '"for":2'),
            closed.fault("the tally of the closing is not that of the ballots", "close_vote"),
        ),
        (
            said(closing, '"choice":"for"', '"choice":"against"'),
            closed.fault("the closing reveals another ballot of seat 1 than was cast", "close_vote"),
        ),
        (
            said(closing, f'"person":"{stage["chair"].pk}"', '"person":"0"'),
            closed.fault("the closing reveals another voter for seat 1", "close_vote"),
        ),
        (
            said(closing, '"seat":1', '"seat":8'),
            closed.fault("the closing reveals other seats than those that voted", "close_vote"),
        ),
        (
            said(closing, '"ballots":[{', '"ballots":[{"seat":1},{'),
            closed.fault("the closing reveals other seats than those that voted", "close_vote"),
        ),
        (
            f"UPDATE audit_entry entry SET action = 'open_vote' WHERE {open_.entry('cast')}",
            open_.fault("the vote does not begin with one opening", "open_vote"),
        ),
        (
            said(closed.entry("open_vote"), '"votes_to_pass":2', '"votes_to_pass":1'),
            closed.fault("the resolution asks for other votes to pass than the opening", "close_vote"),
        ),
        (
            said(closed.entry("cast"), '"seat":1', '"seat":2'),
            closed.fault(NOT_CAST.format(2), "cast"),
        ),
        (
            said(open_.entry("cast"), '"commitment":', '"comment":'),
            (
                f"{open_.stream} #{open_.seq('open_vote')}:"
                f" tells of {open_.subject} in a way that cannot be read"
            ),
        ),
        (
            said(cancelled.entry("cancel_vote"), '"ballots":2', '"ballots":1'),
            cancelled.fault("the vote was cancelled with another number of ballots", "cancel_vote"),
        ),
        (
            f"UPDATE audit_entry entry SET actor = '0' WHERE {open_.entry('cast')}",
            open_.fault("the ballot of seat 1 is stored under another voter", "cast"),
        ),
        (
            f"UPDATE audit_entry entry SET action = 'other' WHERE {open_.entry('open_vote')}",
            open_.fault("the vote does not begin with one opening", "cast"),
        ),
        (
            f"UPDATE audit_entry entry SET subject = '{cancelled.subject}' WHERE {open_.entry('cast')}",
            cancelled.fault("seat 1 voted twice", "open_vote").replace(
                f"#{cancelled.seq('open_vote')}", f"#{open_.seq('cast')}"
            ),
        ),
    ]:
        with changed(monkeypatch, statement):
            assert fault in faults(), statement


def test_a_vote_without_entries_and_entries_without_a_vote_are_named(
    places: list[Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, cancelled, open_ = places
    with changed(
        monkeypatch,
        f"DELETE FROM voting_ballot WHERE vote_id = {open_.pk}",
        f"DELETE FROM voting_voteseat WHERE vote_id = {open_.pk}",
        f"DELETE FROM voting_vote WHERE id = {open_.pk}",
    ):
        assert faults() == [
            f"{open_.stream} #{open_.seq('open_vote')}: tells of {open_.subject}, which is gone"
        ]
    with changed(monkeypatch, f"DELETE FROM audit_entry WHERE subject = '{open_.subject}'"):
        assert faults() == [f"{open_.stream} #1: does not tell of {open_.subject}, which exists"]
    moved = f"UPDATE audit_entry SET stream = 'meeting:0' WHERE subject = '{cancelled.subject}'"
    with changed(monkeypatch, moved):
        what = f"tells of {cancelled.subject}, a vote of {cancelled.stream}"
        assert faults() == [f"meeting:0 #{cancelled.seq('open_vote')}: {what}"]


def test_only_the_streams_asked_for_are_checked(places: list[Place], monkeypatch: pytest.MonkeyPatch) -> None:
    closed = places[0]
    with changed(monkeypatch, f"UPDATE voting_ballot SET choice = 'against' WHERE {closed.ballot(1)}"):
        assert faults(["proposal:1", "meeting:0"]) == []
        assert len(faults([closed.stream])) == 1


def test_what_was_erased_by_law_is_not_asked_for(own_places: list[Place], fresh_db: Database) -> None:
    """The rest is checked still."""
    closed, _, open_ = own_places
    with fresh_db.owner(autocommit=True) as owner:
        for seq in (closed.seq("open_vote"), closed.seq("close_vote"), open_.seq("cast")):
            owner.execute("SELECT audit_erase(%s, %s, 'A court''s order')", [closed.stream, seq])
    assert faults() == []


def test_audit_verify_names_stream_and_number_and_fails(own_places: list[Place], fresh_db: Database) -> None:
    open_ = own_places[2]
    call_command("audit", "verify")
    with fresh_db.owner() as owner:
        owner.execute("ALTER TABLE voting_ballot DISABLE TRIGGER USER")
        owner.execute(f"UPDATE voting_ballot SET choice = 'for', reason = '' WHERE {open_.ballot(2)}")
    with pytest.raises(CommandError) as failed:
        call_command("audit", "verify")
    assert failed.value.returncode == 1
    assert str(failed.value).startswith(open_.fault(NOT_CAST.format(2), "cast", 1))
