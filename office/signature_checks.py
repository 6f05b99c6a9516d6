"""The check of signed minutes that `audit verify` adds to that of the hash chains (setting AUDIT_CHECKS)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import connection, transaction

from audit.rows import Fault

# FULL JOIN, since signed minutes without an entry and an entry without signed minutes are both faults.
_SIGNED = """
SELECT coalesce(told.stream, kept.stream), coalesce(told.subject, kept.subject), told.seq,
    kept.subject IS NOT NULL, told.ended
FROM (
    SELECT entry.stream, entry.seq, entry.subject, EXISTS (
        SELECT FROM audit_entry AS closing WHERE closing.stream = entry.stream AND closing.seq < entry.seq
            AND closing.action = 'close_meeting'
    ) AS ended
    FROM audit_entry AS entry
    WHERE entry.action IN ('sign_minutes', 'sign_supplement') AND entry.stream LIKE 'meeting:%%'
        AND (%(streams)s::text[] IS NULL OR entry.stream = ANY(%(streams)s))
) AS told
    FULL JOIN (
        SELECT 'meeting:' || minutes.meeting_id AS stream, 'minutes:' || minutes.id AS subject
        FROM office_minutes AS minutes
        WHERE minutes.state = 'signed' AND (
            %(streams)s::text[] IS NULL OR 'meeting:' || minutes.meeting_id = ANY(%(streams)s))
    ) AS kept USING (stream, subject)
WHERE told.seq IS NULL OR kept.subject IS NULL OR NOT told.ended
ORDER BY 1, 3, 2
"""


def minutes(streams: Sequence[str] | None) -> Iterator[Fault]:
    """The minutes of these streams, of all for None, whose signature the log does not tell after the closing
    of their meeting (Art. 21).
    """
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_SIGNED, {"streams": None if streams is None else list(streams)})
        for stream, subject, seq, signed, ended in cursor:
            if seq is None:
                yield Fault(stream, 1, f"does not tell that {subject} were signed, and they are")
            elif not signed:
                yield Fault(stream, seq, f"tells that {subject} were signed, and they are not")
            elif not ended:
                yield Fault(stream, seq, f"tells that {subject} were signed before the meeting was closed")
