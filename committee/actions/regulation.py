"""Amending the regulation (Art. 24, 25)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from audit import clock
from audit.recording import action, record
from committee.locks import lock_committee
from committee.models import Committee, Person, RegulationVersion, Seat
from committee.permissions import ACTS, permit
from regulation.numbers import Regulation
from regulation.refused import Refused


@action
def amend_regulation(
    committee: Committee, *, by: Person, changes: Mapping[str, object], effective_from: date
) -> RegulationVersion:
    """A new version, changed from the last one made, applies from its date; old versions stay as they are.

    `24/only-risk-department`; `24/invalid-regulation` for numbers that do not hold together, seats below the
    filled ones, and a date in the past.
    """
    committee = lock_committee(committee.pk)
    permit(ACTS["amend_regulation"], committee, by)
    last = RegulationVersion.objects.filter(committee=committee).order_by("-number").first()
    numbers = (last.numbers if last else Regulation()).amended(changes)
    now = clock.now()
    if effective_from < now.astimezone(committee.tz).date():
        raise Refused(
            "24/invalid-regulation",
            field="effective_from",
            why={"en": "must not be in the past", "zh-hans": "不得早于今日"},
        )
    filled = Seat.objects.filter(committee=committee, holder__isnull=False, number__gt=numbers.seats)
    if filled.exists():
        raise Refused(
            "24/invalid-regulation",
            field="seats",
            why={"en": "a filled seat would fall outside", "zh-hans": "不得少于已有任职人的席位"},
        )
    version = make_version(
        committee, numbers, number=(last.number if last else 0) + 1, by=by, on=effective_from
    )
    record(
        committee.stream,
        "amend_regulation",
        f"regulation:{version.pk}",
        by=by,
        payload={
            "version": version.number,
            "effective_from": effective_from.isoformat(),
            **numbers.as_json(),
        },
    )
    return version


def make_version(
    committee: Committee, numbers: Regulation, *, number: int, by: Person | None, on: date
) -> RegulationVersion:
    """The numbers as a row."""
    return RegulationVersion.objects.create(
        committee=committee,
        number=number,
        effective_from=on,
        made_at=clock.now(),
        made_by=by,
        seat_count=numbers.seats,
        votes_to_pass=numbers.votes_to_pass,
        notice_days=numbers.notice_days,
        proxies_per_holder=numbers.proxies_per_holder,
        material_change_pct=numbers.material_change_pct,
        minutes_due_days=numbers.minutes_due_days,
    )
