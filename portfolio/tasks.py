"""Jobs of the ledger: tapes of the folder, ten days that have ended, what is overdue, old balances."""

from __future__ import annotations

from datetime import timedelta

from procrastinate.contrib.django import app

from audit.recording import SYSTEM
from committee.models import Unit
from portfolio import inbox, retention
from portfolio.actions.accountability import lapse_reviews
from portfolio.actions.warnings import escalate_warnings
from portfolio.days import today
from portfolio.models import Tape, TenDays
from portfolio.rules import watch
from portfolio.watching.day import judge_ended

#: ten days that ended so many days ago are judged when the worker was away
_BACK = 31


@app.periodic(cron="40 16 * * *", periodic_id="judge_ten_days")
@app.task(queueing_lock="judge_ten_days")
def judge_ended_ten_days(timestamp: int) -> None:
    """Judge ten days whose last day has passed and that no tape has judged; 00:40 in the bank's zone."""
    del timestamp  # the scheduled time
    ended = watch.periods_ended(today() - timedelta(days=_BACK), today() - timedelta(days=1))
    loaded = Tape.objects.loaded().filter(as_of__lte=today()).order_by()
    for bank in Unit.objects.filter(pk__in=loaded.values("bank")):
        first = loaded.filter(bank=bank).order_by("as_of").values_list("as_of", flat=True)[0]
        rows = TenDays.objects.filter(institution__bank=bank).order_by()
        judged = set(rows.values_list("last_on", flat=True).distinct())
        open_periods = [each.last for each in ended if each.last >= first and each.last not in judged]
        if open_periods:
            judge_ended(bank, by=SYSTEM, last_days=open_periods)


@app.periodic(cron="50 16 * * *", periodic_id="ledger_overdue")
@app.task(queueing_lock="ledger_overdue")
def note_overdue(timestamp: int) -> None:
    """Overdue replies go up their levels, and limits of reviews lapse; 00:50 in the bank's zone."""
    del timestamp  # the scheduled time
    escalate_warnings(today(), by=SYSTEM)
    lapse_reviews(today(), by=SYSTEM)


@app.periodic(cron="*/5 * * * *", periodic_id="tape_inbox")
@app.task(queueing_lock="tape_inbox", lock="tape_inbox")
def take_in_tapes(timestamp: int) -> None:
    """Take in the tapes that rest in the folder of the setting TAPE_INBOX."""
    del timestamp  # the scheduled time
    inbox.take_in()


@app.periodic(cron="20 19 * * *", periodic_id="thin_balances")
@app.task(queueing_lock="thin_balances")
def thin_balances(timestamp: int) -> None:
    """Remove the balances of days past their term; 03:20 in the bank's zone."""
    del timestamp  # the scheduled time
    retention.thin()
