"""The log asks the witness over HTTP: cosigned, asked again, alarmed when that has seen another log."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from audit import log_keys, note, sealer, tasks, waking, witnessing
from audit.models import Checkpoint, Entry, Leaf
from audit.note import Signer
from audit.witness.server import Server
from audit.witness.store import Witness
from tests.audit.test_sealer import NEW, OLD, alter, entries
from tests.databases import Database

WITNESS = Signer.make("head-office.example/witness", note.COSIGNATURE, bytes(range(5, 37)))


@pytest.fixture
def log(fresh_db: Database, settings: Any) -> Iterator[Database]:
    """A database of the test's own, and a key for its log."""
    settings.LOG_KEY = OLD.written()
    settings.AUDIT_LISTENERS = []
    yield fresh_db
    connections[sealer.ALIAS].close()


@pytest.fixture
def witness(tmp_path: Path, settings: Any) -> Iterator[Witness]:
    """A witness that is served, and set as that of the log."""
    made = Witness(tmp_path / "store", WITNESS, [OLD.key], silence=3600)
    with served(Server(("127.0.0.1", 0), made), settings):
        yield made


class served:  # noqa: N801 - a context manager
    """The server answers at the address that is set as the witness's."""

    def __init__(self, server: ThreadingHTTPServer, settings: Any) -> None:
        self.server = server
        settings.LOG_WITNESS_URL = f"http://127.0.0.1:{server.server_address[1]}"
        settings.LOG_WITNESS_KEY = str(WITNESS.key)
        self.thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_told: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def answering(status: int, kind: str, body: bytes) -> ThreadingHTTPServer:
    """A server that gives the same answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_given: object) -> None:
            pass

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def sealed_and_signed(*streams: str) -> Checkpoint:
    entries(*streams)
    sealer.seal()
    sealer.checkpoint()
    row = Checkpoint.objects.order_by("-size").first()
    assert row is not None
    return row


def test_each_checkpoint_is_cosigned(log: Database, witness: Witness) -> None:
    for many in (1, 5, 300):
        row = sealed_and_signed(*[f"meeting:{each}" for each in range(many)])
        assert witnessing.uncosigned_since() == row.made_at
        assert witnessing.cosign()
        row.refresh_from_db()
        found = note.read(row.note, [OLD.key, WITNESS.key])
        assert {each.key for each in found.signatures} == {OLD.key, WITNESS.key}
        assert witnessing.uncosigned_since() is None
    (standing,) = witness.standings()
    assert standing.seen is not None
    assert standing.seen.size == Leaf.objects.count()
    assert standing.forked == ()


def test_asked_again_nothing_is_added(log: Database, witness: Witness) -> None:
    row = sealed_and_signed("meeting:1")
    assert witnessing.cosign()
    row.refresh_from_db()
    assert witnessing.cosign(again=True)
    again = Checkpoint.objects.get()
    assert again.note == row.note


def test_a_witness_that_is_down_is_asked_again_by_the_sweep(
    log: Database, tmp_path: Path, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    gone = answering(200, "text/plain", b"")
    with served(gone, settings):
        pass
    entries("meeting:1")
    tasks.checkpoint_log(0)
    assert "cannot be reached" in caplog.text
    row = Checkpoint.objects.get()
    assert witnessing.uncosigned_since() == row.made_at
    made = Witness(tmp_path / "store", WITNESS, [OLD.key], silence=3600)
    with served(Server(("127.0.0.1", 0), made), settings):
        tasks.seal_log(0)
    assert witnessing.uncosigned_since() is None


@pytest.mark.parametrize(
    ("status", "kind", "body", "what"),
    [
        (500, "text/plain", b"out of order", "answered 500: out of order"),
        (403, "text/plain", b"no", "answered 403"),
        (404, "text/plain", b"no", "answered 404"),
        (200, "text/plain", b"", "no cosignature"),
        (200, "text/plain", b"hello\n", "no cosignature"),
        (200, "text/plain", b"\xff\n", "no cosignature"),
        (409, "text/x.tlog.size", b"many\n", "without a size"),
        (409, "text/plain", b"0\n", "answered 409"),
        (409, "text/x.tlog.size", b"0\n", "answered 409"),
    ],
)
def test_an_answer_that_is_no_cosignature(
    log: Database, settings: Any, status: int, kind: str, body: bytes, what: str
) -> None:
    sealed_and_signed("meeting:1")
    with served(answering(status, kind, body), settings), pytest.raises(witnessing.NotCosigned, match=what):
        witnessing.cosign()
    assert witnessing.uncosigned_since() is not None


def test_a_cosignature_of_another_checkpoint_is_not_taken(log: Database, settings: Any) -> None:
    row = sealed_and_signed("meeting:1")
    forged = WITNESS.line("lianxi.example/branch\n7\n\n", at=1_700_000_000).encode()
    with served(answering(200, "text/plain", forged), settings), pytest.raises(witnessing.NotCosigned):
        witnessing.cosign()
    row.refresh_from_db()
    assert witnessing.cosignature(row, WITNESS.key) is None


def test_422_is_an_alarm(log: Database, settings: Any) -> None:
    sealed_and_signed("meeting:1")
    with served(answering(422, "text/plain", b"no\n"), settings), pytest.raises(sealer.Alarm):
        witnessing.cosign()


def test_without_a_witness_nothing_is_asked_or_waited_for(log: Database) -> None:
    sealed_and_signed("meeting:1")
    assert witnessing.cosign() is False
    assert witnessing.uncosigned_since() is None


def test_the_witness_takes_the_new_key_while_both_sign(log: Database, settings: Any, tmp_path: Path) -> None:
    old_only = Witness(tmp_path / "store", WITNESS, [OLD.key], silence=3600)
    with served(Server(("127.0.0.1", 0), old_only), settings):
        sealed_and_signed("meeting:1")
        assert witnessing.cosign()
        settings.LOG_KEY = f"{NEW.written()} {OLD.written()}"
        sealed_and_signed("meeting:1")
        assert witnessing.cosign()
    new_only = Witness(tmp_path / "store", WITNESS, [NEW.key], silence=3600)
    with served(Server(("127.0.0.1", 0), new_only), settings):
        settings.LOG_KEY = NEW.written()
        sealed_and_signed("meeting:1")
        assert witnessing.cosign()


@pytest.mark.parametrize(
    ("url", "key", "what"),
    [
        ("http://x", "", "together"),
        ("", str(WITNESS.key), "together"),
        ("file:///etc/passwd", str(WITNESS.key), "begins with https"),
        ("http://x", "nonsense", "LOG_WITNESS_KEY"),
        ("http://x", str(OLD.key), "type 04"),
    ],
)
def test_no_witness(settings: Any, url: str, key: str, what: str) -> None:
    settings.LOG_WITNESS_URL, settings.LOG_WITNESS_KEY = url, key
    with pytest.raises(ImproperlyConfigured, match=what):
        log_keys.witness()


def test_the_job_seals_signs_and_has_it_cosigned(log: Database, witness: Witness) -> None:
    entries("meeting:1")
    tasks.checkpoint_log(0)
    assert Leaf.objects.count() == Entry.objects.count()
    assert witnessing.uncosigned_since() is None
    entries("meeting:1")
    tasks.seal_streams(["meeting:1"])
    assert Leaf.objects.count() == Entry.objects.count()
    assert Checkpoint.objects.count() == 1


def test_an_alarm_is_a_critical_line_and_nothing_is_sent(
    log: Database, witness: Witness, caplog: pytest.LogCaptureFixture
) -> None:
    entries("meeting:1", "meeting:2")
    tasks.checkpoint_log(0)
    last = Leaf.objects.count() - 1
    alter(log, 'DELETE FROM audit_leaf WHERE "index" = %s', last, table="audit_leaf")
    tasks.checkpoint_log(0)
    critical = [each.getMessage() for each in caplog.records if each.levelname == "CRITICAL"]
    assert len(critical) == 1
    assert "leaves are missing" in critical[0]
    assert Checkpoint.objects.count() == 1


def test_without_a_key_the_jobs_do_nothing(log: Database, settings: Any) -> None:
    settings.LOG_KEY = ""
    entries("meeting:1")
    tasks.checkpoint_log(0)
    tasks.seal_log(0)
    waking.wake(frozenset({"meeting:1"}))
    waking.checkpoint_soon()
    assert not Leaf.objects.exists()
    assert jobs() == []
    assert waking._waiting == set()


def jobs() -> list[tuple[str, Any]]:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT task_name, args FROM procrastinate_jobs ORDER BY id")
        return [(name, args) for name, args in cursor.fetchall()]


def test_several_commits_wake_it_with_one_job(log: Database, settings: Any, monkeypatch: Any) -> None:
    started: list[Any] = []

    class Timer:
        daemon = False

        def __init__(self, seconds: float, flush: Any) -> None:
            assert seconds <= 1
            started.append(flush)

        def start(self) -> None:
            pass

    monkeypatch.setattr(threading, "Timer", Timer)
    settings.AUDIT_LISTENERS = ["audit.waking.wake"]
    entries("meeting:2", "meeting:1")
    entries("meeting:3")
    assert len(started) == 1
    assert jobs() == []
    started[0]()
    assert jobs() == [("audit.tasks.seal_streams", '{"streams": ["meeting:1", "meeting:2", "meeting:3"]}')]
    entries("meeting:4")
    assert len(started) == 2
    started[1]()


def test_that_it_cannot_be_queued_keeps_nobody(log: Database, monkeypatch: Any, caplog: Any) -> None:
    from django.db import OperationalError  # only here

    def fail(*_given: Any, **_named: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(waking.app, "configure_task", fail)
    waking._waiting.add("meeting:1")
    waking.flush()
    assert "the sweep will find it" in caplog.text
    assert waking._waiting == set()


def fetch(url: str, **headers: str) -> tuple[int, Any, str]:
    asked = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


def test_the_page_of_the_witness(log: Database, witness: Witness, settings: Any) -> None:
    address = settings.LOG_WITNESS_URL
    _, headers, page = fetch(f"{address}/")
    assert "lianxi.example/branch" in page
    assert "silent" in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    row = sealed_and_signed("meeting:1", "meeting:2")
    assert witnessing.cosign()
    page = fetch(f"{address}/")[2]
    assert "goes on" in page
    assert fetch(f"{address}/logs/0")[2] == row.note
    other = note.Checkpoint("lianxi.example/branch", row.size, bytes(32)).text
    forged = f"old {row.size}\n\n{other}\n{OLD.line(other)}".encode()
    assert witness.add_checkpoint(forged).status == 422
    page = fetch(f"{address}/")[2]
    assert "forked" in page
    assert "goes on" not in page
    status, headers, found = fetch(f"{address}/evidence/1/note")
    assert (status, found) == (200, f"{other}\n{OLD.line(other)}")
    assert headers["Content-Disposition"].startswith("attachment")
    assert fetch(f"{address}/evidence/1/kept")[2] == row.note
    assert fetch(f"{address}/lianxi.css")[0] == 200
    for path in (
        "logs/7",
        "logs/x",
        "evidence/9/note",
        "evidence/1/request",
        "evidence/1",
        "../etc/passwd",
        "x",
    ):
        assert fetch(f"{address}/{path}")[0] == 404, path
    chinese = fetch(f"{address}/", **{"Accept-Language": "zh-CN,zh;q=0.9"})[2]
    assert 'lang="zh-Hans"' in chinese


def test_requests_that_are_none(log: Database, witness: Witness, settings: Any) -> None:
    import http.client  # only here

    host = settings.LOG_WITNESS_URL.removeprefix("http://")
    for headers, path, status in [
        ({}, "/add-checkpoint", 411),
        ({"Content-Length": "-1"}, "/add-checkpoint", 411),
        ({"Content-Length": "9" * 50}, "/add-checkpoint", 411),
        ({"Content-Length": "2000000"}, "/add-checkpoint", 400),
        ({"Content-Length": "0"}, "/other", 404),
        ({"Content-Length": "0"}, "/add-checkpoint", 400),
    ]:
        connection = http.client.HTTPConnection(host, timeout=5)
        connection.putrequest("POST", path)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        assert connection.getresponse().status == status, headers
        connection.close()


def test_the_witness_answers_each_method_as_http_asks(log: Database, witness: Witness, settings: Any) -> None:
    import http.client  # only here

    host = settings.LOG_WITNESS_URL.removeprefix("http://")

    def asked(method: str, path: str) -> tuple[int, str | None, int, bytes]:
        connection = http.client.HTTPConnection(host, timeout=5)
        connection.request(method, path)
        answer = connection.getresponse()
        found = answer.status, answer.getheader("Allow"), int(answer.getheader("Content-Length") or 0)
        body = answer.read()
        connection.close()
        return (*found, body)

    for path in ("/", "/?from=mail", "/lianxi.css", "/other", "/add-checkpoint"):
        status, allow, length, body = asked("GET", path)
        assert len(body) == length > 0, path
        assert asked("HEAD", path) == (status, allow, length, b""), path
    assert asked("GET", "/?from=mail")[0] == 200
    assert asked("GET", "/add-checkpoint")[:2] == (405, "POST")
    assert asked("DELETE", "/add-checkpoint?x")[:2] == (405, "POST")
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        assert asked(method, "/")[:2] == (405, "GET, HEAD"), method
        assert asked(method, "/other")[0] == 404, method
