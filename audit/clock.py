"""The time that every rule reads, so that a rehearsal can set it.

Each audit entry carries the database's own clock beside this one, and nothing sets that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_set: ContextVar[list[datetime] | None] = ContextVar("audit.clock", default=None)


def now() -> datetime:
    """The present time, aware, in UTC; the time set, inside of `frozen`."""
    held = _set.get()
    return datetime.now(UTC) if held is None else held[0]


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """The clock stands at `moment` until the block ends; only `travel` moves it.

    ValueError when `moment` is naive.
    """
    token = _set.set([_utc(moment)])
    try:
        yield
    finally:
        _set.reset(token)


def travel(moment: datetime) -> None:
    """The frozen clock stands at `moment`, in the past or the future.

    RuntimeError outside of `frozen`: the real clock is nobody's to set.
    """
    held = _set.get()
    if held is None:
        raise RuntimeError("only a frozen clock can travel")
    held[0] = _utc(moment)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError("a moment has a time zone")
    return moment.astimezone(UTC)
