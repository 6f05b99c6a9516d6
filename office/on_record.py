"""Whether a signed file is the one on record: by its checksum, and by what it states."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from audit.models import Entry
from documents import verify
from documents.attached import attached
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
    """Return what is to be said of the file; the file is not kept."""
    sha256 = hashlib.sha256(pdf).hexdigest()
    files = MinutesFile.objects.filter(effective_at__isnull=False)
    file = files.filter(sha256=sha256).select_related("minutes__meeting__committee").first()
    checked = verify.check(pdf, keys.trusted(), existed_at=_recorded_at(file.minutes) if file else None)
    if file is not None:
        return Judged(checked, Recorded.FILE, file.minutes)
    stated = attached(pdf, ATTACHED) if checked.signatures else None
    if stated is not None:
        digest = hashlib.sha256(stated).hexdigest()
        other = files.filter(digest=digest).select_related("minutes__meeting__committee").first()
        if other is not None:
            return Judged(checked, Recorded.OTHER, other.minutes)
    return Judged(checked, Recorded.NOTHING, None)


def _recorded_at(minutes: Minutes) -> datetime | None:
    """When the log has the signature of whoever presided, by the database's own clock."""
    entries = Entry.objects.filter(
        stream=minutes.meeting.stream,
        action__in=("sign_minutes", "sign_supplement"),
        subject=minutes.subject,
    )
    return entries.values_list("recorded_at", flat=True).last()
