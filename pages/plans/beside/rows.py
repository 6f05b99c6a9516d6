"""The rows of two plans side by side, each value in the reader's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from pages.plans.brief import Brief, make_brief
from pages.plans.sections import schedule_total
from proposals import finance
from proposals.labels import FIELDS
from proposals.models import PlanVersion, Proposal
from proposals.plan.drafts import Plan
from voting.models import Vote
from web import labels
from web.templatetags.lianxi import ratio

Text = str | Promise


@dataclass(frozen=True)
class Side:
    """One of the two: the plan as the reader sees it, and what became of it."""

    proposal: Proposal
    version: PlanVersion
    #: the last vote that was counted, in words; empty without one
    resolved: str
    received: Decimal

    @property
    def plan(self) -> Plan:
        """What it states."""
        return self.version.plan


@dataclass(frozen=True)
class Row:
    """A value of both plans."""

    name: Text
    left: Text
    right: Text
    figure: bool = False

    @property
    def differs(self) -> bool:
        """Whether the two are not the same."""
        return str(self.left) != str(self.right)


@dataclass(frozen=True)
class Part:
    """Rows under a heading."""

    name: Text
    rows: list[Row]


def parts(left: Side, right: Side) -> list[Part]:
    """The two plans, part by part; a row that neither has anything for is left out."""
    one, other = list(_values(left)), list(_values(right))
    found: dict[str, Part] = {}
    for (part, name, before, figure), (_part, _name, after, _figure) in zip(one, other, strict=True):
        if before == "—" and after == "—":
            continue
        found.setdefault(str(part), Part(part, [])).rows.append(Row(name, before, after, figure))
    return list(found.values())


Value = tuple[Text, Text, Text, bool]


def _values(side: Side) -> Iterator[Value]:
    brief = make_brief(side.plan)
    yield from _course(side)
    yield from _owing(side.plan, brief)
    yield from _given(side.plan, brief)
    yield from _worth(side.plan, brief)


def _course(side: Side) -> Iterator[Value]:
    part, document = _("Course"), side.plan.document
    yield part, _("State"), side.proposal.get_state_display(), False
    yield part, _("Resolution"), side.resolved or "—", False
    yield part, _("Received so far"), labels.money(side.received) if side.received else "—", True
    yield part, FIELDS["base_date"], document.get("base_date") or "—", False


def _owing(plan: Plan, brief: Brief) -> Iterator[Value]:
    part, document, owed = _("Borrower and exposure"), plan.document, finance.owed(plan)
    borrower = document.get("borrower", {})
    yield part, FIELDS["borrower"], borrower.get("name") or "—", False
    yield part, FIELDS["operating"], labels.value("operating", borrower.get("operating")), False
    yield part, _("Total owed"), labels.money(owed.total), True
    yield part, _("of which principal"), labels.money(owed.principal), True
    yield part, _("Interest owed"), labels.money(owed.interest), True
    yield part, FIELDS["penalty"], labels.money(owed.penalty), True
    yield part, FIELDS["loans"], str(brief.loans), True
    yield part, FIELDS["classification"], labels.value("classification", brief.classification), False
    yield (
        part,
        FIELDS["recoverability"],
        labels.value("recoverability", document.get("recoverability")),
        False,
    )
    conditions = gettext(", ").join(number for number, _text, _evidence in brief.conditions)
    yield part, FIELDS["conditions"], conditions or "—", False


def _given(plan: Plan, brief: Brief) -> Iterator[Value]:
    part, document = _("Measures and concessions"), plan.document
    measures = gettext(", ").join(labels.measure(code) for code in document.get("measures", ()))
    yield part, FIELDS["measures"], measures or "—", False
    yield part, _("Waived"), labels.money(brief.waived), True
    stated = document.get("concessions", {})
    for name in ("principal_waived", "interest_waived", "penalty_waived", "new_money"):
        amount = Decimal(stated.get(name, 0))
        yield part, FIELDS[name], labels.money(amount) if amount else "—", True
    yield part, FIELDS["extension_months"], str(stated.get("extension_months") or "—"), True
    yield part, FIELDS["new_rate"], f"{stated['new_rate']} %" if stated.get("new_rate") else "—", True
    yield part, FIELDS["schedule"], _instalments(brief), False
    scheduled = sum(schedule_total(document).values(), finance.ZERO)
    yield part, _("Scheduled"), labels.money(scheduled) if scheduled else "—", True


def _instalments(brief: Brief) -> str:
    if not brief.instalments:
        return "—"
    text = ngettext(
        "%(n)d instalment, %(first)s to %(last)s",
        "%(n)d instalments, %(first)s to %(last)s",
        brief.instalments,
    )
    return text % {"n": brief.instalments, "first": brief.first_due, "last": brief.last_due}


def _worth(plan: Plan, brief: Brief) -> Iterator[Value]:
    part, document = _("What it brings"), plan.document
    expected = document.get("expected_recovery")
    yield part, FIELDS["expected_recovery"], labels.money(expected) if expected else "—", True
    found = finance.plan_amounts(plan) if plan.complete else None
    rate = document.get("discount_rate")
    yield part, FIELDS["discount_rate"], f"{rate} %" if rate else "—", True
    yield part, _("Net present value"), labels.money(found.net_present_value) if found else "—", True
    gain = brief.comparison.gain_in_words if brief.comparison else "—"
    yield part, _("Against enforcement"), gain, False
    yield part, _("Interest preserved"), ratio(found.interest.kept_ratio) if found else "—", True
    yield part, _("Coverage of what is owed"), ratio(found.coverage.ratio) if found else "—", True
    yield part, _("Contradictions"), str(len(brief.doubts) or "—"), True


def side_of(proposal: Proposal, version: PlanVersion, received: Decimal, vote: Vote | None) -> Side:
    """The plan with what became of it."""
    resolution = vote.resolution if vote else None
    return Side(proposal, version, labels.resolved(resolution) if resolution else "", received)
