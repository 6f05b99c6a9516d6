"""What head office decides in a meeting: the requests of the chair and of an acting chair (Art. 20.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from committee.models import Seat
from office.forms import ActForm
from office.frame import Standing
from office.offers.offer import Offer
from proposals.models import Proposal
from voting.actions.consents import grant_abstention, refuse_abstention
from voting.models import AbstentionRequest
from voting.permissions import ACTS


def _asked(proposal: Proposal) -> QuerySet[AbstentionRequest]:
    """The requests that are head office's to decide."""
    item = proposal.item
    if item is None:
        return AbstentionRequest.objects.none()
    highest = Q(seat__number=Seat.CHAIR) | Q(seat=item.meeting.acting_seat_id)
    return AbstentionRequest.objects.filter(
        highest, item=item, state=AbstentionRequest.State.PENDING
    ).select_related("seat", "person")


class DecisionForm(ActForm):
    """Whose request is decided, with its reason."""

    seat = forms.TypedChoiceField(label=_("Request"), coerce=int, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["seat"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [
            (row.seat.number, f"{row.seat.number} · {row.person.display_name}: {row.reason}")
            for row in _asked(self.subject)
        ]
        if len(field.choices) == 1:
            field.initial = field.choices[0][0]


def _is_asked(proposal: Proposal, _who: Standing) -> bool:
    return _asked(proposal).exists()


OFFERS = (
    Offer(
        "grant_abstention", Proposal, _("Consent to the chair's abstention"),
        replace(ACTS["grant_abstention"], who="head_office"), grant_abstention, DecisionForm,
        told=_("The seat may abstain on this item in this meeting; it need not (Art. 20)."),
        done=_("The consent is on record."),
        fits=_is_asked,
    ),
    Offer(
        "refuse_abstention", Proposal, _("Refuse the chair's abstention"),
        replace(ACTS["refuse_abstention"], who="head_office"), refuse_abstention, DecisionForm,
        told=_("The seat votes for or against; the request may be repeated (Art. 20)."),
        done=_("The refusal is on record."),
        fits=_is_asked,
        grave=True,
    ),
)  # fmt: skip
