"""Plays a rehearsal: every step does what the web pages do, as the person named.

How its acts reach the engine is a `Way`: here the actions are called directly; `over_http` asks the site.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db import connection, transaction

from api.verbs import VERBS as ENGINE
from audit import clock
from audit.recording import rehearsed, touched
from audit.verification import verify_streams
from committee.acts import Kind
from committee.models import Committee, Meeting, Person, Resolution
from proposals.models import Proposal
from regulation.refused import Refused
from rehearsal import bank as banks
from rehearsal.schema import Rehearsal, Step, fields_of
from rehearsal.times import ZONE
from rehearsal.verbs import VERBS, Handle, Takes
from voting.models import Vote

ACCEPTED = "accepted"
#: the result of a step in which the engine failed; no file can expect it
ERROR = "error"
OFFICERS = ("lending_officer", "collection_officer")

_failures = logging.getLogger("lianxi.rehearsal")


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one step for one person."""

    n: int
    by: str
    do: str
    result: str
    at: datetime

    def as_json(self) -> dict[str, object]:
        """The row as `--json` prints it; the time is Shanghai's."""
        at = self.at.astimezone(ZONE).isoformat()
        return {"n": self.n, "by": self.by, "do": self.do, "result": self.result, "at": at}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Where it came out otherwise: the step's number, or None for the outcome."""

    step: int | None
    expected: object
    got: object

    def as_json(self) -> dict[str, object]:
        """The mismatch as `--json` prints it."""
        return {"step": self.step, "expected": self.expected, "got": self.got}


@dataclass(slots=True)
class Played:
    """A rehearsal played to its end."""

    title: str
    rows: list[Row] = field(default_factory=list)
    mismatch: Mismatch | None = None
    outcome: dict[str, dict[str, object]] = field(default_factory=dict)
    audit: dict[str, object] = field(default_factory=dict)

    @property
    def matched(self) -> bool:
        """Whether every step and the outcome came out as the file says."""
        return self.mismatch is None

    def as_json(self, file: str) -> dict[str, object]:
        """What `--json` prints for the file."""
        return {
            "title": self.title,
            "file": file,
            "matched": self.matched,
            "mismatch": self.mismatch.as_json() if self.mismatch else None,
            "steps": [row.as_json() for row in self.rows],
            "outcome": self.outcome,
            "audit": self.audit,
        }

    def differ(self, step: int | None, expected: object, got: object) -> None:
        """The first difference is kept."""
        if self.mismatch is None:
            self.mismatch = Mismatch(step, expected, got)


class Way(Protocol):
    """How the acts of a rehearsal reach the engine, and how what they came to is read.

    A proposal or a meeting that was made is known to the player by whatever `do` returned for it.
    """

    def person(self, handle: str) -> Any:
        """How an act names the person."""

    def committee(self) -> Any:
        """How an act names the committee."""

    def do(self, verb: str, by: str, asked: Mapping[str, Any]) -> Any:
        """The act is done by the person with this handle, all of it; Refused, or nothing has changed."""

    def proposal(self, made: Any) -> dict[str, object]:
        """The fields of an outcome for the proposal."""

    def meeting(self, made: Any) -> dict[str, object]:
        """The fields of an outcome for the meeting."""


def play(rehearsal: Rehearsal, *, keep: bool = False, loud: bool = False) -> Played:
    """The rehearsal has been played; nothing of it stays unless `keep`.

    What is no refusal is a result "error", and logged; `loud` lets it through, for tests. NotShared when the
    bank to share is not this rehearsal's.
    """
    with transaction.atomic(), underway(rehearsal) as seen:
        bank = _bank(rehearsal, keep=keep)
        played = Player(rehearsal, bank, Direct(bank), loud=loud).play()
        played.audit = audited(seen)
        if not keep:
            transaction.set_rollback(True)
    return played


@contextmanager
def underway(rehearsal: Rehearsal) -> Iterator[set[str]]:
    """The clock stands at the start, entries are marked, refusals not logged: here and in what starts here.

    The set collects the names of the streams that are written.
    """
    with clock.frozen(rehearsal.start), rehearsed(rehearsal.title), _unlogged(), touched() as seen:
        yield seen


def audited(streams: set[str]) -> dict[str, object]:
    """What the verifier says of the streams."""
    report = verify_streams(streams)
    return {"entries": report.entries, "verified": report.verified, "head": report.head}


def _bank(rehearsal: Rehearsal, *, keep: bool) -> banks.Bank:
    start = rehearsal.start.astimezone(ZONE).date()
    if keep and rehearsal.bank is not None:
        return banks.shared(rehearsal.bank, rehearsal.numbers, start)
    return banks.own(rehearsal.numbers, start)


@contextmanager
def _unlogged() -> Iterator[None]:
    """Refusals that a rehearsal provokes do not go to the application's log."""
    logger = logging.getLogger("lianxi.refused")
    logger.addFilter(_drop)
    try:
        yield
    finally:
        logger.removeFilter(_drop)


def _drop(_record: logging.LogRecord) -> bool:
    return False


class Direct:
    """The actions themselves, called in this process within the transaction that is open."""

    def __init__(self, bank: banks.Bank) -> None:
        self.bank = bank

    def person(self, handle: str) -> Person:
        """The row."""
        return self.bank.people[handle]

    def committee(self) -> Committee:
        """The row."""
        return self.bank.committee

    def do(self, verb: str, by: str, asked: Mapping[str, Any]) -> object:
        """The act is done, with every constraint of the database checked; what the action returned."""
        with transaction.atomic():
            made = ENGINE[verb].do(by=self.bank.people[by], asked=asked)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        return made

    def proposal(self, made: Proposal) -> dict[str, object]:
        """State, counts and rounds, from the rows."""
        on_plan = Vote.objects.filter(proposal=made, question=Resolution.Question.PLAN)
        last = on_plan.filter(state=Vote.State.CLOSED).order_by("-closed_at", "-pk").first()
        return {
            "state": Proposal.objects.get(pk=made.pk).state,
            "for": last and last.for_count,
            "against": last and last.against_count,
            "abstained": last and last.abstained_count,
            "rounds": on_plan.count(),
        }

    def meeting(self, made: Meeting) -> dict[str, object]:
        """The state, from the row."""
        return {"state": Meeting.objects.get(pk=made.pk).state}


class Player:
    """One rehearsal under way: its bank, what its handles stand for, and what came of the steps so far."""

    def __init__(self, rehearsal: Rehearsal, bank: banks.Bank, way: Way, *, loud: bool) -> None:
        self.rehearsal = rehearsal
        self.bank = bank
        self.way = way
        self.loud = loud
        self.handles = {person.pk: handle for handle, person in bank.people.items()}
        self.proposals: dict[str, Any] = {}
        self.meetings: dict[str, Any] = {}
        self.played = Played(rehearsal.title)

    def play(self) -> Played:
        """Every step was done, and what came of it compared with what the file says."""
        for step in self.rehearsal.steps:
            clock.travel(step.at)
            if step.do is not None:
                self._step(step, step.do)
        self._look_at_outcome()
        return self.played

    def _step(self, step: Step, do: str) -> None:
        expected = step.expect or ACCEPTED
        for handle in self._holders() if step.by is None else step.by:
            result = self.act(do, handle, step.arguments)
            self.played.rows.append(Row(step.number, handle, do, result, step.at))
            if result != expected:
                self.played.differ(step.number, expected, result)

    def _holders(self) -> list[str]:
        holders = Person.objects.filter(seats__committee=self.bank.committee).order_by("seats__number")
        return [self.handles[pk] for pk in holders.values_list("pk", flat=True)]

    def act(self, do: str, by: str, arguments: Mapping[str, Any]) -> str:
        """ACCEPTED, the refusal's code, or ERROR for a fault of the engine, which must not end the play."""
        try:
            made = self.way.do(do, by, self._asked(do, arguments))
        except Refused as refused:
            return refused.code
        except Exception as error:
            if self.loud:
                raise
            _failures.error("%s failed: %s: %s", do, type(error).__name__, error)
            return ERROR
        self._define(do, arguments, made)
        return ACCEPTED

    def _define(self, do: str, arguments: Mapping[str, Any], made: Any) -> None:
        """What was made is known by its handle from now on."""
        if ENGINE[do].makes is Proposal:
            self.proposals[arguments["proposal"]] = made
        elif ENGINE[do].makes is Meeting:
            self.meetings[arguments["meeting"]] = made

    def _asked(self, do: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as the engine names them; `access/not-found` for what was never made."""
        kinds = VERBS[do].arguments
        found = {name: self._resolve(kinds[name], value) for name, value in arguments.items()}
        match do:
            case "draft":
                found = {"plan": found["proposal"]}
            case "revise":
                found = {"proposal": found["of"], "changes": found["changes"]}
            case "convene":
                del found["meeting"]
        return {"committee": self.way.committee(), **found} if ENGINE[do].on is Committee else found

    def _resolve(self, kind: Takes, value: Any) -> Any:
        match kind:
            case Kind.PROPOSAL:
                return _known(self.proposals, value)
            case Kind.PROPOSALS:
                return [_known(self.proposals, handle) for handle in value]
            case Kind.MEETING:
                return _known(self.meetings, value)
            case Kind.PERSON:
                return self.way.person(value)
            case Handle.PLANNED:
                return self._officers_named(self.rehearsal.plans[value])
            case Kind.PLAN_PART:
                return self._officers_named(value)
            case _:
                return value

    def _officers_named(self, plan: Any) -> Any:
        """The plan, or a part of it, with officers given by handle named by their staff numbers."""
        loans = plan.get("loans") if isinstance(plan, dict) else None
        if not isinstance(loans, list):
            return plan
        return {**plan, "loans": [self._named(loan) if isinstance(loan, dict) else loan for loan in loans]}

    def _named(self, loan: Mapping[str, Any]) -> dict[str, Any]:
        people = self.bank.people
        given = {key: loan[key] for key in OFFICERS if isinstance(loan.get(key), str) and loan[key] in people}
        return {**loan, **{key: people[handle].staff_no for key, handle in given.items()}}

    # The outcome

    def _look_at_outcome(self) -> None:
        for handle in (*self.rehearsal.proposals, *self.rehearsal.meetings):
            self.played.outcome[handle] = dict.fromkeys(fields_of(handle, self.rehearsal))
        for handle, meeting in self.meetings.items():
            self.played.outcome[handle] = self.way.meeting(meeting)
        for handle, proposal in self.proposals.items():
            self.played.outcome[handle] = self.way.proposal(proposal)
        for handle, wanted in self.rehearsal.outcome.items():
            for name, value in wanted.items():
                got = self.played.outcome[handle][name]
                if got != value:
                    self.played.differ(None, {handle: {name: value}}, {handle: {name: got}})


def _known(defined: Mapping[str, Any], handle: str) -> Any:
    found = defined.get(handle)
    if found is None:
        raise Refused("access/not-found")
    return found
