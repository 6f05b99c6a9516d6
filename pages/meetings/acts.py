"""A meeting before its session: notice and receipts, change, cancellation, acting chair (Art. 9, 15, 16)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit import clock
from committee.actions.notices import seats_to_reach
from committee.models import Delivery, Meeting, Seat
from committee.reminding import lacking, reminded_on, today
from pages.meetings import notice
from pages.meetings.text_templates.forms import chosen
from pages.meetings.text_templates.gaps import filled
from pages.models import TextTemplate
from regulation.refused import Refused
from web.forms import ActForm, ReasonForm, fields
from web.offers import Offer
from web.viewer import Viewer

_M = Meeting.State


class SendForm(ActForm):
    """What a new notice adds to its wording, and which of the seats that it goes to have it on paper."""

    text = fields.Prose(
        label=_("Added to the notice"),
        help_text=_(
            "What the members need beside time, place and items: how to come or to join, whom to ring up. "
            "It stands on the notice of every seat, and stays as it is sent."
        ),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    paper = forms.TypedMultipleChoiceField(
        label=_("On paper to"),
        help_text=_(
            "Tick the seats to which the notice and the papers go on paper: record each delivery when it is "
            "made, who received it and when. The others have them electronically and acknowledge them here."
        ),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        current = notice.current(self.subject)
        #: the committee's templates, and the one that the text begins with
        self.templates, self.template = (
            chosen(self.request, self.subject.committee, TextTemplate.Kind.NOTICE)
            if current is None
            else ([], None)
        )
        if current is not None:
            del self.fields["text"]
        elif self.template is not None:
            self.initial["text"] = filled(self.template, self.subject)
        seats = seats_to_reach(self.subject, current)
        self.fields["paper"].choices = [  # type: ignore[attr-defined]  # a field of choices
            (seat.number, f"{seat.number} · {seat.holder} · {seat.post}")
            for seat in Seat.objects.filter(pk__in=[seat.pk for seat in seats]).select_related("holder")
        ]
        self.initial.setdefault("paper", [row.seat.number for row in _on_their_way(self.subject)])

    def arguments(self) -> dict[str, Any]:
        """Paper has gone out; it is delivered when that is recorded."""
        return {"posted": self.cleaned_data["paper"], "text": self.cleaned_data.get("text", "")}


class DeliverForm(ActForm):
    """To which seat the paper came, into whose hands, when and by whom."""

    beside: ClassVar[dict[str, str]] = {"text/required": "received_by"}
    seat = forms.TypedChoiceField(label=_("Seat"), coerce=int)
    received_by = fields.Line(
        label=_("Received by"),
        max_length=100,
        help_text=_("Whoever took the paper: the holder, or the office."),
    )
    date = fields.Day(label=_("Date"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    time = fields.Hour(label=_("Time"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    handed_by = fields.Line(label=_("Handed over by"), max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = _on_their_way(self.subject)
        self.fields["seat"].choices = [  # type: ignore[attr-defined]  # a field of choices
            (row.seat.number, f"{row.seat.number} · {row.recipient} · {row.seat.post}") for row in rows
        ]
        now = timezone.localtime(clock.now())
        requested = self.request.GET.get("seat", "") if self.request is not None else ""
        chosen = next((row for row in rows if str(row.seat.number) == requested), None)
        if chosen is None and len(rows) == 1:
            chosen = rows[0]
        self.initial.update(
            {"date": now.date(), "time": now.time(), "handed_by": self.who.person.display_name}
        )
        if chosen is not None:
            self.initial["seat"] = chosen.seat.number

    def clean(self) -> dict[str, Any]:
        """Check that the time lies between the sending and now."""
        given = super().clean() or self.cleaned_data
        current = notice.current(self.subject)
        if {"date", "time"} <= given.keys() and current is not None:
            at = timezone.make_aware(datetime.combine(given["date"], given["time"]))
            minute = current.sent_at.replace(second=0, microsecond=0)
            if not minute <= at <= clock.now():
                self.add_error(
                    "time",
                    _("Between the sending, %(sent)s, and now.")
                    % {"sent": timezone.localtime(current.sent_at).strftime("%Y-%m-%d %H:%M")},
                )
            given["received_at"] = max(at, current.sent_at)
        return given

    def arguments(self) -> dict[str, Any]:
        """As the action takes them."""
        return {name: self.cleaned_data[name] for name in ("seat", "received_by", "received_at", "handed_by")}


def _on_their_way(meeting: Meeting) -> list[Delivery]:
    rows = Delivery.objects.on_their_way().filter(notice__meeting=meeting)
    return list(rows.select_related("seat", "recipient").order_by("seat__number"))


def _none_on_their_way(meeting: Meeting, _who: Viewer) -> bool:
    return not Delivery.objects.on_their_way().filter(notice__meeting=meeting).exists()


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
        self.fields["seat"].choices = [  # type: ignore[attr-defined]  # a field of choices
            (seat.number, f"{seat.number} · {seat.holder} · {seat.post}") for seat in seats
        ]


def _all_reached(meeting: Meeting, _who: Viewer) -> bool:
    """Whether the current notice has reached every filled seat and its holder."""
    if meeting.state != _M.CONVENED:
        return False
    current = notice.current(meeting)
    return current is not None and not seats_to_reach(meeting, current)


def _too_late(meeting: Meeting, _who: Viewer) -> Refused | None:
    return notice.period(meeting) if meeting.state == _M.CONVENED else None


def _noticed(meeting: Meeting, _who: Viewer) -> bool:
    """Whether a notice is in force."""
    return meeting.state == _M.CONVENED and notice.current(meeting) is not None


def _nobody_to_remind(meeting: Meeting, _who: Viewer) -> Refused | None:
    """Nobody lacks anything, or all who do were reminded today."""
    current = notice.current(meeting)
    if current is None:
        return None
    found = {each.person.pk for each in lacking(meeting, current)}
    if not found:
        return Refused("state/not-allowed", cause="remind/nobody")
    told = reminded_on(meeting, today(meeting))
    return Refused("state/not-allowed", cause="remind/today") if found <= told else None


def _to_notice(meeting: Meeting, _result: Any) -> str:
    return reverse("notice", args=[meeting.pk])


OFFERS = (
    Offer(
        "deliver_notice", _("Record a delivery"), DeliverForm,
        help_text=_("The notice on paper has reached the seat: the delivery is its receipt (Art. 12)."),
        done=_("The delivery is recorded."),
        already_done=_none_on_their_way,
        already_done_cause="deliver/none",
        context=notice.notice_page,
        leads_to=_to_notice,
    ),
    Offer(
        "send_notice", _("Send the notice"), SendForm,
        help_text=_(
            "Every filled seat that lacks the current notice receives it with the papers (Art. 12, 16), and "
            "so does one that changed hands since and has not acknowledged: its former receipt is then void."
        ),
        done=_("The notice is sent."),
        already_done=_all_reached,
        already_done_cause="notice/all-have-it",
        blocked=_too_late,
        template="meetings/send_notice.html",
        context=notice.notice_page,
        leads_to=_to_notice,
    ),
    Offer(
        "remind_members", _("Remind the members"),
        help_text=_(
            "Whoever has not acknowledged the notice, or not read the papers, is told so, nobody twice on a "
            "day; it stays on record (Art. 10, 12)."
        ),
        done=_("The members who lack something are reminded."),
        elsewhere=True,
        applies=_noticed,
        blocked=_nobody_to_remind,
        leads_to=_to_notice,
    ),
    Offer(
        "change_meeting", _("Change the meeting"),
        page="change-meeting",
    ),
    Offer(
        "cancel_meeting", pgettext_lazy("meeting", "Cancel the meeting"), ReasonForm,
        help_text=_(
            "The meeting does not take place. Its plans stay filed and can be put on another agenda; "
            "everybody invited reads the reason."
        ),
        done=_("The meeting is cancelled."),
        final=True,
        secondary=True,
    ),
    Offer(
        "appoint_acting_chair", _("Appoint an acting chair"), ActingChairForm,
        help_text=_(
            "The holder of the seat presides at this meeting beside the chair (Art. 9): opens it, takes up "
            "the items, opens votes, closes it and signs the minutes. The chair's seat still needs its proxy."
        ),
        done=_("The acting chair is appointed."),
    ),
    Offer(
        "convene", _("Convene a meeting"),
        page="convene",
    ),
)  # fmt: skip
