"""The table of a witness's answers over HTTP (C2SP's tlog-witness), and the log's requests to one.

With AICS_WITNESS set to the command of aics-witness (Python 3.12), an independent implementation, both are
tried against that one too.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from audit import merkle, note, sealer, witnessing
from audit.models import Checkpoint as Row
from audit.note import Checkpoint, Key, Signer
from audit.witness.server import Server
from audit.witness.store import Witness
from tests import databases
from tests.audit.test_sealer import OLD, entries
from tests.audit.test_witness import FORK, LEAVES, body, get_of, proof
from tests.audit.test_witnessing import WITNESS, served
from tests.databases import Database

AICS = os.environ.get("AICS_WITNESS")
SEEN = 5
STRANGER = Signer.make("lianxi.stranger/branch", note.ED25519, bytes(32))


def signed(log: Signer, size: int, leaves: list[bytes] = LEAVES, *, by: Signer | None = None) -> str:
    text = Checkpoint(
        log.key.name, size, merkle.root(size, get_of(leaves)) if size else merkle.EMPTY_ROOT
    ).text
    return f"{text}\n{(by or log).line(text)}"


def rooted(log: Signer, size: int, root: bytes) -> str:
    text = Checkpoint(log.key.name, size, root).text
    return f"{text}\n{log.line(text)}"


def false(log: Signer) -> str:
    """The signature of another tree."""
    text, other = signed(log, 7).split("\n\n")[0], signed(log, 8).split("\n\n")[1]
    return f"{text}\n\n{other}"


def plain(log: Signer, first: str, path: list[str] | None = None) -> bytes:
    lines = [first, *(map(note.encode, proof(SEEN, 7)) if path is None else path), "", signed(log, 7)]
    return "\n".join(lines).encode()


def forked(log: Signer) -> bytes:
    fork = list(reversed(FORK))
    return body(SEEN, proof(SEEN, 20, fork), signed(log, 20, fork))


#: what is asked after a checkpoint of five leaves was cosigned → the status, the request
STATUSES: dict[str, tuple[int, Callable[[Signer], bytes]]] = {
    "what follows": (200, lambda log: body(SEEN, proof(SEEN, 7), signed(log, 7))),
    "the same again": (200, lambda log: body(SEEN, [], signed(log, SEEN))),
    "an unknown origin": (404, lambda _: body(0, [], signed(STRANGER, 7))),
    "an unknown origin and an old size of another": (404, lambda _: body(SEEN, [], signed(STRANGER, 7))),
    "no key that is trusted": (403, lambda log: body(SEEN, proof(SEEN, 7), signed(log, 7, by=STRANGER))),
    "another key of its name": (
        403,
        lambda log: body(
            SEEN, proof(SEEN, 7), signed(log, 7, by=Signer.make(log.key.name, note.ED25519, bytes(32)))
        ),
    ),
    "a false signature": (403, lambda log: body(SEEN, proof(SEEN, 7), false(log))),
    "a false signature and a wrong old size": (403, lambda log: body(3, [], false(log))),
    "another old size": (409, lambda log: body(3, proof(3, 7), signed(log, 7))),
    "old 0 when something was seen": (409, lambda log: body(0, [], signed(log, 7))),
    "an old checkpoint": (409, lambda log: body(3, proof(3, 4), signed(log, 4))),
    "a fork": (422, forked),
    "the same size with another root": (422, lambda log: body(SEEN, [], rooted(log, SEEN, bytes(32)))),
    "a proof that is empty": (422, lambda log: body(SEEN, [], signed(log, 7))),
    "a proof that is too long": (422, lambda log: body(SEEN, [*proof(SEEN, 7), bytes(32)], signed(log, 7))),
    "a proof in another order": (422, lambda log: body(SEEN, proof(SEEN, 7)[::-1], signed(log, 7))),
    "a proof for the same size": (422, lambda log: body(SEEN, [bytes(32)], signed(log, SEEN))),
    "an old size above the checkpoint's": (400, lambda log: body(8, [], signed(log, 7))),
    "64 hashes": (400, lambda log: body(SEEN, [bytes(32)] * 64, signed(log, 7))),
    "63 hashes": (422, lambda log: body(SEEN, [bytes(32)] * 63, signed(log, 7))),
    "a hash of 31 bytes": (400, lambda log: body(SEEN, [bytes(31)], signed(log, 7))),
    "no base64": (400, lambda log: plain(log, "old 5", ["!!!"])),
    "old with a zero before": (400, lambda log: plain(log, "old 05")),
    "old negative": (400, lambda log: plain(log, "old -5")),
    "old of 100,000 digits": (400, lambda log: plain(log, "old " + "9" * 100_000)),
    "no old": (400, lambda log: signed(log, 7).encode()),
    "no note": (400, lambda log: b"old 5\n\n" + log.key.name.encode()),
    "nothing": (400, lambda _: b""),
    "not UTF-8": (400, lambda _: b"\xff" * 100),
    "no checkpoint": (400, lambda log: body(SEEN, [], f"hello\n\n{log.line(chr(10).join(['hello', '']))}")),
}
#: the same, when nothing was seen before
FIRST: dict[str, tuple[int, Callable[[Signer], bytes]]] = {
    "the first": (200, lambda log: body(0, [], signed(log, 7))),
    "of an empty tree": (200, lambda log: body(0, [], signed(log, 0))),
    "of an empty tree with another root": (422, lambda log: body(0, [], rooted(log, 0, bytes(32)))),
    "a proof with old 0": (422, lambda log: body(0, [bytes(32)], signed(log, 7))),
    "an old size though nothing was seen": (409, lambda log: body(SEEN, proof(SEEN, 7), signed(log, 7))),
}


def log_of(name: str) -> Signer:
    """A log of the case's own: the witness is shared."""
    digest = sha256(name.encode())
    return Signer.make(f"lianxi.case/{digest.hexdigest()[:12]}", note.ED25519, digest.digest())


@contextmanager
def ours(folder: Path, keys: list[Key]) -> Iterator[str]:
    class Settings:
        LOG_WITNESS_URL = LOG_WITNESS_KEY = ""

    made = Witness(folder / "store", WITNESS, keys, silence=3600)
    with served(Server(("127.0.0.1", 0), made), Settings):
        yield Settings.LOG_WITNESS_URL


@contextmanager
def aics(folder: Path, keys: list[Key]) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    config = folder / "witness.json"
    environment = os.environ | {"AICS_WITNESS_CONFIG": str(config), "WITNESS_SEED_HEX": WITNESS.seed.hex()}
    begin = [AICS, "init", "--new-database", "--name", WITNESS.key.name, "--listen", address]
    subprocess.run(begin, env=environment, check=True, capture_output=True)
    document = json.loads(config.read_text())
    document["logs"] = [{"origin": each.name, "vkeys": [str(each)]} for each in keys]
    config.write_text(json.dumps(document))
    with subprocess.Popen([AICS, "serve"], env=environment, stderr=subprocess.DEVNULL) as process:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"http://{address}/healthz", timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"http://{address}"
        process.terminate()


@pytest.fixture(scope="module", params=[ours, *([aics] if AICS else [])], ids=lambda each: each.__name__)
def address(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a witness of all these logs answers."""
    keys = [log_of(name).key for name in (*STATUSES, *FIRST)]
    with request.param(tmp_path_factory.mktemp("witness"), [*keys, OLD.key]) as url:
        yield url


def ask(address: str, asked: bytes) -> tuple[int, str, bytes]:
    post = urllib.request.Request(f"{address}/add-checkpoint", data=asked, method="POST")
    try:
        with urllib.request.urlopen(post, timeout=10) as answer:
            return answer.status, answer.headers.get_content_type(), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get_content_type(), error.read()


def is_answered(address: str, name: str, status: int, asked: bytes, *, seen: int) -> None:
    found, kind, said = ask(address, asked)
    assert found == status, said[:200]
    if status == 200:
        cosigned = note.read(asked.partition(b"\n\n")[2] + said, [log_of(name).key, WITNESS.key])
        assert {each.key for each in cosigned.signatures} == {log_of(name).key, WITNESS.key}
        return
    assert WITNESS.key.name.encode() not in said
    if status == 409:
        assert (kind, said) == ("text/x.tlog.size", f"{seen}\n".encode())


@pytest.mark.parametrize("name", STATUSES)
def test_after_five_leaves(address: str, name: str) -> None:
    log, (status, asked) = log_of(name), STATUSES[name]
    is_answered(address, name, 200, body(0, [], signed(log, SEEN)), seen=0)
    is_answered(address, name, status, asked(log), seen=SEEN)
    if status != 200:  # nothing of it was kept: what follows the five is cosigned
        is_answered(address, name, 200, body(SEEN, proof(SEEN, 9), signed(log, 9)), seen=SEEN)


@pytest.mark.parametrize("name", FIRST)
def test_when_nothing_was_seen(address: str, name: str) -> None:
    status, asked = FIRST[name]
    is_answered(address, name, status, asked(log_of(name)), seen=0)


def test_the_log_and_the_witness_understand_each_other(
    address: str, fresh_db: Database, template: str, settings: Any
) -> None:
    """Cosigned, again, after more, and an alarm for a log that is shorter or another."""
    settings.LOG_KEY, settings.AUDIT_LISTENERS = OLD.written(), []
    settings.LOG_WITNESS_URL, settings.LOG_WITNESS_KEY = address, str(WITNESS.key)
    for many in (1, 5, 300):
        sealed_and_signed(*[f"meeting:{each}" for each in range(many)])
        assert witnessing.cosign()
        assert witnessing.cosign(again=True)
        assert witnessing.uncosigned_since() is None
    row = Row.objects.order_by("-size")[0]
    assert note.read(row.note, [OLD.key, WITNESS.key]).signed_by(WITNESS.key)
    other = databases.clone(template)
    with databases.django_on(other):
        sealed_and_signed("meeting:7")
        with pytest.raises(sealer.Alarm, match=f"has seen {row.size} leaves of this log, and it has 1"):
            witnessing.cosign()
        sealed_and_signed(*[f"meeting:{each}" for each in range(row.size)])
        with pytest.raises(sealer.Alarm, match="another log"):
            witnessing.cosign()
    databases.drop(other)
    connections[sealer.ALIAS].close()


def sealed_and_signed(*streams: str) -> None:
    entries(*streams)
    sealer.seal()
    sealer.checkpoint()
