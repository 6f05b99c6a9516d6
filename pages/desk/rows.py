"""One thing that waits as a row of the desk, and the rows that several roles have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from committee.models import Meeting
from office import overdue
from proposals.models import Proposal
from voting.models import AbstentionRequest
from web import labels
from web.templatetags.lianxi import day_written, written
from web.viewer import Viewer

_M = Meeting.State


@dataclass(frozen=True)
class Row:
    """One thing that waits: where it is, what it is, and since when or until when."""

    url: str
    number: str
    title: str
    note: str = ""
    #: how pressing: waiting, stopped (late), information or plain
    tone: str = "plain"
    when: str = ""
    #: the day by which it is due; without one it is as pressing as it is old
    due: date | None = None
    since: datetime | None = None
    #: whether others are waiting for it right now
    now: bool = False
    #: the meeting to come that it prepares, when that is, the act's words, and those of what it is done to
    ahead: int = 0
    at: datetime | None = None
    act: str = ""
    object: str = ""

    @property
    def waits(self) -> bool:
        """Whether it is the person's to do."""
        return self.tone in ("waiting", "stopped")


def only_or(address: str, committees: Iterable[int], otherwise: str) -> str:
    """The address for the person's one committee; the place to choose from where there are more."""
    one, *more = committees or [0]
    return otherwise if more else reverse(address, args=[one])


def _waiting(proposal: Proposal) -> str:
    tz = proposal.committee.tz
    return labels.days(_waits_since(proposal).astimezone(tz).date(), overdue.today(proposal.committee))


def _waits_since(proposal: Proposal) -> datetime:
    """A filed plan waits for a meeting from its filing on, whichever meetings ended without it (Art. 17)."""
    filed = proposal.filed_at if proposal.state == Proposal.State.FILED else None
    return filed or proposal.state_since


def proposal_row(
    proposal: Proposal,
    note: str = "",
    tone: str = "plain",
    when: str | None = None,
    due: date | None = None,
) -> Row:
    """A plan; the note is its borrower and unit, and `when` how long it has waited, unless given."""
    return Row(
        url=reverse("proposal", args=[proposal.pk]),
        number=proposal.written_number,
        title=proposal.title or gettext("Without a title yet"),
        note=note or f"{proposal.borrower} · {proposal.unit}".strip(" ·"),
        tone=tone,
        when=_waiting(proposal) if when is None else when,
        due=due,
        since=_waits_since(proposal),
    )


def meeting_row(
    meeting: Meeting, note: str, tone: str = "plain", when: str | None = None, due: date | None = None
) -> Row:
    """A meeting; `when` is its state unless given."""
    return Row(
        url=reverse("meeting", args=[meeting.pk]),
        number=meeting.written_number,
        title=f"{written_at(meeting)} · {meeting.place}",
        note=note,
        tone=tone,
        when=when if when is not None else str(_M(meeting.state).label),
        due=due,
        since=meeting.signed_at or meeting.closed_at or meeting.convened_at,
    )


def coming_row(meeting: Meeting, note: str) -> Row:
    """A meeting to come, which only informs."""
    return preparing(meeting_row(meeting, note, "information", due=day_of(meeting)), meeting)


def preparing(row: Row, meeting: Meeting, act: str = "", of: str = "") -> Row:
    """The row as one of what a meeting to come still needs, with the words of its act and of its object."""
    return replace(row, ahead=meeting.pk, at=meeting.at, act=act, object=of)


def day_of(meeting: Meeting) -> date:
    """The day of the meeting."""
    return meeting.at.astimezone(meeting.committee.tz).date()


def written_at(meeting: Meeting, at: datetime | None = None) -> str:
    """When the meeting is, in its committee's zone."""
    with timezone.override(meeting.committee.tz):
        return written(at or meeting.at)


def proposals_in(who: Viewer, *states: str) -> QuerySet[Proposal]:
    """The plans in these states that the person may see, the longest in their state first."""
    return Proposal.objects.visible_to(who.person).filter(state__in=states).order_by("state_since", "pk")


def meetings_of(who: Viewer) -> QuerySet[Meeting]:
    """The meetings that the person may see, the earliest first."""
    return Meeting.objects.visible_to(who.person).order_by("at", "pk")


def list_address(place: str, **query: str | Iterable[str]) -> str:
    """The address of a list, filtered."""
    return f"{reverse(place)}?{urlencode(query, doseq=True)}"


def minutes_row(meeting: Meeting) -> Row:
    """A closed meeting whose minutes are to be drafted or signed, with the day by which."""
    due = overdue.minutes_due(meeting)
    late = overdue.minutes_overdue(meeting)
    note = (
        gettext("To be drafted (Art. 12, 21)")
        if meeting.state == _M.CLOSED
        else gettext("Drafted, waiting for the chair's signature (Art. 21)")
    )
    when = gettext("overdue since %(day)s") if late else gettext("due on %(day)s")
    return meeting_row(
        meeting, note, "stopped" if late else "waiting", when % {"day": day_written(due) if due else ""}, due
    )


def request_row(row: AbstentionRequest) -> Row:
    """A request to abstain that waits for consent."""
    return Row(
        reverse("meeting", args=[row.item.meeting_id]),
        row.item.meeting.written_number,
        row.item.title,
        f"{row.seat.number} · {row.person.display_name}",
        "waiting",
        written_at(row.item.meeting, row.requested_at),
        now=True,
    )
