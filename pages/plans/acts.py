"""Drafting, amending, submitting, withdrawing and revising plans (Art. 6, 7, 13, 23)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit import clock
from committee.models import Person
from pages.plans.editor import missing
from proposals.actions import plans
from proposals.ledger import ledger_of
from proposals.models import PlanVersion, Proposal
from proposals.permissions import ACTS
from proposals.plan.submission import check_submission
from regulation.refused import Refused
from web.forms import ActForm, ReasonForm, fields
from web.offers import Offer
from web.viewer import Viewer

_S = Proposal.State


class DraftForm(ActForm):
    """What a new plan is called and whom it concerns; both can be changed until it is submitted."""

    title = fields.Line(
        label=_("Title"),
        help_text=_("How the plan is named on the agenda: the measure and the borrower."),
        required=False,
        max_length=500,
    )
    name = fields.Line(label=_("Name of the borrower"), required=False, max_length=500)

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        plan: dict[str, Any] = {"title": given["title"]} if given["title"] else {}
        if given["name"]:
            plan["borrower"] = {"name": given["name"]}
        return {"plan": plan}


class SubmitForm(ActForm):
    """A button; a refusal leads to the step and field that it concerns."""

    #: the place concerned in words, and its address
    way: tuple[str, str] | None = None
    _STEPS: ClassVar = {"13/already-submitted": "$.loans", "23/no-substantive-change": "$.schedule"}

    def refuse(self, refused: Refused) -> None:
        super().refuse(_in_words(refused))
        path = refused.context.get("path") or self._STEPS.get(refused.code)
        if path:
            fault = missing.fault_at(str(path), refused.code)
            self.way = fault.where, missing.address_of(self.subject.pk, fault)


class ReviseForm(ActForm):
    """A button: the new draft begins as the plan that was not carried."""

    def arguments(self) -> dict[str, Any]:
        return {"changes": {}}


def _edited(_subject: Any, made: Proposal | None) -> str:
    """The first step of the draft just made."""
    assert made is not None
    return reverse("plan", args=[made.pk])


def _never_submitted(proposal: Proposal, _who: Viewer) -> bool:
    return bool(proposal.state == _S.DRAFT)


def _discard(proposal: Proposal, *, by: Person) -> Proposal:
    """Withdraw a draft; the reason is that it is discarded."""
    return plans.withdraw(proposal, by=by, reason=gettext("Draft discarded"))


def _today(proposal: Proposal) -> Any:
    return clock.now().astimezone(proposal.committee.tz).date()


def _unfit(proposal: Proposal, _who: Viewer) -> Refused | None:
    """The first thing that would refuse the submission."""
    if proposal.state not in ACTS["submit"].states:
        return None
    try:
        plan, today = proposal.present_version.plan, _today(proposal)
        check_submission(plan, submitted_on=today, ledger=ledger_of(proposal, plan, today))
    except Refused as refused:
        return _in_words(refused)
    return None


def _in_words(refused: Refused) -> Refused:
    """The refusal with the field that it concerns in words instead of a path."""
    path = refused.context.get("path")
    if path is None:
        return refused
    where = missing.fault_at(str(path), refused.code).where
    return Refused(refused.code, **{**refused.context, "path": where})


@dataclass(frozen=True)
class SubmitPage:
    """The version that is submitted: what is left to do, each with the way to it, or what was checked."""

    version: PlanVersion
    saved_by: Person
    faults: list[tuple[missing.Fault, str]]
    passed: Sequence[str | Promise]


def _checks(proposal: Proposal, _who: Viewer) -> dict[str, Any]:
    version, today = proposal.present_version, _today(proposal)
    found = missing.find_faults(version.plan, today, ledger_of(proposal, version.plan, today))
    ways = [(fault, missing.address_of(proposal.pk, fault)) for fault in found]
    return vars(SubmitPage(version, version.made_by, ways, () if found else missing.PASSED))


OFFERS = (
    Offer(
        "draft", _("Start a new plan"), DraftForm,
        help_text=_(
            "The draft belongs to your institution; nobody else sees it until it is submitted (Art. 13)."
        ),
        done=_("The draft is made. Everything can be changed until it is submitted."),
        leads_to=_edited,
    ),
    Offer(
        "submit", _("Submit"), SubmitForm,
        help_text=_(
            "The plan is numbered and goes to the liaison for screening (Art. 13, 14). From then on it "
            "cannot be changed, unless it is returned for completion."
        ),
        done=_("The plan is submitted."),
        final=True,
        blocked=_unfit,
        template="plans/editor/submit.html",
        context=_checks,
    ),
    Offer(
        "amend", _("Edit the plan"), page="plan",
        help_text=_("In steps, saved as you go."),
    ),
    Offer(
        "revise", _("Draft a new plan from this one"), ReviseForm,
        help_text=_(
            "A plan that was not carried comes before the committee again only with a change in substance "
            "(Art. 23). The new draft begins as this plan and shows what differs."
        ),
        done=_("The new draft is made."),
        leads_to=_edited,
    ),
    Offer(
        "discard", _("Discard the draft"),
        act="withdraw", instead=_discard,
        help_text=_("The draft ends here. It was never submitted: nobody else has seen it."),
        done=_("The draft is discarded."),
        final=True, secondary=True,
        applies=_never_submitted,
        leads_to=lambda _proposal, _result: reverse("proposals"),
    ),
    Offer(
        "withdraw", _("Withdraw"), ReasonForm,
        help_text=_(
            "The plan ends here; its contracts are free for another plan. On an agenda its item is struck "
            "(Art. 13)."
        ),
        done=_("The plan is withdrawn."),
        secondary=True,
        applies=lambda proposal, who: not _never_submitted(proposal, who),
    ),
)  # fmt: skip
