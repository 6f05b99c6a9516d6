"""Plays a rehearsal: every step calls the action that the web pages call, as the person named."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from django.db import connection, transaction

from audit import clock
from audit.recording import rehearsed, touched
from audit.verification import verify_streams
from committee.actions import attendance, notices, proxies, regulation, roster
from committee.actions import meetings as sessions
from committee.models import Meeting, Person, Resolution
from office.actions import archive, minutes
from proposals.actions import credit, deliberation, execution, meetings, plans, screening
from proposals.models import Proposal
from regulation.refused import Refused
from rehearsal import bank as banks
from rehearsal.schema import Rehearsal, Step, fields_of
from rehearsal.times import ZONE
from rehearsal.verbs import VERBS, Kind
from voting.actions import ballots, consents, votes
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


def play(rehearsal: Rehearsal, *, keep: bool = False, loud: bool = False) -> Played:
    """The rehearsal has been played; nothing of it stays unless `keep`.

    What is no refusal is a result "error", and logged; `loud` lets it through, for tests. NotShared when the
    bank to share is not this rehearsal's.
    """
    with (
        transaction.atomic(),
        clock.frozen(rehearsal.start),
        rehearsed(rehearsal.title),
        _unlogged(),
        touched() as seen,
    ):
        played = _Player(rehearsal, _bank(rehearsal, keep=keep), loud=loud).play()
        report = verify_streams(seen)
        played.audit = {"entries": report.entries, "verified": report.verified, "head": report.head}
        if not keep:
            transaction.set_rollback(True)
    return played


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


class _Player:
    """One rehearsal under way: its bank, what its handles stand for, and what came of the steps so far."""

    def __init__(self, rehearsal: Rehearsal, bank: banks.Bank, *, loud: bool) -> None:
        self.rehearsal = rehearsal
        self.bank = bank
        self.loud = loud
        self.handles = {person.pk: handle for handle, person in bank.people.items()}
        self.proposals: dict[str, Proposal] = {}
        self.meetings: dict[str, Meeting] = {}
        self.played = Played(rehearsal.title)

    def play(self) -> Played:
        for step in self.rehearsal.steps:
            clock.travel(step.at)
            if step.do is not None:
                self._step(step, step.do)
        self._look_at_outcome()
        return self.played

    def _step(self, step: Step, do: str) -> None:
        expected = step.expect or ACCEPTED
        for handle in self._holders() if step.by is None else step.by:
            result = self._try(do, self.bank.people[handle], step.arguments)
            self.played.rows.append(Row(step.number, handle, do, result, step.at))
            if result != expected:
                self.played.differ(step.number, expected, result)

    def _holders(self) -> list[str]:
        holders = Person.objects.filter(seats__committee=self.bank.committee).order_by("seats__number")
        return [self.handles[pk] for pk in holders.values_list("pk", flat=True)]

    def _try(self, do: str, by: Person, arguments: Mapping[str, Any]) -> str:
        """The act is done, with every constraint of the database checked, or nothing has changed."""
        try:
            with transaction.atomic():
                made = ACTIONS[do](self, by, **self._resolved(do, arguments))
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        except Refused as refused:
            return refused.code
        except Exception as error:  # a fault of the engine must not end the play
            if self.loud:
                raise
            _failures.error("%s failed: %s: %s", do, type(error).__name__, error)
            return ERROR
        self._define(do, arguments, made)
        return ACCEPTED

    def _define(self, do: str, arguments: Mapping[str, Any], made: object) -> None:
        """What was made is known by its handle from now on."""
        if isinstance(made, Proposal) and do in ("draft", "revise"):
            self.proposals[arguments["proposal"]] = made
        elif isinstance(made, Meeting) and do == "convene":
            self.meetings[arguments["meeting"]] = made

    def _resolved(self, do: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments with what their handles stand for; `access/not-found` for what was never made."""
        kinds = VERBS[do].arguments
        return {name: self._resolve(kinds[name], value) for name, value in arguments.items()}

    def _resolve(self, kind: Kind, value: Any) -> Any:
        match kind:
            case Kind.PROPOSAL:
                return _known(self.proposals, value)
            case Kind.PROPOSALS:
                return [_known(self.proposals, handle) for handle in value]
            case Kind.MEETING:
                return _known(self.meetings, value)
            case Kind.PERSON:
                return self.bank.people[value]
            case Kind.PLANNED:
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
            self.played.outcome[handle] = {"state": Meeting.objects.get(pk=meeting.pk).state}
        for handle, proposal in self.proposals.items():
            self.played.outcome[handle] = _outcome_of(proposal)
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


def _outcome_of(proposal: Proposal) -> dict[str, object]:
    on_plan = Vote.objects.filter(proposal=proposal, question=Resolution.Question.PLAN)
    last = on_plan.filter(state=Vote.State.CLOSED).order_by("-closed_at", "-pk").first()
    return {
        "state": Proposal.objects.get(pk=proposal.pk).state,
        "for": last and last.for_count,
        "against": last and last.against_count,
        "abstained": last and last.abstained_count,
        "rounds": on_plan.count(),
    }


# -- Verb → action -----------------------------------------------------------------------------------------

Act: TypeAlias = Callable[..., object]


def _on(subject: str, act: Act) -> Act:
    """The action, called with what the argument `subject` names in front, and the others by name."""

    def call(_player: _Player, by: Person, **arguments: Any) -> object:
        return act(arguments.pop(subject), by=by, **arguments)

    return call


def _on_committee(act: Act) -> Act:
    """The action, called with the committee in front."""

    def call(player: _Player, by: Person, **arguments: Any) -> object:
        return act(player.bank.committee, by=by, **arguments)

    return call


def _draft(player: _Player, by: Person, *, proposal: Any) -> object:
    return plans.draft(player.bank.committee, by=by, plan=proposal)


def _revise(
    _player: _Player, by: Person, *, proposal: str, of: Proposal, changes: Mapping[str, Any]
) -> object:
    del proposal  # the handle of what comes of it
    return plans.revise(of, by=by, changes=changes)


def _convene(player: _Player, by: Person, *, meeting: str, **arguments: Any) -> object:
    del meeting  # the handle of what comes of it
    return meetings.convene(player.bank.committee, by=by, **arguments)


ACTIONS: Mapping[str, Act] = {
    "draft": _draft,
    "amend": _on("proposal", plans.amend),
    "submit": _on("proposal", plans.submit),
    "withdraw": _on("proposal", plans.withdraw),
    "revise": _revise,
    "return": _on("proposal", screening.return_for_completion),
    "screen_out": _on("proposal", screening.screen_out),
    "shortlist": _on("proposal", screening.shortlist),
    "file_docket": _on_committee(screening.file_docket),
    "convene": _convene,
    "change_meeting": _on("meeting", meetings.change_meeting),
    "cancel_meeting": _on("meeting", meetings.cancel_meeting),
    "send_notice": _on("meeting", notices.send_notice),
    "acknowledge": _on("meeting", notices.acknowledge),
    "authorise_proxy": _on("meeting", meetings.authorise_proxy),
    "revoke_proxy": _on("meeting", proxies.revoke_proxy),
    "sign_in": _on("meeting", attendance.sign_in),
    "sign_out": _on("meeting", attendance.sign_out),
    "open_meeting": _on("meeting", sessions.open_meeting),
    "close_meeting": _on("meeting", meetings.close_meeting),
    "take_up": _on("proposal", deliberation.take_up),
    "admit_observer": _on("proposal", deliberation.admit_observer),
    "withdraw_observer": _on("proposal", deliberation.withdraw_observer),
    "record_opinion": _on("proposal", deliberation.record_opinion),
    "declare_conflict": _on("proposal", consents.declare_conflict),
    "request_abstention": _on("proposal", consents.request_abstention),
    "grant_abstention": _on("proposal", consents.grant_abstention),
    "refuse_abstention": _on("proposal", consents.refuse_abstention),
    "propose_cancellation": _on("proposal", consents.propose_cancellation),
    "open_vote": _on("proposal", votes.open_vote),
    "cast": _on("proposal", ballots.cast),
    "close_vote": _on("proposal", votes.close_vote),
    "cancel_vote": _on("proposal", votes.cancel_vote),
    "draft_minutes": _on("meeting", minutes.draft_minutes),
    "amend_minutes": _on("meeting", minutes.amend_minutes),
    "sign_minutes": _on("meeting", minutes.sign_minutes),
    "distribute": _on("meeting", minutes.distribute),
    "report_decisions": _on("meeting", archive.report_decisions),
    "receive_report": _on("meeting", archive.receive_report),
    "archive": _on("meeting", archive.archive),
    "approve_credit": _on("proposal", credit.approve_credit),
    "decline_credit": _on("proposal", credit.decline_credit),
    "record_receipt": _on("proposal", execution.record_receipt),
    "reverse_receipt": _on("proposal", execution.reverse_receipt),
    "terminate": _on("proposal", execution.terminate),
    "amend_regulation": _on_committee(regulation.amend_regulation),
    "appoint_acting_chair": _on("meeting", sessions.appoint_acting_chair),
    "vacate_seat": _on_committee(roster.vacate_seat),
    "fill_seat": _on_committee(roster.fill_seat),
}
