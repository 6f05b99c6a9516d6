"""Entries become leaves once, in order, all or none; checkpoints are of what was sealed and never of less."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections, transaction
from psycopg import sql

from audit import log_keys, merkle, note, sealer
from audit.canonical import commitment
from audit.checking.fsck import Fsck
from audit.models import Checkpoint, Entry, Leaf, Sealed, Tile
from audit.note import Signer
from audit.recording import SYSTEM, action, record
from tests.audit.test_merkle import naive_root
from tests.databases import Database

OLD = Signer.make("lianxi.example/branch", note.ED25519, bytes(range(32)))
NEW = Signer.make("lianxi.example/branch", note.ED25519, bytes(range(1, 33)))

pytestmark = pytest.mark.usefixtures("sealed_db")


@pytest.fixture
def sealed_db(fresh_db: Database, settings: Any) -> Iterator[Database]:
    """A database of the test's own, and a key for its log."""
    settings.LOG_KEY = OLD.written()
    settings.AUDIT_LISTENERS = []  # nothing seals by itself here
    yield fresh_db
    connections[sealer.ALIAS].close()


@action
def write(*streams: str, by: str) -> None:
    for stream in streams:
        record(stream, "tested", stream, by=by, payload={"n": 1})


def entries(*streams: str) -> None:
    write(*streams, by=SYSTEM)


def hashes() -> list[bytes]:
    """The hash of each leaf's entry, in the order of the leaves."""
    of = {(each.stream, each.seq): bytes(each.hash) for each in Entry.objects.all()}
    rows = list(Leaf.objects.order_by("index").values_list("index", "stream", "seq"))
    assert [index for index, _, _ in rows] == list(range(len(rows)))
    return [of[stream, seq] for _, stream, seq in rows]


def get(level: int, index: int) -> bytes:
    return bytes(Tile.objects.get(level=level, index=index).hashes)


def faults(*known: note.Key) -> list[str]:
    with transaction.atomic(), connections["default"].cursor() as cursor:
        return list(map(str, Fsck(cursor, known).faults()))


def sound() -> None:
    """The tree is that of its leaves, made another way; a stream's leaves are its entries up to its mark."""
    leaves = [merkle.leaf_hash(each) for each in hashes()]
    assert merkle.root(len(leaves), get) == naive_root(leaves) if leaves else not Tile.objects.exists()
    for stream, mark in Sealed.objects.values_list("stream", "seq"):
        in_order = Leaf.objects.filter(stream=stream).order_by("index").values_list("seq", flat=True)
        assert list(in_order) == list(range(1, mark + 1))
    assert faults() == []


def alter(database: Database, statement: str, *given: Any, table: str = "audit_tile") -> None:
    """As the database's administrator, with the triggers off."""
    with database.cluster.connect(database.name) as superuser:
        superuser.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER ALL").format(sql.Identifier(table)))
        superuser.execute(sql.SQL(statement), given)
        triggers = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal"
        for (name,) in superuser.execute(triggers, [table]).fetchall():
            names = {"table": sql.Identifier(table), "name": sql.Identifier(name)}
            superuser.execute(sql.SQL("ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}").format(**names))


def test_every_committed_entry_is_a_leaf_once() -> None:
    entries("meeting:1", "meeting:1", "proposal:2")
    assert sealer.seal() == Entry.objects.count()
    assert sealer.seal() == 0
    entries("meeting:1")
    assert sealer.seal(["proposal:2"]) == 0
    assert sealer.seal(["meeting:1", "none"]) == 1
    assert Leaf.objects.count() == Entry.objects.count()
    sound()


@pytest.mark.parametrize("batch", [1, 3, 255, 256, 1000])
def test_the_tree_does_not_depend_on_the_batches(batch: int) -> None:
    for _ in range(3):
        entries(*[f"meeting:{each}" for each in range(100)])
    assert sealer.seal(batch=batch) == Entry.objects.count() >= 300
    sound()


def test_what_commits_late_is_sealed_all_the_same(sealed_db: Database) -> None:
    """An older transaction whose entries have smaller times and numbers of rows commits after a seal."""
    with sealed_db.connect() as late:
        insert(late, "meeting:1")
        entries("meeting:2")
        assert ("meeting:1", 1) not in sealed_entries()
        sealer.seal()
        assert ("meeting:1", 1) not in sealed_entries()
        late.commit()
    sealer.seal()
    assert {("meeting:1", 1), ("meeting:2", 1)} <= sealed_entries()
    sound()


def test_what_is_rolled_back_is_never_a_leaf(sealed_db: Database) -> None:
    with sealed_db.connect() as late:
        insert(late, "meeting:1")
        sealer.seal()
        late.rollback()
    sealer.seal()
    assert not Leaf.objects.filter(stream="meeting:1").exists()
    sound()


def sealed_entries() -> set[tuple[str, int]]:
    return set(Leaf.objects.values_list("stream", "seq"))


def insert(connection: psycopg.Connection[Any], stream: str) -> None:
    salt, body = bytes(16), f'{{"stream":"{stream}"}}'.encode()
    said = commitment(salt, body)
    connection.execute("INSERT INTO audit_payload VALUES (%s, %s, %s)", [said, salt, body])
    connection.execute(
        "INSERT INTO audit_entry (stream, at, actor, action, subject, commitment)"
        " VALUES (%s, %s, 'system', 'tested', 'x', %s)",
        [stream, datetime(2026, 1, 1, tzinfo=UTC), said],
    )


def kill_at(number: int, database: Database, *, after: bool) -> Any:
    """End the sealer's session in the server before or after its statement of this number."""
    seen = 0

    def wrapper(execute: Any, statement: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == number and after:
            execute(statement, params, many, context)
        if seen == number:
            own = context["connection"].connection
            with database.cluster.connect("postgres") as superuser:
                superuser.execute("SELECT pg_terminate_backend(%s, 10000)", [own.info.backend_pid])
        return None if seen == number and after else execute(statement, params, many, context)

    return wrapper


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_each_statement_it_leaves_all_or_nothing(sealed_db: Database, after: bool) -> None:
    entries("meeting:1", "meeting:2")
    sealer.seal()
    sealer.checkpoint()
    number, killed = 0, 0
    while True:
        entries("meeting:1", "meeting:2", "meeting:3")
        number += 1
        before = Leaf.objects.count()
        connection = connections[sealer.ALIAS]
        try:
            with connection.execute_wrapper(kill_at(number, sealed_db, after=after)):
                sealer.seal()
                sealer.checkpoint()
        except DatabaseError:
            killed += 1
        else:
            break
        finally:
            connection.close()
        assert Leaf.objects.count() - before in (0, Entry.objects.count() - before)
        sound()
    assert killed >= 10
    assert Leaf.objects.count() == Entry.objects.count()
    assert sealer.seal() == 0
    sound()


def test_two_sealers_at_once_seal_each_entry_once() -> None:
    entries(*[f"meeting:{each}" for each in range(200)])
    begin, sealed, failed = threading.Barrier(4), [], []

    def work() -> None:
        begin.wait()
        try:
            for _ in range(5):
                sealed.append(sealer.seal(batch=37))
                sealer.checkpoint()
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for each in threads:
        each.start()
    begin.wait()
    for _ in range(10):
        entries("meeting:1", "meeting:300")
    for each in threads:
        each.join()
    assert failed == []
    sealer.seal()
    assert Leaf.objects.count() == Entry.objects.count()
    assert sum(sealed) <= Entry.objects.count()
    sound()


def test_a_missing_entry_stops_its_stream_and_is_critical(
    sealed_db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    entries(*["meeting:1"] * 4, "meeting:2")
    alter(sealed_db, "DELETE FROM audit_entry WHERE stream = 'meeting:1' AND seq = 3", table="audit_entry")
    sealer.seal()
    assert Leaf.objects.filter(stream="meeting:1").count() == 2
    assert Leaf.objects.filter(stream="meeting:2").count() == 1
    assert "entry 3 of meeting:1 is missing" in caplog.text
    assert sealer.seal(batch=1) == 0  # and it does not keep the others from being sealed
    entries("meeting:9")
    assert sealer.seal(batch=1) == 1


def test_a_checkpoint_is_signed_and_states_the_tree() -> None:
    assert sealer.checkpoint() is None
    entries("meeting:1")
    sealer.seal()
    made = sealer.checkpoint()
    assert made is not None
    read = note.read(made, [OLD.key])
    stated = note.Checkpoint.parse(read.text)
    assert stated.origin == "lianxi.example/branch"
    assert stated.size == Leaf.objects.count()
    assert stated.root == naive_root([merkle.leaf_hash(each) for each in hashes()])
    assert stated.extensions == ()
    assert sealer.checkpoint() == made
    assert Checkpoint.objects.count() == 1
    assert faults(OLD.key) == []


def test_old_and_new_key_both_sign_while_both_are_there(settings: Any) -> None:
    entries("meeting:1")
    sealer.seal()
    sealer.checkpoint()
    settings.LOG_KEY = f"{NEW.written()}\n{OLD.written()}\n"
    again = sealer.checkpoint()
    assert again is not None
    assert {each.key for each in note.read(again, [OLD.key, NEW.key]).signatures} == {OLD.key, NEW.key}
    settings.LOG_KEY = NEW.written()
    entries("meeting:1")
    sealer.seal()
    last = sealer.checkpoint()
    assert last is not None
    with pytest.raises(note.Unsigned):
        note.read(last, [OLD.key])
    assert faults(NEW.key) == []


def test_fewer_leaves_than_signed_are_an_alarm_and_nothing_is_signed(sealed_db: Database) -> None:
    entries(*["meeting:1"] * 3)
    sealer.seal()
    sealer.checkpoint()
    size = Leaf.objects.count()
    alter(sealed_db, 'DELETE FROM audit_leaf WHERE "index" = %s', size - 1, table="audit_leaf")
    with pytest.raises(sealer.Alarm, match=f"{size - 1} leaves, and a checkpoint of {size}"):
        sealer.checkpoint()
    assert Checkpoint.objects.count() == 1
    assert any(f"of more leaves than there are ({size - 1})" in each for each in faults(OLD.key))


def test_another_history_than_the_signed_one_is_an_alarm(sealed_db: Database) -> None:
    entries(*["meeting:1"] * 3)
    sealer.seal()
    sealer.checkpoint()
    entries("meeting:1")
    sealer.seal()
    alter(sealed_db, "UPDATE audit_tile SET hashes = overlay(hashes placing %s from 1)", bytes(32))
    with pytest.raises(sealer.Alarm, match="not those of the checkpoint"):
        sealer.checkpoint()
    assert Checkpoint.objects.count() == 1


def test_a_tile_that_is_not_its_leaves_stops_the_sealer(sealed_db: Database) -> None:
    entries("meeting:1", "meeting:1")
    sealer.seal()
    alter(sealed_db, "UPDATE audit_tile SET hashes = substr(hashes, 1, 32)")
    entries("meeting:1")
    with pytest.raises(sealer.Alarm, match="tile 0 of level 0 has 1 hashes"):
        sealer.seal()


@pytest.mark.parametrize(
    ("table", "statement", "what"),
    [  # what the administrator does, and what is told of it
        ("audit_tile", "UPDATE audit_tile SET hashes = set_byte(hashes, 33, 0) WHERE level = 0",
         "tile 0 of level 0 differs at leaf 1"),
        ("audit_tile", "UPDATE audit_tile SET hashes = set_byte(hashes, 1, 0) WHERE level = 1",
         "tile 0 of level 1 differs at its hash 0"),
        ("audit_tile", "DELETE FROM audit_tile WHERE level = 1", "tile 0 of level 1 is missing"),
        ("audit_tile", "INSERT INTO audit_tile VALUES (0, 9, '\\x00')", "tile 9 of level 0 is beyond"),
        ("audit_tile", "UPDATE audit_tile SET hashes = substr(hashes, 1, 64) WHERE index = 1",
         "tile 1 of level 0 has 2 hashes"),
        ("audit_leaf", "UPDATE audit_leaf SET index = -1 WHERE index = 0", "leaf 0 is missing"),
        ("audit_leaf", "UPDATE audit_leaf SET stream = 'meeting:700' WHERE index = 0", "is missing"),
        ("audit_entry", "DELETE FROM audit_entry WHERE stream = 'meeting:3'",
         "entry 1 of meeting:3, which is"),
        ("audit_entry", "UPDATE audit_entry SET hash = '\\x00' WHERE stream = 'meeting:3'",
         "differs at leaf"),
        ("audit_sealed", "UPDATE audit_sealed SET seq = 9 WHERE stream = 'meeting:3'",
         "meeting:3: 3 leaves"),
        ("audit_sealed", "DELETE FROM audit_sealed WHERE stream = 'meeting:3'", "meeting:3: 3 leaves"),
        ("audit_checkpoint", "UPDATE audit_checkpoint SET note = replace(note, 'exam', 'oth')",
         "cannot be believed"),
        ("audit_checkpoint", "UPDATE audit_checkpoint SET size = 5", "says 300 leaves"),
    ],
)  # fmt: skip
def test_fsck_says_where_the_tree_is_wrong(
    sealed_db: Database, table: str, statement: str, what: str
) -> None:
    while Entry.objects.count() < 300:
        entries(*[f"meeting:{each}" for each in range(min(100, 300 - Entry.objects.count()))])
    sealer.seal()
    sealer.checkpoint()
    assert faults(OLD.key) == []
    alter(sealed_db, statement, table=table)
    found = faults(OLD.key)
    assert any(what in each for each in found), found


def test_without_the_sealers_connection_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unknown:
        vendor = "unknown"

    monkeypatch.setattr(sealer, "connections", {"sealer": Unknown()})
    with pytest.raises(sealer.CannotSeal, match="DATABASE_SEALER_URL"):
        sealer.seal()


def test_without_a_key_nothing_is_signed(settings: Any) -> None:
    settings.LOG_KEY = ""
    with pytest.raises(sealer.CannotSeal, match="LOG_KEY_FILE"):
        sealer.checkpoint()


def test_a_key_file_is_the_owners_alone(settings: Any, tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    path.write_text(f"{NEW.written()}\n{OLD.written()}\n")
    settings.LOG_KEY, settings.LOG_KEY_FILE = "", str(path)
    path.chmod(0o640)
    with pytest.raises(ImproperlyConfigured, match="chmod 600"):
        log_keys.signers()
    path.chmod(0o600)
    assert log_keys.signers() == (NEW, OLD)
    path.write_text("")
    with pytest.raises(ImproperlyConfigured, match="no key"):
        log_keys.signers()
    path.unlink()
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        log_keys.signers()


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("nonsense", "audit keys --make"),
        (Signer.make("example/branch", note.ED25519, bytes(32)).written(), "lianxi.<bank>/<branch>"),
        (Signer.make("lianxi.a/b", note.COSIGNATURE, bytes(32)).written(), "type 01"),
        (f"{OLD.written()} {Signer.make('lianxi.a/b', note.ED25519, bytes(32)).written()}", "one name"),
    ],
)
def test_no_key_of_a_log(settings: Any, written: str, what: str) -> None:
    settings.LOG_KEY = written
    with pytest.raises(ImproperlyConfigured, match=what) as told:
        log_keys.signers()
    assert note.encode(OLD.seed) not in str(told.value)


def test_the_tile_reader_reads_tiles() -> None:
    entries("meeting:1")
    sealer.seal()
    with sealer.alone() as cursor:
        read = partial(sealer.tile, cursor)
        assert read(0, 0) == get(0, 0)
        assert read(5, 5) == b""
