"""Disposing of an imported archive when it need be kept no longer (Art. 12.6)."""

from __future__ import annotations

import shutil
from datetime import date

from audit import clock
from audit.recording import Actor, action, record
from committee.actions.founding import bank_stream
from committee.models import Person, Position, Unit
from documents import checksums
from office.archives.imported import Imported
from regulation.refused import Refused
from regulation.text import has_content


@action
def dispose_archive(bank: Unit, *, by: Actor, archive: Imported, ordered_by: Person, reason: str) -> None:
    """The archive's files are gone, and an entry in the bank's stream says of which, why and by whose order.

    `access/denied` unless head office's officer orders it; `text/required` without a reason;
    `state/not-allowed` until the day after the last one on which it must be kept.
    """
    offices = Position.objects.filter(person=ordered_by, role=Position.Role.HEAD_OFFICE, unit=bank)
    if not offices.exists():
        raise Refused("access/denied")
    until = date.fromisoformat(archive.index["kept_until"])
    if clock.now().date() <= until:
        raise Refused("state/not-allowed", cause="archive/kept", until=until.isoformat())
    if not has_content(reason):
        raise Refused("text/required")
    record(
        bank_stream(bank),
        "dispose_archive",
        f"unit:{bank.pk}",
        by=by,
        payload={
            "archive": archive.digest,
            "number": archive.index["number"],
            "kept_until": archive.index["kept_until"],
            "files": {file["name"]: file["sha256"] for file in archive.files},
            "ordered_by": str(ordered_by.pk),
            "reason": reason,
        },
    )
    gone = archive.folder.with_name(f".{archive.digest}.disposed")
    archive.folder.rename(gone)  # in one step, so that no half of it is ever shown
    checksums.sync(gone.parent)
    shutil.rmtree(gone)
