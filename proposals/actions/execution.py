"""Receipts, their reversal, and the termination of execution."""

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
from proposals.beginning import begin_on_proposal
from proposals.finance import ZERO
from proposals.models import Proposal, Receipt
from proposals.permissions import ACTS
from proposals.plan.stated import contracts
from proposals.plan.submission import receivable
from proposals.reminding import settle_reminders
from proposals.transitions import claim_contracts, release_contracts, transition
from regulation.refused import Refused
from regulation.text import has_content

_MONEY = re.compile(r"[0-9]{1,15}\.[0-9]{2}")


@action
def record_receipt(proposal: Proposal, *, by: Person, amount: str, received_on: date) -> Receipt:
    """The receipt in yuan counts towards the schedule; the state follows the sum of receipts.

    `13/not-handling-institution`, `access/denied` to the institution's head;
    `state/not-allowed` before credit approval and after the end;
    `receipt/invalid` for an amount not above zero, a date before the plan's base date or after today, and
    more in all than everything owed in the plan, its new money and the interest scheduled.
    """
    proposal, _ = begin_on_proposal(ACTS["record_receipt"], proposal, by)
    value = _amount(amount)
    _require_in_bounds(proposal, value, received_on)
    receipt = Receipt.objects.create(
        proposal=proposal, amount=value, received_on=received_on, recorded_by=by, recorded_at=clock.now()
    )
    _follow_sum(proposal)
    settle_reminders(proposal, received(proposal))
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

    `13/not-handling-institution`, `access/denied` to the institution's head;
    `state/not-allowed`; `13/reason-required`; `receipt/invalid` when there is no such receipt;
    `13/already-submitted` when a completed plan's contract has come to stand in another live plan.
    """
    proposal, _ = begin_on_proposal(ACTS["reverse_receipt"], proposal, by)
    if not has_content(reason):
        raise Refused("13/reason-required")
    wrong = _standing(proposal, _amount(amount), received_on)
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


def _standing(proposal: Proposal, amount: Decimal, received_on: date) -> Receipt:
    """The first receipt of this amount and day that is not reversed; `receipt/invalid` without one."""
    same = proposal.receipts.filter(amount=amount, received_on=received_on, reverses=None, reversal=None)
    found = same.order_by("pk").first()
    if found is None:
        raise _invalid("amount", "no receipt of this amount and day stands", "无此金额和日期的有效回款")
    return found


@action
def terminate(proposal: Proposal, *, by: Person, reason: str) -> Proposal:
    """Execution has ended before its time; the contracts are free for another plan.

    `12/only-liaison`; `state/not-allowed`; `14/reason-required`.
    """
    proposal, _ = begin_on_proposal(ACTS["terminate"], proposal, by)
    if not has_content(reason):
        raise Refused("14/reason-required")
    transition(proposal, proposal.terminate, reason=reason)
    release_contracts([proposal])
    record(proposal.stream, "terminate", proposal.subject, by=by, payload={"reason": reason})
    announce("terminate", messages.handlers(proposal.unit_id), by=by, about=proposal.subject, reason=reason)
    return proposal


def scheduled(proposal: Proposal) -> Decimal:
    """Principal and interest of the schedule, in yuan."""
    instalments = proposal.present_version.plan.terms.schedule
    return sum((instalment.principal + instalment.interest for instalment in instalments), ZERO)


def received(proposal: Proposal) -> Decimal:
    """The sum of the receipts less reversals, in yuan."""
    return proposal.receipts.aggregate(total=Sum("amount"))["total"] or ZERO


def room(proposal: Proposal) -> Decimal:
    """The amount in yuan that can still be received: everything owed, the new money and the interest
    scheduled.
    """
    return receivable(proposal.present_version.plan.terms) - received(proposal)


def surplus(proposal: Proposal, amount: Decimal = ZERO) -> Decimal:
    """The amount in yuan by which the receipts, with this one, exceed the schedule; at least zero."""
    return max(received(proposal) + amount - scheduled(proposal), ZERO)


def _amount(amount: str) -> Decimal:
    if not _MONEY.fullmatch(amount) or Decimal(amount) <= 0:
        raise _invalid(
            "amount", "it must be above zero, in yuan with two decimals", "金额须大于零并保留两位小数"
        )
    return Decimal(amount)


def _require_in_bounds(proposal: Proposal, amount: Decimal, received_on: date) -> None:
    """Raise `receipt/invalid` for a day before the base date or after today, and for too large an amount."""
    terms = proposal.present_version.plan.terms
    if received_on < terms.base_date:
        base = terms.base_date.isoformat()
        raise _invalid(
            "received_on",
            f"{received_on} is before the plan's base date {base}; what came in before is in its figures",
            f"{received_on} 早于方案基准日 {base}，此前回款已计入方案数据",
        )
    if received_on > clock.now().astimezone(proposal.committee.tz).date():
        raise _invalid("received_on", f"{received_on} is after today", f"{received_on} 晚于今日")
    if amount > room(proposal):
        all_, most = received(proposal) + amount, receivable(terms)
        raise _invalid(
            "amount",
            f"with it {all_:,.2f} yuan would be received; everything owed, the new money and the interest "
            f"scheduled are {most:,.2f} yuan",
            f"登记后累计回款 {all_:,.2f} 元，超过全部欠款、新增资金与还款计划利息合计 {most:,.2f} 元",
        )


def _invalid(field: str, en: str, zh: str) -> Refused:
    return Refused("receipt/invalid", field=field, why={"en": en, "zh-hans": zh})


def _follow_sum(proposal: Proposal) -> None:
    """Set the state by the sum of receipts: nothing, a part, or all of the schedule. Needs the lock."""
    total = received(proposal)
    done = proposal.state == Proposal.State.COMPLETED
    if total >= scheduled(proposal):
        transition(proposal, proposal.complete)
        release_contracts([proposal])
    elif total > 0:
        transition(proposal, proposal.execute)
    elif proposal.state != Proposal.State.CREDIT_APPROVED:
        transition(proposal, proposal.restart)
    if done and proposal.state != Proposal.State.COMPLETED and proposal.version is not None:
        claim_contracts(proposal, contracts(proposal.version.plan))
