"""What a program asks of the engine: the body of a request read, and what it is told of an object.

A request names proposals, meetings and committees by id and people by staff number. Here they are only found;
what the person may see and do the action alone decides, under its lock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from api import json_input
from api.json_input import Place, refuse
from api.verbs import Verb
from audit.models import Head
from committee.acts import Kind
from committee.models import Attendance, Committee, Meeting, Person, Resolution
from proposals.models import Proposal
from regulation.refused import Refused
from regulation.text import folded_identifier
from voting.models import Vote
from web.problems import Invalid

MAX_ID = 2**63 - 1
FIRST_YEAR, LAST_YEAR = 1900, 2199

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_KEY = re.compile(r"[!-~]{1,64}")


def read_arguments(verb: Verb, body: bytes) -> dict[str, Any]:
    """What the body says, values by their kinds, objects still by id; Invalid for anything else."""
    asked = json_input.an_object((), json_input.document(body))
    also = ("password",) if verb.confirmed else ()
    json_input.has_arguments((), asked, verb, also=also, beside=tuple(verb.pins))
    return {name: READERS[kind]((name,), asked[name]) for name, kind in verb.said.items() if name in asked}


def read_key(header: str) -> str:
    """The client's idempotency key, empty where there is none; Invalid for what cannot be one."""
    if header and not _KEY.fullmatch(header):
        raise Invalid("Idempotency-Key", "expects 1 to 64 visible characters of ASCII")
    return header


def with_rows(verb: Verb, arguments: Mapping[str, Any], person: Person) -> dict[str, Any]:
    """The arguments with rows for ids; `access/not-found` for what is not there, or in another bank.

    Whether a staff number is somebody's only the verb's officer is told; to others, what the action refuses.
    """
    kinds = verb.said
    rows = {name: _row(kinds[name], value, person) for name, value in arguments.items()}
    gone = {name for name, row in rows.items() if row is None}
    if gone and verb.for_officer is not None and all(kinds[name] is Kind.PERSON for name in gone):
        verb.for_officer(rows, person)
    if gone:
        raise Refused("access/not-found")
    return rows


def _row(kind: Kind, value: Any, person: Person) -> Any:
    """The value, or the row that it names, if it is there."""
    row: Any
    match kind:
        case Kind.COMMITTEE:
            row = Committee.objects.filter(branch__bank=person.bank_id, pk=value).first()
        case Kind.PROPOSAL:
            row = Proposal.objects.filter(committee__branch__bank=person.bank_id, pk=value).first()
        case Kind.MEETING:
            row = Meeting.objects.filter(committee__branch__bank=person.bank_id, pk=value).first()
        case Kind.PERSON:
            row = Person.objects.filter(
                bank=person.bank_id, staff_key=folded_identifier(value), is_active=True
            ).first()
        case Kind.PROPOSALS:
            rows = Proposal.objects.filter(committee__branch__bank=person.bank_id).in_bulk(value)
            row = [rows[pk] for pk in value] if rows.keys() >= set(value) else None
        case Kind.VOTE:
            row = Vote(pk=value)  # the action compares it with the open one
        case _:
            return value
    return row


# -- What an argument may be -------------------------------------------------------------------------------


def _id(place: Place, value: Any) -> int:
    return json_input.a_number(place, value, "an id", MAX_ID)


def _ids(place: Place, value: Any) -> list[int]:
    return [
        _id((*place, index), each)
        for index, each in enumerate(json_input.a_list(place, value, json_input.MAX_NAMED))
    ]


def _seat(place: Place, value: Any) -> int:
    return json_input.a_number(place, value, "the number of a seat", json_input.MAX_SEAT)


def _seats(place: Place, value: Any) -> list[int]:
    return [
        _seat((*place, index), each)
        for index, each in enumerate(json_input.a_list(place, value, json_input.MAX_SEAT))
    ]


def _staff_no(place: Place, value: Any) -> str:
    return json_input.a_line(place, value, 40)


def _moment(place: Place, value: Any) -> datetime:
    parsed = None
    if _MOMENT.fullmatch(json_input.a_word(place, value)):
        with suppress(ValueError):
            parsed = datetime.fromisoformat(value)
    if parsed is None or not FIRST_YEAR <= parsed.year <= LAST_YEAR:
        refuse(place, "a time with its offset, such as 2026-03-05T09:00+08:00")
    return parsed


def _date(place: Place, value: Any) -> date:
    parsed = None
    if _DATE.fullmatch(json_input.a_word(place, value)):
        with suppress(ValueError):
            parsed = date.fromisoformat(value)
    if parsed is None or not FIRST_YEAR <= parsed.year <= LAST_YEAR:
        refuse(place, "a date such as 2026-03-05")
    return parsed


def _anything(_place: Place, value: Any) -> Any:
    return value


def _among(known: list[str]) -> Callable[[Place, Any], str]:
    return lambda place, value: json_input.one_of(place, value, known)


READERS: Mapping[Kind, Callable[[Place, Any], Any]] = {
    Kind.COMMITTEE: _id,
    Kind.PROPOSAL: _id,
    Kind.PROPOSALS: _ids,
    Kind.MEETING: _id,
    Kind.MOMENT: _moment,
    Kind.DATE: _date,
    Kind.TEXT: json_input.a_text,
    Kind.LINE: json_input.one_line,
    Kind.WORD: json_input.a_word,
    Kind.WORDS: json_input.word_list,
    Kind.FLAG: json_input.a_flag,
    Kind.SEAT: _seat,
    Kind.SEATS: _seats,
    Kind.PERSON: _staff_no,
    Kind.PLAN: _anything,
    Kind.PLAN_PART: json_input.an_object,
    Kind.NUMBERS: json_input.an_object,
    Kind.NUMBER: json_input.a_small_number,
    Kind.QUESTION: _among(Resolution.Question.values),
    Kind.MODE: _among(Attendance.Mode.values),
    Kind.VOTE: _id,
    Kind.CONFIRMATION: json_input.a_text,
}


# -- What is told ------------------------------------------------------------------------------------------


def proposals_of(person: Person) -> Any:
    """The proposals that the person sees, as they are told."""
    return Proposal.objects.visible_to(person).select_related("committee", "unit", "item")


def meetings_of(person: Person) -> Any:
    """The meetings that the person sees, as they are told."""
    return Meeting.objects.visible_to(person).select_related("committee")


def told_of_proposal(proposal: Proposal) -> dict[str, Any]:
    """State and place of a proposal and its votes; counts of closed ones alone, and of nobody by name."""
    item = proposal.item if proposal.item is not None and proposal.item.left_at is None else None
    return {
        **in_short(proposal),
        "institution": proposal.unit.name,
        "since": proposal.state_since,
        "meeting": item.meeting_id if item is not None else None,
        "votes": [_told_of_vote(vote) for vote in proposal.votes.order_by("opened_at", "pk")],
    }


def _told_of_vote(vote: Vote) -> dict[str, Any]:
    return {
        "id": vote.pk,
        "question": vote.question,
        "round": vote.round,
        "state": vote.state,
        "opened_at": vote.opened_at,
        "closed_at": vote.closed_at,
        "for": vote.for_count,
        "against": vote.against_count,
        "abstained": vote.abstained_count,
        "carried": vote.carried,
    }


def told_of_meeting(meeting: Meeting, person: Person) -> dict[str, Any]:
    """Time, place and state of a meeting, the version of its record, and its plans that the person sees."""
    standing = Proposal.objects.visible_to(person).filter(item__meeting=meeting, item__left_at=None)
    return {
        **in_short(meeting),
        "at": meeting.at,
        "place": meeting.place,
        "emergency": meeting.emergency,
        "version": Head.length(meeting.stream),
        "proposals": list(standing.order_by("item__number").values_list("pk", flat=True)),
    }


def in_short(row: Proposal | Meeting) -> dict[str, Any]:
    """The row as a list tells it."""
    short = {
        "id": row.pk,
        "number": row.written_number,
        "committee": row.committee_id,
        "state": row.state,
    }
    return {**short, "title": row.title} if isinstance(row, Proposal) else short
