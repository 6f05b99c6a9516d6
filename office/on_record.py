"""Whether a signed file is the one on record: by its checksum, and by what it states."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from audit.models import Entry
from documents import verify
from documents.outside import apart
from documents.verify import Checked, Outcome, Recorded
from office import keys
from office.minutes_paper import ATTACHED
from office.models import Minutes, MinutesFile


@dataclass(frozen=True, slots=True)
class Judged:
    """Both verdicts on a file, the word for both, and the minutes that it is of."""

    checked: Checked
    recorded: Recorded
    minutes: Minutes | None

    @property
    def outcome(self) -> Outcome:
        """Both verdicts in one word."""
        return verify.outcome(self.checked, self.recorded)


def judge(pdf: bytes) -> Judged:
    """Return what is to be said of the file, which is not kept.

    One that is not on record may be anybody's: it is looked at in a process of its own,
    `documents.outside.apart.Busy` while that cannot be had.
    """
    sha256 = hashlib.sha256(pdf).hexdigest()
    files = MinutesFile.objects.filter(effective_at__isnull=False)
    file = files.filter(sha256=sha256).select_related("minutes__meeting__committee").first()
    if file is not None:
        checked = verify.check(pdf, keys.trusted(), existed_at=_recorded_at(file.minutes))
        return Judged(checked, Recorded.FILE, file.minutes)
    told = apart.check(pdf, keys.trusted(), name=ATTACHED)
    if told.stated is not None:
        other = files.filter(digest=told.stated).select_related("minutes__meeting__committee").first()
        if other is not None:
            return Judged(told.checked, Recorded.OTHER, other.minutes)
    return Judged(told.checked, Recorded.NOTHING, None)


def _recorded_at(minutes: Minutes) -> datetime | None:
    """When the log has the signature of whoever presided, by the database's own clock."""
    entries = Entry.objects.filter(
        stream=minutes.meeting.stream,
        action__in=("sign_minutes", "sign_supplement"),
        subject=minutes.subject,
    )
    return entries.values_list("recorded_at", flat=True).last()
