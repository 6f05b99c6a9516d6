"""Somebody who can write to the committee's rows: `audit verify` names the entry of what was not decided so.

The attacker writes what the site itself would write, entries with the digests of the changed rows included:
neither chain nor rows speak against it. What the triggers refuse is in tests/voting/test_database.py,
each fault of a ballot in tests/voting/test_checks.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connections

from audit import clock, tasks
from audit.models import Entry
from audit.recording import action, record
from committee.models import Resolution
from office.models import Minutes
from tests import databases
from tests.audit.attacks.deeds import holds, says, superuser, unguarded
from tests.databases import Database
from tests.stage import Stage, standing
from voting import sealing
from voting.actions import votes
from voting.models import Ballot

source = standing("voting")


@pytest.fixture
def stage(source: databases.Source, fresh_db: Database) -> Iterator[Stage]:
    """A case whose vote is open."""
    with clock.frozen(source.stage.clock):
        yield source.stage


@contextmanager
def without_guards(database: Database, *tables: str) -> Iterator[None]:
    """The triggers of these tables do not fire, but for those that leave the digests of changed rows."""
    connections["default"].close()
    with superuser(database) as own:
        for table in tables:
            own.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for event in ("insert", "update"):
                own.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER audit_touched_{event}")
    yield
    connections["default"].close()
    with unguarded(database, *tables):
        pass  # they fire again when it ends


def seq_of(stage: Stage, verb: str, at: int = 0) -> int:
    """The number of the entry of this verb in the stream of the case's meeting."""
    found = Entry.objects.filter(stream=stage.meeting.stream, action=verb).order_by("seq")
    return found[at].seq


def claimed(stage: Stage, verb: str, by: str, made: Callable[[], Any]) -> Any:
    """What `made` makes is told by an entry of this verb, which vouches for its rows."""

    @action
    def act(*, by: Any) -> Any:
        row = made()
        subject = f"{row._meta.model_name}:{row.pk}"
        record(stage.meeting.stream, verb, subject, by=by, payload={})
        return row

    return act(by=stage[by])


def test_a_ballot_changed_before_the_closing_is_named_at_its_casting_and_not_counted(
    stage: Stage, fresh_db: Database, caplog: Any
) -> None:
    stage.cast()
    ballot = Ballot.objects.get(vote=stage.vote, seat__number=2)
    change = "UPDATE voting_ballot SET choice = 'against', reason = 'Bad' WHERE id = %s"
    with superuser(fresh_db) as own, pytest.raises(psycopg.Error):
        own.execute(change, [ballot.pk])
    assert holds("verify")
    with unguarded(fresh_db, "voting_ballot") as own:
        own.execute(change, [ballot.pk])
    stream = stage.meeting.stream
    fault = f"{stream} #{seq_of(stage, 'cast', 1)}: the ballot of seat 2 is not the one that was cast"
    assert f"CommandError: {fault}" in says("verify")
    refused = stage.refused("state/not-allowed", "close_vote")
    assert (refused.context["cause"], refused.context["seat"]) == ("vote/ballot-changed", 2)
    tasks.verify_audit_log(0)
    assert fault in caplog.text
    stage.do("cancel_vote", reason="A ballot was changed")
    assert f"CommandError: {fault}" in says("verify", "--stream", stream)
    changed = Ballot.objects.get(pk=ballot.pk)
    opened = {"vote": str(changed.vote_id), "seat": 2, "person": str(changed.person_id)}
    opened |= {"choice": changed.choice, "reason": changed.reason, "salt": bytes(changed.salt).hex()}
    assert not sealing.check_receipt(ballot.commitment, **opened)  # what the voter holds


def test_a_vote_counted_wrongly_is_named_at_its_closing(
    stage: Stage, fresh_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.cast("for", "against:Too long", "against:Too long")
    honest = votes.count

    def one_more(ballots: Any, *, votes_to_pass: int) -> Any:
        outcome = honest(ballots, votes_to_pass=votes_to_pass)
        return replace(outcome, votes_for=outcome.votes_for + 1, against=outcome.against - 1)

    monkeypatch.setattr(votes, "count", one_more)
    with pytest.raises(DatabaseError, match="not its ballots"):
        stage.do("close_vote")
    with without_guards(fresh_db, "voting_vote"):
        stage.do("close_vote")
    assert stage.state == "carried"
    fault = f"{stage.meeting.stream} #{seq_of(stage, 'close_vote')}: the tally is not that of the ballots"
    assert f"CommandError: {fault}" in says("verify")


def resolution(stage: Stage) -> Resolution:
    """A resolution that looks like one of a vote."""
    return Resolution.objects.create(
        item=stage.vote.item,
        question=Resolution.Question.SPECIAL,
        round=1,
        digest=stage.vote.version.digest,
        carried=True,
        for_count=3,
        against_count=0,
        abstained_count=0,
        conflicted_count=0,
        votes_to_pass=2,
        ballots=[],
        closed_at=clock.now(),
    )


def test_a_resolution_without_its_vote_is_named_at_the_entry_that_vouches_for_it(
    stage: Stage, fresh_db: Database
) -> None:
    with pytest.raises(DatabaseError, match="that of no closed vote"):
        claimed(stage, "decided", "chair", lambda: resolution(stage))
    with without_guards(fresh_db, "committee_resolution"):
        made = claimed(stage, "decided", "chair", lambda: resolution(stage))
    stream = stage.meeting.stream
    fault = (
        f"{stream} #{seq_of(stage, 'decided')}: tells of resolution:{made.pk} of {stream}, which no closed"
    )
    assert f"CommandError: {fault}" in says("verify")
    assert f"CommandError: {fault}" in says("verify", "--stream", stream)
    assert "CommandError" not in says("verify", "--stream", stage.proposal.stream)


def test_one_that_no_entry_vouches_for_is_named_in_its_meetings_stream(
    stage: Stage, fresh_db: Database
) -> None:
    with without_guards(fresh_db, "committee_resolution"):
        made = resolution(stage)
    fault = f"{stage.meeting.stream} #1: does not tell of the vote on resolution:{made.pk}, which exists"
    assert f"CommandError: {fault}" in says("verify")


def minutes(stage: Stage, state: str) -> Minutes:
    """Minutes that look like those of a meeting which was closed."""
    by, now = stage["chair"], clock.now()
    signed = {"signed_by": by, "signed_at": now} if state == "signed" else {}
    return Minutes.objects.create(
        meeting=stage.meeting, year=2026, number=1, state=state, record={}, digest="0" * 64,
        drafted_by=by, drafted_at=now, **signed,
    )  # fmt: skip


def test_minutes_signed_before_the_meeting_ended_are_named_at_their_signature(stage: Stage) -> None:
    """The application's own role is enough for it."""
    stage.cast()
    stage.do("close_vote")
    made = claimed(stage, "sign_minutes", "chair", lambda: minutes(stage, "signed"))
    told = f"tells that minutes:{made.pk} were signed before the meeting was closed"
    fault = f"CommandError: {stage.meeting.stream} #{seq_of(stage, 'sign_minutes')}: {told}"
    assert fault in says("verify")
    stage.do("close_meeting")
    assert fault in says("verify", "--stream", stage.meeting.stream)  # it stays so when the meeting ends
