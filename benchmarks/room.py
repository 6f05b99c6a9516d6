"""From a voter's request until all screens know of it: the live room against a bare consumer of channels.

To reach: at most 1.5 times the bare one's time, median and 99th percentile, for 9 and for 200 sockets, until
each is told; and for 9, until each shows it, 2 times by the median and 2.5 times by the 99th percentile. A
ballot goes over HTTP, with permission, lock, rules and audit entry; each socket's session, person and
permission are asked before it is told the meeting's new version. A screen that is told asks for the parts of
the room that have changed, as `static/lianxi.js` does, and shows it when it has them. The bare view, behind
the same session login, inserts one row, and a consumer of channels relays a text to its group, whose screens
show that, without asking anything. All is in one worker, with the layer in memory, on one
database. Ballots and relays alternate, so that what else the machine does falls on both alike.

Then a hundred meetings vote at once, with nine screens each, in two processes with Redis: each meeting's nine
ballots follow one another, all meetings side by side. Every screen must come to its meeting's last state
within ten seconds of the last ballot, and every tally be right. Memory is what the process holds more with
900 sockets than with none.
Usage: python -m benchmarks.room [rounds]
"""

import asyncio
import json
import random
import re
import shutil
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.cast import request_for, sessions  # it sets Django up, for what follows

from benchmarks.serving import own_database, serving  # isort: skip
from websockets.asyncio.client import connect

from audit.models import Head
from benchmarks import site
from tests import databases
from tests.config import served
from tests.voting import racing
from voting.actions import votes
from voting.models import Ballot, Vote

SITE = "benchmarks.room_site:application"
#: nine people hold all sockets here, more than the site lets anybody have
SOCKETS = {"SOCKETS_A_PERSON": "1000"}
MEETINGS, SEATS, WARM_UP, MOST, MOST_SHOWN = 100, 9, 1, 1.5, "2 and 2.5"
PATIENCE = 120


class Busy(Exception):
    """The site had no turn for the request in time."""


class Asker:
    """A connection that is kept, for requests one after the other."""

    @classmethod
    async def to(cls, port):
        made = cls()
        made.reader, made.writer = await asyncio.open_connection("127.0.0.1", port)
        return made

    async def ask(self, request: bytes) -> bytes:
        """The answer to it, whose status is 200 or 304; Busy if the site could not take it."""
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        body = await self.reader.readexactly(length)
        if head.startswith(b"HTTP/1.1 503"):
            raise Busy
        assert head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 304")), head + body
        return body


class Screen:
    """A socket; `told` has when each message came, and its text."""

    def __init__(self, socket):
        self.socket, self.told = socket, asyncio.Queue()
        self.reading = asyncio.ensure_future(self._read())

    async def _read(self):
        async for text in self.socket:
            self.told.put_nowait((time.perf_counter(), text))

    async def knows(self, holds) -> float:
        """When the first message came of which it holds."""
        return (await self.told_of(holds))[0]

    async def told_of(self, holds) -> tuple[float, str]:
        """When the first message came of which it holds, and its text."""
        async with asyncio.timeout(PATIENCE):
            while True:
                at, text = await self.told.get()
                if holds(text):
                    return at, text


class Page:
    """A page of the room: its parts by their tags, asked for again when its socket has told it something."""

    @classmethod
    async def to(cls, port, meeting, session):
        made = cls()
        made.asker, made.session = await Asker.to(port), session
        made.asked, made.turned_away = asyncio.Event(), 0
        made.shown, made.shown_at = 0, 0.0
        made.path = f"/meetings/{meeting.pk}/"
        html = (await made.asker.ask(made.get(made.path))).decode()
        tags = re.search(r'data-tags="([^"]*)"', html)[1]
        made.version = int(re.search(r'data-version="([0-9]+)"', html)[1])
        made.tags = dict(each.split(".") for each in tags.split("~"))
        del made.tags["timeline"]  # it is folded away
        return made

    def get(self, path) -> bytes:
        """The request for this address."""
        lines = (f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: sessionid={self.session}")
        return "\r\n".join((*lines, "X-Requested-With: fetch")).encode() + b"\r\n\r\n"

    async def shows(self, screen, version) -> tuple[float, float]:
        """When it showed this version, and when one's own parts of it too, if they were asked for at once.

        The socket brings what all have alike; without that the page asks for all that has changed.
        """
        at_, text = await screen.told_of(at(version))
        told = json.loads(text)
        self.tags |= told.get("tags", {})
        if told.get("own", True):
            await self.ask(version)
            now = time.perf_counter()
            return (at_ if "parts" in told else now), now
        return at_, at_

    async def ask(self, version) -> dict[str, str]:
        """The parts that it had not; they stand on it now."""
        has = "~".join(f"{name}.{tag}" for name, tag in self.tags.items())
        told = json.loads(await self.asker.ask(self.get(f"{self.path}parts/?has={has}")))
        assert told["version"] >= version
        self.tags |= told["tags"]
        if told["version"] > max(self.shown, self.version):
            self.shown_at = time.perf_counter()
        self.version = told["version"]
        self.asked.set()
        return told["parts"]

    async def reaches(self, version) -> None:
        """Wait until it has asked for its own parts at this version."""
        while self.version < version:
            self.asked.clear()
            await self.asked.wait()

    async def follow(self, screen) -> None:
        """Show what the socket tells, and ask for the rest when the script would, for ever."""
        asks = asyncio.Event()
        loop, asking = asyncio.get_running_loop(), asyncio.ensure_future(self._asks(asks))
        later, last = None, 0.0
        try:
            while True:
                at_, text = await screen.told.get()
                told = json.loads(text)
                if told["v"] <= max(self.shown, self.version):
                    continue
                if "parts" in told:
                    self.shown, self.shown_at = told["v"], at_
                self.tags |= told.get("tags", {})
                if told.get("own", True):
                    asks.set()
                    continue
                # when it has been quiet for some seconds, or half a minute after the first word
                waits = later is not None and not later.cancelled() and later.when() > loop.time()
                if waits:
                    later.cancel()
                else:
                    last = loop.time() + 30
                later = loop.call_later(min(2 + 4 * random.random(), last - loop.time()), asks.set)
        finally:
            asking.cancel()

    async def _asks(self, asks: asyncio.Event) -> None:
        while True:
            await asks.wait()
            asks.clear()
            began = time.perf_counter()
            try:
                await self.ask(0)
            except Busy:
                self.turned_away += 1
                asyncio.get_running_loop().call_later(4 * (0.75 + random.random() / 2), asks.set)
            await asyncio.sleep(max(0.25, 2 * (time.perf_counter() - began)))


@asynccontextmanager
async def screens(port, paths_and_sessions):
    """Open sockets, each told how its meeting stands where there is one."""
    made = []
    origin = f"http://127.0.0.1:{port}"

    async def opened(path, session):
        headers = {"Cookie": f"sessionid={session}"}
        return await connect(
            f"ws://127.0.0.1:{port}{path}", origin=origin, additional_headers=headers, compression=None
        )

    try:
        for begun in range(0, len(paths_and_sessions), 20):
            group = paths_and_sessions[begun : begun + 20]
            made += [Screen(each) for each in await asyncio.gather(*(opened(*each) for each in group))]
        yield made
    finally:
        for screen in made:
            screen.reading.cancel()
        await asyncio.gather(*(screen.socket.close() for screen in made))


def version_of(text: str) -> int:
    return json.loads(text)["v"]


def at(version: int):
    """Whether a message has this version."""
    return lambda text: version_of(text) == version


def head_of(meeting) -> int:
    return Head.objects.get(stream=meeting.stream).seq


def ballot(proposal, session, number):
    said = {"choice": "against", "reason": "No"} if number % 4 == 3 else {"choice": "for", "reason": ""}
    return request_for(f"/cast/{proposal.pk}/", session, key=f"{proposal.pk}-{number}", **said)


async def side_by_side(port, room, signed_in, count, rounds, *, shown=False):
    """Seconds from each request until the last of the screens knew, or showed it: of ballots and relays."""
    path = f"/ws/meetings/{room.meeting.pk}/{'?parts=en' if shown else ''}"
    keys = [signed_in[number % SEATS] for number in range(count)]
    asker, times = await Asker.to(port), {"room": [], "own": [], "bare": []}
    pages = [await Page.to(port, room.meeting, key) for key in keys] if shown else []
    async with (
        screens(port, [(path, key) for key in keys]) as ours,
        screens(port, [("/ws/bare/", key) for key in keys]) as bare,
    ):
        for number in range(WARM_UP + rounds):
            proposal, _ = await asyncio.to_thread(room.open_vote)
            version = await asyncio.to_thread(head_of, room.meeting)
            await asyncio.gather(*(each.knows(at(version)) for each in ours))
            await asyncio.gather(*(page.ask(version) for page in pages))
            for seat, session in enumerate(signed_in):
                version, text = version + 1, f"{number}-{seat}"
                for kind in ("room", "bare") if seat % 2 else ("bare", "room"):
                    if kind == "room":
                        asked, waiting, holds = ballot(proposal, session, seat), ours, at(version)
                    else:
                        asked = request_for("/relay/", session, key="k" * 40, choice="against", reason=text)
                        waiting, holds = bare, text.__eq__
                    began = time.perf_counter()
                    if kind == "room" and shown:
                        seen = (page.shows(each, version) for page, each in zip(pages, ours, strict=True))
                    else:
                        seen = (each.knows(holds) for each in waiting)
                    known = asyncio.gather(*seen)
                    await asker.ask(asked)
                    last = await known
                    if number < WARM_UP:
                        continue
                    if kind == "room" and shown:
                        times["own"].append(max(own for _shown, own in last) - began)
                        last = [at_ for at_, _own in last]
                    times[kind].append(max(last) - began)
            await asyncio.to_thread(votes.close_vote, proposal, by=room.liaison)
    return times


def percentile(times, part):
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


def report_side_by_side(count, times, *, shown=False):
    told = []
    for name, part in (("median", 0.5), ("99th percentile", 0.99)):
        room, bare = percentile(times["room"], part), percentile(times["bare"], part)
        told.append(f"{name} {1000 * room:.1f} ms against {1000 * bare:.1f} ms, {room / bare:.2f} times")
    if shown:
        own = percentile(times["own"], 0.5)
        told.append(f"with the voter's own parts median {1000 * own:.1f} ms")
    what, most = ("screens, until they show it", MOST_SHOWN) if shown else ("sockets", MOST)
    print(f"{count:>4} {what}, {len(times['room'])} acts of each: {'; '.join(told)} (to reach: {most})")


async def all_at_once(port, rooms, opened, versions, signed_in):
    """Seconds of each ballot, of all, until all screens showed the last state and had their own parts; how
    many refreshes met a busy site.
    """
    times, last = [], [version + SEATS for version in versions]
    wanted = [(f"/ws/meetings/{room.meeting.pk}/?parts=en", key) for room in rooms for key in signed_in]
    pages = [await Page.to(port, room.meeting, key) for room in rooms for key in signed_in]
    async with screens(port, wanted) as made:
        following = [asyncio.ensure_future(page.follow(each)) for page, each in zip(pages, made, strict=True)]

        async def vote(place):
            asker = await Asker.to(port)
            for seat, session in enumerate(signed_in):
                began = time.perf_counter()
                while True:
                    try:
                        await asker.ask(ballot(opened[place], session, seat))
                        break
                    except Busy:
                        await asyncio.sleep(2)
                times.append(time.perf_counter() - began)

        began = time.perf_counter()
        await asyncio.gather(*(vote(place) for place in range(len(rooms))))
        voted = time.perf_counter()
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(page.reaches(last[n // SEATS]) for n, page in enumerate(pages)))
        settled = time.perf_counter()
        for each in following:
            each.cancel()
        turned_away = sum(page.turned_away for page in pages)
        for page in pages:
            assert await page.ask(0) == {}, page.path
        shown = max(page.shown_at for page in pages)
        return times, voted - began, shown - voted, settled - voted, turned_away


def resident(pid: int) -> int:
    """Bytes that the process holds."""
    (line,) = (row for row in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmRSS" in row)
    return int(line.split()[1]) * 1024


async def memory(pid, port, room, signed_in, count=900):
    path = f"/ws/meetings/{room.meeting.pk}/"
    async with screens(port, [(path, signed_in[0])] * 50):
        await asyncio.sleep(2)
    before = resident(pid)
    async with screens(port, [(path, signed_in[n % SEATS]) for n in range(count)]):
        await asyncio.sleep(3)
        return (resident(pid) - before) / count


def main(rounds: int) -> None:
    """Prints times, ratios, what came of the hundred meetings, and memory."""
    with own_database(site.TABLE) as database:
        bank = racing.found()
        room = racing.in_session(bank, 3 * (WARM_UP + rounds))
        signed_in = sessions(room.members)
        with serving(SITE, database, **SOCKETS) as (process, port):
            for count in (SEATS, 200):
                report_side_by_side(count, asyncio.run(side_by_side(port, room, signed_in, count, rounds)))
            times = asyncio.run(side_by_side(port, room, signed_in, SEATS, rounds, shown=True))
            report_side_by_side(SEATS, times, shown=True)
            (worker,) = served.workers(process.pid)
            each = asyncio.run(memory(worker, port, room, signed_in))
            print(f"memory: {each / 1024:.0f} kB a socket")
        hundred(database, bank, signed_in)


def hundred(database, bank, signed_in) -> None:
    rooms = [racing.in_session(bank, 1) for _ in range(MEETINGS)]
    opened = [room.open_vote()[0] for room in rooms]
    versions = [head_of(room.meeting) for room in rooms]
    folder = Path(tempfile.mkdtemp(prefix="lianxi-"))
    redis = f"unix://{folder}/redis.sock"
    try:
        with (
            served.redis(folder),
            serving(SITE, database, processes=2, **SOCKETS, CHANNEL_REDIS_URL=redis) as (_, port),
        ):
            came = asyncio.run(all_at_once(port, rooms, opened, versions, signed_in))
    finally:
        shutil.rmtree(folder)
    times, whole, shown, after, away = came
    for room, proposal in zip(rooms, opened, strict=True):
        votes.close_vote(proposal, by=room.liaison)
    against = sum(number % 4 == 3 for number in range(SEATS))
    tallies = set(Vote.objects.filter(proposal__in=opened).values_list("for_count", "against_count"))
    assert tallies == {(SEATS - against, against)}, tallies
    cast = Ballot.objects.filter(vote__proposal__in=opened).count()
    assert cast == SEATS * MEETINGS
    median, last = (f"{1000 * percentile(times, part):.0f} ms" for part in (0.5, 0.99))
    print(
        f"{MEETINGS} meetings at once, {cast} screens, two processes with Redis: {cast} ballots in"
        f" {whole:.1f} s (a ballot's request median {median}, 99th percentile {last}), all tallies right;\n"
        f"  every screen showed its meeting's last state {shown:.1f} s after the last ballot (to reach: 10);"
        f" one's own {after:.1f} s after it; {away} refreshes had to come again"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
    databases.cluster().release()
