"""What the verifier makes of logs that are sound, signed and cosigned, and tell of what must not be.

Whoever has the keys of the log can write such a log; the rules are checked against what it says itself.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from audit import verify
from audit.canonical import payload_bytes
from tests.audit.exports import LOG, WITNESS, Exports, change_manifest, forge, rows
from voting import sealing

HOUR = 3_600_000_000


class Log:
    """The entries of the played log, which a test changes before they are signed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries = rows(folder)
        change_manifest(folder, documents=None)
        for each in (folder / "documents").iterdir():
            each.unlink()

    def at(self, action: str, number: int = 0, **wanted: str) -> dict[str, Any]:
        """The entry of this action, the first or a later one, and like that."""
        wanted = {"action": action} | wanted
        found = [each for each in self.entries if all(each[key] == value for key, value in wanted.items())]
        return found[number]

    def remove(self, *entries: dict[str, Any]) -> None:
        """These entries were never written."""
        self.entries = [each for each in self.entries if not any(each is one for one in entries)]

    def after(self, entry: dict[str, Any], *more: dict[str, Any]) -> None:
        """These follow the entry."""
        place = next(place for place, each in enumerate(self.entries) if each is entry)
        self.entries[place + 1 : place + 1] = more

    def refused(self, *words: str, at: dict[str, Any] | None = None) -> str:
        """Signed and cosigned, it does not hold, as these words say, the first of them of the entry `at`."""
        forge(self.folder, self.entries)
        words = (f"{where(at)}{words[0]}", *words[1:]) if at else words
        status, lines = verify.verify(str(self.folder), [str(LOG.key)], [str(WITNESS.key)])
        said = "\n".join(lines)
        assert status == 1, said
        for each in words:
            assert each in said, said
        assert verify.verify(str(self.folder), [], [], "zh")[0] == 1
        return said

    def holds(self) -> str:
        """Signed and cosigned, it holds."""
        forge(self.folder, self.entries)
        status, lines = verify.verify(str(self.folder), [str(LOG.key)], [str(WITNESS.key)])
        assert status == 0, lines
        return "\n".join(lines)


@pytest.fixture
def log(exports: Exports, tmp_path: Path) -> Log:
    return Log(exports.copy("all", tmp_path))


def said(entry: dict[str, Any]) -> dict[str, Any]:
    return json.loads(entry["payload"])


def tell(entry: dict[str, Any], **changes: Any) -> None:
    """The entry's payload says this instead."""
    entry["payload"] = payload_bytes(said(entry) | changes).decode()


def another(entry: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A copy of the entry with these fields, under a salt of its own."""
    return dict(entry, salt=os.urandom(16).hex(), **changes)


def where(entry: dict[str, Any]) -> str:
    return f"{entry['stream']} #{entry['seq']}: "


def resealed(ballot: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The ballot with this content, under its salt."""
    ballot = ballot | changes
    salt = bytes.fromhex(ballot["salt"])
    content = {key: ballot[key] for key in ("vote", "seat", "person", "choice", "reason")}
    return ballot | {"commitment": sealing.commitment(salt, **content)}


class Case:
    """One vote of the log: its openings and closings in both streams, and its ballots."""

    def __init__(self, log: Log, vote: str, *, ended: str = "close_vote") -> None:
        self.vote = vote
        self.opened = log.at("open_vote", subject=vote)
        self.closed = log.at(ended, subject=vote)
        plan = said(self.opened)["proposal"]
        halves = [
            each for each in log.entries if each["stream"] == plan and each["action"] in ("open_vote", ended)
        ]
        self.plan_opened, self.plan_closed = [each for each in halves if said(each)["vote"] == vote]
        self.casts = [each for each in log.entries if (each["action"], each["subject"]) == ("cast", vote)]

    @property
    def ballots(self) -> list[dict[str, Any]]:
        return list(said(self.closed)["ballots"])

    def reveal(self, ballots: list[dict[str, Any]]) -> None:
        """The closing reveals these, and both streams count them."""
        tell(self.closed, ballots=ballots)
        counts = {
            name: sum(each["choice"] == choice for each in ballots)
            for name, choice in (("for", "for"), ("against", "against"), ("abstained", "abstain"))
        }
        for each in (self.closed, self.plan_closed):
            tell(each, **counts)

    def recast(self, seat: int, **changes: Any) -> None:
        """The seat's ballot was this one from the start."""
        ballots = [resealed(each, **changes) if each["seat"] == seat else each for each in self.ballots]
        cast = next(each for each in self.casts if said(each)["seat"] == seat)
        tell(cast, commitment=next(each["commitment"] for each in ballots if each["seat"] == seat))
        self.reveal(ballots)


@pytest.fixture
def nine(log: Log) -> Case:
    """The vote of the case with consents and reasons: 5 for, 3 against, 1 abstention."""
    closed = next(
        each
        for each in log.entries
        if each["action"] == "close_vote" and said(each).get("abstained") == 1 and "ballots" in said(each)
    )
    return Case(log, closed["subject"])


def test_what_is_signed_again_unchanged_holds(log: Log) -> None:
    assert "4 votes were counted again from 30 opened ballots" in log.holds()


# -- ballots ----------------------------------------------------------------------------------------------


def test_a_ballot_changed_between_casting_and_closing(log: Log, nine: Case) -> None:
    ballots = nine.ballots
    seat = next(each["seat"] for each in ballots if each["choice"] == "against")
    cast = next(each for each in nine.casts if said(each)["seat"] == seat)
    words = f"the ballot of seat {seat} that {nine.vote} reveals is not the one that was cast"
    nine.reveal([each | {"choice": "for"} if each["seat"] == seat else each for each in ballots])
    log.refused(words, f"in #{cast['seq']}", at=nine.closed)
    # with a commitment that fits it
    nine.reveal([resealed(each, choice="for") if each["seat"] == seat else each for each in ballots])
    log.refused(words, at=nine.closed)


def test_a_ballot_of_another_vote_or_person(log: Log, nine: Case) -> None:
    nine.recast(2, vote="999")
    log.refused(f"the ballot of seat 2 that {nine.vote} reveals", at=nine.closed)
    nine.recast(2, vote=nine.vote.partition(":")[2], person="999")
    log.refused("the ballot of seat 2 is said to be of another person than cast it", at=nine.closed)


def test_a_vote_counted_wrongly_on_purpose(log: Log, nine: Case) -> None:
    for each in (nine.closed, nine.plan_closed):
        tell(each, **{"for": 6, "against": 2})
    log.refused(f"{nine.vote} is said to be [6, 2, 1, 0]", "the ballots make [5, 3, 1, 0]", at=nine.closed)


def test_a_vote_said_to_be_carried_with_five(log: Log, nine: Case) -> None:
    for each in (nine.closed, nine.plan_closed):
        tell(each, carried=True)
    log.refused(
        f"{nine.vote} is said to be carried; with 5 for and 6 needed it is not carried", at=nine.closed
    )


def test_a_vote_said_to_be_rejected_with_six(log: Log, nine: Case) -> None:
    seat = next(each["seat"] for each in nine.ballots if each["choice"] == "against")
    nine.recast(seat, choice="for", reason="")
    log.refused(
        f"{nine.vote} is said to be not carried; with 6 for and 6 needed it is carried", at=nine.closed
    )


def test_ballots_left_out_or_put_in(log: Log, nine: Case) -> None:
    ballots = nine.ballots
    nine.reveal(ballots[:-1])
    log.refused(f"{nine.vote} is closed with the ballots of seats [1, 2, 3, 4, 5, 6, 7, 8]", at=nine.closed)
    nine.reveal([*ballots, ballots[0]])
    log.refused(f"{nine.vote} is closed with the ballots of seats", at=nine.closed)
    nine.reveal([*ballots, resealed(ballots[0], seat=10)])
    log.refused(f"{nine.vote} is closed with the ballots of seats", at=nine.closed)


def test_a_ballot_that_nobody_cast(log: Log, nine: Case) -> None:
    log.remove(nine.casts[3])
    log.refused(f"{nine.vote} is closed with the ballots of seats", "of 9 seats")


def test_a_seat_that_votes_twice_or_does_not_exist(log: Log, nine: Case) -> None:
    log.after(nine.casts[0], another(nine.casts[0]))
    log.refused(f"seat {said(nine.casts[0])['seat']} votes twice in {nine.vote}")
    log.entries = [each for each in log.entries if each is not nine.casts[0]]
    twice = log.at("cast", subject=nine.vote)
    tell(twice, seat=12)
    log.refused("a ballot of seat 12, which the meeting does not have", at=twice)


def test_against_and_abstention_have_reasons(log: Log, nine: Case) -> None:
    for choice in ("against", "abstain"):
        seat = next(each["seat"] for each in nine.ballots if each["choice"] == choice)
        nine.recast(seat, reason=" - ")
        log.refused(f"the ballot of seat {seat} has no reason", at=nine.closed)


def test_a_choice_is_one_of_three(log: Log, nine: Case) -> None:
    nine.recast(2, choice="perhaps")
    log.refused("the ballot of seat 2 has the choice perhaps", at=nine.closed)


def test_an_abstention_has_the_consent_of_the_chair(log: Log, nine: Case) -> None:
    seat = next(each["seat"] for each in nine.ballots if each["choice"] == "abstain")
    grant = log.at("grant_abstention")
    assert said(grant)["seat"] == seat
    log.remove(grant)
    log.refused(f"seat {seat} abstains without the chair's consent", at=nine.closed)
    # consent given after the ballot is none
    log.after(nine.casts[-1], grant)
    log.refused(f"seat {seat} abstains without the chair's consent")
    # and a conflict of interest needs none, but is counted apart
    log.remove(grant)
    conflict = another(grant, action="declare_conflict")
    log.after(log.at("take_up", stream=nine.opened["stream"]), conflict)
    tell(nine.closed, in_conflict=1)
    tell(nine.plan_closed, in_conflict=1)
    log.holds()


def test_a_seat_in_conflict_abstains(log: Log, nine: Case) -> None:
    taken_up = log.at("take_up", stream=nine.opened["stream"])
    seat = next(each["seat"] for each in nine.ballots if each["choice"] == "for")
    tell(taken_up, in_conflict=[seat])
    log.refused(f"seat {seat} is in conflict of interest and does not abstain", at=nine.closed)


# -- votes ------------------------------------------------------------------------------------------------


def test_a_resolution_without_its_vote(log: Log, nine: Case) -> None:
    log.remove(nine.opened, nine.closed, *nine.casts)
    log.refused(
        f"{where(nine.plan_opened)}tells of the open_vote of {nine.vote}, and the meeting's stream does not",
        f"{where(nine.plan_closed)}tells of the close_vote of {nine.vote}, and the meeting's stream does not",
    )


def test_a_vote_without_its_resolution(log: Log, nine: Case) -> None:
    log.remove(nine.plan_opened, nine.plan_closed)
    log.refused(f"tells of the close_vote of {nine.vote}, and the plan's stream does not", at=nine.closed)


def test_streams_that_tell_of_a_vote_otherwise(log: Log, nine: Case) -> None:
    tell(nine.plan_closed, **{"for": 6, "against": 2, "carried": True})
    log.refused(f"tells of the close_vote of {nine.vote} otherwise than the other stream does")


def test_a_vote_with_fewer_votes_to_pass(log: Log, nine: Case) -> None:
    tell(nine.opened, votes_to_pass=5)
    for each in (nine.closed, nine.plan_closed):
        tell(each, carried=True)
    log.refused("asks 5 votes to pass, and the regulation in force 6", at=nine.opened)


def test_a_vote_on_what_was_not_deliberated_or_delivered(log: Log, nine: Case) -> None:
    notice = log.at("send_notice", stream=nine.opened["stream"])
    tell(notice, items={"1": "00" * 32})
    log.refused(f"opens {nine.vote} on a plan that is not the one in the notice", at=nine.opened)
    log.remove(log.at("take_up", stream=nine.opened["stream"]))
    log.refused(f"opens {nine.vote} on {said(nine.opened)['item']}, which was not taken up")


def test_votes_beside_and_again(log: Log, nine: Case) -> None:
    log.after(nine.casts[2], another(nine.opened, subject="vote:999"))
    log.refused(f"opens vote:999 beside {nine.vote}", f"close_vote of {nine.vote}, which is not open")
    log.entries = [each for each in log.entries if each["subject"] != "vote:999"]
    again = another(nine.opened)
    log.after(nine.closed, again)
    log.refused(f"opens {nine.vote} a second time", at=again)


def test_a_meeting_that_ends_within_a_vote(log: Log, exports: Exports) -> None:
    closed, ended = (log.at(each, stream=exports.meeting) for each in ("close_vote", "close_meeting"))
    log.remove(closed)
    log.refused(f"the meeting ends while {closed['subject']} is open", at=ended)


def test_a_ballot_after_the_closing(log: Log, nine: Case) -> None:
    late = nine.casts[0]
    log.remove(late)
    log.after(nine.closed, late)
    log.refused(f"cast of {nine.vote}, which is not open", at=late)


def test_a_cancelled_vote_has_the_ballots_that_were_cast(log: Log) -> None:
    cancelled = Case(log, log.at("cancel_vote")["subject"], ended="cancel_vote")
    tell(cancelled.closed, ballots=9)
    log.refused(
        f"{cancelled.vote} is said to be cancelled with 9 ballots, and 1 were cast", at=cancelled.closed
    )


def test_the_ballots_of_a_cancelled_vote_are_never_opened(log: Log) -> None:
    cancelled = Case(log, log.at("cancel_vote")["subject"], ended="cancel_vote")
    log.after(
        cancelled.closed,
        another(log.at("close_vote"), stream=cancelled.closed["stream"], subject=cancelled.vote),
    )
    log.refused(f"close_vote of {cancelled.vote}, which is not open")


# -- meetings and plans -----------------------------------------------------------------------------------


def test_minutes_signed_before_the_meeting_ended(log: Log, exports: Exports) -> None:
    signed, closed = (log.at(action, stream=exports.meeting) for action in ("sign_minutes", "close_meeting"))
    signed["at"] = closed["at"] - HOUR
    log.refused("the minutes are said to be signed at", "before the meeting ended at", at=signed)
    signed["at"] = closed["at"]
    drafted = log.at("draft_minutes", stream=exports.meeting)
    log.remove(signed, drafted)
    log.after(log.at("open_meeting", stream=exports.meeting), drafted, signed)
    log.refused(
        f"draft_minutes is not possible while {exports.meeting} is in session",
        f"take_up is not possible while {exports.meeting} is signed",
        at=drafted,
    )


#: action, where it is moved behind or None for removed, which entry then stands wrong, and its words
MOVED: list[tuple[str, str, str | None, str, str]] = [
    ("meeting", "open_meeting", None, "take_up", "is convened"),
    ("meeting", "close_meeting", None, "draft_minutes", "is in session"),
    ("meeting", "sign_minutes", None, "distribute", "is minuted"),
    ("meeting", "convene", None, "send_notice", "before the beginning"),
    ("meeting", "archive", "open_meeting", "archive", "is in session"),
    ("proposal", "submit", None, "shortlist", "is draft"),
    ("proposal", "shortlist", None, "file", "is submitted"),
    ("proposal", "file", None, "table", "is shortlisted"),
    ("proposal", "table", None, "open_vote", "is filed"),
    ("proposal", "approve_credit", None, "record_receipt", "is carried"),
    ("proposal", "approve_credit", "file", "approve_credit", "is filed"),
    ("proposal", "draft", None, "submit", "before the beginning"),
]


@pytest.mark.parametrize(("kind", "action", "behind", "wrong", "words"), MOVED)
def test_a_step_left_out_or_out_of_turn(
    log: Log, exports: Exports, kind: str, action: str, behind: str | None, wrong: str, words: str
) -> None:
    stream = getattr(exports, kind)
    entry = log.at(action, stream=stream)
    log.remove(entry)
    if behind is not None:
        log.after(log.at(behind, stream=stream), entry)
    said = log.refused(words)
    assert f"{where(log.at(wrong, stream=stream))}{wrong} " in said


def test_a_plan_drafted_from_one_not_carried_begins_as_any_other(log: Log, exports: Exports) -> None:
    log.at("draft", stream=exports.proposal)["action"] = "revise"
    log.holds()
    submitted = log.at("submit", stream=exports.proposal)
    log.after(submitted, another(submitted, action="revise"))
    log.refused("revise is not possible while")


def test_credit_is_approved_on_what_was_resolved(log: Log, exports: Exports) -> None:
    approved = log.at("approve_credit", stream=exports.proposal)
    sound = approved["payload"]
    tell(approved, digest="00" * 32)
    words = f"decides on resolution {said(approved)['resolution']}, which no carried vote"
    log.refused(words, at=approved)
    approved["payload"] = sound
    tell(approved, resolution="999")
    log.refused("decides on resolution 999, which no carried vote on this plan made", at=approved)


def test_a_meeting_runs_on_the_regulation_in_force(log: Log, exports: Exports) -> None:
    founded = log.at("found_committee", stream=exports.committee)
    convened, opened = (log.at(each, stream=exports.meeting) for each in ("convene", "open_vote"))
    for each in (convened, opened):
        tell(each, regulation=2)
    log.refused("states version 2 of the regulation, and should be 1", at=convened)
    # amended before, in force by then: version 2 is the right one, with its numbers
    numbers = {"seats": 3, "votes_to_pass": 3, "notice_days": 2, "proxies_per_holder": 1}
    numbers |= {"material_change_pct": "1", "minutes_due_days": 2}
    amended = another(founded, action="amend_regulation", subject="regulation:9")
    amended["payload"] = payload_bytes({"version": 2, "effective_from": "2026-03-01", **numbers}).decode()
    log.after(founded, amended)
    log.refused("asks 2 votes to pass, and the regulation in force 3", at=opened)
    tell(opened, votes_to_pass=3)
    log.holds()
    # the same amendment, in force only later
    tell(amended, effective_from="2027-01-01")
    log.refused("states version 2 of the regulation, and should be 1", at=convened)


def test_a_meeting_of_fewer_seats(log: Log, exports: Exports) -> None:
    opened = log.at("open_meeting", stream=exports.meeting)
    tell(opened, seats=2)
    log.refused("opens with 2 seats, and the regulation in force has 3", at=opened)


@pytest.mark.parametrize("numbers", [{"seats": 2}, {"votes_to_pass": 1}, {"votes_to_pass": 4}])
def test_a_regulation_is_itself_checked(log: Log, exports: Exports, numbers: dict[str, int]) -> None:
    founded = log.at("found_committee", stream=exports.committee)
    tell(founded, **{f"regulation.{name}": number for name, number in numbers.items()})
    log.refused("states a regulation whose numbers are not valid", at=founded)


def test_a_version_of_the_regulation_is_the_next(log: Log, exports: Exports) -> None:
    founded = log.at("found_committee", stream=exports.committee)
    numbers = {
        key.removeprefix("regulation."): value for key, value in said(founded).items() if "regulation." in key
    }
    amended = another(founded, action="amend_regulation")
    amended["payload"] = payload_bytes({"version": 3, "effective_from": "2030-01-01", **numbers}).decode()
    log.after(founded, amended)
    log.refused(f"{exports.committee} #2: states version 3 of the regulation, and should be 2")


# -- erasing and clocks -----------------------------------------------------------------------------------


def test_an_erased_payload_is_named_by_an_entry(log: Log, exports: Exports) -> None:
    entry = log.at("sign_in", stream=exports.meeting)
    archived = log.at("archive", stream=exports.meeting)
    erasure = another(archived, action="audit.erased", subject=f"entry:{entry['seq']}")
    erasure["payload"] = "{}"
    del entry["payload"], entry["salt"]
    log.refused("has lost its payload, and no entry here says that it was erased", at=entry)
    log.after(archived, erasure)
    assert "1 payloads were erased by law, as entries say" in log.holds()


def test_a_clock_a_day_back_or_a_year_ahead_is_remarked(log: Log) -> None:
    entry = log.at("found_bank")
    entry["at"] = entry["recorded_at"]
    assert "43 entries state a time more than five minutes from the database's clock" in log.holds()
    for apart in (-24 * HOUR, 365 * 24 * HOUR):
        entry["at"] = entry["recorded_at"] + apart
        assert "44 entries state a time more than five minutes from the database's clock" in log.holds()
