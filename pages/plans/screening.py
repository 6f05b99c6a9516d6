"""Screening: shortlisting, returning and screening out (Art. 14, 23), beside the plan and its checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pages.plans.comments import reading as comments
from pages.plans.differences import ComparisonView, comparisons
from pages.plans.screening_findings import Finding, findings
from pages.plans.sections import PlanSections, plan_sections
from pages.plans.versions import as_submitted
from proposals.labels import NEXT
from proposals.models import Proposal
from regulation.text import has_content
from web.forms import ActForm, fields
from web.offers import Offer
from web.viewer import Viewer

_S = Proposal.State


class DecisionForm(ActForm):
    """What is written at screening: one form for the three decisions, each of which takes one text.

    A text that the decision would drop is an error beside it, so that nothing written is lost.
    """

    beside = {"14/reason-required": "reason", "23/ruling-required": "ruling"}
    #: the field that the decision takes
    takes: ClassVar[str]
    ruling = fields.Prose(
        label=_("Ruling on the change in substance"),
        help_text=_("Why the plan differs in substance from the one not carried; it is recorded (Art. 23)."),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    reason = fields.Prose(
        label=_("Reason"),
        help_text=_("For a return or for screening out; the handling institution reads it."),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.subject.resubmission:
            del self.fields["ruling"]

    def clean(self) -> dict[str, Any]:
        """Report a text entered for another decision, instead of dropping it."""
        given: dict[str, Any] = self.cleaned_data
        for name in self.fields.keys() - {self.takes}:
            if has_content(given.get(name, "")):
                self.add_error(name, self.dropped[name])
        return given

    dropped: ClassVar = {
        "ruling": _("A ruling is recorded when the plan is shortlisted. Empty it to decide otherwise."),
        "reason": _("A reason goes with a return or with screening out. Empty it to shortlist the plan."),
    }

    def arguments(self) -> dict[str, Any]:
        """The one text that the decision takes."""
        return {self.takes: self.cleaned_data.get(self.takes, "")}


class ShortlistForm(DecisionForm):
    """The ruling, on a resubmission."""

    takes = "ruling"


class RefusalForm(DecisionForm):
    """The reason of a return or of screening out."""

    takes = "reason"


@dataclass(frozen=True, kw_only=True)
class ScreeningPage(PlanSections):
    """The plan as submitted, what the engine finds in it, and the three decisions."""

    proposal: Proposal
    compared: list[ComparisonView]
    #: findings that must be looked at, and others
    checks: list[Finding]
    passed: list[Finding]
    #: each verb's offer, and the address to which it is sent
    decisions: dict[str, tuple[Offer, str]]
    next: str | Promise
    waiting: Place
    threads: list[comments.Thread]
    may_comment: bool
    #: each section leads to commenting on its fields
    commenting: bool


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the plan stands among those of its committee that wait for screening, and its neighbours."""

    #: counted from 1; 0 for one that does not wait
    at: int
    of: int
    before: str
    after: str


def _waiting(committee_id: int) -> list[int]:
    """The keys of the plans of the committee that wait for screening, in the order of the queue."""
    rows = Proposal.objects.filter(committee=committee_id, state=_S.SUBMITTED)
    return list(rows.order_by("submitted_at", "pk").values_list("pk", flat=True))


def _place(proposal: Proposal) -> Place:
    keys = _waiting(proposal.committee_id)
    if proposal.pk not in keys:
        return Place(at=0, of=len(keys), before="", after="")
    at = keys.index(proposal.pk)
    return Place(
        at=at + 1,
        of=len(keys),
        before=_read_at(keys[at - 1]) if at else "",
        after=_read_at(keys[at + 1]) if at + 1 < len(keys) else "",
    )


def _read_at(pk: int) -> str:
    return reverse("proposal-act", args=[pk, "shortlist"])


def _next_to_screen(proposal: Proposal, _result: Any) -> str:
    """The address of the committee's plan submitted next, else of its oldest, else of the queue."""
    rows = Proposal.objects.filter(committee=proposal.committee_id, state=_S.SUBMITTED)
    order = rows.order_by("submitted_at", "pk").values_list("submitted_at", "pk")
    waiting = list(order.exclude(pk=proposal.pk))
    later = (pk for at, pk in waiting if (at, pk) > (proposal.submitted_at, proposal.pk))
    pk = next(later, waiting[0][1] if waiting else None)
    return _read_at(pk) if pk else reverse("screening")


def screening_page(proposal: Proposal, who: Viewer) -> ScreeningPage:
    """What the liaison reads and decides on."""
    version = as_submitted(proposal)
    compared = comparisons([version], who)
    found = findings(proposal, version, compared, who.person)
    return ScreeningPage(
        **vars(plan_sections(version)),
        proposal=proposal,
        compared=compared,
        checks=[each for each in found if each.asks],
        passed=[each for each in found if not each.asks],
        decisions={offer.verb: (offer, offer.address(proposal)) for offer in OFFERS},
        next=NEXT.get(proposal.state, ""),
        waiting=_place(proposal),
        threads=comments.threads(comments.OF_PLAN(proposal.pk), version.document),
        may_comment=comments.may_comment(proposal, who),
        commenting=comments.may_comment(proposal, who),
    )


def _context(proposal: Proposal, who: Viewer) -> dict[str, Any]:
    return vars(screening_page(proposal, who))


OFFERS = (
    Offer(
        "shortlist", _("Shortlist"), ShortlistForm,
        help_text=_("The plan stands for the next docket (Art. 14)."),
        done=_("Shortlisted: %(plan)s"),
        shown_disabled_in=(_S.RETURNED,),
        template="plans/screen.html", context=_context, here="screening",
        leads_to=_next_to_screen,
    ),
    Offer(
        "return", _("Return for completion"),
        RefusalForm,
        help_text=_(
            "The handling institution reads the reason and submits the completed plan again (Art. 14)."
        ),
        done=_("Returned for completion: %(plan)s"),
        template="plans/screen.html", context=_context, here="screening",
        leads_to=_next_to_screen,
    ),
    Offer(
        "screen_out", _("Screen out"), RefusalForm,
        help_text=_(
            "The plan does not come before the committee (Art. 14). It is not a rejection under Art. 23."
        ),
        done=_("Screened out: %(plan)s"),
        secondary=True,
        template="plans/screen.html", context=_context, here="screening",
        leads_to=_next_to_screen,
    ),
)  # fmt: skip
