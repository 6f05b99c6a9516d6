"""The only writer of the audit log.

An action is a function decorated with `@action`. The outermost one is one transaction: all entries recorded
by it and by the actions that it calls are written in one statement, sorted by stream, as its last step. By
then it holds all its row locks, and two actions that share streams lock the streams' heads in the same order,
so they wait for each other and never deadlock.
"""

import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import wraps
from inspect import Parameter, signature
from typing import NamedTuple, ParamSpec, Protocol, TypeAlias, TypeVar

from django.conf import settings
from django.db import connection, models, transaction
from django.utils.module_loading import import_string

from audit import clock
from audit.canonical import SALT_BYTES, commitment, payload_bytes
from regulation.refused import Refused

SYSTEM = "system"

_refusals = logging.getLogger("lianxi.refused")

P = ParamSpec("P")
R = TypeVar("R")


class HasKey(Protocol):
    """The person who acts, of whom only the key is used here."""

    @property
    def pk(self) -> object: ...


Actor: TypeAlias = "HasKey | str"


class Listener(Protocol):
    """A callable that is notified of new entries, named in the setting AUDIT_LISTENERS."""

    def __call__(self, streams: frozenset[str], /) -> None:
        """Called when entries in these streams have been committed."""


class _Record(NamedTuple):
    stream: str
    at: datetime
    actor: str
    action: str
    subject: str
    salt: bytes
    body: bytes


class _Recording:
    """The entries recorded so far by the outermost action."""

    __slots__ = ("broken", "records")

    def __init__(self) -> None:
        self.records: list[_Record] = []
        self.broken = False


_under_way: ContextVar[_Recording | None] = ContextVar("audit.recording", default=None)
_rehearsal: ContextVar[str | None] = ContextVar("audit.rehearsal", default=None)
_touched: ContextVar[tuple[set[str], ...]] = ContextVar("audit.touched", default=())


def action(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate the function as an action: it takes effect with all its audit entries or not at all.

    The outermost action is a transaction (a savepoint inside another one); an action that it calls is part of
    it. An exception that leaves any action rolls back the outermost one, with RuntimeError if a caller in
    between catches it. A Refused that leaves the outermost action is logged on "lianxi.refused". TypeError
    when the function has no keyword-only `by`.
    """
    by = signature(function).parameters.get("by")
    if by is None or by.kind is not Parameter.KEYWORD_ONLY or by.default is not Parameter.empty:
        raise TypeError(f"{function.__qualname__}: an action takes a keyword-only `by` without a default")
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def act(*args: P.args, **kwargs: P.kwargs) -> R:
        outer = _under_way.get()
        if outer is not None:
            try:
                return function(*args, **kwargs)
            except BaseException:
                outer.broken = True
                raise
        recording = _Recording()
        token = _under_way.set(recording)
        try:
            with transaction.atomic():
                result = function(*args, **kwargs)
                if recording.broken:
                    raise RuntimeError(f"{name}: an action inside failed and its exception was swallowed")
                if recording.records:
                    _write(recording.records)
                    _notify_when_committed(recording.records)
        except Refused as refused:
            _log(refused, name, kwargs.get("by"), args[0] if args else None)
            raise
        finally:
            _under_way.reset(token)
        for streams in _touched.get():
            streams.update(record.stream for record in recording.records)
        return result

    return act


def acting() -> bool:
    """Whether an action is being executed."""
    return _under_way.get() is not None


def record(stream: str, action: str, subject: str, *, by: Actor, payload: Mapping[str, object]) -> None:
    """Add an entry to `stream`, to be written when the outermost action ends without an exception.

    The payload is serialised now; its values are those that `canonical.payload_bytes` accepts (TypeError,
    ValueError). RuntimeError outside of an action.
    """
    recording = _under_way.get()
    if recording is None:
        raise RuntimeError(f"{action}: recorded outside of an action")
    title = _rehearsal.get()
    recording.records.append(
        _Record(
            stream,
            clock.now(),
            actor_name(by),
            action,
            subject,
            os.urandom(SALT_BYTES),
            payload_bytes(payload if title is None else {**payload, "rehearsed": title}),
        )
    )


def actor_name(by: Actor) -> str:
    """The actor as written in the log: the person's id as text, or "system".

    TypeError for any other text and for a person without an id.
    """
    if by == SYSTEM:
        return SYSTEM
    key = getattr(by, "pk", None)
    if key is None:
        raise TypeError(f"neither a saved person nor {SYSTEM!r}: {by!r}")
    return str(key)


@contextmanager
def rehearsed(title: str) -> Iterator[None]:
    """Mark every payload recorded in the block as belonging to the rehearsal `title`."""
    token = _rehearsal.set(title)
    try:
        yield
    finally:
        _rehearsal.reset(token)


def rehearsing() -> bool:
    """Whether the code runs inside a rehearsal."""
    return _rehearsal.get() is not None


@contextmanager
def touched() -> Iterator[set[str]]:
    """Collect the names of the streams written by outermost actions in the block, in the set yielded."""
    streams: set[str] = set()
    token = _touched.set((*_touched.get(), streams))
    try:
        yield streams
    finally:
        _touched.reset(token)


def statement_for(count: int) -> str:
    """The statement that inserts `count` payloads and entries; its VALUES keep their order."""
    payloads = ", ".join(["(%s, %s, %s)"] * count)
    entries = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * count)
    return (
        f"WITH payload AS (INSERT INTO audit_payload (commitment, salt, body) VALUES {payloads})"  # noqa: S608 - placeholders only
        f" INSERT INTO audit_entry (stream, at, actor, action, subject, commitment) VALUES {entries}"
    )


def _write(records: list[_Record]) -> None:
    payloads: list[bytes] = []
    entries: list[str | datetime | bytes] = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_touched()")
        (touched,) = cursor.fetchone()
        if touched:
            records = [_vouching(records[0], touched), *records[1:]]
        for record in sorted(records, key=lambda record: record.stream):
            digest = commitment(record.salt, record.body)
            payloads += (digest, record.salt, record.body)
            entries += (record.stream, record.at, record.actor, record.action, record.subject, digest)
        cursor.execute(statement_for(len(records)), [*payloads, *entries])


def _vouching(record: _Record, touched: str) -> _Record:
    """The record with the digests of the rows that its action has changed, as collected by the database."""
    payload = {**json.loads(record.body), "stored": json.loads(f"{{{touched[1:]}}}")}
    return record._replace(body=payload_bytes(payload))


def _notify_when_committed(records: list[_Record]) -> None:
    """Call the listeners after the commit, each one whether or not another fails; none after a rollback."""
    streams = frozenset(record.stream for record in records)
    for name in getattr(settings, "AUDIT_LISTENERS", ()):
        transaction.on_commit(_notification(import_string(name), streams), robust=True)


def _notification(listener: Listener, streams: frozenset[str]) -> Callable[[], None]:
    # not functools.partial: Django logs the failure of a robust callback by its __qualname__
    def tell() -> None:
        listener(streams)

    return tell


def _log(refused: Refused, name: str, by: object, given: object) -> None:
    person = by if isinstance(by, str) else getattr(by, "pk", None)
    subject = type(given).__name__
    if isinstance(given, models.Model):
        subject = f"{given._meta.label_lower}:{given.pk}"
    _refusals.warning(
        "%s: %s by person %s on %s",
        refused.code,
        name,
        person,
        subject,
        extra={"code": refused.code, "person": person, "action": name, "subject": subject},
    )
