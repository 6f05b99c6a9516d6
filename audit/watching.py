"""Rows that the log vouches for: their changes are recorded as digests, with which the rows are compared.

The setting AUDIT_VOUCHED names a mapping of tables, each with the columns that are left out and those that
are secret. `migrations/0002_guards.py` has the trigger and the format of the digests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop as _
from psycopg import sql

from audit.checking.rows import Fault

Vouched: TypeAlias = Mapping[str, tuple[Sequence[str], Sequence[str]]]

#: the greatest number of existing rows vouched for by one entry, when a table begins to be watched
CHUNK = 5000
EVENTS = ("INSERT", "UPDATE", "DELETE")


def vouched() -> Vouched:
    """The tables that the log vouches for."""
    tables: Vouched = import_string(settings.AUDIT_VOUCHED)
    return tables


# --- watching ---

_WATCHED = """
SELECT tgrelid::regclass::text, encode(tgargs, 'hex') FROM pg_trigger WHERE tgname = 'audit_touched_insert'
"""
_WATCH = """
CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {which} TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION public.audit_touch({unvouched}, {secret});
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};
"""
# The digests that the trigger would have recorded; the cursor's rows are of one snapshot.
_TELL = """
SELECT set_config('lianxi.touched', string_agg(format(
    ',"%%s:%%s":%%s', {name}, row_.id,
    public.audit_fingerprint(to_jsonb(row_) - {unvouched}::text[], {secret}::text[])), ''), true),
    max(row_.id)
FROM (SELECT * FROM {table} WHERE id > %s ORDER BY id LIMIT %s) AS row_
"""


def watch(cursor: Any) -> list[str]:
    """Create the triggers on every vouched table that lacks them, as its owner; return the names of these
    tables.

    Entries vouch for the rows that such a table already has. Tables that do not exist yet are skipped.
    """
    cursor.execute(_WATCHED)
    watched: dict[str, str] = dict(cursor.fetchall())
    begun = []
    for name, (unvouched, secret) in vouched().items():
        arguments = ",".join(unvouched), ",".join(secret)
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone() == (None,):
            continue
        if watched.get(name) == "".join(f"{each}\0" for each in arguments).encode().hex():
            continue
        _watch(cursor, name, *arguments)
        _vouch_for(cursor, name, unvouched, secret)
        begun.append(name)
    return begun


def _watch(cursor: Any, table: str, unvouched: str, secret: str) -> None:
    for event in EVENTS:
        trigger = sql.Identifier(f"audit_touched_{event.lower()}")
        names = {"name": trigger, "table": sql.Identifier(table)}
        cursor.execute(sql.SQL("DROP TRIGGER IF EXISTS {name} ON {table}").format(**names))
        cursor.execute(
            sql.SQL(_WATCH).format(
                event=sql.SQL(event),
                which=sql.SQL("OLD" if event == "DELETE" else "NEW"),
                unvouched=sql.Literal(unvouched),
                secret=sql.Literal(secret),
                **names,
            )
        )


def _vouch_for(cursor: Any, table: str, unvouched: Sequence[str], secret: Sequence[str]) -> None:
    cursor.execute("SET LOCAL timezone = 'UTC'; SET LOCAL bytea_output = 'hex'")
    statement = sql.SQL(_TELL).format(
        name=sql.Literal(table),
        table=sql.Identifier(table),
        unvouched=sql.Literal(list(unvouched)),
        secret=sql.Literal(list(secret)),
    )
    last = 0
    while True:
        cursor.execute(statement, [last, CHUNK])
        _told, last = cursor.fetchone()
        if last is None:
            return
        cursor.execute("SELECT public.audit_vouch(%s)", [f"{table} is watched from now on"])


# --- comparing ---

# The latest digest of a row is looked for in all entries, since it is recorded in whichever stream the action
# wrote first. Digests carried over by an erasure count as old as the erased entry. A payload that is no JSON
# object, or cannot be read, tells of no row.
_READ = """
SELECT entry.stream, entry.seq, entry.recorded_at, entry.action, entry.subject,
    CASE WHEN substr(payload.body, 1, 1) = '{'::bytea
        THEN public.audit_told(payload.body, 'stored') END AS stored
FROM audit_entry AS entry JOIN audit_payload AS payload USING (commitment)
WHERE (position('"stored":{'::bytea IN payload.body) > 0 OR substr(payload.body, 1, 1) <> '{'::bytea
        OR substr(payload.body, octet_length(payload.body)) <> '}'::bytea)
    AND (%(streams)s::text[] IS NULL OR entry.stream = ANY(%(streams)s::text[] || %(beside)s::text[])
        AND (entry.stream = ANY(%(streams)s) OR entry.action = ANY(%(acts)s)))
"""
_TOLD = """
SELECT DISTINCT ON (told.key) told.key, told.value, entry.stream, entry.seq, told.at
FROM entry
    LEFT JOIN audit_entry AS erased ON entry.action = 'audit.erased' AND erased.stream = entry.stream
        AND entry.subject = 'entry:' || erased.seq,
    LATERAL (
        SELECT row_.key, row_.value, coalesce(erased.recorded_at, entry.recorded_at) AS at
        FROM jsonb_each(CASE jsonb_typeof(entry.stored) WHEN 'object' THEN entry.stored ELSE '{}' END) AS row_
        WHERE split_part(row_.key, ':', 1) = ANY(%(tables)s)
    ) AS told
ORDER BY told.key, told.at DESC, entry.seq DESC
"""
_KEPT = (
    "SELECT {name} || ':' || id AS key, to_jsonb(row_) - {unvouched}::text[] AS stored FROM {table} AS row_"
)
_KEPT_TOLD = f"{_KEPT} JOIN told ON told.key = {{name}} || ':' || id"

# A row with a column that its digest lacks is compared without it: a migration has added the column since.
_COMPARED = """
WITH entry AS MATERIALIZED ({read}), told AS ({told}), kept AS ({kept})
SELECT NULL AS key, stream, seq, recorded_at AS at, true AS recorded, false AS gone, false AS kept,
    NULL AS columns
FROM entry WHERE stored IS NULL
UNION ALL
SELECT key, told.stream, told.seq, told.at, told.value IS NOT NULL, jsonb_typeof(told.value) = 'null',
    kept.stored IS NOT NULL, (
        SELECT string_agg(field.key, ', ' ORDER BY field.key)
        FROM jsonb_each(CASE jsonb_typeof(told.value) WHEN 'object' THEN told.value ELSE '{{}}' END) AS field
        WHERE field.key <> '' AND field.value <> '""' AND field.value #>> '{{}}' IS DISTINCT FROM
            encode(substr(sha256(convert_to((kept.stored -> field.key)::text, 'UTF8')), 1, 4), 'hex')
    )
FROM told FULL JOIN kept USING (key)
WHERE CASE
    WHEN told.value ->> '' = encode(sha256(convert_to(kept.stored::text, 'UTF8')), 'hex') THEN false
    WHEN kept.stored IS NULL THEN jsonb_typeof(told.value) <> 'null'
    WHEN told.value IS NULL THEN %(streams)s::text[] IS NULL
    ELSE told.value ->> '' IS DISTINCT FROM encode(sha256(convert_to((
        SELECT jsonb_object_agg(field.key, kept.stored -> field.key)
        FROM jsonb_object_keys(CASE jsonb_typeof(told.value) WHEN 'object' THEN told.value ELSE '{{}}' END)
            AS field(key)
        WHERE field.key <> ''
    )::text, 'UTF8')), 'hex')
END
ORDER BY stream, seq, key
"""
_LATER = """
SELECT FROM audit_entry AS entry JOIN audit_payload AS payload USING (commitment)
WHERE entry.recorded_at > %s AND position(convert_to(%s, 'UTF8') IN payload.body) > 0 LIMIT 1
"""


class Differing(NamedTuple):
    """A row that differs from its recorded digest; `columns` names the columns that differ.

    Without a key it is an entry of which it cannot be read what rows it tells of.
    """

    key: str | None
    stream: str | None
    seq: int | None
    at: Any
    recorded: bool
    recorded_gone: bool
    exists: bool
    columns: str | None

    @property
    def fault(self) -> Fault:
        """The fault at the entry, or at the row where no entry tells of it."""
        if self.key is None:
            what = _("cannot be read: which rows it tells of, and how they were, is unknown")
            return Fault(self.stream or "", self.seq or 0, what)
        table, _colon, pk = self.key.partition(":")
        if not self.recorded or self.stream is None or self.seq is None:
            return Fault(table, int(pk), _("is a row that no entry tells of"))
        code, columns = self._told(table)
        values = {"table": table, "row": pk} | ({"columns": columns} if columns else {})
        return Fault(self.stream, self.seq, code, values)

    def _told(self, table: str) -> tuple[str, str]:
        """In what the entry and the row of this table differ, and in which columns if that can be told."""
        if not self.exists:
            return _("tells of %(table)s %(row)s, which is gone"), ""
        if self.recorded_gone:
            return _("tells that %(table)s %(row)s is gone, and it is there"), ""
        columns = self.columns or ", ".join(vouched().get(table, ((), ()))[1])
        if columns:
            return _("tells of %(table)s %(row)s otherwise than it is stored: %(columns)s"), columns
        return _("tells of %(table)s %(row)s otherwise than it is stored: one that cannot be told"), ""


def stored(streams: Sequence[str] | None, *, tables: Iterable[str] | None = None) -> Iterator[Fault]:
    """The faults of the rows that differ from the log, see `differing`."""
    return (found.fault for found in differing(streams, tables=tables))


def differing(
    streams: Sequence[str] | None,
    *,
    tables: Iterable[str] | None = None,
    beside: tuple[Sequence[str], Sequence[str]] = ((), ()),
) -> Iterator[Differing]:
    """The rows that differ from the log, changed, removed, or recorded in no entry, and what cannot be read.

    Limited to rows recorded in these streams, and to these tables; None for all. `beside` names further
    streams, and the acts in them that are looked at: long streams with few entries that matter. The
    comparison is made by the server, which returns these rows only.
    """
    chosen = {name: vouched()[name] for name in (vouched() if tables is None else tables)}
    kept = sql.SQL(" UNION ALL ").join(
        sql.SQL(_KEPT if streams is None else _KEPT_TOLD).format(
            name=sql.Literal(name), table=sql.Identifier(name), unvouched=sql.Literal(list(unvouched))
        )
        for name, (unvouched, _secret) in chosen.items()
    )
    statement = sql.SQL(_COMPARED).format(read=sql.SQL(_READ), told=sql.SQL(_TOLD), kept=kept)
    further, acts = beside
    given = {
        "streams": None if streams is None else list(streams),
        "tables": list(chosen),
        "beside": list(further),
        "acts": list(acts),
    }
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        with connection.cursor() as setting:
            setting.execute("SET LOCAL timezone = 'UTC'; SET LOCAL bytea_output = 'hex'")
        cursor.execute(statement, given)
        for row in cursor:
            found = Differing(*row)
            if streams is None or not _logged_later(found):
                yield found


def _logged_later(found: Differing) -> bool:
    """Whether a later entry of another stream records the row."""
    if found.key is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(_LATER, [found.at, f'"{found.key}":'])
        return cursor.fetchone() is not None
