"""Commenting on a field of a plan, and answering there (Art. 14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from committee.offices import LIAISON
from pages.plans.comments import places, reading
from pages.plans.editor.steps import BY_SLUG
from proposals.actions.comments import MOST
from proposals.models import PlanVersion, Proposal
from web.forms import ActForm, fields
from web.offers import Offer
from web.viewer import Viewer


def read_by(proposal: Proposal, who: Viewer) -> PlanVersion:
    """The version that the person comments on: the liaison the one submitted."""
    of_liaison = who.acts_as(LIAISON, proposal) and proposal.submitted_version is not None
    return (proposal.submitted_version if of_liaison else None) or proposal.present_version


class CommentForm(ActForm):
    """The field, of those that the plan has, and the comment; the field that the address names is chosen."""

    beside: ClassVar[dict[str, str]] = {"text/required": "text", "comment/invalid": "text"}
    field = forms.ChoiceField(label=pgettext_lazy("of a plan", "Field"))
    text = fields.Prose(
        label=_("Comment"),
        help_text=_(
            "The liaison and the handling institution read it, and the audit; the committee does not. It "
            "cannot be taken back."
        ),
        max_length=MOST,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        document = read_by(self.subject, self.who).document
        self.fields["field"].choices = [  # type: ignore[attr-defined]  # a field of choices
            ("", "—"),
            *places.choices(document),
        ]
        asked = self.request.GET if self.request is not None else {}
        step = BY_SLUG.get(asked.get("step", ""))
        of_step = places.paths(step, document) if step else []
        self.initial.setdefault("field", asked.get("field") or next(iter(of_step), ""))


@dataclass(frozen=True)
class CommentPage:
    """What was said on the plan before."""

    threads: list[reading.Thread]


def _context(proposal: Proposal, who: Viewer) -> CommentPage:
    rows = reading.OF_PLAN(proposal.pk)
    return CommentPage(reading.threads(rows, read_by(proposal, who).document))


def _back(proposal: Proposal, _made: Any) -> str:
    """The comments on the page of the plan, from which the liaison goes on screening."""
    return reverse("proposal", args=[proposal.pk]) + "#comments"


OFFERS = (
    Offer(
        "comment", _("Comment on a field"), CommentForm,
        help_text=_("What is to be completed or explained, at the field that it concerns (Art. 14)."),
        done=_("The comment stands at its field."),
        elsewhere=True,
        secondary=True,
        template="plans/comments/comment.html",
        context=_context,
        leads_to=_back,
    ),
)  # fmt: skip
