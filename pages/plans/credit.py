"""The credit department: approving exactly what was resolved, or declining (Art. 22)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from committee.models import Meeting, Resolution
from pages.plans.differences import Difference
from pages.plans.screening_findings import Finding
from pages.plans.sections import PlanSections, plan_sections
from pages.plans.versions import as_submitted
from proposals.labels import CONCESSIONS, FIELDS
from proposals.models import CreditDecision, PlanVersion, Proposal
from proposals.plan.resolved import matches_terms
from regulation.refused import Refused
from regulation.text import has_content
from web import labels
from web.forms import ActForm, fields
from web.offers import Offer
from web.viewer import Viewer

_S = Proposal.State

#: between the name of a term and its value
_BETWEEN = re.compile(r"\s*[:：\t]\s*")

#: field of the form → where the plan states it
KEY_TERMS: Mapping[str, tuple[str, ...]] = {
    **{name: ("concessions", name) for name in CONCESSIONS},
    "expected_recovery": ("expected_recovery",),
}


class DecisionForm(ActForm):
    """The terms as the credit file has them, and the reason of a refusal: one form for both decisions.

    The terms are typed, or pasted as lines of a name and a value; nothing is filled in before. What is pasted
    fills the fields that are empty.
    """

    pasted = fields.Prose(
        label=_("Paste from the credit file"),
        help_text=_("A term a line: its name, a colon or a tab, its value."),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    reason = fields.Prose(
        label=_("Reason"),
        help_text=_("For declining; the handling institution reads it."),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.resolved = resolved_version(self.subject).document
        for name in KEY_TERMS:
            self.fields[name] = fields.Line(
                label=str(FIELDS[name]),
                required=False,
                max_length=40,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            )

    def clean_pasted(self) -> str:
        """The text; an error for a line that names no term."""
        text: str = self.cleaned_data["pasted"]
        unknown = [line for line in text.splitlines() if line.strip() and _term_of(line) is None]
        if unknown:
            told = _("This line names no term: %(line)s. Write the name as it stands beside the field.")
            raise forms.ValidationError(told % {"line": unknown[0].strip()})
        return text

    def clean(self) -> dict[str, Any]:
        """Fill the empty fields with what is pasted."""
        given: dict[str, Any] = self.cleaned_data
        for line in given.get("pasted", "").splitlines():
            term = _term_of(line)
            if term is not None and not given.get(term[0]):
                given[term[0]] = term[1]
        return given

    @property
    def terms(self) -> list[forms.BoundField]:
        """The fields of the terms, in the order of the plan."""
        return [self[name] for name in KEY_TERMS]

    def stated(self) -> dict[str, Any]:
        """The terms that were stated, as a part of a plan."""
        found: dict[str, Any] = {}
        for name, path in KEY_TERMS.items():
            written = fields.plain_digits(self.cleaned_data.get(name, "")).replace(",", "").rstrip("% 元")
            if written:
                _put(found, path, _typed(_at(self.resolved, path), written))
        return found

    def deviations(self) -> list[Difference]:
        """Each term stated that is not the one resolved."""
        if not self.is_bound or self.refusal is None:
            return []
        stated = self.stated()
        found = []
        for path in KEY_TERMS.values():
            value = _at(stated, path)
            if value is not None and matches_terms(self.resolved, _put({}, path, value)) is not None:
                old, new = _at(self.resolved, path), value
                field = ".".join(path)
                found.append(
                    Difference(
                        labels.field(field),
                        "",
                        labels.value(field, old),
                        labels.value(field, new),
                        substantive=False,
                        why="",
                    )
                )
        return found

    def refuse(self, refused: Refused) -> None:
        """Show a deviating term beside its field."""
        super().refuse(refused)
        path = str(refused.context.get("path", ""))
        if refused.code == "22/terms-deviate":
            self.refused_field = next(
                (name for name, keys in KEY_TERMS.items() if path == f"$.{'.'.join(keys)}"), ""
            )


class ApproveForm(DecisionForm):
    """The terms of the credit file, all that were resolved among them, so that they are compared."""

    def clean(self) -> dict[str, Any]:
        """Report a term that is not stated, and a reason entered for declining, instead of dropping it."""
        given = super().clean()
        for name, path in KEY_TERMS.items():
            if _at(self.resolved, path) is not None and not given.get(name):
                self.add_error(
                    name, _("State the value of the credit file; it is compared with the resolution.")
                )
        if has_content(given.get("reason", "")):
            self.add_error("reason", _("A reason goes with declining. Empty it to approve."))
        return given

    def arguments(self) -> dict[str, Any]:
        """The terms stated."""
        return {"terms": self.stated()}


class DeclineForm(DecisionForm):
    """The reason."""

    beside: ClassVar[Mapping[str, str]] = {"22/reason-required": "reason"}

    def arguments(self) -> dict[str, Any]:
        """The reason."""
        return {"reason": self.cleaned_data["reason"]}


def _term_of(line: str) -> tuple[str, str] | None:
    """The term that a line of the credit file names, and the value; None where it names none."""
    name, _sign, value = (part.strip() for part in _BETWEEN.sub("\t", line.strip(), count=1).partition("\t"))
    for term in KEY_TERMS:
        names = {str(FIELDS[term])} | {_in(language, term) for language in ("en", "zh-hans")}
        if name.casefold() in {each.casefold() for each in names}:
            return term, value
    return None


def _in(language: str, term: str) -> str:
    with translation.override(language):
        return str(FIELDS[term])


def _at(document: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    found: Any = document
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _put(document: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    inner = document
    for key in path[:-1]:
        inner = inner.setdefault(key, {})
    inner[path[-1]] = value
    return document


def _typed(resolved: Any, written: str) -> Any:
    """The text as the plan would hold it: a whole number where the plan has one."""
    return int(written) if isinstance(resolved, int) and written.isdecimal() else written


# -- What was resolved ------------------------------------------------------------------------------


def resolution_of(proposal: Proposal) -> Resolution | None:
    """The resolution on the plan; none before the vote has closed."""
    return Resolution.objects.filter(item=proposal.item, question=Resolution.Question.PLAN).first()


def resolved_version(proposal: Proposal) -> PlanVersion:
    """The version of the plan that was voted on, by its digest; before a vote, the one submitted."""
    resolution = resolution_of(proposal)
    if resolution is not None:
        found = proposal.versions.filter(digest=resolution.digest).order_by("number").last()
        if found is not None:
            return found
    return as_submitted(proposal)


def effective(proposal: Proposal) -> bool:
    """Whether the minutes of the meeting that resolved on the plan are signed."""
    return proposal.item is not None and proposal.item.meeting.state in Meeting.EFFECTIVE


def _not_effective(proposal: Proposal, _who: Viewer) -> Refused | None:
    if proposal.state == _S.CARRIED and not effective(proposal):
        return Refused("22/no-effective-resolution")
    return None


@dataclass(frozen=True, kw_only=True)
class CreditPage(PlanSections):
    """The terms resolved in full, what they rest on, and the two decisions."""

    proposal: Proposal
    resolution: Resolution | None
    #: whether there is something to approve
    checks: list[Finding]
    #: each verb's offer, and the address to which it is sent
    decisions: dict[str, tuple[Offer, str]]
    decided: CreditDecision | None


def credit_page(proposal: Proposal) -> CreditPage:
    """What the credit officer reads and decides on."""
    version, resolution = resolved_version(proposal), resolution_of(proposal)
    return CreditPage(
        **vars(plan_sections(version)),
        proposal=proposal,
        resolution=resolution,
        checks=[_carried(resolution), _signed(proposal), _same_plan(version, resolution)],
        decisions={offer.verb: (offer, offer.address(proposal)) for offer in OFFERS},
        decided=CreditDecision.objects.filter(proposal=proposal).select_related("by").first(),
    )


def _context(proposal: Proposal, _who: Viewer) -> dict[str, Any]:
    return vars(credit_page(proposal))


def _carried(resolution: Resolution | None) -> Finding:
    name, article = _("Carried by the committee"), "20.2"
    grounds = [labels.resolved(resolution)] if resolution else []
    if resolution is None or not resolution.carried:
        return Finding.failed(name, article, grounds)
    return Finding.held(name, article, grounds)


def _signed(proposal: Proposal) -> Finding:
    name, article = _("The minutes are signed"), "21"
    number = proposal.item.meeting.written_number if proposal.item else ""
    if effective(proposal):
        return Finding.held(name, article, [number])
    text = gettext("%(meeting)s: the resolution takes effect with them.") % {"meeting": number}
    return Finding.failed(name, article, [text])


def _same_plan(version: PlanVersion, resolution: Resolution | None) -> Finding:
    name, article = _("The plan is the one voted on"), "22"
    grounds = [f"SHA-256 {version.digest[:16]}…"]
    if resolution is None or resolution.digest != version.digest:
        return Finding.failed(name, article, grounds)
    return Finding.held(name, article, grounds)


OFFERS = (
    Offer(
        "approve_credit", _("Approve as resolved"),
        ApproveForm,
        help_text=_("Exactly the terms resolved are approved; the plan can be carried out (Art. 22)."),
        done=_("Credit is approved as resolved."),
        final=True, blocked=_not_effective, template="plans/credit_decide.html", context=_context,
        here="credit",
    ),
    Offer(
        "decline_credit", _("Decline"), DeclineForm,
        help_text=_("The plan ends here; other terms go back to the committee with a new plan (Art. 22)."),
        done=_("Credit is declined."),
        final=True, secondary=True, blocked=_not_effective,
        template="plans/credit_decide.html", context=_context,
        here="credit",
    ),
)  # fmt: skip
