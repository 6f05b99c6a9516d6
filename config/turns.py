"""Turns: how many requests a process works on at once, and which waits for which."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

#: acts that go before a reading request that waits
ACTS_IN_A_ROW = 8


class Turns:
    """At most so many requests are worked on at once; the others wait, acts before what only reads.

    What waits here takes neither a thread nor a connection to the database. When hundreds of pages ask
    anew after a ballot, the next ballot does not stand behind them: of those who wait, the acts have the
    next turns, at most `ACTS_IN_A_ROW` of them before one that reads; each kind in the order it came.
    """

    def __init__(self, at_once: int, patience: float) -> None:
        self._free = at_once
        self._patience = patience
        self._acting: deque[asyncio.Future[None]] = deque()
        self._reading: deque[asyncio.Future[None]] = deque()
        self._in_a_row = 0

    @asynccontextmanager
    async def turn(self, *, acts: bool) -> AsyncIterator[None]:
        """The request's turn; TimeoutError if it has not come after `patience` seconds."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(self._acting if acts else self._reading)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, row: deque[asyncio.Future[None]]) -> None:
        mine = asyncio.get_running_loop().create_future()
        row.append(mine)
        try:
            async with asyncio.timeout(self._patience):
                await mine
        except (TimeoutError, asyncio.CancelledError):
            if mine.done() and not mine.cancelled():
                self._pass_on()  # it came at the same moment
            raise

    def _pass_on(self) -> None:
        """Give the turn to the next that waits; it is free if there is none."""
        while mine := self._next():
            if not mine.done():
                mine.set_result(None)
                return
        self._free += 1

    def _next(self) -> asyncio.Future[None] | None:
        if self._acting and (self._in_a_row < ACTS_IN_A_ROW or not self._reading):
            self._in_a_row += 1
            return self._acting.popleft()
        self._in_a_row = 0
        return self._reading.popleft() if self._reading else None
