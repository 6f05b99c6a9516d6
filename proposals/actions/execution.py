"""Money received, its reversal, and the end of execution (rules.md, States)."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from audit import clock
from audit.recording import action, record
from committee import messages
from committee.messages import announce
from committee.models import Person
from committee.permissions import require_state
from proposals.actions.plans import claim_contracts, enter, release_contracts
from proposals.locks import lock_proposal
from proposals.models import Proposal, Receipt
from proposals.permissions import ACTS, require_officer, require_visible
from proposals.plan import contracts
from regulation.refused import Refused
from regulation.text import says_something

_MONEY = re.compile(r"[0-9]{1,15}\.[0-9]{2}")


@action
def record_receipt(proposal: Proposal, *, by: Person, amount: str, received_on: date) -> Receipt:
    """The receipt in yuan counts towards the schedule; the state follows the sum of receipts.

    `13/not-handling-institution`; `state/not-allowed` before credit approval and after the end;
    `receipt/invalid` for an amount not above zero and a date after today.
    """
    proposal = _executing("record_receipt", proposal, by)
    value = _amount(amount)
    if received_on > clock.now().astimezone(proposal.committee.tz).date():
        raise Refused("receipt/invalid", amount=amount, received_on=received_on.isoformat())
    receipt = Receipt.objects.create(
        proposal=proposal, amount=value, received_on=received_on, recorded_by=by, recorded_at=clock.now()
    )
    _follow_sum(proposal)
    record(
        proposal.stream,
        "record_receipt",
        proposal.subject,
        by=by,
        payload={"amount": amount, "received_on": received_on.isoformat(), "receipt": str(receipt.pk)},
    )
    return receipt


@action
def reverse_receipt(
    proposal: Proposal, *, by: Person, amount: str, received_on: date, reason: str
) -> Receipt:
    """A counter-entry reverses the receipt of this amount and day; the state follows the sum of receipts.

    `13/not-handling-institution`; `state/not-allowed`; `13/reason-required`; `receipt/invalid` when there is
    no such receipt; `13/already-submitted` when a completed plan's contract has come to stand in another live
    plan.
    """
    proposal = _executing("reverse_receipt", proposal, by)
    if not says_something(reason):
        raise Refused("13/reason-required")
    wrong = (
        proposal.receipts.filter(
            amount=_amount(amount), received_on=received_on, reverses=None, reversal=None
        )
        .order_by("pk")
        .first()
    )
    if wrong is None:
        raise Refused("receipt/invalid", amount=amount, received_on=received_on.isoformat())
    receipt = Receipt.objects.create(
        proposal=proposal,
        amount=-wrong.amount,
        received_on=wrong.received_on,
        reverses=wrong,
        reason=reason,
        recorded_by=by,
        recorded_at=clock.now(),
    )
    _follow_sum(proposal)
    record(
        proposal.stream,
        "reverse_receipt",
        proposal.subject,
        by=by,
        payload={
            "amount": amount,
            "received_on": received_on.isoformat(),
            "receipt": str(wrong.pk),
            "reason": reason,
        },
    )
    return receipt


@action
def terminate(proposal: Proposal, *, by: Person, reason: str) -> Proposal:
    """Execution has ended before its time; the contracts are free for another plan.

    `12/only-liaison`; `state/not-allowed`; `14/reason-required`.
    """
    proposal = _executing("terminate", proposal, by)
    if not says_something(reason):
        raise Refused("14/reason-required")
    enter(proposal, proposal.terminate, reason=reason)
    release_contracts([proposal])
    record(proposal.stream, "terminate", proposal.subject, by=by, payload={"reason": reason})
    announce("terminate", messages.handlers(proposal.unit_id), by=by, about=proposal.subject, reason=reason)
    return proposal


def scheduled(proposal: Proposal) -> Decimal:
    """The schedule's principal and interest in yuan."""
    if proposal.version is None:
        raise TypeError(f"proposal {proposal.pk} has no plan")
    instalments = proposal.version.plan.terms.schedule
    return sum((instalment.principal + instalment.interest for instalment in instalments), Decimal(0))


def received(proposal: Proposal) -> Decimal:
    """The sum of the receipts in yuan, reversals taken off."""
    return proposal.receipts.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def _executing(verb: str, proposal: Proposal, by: Person) -> Proposal:
    proposal, _ = lock_proposal(proposal.pk)
    require_visible(proposal, by)
    require_officer(verb, proposal, by)
    require_state(ACTS[verb], proposal.state)
    return proposal


def _amount(amount: str) -> Decimal:
    if not _MONEY.fullmatch(amount) or Decimal(amount) <= 0:
        raise Refused("receipt/invalid", amount=amount)
    return Decimal(amount)


def _follow_sum(proposal: Proposal) -> None:
    """The state is that of the sum: nothing, something, or all of the schedule (lock held)."""
    total = received(proposal)
    done = proposal.state == Proposal.State.COMPLETED
    if total >= scheduled(proposal):
        enter(proposal, proposal.complete)
        release_contracts([proposal])
    elif total > 0:
        enter(proposal, proposal.execute)
    elif proposal.state != Proposal.State.CREDIT_APPROVED:
        enter(proposal, proposal.restart)
    if done and proposal.state != Proposal.State.COMPLETED and proposal.version is not None:
        claim_contracts(proposal, contracts(proposal.version.plan))
