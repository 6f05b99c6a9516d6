"""What was repaid of a plan: each instalment with what was received towards it, and the sums, in yuan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import ngettext

from audit import clock
from office import overdue
from pages.plans.sections import schedule_total
from proposals.models import Proposal, Receipt
from proposals.plan.drafts import Plan
from web import charts, labels

_S = Proposal.State


@dataclass(frozen=True)
class InstalmentView:
    """An instalment: what is due of it, what of that was received, and whether it is overdue."""

    due_on: str
    principal: str
    interest: str
    due: Decimal
    paid: Decimal
    open: Decimal
    late: bool


@dataclass(frozen=True, kw_only=True)
class Repayments:
    """The schedule of a plan beside the receipts."""

    instalments: list[InstalmentView]
    received: Decimal
    scheduled: Decimal
    #: what was received above the schedule
    surplus: Decimal
    #: the first that is open, while the plan is carried out
    next_instalment: InstalmentView | None
    #: what is overdue, in words
    overdue: str
    progress: charts.Progress | None


def repayments(plan: Plan, receipts: Sequence[Receipt], proposal: Proposal) -> Repayments:
    """The receipts on the schedule: by instalment, in sum, what is overdue, and over time."""
    received = sum((row.amount for row in receipts), Decimal("0.00"))
    scheduled = sum(schedule_total(plan.document).values(), Decimal("0.00"))
    today = clock.now().astimezone(proposal.committee.tz).date()
    running = proposal.state in (_S.CREDIT_APPROVED, _S.EXECUTING)
    instalments = _instalments(plan, received, today if running else None)
    return Repayments(
        instalments=instalments,
        received=received,
        scheduled=scheduled,
        surplus=max(received - scheduled, Decimal("0.00")),
        next_instalment=next((row for row in instalments if row.open), None) if running else None,
        overdue=_overdue([row for row in instalments if row.late]),
        progress=_progress(plan, receipts, today) if running or receipts else None,
    )


def _instalments(plan: Plan, received: Decimal, today: date | None) -> list[InstalmentView]:
    """The instalments with what is paid and what is open; late is what was due before the day given."""
    rows = plan.document.get("schedule", ())
    return [
        InstalmentView(
            row.due_on,
            stated.get("principal", ""),
            stated.get("interest", ""),
            row.due,
            row.paid,
            row.open,
            late=today is not None and row.late(today),
        )
        for stated, row in zip(rows, overdue.instalments(plan.document, received), strict=True)
    ]


def _overdue(late: Sequence[InstalmentView]) -> str:
    """What is overdue, in words; empty for nothing."""
    if not late:
        return ""
    return ngettext(
        "%(count)d instalment is overdue: %(amount)s yuan have been open since %(day)s.",
        "%(count)d instalments are overdue: %(amount)s yuan are open, the oldest since %(day)s.",
        len(late),
    ) % {
        "count": len(late),
        "amount": labels.money(sum(row.open for row in late)),
        "day": late[0].due_on,
    }


def _progress(plan: Plan, receipts: Sequence[Receipt], today: date) -> charts.Progress | None:
    planned = [
        (row.due_on, row.principal + row.interest) for row in (plan.terms.schedule if plan.complete else ())
    ]
    received = [(row.received_on, row.amount) for row in receipts]
    begins = plan.terms.base_date if plan.complete else today
    return charts.progress(planned, received, begins=begins, today=today)
