"""Played through the site, over HTTP, a rehearsal comes out as by direct calls; the database in use stays."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import StringIO

import psycopg
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, connections

from audit import clock
from committee.models import Person, Unit
from config.database import roles, throwaway
from proposals.actions import screening
from proposals.models import Proposal
from regulation.numbers import Regulation
from rehearsal import bank, over_http, player
from rehearsal.over_http import Browser, OverHttp, Unexpected, served
from rehearsal.schema import load, read
from tests.rehearsal.conftest import CASES, ROOT, bundled, encoded
from voting.live import sockets

FILES = sorted(CASES.glob("*.json")) + sorted((ROOT / "tests" / "rehearsals").glob("*.json"))
#: a vote with its refusals, and all that anybody does not see; the others are played by `make test-slow`
SOME = ("07-abstention-and-reasons", "36-who-sees-what")
SHORT = CASES / "05-not-non-performing.json"


@pytest.fixture
def site(fresh_db):
    """The site can be served on a database of the test's own."""
    with over_http.prepared():
        yield fresh_db


def told(played):
    """All that is told of a rehearsal but the last hashes, which hold salts and the database's own clock."""
    found = played.as_json("file")
    assert re.fullmatch("[0-9a-f]{64}", found["audit"].pop("head"))
    return found


def both(document):
    rehearsal = read(encoded(document))
    return told(player.play(rehearsal)), told(over_http.play(rehearsal))


def same(path):
    rehearsal = load(path)
    directly = told(player.play(rehearsal, loud=True))
    assert told(over_http.play(rehearsal, loud=True)) == directly
    assert directly["matched"]
    assert directly["audit"]["verified"]


@pytest.mark.parametrize("path", [path for path in FILES if path.stem in SOME], ids=lambda path: path.stem)
def test_results_over_http_are_those_of_direct_calls(site, path):
    same(path)


def test_an_act_that_no_socket_is_told_of_is_an_error(site, monkeypatch):
    monkeypatch.setattr(sockets.Socket, "push", lambda *_told, **_more: None)
    monkeypatch.setattr(over_http, "ANNOUNCED_SECONDS", 0.5)
    with pytest.raises(Unexpected, match="its socket was told 0"):
        over_http.play(load(CASES / "07-abstention-and-reasons.json"), loud=True)


def test_an_act_that_is_told_before_an_earlier_one_is_an_error(site, monkeypatch):
    push = sockets.Socket.push

    def the_first_again(self, version, **more):
        self._pushed = 0
        push(self, 1)

    monkeypatch.setattr(sockets.Socket, "push", the_first_again)
    with pytest.raises(Unexpected, match=r"its socket was told 1, then \{'v': 1\}"):
        over_http.play(load(CASES / "07-abstention-and-reasons.json"), loud=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [path for path in FILES if path.stem not in SOME], ids=lambda path: path.stem
)
def test_results_over_http_are_those_of_direct_calls_in_every_file(site, path):
    same(path)


def test_a_wrong_rehearsal_is_as_wrong_over_http(site, filed):
    filed["steps"][1]["expect"] = "plan/incomplete"
    filed["steps"] += [
        {"do": "submit", "by": "outsider", "proposal": "P1", "expect": "state/not-allowed"},
        {"do": "submit", "by": "handler", "proposal": "P1"},
    ]
    filed["outcome"] = {"P1": {"state": "filed", "rounds": 1}}
    directly, over = both(filed)
    assert over == directly
    assert over["mismatch"] == {"step": 2, "expected": "plan/incomplete", "got": "accepted"}
    assert [row["result"] for row in over["steps"][-2:]] == ["access/not-found", "state/not-allowed"]


def test_a_wrong_outcome_is_told_over_http(site, filed):
    filed["outcome"] = {"P1": {"state": "tabled"}}
    directly, over = both(filed)
    assert over == directly
    assert over["mismatch"]["step"] is None


def test_what_was_never_made_and_what_the_engine_judges_come_out_alike(site, case):
    case["proposals"]["P2"] = ["no plan"]
    case["steps"] = [
        {"do": "submit", "by": "handler", "proposal": "P1"},
        {"do": "draft", "by": ["handler", "chair"], "proposal": "P2"},
        {"do": "draft", "by": "handler", "proposal": "P1"},
        {"do": "amend", "by": "handler", "proposal": "P1", "changes": {"title": "半\u2028行", "loans": 5}},
        {"do": "cast", "by": "seat2", "proposal": "P1", "choice": "\ud800"},
        {"do": "vacate_seat", "by": "risk", "seat": "seat999"},
    ]
    directly, over = both(case)
    assert over == directly
    assert "error" not in {row["result"] for row in over["steps"]}


def test_a_fault_of_the_engine_is_told_and_the_play_goes_on(site, filed, monkeypatch, caplog):
    def breaks(_proposal, *, by):
        raise ZeroDivisionError

    monkeypatch.setattr(screening, "shortlist", breaks)
    rehearsal = read(encoded(filed))
    played = over_http.play(rehearsal)
    assert [row.result for row in played.rows] == ["accepted", "accepted", "error", "14/not-shortlisted"]
    assert "shortlist failed: Unexpected" in caplog.text
    with pytest.raises(Unexpected):
        over_http.play(rehearsal, loud=True)


def test_a_refusal_under_another_status_is_no_refusal(monkeypatch):
    driver = OverHttp(None, 0, "")

    class Told:
        def ask(self, *_asked):
            return self.answer

    monkeypatch.setattr(driver, "_as", lambda _handle: answering)
    answering = Told()
    for status, article in ((409, "20.4"), (422, "20.3")):
        answering.answer = status, {"code": "20.4/reason-required", "article": article}
        with pytest.raises(Unexpected):
            driver.do("cast", "seat2", {})


# -- The clock ---------------------------------------------------------------------------------------------


def draft_at(port, people, committee, plan):
    """When the site says that a plan drafted now was drafted."""
    with closing(Browser(port)) as browser:
        browser.sign_in(people["handler"].username, "a known password")
        status, made = browser.ask("POST", "/api/draft/", {"committee": committee.pk, "plan": plan})
        assert status == 201
    return Proposal.objects.get(pk=made["proposal"]["id"]).drafted_at


@pytest.fixture
def founded(site):
    own = bank.own(Regulation(), bank.FIRST_EFFECTIVE)
    bank.give_logins(own, by="system", handles=["handler"], password="a known password")
    return own


def test_the_sites_clock_is_the_runs_and_no_others(founded, case):
    plan, then = case["proposals"]["P1"], datetime(2009, 3, 5, tzinfo=UTC)
    with clock.frozen(then), served() as port:
        assert draft_at(port, founded.people, founded.committee, plan) == then
        clock.travel(then + timedelta(days=2))
        assert draft_at(port, founded.people, founded.committee, plan) == then + timedelta(days=2)
    before = datetime.now(UTC)
    with served() as port, clock.frozen(then):
        assert draft_at(port, founded.people, founded.committee, plan) >= before


# -- The command -------------------------------------------------------------------------------------------


def run(*arguments):
    out, err = StringIO(), StringIO()
    try:
        call_command("rehearse", "--over", "http", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as ended:
        return ended.code, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def rows():
    with connection.cursor() as cursor:
        found = {}
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}"')
            found[model._meta.db_table] = cursor.fetchone()[0]
        return found


def thrown_away(database):
    """The databases to be thrown away that are there, made for this one."""
    with psycopg.connect(database.owner_dsn) as own:
        return own.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{throwaway.PREFIX}%"]
        ).fetchall()


def test_the_command_plays_on_a_database_that_is_gone_afterwards(fresh_db, tmp_path, monkeypatch):
    Unit.objects.create(name="某某银行", kind=Unit.Kind.HEAD_OFFICE)
    before, made = rows(), []
    wrong = bundled(5)
    wrong["steps"][0]["expect"] = "plan/invalid"
    (tmp_path / "wrong.json").write_text(json.dumps(wrong))
    (tmp_path / "none.json").write_text("{")
    played = over_http.play

    def looked_at(rehearsal):
        made.append(connections["default"].settings_dict["NAME"])
        assert Unit.objects.count() == 0 or len(made) > 1
        return played(rehearsal)

    monkeypatch.setattr(over_http, "play", looked_at)
    directly = StringIO()
    with pytest.raises(SystemExit):
        call_command("rehearse", str(SHORT), str(tmp_path), stdout=directly, stderr=StringIO())
    status, out, err = run(SHORT, tmp_path)
    assert status == 2
    assert err.startswith(f"{tmp_path / 'none.json'}: $: expects JSON")
    assert out == directly.getvalue()
    assert "1 of 2 rehearsals came out" in out
    assert len({*made}) == 1
    assert made[0].startswith(throwaway.PREFIX)
    assert connections["default"].settings_dict["NAME"] == fresh_db.name
    assert rows() == before
    assert (made[0],) not in thrown_away(fresh_db)


def test_nothing_to_play_makes_no_database(fresh_db, tmp_path, monkeypatch):
    monkeypatch.setattr(throwaway, "_make", lambda *_given: pytest.fail("a database was made"))
    status, out, err = run(tmp_path / "none.json")
    assert (status, "none.json" in err) == (2, True)
    assert "0 of 0" in out


def test_what_is_thrown_away_cannot_be_kept():
    with pytest.raises(CommandError, match="--keep and --over exclude each other") as caught:
        call_command("rehearse", "--over", "http", "--keep", str(SHORT))
    assert caught.value.returncode == 2


def test_the_settings_are_as_before(settings):
    before = {name: getattr(settings, name) for name in over_http.SITE}
    with over_http.prepared():
        assert settings.ALLOWED_HOSTS == ["127.0.0.1"]
    assert {name: getattr(settings, name) for name in over_http.SITE} == before


# -- On a server of one's own ------------------------------------------------------------------------------


def manage(database, *arguments, **more):
    return subprocess.Popen(
        [sys.executable, "manage.py", "rehearse", "--over", "http", *map(str, arguments)],
        cwd=ROOT,
        env={
            **database.env,
            "SECRET_KEY": "",
            "ALLOWED_HOSTS": "",
            "HTTPS": "true",
            "LIANXI_DEMO": "",
            **more,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.fixture
def own_server(private_cluster):
    """A server whose owner's role may make databases."""
    with private_cluster.cluster.connect("postgres") as superuser:
        superuser.execute(f"ALTER ROLE {roles.OWNER_ROLE} CREATEDB")
    return private_cluster


def test_an_owner_who_may_make_no_database_is_told_what_to_do(fresh_db):
    process = manage(fresh_db, SHORT)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (3, "")
    assert f"ALTER ROLE {roles.OWNER_ROLE} CREATEDB" in err
    assert "Traceback" not in err


@pytest.mark.slow
def test_several_processes_play_and_what_an_interrupt_or_a_kill_leaves_goes(own_server):
    """One after the other, for a server takes its time to start."""
    process = manage(own_server, *[SHORT] * 4, "--json")
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0, err
    assert [json.loads(line)["matched"] for line in out.splitlines()] == [True] * 4
    assert thrown_away(own_server) == []

    for number, status in ((signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGINT, -signal.SIGINT)):
        process = under_way(own_server)
        process.send_signal(number)
        process.communicate(timeout=180)
        assert process.returncode in {status, 128 + signal.SIGINT, 1}
        assert thrown_away(own_server) == []

    process = under_way(own_server)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert thrown_away(own_server)
    process = manage(own_server, SHORT)
    process.communicate(timeout=120)
    assert process.returncode == 0
    assert thrown_away(own_server) == []
    assert Person.objects.count() == 0


def under_way(database):
    """A run that has made its databases and plays."""
    process = manage(database, CASES)
    deadline = time.monotonic() + 120
    while len(thrown_away(database)) < min(2, len(os.sched_getaffinity(0))):
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    time.sleep(2)
    return process
