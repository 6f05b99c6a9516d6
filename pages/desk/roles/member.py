"""What waits for a member: ballots, notices, papers, meetings to come."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from committee.models import Delivery, Meeting, Reading
from pages.desk.roles import ballots, presiding
from pages.desk.rows import Row, day_of, meeting_row, meetings_of, written_at
from pages.desk.sections import Section, SectionQuery
from pages.meetings.papers import reading
from proposals.models import Tabling
from web.viewer import Viewer

_M = Meeting.State


def sections(who: Viewer) -> Iterator[SectionQuery | Section]:
    """The tasks of a member for the seat, with those of the presiding officer if the member presides."""
    yield from ballots.sections(who)
    yield SectionQuery(
        _("Notices to acknowledge"),
        _("An electronic notice appears here until you acknowledge it."),
        _unacknowledged(who),
        lambda delivery: meeting_row(
            delivery.notice.meeting,
            gettext("Delivered on %(when)s")
            % {"when": written_at(delivery.notice.meeting, delivery.delivered_at)},
            "waiting",
            gettext("meeting on %(day)s") % {"day": day_of(delivery.notice.meeting)},
            day_of(delivery.notice.meeting),
        ),
        article="16",
    )
    yield SectionQuery(
        _("Papers to read"),
        _("The papers of an item on an agenda appear here until you mark them as read (Art. 10)."),
        _unread(who),
        lambda row: Row(
            reverse("paper", args=[row.item.meeting_id, row.item_id]),
            row.item.meeting.written_number,
            row.item.title,
            written_at(row.item.meeting),
            "waiting",
            due=day_of(row.item.meeting),
        ),
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
        lambda meeting: meeting_row(meeting, str(meeting.committee), "information"),
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
