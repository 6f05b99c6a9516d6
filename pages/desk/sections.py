"""What waits for a person, by role: the sections of the desk.

One statement finds the first rows of every section with the number of all of them, then one of each kind
reads them, however many roles the person has. Nothing is read that the person may not see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import (
    Aggregate,
    Count,
    Exists,
    F,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    Window,
)
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from audit import clock
from audit.models import Entry
from committee.models import Delivery, Meeting, Notice, Position, Proxy, Reading, RegulationVersion, Seat
from committee.offices import read_offices
from committee.period import last_day
from office import overdue
from office.models import Copy, Report
from pages.committee.roster import seats
from pages.meetings.papers import reading
from proposals.models import Docket, DocketEntry, Proposal, Receipt, Tabling
from regulation.articles import citation
from voting.models import AbstentionRequest, Ballot, Vote, VoteSeat
from voting.permissions import to_cast
from web import labels
from web.log import streams
from web.templatetags.lianxi import written
from web.viewer import Viewer

SHOWN = 6
FOREMOST = 8
LATELY = timedelta(days=30)

Role = Position.Role
_S, _M = Proposal.State, Meeting.State


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
    #: somebody waits for it this minute
    now: bool = False

    @property
    def waits(self) -> bool:
        """Whether it is the person's to do."""
        return self.tone in ("waiting", "stopped")


@dataclass(frozen=True)
class Section:
    """What waits of one kind, with what would be here when there is nothing."""

    title: str | Promise
    empty: str | Promise
    rows: list[Row] = field(default_factory=list)
    count: int = 0
    more: str = ""
    article: str = ""
    #: what is done with all of them together: the button's words and where
    act: tuple[str | Promise, str] | None = None

    @property
    def citation(self) -> str:
        """The article by which it waits, in the reader's language."""
        return citation(self.article, get_language() or "en") if self.article else ""


def sections(who: Viewer) -> list[Section]:
    """The person's desk, the most pressing first; empty for somebody without a role here."""
    read_offices(who.person)
    return _read([section for role, build in _BUILDERS if role in who.roles for section in build(who)])


#: what is due is as pressing so many days before as what has waited since then
_AHEAD = timedelta(days=2)


def foremost(found: Iterable[Section]) -> list[tuple[Section, Row]]:
    """What is the person's to do across all kinds: what others wait for, what is late, then the oldest."""
    today = timezone.localdate(clock.now())

    def pressing(each: tuple[Section, Row]) -> tuple[int, date]:
        row = each[1]
        if row.now:
            return 0, today
        if row.due is not None:
            return (1, row.due) if row.due < today else (2, row.due - _AHEAD)
        return 2, timezone.localdate(row.since) if row.since else today

    waiting = [(section, row) for section in found for row in section.rows if row.waits]
    return sorted(waiting, key=pressing)[:FOREMOST]


@dataclass(frozen=True)
class Done:
    """Something that the person did: when, what, and where."""

    at: datetime
    what: str | Promise
    name: str
    url: str


def _parted(entry: Entry) -> tuple[str, str, str]:
    return entry.stream.partition(":")


def lately(who: Viewer) -> list[Done]:
    """What the person did last, on what the person may still see."""
    entries = list(Entry.objects.filter(actor=str(who.person.pk)).order_by("-at")[: 3 * SHOWN])
    named = streams.names(
        (entry.stream for entry in entries if _parted(entry)[0] in ("proposal", "meeting")),
        Proposal.objects.visible_to(who.person),
        Meeting.objects.visible_to(who.person),
    )
    return [
        Done(entry.at, labels.ACTIONS.get(entry.action, entry.action), named[entry.stream], _page(entry))
        for entry in entries
        if entry.stream in named
    ][:SHOWN]


def _page(entry: Entry) -> str:
    place, _colon, number = _parted(entry)
    return reverse(place, args=[number])


# -- How a section is read --------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Asked:
    """A section still to be read: its rows in their order, and how one of them is shown."""

    title: str | Promise
    empty: str | Promise
    rows: QuerySet[Any]
    row: Callable[[Any], Row]
    _: KW_ONLY
    more: str = ""
    article: str = ""
    act: tuple[str | Promise, str] | None = None
    #: whether it stands on the desk without rows
    always: bool = True


def _read(found: Iterable[Asked | Section]) -> list[Section]:
    """The sections with their first rows."""
    found = list(found)
    firsts = _firsts([each for each in found if isinstance(each, Asked)])
    wanted: dict[type[Model], set[int]] = defaultdict(set)
    for asked, (pks, _count) in firsts.items():
        wanted[asked.rows.model].update(pks)
    read = {kind: _KINDS[kind]().in_bulk([0, *pks]) for kind, pks in wanted.items()}

    def section(each: Asked | Section) -> Section:
        if isinstance(each, Section):
            return each
        pks, count = firsts[each]
        rows = [each.row(read[each.rows.model][pk]) for pk in pks]
        return Section(each.title, each.empty, rows, count, each.more, each.article, each.act)

    return [section(each) for each in found if isinstance(each, Section) or each.always or firsts[each][1]]


def _firsts(asked: list[Asked]) -> dict[Asked, tuple[list[int], int]]:
    """The keys of each section's first rows and the number of all, in one statement."""
    found: dict[Asked, tuple[list[int], int]] = {each: ([], 0) for each in asked}
    parts = [
        each.rows.annotate(
            asked=Value(number),
            turn=Window(RowNumber(), order_by=each.rows.query.order_by),
            of_all=Window(Count("pk")),
        ).values_list("asked", "turn", "pk", "of_all")[:SHOWN]
        for number, each in enumerate(asked)
    ]
    if not parts:
        return found
    first, *others = parts
    for number, _turn, pk, count in sorted(first.union(*others, all=True) if others else first):
        found[asked[number]] = ([*found[asked[number]][0], pk], count)
    return found


def _sum(rows: QuerySet[Any], of: str, aggregate: Aggregate) -> Subquery:
    """The aggregate over the rows whose `of` is the row outside; none of them, none."""
    grouped = rows.filter(**{of: OuterRef("pk")}).order_by().values(of).annotate(total=aggregate)
    return Subquery(grouped.values("total"))


#: what the rows of each kind are read with
_KINDS: dict[type[Model], Callable[[], QuerySet[Any]]] = {
    Proposal: lambda: Proposal.objects.select_related("committee", "unit", "version").annotate(
        received=_sum(Receipt.objects.all(), "proposal", Sum("amount"))
    ),
    Meeting: lambda: Meeting.objects.select_related("committee", "regulation").annotate(
        noticed=Exists(Notice.objects.filter(meeting=OuterRef("pk"), superseded_at=None)),
        distributed=Exists(Copy.objects.filter(minutes__meeting=OuterRef("pk"))),
        reported=Exists(Report.objects.filter(meeting=OuterRef("pk"))),
    ),
    Vote: lambda: Vote.objects.select_related("proposal__committee", "meeting__committee"),
    VoteSeat: lambda: VoteSeat.objects.select_related(
        "vote__proposal__committee", "vote__meeting__committee", "seat"
    ),
    AbstentionRequest: lambda: AbstentionRequest.objects.select_related(
        "item__meeting__committee", "seat", "person"
    ),
    Delivery: lambda: Delivery.objects.select_related(
        "notice__meeting__committee", "notice__meeting__regulation", "seat", "recipient"
    ),
    Tabling: lambda: Tabling.objects.select_related("item__meeting__committee", "item__observer"),
    Proxy: lambda: Proxy.objects.select_related(
        "meeting__committee", "meeting__regulation", "seat", "principal"
    ),
    Report: lambda: Report.objects.select_related("meeting__committee"),
    Docket: lambda: Docket.objects.select_related("committee").annotate(
        plans=_sum(DocketEntry.objects.all(), "docket", Count("pk"))
    ),
    Seat: lambda: Seat.objects.select_related("committee"),
    RegulationVersion: lambda: RegulationVersion.objects.select_related("committee"),
}


def _one(address: str, committees: Iterable[int], otherwise: str) -> str:
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


def _proposal_row(
    proposal: Proposal,
    note: str = "",
    tone: str = "plain",
    when: str | None = None,
    due: date | None = None,
) -> Row:
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


def _meeting_row(
    meeting: Meeting, note: str, tone: str = "plain", when: str | None = None, due: date | None = None
) -> Row:
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


def _on(meeting: Meeting) -> date:
    """The day of the meeting."""
    return meeting.at.astimezone(meeting.committee.tz).date()


def written_at(meeting: Meeting, at: datetime | None = None) -> str:
    """When the meeting is, in its committee's zone."""
    with timezone.override(meeting.committee.tz):
        return written(at or meeting.at)


def _proposals(who: Viewer, *states: str) -> QuerySet[Proposal]:
    return Proposal.objects.visible_to(who.person).filter(state__in=states).order_by("state_since", "pk")


def _meetings(who: Viewer) -> QuerySet[Meeting]:
    return Meeting.objects.visible_to(who.person).order_by("at", "pk")


def _list(place: str, **query: str | Iterable[str]) -> str:
    return f"{reverse(place)}?{urlencode(query, doseq=True)}"


# -- Liaison ----------------------------------------------------------------------------------------


def _liaison(who: Viewer) -> Iterator[Asked | Section]:
    mine = Q(committee__liaison=who.person)
    yield Asked(
        _("To screen"),
        _("Plans that a handling institution submits wait here to be shortlisted, returned or screened out."),
        _proposals(who, _S.SUBMITTED).filter(mine),
        _screening_row,
        more=reverse("screening"),
        article="14",
    )
    yield Asked(
        _("To file with head office"),
        _("Shortlisted plans wait here until their docket is filed."),
        _proposals(who, _S.SHORTLISTED).filter(mine),
        lambda proposal: _proposal_row(proposal, tone="waiting"),
        more=reverse("dockets"),
        article="14",
        act=(
            _("Choose the docket"),
            _one("docket-new", [row.pk for row in who.liaison_of], reverse("dockets")),
        ),
    )
    yield Asked(
        _("Votes ready to be closed"),
        _("A vote is here when every seat has cast its ballot."),
        _complete_votes(who),
        lambda vote: Row(
            reverse("meeting", args=[vote.meeting_id]),
            vote.proposal.written_number,
            vote.proposal.title,
            f"{vote.meeting.written_number} · {vote.get_question_display()}",
            "waiting",
            gettext("all ballots in"),
            now=True,
        ),
        article="20",
    )
    yield Asked(
        _("Meetings that need a notice"),
        _("A convened meeting is here until its current notice has reached every seat."),
        _meetings(who).filter(mine, state=_M.CONVENED).filter(_lacks_notice()),
        _notice_row,
        article="15",
    )
    yield Asked(
        _("Paper notices on their way"),
        _("A notice on paper is here until you record who received it (Art. 12)."),
        _on_their_way(who),
        _delivery_row,
        article="12",
    )
    yield Asked(
        _("Minutes due"),
        _("A closed meeting is here until its minutes are drafted and signed."),
        _meetings(who).filter(mine, state__in=[_M.CLOSED, _M.MINUTED]).order_by("closed_at", "pk"),
        _minutes_row,
        article="21",
    )
    yield Asked(
        _("To distribute, report and archive"),
        _("Signed minutes are here until they are distributed, reported to head office and archived."),
        _meetings(who).filter(mine, state=_M.SIGNED).order_by("signed_at", "pk"),
        _afterwards_row,
        article="21",
    )
    yield Asked(
        _("Filed, waiting for a meeting"),
        _("Filed plans are here until the chair puts them on an agenda."),
        _proposals(who, _S.FILED).filter(mine),
        lambda proposal: _proposal_row(proposal, tone="information"),
        more=_list("proposals", state=_S.FILED),
        article="17",
    )


def _screening_row(proposal: Proposal) -> Row:
    note = gettext("Resubmission: a ruling on its change in substance is needed (Art. 23)")
    return _proposal_row(proposal, note if proposal.resubmission else "", tone="waiting")


def _complete_votes(who: Viewer) -> QuerySet[Vote]:
    return (
        Vote.objects.filter(
            state=Vote.State.OPEN,
            meeting__committee__liaison=who.person,
            meeting__in=Meeting.objects.visible_to(who.person),
        )
        .annotate(
            cast=_sum(Ballot.objects.all(), "vote", Count("pk")),
            due=_sum(VoteSeat.objects.all(), "vote", Count("pk")),
        )
        .filter(cast=F("due"))
        .order_by("opened_at", "pk")
    )


def _lacks_notice() -> Q:
    current = Notice.objects.filter(meeting=OuterRef("pk"), superseded_at=None)
    reached = Delivery.objects.standing().filter(
        notice__meeting=OuterRef(OuterRef("pk")), notice__superseded_at=None, seat=OuterRef("pk")
    )
    without = Seat.objects.filter(
        ~Exists(reached), committee=OuterRef("committee"), holder__isnull=False,
        number__lte=OuterRef("regulation__seat_count"),
    )  # fmt: skip
    return ~Q(Exists(current)) | Q(Exists(without))


def _on_their_way(who: Viewer) -> QuerySet[Delivery]:
    return (
        Delivery.objects.on_their_way()
        .filter(
            notice__meeting__in=Meeting.objects.visible_to(who.person),
            notice__meeting__committee__liaison=who.person,
            notice__meeting__state=_M.CONVENED,
        )
        .order_by("notice__meeting__at", "seat__number")
    )


def _delivery_row(delivery: Delivery) -> Row:
    meeting = delivery.notice.meeting
    row = _meeting_row(
        meeting,
        gettext("Seat %(seat)s, %(holder)s: record the delivery")
        % {"seat": delivery.seat.number, "holder": delivery.recipient},
        "waiting",
        gettext("sent %(day)s") % {"day": written_at(meeting, delivery.notice.sent_at)},
        _on(meeting),
    )
    address = reverse("meeting-act", args=[meeting.pk, "deliver_notice"])
    return replace(row, url=f"{address}?seat={delivery.seat.number}")


def _notice_row(meeting: Meeting) -> Row:
    latest = last_day(meeting.at, meeting.regulation.notice_days, meeting.committee.tz)
    if meeting.emergency:
        return _meeting_row(
            meeting, gettext("Emergency meeting: the notice period is waived"), "waiting", "", _on(meeting)
        )
    late = overdue.today(meeting.committee) > latest
    return _meeting_row(
        meeting,
        gettext("The notice must go out by %(day)s (Art. 15)") % {"day": latest.isoformat()},
        "stopped" if late else "waiting",
        gettext("too late for the period") if late else "",
        latest,
    )


def _minutes_row(meeting: Meeting) -> Row:
    due = overdue.minutes_due(meeting)
    late = overdue.minutes_overdue(meeting)
    note = (
        gettext("To be drafted (Art. 12, 21)")
        if meeting.state == _M.CLOSED
        else gettext("Drafted, waiting for the chair's signature (Art. 21)")
    )
    when = gettext("overdue since %(day)s") if late else gettext("due on %(day)s")
    return _meeting_row(meeting, note, "stopped" if late else "waiting", when % {"day": due}, due)


def _afterwards_row(meeting: Any) -> Row:
    left = [
        word
        for word, done in (
            (gettext("distribute"), meeting.distributed),
            (gettext("report to head office"), meeting.reported),
        )
        if not done
    ]
    left.append(gettext("archive"))
    note = gettext("Left to do: %(acts)s") % {"acts": gettext(", ").join(left)}
    return _meeting_row(meeting, note, "waiting", "")


# -- Chair and members ------------------------------------------------------------------------------


def _presiding(who: Viewer) -> Q:
    return Q(committee__in=who.chairs) | Q(acting_seat__holder=who.person)


def _chair(who: Viewer) -> Iterator[Asked | Section]:
    yield Asked(
        _("Filed plans waiting for a meeting"),
        _("Plans filed with head office wait here until a meeting is convened (Art. 17)."),
        _proposals(who, _S.FILED).filter(committee__in=who.chairs),
        lambda proposal: _proposal_row(proposal, tone="waiting"),
        more=_list("proposals", state=_S.FILED),
        article="17",
        act=(_("Convene a meeting"), _one("convene", who.chairs, reverse("month"))),
    )


def _member(who: Viewer) -> Iterator[Asked | Section]:
    yield from _ballots(who)
    yield Asked(
        _("Notices to acknowledge"),
        _("An electronic notice is here until you acknowledge it."),
        _unacknowledged(who),
        lambda delivery: _meeting_row(
            delivery.notice.meeting,
            gettext("Delivered on %(when)s")
            % {"when": written_at(delivery.notice.meeting, delivery.delivered_at)},
            "waiting",
            gettext("meeting on %(day)s") % {"day": _on(delivery.notice.meeting)},
            _on(delivery.notice.meeting),
        ),
        article="16",
    )
    yield Asked(
        _("Papers to read"),
        _("The papers of an item on an agenda are here until you mark them as read (Art. 10)."),
        _unread(who),
        lambda row: Row(
            reverse("paper", args=[row.item.meeting_id, row.item_id]),
            row.item.meeting.written_number,
            row.item.title,
            written_at(row.item.meeting),
            "waiting",
            due=_on(row.item.meeting),
        ),
        more=reverse("my-meetings"),
        article="10",
    )
    presiding = _presiding(who)
    yield from _chairing(who, presiding)
    yield Asked(
        _("Meetings to come"),
        _("A meeting is here from the day on which it is convened."),
        _meetings(who).filter(
            state__in=Meeting.RUNNING, committee__in=[seat.committee_id for seat in who.seats]
        ),
        lambda meeting: _meeting_row(meeting, str(meeting.committee), "information"),
    )


def _chairing(who: Viewer, presiding: Q) -> Iterator[Asked | Section]:
    """What the presiding officer of some meeting has to do; nothing for members who preside at none."""
    always = bool(who.chairs)
    yield Asked(
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
        _request_row,
        article="20",
        always=always,
    )
    yield Asked(
        _("Meetings to open"),
        _("A convened meeting is here until you open it."),
        _meetings(who).filter(presiding, state=_M.CONVENED),
        _opening_row,
        article="20",
        always=always,
    )
    yield Asked(
        _("Minutes to sign"),
        _("Drafted minutes wait here for your signature (Art. 21)."),
        _meetings(who).filter(presiding, state=_M.MINUTED),
        _minutes_row,
        article="21",
        always=always,
    )


def _opening_row(meeting: Any) -> Row:
    note = (
        gettext("The current notice is sent")
        if meeting.noticed
        else gettext("No current notice yet (Art. 16)")
    )
    if meeting.noticed and clock.now() < meeting.at:
        return _meeting_row(meeting, note, "information", "")
    return replace(_meeting_row(meeting, note, "waiting", "", _on(meeting)), now=_begins(meeting))


def _begins(meeting: Meeting) -> bool:
    """Whether the meeting is of today, or its day has passed without it."""
    return _on(meeting) <= overdue.today(meeting.committee)


def _request_row(row: AbstentionRequest) -> Row:
    return Row(
        reverse("meeting", args=[row.item.meeting_id]),
        row.item.meeting.written_number,
        row.item.title,
        f"{row.seat.number} · {row.person.display_name}",
        "waiting",
        written_at(row.item.meeting, row.requested_at),
        now=True,
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


def _ballots(who: Viewer) -> Iterator[Asked | Section]:
    """The open votes in which a seat of the person has not voted yet: its own, or one held by proxy."""
    yield Asked(
        _("Ballots to cast"),
        _("An open vote is here until your ballot is cast."),
        to_cast(who.person),
        lambda row: Row(
            reverse("meeting", args=[row.vote.meeting_id]),
            row.vote.proposal.written_number,
            row.vote.proposal.title,
            gettext("For seat %(number)d, %(post)s") % {"number": row.number, "post": row.post},
            "waiting",
            str(row.vote.get_question_display()),
            now=True,
        ),
        article="20",
    )


def _proxy(who: Viewer) -> Iterator[Asked | Section]:
    if "member" not in who.roles:
        yield from _ballots(who)
    yield Asked(
        _("Meetings that you attend by authorisation"),
        _("A meeting is here while an authorisation that you hold is running."),
        Proxy.objects.running()
        .filter(holder=who.person, meeting__in=Meeting.objects.visible_to(who.person))
        .filter(meeting__state__in=Meeting.RUNNING)
        .order_by("meeting__at", "seat__number", "pk"),
        lambda proxy: _meeting_row(
            proxy.meeting,
            gettext("For %(principal)s, seat %(number)d")
            % {"principal": proxy.principal.display_name, "number": proxy.seat.number},
            "information",
        ),
        article="11",
    )


# -- The handling institution -----------------------------------------------------------------------


def _own(who: Viewer) -> Q:
    return Q(unit__in=who.units(Role.HANDLER, Role.HEAD))


#: what a handler has in hand: state, title, what would be there
_UNSENT: tuple[tuple[str, str | Promise, str | Promise], ...] = (
    (
        _S.RETURNED,
        _("Returned for completion"),
        _("Plans that the liaison returns wait here to be completed."),
    ),
    (_S.DRAFT, _("Drafts"), _("Plans not yet submitted are here.")),
    (
        _S.REJECTED,
        _("Not carried"),
        _("Plans that the committee did not carry are here to be revised (Art. 23)."),
    ),
)


def _revised() -> Q:
    """A plan that was not carried and has a new one, which waits in its place."""
    ended = (_S.WITHDRAWN, _S.SCREENED_OUT, _S.REJECTED)
    newer = Proposal.objects.filter(revises=OuterRef("pk")).exclude(state__in=ended)
    return Q(Exists(newer), state=_S.REJECTED)


def _handler(who: Viewer) -> Iterator[Asked | Section]:
    own = Q(unit__in=who.units(Role.HANDLER))
    for state, title, empty in _UNSENT:
        yield Asked(
            title,
            empty,
            _proposals(who, state).filter(own).exclude(_revised()),
            lambda proposal: _proposal_row(
                proposal, proposal.state_reason, labels.TONES.get(proposal.state, "plain")
            ),
            more=_list("proposals", state=state),
            article="13",
        )
    yield from _institution(who)


def _head(who: Viewer) -> Iterator[Asked | Section]:
    yield Asked(
        _("Items that you attend as observer"),
        _("An item is here while you are admitted to answer questions on it (Art. 19)."),
        Tabling.objects.filter(
            item__observer__person=who.person,
            item__observer__withdrew_at=None,
            item__meeting__state=_M.IN_SESSION,
        ).order_by("item__observer__admitted_at", "pk"),
        lambda row: Row(
            reverse("observed", args=[row.item_id]),
            row.item.meeting.written_number,
            row.item.title,
            row.item.meeting.place,
            "information",
            written_at(row.item.meeting, row.item.observer.admitted_at),
        ),
        article="19",
    )
    if Role.HANDLER not in who.roles:
        yield from _institution(who)


_ON_THE_WAY = (_S.SUBMITTED, _S.SHORTLISTED, _S.FILED, _S.TABLED, _S.VOTING, _S.CARRIED)
_IN_EXECUTION = (_S.CREDIT_APPROVED, _S.EXECUTING)


def _institution(who: Viewer) -> Iterator[Asked | Section]:
    yield Asked(
        _("On the way"),
        _("Submitted plans are here until the committee and the credit department have decided."),
        _proposals(who, *_ON_THE_WAY).filter(_own(who)),
        _on_the_way_row,
        more=_list("proposals", state=_ON_THE_WAY),
    )  # fmt: skip
    yield from _execution(who)


def _on_the_way_row(proposal: Proposal) -> Row:
    """Where it is; what waits there waits for somebody else."""
    tone = labels.TONES.get(proposal.state, "plain")
    return _proposal_row(
        proposal, str(_S(proposal.state).label), "information" if tone == "waiting" else tone
    )


def _execution(who: Viewer) -> Iterator[Asked | Section]:
    yield Asked(
        _("In execution"),
        _("Plans with credit approval are here until their schedule is repaid."),
        _proposals(who, *_IN_EXECUTION).filter(_own(who)),
        _execution_row,
        more=_list("proposals", state=_IN_EXECUTION),
    )


def _execution_row(proposal: Any) -> Row:
    received = proposal.received or Decimal(0)
    rows = list(overdue.instalments(proposal.version.document if proposal.version else {}, received))
    owed = sum((row.due for row in rows), Decimal(0))
    open_ones = [row for row in rows if row.open > 0]
    following = open_ones[0].due_on if open_ones else ""
    today = overdue.today(proposal.committee)
    late = any(row.late(today) for row in open_ones)
    note = gettext("Received %(received)s of %(owed)s yuan") % {
        "received": labels.money(received),
        "owed": labels.money(owed),
    }
    when = gettext("due since %(day)s") if late else gettext("next due on %(day)s")
    return _proposal_row(
        proposal,
        note,
        "stopped" if late else "information",
        when % {"day": following} if following else "",
        date.fromisoformat(following) if following else None,
    )


# -- Departments ------------------------------------------------------------------------------------


def _credit(who: Viewer) -> Iterator[Asked | Section]:
    yield Asked(
        _("Carried plans to decide on"),
        _("A carried plan is here once its minutes are signed (Art. 22)."),
        _proposals(who, _S.CARRIED).filter(
            committee__branch__in=who.units(Role.CREDIT), item__meeting__state__in=Meeting.EFFECTIVE
        ),
        lambda proposal: _proposal_row(proposal, tone="waiting"),
        more=reverse("credit"),
        article="22",
    )


def _head_office(who: Viewer) -> Iterator[Asked | Section]:
    banks = who.units(Role.HEAD_OFFICE)
    yield Asked(
        _("Requests of the chair"),
        _("Requests to abstain of the chair and of an acting chair are yours to decide (Art. 20)."),
        AbstentionRequest.objects.filter(
            Q(seat__number=Seat.CHAIR) | Q(seat=F("item__meeting__acting_seat")),
            state=AbstentionRequest.State.PENDING,
            item__meeting__state=_M.IN_SESSION,
            item__meeting__committee__branch__bank__in=banks,
        ).order_by("requested_at", "pk"),
        _request_row,
        article="20",
    )
    yield Asked(
        _("Reports to receive"),
        _("A report on a meeting is here until you confirm that it was received."),
        Report.objects.filter(received_at=None, meeting__committee__branch__bank__in=banks).order_by(
            "sent_at", "pk"
        ),
        lambda report: Row(
            reverse("meeting", args=[report.meeting_id]),
            str(report),
            f"{report.meeting.committee} · {report.meeting.written_number}",
            gettext("Sent on %(when)s") % {"when": written_at(report.meeting, report.sent_at)},
            "waiting",
            since=report.sent_at,
        ),
        more=reverse("reports"),
        article="12",
    )
    yield Asked(
        _("Dockets lately filed"),
        _("Dockets that committees file are here for thirty days."),
        Docket.objects.filter(committee__branch__bank__in=banks, filed_at__gte=clock.now() - LATELY).order_by(
            "-filed_at", "-pk"
        ),
        _docket_row,
        more=reverse("dockets"),
    )


def _docket_row(docket: Any) -> Row:
    with_plans = ngettext("%(count)d plan", "%(count)d plans", docket.plans) % {"count": docket.plans}
    return Row(
        reverse("docket", args=[docket.pk]),
        str(docket),
        str(docket.committee),
        with_plans,
        "information",
        docket.filed_at.astimezone(docket.committee.tz).date().isoformat(),
    )


def _risk(who: Viewer) -> Iterator[Asked | Section]:
    branches = who.units(Role.RISK)
    vacant = seats.vacant(branches)
    yield Section(
        _("Vacant seats"),
        _("A seat without a holder is here until it is filled: no meeting opens without it (Art. 20)."),
        [
            Row(
                f"{reverse('regulation')}#committee-{committee.pk}",
                gettext("Seat %(number)d") % {"number": number},
                seat.post if seat else "",
                str(committee),
                "stopped",
                gettext("vacant"),
            )
            for committee, number, seat in vacant[:SHOWN]
        ],
        len(vacant),
        article="20",
    )
    yield Asked(
        _("Versions of the regulation"),
        _("Each committee's versions of the regulation are here (Art. 24)."),
        RegulationVersion.objects.filter(committee__branch__in=branches).order_by(
            "-effective_from", "-number", "pk"
        ),
        lambda version: Row(
            f"{reverse('regulation')}#committee-{version.committee_id}",
            gettext("Version %(number)d") % {"number": version.number},
            str(version.committee),
            gettext("%(pass)d of %(seats)d votes to pass, %(days)d days of notice")
            % {"pass": version.votes_to_pass, "seats": version.seat_count, "days": version.notice_days},
            "information",
            gettext("from %(day)s") % {"day": version.effective_from},
        ),
    )


def _auditor(who: Viewer) -> Iterator[Asked | Section]:
    found = streams.latest(who.units(Role.AUDITOR), SHOWN)
    named = streams.names(entry.stream for entry in found)
    yield Section(
        _("Streams lately changed"),
        _("Every action of the bank leaves an entry in a stream of the audit log."),
        [
            Row(
                reverse("stream", args=[entry.stream]),
                labels.thing(entry.stream),
                named.get(entry.stream, ""),
                str(labels.ACTIONS.get(entry.action, entry.action)),
                "information",
                ngettext("%(count)d entry", "%(count)d entries", entry.seq) % {"count": entry.seq},
            )
            for entry in found
        ],
        len(found),
        reverse("streams"),
    )


_BUILDERS: tuple[tuple[str, Callable[[Viewer], Iterable[Asked | Section]]], ...] = (
    ("liaison", _liaison),
    ("member", _member),
    ("chair", _chair),
    ("proxy", _proxy),
    (Role.HANDLER, _handler),
    (Role.HEAD, _head),
    (Role.CREDIT, _credit),
    (Role.HEAD_OFFICE, _head_office),
    (Role.RISK, _risk),
    (Role.AUDITOR, _auditor),
)
