"""What waits for a member: ballots, notices, papers, meetings to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from committee.models import Delivery, Meeting, Reading
from pages.desk.roles import ballots, presiding
from pages.desk.rows import Row, coming_row, day_of, meeting_row, meetings_of, preparing, written_at
from pages.desk.sections import Section, SectionQuery
from pages.meetings.papers import reading
from proposals.models import Tabling
from web.templatetags.lianxi import day_written
from web.viewer import Viewer

_M = Meeting.State


def sections(who: Viewer) -> Iterator[SectionQuery | Section]:
    """The tasks of a member for the seat, with those of the presiding officer if the member presides."""
    yield from ballots.sections(who)
    yield SectionQuery(
        _("Notices to acknowledge"),
        _("An electronic notice appears here until you acknowledge it."),
        _unacknowledged(who),
        _notice_row,
        article="16",
    )
    yield SectionQuery(
        _("Papers to read"),
        _("The papers of an item on an agenda appear here until you mark them as read (Art. 10)."),
        _unread(who),
        _paper_row,
        more=reverse("my-meetings"),
        article="10",
    )
    yield from presiding.sections(who)
    yield SectionQuery(
        _("Meetings to come"),
        _("A meeting appears here from the day on which it is convened."),
        meetings_of(who).filter(
            state__in=Meeting.RUNNING, committee__in=[seat.committee_id for seat in who.seats]
        ),
        lambda meeting: coming_row(meeting, str(meeting.committee)),
    )


def _notice_row(delivery: Delivery) -> Row:
    meeting = delivery.notice.meeting
    row = meeting_row(
        meeting,
        gettext("Delivered on %(when)s") % {"when": written_at(meeting, delivery.delivered_at)},
        "waiting",
        gettext("meeting on %(day)s") % {"day": day_written(day_of(meeting))},
        day_of(meeting),
    )
    acknowledge = reverse("meeting-act", args=[meeting.pk, "acknowledge"])
    return preparing(replace(row, url=acknowledge), meeting, gettext("Acknowledge the notice"))


def _paper_row(row: Tabling) -> Row:
    meeting = row.item.meeting
    return preparing(
        Row(
            reverse("paper", args=[meeting.pk, row.item_id]),
            meeting.written_number,
            row.item.title,
            written_at(meeting),
            "waiting",
            due=day_of(meeting),
        ),
        meeting,
        gettext("Read the papers"),
        row.item.title,
    )


def _unacknowledged(who: Viewer) -> QuerySet[Delivery]:
    return (
        Delivery.objects.standing()
        .filter(
            notice__superseded_at=None,
            notice__meeting__state=_M.CONVENED,
            seat__holder=who.person,
            paper=False,
            acknowledged_by=None,
        )
        .order_by("notice__meeting__at", "pk")
    )


def _unread(who: Viewer) -> QuerySet[Tabling]:
    """The items of the person's committees whose materials, as they are, the person has not read."""
    read = Reading.objects.filter(item=OuterRef("item"), digest=OuterRef("item__digest"), person=who.person)
    return Tabling.objects.filter(
        reading.TO_READ,
        ~Exists(read),
        item__meeting__committee__in=[seat.committee_id for seat in who.seats],
    ).order_by("item__meeting__at", "item__number", "pk")
