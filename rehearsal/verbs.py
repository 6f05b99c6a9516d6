"""What can be done in a rehearsal, and with which arguments: the table of rehearsal.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """What an argument is."""

    PLANNED = auto()  # a handle of the file's `proposals`
    NEW_PROPOSAL = auto()
    PROPOSAL = auto()
    PROPOSALS = auto()
    NEW_MEETING = auto()
    MEETING = auto()
    MOMENT = auto()
    DATE = auto()
    TEXT = auto()  # is kept as it stands
    WORD = auto()  # the engine judges it
    WORDS = auto()
    FLAG = auto()
    SEAT = auto()
    SEATS = auto()
    PERSON = auto()
    PLAN_PART = auto()  # keys of a plan
    NUMBERS = auto()  # numbers of the regulation
    QUESTION = auto()
    MODE = auto()


@dataclass(frozen=True, slots=True)
class Verb:
    """The arguments by name, which of them may be left out, and whether at least one of those is needed."""

    arguments: Mapping[str, Kind]
    optional: frozenset[str] = frozenset()
    at_least_one: bool = False


_PROPOSAL = {"proposal": Kind.PROPOSAL}
_MEETING = {"meeting": Kind.MEETING}
_REASON = {"reason": Kind.TEXT}
_SEAT = {"seat": Kind.SEAT}
_RECEIPT = {"amount": Kind.WORD, "received_on": Kind.DATE}
_AGENDA = {"at": Kind.MOMENT, "place": Kind.TEXT, "proposals": Kind.PROPOSALS}

VERBS: Mapping[str, Verb] = {
    "draft": Verb({"proposal": Kind.PLANNED}),
    "amend": Verb(_PROPOSAL | {"changes": Kind.PLAN_PART}),
    "submit": Verb(_PROPOSAL),
    "withdraw": Verb(_PROPOSAL | _REASON),
    "revise": Verb({"proposal": Kind.NEW_PROPOSAL, "of": Kind.PROPOSAL, "changes": Kind.PLAN_PART}),
    "return": Verb(_PROPOSAL | _REASON),
    "screen_out": Verb(_PROPOSAL | _REASON),
    "shortlist": Verb(_PROPOSAL | {"ruling": Kind.TEXT}, frozenset({"ruling"})),
    "file_docket": Verb({"proposals": Kind.PROPOSALS}),
    "convene": Verb(
        {"meeting": Kind.NEW_MEETING} | _AGENDA | {"emergency": Kind.FLAG} | _REASON,
        frozenset({"emergency", "reason"}),
    ),
    "change_meeting": Verb(_MEETING | _AGENDA, frozenset(_AGENDA), at_least_one=True),
    "cancel_meeting": Verb(_MEETING | _REASON),
    "send_notice": Verb(_MEETING | {"paper": Kind.SEATS}, frozenset({"paper"})),
    "acknowledge": Verb(_MEETING),
    "authorise_proxy": Verb(
        _MEETING
        | {
            "holder": Kind.PERSON,
            "proposals": Kind.PROPOSALS,
            "powers": Kind.WORDS,
            "document": Kind.TEXT,
        }
    ),
    "revoke_proxy": Verb(_MEETING),
    "sign_in": Verb(_MEETING | {"mode": Kind.MODE}, frozenset({"mode"})),
    "sign_out": Verb(_MEETING),
    "open_meeting": Verb(_MEETING),
    "close_meeting": Verb(_MEETING),
    "take_up": Verb(_PROPOSAL),
    "admit_observer": Verb(_PROPOSAL | {"observer": Kind.PERSON}),
    "withdraw_observer": Verb(_PROPOSAL),
    "record_opinion": Verb(_PROPOSAL | {"text": Kind.TEXT}),
    "declare_conflict": Verb(_PROPOSAL | _REASON),
    "request_abstention": Verb(_PROPOSAL | _REASON),
    "grant_abstention": Verb(_PROPOSAL | _SEAT),
    "refuse_abstention": Verb(_PROPOSAL | _SEAT),
    "propose_cancellation": Verb(_PROPOSAL | _REASON),
    "open_vote": Verb(_PROPOSAL | {"question": Kind.QUESTION}, frozenset({"question"})),
    "cast": Verb(_PROPOSAL | {"choice": Kind.WORD} | _REASON, frozenset({"reason"})),
    "close_vote": Verb(_PROPOSAL),
    "cancel_vote": Verb(_PROPOSAL | _REASON),
    "draft_minutes": Verb(_MEETING | {"narrative": Kind.TEXT}),
    "amend_minutes": Verb(_MEETING | {"narrative": Kind.TEXT}),
    "sign_minutes": Verb(_MEETING),
    "distribute": Verb(_MEETING),
    "report_decisions": Verb(_MEETING),
    "archive": Verb(_MEETING),
    "receive_report": Verb(_MEETING),
    "approve_credit": Verb(_PROPOSAL | {"terms": Kind.PLAN_PART}, frozenset({"terms"})),
    "decline_credit": Verb(_PROPOSAL | _REASON),
    "record_receipt": Verb(_PROPOSAL | _RECEIPT),
    "reverse_receipt": Verb(_PROPOSAL | _RECEIPT | _REASON),
    "terminate": Verb(_PROPOSAL | _REASON),
    "amend_regulation": Verb({"changes": Kind.NUMBERS, "effective_from": Kind.DATE}),
    "appoint_acting_chair": Verb(_MEETING | _SEAT),
    "vacate_seat": Verb(_SEAT),
    "fill_seat": Verb(_SEAT | {"holder": Kind.PERSON}),
}
