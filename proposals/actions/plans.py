"""Drafting, submitting, revising and withdrawing plans (Art. 6, 7, 13, 23)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import Exists, OuterRef

from audit import clock
from audit.recording import action, record
from committee import messages
from committee.agenda import leave_agenda
from committee.messages import announce, notify_of_cancelling, settle_moved
from committee.models import AgendaItem, Committee, Meeting, Person, RegulationVersion, Series
from proposals.beginning import begin_on_proposal
from proposals.finance import exposure
from proposals.ledger import fill, keep_basis, ledger_of
from proposals.models import (
    Comparison,
    LedgerBasis,
    PlanContract,
    PlanVersion,
    Proposal,
    ProposalGroupPermission,
)
from proposals.permissions import ACTS, handling_unit
from proposals.plan import stated
from proposals.plan.drafts import Plan, parse_draft
from proposals.plan.submission import check_submission
from proposals.substance import compare, is_substantive
from proposals.transitions import claim_contracts, release_contracts, transition
from regulation.numbers import Regulation
from regulation.refused import Refused
from regulation.text import has_content


@action
def draft(
    committee: Committee, *, by: Person, plan: Mapping[str, Any], contracts: Sequence[str] = ()
) -> Proposal:
    """A draft of the handler's own institution exists, with the plan as its first version.

    `contracts` are loans of the ledger, whose figures of the latest tape fill the plan. Nothing is there yet
    to be locked or to have a state, and whose handler `by` is says which institution it is.
    `13/not-handling-institution`, `access/denied` to the institution's head; `access/not-found` for a
    contract that the handler does not see in the ledger; `plan/invalid`.
    """
    unit = handling_unit(committee, by)
    plan, basis = _filled(plan, contracts, committee, by)
    return _draft(committee, unit, by, parse_draft(plan), revises=None, basis=basis)


@action
def revise(rejected: Proposal, *, by: Person, changes: Mapping[str, Any]) -> Proposal:
    """A new draft exists: the rejected plan with the keys of `changes` replaced (Art. 23).

    `13/not-handling-institution`, `access/denied` to the institution's head; `state/not-allowed`
    unless rejected; `plan/invalid`.
    """
    rejected, _ = begin_on_proposal(ACTS["revise"], rejected, by)
    plan = parse_draft({**rejected.present_version.document, **changes})
    return _draft(rejected.committee, rejected.unit_id, by, plan, revises=rejected)


@action
def amend(
    proposal: Proposal, *, by: Person, changes: Mapping[str, Any], contracts: Sequence[str] = ()
) -> Proposal:
    """The draft, or the plan returned for completion, has a new version with the keys of `changes` replaced.

    `contracts` are loans of the ledger, whose figures of the latest tape fill the plan after that.
    `13/not-handling-institution`, `access/denied` to the institution's head; `state/not-allowed`;
    `access/not-found` for a contract that the handler does not see in the ledger; `plan/invalid`.
    """
    proposal, _ = begin_on_proposal(ACTS["amend"], proposal, by)
    changed = {**proposal.present_version.document, **changes}
    document, basis = _filled(changed, contracts, proposal.committee, by)
    plan = parse_draft(document)
    _write_version(proposal, plan, by, basis=basis)
    release_contracts([proposal], but=stated.contracts(plan))
    record(
        proposal.stream,
        "amend",
        proposal.subject,
        by=by,
        payload={
            "version": proposal.present_version.number,
            "digest": plan.digest,
            "keys": sorted(changes),
            **_taken(basis),
        },
    )
    return proposal


@action
def submit(proposal: Proposal, *, by: Person) -> Proposal:
    """The plan waits for screening, numbered; its contracts stand in no other live plan of the bank.

    A plan that covers a contract of a rejected one is compared with it, field by field, and the comparison
    kept. `13/not-handling-institution`, `access/denied` to the institution's head;
    `state/not-allowed`; `plan/incomplete`, `plan/invalid`, `plan/unbalanced`; `6/not-non-performing`,
    `6/not-in-ledger`, `6/ledger-differs`; `7/no-condition`, `7/evidence-required`; `13/already-submitted`;
    `23/no-substantive-change`.
    """
    proposal, _ = begin_on_proposal(ACTS["submit"], proposal, by)
    version = proposal.present_version
    today = clock.now().astimezone(proposal.committee.tz).date()
    ledger = ledger_of(proposal, version.plan, today)
    check_submission(version.plan, submitted_on=today, ledger=ledger)
    claim_contracts(proposal, stated.contracts(version.plan))
    compared = _compare_with_rejected(proposal, version, version.plan)
    proposal.resubmission = bool(compared)
    _submit(proposal, version)
    record(
        proposal.stream,
        "submit",
        proposal.subject,
        by=by,
        payload={
            "number": proposal.written_number,
            "version": version.number,
            "digest": version.digest,
            "compared_with": compared,
            **({} if ledger is None else {"ledger": ledger.as_json()}),
        },
    )
    announce(
        "submit",
        [proposal.committee.liaison_id],
        by=by,
        about=proposal.subject,
        committee=proposal.committee_id,
    )
    return proposal


def _submit(proposal: Proposal, version: PlanVersion) -> None:
    """Submit the proposal with this version of its plan, numbered the first time. Needs the lock."""
    now = clock.now()
    if proposal.number is None:
        proposal.year, proposal.number = Series.objects.take(proposal.committee, Series.Kind.PROPOSAL, now)
    proposal.submitted_at = proposal.submitted_at or now
    _show(proposal, version.plan)
    proposal.submitted_version = version
    transition(proposal, proposal.submit, reason="")


@action
def withdraw(proposal: Proposal, *, by: Person, reason: str) -> Proposal:
    """The plan is withdrawn and its item struck; the notice stays current.

    A convened meeting that loses its last item is cancelled. `13/not-handling-institution`,
    `access/denied` to the institution's head; `state/not-allowed` from the opening of the vote on;
    `13/reason-required`.
    """
    proposal, meeting = begin_on_proposal(ACTS["withdraw"], proposal, by)
    if not has_content(reason):
        raise Refused("13/reason-required")
    tabled = proposal.state == Proposal.State.TABLED
    transition(proposal, proposal.withdraw, reason=reason)
    release_contracts([proposal])
    record(proposal.stream, "withdraw", proposal.subject, by=by, payload={"reason": reason})
    if tabled and meeting is not None and proposal.item is not None:
        _strike(proposal, proposal.item, meeting, by, reason)
    if proposal.submitted_at is not None:
        concerned = [proposal.committee.liaison_id, *(messages.chair(proposal.committee) if tabled else ())]
        announce("withdraw", concerned, by=by, about=proposal.subject, reason=reason)
    return proposal


def _strike(proposal: Proposal, item: AgendaItem, meeting: Meeting, by: Person, reason: str) -> None:
    """Take the item off the agenda and cancel a convened meeting that has no other. Needs the locks."""
    leave_agenda([item], AgendaItem.Left.WITHDRAWN)
    last = meeting.state == Meeting.State.CONVENED and not meeting.items.filter(left_at=None).exists()
    if last:
        meeting.cancel(clock.now(), reason)
        meeting.save(update_fields=["state", "cancelled_at", "cancel_reason"])
        settle_moved([meeting.subject], meeting.state)
    record(
        meeting.stream,
        "withdraw",
        item.subject,
        by=by,
        payload={"proposal": proposal.subject, "reason": reason, "meeting_cancelled": last},
    )
    if last:
        notify_of_cancelling(meeting, by, reason)
    else:
        messages.notify_of_uncovered(meeting, by=by)


def _draft(
    committee: Committee,
    unit_id: int,
    by: Person,
    plan: Plan,
    *,
    revises: Proposal | None,
    basis: Sequence[LedgerBasis] = (),
) -> Proposal:
    now = clock.now()
    proposal = Proposal.objects.create(
        committee=committee, unit_id=unit_id, drafted_by=by, drafted_at=now, state_since=now, revises=revises
    )
    ProposalGroupPermission.objects.create(
        content_object=proposal,
        group_id=proposal.unit.handlers_id,
        permission=Permission.objects.get(
            content_type__app_label="proposals", content_type__model="proposal", codename="handle_proposal"
        ),
    )
    before = None if revises is None else revises.present_version
    version = _write_version(proposal, plan, by, basis=basis, before=before)
    record(
        proposal.stream,
        "revise" if revises else "draft",
        proposal.subject,
        by=by,
        payload={
            "version": 1,
            "digest": version.digest,
            "of": revises.subject if revises else None,
            **_taken(basis),
        },
    )
    return proposal


def _filled(
    document: Mapping[str, Any], named: Sequence[str], committee: Committee, by: Person
) -> tuple[Mapping[str, Any], Sequence[LedgerBasis]]:
    """The plan with the ledger's figures of these contracts, and whence they are; as it is without any."""
    if not named:
        return document, ()
    found = fill(document, named, by=by, today=clock.now().astimezone(committee.tz).date())
    return {**document, **found.changes}, found.basis


def _taken(basis: Sequence[LedgerBasis]) -> dict[str, Any]:
    """What the entry says of figures that were taken from the ledger; nothing where none were."""
    return {"from_ledger": {row.contract: f"tape:{row.tape_id}" for row in basis}} if basis else {}


def _write_version(
    proposal: Proposal,
    plan: Plan,
    by: Person,
    *,
    basis: Sequence[LedgerBasis] = (),
    before: PlanVersion | None = None,
) -> PlanVersion:
    """Store the plan as the next version, with the basis in the ledger that it or the one before has."""
    before = proposal.version or before
    version = PlanVersion.objects.create(
        proposal=proposal,
        number=(proposal.version.number if proposal.version else 0) + 1,
        document=plan.document,
        digest=plan.digest,
        made_at=clock.now(),
        made_by=by,
    )
    PlanContract.objects.bulk_create(
        [PlanContract(version=version, contract_no=number) for number in stated.contracts(plan)]
    )
    keep_basis(version, plan, before=before, new=basis)
    proposal.version = version
    if proposal.submitted_at is None:
        _show(proposal, plan)
    proposal.save(update_fields=Proposal.CHANGING)
    return version


def _show(proposal: Proposal, plan: Plan) -> None:
    """Copy what lists show from this plan to the proposal; after a return this waits for the submission."""
    proposal.title = plan.document.get("title", "")
    proposal.borrower = plan.document.get("borrower", {}).get("name", "")
    proposal.owed = exposure(plan)


def _compare_with_rejected(proposal: Proposal, version: PlanVersion, plan: Plan) -> list[str]:
    """Store the comparison with each rejected plan of the bank that shares a contract; return their subjects.

    `23/no-substantive-change` when it does not differ in substance from one of them.
    """
    shared = PlanContract.objects.filter(version=OuterRef("version"), contract_no__in=stated.contracts(plan))
    rejected = (
        Proposal.objects.filter(
            Exists(shared),
            state=Proposal.State.REJECTED,
            committee__branch__bank=proposal.committee.bank_id,
        )
        .select_related("version", "committee")
        .order_by("pk")
    )
    now = clock.now()
    today = now.astimezone(proposal.committee.tz).date()
    in_force = RegulationVersion.objects.in_force(proposal.committee, today) if rejected else None
    numbers = in_force.numbers if in_force else Regulation()
    found = []
    for other in rejected:
        old = other.present_version
        differences = compare(old.plan, plan, material_change_pct=numbers.material_change_pct)
        if not is_substantive(differences):
            raise Refused("23/no-substantive-change", rejected=other.written_number)
        found.append(
            Comparison(
                version=version, rejected=old, differences=[asdict(row) for row in differences], at=now
            )
        )
    Comparison.objects.bulk_create(found)
    return [other.subject for other in rejected]
