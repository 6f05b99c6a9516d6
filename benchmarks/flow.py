"""What a screen costs: processor time of server and database, statements and bytes, against a bare page.

The real ASGI application with all its middleware is asked over HTTP, on one connection that is kept, as a
member of a committee whose meeting votes: for the version of the meeting, the room, what changed in it since
the last ballot, the desk, a plan, the list of plans, and for ballots, by pages as `static/lianxi.js` casts
them (the room, the ballot, the room with the receipt) and by the API. After each ballot by the API all nine
screens ask for what changed. The bare page stands behind the same middleware in the same process; it answers
the same bytes from one statement and one template. Rounds of the site and of the bare page alternate, so that
what else the machine does falls on both alike.

Usage: python -m benchmarks.flow [rounds] [--workers N]
"""

import http.client
import json
import os
import re
import statistics
import sys
from collections import defaultdict
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.cast import REASON, sessions  # it sets Django up, for what follows

from benchmarks.serving import own_database, serving  # isort: skip
from django.middleware.csrf import _get_new_csrf_string

from benchmarks import flow_site
from proposals.models import Proposal
from tests import databases
from tests.voting import racing
from voting.actions import votes

SITE = "benchmarks.flow_site:application"
WARM_UP, ASKED = 2, 9
TICK = 1 / os.sysconf("SC_CLK_TCK")
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class Processes:
    """The processes below one, itself included, and the seconds of processor time that they took."""

    def __init__(self, root: int) -> None:
        self._root = root

    def seconds(self) -> float:
        """What all of them have taken so far."""
        return sum(_stat(pid)[1] for pid in self._all())

    def _all(self) -> list[int]:
        below = defaultdict(list)
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and (found := _stat(int(entry.name))):
                below[found[0]].append(int(entry.name))
        waiting, all_of_them = [self._root], []
        while waiting:
            all_of_them.append(waiting.pop())
            waiting += below[all_of_them[-1]]
        return all_of_them


def _stat(pid: int) -> tuple[int, float]:
    """The parent of a process, and the seconds that it has taken; nothing of one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0, 0.0
    return int(fields[1]), (int(fields[11]) + int(fields[12])) * TICK


class Visitor:
    """A browser's connection to the site: what it asks for, and the cookies that it sends."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, path, session, given=None, *, as_json=None, **headers):
        """Status, headers and text of the answer."""
        token = _get_new_csrf_string()
        sent = {"Cookie": f"sessionid={session}; csrftoken={token}", "X-CSRFToken": token}
        body = None
        if as_json is not None:
            body, sent["Content-Type"] = json.dumps(as_json), "application/json"
        elif given is not None:
            body, sent["Content-Type"] = urlencode(given), "application/x-www-form-urlencoded"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request("GET" if body is None else "POST", path, body, sent | named)
        answer = self._connection.getresponse()
        text = answer.read()
        assert answer.status in (200, 304), (path, answer.status, text[:2000])
        return answer.status, answer.headers, text

    def close(self) -> None:
        self._connection.close()


class Measured:
    """What the requests of one kind took: milliseconds of the server and the database, statements, bytes."""

    def __init__(self) -> None:
        self.server, self.database, self.bytes, self.statements = [], [], [], []
        self.bare_server, self.bare_database = [], []


class Bench:
    """The site, its processes, and what was measured."""

    def __init__(self, port, process, database, workers) -> None:
        self.visitor, self.workers = Visitor(port), workers
        self.server = Processes(process.pid)
        with database.connect(autocommit=True) as asked:
            backend = asked.execute("SELECT pg_backend_pid()").fetchone()[0]
            self.database = Processes(_stat(backend)[0])
        self.rows: dict[str, Measured] = defaultdict(Measured)

    @contextmanager
    def taken(self, into_server, into_database, count):
        """The milliseconds that the block's requests took, each."""
        before = self.server.seconds(), self.database.seconds()
        yield
        into_server.append(1000 * (self.server.seconds() - before[0]) / count)
        into_database.append(1000 * (self.database.seconds() - before[1]) / count)

    def measure(self, name, requests, *, keep=True):
        """The requests are carried out, and as many of the bare page with the same bytes."""
        row = self.rows[name] if keep else Measured()
        with self.taken(row.server, row.database, len(requests)):
            answers = [request() for request in requests]
        row.bytes.append(statistics.mean(sum(map(len, bodies)) for bodies in answers))
        bare = [self._bare(name, number, body) for number, body in enumerate(answers[-1])]
        session = self.sessions[0]
        with self.taken(row.bare_server, row.bare_database, len(requests)):
            for _ in requests:
                for path in bare:
                    self.visitor.ask(path, session)

    def _bare(self, name, number, body) -> str:
        made, _ = flow_site.Page.objects.update_or_create(
            name=f"{name.replace(' ', '-')}-{number}",
            defaults={"kind": "text/html; charset=utf-8", "body": body.decode()},
        )
        return f"/bare/{made.name}/"

    def count(self, name, request) -> None:
        """The statements of one request."""
        if self.workers > 1:
            return
        self._seen()
        alone = self._seen()
        request()
        self.rows[name].statements.append(self._seen() - alone)

    def _seen(self) -> int:
        """How many statements there were since the last look."""
        return len(json.loads(self.visitor.ask("/statements/", self.sessions[0])[2])["statements"])


def hidden(html: str, marker: str) -> dict[str, str]:
    """What the form with this marker sends along unseen."""
    form = html[html.index(marker) :]
    found = dict(HIDDEN.findall(form[: form.index("</form>")]))
    found.pop("csrfmiddlewaretoken", None)
    return found


def by_pages(bench, room, session, choice):
    """A person's ballot by pages: the room, the ballot, the room with the receipt."""
    first = bench.visitor.ask(room, session)[2]
    html = first.decode()
    marker = html[html.index("data-ballot") - 300 : html.index("data-ballot")]
    action = re.findall(r'action="([^"]+)"', marker)[-1]
    given = {
        **hidden(html, "data-ballot"),
        "choice": choice,
        "reason": "" if choice == "for" else REASON,
        "sure": "on",
    }
    said = bench.visitor.ask(action, session, given, Accept="application/json", X_Requested_With="fetch")[2]
    led_to = json.loads(said)["to"].partition("#")[0]
    return [first, said, bench.visitor.ask(led_to, session)[2]]


def by_api(bench, proposal, session, choice):
    """A person's ballot by the API."""
    given = {"proposal": proposal.pk, "choice": choice} | ({} if choice == "for" else {"reason": REASON})
    return [bench.visitor.ask("/api/cast/", session, as_json=given)[2]]


def choice_of(seat: int) -> str:
    return "against" if seat % 4 == 3 else "for"


def vote_by_pages(bench, room, keep) -> None:
    room.open_vote()
    path = f"/meetings/{room.meeting.pk}/"
    asked = [
        lambda seat=seat, key=key: by_pages(bench, path, key, choice_of(seat))
        for seat, key in enumerate(bench.sessions)
    ]
    bench.measure("ballot by pages", asked, keep=keep)


def vote_by_api(bench, room, keep) -> None:
    proposal, _ = room.open_vote()
    screens = [bench.screen(room.meeting, key) for key in bench.sessions]
    for seat, key in enumerate(bench.sessions):
        ballot = partial(by_api, bench, proposal, key, choice_of(seat))
        bench.measure("ballot by API", [ballot], keep=keep)
        bench.measure("room refreshed", [screen.refresh for screen in screens], keep=keep)


def screens_of(bench, room, plan):
    """What is asked for by itself: the name of a row and its address."""
    return {
        "version": f"/meetings/{room.meeting.pk}/version/",
        "profile": "/profile/",
        "room": f"/meetings/{room.meeting.pk}/",
        "desk": "/",
        "plan": f"/proposals/{plan.pk}/",
        "list of plans": "/proposals/",
    }


class Screen:
    """A screen in the room, which asks for what has changed as `lianxi.js` does."""

    def __init__(self, bench, meeting, session) -> None:
        self._bench, self._session, self._path = bench, session, f"/meetings/{meeting.pk}/"
        page = bench.visitor.ask(self._path, session)[2].decode()
        tags = re.search(r'data-tags="([^"]*)"', page)
        self._tags = dict(each.split(".") for each in tags[1].split("~")) if tags else None
        self._seen = ""

    def refresh(self):
        """What is shown of the room becomes what it is now."""
        if self._tags is None:  # the site has no parts
            return [self._bench.visitor.ask(self._path, self._session, X_Requested_With="fetch")[2]]
        self._tags.pop("timeline", None)  # it is folded away
        has = "~".join(f"{name}.{tag}" for name, tag in self._tags.items())
        _status, headers, text = self._bench.visitor.ask(
            f"{self._path}parts/?has={has}", self._session, X_Requested_With="fetch", If_None_Match=self._seen
        )
        if text:
            self._seen = headers["ETag"]
            self._tags |= json.loads(text)["tags"]
        return [text]


def report(bench) -> None:
    print(
        f"{'':<18}{'server ms':>10}{'bare':>8}{'times':>7}{'database':>10}{'bare':>7}"
        f"{'statements':>12}{'bytes':>9}"
    )
    for name, row in bench.rows.items():
        server, bare, database, plain = (
            statistics.median(each) if len(each) < 30 else statistics.mean(each)
            for each in (row.server, row.bare_server, row.database, row.bare_database)
        )
        counted = str(max(row.statements)) if row.statements else "-"
        print(
            f"{name:<18}{server:>10.1f}{bare:>8.1f}{server / max(bare, 0.01):>7.1f}"
            f"{database:>10.1f}{plain:>7.1f}"
            f"{counted:>12}{statistics.mean(row.bytes):>9,.0f}"
        )


def main(rounds: int, workers: int) -> None:
    """Prints a line for each kind of request."""
    with own_database(flow_site.TABLE) as database:
        bank = racing.found()
        room = racing.in_session(bank, 2 * (WARM_UP + rounds) + 3)
        plan = room.waiting[-1]
        with serving(SITE, database, processes=workers) as (process, port):
            bench = Bench(port, process, database, workers)
            bench.sessions = sessions(room.members)
            bench.screen = lambda meeting, session: Screen(bench, meeting, session)
            for number in range(-WARM_UP, rounds):
                keep = number >= 0
                vote_by_pages(bench, room, keep)
                votes.close_vote(votes_open(room), by=room.liaison)
                vote_by_api(bench, room, keep)
                for name, path in screens_of(bench, room, plan).items():
                    asked = [
                        lambda path=path, key=key: [bench.visitor.ask(path, key)[2]] for key in bench.sessions
                    ]
                    bench.measure(name, asked, keep=keep)
                votes.close_vote(votes_open(room), by=room.liaison)
            count_statements(bench, room, plan)
            report(bench)
            bench.visitor.close()


def votes_open(_room):
    return Proposal.objects.get(state="voting")


def count_statements(bench, room, plan) -> None:
    proposal, _ = room.open_vote()
    path, (first, second, *_others) = f"/meetings/{room.meeting.pk}/", bench.sessions
    bench.count("ballot by pages", lambda: by_pages(bench, path, first, "for"))
    screen = bench.screen(room.meeting, first)
    bench.count("ballot by API", lambda: by_api(bench, proposal, second, "for"))
    bench.count("room refreshed", screen.refresh)
    for name, address in screens_of(bench, room, plan).items():
        bench.count(name, lambda address=address: bench.visitor.ask(address, first))


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    main(numbers[0] if numbers else 10, numbers[1] if "--workers" in sys.argv else 1)
    databases.cluster().release()
