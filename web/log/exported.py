"""The exports of the log that hold an entry: what they hold no erasure reaches any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit.models import Entry, Payload
from web.log import streams
from web.log.payloads import is_kept, read

#: exports that are looked through, the latest first
MOST = 1000


@dataclass(frozen=True)
class Left:
    """An export that holds the entry: when, by whom, of what, and the entry that tells of it."""

    at: datetime
    actor: str
    part: str
    stream: str
    seq: int
    #: whether the reader may see that entry
    seen: bool


def exports_of(stream: str, leaf: int, before: datetime, seen: frozenset[int]) -> list[Left]:
    """The exports written before then that hold the entry of this stream with this leaf, the latest first.

    `seen` are the banks whose entries the reader may see.
    """
    rows = list(
        Entry.objects.filter(action="export_log", recorded_at__lt=before).order_by("-at", "-stream")[:MOST]
    )
    payloads = Payload.objects.filter(commitment__in=[row.commitment for row in rows])
    said = {bytes(row.commitment): read(row) if is_kept(row) else None for row in payloads}
    held = [row for row in rows if _holds(said.get(bytes(row.commitment)), stream, leaf)]
    named = streams.names_of_people({row.actor for row in held})
    mine = streams.streams_of_banks({row.stream for row in held}, seen)
    return [
        Left(
            row.recorded_at,
            named.get(row.actor, row.actor),
            (said.get(bytes(row.commitment)) or {}).get("part", ""),
            row.stream,
            row.seq,
            row.stream in mine,
        )
        for row in held
    ]


def _holds(said: Mapping[str, Any] | None, stream: str, leaf: int) -> bool:
    """Whether an export with this payload holds the leaf; one whose payload is erased or changed may."""
    if said is None:
        return True
    if not said.get("first", 0) <= leaf < said["size"]:
        return False
    return said.get("streams") is None or stream in said["streams"]
