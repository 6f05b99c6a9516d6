"""A meeting before its session: notice and receipts, change, cancellation, acting chair (Art. 9, 15, 16)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from committee import permissions as committee_permissions
from committee.actions import meetings as sittings
from committee.actions import notices as notice_actions
from committee.models import Committee, Meeting, Seat
from office import notices
from office.forms import ActForm, ReasonForm
from office.frame import Standing
from office.offers.offer import Offer
from proposals.actions import meetings as agendas
from proposals.permissions import ACTS
from regulation.refused import Refused

_M = Meeting.State


class SendForm(ActForm):
    """Which of the seats that it goes to have the notice on paper."""

    paper = forms.TypedMultipleChoiceField(
        label=_("Delivered on paper to"),
        help_text=_(
            "Tick the seats to which you hand the notice and the papers; the others have them electronically "
            "and acknowledge them here."
        ),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seats = notice_actions.seats_to_reach(self.subject, notices.current(self.subject))
        self.fields["paper"].choices = [  # type: ignore[attr-defined]
            (seat.number, f"{seat.number} · {seat.holder} · {seat.post}")
            for seat in Seat.objects.filter(pk__in=[seat.pk for seat in seats]).select_related("holder")
        ]


class ActingChairForm(ActForm):
    """The seat whose holder presides."""

    seat = forms.TypedChoiceField(label=_("Seat"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        meeting: Meeting = self.subject
        seats = (
            Seat.objects.filter(
                committee=meeting.committee_id,
                number__lte=meeting.regulation.seat_count,
                holder__isnull=False,
            )
            .exclude(number=Seat.CHAIR)
            .select_related("holder")
            .order_by("number")
        )
        self.fields["seat"].choices = [  # type: ignore[attr-defined]
            (seat.number, f"{seat.number} · {seat.holder} · {seat.post}") for seat in seats
        ]


def _all_reached(meeting: Meeting, _who: Standing) -> bool:
    """The current notice has reached every filled seat and its holder: there is nobody to send it to."""
    if meeting.state != _M.CONVENED:
        return False
    notice = notices.current(meeting)
    return notice is not None and not notice_actions.seats_to_reach(meeting, notice)


def _too_late(meeting: Meeting, _who: Standing) -> Refused | None:
    return notices.period(meeting) if meeting.state == _M.CONVENED else None


def _to_notice(meeting: Meeting, _result: Any) -> str:
    return reverse("notice", args=[meeting.pk])


OFFERS = (
    Offer(
        "send_notice", Meeting, _("Send the notice"), committee_permissions.ACTS["send_notice"],
        notice_actions.send_notice, SendForm,
        told=_(
            "Every filled seat that lacks the current notice receives it with the papers (Art. 12, 16), and "
            "so does one that changed hands since and has not acknowledged: its former receipt is then void."
        ),
        done=_("The notice is sent."),
        settled=_all_reached,
        settled_why="notice/all-have-it",
        blocked=_too_late,
        template="office/send_notice.html",
        context=notices.page,
        leads_to=_to_notice,
    ),
    Offer(
        "change_meeting", Meeting, _("Change the meeting"), ACTS["change_meeting"], agendas.change_meeting,
        page="change-meeting",
    ),
    Offer(
        "cancel_meeting", Meeting, pgettext_lazy("meeting", "Cancel the meeting"), ACTS["cancel_meeting"],
        agendas.cancel_meeting, ReasonForm,
        told=_(
            "The meeting does not take place. Its plans stay filed and can be put on another agenda; "
            "everybody invited reads the reason."
        ),
        done=_("The meeting is cancelled."),
        final=True,
        grave=True,
    ),
    Offer(
        "appoint_acting_chair", Meeting, _("Appoint an acting chair"),
        committee_permissions.ACTS["appoint_acting_chair"], sittings.appoint_acting_chair, ActingChairForm,
        told=_(
            "The holder of the seat presides at this meeting beside the chair (Art. 9): opens it, takes up "
            "the items, opens votes, closes it and signs the minutes. The chair's seat still needs its proxy."
        ),
        done=_("The acting chair is appointed."),
    ),
    Offer(
        "convene", Committee, _("Convene a meeting"), replace(ACTS["convene"], states=()), agendas.convene,
        page="convene",
    ),
)  # fmt: skip
