"""The texts of the log's entries are put into the search, beside the acts that write them."""

from __future__ import annotations

from django.db import connection, transaction

#: entries read in one transaction
BATCH = 5000

# The entries of a stream are committed in their order, so those up to its head are all there.
_READ = """
WITH due AS MATERIALIZED (
    SELECT entry.stream, entry.seq, entry.commitment
    FROM audit_head AS head LEFT JOIN pages_entriesread AS mark ON mark.stream = head.stream,
        LATERAL (
            SELECT each.stream, each.seq, each.commitment FROM audit_entry AS each
            WHERE each.stream = head.stream AND each.seq > coalesce(mark.seq, 0) AND each.seq <= head.seq
            ORDER BY each.seq LIMIT %(batch)s
        ) AS entry
    WHERE head.seq > coalesce(mark.seq, 0)
    ORDER BY entry.stream, entry.seq LIMIT %(batch)s
), texts AS (
    INSERT INTO pages_entrytext (commitment, stream, seq, words, grams)
    SELECT due.commitment, due.stream, due.seq, said.words, bigrams(said.words)
    FROM due JOIN audit_payload AS payload USING (commitment),
        LATERAL (SELECT entry_words(payload.body) AS words) AS said
    WHERE said.words <> ''
    ON CONFLICT DO NOTHING
), marks AS (
    INSERT INTO pages_entriesread (stream, seq) SELECT stream, max(seq) FROM due GROUP BY stream
    ON CONFLICT (stream) DO UPDATE SET seq = greatest(pages_entriesread.seq, EXCLUDED.seq)
)
SELECT count(*) FROM due
"""


def read_entries(*, batch: int = BATCH) -> int:
    """The search has the text of every committed entry; return how many it lacked.

    A payload that is erased meanwhile fails the transaction, and nothing of it stays.
    """
    total, read = 0, batch
    while read == batch:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_READ, {"batch": batch})
            (read,) = cursor.fetchone()
        total += read
    return total
