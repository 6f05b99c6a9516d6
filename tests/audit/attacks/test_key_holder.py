"""The administrator who also holds the log's key: the witness alone notices, and keeps the evidence."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from audit import note, sealer, tasks, witnessing
from audit.models import Checkpoint, Leaf
from audit.witness.store import Evidence, Witness
from tests import databases
from tests.audit.attacks.deeds import NOISE, forget_tree, holds, rewrite, says
from tests.audit.test_sealer import OLD, entries
from tests.audit.test_witnessing import WITNESS
from tests.databases import Database

KEYS = ("--log", str(OLD.key), "--witness", str(WITNESS.key))
OTHER_LOG = "has seen another log: this one does not begin with it"


def cosigned() -> str:
    """The present log is sealed, signed and cosigned; its checkpoint as the log has signed it."""
    sealer.seal()
    written = sealer.checkpoint()
    assert written is not None
    assert witnessing.cosign()
    return written


def critical(caplog: Any) -> str:
    return "\n".join(each.getMessage() for each in caplog.records if each.levelname == "CRITICAL")


def only_fork(witness: Witness) -> Evidence:
    (standing,) = witness.standings()
    (fork,) = standing.forked
    return fork


def text(written: str) -> str:
    return note.split(written)[0]


def test_a_history_made_anew_is_noticed_by_the_witness_alone(
    log: Database, witness: Witness, caplog: Any
) -> None:
    before = cosigned()
    rewrite(log, NOISE[7], 5)
    forget_tree(log, "audit_checkpoint")
    tasks.checkpoint_log(0)
    assert holds("verify", "fsck")  # nothing in the database speaks against it
    after = Checkpoint.objects.get().note
    assert OTHER_LOG in critical(caplog)
    fork = only_fork(witness)
    assert (text(fork.note), text(fork.kept)) == (text(after), text(before))
    assert note.read(fork.note, [OLD.key]).signatures
    assert note.read(fork.kept, [OLD.key]).signatures
    assert Checkpoint.objects.get().note == after  # no cosignature


def test_the_same_done_by_somebody_without_the_key_is_signed_by_the_worker_and_noticed_the_same(
    log: Database, witness: Witness, caplog: Any
) -> None:
    """Who may remove the checkpoints has the sealer sign another history; not the witness."""
    cosigned()
    rewrite(log, NOISE[7], 5)
    forget_tree(log, "audit_checkpoint")
    entries(NOISE[0])
    tasks.checkpoint_log(0)
    assert OTHER_LOG in critical(caplog)
    assert only_fork(witness).kept


def test_last_nights_backup_restored_is_noticed_at_the_next_checkpoint(
    log: Database, witness: Witness, copy: Callable[[], Database], caplog: Any
) -> None:
    backup = copy()
    entries(*NOISE[:3])
    size = note.Checkpoint.parse(text(cosigned())).size
    with databases.django_on(backup):
        entries(NOISE[4])
        tasks.checkpoint_log(0)
        assert holds("verify", "fsck")
        assert f"has seen {size} leaves of this log, and it has {size - 2}" in critical(caplog)
        assert "a backup was restored" in critical(caplog)
        assert f"has seen {size} leaves" in says("checkpoint")
        (standing,) = witness.standings()
        assert standing.shrunk is not None
        entries(*NOISE)  # it grows beyond what the witness has seen
        tasks.checkpoint_log(0)
        assert OTHER_LOG in critical(caplog)
    assert only_fork(witness).kept


def test_of_two_logs_shown_to_two_readers_one_has_no_cosignature(
    log: Database, witness: Witness, copy: Callable[[], Database], tmp_path: Path
) -> None:
    fork, shown, other = copy(), tmp_path / "shown", tmp_path / "other"
    entries("meeting:900")
    written = cosigned()
    says("prove", "meeting:900", 1, "--out", shown)
    with databases.django_on(fork):
        entries("meeting:901")
        assert OTHER_LOG in says("checkpoint")
        says("prove", "meeting:901", 1, "--out", other)
        forked = Checkpoint.objects.order_by("-size").first()
    assert "cosigned by head-office.example/witness" in says("check-proof", shown, *KEYS)
    assert "CommandError" not in says("check-proof", shown, *KEYS)
    refused = "CommandError: The checkpoint of the proof is not cosigned by head-office.example/witness"
    assert refused in says("check-proof", other, *KEYS)
    kept = only_fork(witness)
    assert forked is not None
    assert (text(kept.note), text(kept.kept)) == (text(forked.note), text(written))


def test_a_thief_of_the_key_who_is_cosigned_first_is_found_out_when_the_true_log_asks(
    log: Database, witness: Witness, copy: Callable[[], Database], caplog: Any
) -> None:
    """The thief's tree begins with the true one, so the witness takes it."""
    cosigned()
    with databases.django_on(copy()):
        entries("meeting:901", "meeting:902")
        thiefs = cosigned()
    entries("meeting:900")
    tasks.checkpoint_log(0)
    assert "leaves are missing, or a backup was restored" in critical(caplog)
    entries("meeting:900", "meeting:903")
    tasks.checkpoint_log(0)
    assert OTHER_LOG in critical(caplog)
    assert text(only_fork(witness).kept) == text(thiefs)
    assert witnessing.uncosigned_since() is not None


def test_an_old_checkpoint_replayed_changes_nothing_and_shows_until_the_log_goes_on(
    log: Database, witness: Witness, settings: Any
) -> None:
    old = Checkpoint.objects.get().note
    entries(NOISE[0])
    cosigned()
    size = Leaf.objects.count()
    status, answer = post(settings, f"old 0\n\n{old}")
    assert (status, answer) == (409, f"{size}\n")
    (standing,) = witness.standings()
    assert standing.seen is not None
    assert standing.seen.size == size
    assert standing.shrunk is not None
    assert (standing.shrunk.note, text(standing.shrunk.kept)) == (old, text(standing.seen.note))
    assert "shrunk" in page(settings)


def test_another_root_of_the_same_size_is_evidence_with_whatever_old_size_it_comes(
    log: Database, witness: Witness, settings: Any
) -> None:
    cosigned()
    other = note.Checkpoint(OLD.key.name, Leaf.objects.count(), bytes(32)).text
    status, _ = post(settings, f"old 0\n\n{other}\n{OLD.line(other)}")
    assert status == 409
    assert text(only_fork(witness).note) == other


def post(settings: Any, body: str) -> tuple[int, str]:
    asked = urllib.request.Request(f"{settings.LOG_WITNESS_URL}/add-checkpoint", data=body.encode())
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def page(settings: Any) -> str:
    with urllib.request.urlopen(f"{settings.LOG_WITNESS_URL}/", timeout=5) as answer:
        return answer.read().decode()
