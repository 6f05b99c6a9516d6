"""How long the balances of a day are kept (setting TAPE_BALANCES_KEPT_DAYS).

All days for as long as the setting says; afterwards the 10th, the 20th and the last day of each month stay.
Changes of class and figures stay for ever.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import connection, transaction

from portfolio.days import today

_KEPT = """
SELECT to_date(right(child.relname, 8), 'YYYYMMDD') FROM pg_inherits
    JOIN pg_class AS child ON child.oid = inhrelid
WHERE inhparent = 'public.portfolio_balance'::regclass ORDER BY 1
"""


def kept() -> list[date]:
    """The days whose balances are there."""
    with connection.cursor() as cursor:
        cursor.execute(_KEPT)
        return [day for (day,) in cursor.fetchall()]


def stays(day: date) -> bool:
    """Whether the balances of the day are kept however old they are."""
    return day.day in (10, 20) or (day + timedelta(days=1)).day == 1


def thin() -> list[date]:
    """The balances of days past the setting's term are gone; return these days."""
    before = today() - timedelta(days=settings.TAPE_BALANCES_KEPT_DAYS)
    gone = [day for day in kept() if day < before and not stays(day)]
    for day in gone:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT portfolio_drop_day(%s)", [day])
    return gone
