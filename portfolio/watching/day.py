"""What a tape of a day sets going, in the transaction of its import."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from audit import clock
from audit.recording import Actor, action, record
from committee.models import Unit
from portfolio.actions.tasks import settle_tasks
from portfolio.actions.warnings import raise_warnings
from portfolio.days import today
from portfolio.figures import matrix, stocks
from portfolio.importing.run import lock_bank
from portfolio.models import Tape, TenDays, WatchDay
from portfolio.money import fen
from portfolio.policy import Policy
from portfolio.rules import watch
from portfolio.watching import falls, households


def judge_day(bank: Unit | int, as_of: date, tape: Tape | None) -> None:
    """The watch of the day is written, ten days that rest on it are judged, and what follows from them.

    Called within an action, after the day's figures are written. A late day judges again what rests on it:
    warnings that were raised stay, marked with the rise by the later figures. Sets of rows in SQL; Python
    sees one row an institution and ten days.
    """
    pk = bank.pk if isinstance(bank, Unit) else bank
    now = today()
    for policy, days in _by_policy(pk, _days_resting_on(pk, as_of)):
        stocks.write_watch(pk, days, policy, rise=fen(policy.watch_rise))
    judge_ten_days(pk, _periods_resting_on(pk, as_of, now), tape)
    if tape is None:
        return
    matrix.forget(pk, as_of)
    falls.write_falls(tape.scope_id, as_of)
    settle_tasks(pk, as_of)
    if not Tape.objects.loaded().filter(bank=pk, as_of__gt=as_of).exists():
        households.choose(pk, as_of, stocks.policy_on(pk, as_of).key_households)


def judge_ten_days(bank: int, last_days: Iterable[date], tape: Tape | None) -> None:
    """Ten days are judged by their last days, and warnings raised where they warn."""
    for policy, days in _by_policy(bank, last_days):
        stocks.write_ten_days(bank, days, policy, now=clock.now())
        raise_warnings(bank, days, policy, tape)


@action
def judge_ended(bank: Unit, *, by: Actor, last_days: Sequence[date]) -> None:
    """Ten days that ended without a tape on their last day are judged on the latest recent one.

    The system's, by a job.
    """
    lock_bank(bank.pk)
    judge_ten_days(bank.pk, last_days, None)
    told = {"last_days": [day.isoformat() for day in last_days]}
    record(f"ledger:{bank.pk}", "judge_ten_days", f"unit:{bank.pk}", by=by, payload=told)


def _by_policy(bank: int, days: Iterable[date]) -> Iterator[tuple[Policy, list[date]]]:
    """The days by the policy in force on them."""
    found: list[tuple[Policy, list[date]]] = []
    for day in sorted(set(days)):
        policy = stocks.policy_on(bank, day)
        if not found or found[-1][0] != policy:
            found.append((policy, []))
        found[-1][1].append(day)
    yield from found


def _is_reference(bank: int, as_of: date) -> bool:
    """Whether later days may rest on the day: as the year's start, or as the base date."""
    if as_of >= date(as_of.year, 12, 1) or as_of == date(as_of.year, 1, 1):
        return True
    policy = stocks.policy_on(bank, today())
    base = policy.base_date
    return base is not None and base - timedelta(days=policy.stale_days) <= as_of <= base


def _days_resting_on(bank: int, as_of: date) -> set[date]:
    days = {as_of}
    if _is_reference(bank, as_of):
        later = WatchDay.objects.filter(institution__bank=bank, as_of__gt=as_of).order_by()
        days |= set(later.values_list("as_of", flat=True).distinct())
    return days


def _periods_resting_on(bank: int, as_of: date, now: date) -> set[date]:
    stale = timedelta(days=stocks.policy_on(bank, as_of).stale_days)
    last_days = {
        each.last for each in watch.periods_ended(as_of - timedelta(days=1), min(as_of + stale, now))
    }
    if _is_reference(bank, as_of):
        later = TenDays.objects.filter(institution__bank=bank, last_on__gt=as_of).order_by()
        last_days |= set(later.values_list("last_on", flat=True).distinct())
    return last_days
