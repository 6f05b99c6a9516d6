"""Findings of the engine on a submitted plan, shown to whoever screens it: one row for each question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from audit import clock
from committee.models import Person
from pages.plans.brief import Doubt, doubts_in
from pages.plans.differences import ComparisonView
from proposals import finance
from proposals.attachments import StatedAttachment, stated_attachments
from proposals.ledger import ledger_of
from proposals.models import LiveContract, PlanContract, PlanVersion, Proposal
from proposals.plan.drafts import Plan
from proposals.plan.stated import contracts, only_special_circumstances
from proposals.plan.submission import check_submission
from regulation.articles import citation
from regulation.refused import Refused
from web import labels

HOLDS, FAILS, READ = _("holds"), _("does not hold"), _("to be read")


@dataclass(frozen=True)
class Finding:
    """A question put to the plan: whether it holds, by which article, and what it rests on."""

    name: str | Promise
    article: str
    #: good, stopped, waiting (must be looked at) or plain (nothing to report)
    tone: str
    #: the answer in a word, beside its colour
    answer: str | Promise
    #: sentences, or (label, text)
    grounds: Sequence[str] = ()
    pairs: Sequence[tuple[str, str]] = ()
    #: other plans that it speaks of
    plans: Sequence[Proposal] = ()
    #: contradictions, each with its section
    doubts: Sequence[Doubt] = ()
    #: the section of the plan where one reads more
    anchor: str = ""

    @classmethod
    def held(cls, name: str | Promise, article: str, grounds: Sequence[str]) -> Finding:
        """It holds."""
        return cls(name, article, "good", HOLDS, grounds)

    @classmethod
    def failed(cls, name: str | Promise, article: str, grounds: Sequence[str]) -> Finding:
        """It does not hold."""
        return cls(name, article, "stopped", FAILS, grounds)

    @property
    def asks(self) -> bool:
        """Whether it must be looked at: it fails, or only a reader can decide."""
        return self.tone in {"stopped", "waiting"}

    @property
    def cited(self) -> str:
        """The article as the reader cites it."""
        return citation(self.article, _language())


def _language() -> str:
    return get_language() or "en"


def findings(
    proposal: Proposal, version: PlanVersion, compared: Sequence[ComparisonView], by: Person
) -> list[Finding]:
    """The checks of the version, in the order in which the engine asks; `by` sees which other plans."""
    plan = version.plan
    return [
        *_submission(proposal, plan),
        _contracts(proposal, plan, by),
        _substance(proposal, compared),
        _contradictions(plan),
        _attachments(plan),
    ]


# -- What the plan alone must hold (Art. 6, 7, 13) --------------------------------------------------

#: refusal code → name, article, section
_RULES = {
    "plan/incomplete": (_("Complete"), "13", "plan"),
    "plan/invalid": (_("Dates in order"), "13", "plan"),
    "plan/unbalanced": (_("Balanced"), "13", "figures"),
    "6/not-non-performing": (_("All loans non-performing"), "6", "plan"),
    "6/not-in-ledger": (_("All loans in the ledger"), "6", "ledger"),
    "6/ledger-differs": (_("Classified as in the ledger"), "6", "ledger"),
    "7/no-condition": (_("Conditions claimed"), "7", "conditions"),
    "7/evidence-required": (_("Conditions with evidence"), "7", "conditions"),
}
#: what is asked only where the institution has a recent tape
_OF_LEDGER = frozenset({"6/not-in-ledger", "6/ledger-differs"})


def _submission(proposal: Proposal, plan: Plan) -> Iterator[Finding]:
    """The rules of submission, asked again today; what comes after one that fails is not asked."""
    refused = None
    today = clock.now().astimezone(proposal.committee.tz).date()
    ledger = ledger_of(proposal, plan, today)
    try:
        check_submission(plan, submitted_on=today, ledger=ledger)
    except Refused as found:
        refused = found
    passed = True
    for code, (name, article, anchor) in _RULES.items():
        if ledger is None and code in _OF_LEDGER:
            continue
        if refused is not None and refused.code == code:
            passed = False
            yield Finding(name, article, "stopped", FAILS, [refused.message(_language())], anchor=anchor)
        elif not passed:
            yield Finding(name, article, "plain", _("not asked"), anchor=anchor)
        else:
            yield _passed(code, Finding(name, article, "good", HOLDS, anchor=anchor), plan)


def _passed(code: str, check: Finding, plan: Plan) -> Finding:
    """The check with what it rests on."""
    grounds: list[str] = []
    pairs: list[tuple[str, str]] = []
    if code == "plan/unbalanced":
        grounds = [_balance(plan)]
    elif code == "6/not-non-performing":
        grounds = [_classified(plan)]
    elif code == "7/no-condition" and only_special_circumstances(plan):
        grounds = [gettext("Special circumstances alone: the committee first votes on whether they exist.")]
    elif code == "7/evidence-required":
        evidence = sorted(plan.document["conditions"].items())
        pairs = [(f"{number} {labels.condition(number)}", text) for number, text in evidence]
    return Finding(check.name, check.article, check.tone, check.answer, grounds, pairs, anchor=check.anchor)


def _balance(plan: Plan) -> str:
    given = plan.document["concessions"]
    return gettext(
        "%(owed)s of principal, less %(waived)s waived, plus %(new)s of new money: "
        "%(scheduled)s are scheduled."
    ) % {
        "owed": labels.money(finance.owed(plan).principal),
        "waived": labels.money(given["principal_waived"]),
        "new": labels.money(given["new_money"]),
        "scheduled": labels.money(sum(Decimal(row["principal"]) for row in plan.document["schedule"])),
    }


def _classified(plan: Plan) -> str:
    found: dict[str, int] = {}
    for loan in plan.document["loans"]:
        found[loan["classification"]] = found.get(loan["classification"], 0) + 1
    return gettext(", ").join(
        gettext("%(name)s: %(value)s") % {"name": labels.code(name, "classification"), "value": count}
        for name, count in found.items()
    )


# -- Beside other plans (Art. 13, 23) ---------------------------------------------------------------


def _contracts(proposal: Proposal, plan: Plan, by: Person) -> Finding:
    """Whether a contract is in another live plan of the bank, with earlier plans that `by` may see."""
    named = contracts(plan)
    name, article = _("Contracts in no other live plan"), "13"
    taken = sorted(
        LiveContract.objects.filter(bank=proposal.committee.branch.bank_id, contract_no__in=named)
        .exclude(proposal=proposal)
        .values_list("contract_no", flat=True)
    )
    if taken:
        grounds = [gettext("In another live plan: %(contracts)s") % {"contracts": gettext(", ").join(taken)}]
        return Finding(name, article, "stopped", FAILS, grounds, anchor="plan")
    covering = PlanContract.objects.filter(contract_no__in=named).exclude(version__proposal=proposal)
    earlier = list(
        Proposal.objects.visible_to(by)
        .filter(pk__in=covering.values("version__proposal"))
        .select_related("committee")
        .order_by("-state_since", "-pk")[:5]
    )
    grounds = [
        ngettext(
            "%(count)d contract, in this live plan alone.",
            "%(count)d contracts, in this live plan alone.",
            len(named),
        )
        % {"count": len(named)}
    ]
    return Finding(name, article, "good", HOLDS, grounds, plans=earlier, anchor="plan")


def _substance(proposal: Proposal, compared: Sequence[ComparisonView]) -> Finding:
    """The changes in substance from each plan that was not carried; the liaison rules on them."""
    name, article = _("Changed in substance"), "23"
    if not proposal.resubmission:
        grounds = [gettext("No contract was in a plan that was not carried.")]
        return Finding(name, article, "plain", _("not asked"), grounds)
    grounds = [
        gettext("%(plan)s: %(substantive)s, %(other)s")
        % {
            "plan": each.rejected.written_number if each.rejected else gettext("another institution's plan"),
            "substantive": ngettext(
                "%(count)d change in substance", "%(count)d changes in substance", each.substantive
            )
            % {"count": each.substantive},
            "other": ngettext("%(count)d other", "%(count)d others", each.other) % {"count": each.other},
        }
        for each in compared
    ]
    return Finding(name, article, "waiting", _("needs your ruling"), grounds, anchor="comparison")


# -- What somebody must read (Art. 14) --------------------------------------------------------------


def _contradictions(plan: Plan) -> Finding:
    """Contradictions within the plan, which prevent nothing and are to be clarified by the liaison."""
    found, article = doubts_in(plan), "14"
    if not found:
        return Finding(_("Free of contradictions"), article, "good", HOLDS)
    told = ngettext("%(number)s contradiction", "%(number)s contradictions", len(found))
    return Finding(told % {"number": len(found)}, article, "waiting", READ, doubts=found)


def _attachments(plan: Plan) -> Finding:
    named = [_attachment(each) for each in stated_attachments(plan.document)]
    name, article = _("Attachments"), "13"
    if not named:
        grounds = [gettext("The plan has no attachments.")]
        return Finding(name, article, "waiting", _("none"), grounds, anchor="attachments")
    return Finding(name, article, "waiting", READ, named, anchor="attachments")


def _attachment(each: StatedAttachment) -> str:
    if not each.pages:
        return each.name
    pages = ngettext("%(count)d page", "%(count)d pages", each.pages) % {"count": each.pages}
    return f"{each.name} · {pages}"
