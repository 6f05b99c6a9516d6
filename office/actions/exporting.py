"""Taking the archived file of a meeting out of the system, so that it is known again (Art. 12.6)."""

from __future__ import annotations

from pathlib import Path

from audit.recording import Actor, action, record
from committee.locks import lock_meeting
from documents.archive.writing import write
from office.archives.meeting_file import about, contents
from office.archives.on_record import EXPORTED, exported
from office.models import ArchiveFile


@action
def export_archive(file: ArchiveFile, *, by: Actor, to: Path) -> str:
    """The file is at `to`, a ZIP or a folder, and the meeting's stream has its digest, which is returned.

    One that was exported before as it is now leaves no further entry. `CannotWrite` leaves neither.
    """
    meeting = lock_meeting(file.meeting_id)
    digest = write(to, about(file), contents(meeting))
    if digest not in exported(meeting):
        record(meeting.stream, EXPORTED, meeting.subject, by=by, payload={"digest": digest})
    return digest
