"""Reminders of instalments to the handlers of a plan: once before the due day and once after it.

Receipts count towards the earliest instalments, so that one is open as far as the sum of those up to its day
exceeds what was received.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from audit import clock
from audit.recording import SYSTEM
from committee import messages
from committee.messages import announce
from committee.models import Message
from proposals.models import DueInstalment, InstalmentReminder, Proposal, Receipt

_When = InstalmentReminder.When
_RUNNING = (Proposal.State.CREDIT_APPROVED, Proposal.State.EXECUTING)
#: the kind of message before and after the day
_KINDS = {_When.BEFORE: "instalment_due", _When.AFTER: "instalment_late"}
#: plans that are read at once
_CHUNK = 500


@dataclass(frozen=True)
class Due:
    """What is due of a plan by a day, in yuan: on that day, and in all up to it."""

    on: date
    amount: Decimal
    through: Decimal


def remind() -> int:
    """Remind the handlers of plans in execution of the instalments of which it is time; return of how many
    plans.

    Several of one plan are one message, which names the last day and all that is open up to it.
    """
    told = 0
    horizon = clock.now().date() + timedelta(days=settings.INSTALMENT_DAYS_BEFORE + 1)
    rows = DueInstalment.objects.filter(proposal__state__in=_RUNNING, due_on__lte=horizon)
    pks = list(rows.order_by("proposal").values_list("proposal", flat=True).distinct())
    for at in range(0, len(pks), _CHUNK):
        chunk = pks[at : at + _CHUNK]
        plans = Proposal.objects.filter(pk__in=chunk).select_related("committee__branch").in_bulk()
        sums = Receipt.objects.filter(proposal__in=chunk).order_by().values("proposal")
        received = dict(sums.annotate(total=Sum("amount")).values_list("proposal", "total"))
        for pk, dues in _dues(chunk):
            told += _remind_of(plans[pk], dues, received.get(pk, Decimal(0)))
    return told


def _dues(pks: Sequence[int]) -> Iterator[tuple[int, list[Due]]]:
    """The instalments of each plan by day."""
    found: dict[int, list[Due]] = {}
    rows = (
        DueInstalment.objects.filter(proposal__in=pks)
        .order_by("proposal", "due_on")
        .values("proposal", "due_on")
    )
    for pk, on, amount in rows.annotate(total=Sum("amount")).values_list("proposal", "due_on", "total"):
        before = found.setdefault(pk, [])
        before.append(Due(on, amount, amount + (before[-1].through if before else 0)))
    yield from found.items()


def _remind_of(proposal: Proposal, dues: Sequence[Due], received: Decimal) -> bool:
    """Remind of what is due soon and of what is overdue; return whether anything was told."""
    today = clock.now().astimezone(proposal.committee.tz).date()
    open_ = [due for due in dues if due.through > received]
    before, after = settings.INSTALMENT_DAYS_BEFORE, settings.INSTALMENT_DAYS_AFTER
    soon = [due for due in open_ if before and today <= due.on <= today + timedelta(days=before)]
    late = [due for due in open_ if after and due.on <= today - timedelta(days=after)]
    # what is overdue first, so that the inbox has it below what is to come
    told = [
        _tell(proposal, when, found, received) for when, found in ((_When.AFTER, late), (_When.BEFORE, soon))
    ]
    return any(told)


def _tell(proposal: Proposal, when: str, dues: Sequence[Due], received: Decimal) -> bool:
    """Tell the handlers of those of which they were not told; return whether there were any."""
    if not dues:
        return False
    with transaction.atomic():
        known = InstalmentReminder.objects.filter(proposal=proposal, when=when).values_list(
            "due_on", flat=True
        )
        new = [due for due in dues if due.on not in set(known)]
        if not new:
            return False
        now = clock.now()
        InstalmentReminder.objects.bulk_create(
            [InstalmentReminder(proposal=proposal, due_on=due.on, when=when, at=now) for due in new]
        )
        last = new[-1]
        announce(
            _KINDS[_When(when)],
            messages.handlers(proposal.unit_id),
            by=SYSTEM,
            about=proposal.subject,
            on=last.on.isoformat(),
            amount=f"{last.through - received:.2f}",
            through=f"{last.through:.2f}",
        )
    return True


def settle_reminders(proposal: Proposal, received: Decimal) -> None:
    """Mark reminders of the plan as done whose instalments are in; `received` is all of it, in yuan."""
    rows = Message.objects.filter(kind__in=_KINDS.values(), about=proposal.subject, done_at=None)
    done = [row.pk for row in rows if Decimal(row.context["through"]) <= received]
    if done:
        Message.objects.filter(pk__in=done).in_turn().update(done_at=clock.now())
