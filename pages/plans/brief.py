"""One page a plan (一页纸): what one must know of it before the vote, read in two minutes on a phone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from proposals import finance
from proposals.contradictions.found import contradictions
from proposals.labels import FIELDS
from proposals.plan.drafts import Plan
from web import charts, labels

#: an evidence is told in brief, the rest is in its section
_BRIEF = 160

_WAIVED = ("principal_waived", "interest_waived", "penalty_waived")
_WORST = ("normal", "special_mention", "substandard", "doubtful", "loss")


@dataclass(frozen=True)
class Doubt:
    """A contradiction in the reader's language, with the section in which its first place is."""

    key: str
    text: str
    section: str


@dataclass(frozen=True)
class Comparison:
    """The plan beside enforcement: present value and recovery, the difference in words, and the picture."""

    bars: charts.Bars
    gain: Decimal
    title: str
    told: str


def brief_context(plan: Plan) -> dict[str, Any]:
    """What the one page states of a plan, as far as the plan states it."""
    document = plan.document
    loans, given = document.get("loans", []), document.get("concessions", {})
    schedule = [row for row in document.get("schedule", ()) if "due_on" in row]
    return {
        "loans": len(loans),
        "past_due": max((loan.get("days_past_due", 0) for loan in loans), default=0),
        "classification": max(
            (loan["classification"] for loan in loans if "classification" in loan),
            key=_WORST.index,
            default="",
        ),
        "waived": sum((Decimal(given.get(kind, 0)) for kind in _WAIVED), finance.ZERO),
        "waivers": [(FIELDS[kind], Decimal(given[kind])) for kind in _WAIVED if Decimal(given.get(kind, 0))],
        "given": _given(given),
        "instalments": len(schedule),
        "first_due": schedule[0]["due_on"] if schedule else "",
        "last_due": schedule[-1]["due_on"] if schedule else "",
        "conditions": [
            (number, labels.condition(number), _brief(evidence))
            for number, evidence in sorted(document.get("conditions", {}).items())
        ],
        "comparison": _comparison(plan),
        "doubts": [
            Doubt(each.key, each.message(get_language() or "en"), _SECTIONS.get(_top(each.paths[0]), "plan"))
            for each in contradictions(plan)
        ],
    }


def _given(given: Mapping[str, Any]) -> list[tuple[Any, str]]:
    """What the bank gives beside waivers, where it gives it."""
    found: list[tuple[Any, str]] = []
    if Decimal(given.get("new_money", 0)):
        found.append((FIELDS["new_money"], labels.money(given["new_money"])))
    if given.get("extension_months"):
        found.append((FIELDS["extension_months"], str(given["extension_months"])))
    if given.get("new_rate") is not None:
        found.append((FIELDS["new_rate"], f"{given['new_rate']} %"))
    return found


def _brief(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _BRIEF else line[:_BRIEF].rstrip() + "…"


_SECTIONS: Mapping[str, str] = {
    "borrower": "conditions",
    "conditions": "conditions",
    "schedule": "execution",
    "expected_recovery": "figures",
}


def _top(path: str) -> str:
    return path.removeprefix("$.").removeprefix("$").partition(".")[0].partition("[")[0]


def _comparison(plan: Plan) -> Comparison | None:
    """The plan beside enforcement, the best of several; None while the plan is not complete."""
    if not plan.complete:
        return None
    found = finance.figures(plan)
    other = max(
        (row for row in found.alternatives if row.name == "enforcement"),
        key=lambda row: row.net_present_value,
    )
    own, enforcement = gettext("This plan"), labels.code("enforcement", "alternatives.name")
    rows = [
        (gettext("%(way)s, present value") % {"way": own}, found.net_present_value, True),
        (gettext("%(way)s, present value") % {"way": enforcement}, other.net_present_value, False),
        (gettext("%(way)s, recovery") % {"way": own}, found.total_recovery, True),
        (gettext("%(way)s, recovery") % {"way": enforcement}, other.recovery, False),
    ]
    gain = found.net_present_value - other.net_present_value
    told = (
        _("%(amount)s yuan more than enforcement")
        if gain >= 0
        else _("%(amount)s yuan less than enforcement")
    )
    return Comparison(
        charts.bars(rows),
        gain,
        gettext("; ").join(f"{name} {labels.money(amount)}" for name, amount, _own in rows),
        str(told) % {"amount": labels.money(abs(gain))},
    )
