"""The record of a meeting, the source of minutes, copies, report and archive (Art. 12.3, 21)."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from audit.canonical import payload_bytes
from committee.models import (
    AgendaItem,
    Answer,
    Conflict,
    Meeting,
    Observer,
    Opinion,
    Person,
    Proxy,
    Question,
    Resolution,
    Seat,
)
from proposals import finance
from proposals.models import PlanVersion, Tabling
from proposals.plan.drafts import Plan
from voting.models import AbstentionRequest, CancellationProposal, Vote


def digest(document: Mapping[str, object]) -> str:
    """The SHA-256 of the document's canonical JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(payload_bytes(document)).hexdigest()


def of_meeting(meeting: Meeting) -> dict[str, Any]:
    """The meeting with names: time and place, attendance, proxies, and each item with its votes."""
    return {
        "committee": meeting.committee.name,
        "meeting": meeting.written_number,
        "at": meeting.at.isoformat(),
        "place": meeting.place,
        "emergency": meeting.emergency,
        "emergency_reason": meeting.emergency_reason,
        "opened_at": _moment(meeting.opened_at),
        "closed_at": _moment(meeting.closed_at),
        "regulation": meeting.regulation.numbers.as_json(),
        "presided_by": _presided_by(meeting),
        "recorded_by": _name(meeting.committee.liaison),
        "attendance": _attendance(meeting),
        "proxies": _proxies(meeting),
        "items": _items(meeting),
    }


def for_institution(record: Mapping[str, Any], unit_id: int) -> dict[str, Any]:
    """A handling institution's own items with counts and reasons, without names (Art. 21)."""
    items = []
    for item in record["items"]:
        if item["unit"] != str(unit_id):
            continue
        items.append(
            {
                "number": item["number"],
                "title": item["title"],
                "proposal": item["proposal"],
                "terms": item.get("terms", {}),
                "left": item["left"],
                "votes": [
                    {
                        **{key: vote[key] for key in ("question", "round", "state", "carried", "counts")},
                        "reasons": [
                            {"choice": ballot["choice"], "reason": ballot["reason"]}
                            for ballot in sorted(
                                vote["ballots"], key=lambda row: (row["choice"], row["reason"])
                            )
                            if ballot["reason"]
                        ],
                    }
                    for vote in item["votes"]
                ],
            }
        )
    return {key: record[key] for key in ("committee", "meeting", "at")} | {"items": items}


def resolutions(record: Mapping[str, Any]) -> dict[str, Any]:
    """What was resolved on each item, for head office (Art. 12.5)."""
    items = [
        {
            "number": item["number"],
            "title": item["title"],
            "proposal": item["proposal"],
            "unit_name": item.get("unit_name", ""),
            "terms": item.get("terms", {}),
            "left": item["left"],
            "votes": [
                {key: vote[key] for key in ("question", "round", "state", "carried", "counts", "digest")}
                for vote in item["votes"]
            ],
        }
        for item in record["items"]
    ]
    return {key: record[key] for key in ("committee", "meeting", "at", "emergency")} | {"items": items}


def terms(plan: Plan) -> dict[str, Any]:
    """What is decided with the plan, as it states it: borrower, sums in yuan, measures, conditions, dates."""
    document, given = plan.document, plan.document.get("concessions", {})
    dues = [row["due_on"] for row in document.get("schedule", ()) if "due_on" in row]
    owed = finance.owed(plan)
    return {
        "borrower": document.get("borrower", {}).get("name", ""),
        "loans": [row.get("contract_no", "") for row in document.get("loans", ())],
        "owed": f"{owed.total:.2f}",
        "principal": f"{owed.principal:.2f}",
        "measures": list(document.get("measures", ())),
        "concessions": {key: str(value) for key, value in given.items() if value is not None},
        "conditions": sorted(document.get("conditions", {})),
        "instalments": len(dues),
        "first_due": dues[0] if dues else None,
        "last_due": dues[-1] if dues else None,
        "expected_recovery": document.get("expected_recovery"),
        "executor": document.get("executor", ""),
    }


def _name(person: Person | None) -> str:
    return "" if person is None else person.display_name


def _presided_by(meeting: Meeting) -> str:
    """The acting chair, or the holder of the chair's seat."""
    seats = Seat.objects.filter(committee=meeting.committee_id)
    seat = (
        seats.filter(pk=meeting.acting_seat_id) if meeting.acting_seat_id else seats.filter(number=Seat.CHAIR)
    )
    found = seat.select_related("holder").first()
    return found.holder.display_name if found is not None and found.holder is not None else ""


def _attendance(meeting: Meeting) -> list[dict[str, Any]]:
    rows = meeting.attendances.select_related("seat__holder", "person").order_by(
        "seat__number", "signed_in_at"
    )
    return [
        {
            "seat": row.seat.number,
            "post": row.seat.post,
            "person": row.person.display_name,
            "proxy": row.proxy_id is not None,
            "mode": row.mode,
            "in": row.signed_in_at.isoformat(),
            "out": _moment(row.signed_out_at),
        }
        for row in rows
    ]


def _proxies(meeting: Meeting) -> list[dict[str, Any]]:
    rows = (
        Proxy.objects.filter(meeting=meeting)
        .select_related("seat", "principal", "holder")
        .prefetch_related("items")
        .order_by("seat__number", "authorised_at")
    )
    return [
        {
            "seat": row.seat.number,
            "principal": row.principal.display_name,
            "holder": row.holder.display_name,
            "powers": list(row.powers),
            "items": sorted(item.title for item in row.items.all()),
            "document": row.document,
            "authorised_at": row.authorised_at.isoformat(),
            "revoked_at": _moment(row.revoked_at),
            "ended": row.ended_why,
        }
        for row in rows
    ]


def _items(meeting: Meeting) -> list[dict[str, Any]]:
    items = list(
        meeting.items.exclude(left_why=AgendaItem.Left.DROPPED)
        .select_related("unit", "observer__person")
        .prefetch_related(
            "opinions__seat",
            "opinions__person",
            "questions__seat",
            "questions__person",
            "questions__answer__person",
            "conflicts__seat",
            "conflicts__person",
            "resolutions",
        )
        .order_by("number", "pk")
    )
    tablings = {
        row.item_id: row
        for row in Tabling.objects.filter(item__in=items).select_related("proposal__committee")
    }
    plans = {
        (version.proposal_id, version.digest): version.plan
        for version in PlanVersion.objects.filter(
            proposal__in=[row.proposal_id for row in tablings.values()],
            digest__in=[item.digest for item in items],
        ).order_by("pk")
    }
    votes = _by_item(Vote.objects.filter(item__in=items).order_by("opened_at", "pk"))
    requests = _by_item(
        AbstentionRequest.objects.filter(item__in=items)
        .select_related("seat", "person")
        .order_by("requested_at")
    )
    proposed = defaultdict(list)
    for row in CancellationProposal.objects.filter(vote__item__in=items).select_related("seat", "person"):
        proposed[row.vote_id].append(row)
    return [
        {
            **_item(item, tablings[item.pk], votes[item.pk], requests[item.pk], proposed),
            "terms": terms(plans[tablings[item.pk].proposal_id, item.digest]),
        }
        for item in items
    ]


def _item(
    item: AgendaItem,
    tabling: Tabling,
    votes: Iterable[Vote],
    requests: Iterable[AbstentionRequest],
    proposed: Mapping[int, Iterable[CancellationProposal]],
) -> dict[str, Any]:
    resolved = {row.question: row for row in item.resolutions.all()}
    return {
        "number": item.number,
        "title": item.title,
        "unit": str(item.unit_id),
        "unit_name": item.unit.name,
        "proposal": tabling.proposal.written_number,
        "digest": item.digest,
        "taken_up_at": _moment(item.taken_up_at),
        "left": item.left_why,
        "observer": _observer(item),
        "questions": [{**_spoken(row), "answer": _answer(row)} for row in item.questions.all()],
        "opinions": [_spoken(row) for row in item.opinions.all()],
        "conflicts": [
            {**_of_seat(row), "source": row.source, "reason": row.reason} for row in item.conflicts.all()
        ],
        "abstention_requests": [
            {**_of_seat(row), "reason": row.reason, "state": row.state} for row in requests
        ],
        "votes": [_vote(vote, resolved.get(vote.question), proposed.get(vote.pk, ())) for vote in votes],
    }


def _observer(item: AgendaItem) -> dict[str, Any] | None:
    observer: Observer | None = getattr(item, "observer", None)
    if observer is None:
        return None
    return {
        "person": observer.person.display_name,
        "admitted_at": observer.admitted_at.isoformat(),
        "withdrew_at": _moment(observer.withdrew_at),
    }


def _of_seat(
    row: Question | Opinion | Conflict | AbstentionRequest | CancellationProposal,
) -> dict[str, Any]:
    """The seat's number and the person's name."""
    return {"seat": row.seat.number, "person": row.person.display_name}


def _spoken(row: Question | Opinion) -> dict[str, Any]:
    """What was said, by whom and when."""
    return {**_of_seat(row), "text": row.text, "at": row.at.isoformat()}


def _answer(question: Question) -> dict[str, Any] | None:
    answer: Answer | None = getattr(question, "answer", None)
    if answer is None:
        return None
    return {
        "person": answer.person.display_name,
        "text": answer.text,
        "at": answer.at.isoformat(),
        "taken_down": answer.taken_down_by_id is not None,
    }


def _vote(
    vote: Vote, resolution: Resolution | None, proposed: Iterable[CancellationProposal]
) -> dict[str, Any]:
    closed = vote.state == Vote.State.CLOSED and resolution is not None
    return {
        "question": vote.question,
        "round": vote.round,
        "state": vote.state,
        "opened_at": vote.opened_at.isoformat(),
        "ended_at": _moment(vote.closed_at or vote.cancelled_at),
        "cancel_reason": vote.cancel_reason,
        "cancellation_proposed": [{**_of_seat(row), "reason": row.reason} for row in proposed],
        "carried": vote.carried,
        "digest": resolution.digest if closed and resolution else None,
        "counts": {
            "for": vote.for_count,
            "against": vote.against_count,
            "abstained": vote.abstained_count,
            "in_conflict": resolution.conflicted_count,
            "votes_to_pass": resolution.votes_to_pass,
        }
        if closed and resolution
        else None,
        "ballots": resolution.ballots if closed and resolution else [],
    }


def _by_item(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.item_id].append(row)
    return found


def _moment(value: Any) -> str | None:
    return None if value is None else value.isoformat()
