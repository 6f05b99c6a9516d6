"""What the witness keeps, and that it cosigns nothing that does not follow; its answers: test_statuses.py."""

from __future__ import annotations

import sqlite3
import threading
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import merkle, note
from audit.note import Checkpoint, Key, Signer
from audit.witness.store import Answer, Witness

LOG = Signer.make("lianxi.example/branch", note.ED25519, bytes(range(32)))
NEW = Signer.make("lianxi.example/branch", note.ED25519, bytes(range(2, 34)))
OTHER = Signer.make("lianxi.other/branch", note.ED25519, bytes(range(3, 35)))
WITNESS = Signer.make("head-office.example/witness", note.COSIGNATURE, bytes(range(1, 33)))
LEAVES = [merkle.leaf_hash(sha256(bytes([each])).digest()) for each in range(100)]
FORK = [*LEAVES[:10], *LEAVES[50:100]]


class Clock:
    def __init__(self) -> None:
        self.at = 1_700_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watched(tmp_path: Path, clock: Clock) -> Witness:
    return Witness(tmp_path / "store", WITNESS, [LOG.key, OTHER.key], silence=3600, now=clock)


def get_of(leaves: list[bytes]) -> merkle.Get:
    tiles = merkle.extend(0, leaves, lambda *_: b"")
    return lambda level, index: tiles[level, index]


def signed(size: int, *, leaves: list[bytes] = LEAVES, by: Signer = LOG, origin: str = "") -> str:
    root = merkle.root(size, get_of(leaves))
    text = Checkpoint(origin or by.key.name, size, root).text
    return f"{text}\n{by.line(text)}"


def proof(old: int, size: int, leaves: list[bytes] = LEAVES) -> list[bytes]:
    return merkle.consistency(old, size, get_of(leaves))


def body(old: object, path: list[bytes], checkpoint: str) -> bytes:
    return "\n".join([f"old {old}", *map(note.encode, path), "", checkpoint]).encode()


def ask(of: Witness, old: int, size: int, **changes: Any) -> Answer:
    path = proof(old, size, changes.get("leaves", LEAVES))
    return of.add_checkpoint(body(old, path, signed(size, **changes)))


def test_what_follows_is_cosigned(watched: Witness, clock: Clock) -> None:
    for old, size in [(0, 0), (0, 1), (1, 1), (1, 7), (7, 64), (64, 100), (100, 100)]:
        clock.at += 60
        answer = ask(watched, old, size)
        assert (answer.status, answer.kind) == (200, "text/plain; charset=utf-8"), (old, size)
        cosigned = note.read(signed(size).encode() + answer.body, [LOG.key, WITNESS.key])
        assert [(each.key, each.at) for each in cosigned.signatures] == [
            (LOG.key, None),
            (WITNESS.key, int(clock.at)),
        ]
    (first, second) = watched.standings()
    assert (first.origin, first.seen and first.seen.size) == ("lianxi.example/branch", 100)
    assert (second.origin, second.seen) == ("lianxi.other/branch", None)


def test_a_request_without_end_is_refused_in_few_words(watched: Witness) -> None:
    answer = watched.add_checkpoint(body(0, [], "a" * 1_100_000))
    assert answer.status == 400
    assert len(answer.body) < 300


@pytest.mark.parametrize(
    ("old", "size", "path"),
    [
        (0, 7, [bytes(32)]),  # a proof with old 0
        (5, 5, [bytes(32)]),  # a proof for the same size
        (5, 7, []),
        (5, 7, [*proof(5, 7), bytes(32)]),
        (5, 7, proof(5, 7)[::-1]),
        (5, 7, [bytes(32)] * 63),
    ],
)
def test_a_bad_proof_is_422_and_kept_as_evidence(
    watched: Witness, tmp_path: Path, old: int, size: int, path: list[bytes]
) -> None:
    if old:
        ask(watched, 0, old)
    asked = body(old, path, signed(size))
    assert watched.add_checkpoint(asked).status == 422
    (standing, _) = watched.standings()
    (kept,) = standing.forked
    assert (kept.note, kept.kept) == (signed(size), signed(old) if old else "")
    assert watched.evidence(kept.id) == kept
    with sqlite3.connect(tmp_path / "store") as store:
        assert store.execute("SELECT request FROM evidence").fetchall() == [(asked,)]


def test_a_fork_stays_on_record_when_the_log_goes_on(watched: Witness) -> None:
    ask(watched, 0, 20)
    assert ask(watched, 20, 30, leaves=FORK).status == 422
    assert ask(watched, 20, 30).status == 200
    (standing, _) = watched.standings()
    (fork,) = standing.forked
    assert note.split(fork.note)[0] == note.split(signed(30, leaves=FORK))[0]
    assert note.split(fork.kept)[0] == note.split(signed(20))[0]


def test_a_smaller_tree_is_told_until_the_log_goes_on(watched: Witness, clock: Clock) -> None:
    ask(watched, 0, 20)
    clock.at += 10
    for _ in range(3):
        assert ask(watched, 0, 15).status == 409
    (standing, _) = watched.standings()
    assert standing.shrunk is not None
    assert (standing.shrunk.note, standing.shrunk.kept) == (signed(15), signed(20))
    assert standing.forked == ()
    clock.at += 10
    assert ask(watched, 20, 21).status == 200
    assert watched.standings()[0].shrunk is None


def test_a_log_that_says_nothing_is_silent(watched: Witness, clock: Clock) -> None:
    assert [each.silent for each in watched.standings()] == [True, True]
    ask(watched, 0, 5)
    clock.at += 3599
    assert [each.silent for each in watched.standings()] == [False, True]
    clock.at += 2
    assert [each.silent for each in watched.standings()] == [True, True]
    ask(watched, 5, 5)  # it is alive, without anything new
    assert [each.silent for each in watched.standings()] == [False, True]


def test_either_key_of_a_log_is_trusted_while_both_are_set(tmp_path: Path) -> None:
    watched = Witness(tmp_path / "store", WITNESS, [LOG.key, NEW.key], silence=3600)
    assert ask(watched, 0, 5).status == 200
    assert ask(watched, 5, 7, by=NEW).status == 200


def test_what_was_seen_outlasts_the_process(tmp_path: Path, watched: Witness) -> None:
    ask(watched, 0, 20)
    again = Witness(tmp_path / "store", WITNESS, [LOG.key], silence=3600)
    assert ask(again, 0, 20).body == b"20\n"


def test_of_many_at_once_only_what_follows_is_cosigned(watched: Witness) -> None:
    ask(watched, 0, 10)
    begin, answers = threading.Barrier(8), []

    def work(size: int, leaves: list[bytes]) -> None:
        begin.wait()
        answers.append((ask(watched, 10, size, leaves=leaves), size, leaves))

    asked = [(size, leaves) for size in (20, 30, 40, 50) for leaves in (LEAVES, FORK)]
    threads = [threading.Thread(target=work, args=each) for each in asked]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    cosigned = [each for each in answers if each[0].status == 200]
    assert len(cosigned) == 1
    assert {each[0].status for each in answers} <= {200, 409, 422}
    (_, size, leaves) = cosigned[0]
    seen = watched.standings()[0].seen
    assert seen is not None
    assert (seen.size, seen.root) == (size, merkle.root(size, get_of(leaves)))


def test_the_store_is_synced_before_it_signs(watched: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the cosignature is made, another process already reads the new checkpoint."""
    found: list[int] = []

    def line(self: Signer, text: str, *, at: int | None = None) -> str:
        with sqlite3.connect(watched._store) as store:
            found.extend(size for (size,) in store.execute("SELECT size FROM log"))
        return "— x y\n"

    monkeypatch.setattr(Signer, "line", line)
    text = Checkpoint(LOG.key.name, 7, merkle.root(7, get_of(LEAVES))).text
    monkeypatch.undo()
    checkpoint = f"{text}\n{LOG.line(text)}"
    monkeypatch.setattr(Signer, "line", line)
    assert watched.add_checkpoint(body(0, [], checkpoint)).status == 200
    assert found == [7]
    with watched._connection() as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (3,)


def test_keys_of_the_wrong_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(note.NoteError, match="type 04"):
        Witness(tmp_path / "store", LOG, [LOG.key], silence=1)
    with pytest.raises(note.NoteError, match="not of a log"):
        Witness(tmp_path / "store", WITNESS, [WITNESS.key], silence=1)
    assert Key.parse(str(WITNESS.key)) == WITNESS.key


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_random_requests_are_refused(watched: Witness, request_body: bytes) -> None:
    assert watched.add_checkpoint(b"old 0\n\n" + request_body).status in {400, 403, 404}
