"""The witness's store is lost, or an older copy of it is put back: the log says so, since it was cosigned."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from audit import sealer, tasks, witnessing
from audit.models import Checkpoint, Leaf
from audit.witness.store import Witness
from tests import databases
from tests.audit.attacks.deeds import NOISE, forget_tree, rewrite
from tests.audit.test_sealer import OLD, entries
from tests.audit.test_witnessing import WITNESS
from tests.databases import Database


def lose(store: Path, _kept: Path) -> None:
    store.unlink()
    Witness(store, WITNESS, [OLD.key], silence=3600)  # as a new one begins


def put_back(store: Path, kept: Path) -> None:
    shutil.copy(kept, store)


@pytest.mark.parametrize(("happens", "seen"), [(lose, 0), (put_back, None)])
def test_a_witness_that_has_forgotten_is_an_alarm_and_goes_on_from_what_it_knows(
    log: Database, witness: Witness, tmp_path: Path, caplog: Any,
    happens: Callable[[Path, Path], None], seen: int | None,
) -> None:  # fmt: skip
    tasks.checkpoint_log(0)
    first = Leaf.objects.count()
    shutil.copy(tmp_path / "store", tmp_path / "kept")
    entries(NOISE[0])
    tasks.checkpoint_log(0)
    second = Leaf.objects.count()
    happens(tmp_path / "store", tmp_path / "kept")
    entries(NOISE[1])
    assert not [each for each in caplog.records if each.levelname == "CRITICAL"]
    tasks.checkpoint_log(0)
    knows = first if seen is None else seen
    (said,) = [each.getMessage() for each in caplog.records if each.levelname == "CRITICAL"]
    assert said == (
        f"the witness {WITNESS.key.name} has cosigned {second} leaves of this log and says that it has seen "
        f"{knows}: its store was lost or restored"
    )
    assert witnessing.uncosigned_since() is None
    assert witness.standings()[0].seen.size == Leaf.objects.count()


def test_it_takes_no_other_history_than_the_one_it_still_knows(
    log: Database, witness: Witness, tmp_path: Path, caplog: Any, copy: Callable[[], Database]
) -> None:
    """An older store binds the log as far as it goes."""
    fork = copy()
    tasks.checkpoint_log(0)
    shutil.copy(tmp_path / "store", tmp_path / "kept")
    entries(NOISE[0])
    tasks.checkpoint_log(0)
    put_back(tmp_path / "store", tmp_path / "kept")
    with databases.django_on(fork):
        rewrite(fork, NOISE[7], 5)
        forget_tree(fork, "audit_checkpoint")
        entries(NOISE[0])
        tasks.checkpoint_log(0)
        assert witnessing.uncosigned_since() is not None
        assert Checkpoint.objects.count() == 1
        connections[sealer.ALIAS].close()
    assert len(witness.standings()[0].forked) == 1
