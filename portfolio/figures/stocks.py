"""The stock of each ranked institution on days, at the years' starts and on the base dates; in fen.

An institution has figures of a day when a tape of a scope that holds all of it is in the ledger. Such a tape
is complete: an institution without a row in it has nothing non-performing. Without one it has no figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from portfolio.models import PolicyVersion
from portfolio.policy import Policy

#: a tape so many days before 1 January still says how the year began
YEAR_START_DAYS = 31

# Of each day: the latest tape that is not too old, and those of the year's start and the base date.
_STOCKS = """
WITH asked AS (
    SELECT * FROM unnest(
        %(days)s::date[], %(oldest)s::date[], %(starts)s::date[], %(bases)s::date[], %(base_oldest)s::date[]
    ) AS asked (day, oldest, start, base, base_oldest)
), taped AS (
    SELECT asked.day, ranked.id AS institution, ranked.bank_id AS bank, ranked.lft, ranked.rgt,
        max(tape.as_of) FILTER (WHERE tape.as_of BETWEEN asked.oldest AND asked.day) AS at_day,
        max(tape.as_of) FILTER (
            WHERE tape.as_of BETWEEN asked.start - %(start_days)s AND asked.start
        ) AS at_start,
        max(tape.as_of) FILTER (WHERE tape.as_of BETWEEN asked.base_oldest AND asked.base) AS at_base
    FROM asked CROSS JOIN portfolio_institution AS ranked
        LEFT JOIN portfolio_institution AS scope
            ON scope.bank_id = ranked.bank_id AND scope.lft <= ranked.lft AND scope.rgt >= ranked.rgt
        LEFT JOIN portfolio_tape AS tape ON tape.scope_id = scope.id AND tape.state = 'loaded' AND (
            tape.as_of BETWEEN asked.oldest AND asked.day
            OR tape.as_of BETWEEN asked.start - %(start_days)s AND asked.start
            OR tape.as_of BETWEEN asked.base_oldest AND asked.base
        )
    WHERE ranked.bank_id = %(bank)s AND ranked.ranked
        AND (ranked.closed_on IS NULL OR ranked.closed_on > asked.day)
    GROUP BY asked.day, ranked.id
), sums AS (
    SELECT wanted.institution, wanted.as_of, sum(figure.principal)::bigint AS npl
    FROM (
        SELECT DISTINCT taped.institution, taped.bank, taped.lft, taped.rgt, used.as_of
        FROM taped CROSS JOIN unnest(ARRAY[taped.at_day, taped.at_start, taped.at_base]) AS used (as_of)
        WHERE used.as_of IS NOT NULL
    ) AS wanted
        JOIN portfolio_institution AS below
            ON below.bank_id = wanted.bank AND below.lft BETWEEN wanted.lft AND wanted.rgt
        JOIN portfolio_dayfigure AS figure
            ON figure.institution_id = below.id AND figure.as_of = wanted.as_of AND figure.loan_class >= 3
    GROUP BY wanted.institution, wanted.as_of
)
SELECT taped.institution, taped.day, taped.at_day,
    CASE WHEN taped.at_day IS NOT NULL THEN coalesce(at_day.npl, 0) END AS npl,
    CASE WHEN taped.at_start IS NOT NULL THEN coalesce(at_start.npl, 0) END AS year_start,
    CASE WHEN taped.at_base IS NOT NULL THEN coalesce(at_base.npl, 0) END AS base
FROM taped
    LEFT JOIN sums AS at_day ON (at_day.institution, at_day.as_of) = (taped.institution, taped.at_day)
    LEFT JOIN sums AS at_start ON (at_start.institution, at_start.as_of) = (taped.institution, taped.at_start)
    LEFT JOIN sums AS at_base ON (at_base.institution, at_base.as_of) = (taped.institution, taped.at_base)
"""
_WATCH = f"""
WITH stock AS ({_STOCKS}), gone AS (
    DELETE FROM portfolio_watchday AS held USING stock
    WHERE held.institution_id = stock.institution AND held.as_of = stock.day AND stock.npl IS NULL
)
INSERT INTO portfolio_watchday AS held (institution_id, as_of, npl, year_start, base, watched)
SELECT institution, day, npl, year_start, base, coalesce(npl - year_start >= %(rise)s, false)
FROM stock WHERE npl IS NOT NULL
ON CONFLICT (institution_id, as_of) DO UPDATE
    SET npl = excluded.npl, year_start = excluded.year_start, base = excluded.base, watched = excluded.watched
    WHERE (held.npl, held.year_start, held.base, held.watched)
        IS DISTINCT FROM (excluded.npl, excluded.year_start, excluded.base, excluded.watched)
"""  # noqa: S608  constants
_TEN_DAYS = f"""
INSERT INTO portfolio_tendays AS held (institution_id, last_on, as_of, npl, year_start, base, judged_at)
SELECT institution, day, at_day, npl, year_start, base, %(now)s FROM ({_STOCKS}) AS stock
ON CONFLICT (institution_id, last_on) DO UPDATE
    SET as_of = excluded.as_of, npl = excluded.npl, year_start = excluded.year_start, base = excluded.base,
        judged_at = excluded.judged_at
    WHERE (held.as_of, held.npl, held.year_start, held.base)
        IS DISTINCT FROM (excluded.as_of, excluded.npl, excluded.year_start, excluded.base)
"""  # noqa: S608  constants


@dataclass(frozen=True, slots=True)
class StockOn:
    """The figures of an institution for a day, `as_of` the day of the tape; None where there are none."""

    institution: int
    day: date
    as_of: date | None
    npl: int | None
    year_start: int | None
    base: int | None


def policy_on(bank: int, day: date) -> Policy:
    """The bank's policy in force on the day; before its first version the one as delivered."""
    version = PolicyVersion.objects.in_force(bank, day)
    return Policy() if version is None else Policy.from_json(version.values)


def _asked(bank: int, days: Sequence[date], policy: Policy, *, stale: int) -> dict[str, Any]:
    """The parameters of `_STOCKS`; a base date that is still to come is none."""
    bases = [policy.base_date if policy.base_date and policy.base_date <= day else None for day in days]
    return {
        "bank": bank,
        "days": list(days),
        "oldest": [day - timedelta(days=stale) for day in days],
        "starts": [date(day.year, 1, 1) for day in days],
        "bases": bases,
        "base_oldest": [base and base - timedelta(days=policy.stale_days) for base in bases],
        "start_days": YEAR_START_DAYS,
    }


def stocks(bank: int, days: Sequence[date], policy: Policy) -> list[StockOn]:
    """The figures of each ranked institution for each of the days, on a tape at most `stale_days` old."""
    with connection.cursor() as cursor:
        cursor.execute(_STOCKS, _asked(bank, days, policy, stale=policy.stale_days))
        return [StockOn(*row) for row in cursor.fetchall()]


def write_watch(bank: int, days: Iterable[date], policy: Policy, *, rise: int) -> None:
    """The day of the watch of each ranked institution is as its tapes say; without a tape there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_WATCH, {**_asked(bank, sorted(days), policy, stale=0), "rise": rise})


def write_ten_days(bank: int, last_days: Iterable[date], policy: Policy, *, now: datetime) -> None:
    """Ten days are judged for each ranked institution, by their last days."""
    asked = _asked(bank, sorted(last_days), policy, stale=policy.stale_days)
    with connection.cursor() as cursor:
        cursor.execute(_TEN_DAYS, {**asked, "now": now})
