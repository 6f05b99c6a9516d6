"""Whether an imported archive is one that this installation made: by its digest in the audit log.

Its checksums tell only that it is whole: whoever changes a file can make them anew. The digest is over the
list of checksums, and so over every file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from audit.models import Entry, Payload
from committee.models import Meeting
from office.models import ArchiveFile

#: the entry that an export leaves in the meeting's stream
EXPORTED = "export_archive"


class Known(StrEnum):
    """What the log says of an archive."""

    YES = "yes"
    NO = "no"
    #: of a meeting that was not archived in this installation
    ELSEWHERE = "elsewhere"


def exported(meeting: Meeting) -> set[str]:
    """The digests of the archives of the meeting that were exported here."""
    entries = Entry.objects.filter(stream=meeting.stream, action=EXPORTED)
    payloads = Payload.objects.filter(commitment__in=entries.values("commitment"))
    return {str(json.loads(bytes(payload.body)).get("digest")) for payload in payloads}


def known(digest: str, index: Mapping[str, Any]) -> Known:
    """Whether an archive with this digest and index was exported here."""
    rows = ArchiveFile.objects.select_related("meeting__committee__branch__bank")
    for row in rows.filter(meeting__committee__name=index["committee"]):
        meeting = row.meeting
        here = (str(meeting.committee.branch.bank), meeting.written_number)
        if here == (index["bank"], index["number"]):
            return Known.YES if digest in exported(meeting) else Known.NO
    return Known.ELSEWHERE
