"""The clock that all rules read, so that a rehearsal can set it.

Each audit entry also carries the database server's time, which nothing here changes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_set: ContextVar[list[datetime] | None] = ContextVar("audit.clock", default=None)


def now() -> datetime:
    """The present time in UTC, aware; inside `frozen` the time that was set."""
    held = _set.get()
    return datetime.now(UTC) if held is None else held[0]


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Stop the clock at `moment` until the block ends; only `travel` moves it.

    ValueError when `moment` is naive.
    """
    token = _set.set([_utc(moment)])
    try:
        yield
    finally:
        _set.reset(token)


def travel(moment: datetime) -> None:
    """Set the frozen clock to `moment`, earlier or later.

    RuntimeError outside of `frozen`: the real clock cannot be set.
    """
    held = _set.get()
    if held is None:
        raise RuntimeError("only a frozen clock can travel")
    held[0] = _utc(moment)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError("a moment has a time zone")
    return moment.astimezone(UTC)
