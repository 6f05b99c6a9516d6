"""Plays a rehearsal: each step calls the same action as the web pages, as the person named.

A `Driver` passes the steps on to the engine: the one here calls the actions directly, `over_http` sends
requests.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from django.conf import settings
from django.db import connection, transaction

from api.verbs import VERBS as ENGINE
from audit import clock
from audit.checking.verification import verify_streams
from audit.recording import rehearsed, touched
from committee.acts import Kind
from committee.models import Committee, Meeting, Person, Resolution
from office.models import Dispatch
from office.permissions import dispatches_addressed_to
from proposals.models import Proposal
from regulation.refused import Refused
from rehearsal import bank as banks
from rehearsal import naming
from rehearsal.schema import Rehearsal, Step, fields_of
from rehearsal.times import ZONE
from rehearsal.verbs import VERBS, Handle, Takes
from voting.models import Vote

ACCEPTED = "accepted"
#: the result of a step in which the engine failed; a file cannot expect it
ERROR = "error"
OFFICERS = ("lending_officer", "collection_officer")
#: the cells of rows in which a person is named
PEOPLE = ("person", "staff_no")

_failures = logging.getLogger("lianxi.rehearsal")


@dataclass(frozen=True, slots=True)
class Row:
    """The result of one step for one person."""

    n: int
    by: str
    do: str
    result: str
    at: datetime

    def as_json(self) -> dict[str, object]:
        """The row in the output of `--json`; the time is Shanghai's."""
        at = self.at.astimezone(ZONE).isoformat()
        return {"n": self.n, "by": self.by, "do": self.do, "result": self.result, "at": at}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A difference from the file, by the number of the step, None for the outcome."""

    step: int | None
    expected: object
    got: object

    def as_json(self) -> dict[str, object]:
        """The mismatch in the output of `--json`."""
        return {"step": self.step, "expected": self.expected, "got": self.got}


@dataclass(slots=True)
class Played:
    """The results of a rehearsal that was played to its end."""

    title: str
    rows: list[Row] = field(default_factory=list)
    mismatch: Mismatch | None = None
    outcome: dict[str, dict[str, object]] = field(default_factory=dict)
    audit: dict[str, object] = field(default_factory=dict)

    @property
    def matched(self) -> bool:
        """Whether every step and the outcome agree with the file."""
        return self.mismatch is None

    def as_json(self, file: str) -> dict[str, object]:
        """The output of `--json` for the file."""
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
        """Record a difference; only the first one is kept."""
        if self.mismatch is None:
            self.mismatch = Mismatch(step, expected, got)


class Driver(Protocol):
    """How the steps of a rehearsal reach the engine, and how their results are read.

    The player passes back whatever `do` returned for a proposal or a meeting.
    """

    def person(self, handle: str) -> Any:
        """The person as an argument of an action."""

    def committee(self) -> Any:
        """The committee as an argument of an action."""

    def dispatch(self, meeting: Any, to: str) -> Any:
        """What was sent of the meeting to the person with this handle; `access/not-found` without it."""

    def of_ledger(self, kind: Kind, row: Any) -> Any:
        """The row of the ledger as an argument of an action."""

    def loans(self, rows: list[Any]) -> Any:
        """The loans as an argument of an action."""

    def do(self, verb: str, by: str, arguments: Mapping[str, Any]) -> Any:
        """Perform the action as the person with this handle; Refused leaves no change."""

    def proposal(self, made: Any) -> dict[str, object]:
        """The fields of a proposal that an outcome may name."""

    def meeting(self, made: Any) -> dict[str, object]:
        """The fields of a meeting that an outcome may name."""


def play(rehearsal: Rehearsal, *, keep: bool = False, loud: bool = False) -> Played:
    """Play the rehearsal and return the results; its effects are rolled back unless `keep` is true.

    An exception other than a refusal is the result "error" and is logged; with `loud`, for tests, it is
    raised. NotShared when the bank to be shared is not this rehearsal's.
    """
    with nullcontext() if keep else files_apart(), transaction.atomic(), underway(rehearsal) as seen:
        bank = _bank(rehearsal, keep=keep)
        played = Player(rehearsal, bank, Direct(bank), loud=loud).play()
        played.audit = audited(seen)
        if not keep:
            transaction.set_rollback(True)
    return played


@contextmanager
def files_apart() -> Iterator[None]:
    """Files that are handed in are kept in a folder of their own, which is gone at the end."""
    before = settings.MEDIA_ROOT
    with TemporaryDirectory(prefix="lianxi-rehearsal-") as folder:
        settings.MEDIA_ROOT = Path(folder)
        try:
            yield
        finally:
            settings.MEDIA_ROOT = before


@contextmanager
def underway(rehearsal: Rehearsal) -> Iterator[set[str]]:
    """Set the clock to the start, mark audit entries and keep refusals out of the log, in this context.

    The set yielded collects the names of the streams that are written.
    """
    with clock.frozen(rehearsal.start), rehearsed(rehearsal.title), _unlogged(), touched() as seen:
        yield seen


def audited(streams: set[str]) -> dict[str, object]:
    """The verifier's report on the streams."""
    report = verify_streams(streams)
    return {"entries": report.entries, "verified": report.verified, "head": report.head}


def _bank(rehearsal: Rehearsal, *, keep: bool) -> banks.Bank:
    start = rehearsal.start.astimezone(ZONE).date()
    if keep and rehearsal.bank is not None:
        return banks.shared(rehearsal.bank, rehearsal.numbers, start, ledger=rehearsal.ledger)
    return banks.own(rehearsal.numbers, start, ledger=rehearsal.ledger)


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keep refusals out of the application's log, since a rehearsal provokes them."""
    logger = logging.getLogger("lianxi.refused")
    logger.addFilter(_drop)
    try:
        yield
    finally:
        logger.removeFilter(_drop)


def _drop(_record: logging.LogRecord) -> bool:
    return False


class Direct:
    """Calls the actions in this process, within the open transaction."""

    def __init__(self, bank: banks.Bank) -> None:
        self.bank = bank

    def person(self, handle: str) -> Person:
        """The person's row."""
        return self.bank.people[handle]

    def committee(self) -> Committee:
        """The committee's row."""
        return self.bank.committee

    def dispatch(self, meeting: Meeting, to: str) -> Dispatch:
        """The row, the first one for whoever is addressed twice."""
        own = Dispatch.objects.filter(dispatches_addressed_to(self.bank.people[to]), meeting=meeting)
        found = own.order_by("pk").first()
        if found is None:
            raise Refused("access/not-found")
        return found

    def of_ledger(self, kind: Kind, row: Any) -> Any:  # noqa: ARG002  as over HTTP
        """The row itself."""
        return row

    def loans(self, rows: list[Any]) -> Any:
        """The rows themselves."""
        return rows

    def do(self, verb: str, by: str, arguments: Mapping[str, Any]) -> object:
        """Perform the action, check all deferred constraints, and return what the action returned."""
        with transaction.atomic():
            made = ENGINE[verb].do(by=self.bank.people[by], arguments=arguments)
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
    """A rehearsal being played: its bank, its objects by handle, and the results so far."""

    def __init__(self, rehearsal: Rehearsal, bank: banks.Bank, driver: Driver, *, loud: bool) -> None:
        self.rehearsal = rehearsal
        self.bank = bank
        self.driver = driver
        self.loud = loud
        self.handles = {person.pk: handle for handle, person in bank.people.items()}
        self.proposals: dict[str, Any] = {}
        self.meetings: dict[str, Any] = {}
        self.played = Played(rehearsal.title)

    def play(self) -> Played:
        """Perform every step and compare the results with the file."""
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
        """ACCEPTED, the refusal's code, or ERROR for a failure of the engine, which ends nothing."""
        try:
            made = self.driver.do(do, by, self._asked(do, arguments))
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
        """Record the object under the handle that the step defines."""
        if ENGINE[do].makes is Proposal:
            self.proposals[arguments["proposal"]] = made
        elif ENGINE[do].makes is Meeting:
            self.meetings[arguments["meeting"]] = made

    def _asked(self, do: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments, handles replaced by objects; `access/not-found` for a handle without an object."""
        kinds = VERBS[do].arguments
        found = {name: self._resolve(kinds[name], value) for name, value in arguments.items()}
        match do:
            case "draft":
                found = {**found, "plan": found["proposal"]}
                del found["proposal"]
            case "revise":
                found = {"proposal": found["of"], "changes": found["changes"]}
            case "convene":
                del found["meeting"]
        if ENGINE[do].on is Dispatch:
            return {"dispatch": self.driver.dispatch(found["meeting"], found["to"])}
        return {"committee": self.driver.committee(), **found} if ENGINE[do].on is Committee else found

    def _resolve(self, kind: Takes, value: Any) -> Any:
        match kind:
            case Kind.PROPOSAL:
                return _known(self.proposals, value)
            case Kind.PROPOSALS:
                return [_known(self.proposals, handle) for handle in value]
            case Kind.MEETING:
                return _known(self.meetings, value)
            case Kind.PERSON:
                return self.driver.person(value)
            case Handle.PLANNED:
                return self._officers_named(self.rehearsal.plans[value])
            case Kind.PLAN_PART:
                return self._officers_named(value)
            case _:
                return self._resolve_in_ledger(kind, value)

    def _resolve_in_ledger(self, kind: Takes, value: Any) -> Any:
        match kind:
            case Kind.FILE:
                return self._with_staff_numbers(value)
            case Kind.ROWS:
                return [self._row(each) for each in value]
            case Kind.LOANS:
                return self.driver.loans([self._found(Kind.LOAN, each) for each in value])
            case _:
                return self._named_in_ledger(kind, value) if kind in naming.NAMED else value

    def _officers_named(self, plan: Any) -> Any:
        """The plan, or a part of it, with the handles of officers replaced by their staff numbers."""
        loans = plan.get("loans") if isinstance(plan, dict) else None
        if not isinstance(loans, list):
            return plan
        return {**plan, "loans": [self._named(loan) if isinstance(loan, dict) else loan for loan in loans]}

    def _named(self, loan: Mapping[str, Any]) -> dict[str, Any]:
        people = self.bank.people
        given = {key: loan[key] for key in OFFICERS if isinstance(loan.get(key), str) and loan[key] in people}
        return {**loan, **{key: people[handle].staff_no for key, handle in given.items()}}

    def _named_in_ledger(self, kind: Takes, name: str) -> Any:
        """The object of the ledger as an argument; `access/not-found` for a name without one."""
        return self.driver.of_ledger(Kind(kind), self._found(Kind(kind), name))

    def _found(self, kind: Kind, name: str) -> Any:
        found = naming.find(kind, self.bank.unit, name)
        if found is None:
            raise Refused("access/not-found")
        return found

    def _row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The row of a table with the staff numbers of people who are named by handle."""
        people = self.bank.people
        named = {key: people[row[key]].staff_no for key in PEOPLE if row.get(key) in people}
        return {**row, **named}

    def _with_staff_numbers(self, content: bytes) -> bytes:
        """The text of a file in which people are named by handle in braces."""
        for handle, person in self.bank.people.items():
            content = content.replace(b"{%s}" % handle.encode(), person.staff_no.encode())
        return content

    # The outcome

    def _look_at_outcome(self) -> None:
        for handle in (*self.rehearsal.proposals, *self.rehearsal.meetings):
            self.played.outcome[handle] = dict.fromkeys(fields_of(handle, self.rehearsal))
        for handle, meeting in self.meetings.items():
            self.played.outcome[handle] = self.driver.meeting(meeting)
        for handle, proposal in self.proposals.items():
            self.played.outcome[handle] = self.driver.proposal(proposal)
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
