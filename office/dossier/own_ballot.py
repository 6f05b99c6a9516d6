"""A voter's own ballot in the sealed log, by its receipt: that it is in, later that it is counted as cast.

The receipt is the ballot's commitment. It belongs to whoever cast the ballot, of a ballot by proxy to the
proxy. Before the closing nothing is told but that the ballot is in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from audit.models import Entry, Leaf, Payload
from audit.proofs.making import Proved
from committee.models import Meeting, Person
from office.dossier import sealed_log
from office.dossier.case import LogEntry
from office.dossier.findings import Words
from office.dossier.reading import logged
from voting import sealing
from voting.models import Ballot, Vote

_RECEIPT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class OwnBallot:
    """A ballot of the person who asks, with its entry in the log."""

    ballot: Ballot
    #: whether the person still sees the meeting; else neither item nor choice is repeated
    visible: bool
    #: the entry of casting, and the one of the closing
    cast: LogEntry | None
    closing: LogEntry | None
    #: how far the two are sealed, and of the first the same in words
    proved: Proved
    closing_proved: Proved
    sealed: Words

    @property
    def vote(self) -> Vote:
        """The vote."""
        return self.ballot.vote

    @property
    def ended(self) -> bool:
        """Whether the vote is over, so that more is told than that the ballot is in."""
        return bool(self.vote.state != Vote.State.OPEN)

    @property
    def closed(self) -> bool:
        """Whether the vote was closed and counted; not so when it was cancelled."""
        return bool(self.vote.state == Vote.State.CLOSED)

    @property
    def commitment(self) -> str:
        """The receipt made anew from what is stored."""
        return sealing.commitment(bytes(self.ballot.salt), **self.opening)

    @property
    def opening(self) -> dict[str, Any]:
        """What the commitment is of, besides the salt."""
        ballot = self.ballot
        return {
            "vote": str(ballot.vote_id),
            "seat": ballot.seat.number,
            "person": str(ballot.person_id),
            "choice": ballot.choice,
            "reason": ballot.reason,
        }

    @property
    def counted_as_cast(self) -> bool:
        """Whether the receipt opens to the stored ballot, and that is the one revealed and resolved."""
        ballot, resolution = self.ballot, self.vote.resolution
        if not self.closed or resolution is None or self.commitment != ballot.commitment:
            return False
        wanted = (ballot.seat.number, ballot.choice, ballot.reason, ballot.commitment)
        return self._is_logged and wanted in _rows(resolution.ballots) and wanted in _rows(self._revealed)

    @property
    def _is_logged(self) -> bool:
        """Whether the entry of casting is there, is what its hash was made of, and is what was sealed."""
        return self.cast is not None and self.cast.sound and not self.proved.contradicted

    @property
    def _revealed(self) -> Any:
        """What the closing revealed; nothing where its entry is not what was logged and sealed."""
        closing = self.closing
        if closing is None or not closing.sound or self.closing_proved.contradicted:
            return ()
        return (closing.payload or {}).get("ballots", ())

    def as_json(self) -> dict[str, Any]:
        """What checks the receipt elsewhere: the ballot opened, and its entry's payload with the salt."""
        entry = self.cast
        return {
            "receipt": self.ballot.commitment,
            "ballot": self.opening | {"salt": bytes(self.ballot.salt).hex()},
            "entry": None
            if entry is None
            else {
                "stream": entry.row.stream,
                "seq": entry.row.seq,
                "hash": bytes(entry.row.hash).hex(),
                "payload": entry.payload,
                "payload_salt": entry.salt.hex() if entry.salt is not None else None,
            },
        }


def _rows(ballots: Any) -> list[tuple[int, str, str, str]]:
    return [(row["seat"], row["choice"], row["reason"], row["commitment"]) for row in ballots]


def of(person: Person) -> QuerySet[Ballot]:
    """The ballots that the person cast, the last first, without what they say; not those that the engine
    entered.
    """
    rows = Ballot.objects.filter(person=person, entered=False).order_by("-cast_at", "-pk")
    return rows.defer("choice", "reason", "salt").select_related(
        "seat", "proxy__principal", "vote__item", "vote__meeting__committee", "vote__resolution"
    )


def find(person: Person, receipt: str) -> OwnBallot | None:
    """The person's ballot with this receipt; None where there is none of the person's own."""
    ballot = of(person).filter(commitment=receipt).first() if _RECEIPT.fullmatch(receipt) else None
    if ballot is None:
        return None
    if ballot.vote.state == Vote.State.CLOSED:
        ballot.refresh_from_db(fields=["choice", "reason", "salt"])
    meeting = ballot.vote.meeting
    visible = Meeting.objects.visible_to(person).filter(pk=meeting.pk).exists()
    entries = _entries(meeting.stream, ballot.vote.subject)
    cast = next((entry for entry in entries if _is_of(entry, ballot)), None)
    closing = next((entry for entry in entries if entry.action == "close_vote"), None)
    return _found(ballot, cast, closing, visible=visible)


def _found(ballot: Ballot, cast: LogEntry | None, closing: LogEntry | None, *, visible: bool) -> OwnBallot:
    """The ballot with how far its two entries are sealed."""
    sealed = sealed_log.of_entries([entry for entry in (cast, closing) if entry is not None])
    return OwnBallot(
        ballot=ballot,
        visible=visible,
        cast=cast,
        closing=closing,
        proved=sealed.of(cast) if cast is not None else Proved(None),
        closing_proved=sealed.of(closing) if closing is not None else Proved(None),
        sealed=sealed.words(cast) if cast is not None else _MISSING,
    )


_MISSING: Words = (
    "the log has no entry with this receipt",
    "日志中没有载明此回执的条目",
)


def _is_of(entry: LogEntry, ballot: Ballot) -> bool:
    """Whether the entry is that of casting the ballot, by its person and its commitment."""
    told: Mapping[str, Any] = entry.payload or {}
    return (entry.action, entry.row.actor, told.get("commitment")) == (
        "cast", str(ballot.person_id), ballot.commitment,
    )  # fmt: skip


def _entries(stream: str, subject: str) -> list[LogEntry]:
    payload = Payload.objects.filter(commitment=OuterRef("commitment"))
    leaf = Leaf.objects.filter(stream=OuterRef("stream"), seq=OuterRef("seq"))
    rows = Entry.objects.filter(stream=stream, subject=subject, action__in=("cast", "close_vote")).annotate(
        payload_salt=Subquery(payload.values("salt")),
        payload_body=Subquery(payload.values("body")),
        leaf=Subquery(leaf.values("index")),
    )
    return [logged(row) for row in rows.order_by("seq")]


def written(own: OwnBallot) -> str:
    """The ballot and its entry as a file."""
    return json.dumps(own.as_json(), ensure_ascii=False, indent=1, sort_keys=True)
