"""How many requests a process works on at once, and which waits for which (config/turns)."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse

from config.asgi import Pages
from config.turns import ACTS_IN_A_ROW, Turns

LONG = 60.0


class Line:
    """Requests at a site that works on one at a time; `done` has their names in the order of their turns."""

    def __init__(self, patience: float = LONG) -> None:
        self.turns = Turns(1, patience)
        self.done: list[str] = []

    async def ask(self, name: str, *, acts: bool) -> None:
        async with self.turns.turn(acts=acts):
            self.done.append(name)
            await asyncio.sleep(0)

    async def play(self, *asked: tuple[str, bool]) -> None:
        async with self.turns.turn(acts=False):
            waiting = [asyncio.ensure_future(self.ask(name, acts=acts)) for name, acts in asked]
            await asyncio.sleep(0)
        await asyncio.gather(*waiting)


def played(line: Line, part: Coroutine[Any, Any, None]) -> list[str]:
    asyncio.run(part)
    return line.done


def test_acts_have_their_turn_before_readings_each_in_the_order_it_came() -> None:
    line = Line()
    asked = (("page", False), ("ballot", True), ("refresh", False), ("opinion", True))
    assert played(line, line.play(*asked)) == ["ballot", "opinion", "page", "refresh"]


def test_readings_are_not_kept_waiting_by_acts_without_end() -> None:
    line = Line()
    acts = [(f"act {number}", True) for number in range(2 * ACTS_IN_A_ROW)]
    done = played(line, line.play(*acts, ("page", False), ("refresh", False)))
    assert [done.index("page"), done.index("refresh")] == [ACTS_IN_A_ROW, 2 * ACTS_IN_A_ROW + 1]


def test_no_more_than_so_many_are_worked_on_at_once() -> None:
    at_once: list[int] = []
    working = 0
    turns = Turns(3, LONG)

    async def ask(number: int) -> None:
        nonlocal working
        async with turns.turn(acts=number % 2 == 0):
            working += 1
            at_once.append(working)
            await asyncio.sleep(0.001)
            working -= 1

    async def play() -> None:
        await asyncio.gather(*(ask(number) for number in range(20)))

    asyncio.run(play())
    assert (len(at_once), max(at_once)) == (20, 3)


def test_a_turn_that_does_not_come_is_given_up_and_is_not_lost() -> None:
    line = Line(patience=0.01)

    async def play() -> None:
        async with line.turns.turn(acts=True):
            with pytest.raises(TimeoutError):
                await line.ask("late", acts=True)
        await line.ask("next", acts=False)

    assert played(line, play()) == ["next"]


@pytest.mark.parametrize("passed_on", [False, True])
def test_the_turn_of_a_client_that_has_gone_goes_to_the_next(passed_on: bool) -> None:
    """Also if it came at the moment at which the client went."""
    line = Line()

    async def play() -> None:
        held = line.turns.turn(acts=True)
        await held.__aenter__()
        gone, next_one = (asyncio.ensure_future(line.ask(name, acts=True)) for name in ("gone", "next"))
        await asyncio.sleep(0)
        if passed_on:
            await held.__aexit__(None, None, None)
        gone.cancel()
        if not passed_on:
            await asyncio.sleep(0)
            await held.__aexit__(None, None, None)
        with pytest.raises(asyncio.CancelledError):
            await gone
        await next_one
        await line.ask("last", acts=False)

    assert played(line, play()) == ["next", "last"]


def test_a_request_that_waits_takes_no_thread_and_is_told_to_come_again(monkeypatch: Any) -> None:
    pages = Pages()
    pages.turns = Turns(1, 0.05)
    monkeypatch.setattr(pages, "get_response", lambda _request: HttpResponse("made"))
    request = HttpRequest()
    request.method, request.path = "POST", "/meetings/1/"

    async def play() -> tuple[Any, Any]:
        async with pages.turns.turn(acts=True):
            told = await pages.get_response_async(request)
        return told, await pages.get_response_async(request)

    told, made = asyncio.run(play())
    assert (told.status_code, told["Retry-After"], made.content) == (503, "5", b"made")
    assert "yours was not begun" in " ".join(told.content.decode().split())
    assert (told["Content-Length"], told["Cache-Control"]) == (str(len(told.content)), "no-store")
