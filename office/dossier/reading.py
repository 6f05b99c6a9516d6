"""Reading a case: one statement finds the plan, and one everything else, however much there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat

from audit.models import Entry, Leaf, Payload
from committee.models import (
    Attendance,
    Conflict,
    Delivery,
    LiaisonTerm,
    Notice,
    NoticeItem,
    Observer,
    Opinion,
    Proxy,
    Reading,
    RegulationVersion,
    Resolution,
    SeatTerm,
)
from committee.prepared import Prepared, read_together
from office.dossier.case import PEOPLE, ROSTER, Case, LogEntry, Unreadable
from office.models import ArchiveFile, Copy, Minutes, Paper, Report
from proposals.models import (
    CreditDecision,
    DocketEntry,
    PlanContract,
    PlanVersion,
    Proposal,
    Receipt,
    Tabling,
)
from voting.models import AbstentionRequest, Ballot, Vote, VoteSeat


def _of_log(meeting: str, proposal: str) -> QuerySet[Any]:
    """The entries of both streams with salt, body and leaf."""
    return _with_payload(Entry.objects.filter(Q(stream=meeting) | Q(stream=proposal)))


def _with_payload(entries: QuerySet[Entry]) -> QuerySet[Any]:
    """Salt, body and leaf beside each entry; joined by the server, row by row."""
    payload = Payload.objects.filter(commitment=OuterRef("commitment"))
    leaf = Leaf.objects.filter(stream=OuterRef("stream"), seq=OuterRef("seq"))
    return entries.annotate(
        payload_salt=Subquery(payload.values("salt")),
        payload_body=Subquery(payload.values("body")),
        leaf=Subquery(leaf.values("index")),
    ).order_by("stream", "seq")


def _of_roster(committee: str, bank: str) -> QuerySet[Any]:
    """The entries on seats, liaison and regulation in these streams, which have many others."""
    return _with_payload(Entry.objects.filter(Q(stream=committee) | Q(stream=bank), action__in=ROSTER))


def _of_people(bank: str, meeting: int, proposal: str) -> QuerySet[Any]:
    """The entries of the bank on the units and positions of those who held proxies or submitted the plan."""
    named = Concat(Value("person:"), Cast(F("holder"), TextField()), output_field=TextField())
    holders = Proxy.objects.filter(meeting=meeting).order_by().values(about=named)
    handler = Concat(Value("person:"), F("actor"), output_field=TextField())
    submitted = Entry.objects.filter(stream=proposal, action="submit").order_by().values(about=handler)
    about = Q(action="employ") | Q(subject__in=holders) | Q(subject__in=submitted)
    return _with_payload(Entry.objects.filter(about, stream=bank, action__in=PEOPLE))


def _contracts_of(proposal: int, digest: str) -> QuerySet[Any, Any]:
    """The contracts of the version resolved on; an earlier version may have had others."""
    versions = PlanContract.objects.filter(version__proposal=proposal, version__digest=digest)
    return versions.values("contract_no")


def _sharing(bank: int, proposal: int, digest: str) -> QuerySet[Proposal]:
    return Proposal.objects.filter(
        committee__branch__bank=bank,
        submitted_version__contracts__contract_no__in=_contracts_of(proposal, digest),
    )


#: each part of a case by its name, with the statement that reads it and the ids that it asks for
_PARTS: Mapping[str, tuple[Prepared[Any], tuple[str, ...]]] = {
    "votes": (
        Prepared(
            lambda meeting: (
                Vote.objects.filter(meeting=meeting)
                .select_related("opened_by", "closed_by", "regulation")
                .order_by("opened_at", "pk")
            ),
            int,
        ),
        ("meeting",),
    ),
    "ballots": (
        Prepared(
            lambda resolution: (
                Ballot.objects.filter(vote__resolution=resolution)
                .select_related("seat", "person", "proxy")
                .order_by("seat__number")
            ),
            int,
        ),
        ("resolution",),
    ),
    "vote_seats": (
        Prepared(
            lambda resolution: (
                VoteSeat.objects.filter(vote__resolution=resolution)
                .select_related("holder")
                .order_by("number")
            ),
            int,
        ),
        ("resolution",),
    ),
    "plan_votes": (
        Prepared(
            lambda proposal: (
                Vote.objects.filter(proposal=proposal)
                .select_related("resolution")
                .order_by("opened_at", "pk")
            ),
            int,
        ),
        ("proposal",),
    ),
    "attendances": (
        Prepared(
            lambda meeting: Attendance.objects.filter(meeting=meeting).select_related("person", "seat"), int
        ),
        ("meeting",),
    ),
    "proxies": (
        Prepared(
            lambda meeting: Proxy.objects.filter(meeting=meeting).select_related(
                "seat", "principal", "holder"
            ),
            int,
        ),
        ("meeting",),
    ),
    "covered": (
        Prepared(
            lambda item: Proxy.items.through.objects.filter(agendaitem=item).values_list(
                "proxy_id", flat=True
            ),
            int,
        ),
        ("item",),
    ),
    "notices": (Prepared(lambda meeting: Notice.objects.filter(meeting=meeting), int), ("meeting",)),
    "notice_items": (
        Prepared(
            lambda meeting: (
                NoticeItem.objects.filter(notice__meeting=meeting).select_related("item").order_by("pk")
            ),
            int,
        ),
        ("meeting",),
    ),
    "deliveries": (
        Prepared(
            lambda meeting: (
                Delivery.objects.filter(notice__meeting=meeting).select_related("seat").order_by("pk")
            ),
            int,
        ),
        ("meeting",),
    ),
    "opinions": (
        Prepared(lambda item: Opinion.objects.filter(item=item).select_related("seat", "person"), int),
        ("item",),
    ),
    "conflicts": (
        Prepared(lambda item: Conflict.objects.filter(item=item).select_related("seat"), int),
        ("item",),
    ),
    "requests": (
        Prepared(lambda item: AbstentionRequest.objects.filter(item=item).select_related("seat"), int),
        ("item",),
    ),
    "readings": (Prepared(lambda item: Reading.objects.filter(item=item), int), ("item",)),
    "observers": (
        Prepared(lambda item: Observer.objects.filter(item=item).select_related("person"), int),
        ("item",),
    ),
    "regulations": (
        Prepared(
            lambda committee: RegulationVersion.objects.filter(committee=committee).order_by("number"), int
        ),
        ("committee",),
    ),
    "terms": (
        Prepared(
            lambda committee: (
                SeatTerm.objects.filter(seat__committee=committee).select_related("seat").order_by("since")
            ),
            int,
        ),
        ("committee",),
    ),
    "liaison_terms": (
        Prepared(lambda committee: LiaisonTerm.objects.filter(committee=committee), int),
        ("committee",),
    ),
    "versions": (
        Prepared(
            lambda proposal: PlanVersion.objects.filter(proposal=proposal).select_related("made_by"), int
        ),
        ("proposal",),
    ),
    "filed": (
        Prepared(
            lambda proposal: DocketEntry.objects.filter(proposal=proposal).select_related("docket__filed_by"),
            int,
        ),
        ("proposal",),
    ),
    "rejected": (
        Prepared(
            lambda bank, proposal, digest: (
                PlanVersion.objects.filter(
                    pk=F("proposal__version"),
                    proposal__state=Proposal.State.REJECTED,
                    proposal__committee__branch__bank=bank,
                    contracts__contract_no__in=_contracts_of(proposal, digest),
                )
                .select_related("proposal__committee")
                .order_by("pk")
                .distinct("pk")
            ),
            int,
            int,
            str,
        ),
        ("bank", "proposal", "digest"),
    ),
    "sharing": (
        Prepared(
            lambda bank, proposal, digest: (
                _sharing(bank, proposal, digest).select_related("committee").order_by("pk").distinct("pk")
            ),
            int,
            int,
            str,
        ),
        ("bank", "proposal", "digest"),
    ),
    "shared_meetings": (
        Prepared(
            lambda bank, proposal, digest: (
                Tabling.objects.filter(proposal__in=_sharing(bank, proposal, digest).values("pk"))
                .order_by("item__meeting")
                .values_list("item__meeting", flat=True)
            ),
            int,
            int,
            str,
        ),
        ("bank", "proposal", "digest"),
    ),
    "filed_beside": (
        Prepared(
            lambda proposal: (
                DocketEntry.objects.filter(
                    docket__in=DocketEntry.objects.filter(proposal=proposal).values("docket")
                )
                .order_by("proposal")
                .values_list("proposal", flat=True)
            ),
            int,
        ),
        ("proposal",),
    ),
    "credit": (
        Prepared(lambda proposal: CreditDecision.objects.filter(proposal=proposal).select_related("by"), int),
        ("proposal",),
    ),
    "receipts": (Prepared(lambda proposal: Receipt.objects.filter(proposal=proposal), int), ("proposal",)),
    "minutes": (
        Prepared(
            lambda meeting: (
                Minutes.objects.filter(meeting=meeting)
                .select_related("signed_by", "drafted_by")
                .order_by("pk")
            ),
            int,
        ),
        ("meeting",),
    ),
    "copies": (
        Prepared(lambda meeting: Copy.objects.filter(minutes__meeting=meeting).select_related("unit"), int),
        ("meeting",),
    ),
    "reports": (Prepared(lambda meeting: Report.objects.filter(meeting=meeting), int), ("meeting",)),
    "archives": (Prepared(lambda meeting: ArchiveFile.objects.filter(meeting=meeting), int), ("meeting",)),
    "papers": (
        Prepared(
            lambda meeting, proposal: (
                Paper.objects.filter(Q(meeting=meeting) | Q(proposal=proposal))
                .defer("data")
                .select_related("committee")
                .order_by("drawn_up_at", "pk")
            ),
            int,
            int,
        ),
        ("meeting", "proposal"),
    ),
    "log": (Prepared(_of_log, str, str), ("meeting_stream", "proposal_stream")),
    "roster_log": (Prepared(_of_roster, str, str), ("committee_stream", "bank_stream")),
    "people_log": (Prepared(_of_people, str, int, str), ("bank_stream", "meeting", "proposal_stream")),
}


def read(resolution: Resolution) -> Case:
    """The case of a resolution that was read by `with_meeting`: two statements.

    Unreadable when no plan stands under its item.
    """
    tabling = (
        Tabling.objects.filter(item=resolution.item_id)
        .select_related("proposal__committee", "proposal__unit")
        .first()
    )
    if tabling is None:
        raise Unreadable(f"no plan stands under item {resolution.item_id} of resolution {resolution.pk}")
    meeting, proposal = resolution.item.meeting, tabling.proposal
    ids: dict[str, int | str] = {
        "resolution": resolution.pk,
        "item": resolution.item_id,
        "meeting": meeting.pk,
        "proposal": proposal.pk,
        "committee": meeting.committee_id,
        "bank": meeting.committee.bank_id,
        "meeting_stream": meeting.stream,
        "proposal_stream": proposal.stream,
        "committee_stream": meeting.committee.stream,
        "bank_stream": f"office:{meeting.committee.bank_id}",
        "digest": resolution.digest,
    }
    found = read_together(
        *((statement, [ids[name] for name in asked]) for statement, asked in _PARTS.values())
    )
    parts: dict[str, Any] = dict(zip(_PARTS, found, strict=True))
    for log in ("log", "roster_log", "people_log"):
        parts[log] = [logged(row) for row in parts[log]]
    for ids_of in ("covered", "shared_meetings", "filed_beside"):
        parts[ids_of] = set(parts[ids_of])
    return Case(resolution=resolution, proposal=proposal, **parts)


def logged(row: Any) -> LogEntry:
    """An entry that was read with `payload_salt`, `payload_body` and `leaf`."""
    salt, body = row.payload_salt, row.payload_body
    return LogEntry(
        row, None if salt is None else bytes(salt), None if body is None else bytes(body), row.leaf
    )


def with_meeting(rows: QuerySet[Resolution]) -> QuerySet[Resolution]:
    """The resolutions with what names them: item, meeting, committee, regulation."""
    return rows.select_related(
        "item__unit",
        "item__meeting__committee__branch__bank",
        "item__meeting__regulation",
        "item__meeting__acting_seat",
        "item__meeting__convened_by",
    )
