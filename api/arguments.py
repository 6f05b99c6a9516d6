"""Arguments of verbs: each value is read by its kind, and ids are replaced by rows.

A request names proposals, meetings and committees by id and people by staff number. Here they are only looked
up; the action decides under its lock what the person may see and do. The JSON Schema of each kind, for the
OpenAPI document, stands beside its reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from api import json_input, ledger
from api.json_input import Place, refuse
from api.verbs import Verb
from committee.acts import Kind
from committee.models import Attendance, Committee, Meeting, Person, Resolution
from committee.models.agenda import LONGEST_ITEM
from committee.models.floor import LONGEST
from office.models import Dispatch
from proposals.models import Proposal
from regulation.refused import Refused
from regulation.text import folded_identifier
from voting.models import Vote

MAX_ID = 2**63 - 1
MAX_STAFF_NO = 40
FIRST_YEAR, LAST_YEAR = 1900, 2199

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def with_rows(verb: Verb, arguments: Mapping[str, Any], person: Person) -> dict[str, Any]:
    """The arguments with rows for ids; `access/not-found` for an unknown id and for one of another bank.

    Only an officer of the verb learns whether a staff number exists; others get the action's refusal.
    """
    kinds = verb.payload_kinds
    rows = {name: _row(kinds[name], value, person) for name, value in arguments.items()}
    gone = {name for name, row in rows.items() if row is None}
    if gone and verb.for_officer is not None and all(kinds[name] is Kind.PERSON for name in gone):
        verb.for_officer(rows, person)
    if gone:
        raise Refused("access/not-found")
    return rows


def _row(kind: Kind, value: Any, person: Person) -> Any:
    """The value, or the row that it identifies; None if there is none."""
    row: Any
    match kind:
        case Kind.COMMITTEE:
            row = Committee.objects.filter(branch__bank=person.bank_id, pk=value).first()
        case Kind.PROPOSAL:
            row = Proposal.objects.filter(committee__branch__bank=person.bank_id, pk=value).first()
        case Kind.MEETING:
            row = Meeting.objects.filter(committee__branch__bank=person.bank_id, pk=value).first()
        case Kind.DISPATCH:
            row = Dispatch.objects.filter(meeting__committee__branch__bank=person.bank_id, pk=value).first()
        case Kind.PERSON:
            row = Person.objects.filter(
                bank=person.bank_id, staff_key=folded_identifier(value), is_active=True
            ).first()
        case Kind.PROPOSALS:
            rows = Proposal.objects.filter(committee__branch__bank=person.bank_id).in_bulk(value)
            row = [rows[pk] for pk in value] if rows.keys() >= set(value) else None
        case Kind.VOTE:
            row = Vote(pk=value)  # compared with the open vote by the action
        case _:
            return ledger.row_or_value(kind, value, person.bank_id)
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
    return json_input.a_line(place, value, MAX_STAFF_NO)


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


@dataclass(frozen=True)
class Value:
    """A kind of argument."""

    #: reads the value for the action, with objects still as ids; Invalid for other values
    read: Callable[[Place, Any], Any]
    #: the kind as JSON Schema
    schema: Mapping[str, Any]
    help_text: str | Promise = ""


def _whole(most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": most}


def _text(most: int = json_input.MAX_TEXT) -> dict[str, Any]:
    return {"type": "string", "maxLength": most}


def _list(items: Mapping[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "items": items, "maxItems": most}


def _matching(pattern: re.Pattern[str], form: str) -> dict[str, Any]:
    return {"type": "string", "format": form, "pattern": f"^(?:{pattern.pattern})$"}


_ID, _SEAT = _whole(MAX_ID), _whole(json_input.MAX_SEAT)
_OBJECT = {"type": "object"}

VALUES: Mapping[Kind, Value] = {
    Kind.COMMITTEE: Value(_id, _ID, _("The id of a committee.")),
    Kind.PROPOSAL: Value(_id, _ID, _("The id of a proposal.")),
    Kind.PROPOSALS: Value(_ids, _list(_ID, json_input.MAX_NAMED), _("The ids of proposals.")),
    Kind.MEETING: Value(_id, _ID, _("The id of a meeting.")),
    Kind.DISPATCH: Value(_id, _ID, _("The id of something sent.")),
    Kind.MOMENT: Value(
        _moment, _matching(_MOMENT, "date-time"), _("A time with its offset, such as 2026-03-05T09:00+08:00.")
    ),
    Kind.DATE: Value(_date, _matching(_DATE, "date"), _("A date, such as 2026-03-05.")),
    Kind.TEXT: Value(json_input.a_text, _text(), _("A text of one or more lines.")),
    Kind.LINE: Value(json_input.one_line, _text(), _("A text of one line.")),
    Kind.WORD: Value(json_input.a_word, _text()),
    Kind.WORDS: Value(json_input.word_list, _list(_text(), json_input.MAX_WORDS)),
    Kind.FLAG: Value(json_input.a_flag, {"type": "boolean"}, _("True or false.")),
    Kind.SEAT: Value(_seat, _SEAT, _("The number of a seat; the committee chair holds seat 1.")),
    Kind.SEATS: Value(_seats, _list(_SEAT, json_input.MAX_SEAT), _("The numbers of seats.")),
    Kind.PERSON: Value(
        _staff_no, {"minLength": 1, **_text(MAX_STAFF_NO)}, _("The staff number of a person.")
    ),
    Kind.PLAN: Value(
        _anything, _OBJECT, _("The plan; what is still missing may follow until it is submitted.")
    ),
    Kind.PLAN_PART: Value(json_input.an_object, _OBJECT, _("Keys of the plan, with their new values.")),
    Kind.NUMBERS: Value(
        json_input.an_object, _OBJECT, _("Numbers of the regulation by their names, with new values.")
    ),
    Kind.NUMBER: Value(json_input.a_small_number, _whole(json_input.MAX_NUMBER), _("A whole number.")),
    Kind.MINUTES: Value(json_input.minutes, _whole(LONGEST), _("A whole number of minutes.")),
    Kind.MINUTES_EACH: Value(
        json_input.minutes_each,
        _list({"type": "integer", "minimum": 0, "maximum": LONGEST_ITEM}, json_input.MAX_NAMED),
        _("Whole numbers of minutes, 0 for none."),
    ),
    Kind.QUESTION: Value(
        _among(Resolution.Question.values),
        {"type": "string", "enum": Resolution.Question.values},
        _("What is voted on."),
    ),
    Kind.MODE: Value(
        _among(Attendance.Mode.values),
        {"type": "string", "enum": Attendance.Mode.values},
        _("How the person attends."),
    ),
    Kind.INSTITUTION: Value(
        _staff_no, {"minLength": 1, **_text(MAX_STAFF_NO)}, _("The number of an institution (机构号).")
    ),
    Kind.LOAN: Value(json_input.a_word, _text(), _("The number of a contract, however it is spelled.")),
    Kind.LOANS: Value(
        json_input.word_list, _list(_text(), json_input.MAX_WORDS), _("The numbers of contracts.")
    ),
    Kind.DUTY: Value(_id, _ID, _("The id of a duty.")),
    Kind.HOUSEHOLD: Value(_id, _ID, _("The id of a household.")),
    Kind.TAPE: Value(_id, _ID, _("The id of a tape.")),
    Kind.WARNING: Value(_id, _ID, _("The id of a warning.")),
    Kind.SUPERVISION: Value(_id, _ID, _("The id of a supervision.")),
    Kind.ADMONISHMENT: Value(_id, _ID, _("The id of an admonishment.")),
    Kind.TARGETS: Value(_id, _ID, _("The id of a version of a year's targets.")),
    Kind.REVIEW: Value(_id, _ID, _("The id of a review of responsibility.")),
    Kind.RANKED: Value(_id, _ID, _("The id of a place in a ranking.")),
    Kind.ROWS: Value(
        json_input.rows,
        _list(_OBJECT, json_input.MAX_ENTRIES),
        _("Rows, each an object of texts, whole numbers and dates; amounts in yuan as texts."),
    ),
    Kind.FILE: Value(
        json_input.a_file,
        {
            "type": "string",
            "contentEncoding": "base64",
            "pattern": r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
            "maxLength": json_input.MAX_BYTES,
        },
        _("A file, its bytes in Base64."),
    ),
    Kind.VOTE: Value(_id, _ID, _("The id of a vote of the proposal.")),
    Kind.CONFIRMATION: Value(
        json_input.a_storable_text,
        {"format": "password", **_text()},
        _("The password of the person who acts, once more."),
    ),
}
