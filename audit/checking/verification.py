"""Verification of the log in the database: its rows are passed to `rows` as the server sends them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol, TypeAlias

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop as _
from psycopg import Copy, sql

from audit import log_keys
from audit.checking.rows import AHEAD, Fault, Report, Verifier, rows_of_copy
from audit.models import Checkpoint
from audit.witnessing import cosignature

_ROWS = sql.SQL(
    """COPY (
    SELECT entry.seq, entry.at, entry.recorded_at, entry.commitment, entry.prev,
        entry.stream, entry.actor, entry.action, entry.subject, entry.hash,
        {payload}, head.seq, head.hash
    FROM audit_entry AS entry {join} LEFT JOIN audit_head AS head ON head.stream = entry.stream
    WHERE {chosen} ORDER BY entry.stream, entry.seq
) TO STDOUT (FORMAT BINARY)"""
)
_PAYLOAD = sql.SQL("payload.salt, payload.body")
_NO_PAYLOAD = sql.SQL("NULL::bytea, NULL::bytea")
_JOIN = sql.SQL("LEFT JOIN audit_payload AS payload ON payload.commitment = entry.commitment")

# A stream whose entries have all been removed has no row in the COPY.
_EMPTIED = """
    SELECT head.stream, head.seq FROM audit_head AS head
    WHERE NOT EXISTS (SELECT FROM audit_entry AS entry WHERE entry.stream = head.stream)
        AND (%(streams)s::text[] IS NULL OR head.stream = ANY(%(streams)s))
    ORDER BY head.stream LIMIT 1
"""


_MINUTE = "%Y-%m-%d %H:%M"

#: the greatest normal difference between an entry's time and the database's: waiting for a lock, two clocks
APART = timedelta(minutes=5)

# An entry of a rehearsal is recognised by the first of its stream and by itself, unless it was erased; by
# bytes, since what stands as a payload may have been changed into no JSON at all.
_APART = """
SELECT entry.stream, entry.seq, entry.at, entry.recorded_at, before.at
FROM audit_entry AS entry
    LEFT JOIN audit_entry AS before ON before.stream = entry.stream AND before.seq = entry.seq - 1
WHERE (entry.at NOT BETWEEN entry.recorded_at - %(apart)s AND entry.recorded_at + %(apart)s
        OR entry.at < before.at - %(apart)s)
    AND (%(streams)s::text[] IS NULL OR entry.stream = ANY(%(streams)s))
    AND (%(since)s::timestamptz IS NULL OR entry.recorded_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR entry.recorded_at < %(until)s)
    AND 2 > (
        SELECT count(*) FROM (VALUES (1::bigint), (2)) AS each(place)
            JOIN audit_entry AS told ON told.stream = entry.stream
                AND told.seq = CASE each.place WHEN 1 THEN 1 ELSE entry.seq END
            LEFT JOIN audit_payload AS payload ON payload.commitment = told.commitment
        WHERE position('"rehearsed":'::bytea IN payload.body) > 0
            OR (payload.commitment IS NULL AND each.place = 2)
    )
ORDER BY entry.stream, entry.seq LIMIT %(most)s
"""
# The clock is read before the wait for the stream's head, so a little earlier is nothing. Either of the two
# may be of the period: a clock that was set back writes of another.
_BACK = """
SELECT DISTINCT entry.stream, entry.seq, entry.recorded_at, before.recorded_at
FROM audit_entry AS entry
    JOIN audit_entry AS before ON before.stream = entry.stream AND before.seq = entry.seq - 1
WHERE entry.recorded_at < before.recorded_at - %(apart)s
    AND (%(streams)s::text[] IS NULL OR entry.stream = ANY(%(streams)s))
    AND {period}
"""
_EITHER = sql.SQL(" UNION ").join(
    sql.SQL(_BACK).format(
        period=sql.SQL("{row}.recorded_at >= %(since)s AND {row}.recorded_at < %(until)s").format(
            row=sql.Identifier(row)
        )
    )
    for row in ("entry", "before")
)
_BACK_EVER = sql.SQL(_BACK).format(period=sql.SQL("true"))
_LIMITED = sql.SQL(" ORDER BY 1, 2 LIMIT %(most)s")
_CHECKPOINTS = """
SELECT size, note, made_at, before
FROM (SELECT *, lag(made_at) OVER (ORDER BY size) AS before FROM audit_checkpoint) AS checkpoint
WHERE %(since)s::timestamptz IS NULL OR made_at >= %(since)s AND made_at < %(until)s
    OR before >= %(since)s AND before < %(until)s
ORDER BY size
"""


class Odd(NamedTuple):
    """An entry whose time is odd: when it says it was done, when it was written, and the time of the one
    before it in its stream.
    """

    stream: str
    seq: int
    at: datetime
    recorded_at: datetime
    before: datetime | None

    @property
    def is_back(self) -> bool:
        """Whether the clock had gone back since the entry before."""
        return self.before is not None and self.at < self.before - APART


class Back(NamedTuple):
    """An entry before which the database's clock went back: when it was written, and the one before it."""

    stream: str
    seq: int
    recorded_at: datetime
    before: datetime


class OddCheckpoint(NamedTuple):
    """A checkpoint that was made before a smaller one, or after it was cosigned (then `cosigned_at`)."""

    size: int
    made_at: datetime
    before: datetime | None
    cosigned_at: datetime | None


#: what reading a payload that was changed can end in
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
Buffer: TypeAlias = bytes | bytearray | memoryview


class Check(Protocol):
    """A check contributed by a higher app, named in the setting AUDIT_CHECKS."""

    def __call__(self, streams: Sequence[str] | None, /) -> Iterable[Fault]:
        """The faults in these streams; in all streams for None."""


def verify_streams(names: Iterable[str] | None, *, payloads: bool = True) -> Report:
    """Verify these streams, or all for None, as the current transaction sees them, and return the report.

    Runs inside a transaction and sees its writes; entries committed by others meanwhile have no effect. The
    connection is busy until it returns.
    """
    streams = None if names is None else sorted(set(names))
    chosen: sql.Composable = sql.SQL("true")
    if streams is not None:
        chosen = sql.SQL("entry.stream = ANY({})").format(sql.Literal(streams))
    statement = _ROWS.format(
        payload=_PAYLOAD if payloads else _NO_PAYLOAD, join=_JOIN if payloads else sql.SQL(""), chosen=chosen
    )
    with transaction.atomic(), connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            report = Verifier(payloads=payloads).run(rows_of_copy(_messages(copy)))
            for _rest in copy:
                pass  # a COPY must be read to its end, also after a fault, to free the connection
        if not report.verified:
            return report
        cursor.execute(_EMPTIED, {"streams": streams})
        emptied = cursor.fetchone()
    if emptied is None:
        return report
    fault = Fault(emptied[0], 1, AHEAD, {"stands": emptied[1]})
    return Report(report.entries, report.streams, report.erased, report.head, fault)


def _messages(copy: Copy) -> Iterator[Buffer]:
    """The server's messages up to the end-of-data mark.

    Messages already received are read from libpq directly, since psycopg's wait took as long as computing a
    hash. Messages after the mark are left to psycopg.
    """
    received = copy.connection.pgconn.get_copy_data
    message: Buffer
    while True:
        size, message = received(1)
        if size <= 0:
            message = copy.read()
        if not message:
            return
        yield message


def odd_times(
    streams: Sequence[str] | None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    most: int | None = None,
) -> Iterator[Odd]:
    """The entries whose time differs from the database's, or goes back behind the entry before, by more than
    usual; rehearsals left out. Those written from `since` to before `until`, and so many at most.
    """
    given: dict[str, Any] = {
        "apart": APART,
        "streams": None if streams is None else list(streams),
        "since": since,
        "until": until,
        "most": most,
    }
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_APART, given)
        for row in cursor:
            yield Odd(*row)


def clock_gone_back(
    streams: Sequence[str] | None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    most: int | None = None,
) -> Iterator[Back]:
    """The entries before which the database's clock went back by more than usual, rehearsals among them.

    Of a period (both ends are given, or none) those where one of the two was written in it; so many at most.
    """
    given: dict[str, Any] = {
        "apart": APART,
        "streams": None if streams is None else list(streams),
        "since": since,
        "until": until,
        "most": most,
    }
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute((_BACK_EVER if since is None else _EITHER) + _LIMITED, given)
        for row in cursor:
            yield Back(*row)


def odd_checkpoints(
    *, since: datetime | None = None, until: datetime | None = None
) -> Iterator[OddCheckpoint]:
    """By the database's clock, the checkpoints made before a smaller one, or after they were cosigned.

    Of a period (both ends are given, or none) those of which one of the two was made in it.
    """
    witness = log_keys.witness()
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_CHECKPOINTS, {"since": since, "until": until})
        for size, note, made, before in cursor:
            if before is not None and made < before - APART:
                yield OddCheckpoint(size, made, before, None)
            row = Checkpoint(size=size, note=note, made_at=made)
            signed = cosignature(row, witness) if witness else None
            at = datetime.fromtimestamp(signed.at, UTC) if signed and signed.at else None
            if at is not None and at < made - APART:
                yield OddCheckpoint(size, made, before, at)


def anomalies(streams: Sequence[str] | None) -> Iterator[Fault]:
    """The entries with an odd time, as `odd_times` finds them, and those before which the database's clock
    went back; for all streams also what checkpoints say of that clock.
    """
    for odd in odd_times(streams):
        yield _of_odd(odd)
    for each in clock_gone_back(streams):
        what = _("was written at %(written)s UTC, after one of %(before)s: the database's clock went back")
        values = {"written": _minute(each.recorded_at), "before": _minute(each.before)}
        yield Fault(each.stream, each.seq, what, values)
    if streams is None:
        for found in odd_checkpoints():
            yield _of_checkpoint(found)


def _of_odd(odd: Odd) -> Fault:
    values: dict[str, object] = {"done": _minute(odd.at), "written": _minute(odd.recorded_at)}
    if odd.is_back:
        what = _("says that it was done at %(done)s UTC, before entry %(before)s; written at %(written)s")
        return Fault(odd.stream, odd.seq, what, values | {"before": odd.seq - 1})
    what = _("says that it was done at %(done)s UTC, and was written at %(written)s")
    return Fault(odd.stream, odd.seq, what, values)


def _of_checkpoint(found: OddCheckpoint) -> Fault:
    values = {"made": _minute(found.made_at)}
    if found.cosigned_at is not None:
        what = _(
            "was made at %(made)s UTC and cosigned at %(cosigned)s: the clock of the database or the witness"
            " is wrong"
        )
        return Fault("checkpoint", found.size, what, values | {"cosigned": _minute(found.cosigned_at)})
    what = _("was made at %(made)s UTC, after one of %(before)s: the database's clock went back")
    before = _minute(found.before) if found.before is not None else ""
    return Fault("checkpoint", found.size, what, values | {"before": before})


def _minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):{_MINUTE}}"


def read_one_state() -> None:
    """The transaction, which begins here, reads one state of the database and writes nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def further_faults(streams: Sequence[str] | None) -> Iterator[Fault]:
    """The faults that the checks of the setting AUDIT_CHECKS find in these streams, in all for None.

    That a check cannot be asked, as where a payload was changed into no JSON, is a fault too, and keeps none
    of the others from being asked.
    """
    for name in getattr(settings, "AUDIT_CHECKS", ()):
        check: Check = import_string(name)
        try:
            with transaction.atomic():
                yield from check(streams)
        except (DatabaseError, *_UNREADABLE) as error:
            why = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
            what = _("%(check)s cannot read what is stored (%(why)s)")
            yield Fault("", 0, what, {"check": name, "why": why})
