"""The state that is attacked: a case up to its signed minutes, sealed, with a checkpoint; made once in a run.

Each test has a copy of it (`fresh_db`), and can have more: a copy is last night's backup, or a fork.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import override_settings

from audit import clock, sealer
from audit.witness.server import Server
from audit.witness.store import Witness
from tests import databases
from tests.audit.attacks.deeds import MANY, NOISE
from tests.audit.test_sealer import OLD, entries
from tests.audit.test_witnessing import WITNESS, served
from tests.databases import Database
from tests.stage import START, Stage


@pytest.fixture
def source(django_db_setup: None, django_db_blocker: Any, template: str) -> databases.Source:
    """The state that is attacked, and its stage."""

    def build() -> Stage:
        with override_settings(LOG_KEY=OLD.written(), AUDIT_LISTENERS=[]):
            with clock.frozen(START):
                stage = Stage().to("signed")
            for _ in range(MANY):
                entries(*NOISE)
            sealer.seal()
            sealer.checkpoint()
            connections[sealer.ALIAS].close()
        return stage

    with django_db_blocker.unblock():
        return databases.standing(template, "sealed and signed", build)


@pytest.fixture
def log(fresh_db: Database, settings: Any) -> Iterator[Database]:
    """The test's own copy, with the log's key; nothing seals by itself."""
    settings.LOG_KEY = OLD.written()
    settings.AUDIT_LISTENERS = []
    yield fresh_db
    connections[sealer.ALIAS].close()


@pytest.fixture
def copy(source: databases.Source, dropper: databases.Dropper) -> Iterator[Callable[[], Database]]:
    """Makes further copies of the state from which the log began."""
    made: list[Database] = []

    def make() -> Database:
        made.append(databases.clone(source.name))
        return made[-1]

    yield make
    for each in made:
        dropper.drop(each)


@pytest.fixture
def witness(tmp_path: Path, settings: Any) -> Iterator[Witness]:
    """Head office's witness, served, and set as that of the log."""
    made = Witness(tmp_path / "store", WITNESS, [OLD.key], silence=3600)
    with served(Server(("127.0.0.1", 0), made), settings):
        yield made
