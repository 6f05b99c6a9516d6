"""The numbers of the ledger's rules: amended by head office's risk department, each time as a new version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from audit import clock
from audit.recording import SYSTEM, Actor, action, record
from committee.models import Person, Unit
from committee.offices import RISK
from portfolio.days import today
from portfolio.models import Institution, PolicyVersion
from portfolio.permissions import over, permit, require_institution_visible
from portfolio.policy import Policy
from regulation.refused import Refused
from regulation.text import has_content


@action
def amend_policy(
    bank: Unit, *, by: Actor, changes: Mapping[str, Any], effective_from: date, reason: str
) -> PolicyVersion:
    """A new version is in force from the day on; what was judged under an earlier one stays.

    `access/not-found`, `access/denied` to others than the risk department of the union; `text/required`;
    `policy/invalid` for a number that is none, and for a day that has passed or is before the last version's.
    """
    union = Institution.objects.select_for_update().get(unit=bank)
    if by != SYSTEM:
        assert isinstance(by, Person)
        require_institution_visible(union, by)
        permit(over(RISK), union, by)
    if not has_content(reason):
        raise Refused("text/required")
    last = PolicyVersion.objects.filter(bank=bank).order_by("-number").first()
    if effective_from < today() or (last is not None and effective_from < last.effective_from):
        why = {"en": "must not have passed", "zh-hans": "不得早于当日及上一版本的生效日"}
        raise Refused("policy/invalid", number="effective_from", why=why)
    policy = (Policy.from_json(last.values) if last else Policy()).amended(changes)
    made = PolicyVersion.objects.create(
        bank=bank,
        number=last.number + 1 if last else 1,
        effective_from=effective_from,
        values=policy.as_json(),
        reason=reason,
        made_by=by if isinstance(by, Person) else None,
        made_at=clock.now(),
    )
    record(
        f"ledger:{bank.pk}",
        "amend_policy",
        f"policy:{made.pk}",
        by=by,
        payload={
            "number": made.number,
            "effective_from": effective_from.isoformat(),
            "reason": reason,
            "values": made.values,
        },
    )
    return made
