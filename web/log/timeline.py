"""The history of an object as text, from its stream of the audit log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.models import Entry, Payload
from committee.models import AgendaItem, Resolution
from committee.prepared import Prepared
from office.labels import ACTIONS
from proposals.plan.places import location
from web import labels
from web.log import streams
from web.log.payloads import read


@dataclass(frozen=True)
class Event:
    """An entry as text: when, who, what, and details."""

    at: datetime
    actor: str
    what: str | Promise
    details: str = ""


@dataclass(frozen=True)
class Story:
    """The entries of a stream with their payloads."""

    entries: list[Entry]
    payloads: Mapping[bytes, Mapping[str, Any]]

    def payload(self, entry: Entry) -> Mapping[str, Any]:
        """The entry's payload; empty once erased by law, or when payloads were not read."""
        return self.payloads.get(bytes(entry.commitment), {})

    def events(self, *, without: Collection[str] = (), names: Mapping[str, str] | None = None) -> list[Event]:
        """The entries as text, the latest first, without the actions in `without`.

        `names` are those of the people who acted, if they were read.
        """
        kept = [entry for entry in self.entries if entry.action not in without]
        named = streams.names_of_people(entry.actor for entry in kept) if names is None else names
        return [
            Event(
                entry.at,
                named.get(entry.actor, _("the system") if entry.actor == "system" else entry.actor),
                ACTIONS.get(entry.action, entry.action),
                details(entry.action, self.payload(entry)),
            )
            for entry in reversed(kept)
        ]


#: the entries of a stream
ENTRIES = Prepared(lambda stream: Entry.objects.filter(stream=stream).order_by("seq"), str)


def read_story(stream: str, *, payloads: bool) -> Story:
    """Read the stream's entries, with payloads if wanted, in one or two statements."""
    entries = ENTRIES(stream)
    return with_payloads(entries) if payloads else Story(entries, {})


def with_payloads(entries: list[Entry]) -> Story:
    """The entries with their payloads, which are read in one statement."""
    wanted = Payload.objects.filter(commitment__in=[entry.commitment for entry in entries])
    return Story(entries, {bytes(row.commitment): read(row) or {} for row in wanted})


def details(action: str, payload: Mapping[str, Any]) -> str:
    """The details of an entry of a proposal that its readers may know."""
    describe = _DETAILS.get(action)
    return describe(payload) if describe and payload else ""


def _reason(payload: Mapping[str, Any]) -> str:
    return str(payload.get("reason") or "")


def _submitted(payload: Mapping[str, Any]) -> str:
    return _("Version %(number)s") % {"number": payload.get("version", "")}


def _vote_opened(payload: Mapping[str, Any]) -> str:
    question = Resolution.Question(payload["question"]).label
    return _("%(question)s, round %(round)s") % {"question": question, "round": payload.get("round", "")}


def _vote_closed(payload: Mapping[str, Any]) -> str:
    outcome = _("Carried") if payload["carried"] else _("Not carried")
    if payload["question"] == Resolution.Question.SPECIAL:
        outcome = _("Recognised") if payload["carried"] else _("Not recognised")
    parts = [
        ngettext("%(count)d for", "%(count)d for", payload["for"]) % {"count": payload["for"]},
        ngettext("%(count)d against", "%(count)d against", payload["against"])
        % {"count": payload["against"]},
        ngettext("%(count)d abstaining", "%(count)d abstaining", payload["abstained"])
        % {"count": payload["abstained"]},
    ]
    return _("%(outcome)s: %(counts)s") % {"outcome": outcome, "counts": _(", ").join(parts)}


def _received(payload: Mapping[str, Any]) -> str:
    amount = labels.money(payload["amount"])
    return _("%(amount)s yuan, received on %(day)s") % {"amount": amount, "day": payload["received_on"]}


def _left(payload: Mapping[str, Any]) -> str:
    why = payload.get("why", "")
    return str(AgendaItem.Left(why).label) if why in AgendaItem.Left.values else ""


def _follow_up(payload: Mapping[str, Any], said: str) -> str:
    """The number of the follow-up, with what was said of it."""
    number = _("No. %(number)s") % {"number": payload["follow_up"]}
    return _("%(outcome)s: %(counts)s") % {"outcome": number, "counts": payload[said]} if said else number


_DETAILS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "submit": _submitted,
    "amend": _submitted,
    "withdraw": _reason,
    "return": _reason,
    "screen_out": _reason,
    "comment": lambda payload: labels.place(location(str(payload.get("field") or ""))),
    "shortlist": lambda payload: str(payload.get("ruling") or ""),
    "file": lambda payload: str(payload.get("docket") or ""),
    "untable": _left,
    "open_vote": _vote_opened,
    "close_vote": _vote_closed,
    "cancel_vote": _reason,
    "approve_credit": _reason,
    "decline_credit": _reason,
    "record_receipt": _received,
    "reverse_receipt": _reason,
    "terminate": _reason,
    "assign_follow_up": lambda payload: _follow_up(payload, "text"),
    "report_follow_up": lambda payload: _follow_up(payload, "text"),
    "return_follow_up": lambda payload: _follow_up(payload, "reason"),
    "confirm_follow_up": lambda payload: _follow_up(payload, ""),
}
