"""One page a plan (一页纸): what one must know of it before the vote, read in two minutes on a phone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from proposals import finance
from proposals.contradictions.rules import find_contradictions
from proposals.labels import FIELDS
from proposals.plan.drafts import Plan
from web import charts, labels

#: the length to which evidence is cut; the full text is in its section
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
class AgainstEnforcement:
    """The plan beside enforcement: present value and recovery, the difference in words, and the picture."""

    bars: charts.Bars
    gain: Decimal
    title: str
    gain_in_words: str


@dataclass(frozen=True, kw_only=True)
class Brief:
    """What the one page states of a plan, as far as the plan states it; amounts in yuan."""

    loans: int
    past_due: int
    #: the worst of the loans
    classification: str
    waived: Decimal
    waivers: list[tuple[str | Promise, Decimal]]
    #: what the bank gives beside waivers
    given: list[tuple[str | Promise, str]]
    instalments: int
    first_due: str
    last_due: str
    #: the number of the condition, the condition in words, its evidence in brief
    conditions: list[tuple[str, str, str]]
    comparison: AgainstEnforcement | None
    doubts: list[Doubt]


def make_brief(plan: Plan) -> Brief:
    """The one page of a plan."""
    document = plan.document
    loans, given = document.get("loans", []), document.get("concessions", {})
    dues = [row["due_on"] for row in document.get("schedule", ()) if "due_on" in row]
    waivers = {kind: Decimal(given.get(kind, 0)) for kind in _WAIVED}
    return Brief(
        loans=len(loans),
        past_due=max((loan.get("days_past_due", 0) for loan in loans), default=0),
        classification=_worst_classification(loans),
        waived=sum(waivers.values(), finance.ZERO),
        waivers=[(FIELDS[kind], amount) for kind, amount in waivers.items() if amount],
        given=_given(given),
        instalments=len(dues),
        first_due=dues[0] if dues else "",
        last_due=dues[-1] if dues else "",
        conditions=_conditions(document.get("conditions", {})),
        comparison=_against_enforcement(plan),
        doubts=doubts_in(plan),
    )


def _worst_classification(loans: Iterable[Mapping[str, Any]]) -> str:
    stated = (loan["classification"] for loan in loans if "classification" in loan)
    return max(stated, key=_WORST.index, default="")


def _conditions(claimed: Mapping[str, str]) -> list[tuple[str, str, str]]:
    return [
        (number, labels.condition(number), _in_brief(evidence))
        for number, evidence in sorted(claimed.items())
    ]


def doubts_in(plan: Plan) -> list[Doubt]:
    """The contradictions in the plan, in the language of the page."""
    language = get_language() or "en"
    return [
        Doubt(each.key, each.message(language), _SECTIONS.get(_top(each.paths[0]), "plan"))
        for each in find_contradictions(plan)
    ]


def _given(given: Mapping[str, Any]) -> list[tuple[str | Promise, str]]:
    """What the bank gives beside waivers, where it gives it."""
    found: list[tuple[str | Promise, str]] = []
    if Decimal(given.get("new_money", 0)):
        found.append((FIELDS["new_money"], labels.money(given["new_money"])))
    if given.get("extension_months"):
        found.append((FIELDS["extension_months"], str(given["extension_months"])))
    if given.get("new_rate") is not None:
        found.append((FIELDS["new_rate"], f"{given['new_rate']} %"))
    return found


def _in_brief(text: str) -> str:
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


def _against_enforcement(plan: Plan) -> AgainstEnforcement | None:
    """The plan beside enforcement, the best of several; None while the plan is not complete."""
    if not plan.complete:
        return None
    found = finance.plan_amounts(plan)
    other = max(
        (row for row in found.alternatives if row.name == "enforcement"),
        key=lambda row: row.net_present_value,
    )
    own, enforcement = gettext("This plan"), labels.code("enforcement", "alternatives.name")
    rows = [
        charts.Amount(gettext("%(way)s, present value") % {"way": own}, found.net_present_value, own=True),
        charts.Amount(
            gettext("%(way)s, present value") % {"way": enforcement}, other.net_present_value, own=False
        ),
        charts.Amount(gettext("%(way)s, recovery") % {"way": own}, found.total_recovery, own=True),
        charts.Amount(gettext("%(way)s, recovery") % {"way": enforcement}, other.recovery, own=False),
    ]
    gain = found.net_present_value - other.net_present_value
    text = (
        _("%(amount)s yuan more than enforcement")
        if gain >= 0
        else _("%(amount)s yuan less than enforcement")
    )
    return AgainstEnforcement(
        charts.bars(rows),
        gain,
        gettext("; ").join(f"{row.name} {labels.money(row.amount)}" for row in rows),
        str(text) % {"amount": labels.money(abs(gain))},
    )
