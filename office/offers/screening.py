"""Screening: shortlisting, returning and screening out (Art. 14, 23)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from office.forms import ActForm, ReasonForm
from office.offers.offer import Offer
from proposals.actions import screening
from proposals.models import Proposal
from proposals.permissions import ACTS

_S = Proposal.State


class ShortlistForm(ActForm):
    """The ruling on substantive change, where the plan is a resubmission (Art. 23)."""

    beside = {"23/ruling-required": "ruling"}
    ruling = forms.CharField(
        label=_("Ruling on the change in substance"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.subject.resubmission:
            del self.fields["ruling"]


OFFERS = (
    Offer(
        "shortlist", Proposal, _("Shortlist"), ACTS["shortlist"], screening.shortlist, ShortlistForm,
        told=_("The plan stands for the next docket (Art. 14)."),
        done=_("The plan is shortlisted."),
        shown=(_S.RETURNED,),
    ),
    Offer(
        "return", Proposal, _("Return for completion"), ACTS["return"], screening.return_for_completion,
        ReasonForm,
        told=_("The handling institution reads the reason and submits the completed plan again (Art. 14)."),
        done=_("The plan is returned for completion."),
    ),
    Offer(
        "screen_out", Proposal, _("Screen out"), ACTS["screen_out"], screening.screen_out, ReasonForm,
        told=_("The plan does not come before the committee (Art. 14). It is not a rejection under Art. 23."),
        done=_("The plan is screened out."),
        grave=True,
    ),
)  # fmt: skip
