"""Collection tasks: given for a household, met by what comes in, or missed (S2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Q, Sum

from audit import clock
from audit.recording import SYSTEM, action, record
from committee.models import Person
from portfolio.beginning import begin_on_row
from portfolio.days import today
from portfolio.models import Assignment, Fall, Household, Task
from portfolio.money import yuan
from portfolio.permissions import ACTS, require_household_visible
from regulation.refused import Refused


@action
def assign_task(household: Household, *, by: Person, collector: Person, amount: int, due: date) -> Task:
    """The collector is to collect so much of the household, in fen, by the day.

    What comes in from today on counts. `access/denied` to others than handlers and heads; `access/not-found`
    for a household that is not visible; `duty/none` for a collector without a collection duty for a loan of
    the household; `task/invalid` for an amount that is not above zero, a day that has passed, and while
    another task is open.
    """
    household = begin_on_row(ACTS["assign_task"], household, by)
    require_household_visible(household, by)
    now = today()
    if amount <= 0 or due < now:
        raise Refused("task/invalid")
    running = Q(from_on__lte=now) & (Q(to_on=None) | Q(to_on__gte=now))
    duties = Assignment.objects.standing().filter(
        running, kind="collection", loan__borrower__household=household
    )
    if not collector.is_active or not duties.filter(person=collector).exists():
        raise Refused("duty/none")
    try:
        with transaction.atomic():
            task = Task.objects.create(
                household=household,
                institution=household.institution,
                collector=collector,
                amount=amount,
                due_on=due,
                given_by=by,
                given_at=clock.now(),
                from_on=now,
            )
    except IntegrityError:  # one open task a household
        raise Refused("task/invalid") from None
    told = {
        "household": str(household.pk),
        "collector": str(collector.pk),
        "amount": str(yuan(amount)),
        "due": due.isoformat(),
    }
    record(task.stream, "assign_task", task.subject, by=by, payload=told)
    return task


def settle_tasks(bank: int, day: date) -> None:
    """Open tasks are met where so much has come in, and missed where their day has passed without it.

    Called within an action. What comes in is the fall of principal that the tapes show.
    """
    held = Task.objects.filter(institution__bank=bank, state=Task.State.OPEN)
    tasks = list(held.select_for_update().select_related("institution").order_by("pk"))
    sums = received(tasks)
    for task in tasks:
        came = sums[task.pk]
        if came >= task.amount:
            task.meet()
        elif task.due_on < day:
            task.miss()
        else:
            continue
        task.received, task.ended_on = came, day
        task.save(update_fields=["state", "received", "ended_on"])
        told = {"received": str(yuan(came)), "amount": str(yuan(task.amount))}
        record(task.stream, f"task_{task.state}", task.subject, by=SYSTEM, payload=told)


def received(tasks: list[Task]) -> Mapping[int, int]:
    """What came in for each task, in fen: falls of its household's principal within its days."""
    if not tasks:
        return {}
    falls = Fall.objects.filter(
        loan__borrower__household__in={task.household_id for task in tasks},
        as_of__gte=min(task.from_on for task in tasks),
    )
    rows = falls.order_by().values_list("loan__borrower__household", "as_of").annotate(Sum("amount"))
    by_household: dict[int, list[tuple[date, int]]] = {}
    for household, as_of, amount in rows:
        by_household.setdefault(household, []).append((as_of, int(amount)))
    return {
        task.pk: sum(
            amount
            for as_of, amount in by_household.get(task.household_id, ())
            if task.from_on <= as_of <= task.due_on
        )
        for task in tasks
    }
