"""Parts of the audit log as a ZIP, built by the worker for an auditor who asks for one.

What is in them, and that each is an entry of the log, is in `audit.exports`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl, urlencode

from django.db import connection
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.exports.asked import Asked, Progress
from audit.exports.making import export as export_log
from audit.models import Checkpoint, Leaf
from committee.models import Unit
from committee.offices import AUDITOR
from web.labels import stream_label
from web.log import streams
from web.models import Export
from web.viewer import Viewer, viewer_for

#: seconds between two notes of how far it is
_EVERY = 0.5


@dataclass(frozen=True)
class Part:
    """What is asked for: a meeting or proposal by id, since a checkpoint by its size, or all (of 0)."""

    kind: str
    of: int

    @classmethod
    def at(cls, address: str) -> Self:
        """The part with this address."""
        ((kind, of),) = parse_qsl(address)
        return cls(kind, int(of))

    @property
    def address(self) -> str:
        """As it is kept with the export."""
        return urlencode({self.kind: self.of})

    @property
    def stream(self) -> str:
        """The stream of a meeting or proposal; empty for others."""
        return f"{self.kind}:{self.of}" if self.kind in ("meeting", "proposal") else ""

    @property
    def file_name(self) -> str:
        """What it is, as the beginning of a file's name."""
        return "log-all" if self.kind == "all" else f"log-{self.kind}-{self.of}"

    @property
    def name(self) -> str | Promise:
        """What it is, in words."""
        if self.stream:
            named = streams.names_of_streams([self.stream]).get(self.stream, "")
            return f"{stream_label(self.stream)} {named}".strip()
        if self.kind == "all":
            return _("The whole log")
        return gettext("What was added since the checkpoint of %(size)d leaves") % {"size": self.of}

    def is_open_to(self, who: Viewer) -> bool:
        """Whether the person may have it: of a bank whose log they read; all, where they read that of all."""
        banks = who.units(AUDITOR)
        if not banks:
            return False
        if self.stream:
            return self.stream in streams.streams_of_banks([self.stream], banks)
        if self.kind == "since" and not Checkpoint.objects.filter(size=self.of).exists():
            return False
        others = Unit.objects.exclude(Q(pk__in=banks) | Q(bank__in=banks))
        return self.kind in ("all", "since") and not others.exists()

    def is_covered(self) -> bool:
        """Whether a checkpoint covers any of it, so that there is something to export."""
        last = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first()
        if last is None or not self.stream:
            return last is not None
        return Leaf.objects.filter(stream=self.stream, index__lt=last).exists()

    def asked(self) -> Asked:
        """What the exporter is asked for."""
        if self.kind == "since":
            return Asked(since=Checkpoint.objects.get(size=self.of).note)
        return Asked(
            meeting=self.of if self.kind == "meeting" else None,
            proposal=self.of if self.kind == "proposal" else None,
        )


def write(export: Export) -> None:
    """Write the ZIP as the person may have it now; PermissionError for one who may not any more."""
    part, who = Part.at(export.address), viewer_for(export.person)
    if not part.is_open_to(who):
        raise PermissionError(export.person_id)
    export.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    export.path.unlink(missing_ok=True)  # of a job that was ended before it could say so
    # an export of more than one case is told of where those who read the log see it
    stream = None if part.stream else f"office:{min(who.units(AUDITOR))}"
    with _telling(export.pk) as tell:
        export_log(part.asked(), export.path, by=export.person, progress=tell, stream=stream)


@contextmanager
def _telling(pk: int) -> Iterator[Progress]:
    """Yield what notes how far the export is: by another connection, since the exporter's own reads only."""
    last = 0.0
    with ThreadPoolExecutor(1, "export") as thread:

        def tell(done: int, total: int) -> None:
            nonlocal last
            if done == total or time.monotonic() - last > _EVERY:
                last = time.monotonic()
                thread.submit(_note, pk, done, total).result()

        yield tell


def _note(pk: int, done: int, total: int) -> None:
    try:
        Export.objects.filter(pk=pk).update(written=done, rows=total)
    finally:
        connection.close()
