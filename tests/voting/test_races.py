"""Votes under real concurrency: every runner on its own connection, all started together, all committed."""

from __future__ import annotations

import functools
import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from committee.actions import attendance
from proposals.locks import lock_tabled
from regulation.refused import Refused
from tests.databases import Database
from tests.voting import racing
from voting.actions import ballots, votes
from voting.models import Ballot, Vote

REASON = "The guarantee is worth less than stated"
VOTERS = 9


@pytest.fixture
def bank(fresh_db: Database) -> racing.Bank:
    return racing.found()


@pytest.fixture
def racers(fresh_db: Database) -> Iterator[racing.Racers]:
    with racing.racers(2 * VOTERS + 1) as made:
        yield made


def casting(proposal: Any, member: Any, choice: str, key: str = "") -> Any:
    """A runner that casts this ballot."""
    reason = REASON if choice == "against" else ""
    return functools.partial(ballots.cast, proposal, by=member, choice=choice, reason=reason, key=key)


def close_when_all_are_in(proposal: Any, liaison: Any) -> Any:
    """Try to close until it is accepted; a vote that never closes fails the test."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return votes.close_vote(proposal, by=liaison)
        except Refused as refused:
            if refused.code != "20.1/ballots-missing" or time.monotonic() > deadline:
                raise
            time.sleep(random.uniform(0, 0.03))


@pytest.mark.parametrize("trials", [100, pytest.param(1000, marks=pytest.mark.slow)])
def test_nine_voters_a_duplicate_of_each_and_a_closer(
    trials: int, bank: racing.Bank, racers: racing.Racers
) -> None:
    for begun in range(0, trials, 50):
        room = racing.in_session(bank, min(50, trials - begun))
        while room.waiting:
            one_vote(room, racers)
    racing.assert_log_holds()


def one_vote(room: racing.Room, racers: racing.Racers) -> None:
    """Every other duplicate repeats the ballot under its key, the rest cast another one for the same seat."""
    proposal, vote = room.open_vote()
    said: list[tuple[int, str]] = []
    runners = []
    for number, member in enumerate(room.members, 1):
        repeats = number % 2 == 1
        first, second = (random.choice(("for", "for", "against")) for _ in range(2))
        for choice, key in ((first, "one"), (first, "one") if repeats else (second, "other")):
            said.append((number, choice))
            runners.append(casting(proposal, member, choice, f"{vote.pk}-{key}"))
    *results, resolution = racers.race(
        *runners, functools.partial(close_when_all_are_in, proposal, room.liaison)
    )

    accepted: dict[int, list[tuple[str, str]]] = {}
    for (number, choice), result in zip(said, results, strict=True):
        if isinstance(result, Refused):
            assert result.code in ("20.1/already-voted", "20/vote-not-open")
        else:
            accepted.setdefault(number, []).append((result.commitment, choice))
    for number, receipts in accepted.items():
        assert len(receipts) == (2 if number % 2 else 1), "a retry was refused, or a seat voted twice"
    stored = list(Ballot.objects.filter(vote=vote).values_list("seat__number", "commitment", "choice"))
    assert len(stored) == VOTERS
    assert {number: {(receipt, choice)} for number, receipt, choice in stored} == {
        number: set(receipts) for number, receipts in accepted.items()
    }
    recount = Counter(choice for _, _, choice in stored)
    vote = Vote.objects.get(pk=vote.pk)
    assert (vote.state, vote.resolution) == (Vote.State.CLOSED, resolution)
    assert (vote.for_count, vote.against_count) == (recount["for"], recount["against"])
    assert vote.carried is (recount["for"] >= 6)
    told = [action for _, action, _ in racing.order(room.meeting, vote.subject)]
    assert told == ["open_vote", *["cast"] * VOTERS, "close_vote"]


@pytest.mark.parametrize("trials", [10, pytest.param(200, marks=pytest.mark.slow)])
def test_one_of_two_closers_closes(trials: int, bank: racing.Bank, racers: racing.Racers) -> None:
    room = racing.in_session(bank, trials)
    while room.waiting:
        proposal, vote = room.open_vote()
        for member in room.members:
            casting(proposal, member, "for")()
        closing = functools.partial(votes.close_vote, proposal, by=room.liaison)
        assert racing.outcomes(racers.race(closing, closing)) == ["20/vote-not-open", "accepted"]
        told = [action for _, action, _ in racing.order(room.meeting, vote.subject)]
        assert told.count("close_vote") == 1
    racing.assert_log_holds()


@pytest.mark.parametrize("trials", [12, pytest.param(200, marks=pytest.mark.slow)])
def test_a_ballot_is_in_before_the_vote_is_cancelled_or_it_is_refused(
    trials: int, bank: racing.Bank, racers: racing.Racers
) -> None:
    room = racing.in_session(bank, trials)
    while room.waiting:
        proposal, vote = room.open_vote()
        for member in room.members[1:]:
            casting(proposal, member, "for")()
        ballot, cancelled = racers.race(
            casting(proposal, room.chair, "for"),
            functools.partial(votes.cancel_vote, proposal, by=room.chair, reason=REASON),
            jitter=0.01,
        )
        assert isinstance(cancelled, Vote)
        told = [action for _, action, _ in racing.order(room.meeting, vote.subject)]
        assert told[-1] == "cancel_vote"
        stored = Ballot.objects.filter(vote=vote)
        assert told.count("cast") == stored.count()
        if isinstance(ballot, Refused):
            assert ballot.code == "20/vote-not-open"
            assert stored.count() == VOTERS - 1
        else:
            assert stored.filter(pk=ballot.pk).exists()
        assert Vote.objects.get(pk=vote.pk).state == Vote.State.CANCELLED
    racing.assert_log_holds()


@pytest.mark.parametrize("trials", [3, pytest.param(30, marks=pytest.mark.slow)])
def test_no_ballot_is_accepted_after_a_member_signed_out(
    trials: int, bank: racing.Bank, racers: racing.Racers
) -> None:
    """In each vote each seat in turn casts while the next one leaves."""
    room = racing.in_session(bank, trials)
    while room.waiting:
        proposal, vote = room.open_vote()
        for voter, leaver in zip(room.members, [*room.members[1:], room.chair], strict=True):
            ballot, out = racers.race(
                casting(proposal, voter, "for"),
                functools.partial(attendance.sign_out, room.meeting, by=leaver),
                jitter=0.01,
            )
            assert not isinstance(out, Refused)
            if isinstance(ballot, Refused):
                assert ballot.code == "20.1/not-all-present"
            last = list(Entry.objects.filter(stream=room.meeting.stream).order_by("-seq")[:2])
            assert (last[0].action, last[0].actor) == ("sign_out", str(leaver.pk))
            was_in = (last[1].action, last[1].actor) == ("cast", str(voter.pk))
            assert isinstance(ballot, Refused) is not was_in
            attendance.sign_in(room.meeting, by=leaver)
            if isinstance(ballot, Refused):
                casting(proposal, voter, "for")()
        votes.close_vote(proposal, by=room.liaison)
        assert Ballot.objects.filter(vote=vote).count() == VOTERS
    racing.assert_log_holds()


def test_the_meeting_is_locked_before_the_proposal(bank: racing.Bank, fresh_db: Database) -> None:
    """Whoever waits for the meeting holds nothing that the meeting's holder may want next."""
    room = racing.in_session(bank, 1)
    proposal, _ = room.open_vote()
    with racing.racers(1) as waiting, fresh_db.connect() as holder:
        holder.execute("SELECT FROM committee_meeting WHERE id = %s FOR UPDATE", [room.meeting.pk])
        with racing.started(waiting, casting(proposal, room.chair, "for")) as ballot:
            racing.await_waiting(fresh_db)
            holder.execute("SELECT FROM proposals_proposal WHERE id = %s FOR UPDATE NOWAIT", [proposal.pk])
            holder.rollback()
        assert ballot.result().choice == "for"


def test_who_waited_for_the_meeting_sees_where_the_proposal_stands_now(
    bank: racing.Bank, fresh_db: Database
) -> None:
    room = racing.in_session(bank, 1)
    proposal = room.waiting[0]
    with racing.racers(1) as waiting, fresh_db.connect() as holder:
        holder.execute("SELECT FROM committee_meeting WHERE id = %s FOR UPDATE", [room.meeting.pk])
        with racing.started(waiting, functools.partial(racing.committed, lock_tabled, proposal.pk)) as locked:
            racing.await_waiting(fresh_db)
            holder.execute("UPDATE proposals_proposal SET item_id = NULL WHERE id = %s", [proposal.pk])
            holder.commit()
        assert locked.result() is None


def test_casting_takes_as_many_statements_however_many_have_voted(bank: racing.Bank) -> None:
    room = racing.in_session(bank, 1)
    proposal, _ = room.open_vote()
    taken = []
    for member in room.members:
        with CaptureQueriesContext(connection) as captured:
            casting(proposal, member, "for", "key")()
        taken.append(len([each for each in captured if each["sql"] not in ("BEGIN", "COMMIT")]))
    assert taken == [6] * VOTERS
