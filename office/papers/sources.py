"""Which papers there are of a meeting: each from rows that do not change any more, with how it is worded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models import Q

from committee.models import AgendaItem, Delivery, Meeting, Proxy, Seat, Unit
from documents.content import Content
from office.models import ArchiveFile, Copy, Minutes, MinutesFile, Paper, Report
from office.papers import afterwards, meetings, minutes, plans, votes
from office.papers.log_state import last_seal
from office.papers.pictures import pictures_of
from office.papers.wording import Language, Sheet, voice_of
from proposals.models import CreditDecision, DocketEntry, PlanVersion, Proposal, Tabling
from voting.models import Vote

_K = Paper.Kind
#: states after which the ballots of a meeting, its attendance and its proxies stay as they are
_OVER = (Meeting.State.CLOSED, Meeting.State.MINUTED, Meeting.State.SIGNED, Meeting.State.ARCHIVED)


@dataclass(frozen=True, kw_only=True)
class Source:
    """A paper to be drawn up: what it is of, and how it is worded once it has its number."""

    kind: Paper.Kind
    #: names the rows that it states; drawn up once
    key: str
    at: datetime
    word: Callable[[Sheet], Content]
    proposal: Proposal | None = None
    seat: Seat | None = None
    #: of a kind that has its number already: year and number
    numbered: tuple[int, int] | None = None
    #: whether it belongs to the meeting alone; dockets and plans belong to the committee
    of_meeting: bool = True
    #: the file with electronic signatures, which is the Chinese paper where there is one
    signed: MinutesFile | None = None

    def worded(self, meeting: Meeting, number: str, language: Language) -> Content:
        """The paper in the language, with this number."""
        return self.word(
            Sheet(
                kind=self.kind,
                say=voice_of(meeting.committee, language),
                committee=meeting.committee,
                number=number,
                at=self.at,
            )
        )


def sources(meeting: Meeting) -> list[Source]:
    """Every paper of the meeting that can be drawn up now, in the order of the file.

    Ballot papers, tally and resolution only of votes that are closed, so that no choice is told before.
    """
    return [
        *_dockets(meeting),
        *_plans(meeting),
        *_notices(meeting),
        *_session(meeting),
        *_votes(meeting),
        *_minutes(meeting),
        *_credit(meeting),
        *_archive(meeting),
    ]


def _tabled(meeting: Meeting) -> list[Tabling]:
    return list(
        Tabling.objects.filter(item__meeting=meeting)
        .exclude(item__left_why=AgendaItem.Left.DROPPED)
        .select_related("item__unit", "proposal__committee", "proposal__unit")
        .order_by("item__number", "pk")
    )


def _head_office(meeting: Meeting) -> Unit:
    return meeting.committee.branch.bank or meeting.committee.branch


def _dockets(meeting: Meeting) -> Iterator[Source]:
    proposals = [row.proposal_id for row in _tabled(meeting)]
    dockets = {
        entry.docket_id: entry.docket
        for entry in DocketEntry.objects.filter(proposal__in=proposals)
        .select_related("docket__committee")
        .order_by("docket")
    }
    listed = defaultdict(list)
    for entry in (
        DocketEntry.objects.filter(docket__in=dockets)
        .select_related("proposal__unit", "proposal__committee", "version")
        .order_by("pk")
    ):
        listed[entry.docket_id].append(entry)
    for docket in dockets.values():
        entries = listed[docket.pk]
        yield Source(
            kind=_K.DOCKET,
            key=f"docket:{docket.pk}",
            at=docket.filed_at,
            word=partial(plans.docket, entries=entries),
            of_meeting=False,
        )
        yield Source(
            kind=_K.FILING,
            key=f"filing:{docket.pk}",
            at=docket.filed_at,
            numbered=(docket.year, docket.number),
            word=partial(plans.filing, found=docket, entries=entries, head_office=_head_office(meeting)),
            of_meeting=False,
        )


def _plans(meeting: Meeting) -> Iterator[Source]:
    tabled = list(_tabled(meeting))
    found = PlanVersion.objects.filter(
        proposal__in=[row.proposal_id for row in tabled], digest__in=[row.item.digest for row in tabled]
    )
    latest = {(version.proposal_id, version.digest): version for version in found.order_by("number")}
    for row in tabled:
        version = latest[row.proposal_id, row.item.digest]
        version.proposal = row.proposal
        yield Source(
            kind=_K.PLAN,
            key=f"version:{version.pk}",
            at=version.made_at,
            proposal=row.proposal,
            word=partial(plans.plan, version=version, pictures=pictures_of(version)),
            of_meeting=False,
        )


def _notices(meeting: Meeting) -> Iterator[Source]:
    rows = (
        Delivery.objects.filter(notice__meeting=meeting)
        .select_related("notice", "seat", "recipient")
        .order_by("notice__number", "seat__number", "pk")
    )
    for row in rows:
        row.notice.meeting = meeting
        yield Source(
            kind=_K.NOTICE,
            key=f"delivery:{row.pk}",
            at=row.notice.sent_at,
            seat=row.seat,
            word=partial(meetings.notice, delivery=row),
        )


def _session(meeting: Meeting) -> Iterator[Source]:
    """Proxies and attendance, once the session is over: until then a proxy may end and people come and go."""
    if meeting.state not in _OVER or meeting.closed_at is None:
        return
    proxies = (
        Proxy.objects.filter(meeting=meeting)
        .select_related("seat", "principal", "holder__unit")
        .order_by("seat__number", "authorised_at")
    )
    for proxy in proxies:
        proxy.meeting = meeting
        yield Source(
            kind=_K.PROXY,
            key=f"proxy:{proxy.pk}",
            at=proxy.authorised_at,
            seat=proxy.seat,
            word=partial(meetings.proxy, given=proxy),
        )
    yield Source(
        kind=_K.ATTENDANCE,
        key=f"attendance:{meeting.pk}",
        at=meeting.closed_at,
        word=lambda sheet: meetings.attendance(sheet, meeting),
    )


def _votes(meeting: Meeting) -> Iterator[Source]:
    closed = (
        Vote.objects.filter(meeting=meeting, state=Vote.State.CLOSED)
        .select_related(
            "item__unit", "proposal__committee", "version", "resolution", "opened_by", "closed_by"
        )
        .order_by("item__number", "opened_at", "pk")
    )
    seats = {seat.number: seat for seat in Seat.objects.filter(committee=meeting.committee_id)}
    for vote in closed:
        vote.meeting = meeting
        resolution = vote.resolution
        if resolution is None:
            continue
        for ballot in resolution.ballots:
            yield Source(
                kind=_K.BALLOT,
                key=f"vote:{vote.pk}:seat:{ballot['seat']}",
                at=resolution.closed_at,
                proposal=vote.proposal,
                seat=seats.get(ballot["seat"]),
                word=partial(votes.ballot_paper, vote=vote, ballot=ballot),
            )
        yield Source(
            kind=_K.TALLY,
            key=f"tally:{vote.pk}",
            at=resolution.closed_at,
            proposal=vote.proposal,
            word=partial(votes.tally_sheet, vote=vote, resolution=resolution),
        )
        yield Source(
            kind=_K.RESOLUTION,
            key=f"resolution:{resolution.pk}",
            at=resolution.closed_at,
            proposal=vote.proposal,
            word=partial(votes.resolution_paper, vote=vote, resolution=resolution),
        )


def _minutes(meeting: Meeting) -> Iterator[Source]:
    """Minutes in effect and what supplements them, their distribution and the report."""
    found = (
        Minutes.objects.originals()
        .filter(meeting=meeting, state=Minutes.State.SIGNED)
        .select_related("signed_by")
        .first()
    )
    if found is None:
        return
    found.meeting = meeting
    supplements = found.supplementary.filter(state=Minutes.State.SIGNED).select_related("signed_by")
    copies = list(
        Copy.objects.filter(minutes=found).select_related("unit", "sent_by").order_by("-full", "pk")
    )
    yield from _signed_minutes(meeting, [found, *supplements.order_by("pk")])
    if copies:
        yield Source(
            kind=_K.DISTRIBUTION,
            key=f"copies:{found.pk}",
            at=copies[0].sent_at,
            word=lambda sheet: afterwards.distribution(sheet, found, copies),
        )
    report = Report.objects.filter(meeting=meeting).first()
    if report is not None:
        seal = last_seal()
        yield Source(
            kind=_K.REPORT,
            key=f"report:{report.pk}",
            at=report.sent_at,
            numbered=(report.year, report.number),
            word=lambda sheet: afterwards.report(sheet, report, _head_office(meeting), seal),
        )


def _signed_minutes(meeting: Meeting, rows: list[Minutes]) -> Iterator[Source]:
    """The minutes and their supplements, each with its signed file where it has one.

    The state of the log is taken once for both languages of a paper.
    """
    files = MinutesFile.objects.filter(minutes__in=rows, effective_at__isnull=False)
    file_of = {file.minutes_id: file for file in files}
    seal, units = last_seal(), receivers(meeting)
    for row in rows:
        assert row.signed_at is not None  # by the constraint
        row.meeting = meeting
        signed = file_of.get(row.pk)
        if signed is not None:
            signed.minutes = row
        # an institution's own copy names nobody, and a supplement may: none goes there
        copies_to = units if row.supplements_id is None else _departments(meeting)
        yield Source(
            kind=_K.MINUTES,
            key=f"minutes:{row.pk}",
            at=row.signed_at,
            numbered=(row.year, row.number),
            signed=signed,
            word=partial(
                minutes.supplement if row.supplements_id else minutes.minutes,
                found=row,
                copies_to=copies_to,
                seal=seal,
            ),
        )


def receivers(meeting: Meeting) -> list[str]:
    """Whom the minutes are distributed to (Art. 21): the departments, and the handling institutions."""
    own = {row.item.unit.name for row in _tabled(meeting)}
    return [*_departments(meeting), *sorted(own)]


def _departments(meeting: Meeting) -> list[str]:
    departments = Unit.objects.filter(parent=meeting.committee.branch_id, kind=Unit.Kind.DEPARTMENT)
    return list(departments.order_by("pk").values_list("name", flat=True))


def _credit(meeting: Meeting) -> Iterator[Source]:
    rows = (
        CreditDecision.objects.filter(resolution__item__meeting=meeting)
        .select_related(
            "proposal__committee", "proposal__unit", "proposal__version", "resolution__item", "by__unit"
        )
        .order_by("pk")
    )
    for row in rows:
        row.resolution.item.meeting = meeting
        yield Source(
            kind=_K.CREDIT,
            key=f"credit:{row.pk}",
            at=row.at,
            proposal=row.proposal,
            word=partial(afterwards.credit, decision=row),
        )


def _archive(meeting: Meeting) -> Iterator[Source]:
    """The index, last: it lists the papers that are drawn up when it is worded."""
    file = ArchiveFile.objects.filter(meeting=meeting).select_related("archived_by").first()
    if file is None:
        return
    yield Source(
        kind=_K.INDEX,
        key=f"archive:{file.pk}",
        at=file.archived_at,
        word=lambda sheet: afterwards.index(sheet, meeting, file, papers(meeting, sheet.say.language)),
    )


def papers(meeting: Meeting, language: str) -> list[Paper]:
    """The papers of the meeting that are drawn up in the language, in the order of the file.

    What has electronic signatures is there in every language: it is the original, before its translation.
    """
    keys = {source.key: place for place, source in enumerate(sources(meeting))}
    found = (
        Paper.objects.filter(committee=meeting.committee_id, source__in=keys)
        .filter(Q(language=language) | Paper.SIGNED)
        .select_related("committee", "drawn_up_by", "seat", "proposal")
    )
    return sorted(found, key=lambda paper: (keys[paper.source], not paper.signed))
