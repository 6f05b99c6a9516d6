"""Tasks of the presiding officer of a meeting: the chair, or its acting chair."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit import clock
from committee.models import Meeting, Seat
from office.models import Minutes
from pages.desk.rows import Row, day_of, meeting_row, meetings_of, minutes_row, preparing, request_row
from pages.desk.sections import Section, SectionQuery
from voting.models import AbstentionRequest
from web.viewer import Viewer

_M = Meeting.State
_SUPPLEMENT = Minutes.objects.supplementary().filter(meeting=OuterRef("pk"), state=Minutes.State.DRAFTED)


def sections(who: Viewer) -> Iterator[SectionQuery | Section]:
    """What the presiding officer of some meeting has to do; nothing for members who preside at none."""
    always = bool(who.chairs)
    presiding = Q(committee__in=who.chairs) | Q(acting_seat__holder=who.person)
    yield SectionQuery(
        _("Requests to abstain"),
        _("A member's request for your consent to abstain waits here (Art. 20)."),
        AbstentionRequest.objects.filter(
            Q(item__meeting__committee__in=who.chairs) | Q(item__meeting__acting_seat__holder=who.person),
            state=AbstentionRequest.State.PENDING,
            item__meeting__state=_M.IN_SESSION,
            item__meeting__in=Meeting.objects.visible_to(who.person),
        )
        .exclude(Q(seat__number=Seat.CHAIR) | Q(seat=F("item__meeting__acting_seat")))
        .order_by("requested_at", "pk"),
        request_row,
        article="20",
        always=always,
    )
    yield SectionQuery(
        _("Meetings to open"),
        _("A convened meeting appears here until you open it."),
        meetings_of(who).filter(presiding, state=_M.CONVENED),
        _opening_row,
        article="20",
        always=always,
    )
    yield SectionQuery(
        _("Minutes to sign"),
        _("Drafted minutes wait here for your signature (Art. 21)."),
        meetings_of(who).filter(presiding, Q(state=_M.MINUTED) | Exists(_SUPPLEMENT)),
        _minutes_row,
        article="21",
        always=always,
    )


def _minutes_row(meeting: Any) -> Row:
    if meeting.state == _M.MINUTED:
        return minutes_row(meeting)
    note = gettext("Supplementary minutes are drafted, waiting for the chair's signature (Art. 21)")
    return meeting_row(meeting, note, "waiting", "")


def _opening_row(meeting: Any) -> Row:
    note = (
        gettext("The current notice is sent")
        if meeting.noticed
        else gettext("No current notice yet (Art. 16)")
    )
    if not meeting.noticed or clock.now() < meeting.at:
        return preparing(meeting_row(meeting, note, "information", due=day_of(meeting)), meeting)
    row = meeting_row(meeting, note, "waiting", "", day_of(meeting))
    return preparing(replace(row, now=True), meeting, gettext("Open the meeting"))
