"""A committed case, and the site with its sockets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.stage import Stage
from tests.voting.live.listening import Server, served, staged
from voting.live import hub


@pytest.fixture
def voting(fresh_db: Any) -> Stage:
    """A vote is open, of three seats."""
    return staged("voting")


@pytest.fixture
def room(fresh_db: Any) -> Iterator[Server]:
    """The site, from a thread."""
    with served() as site:
        yield site


@pytest.fixture
def notified(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks at the sockets by the second: what is told, was notified for."""
    monkeypatch.setattr(hub, "SECONDS", 3600.0)


@pytest.fixture
def nine(fresh_db: Any) -> Stage:
    """A vote of nine is open."""
    return staged("voting", seats=9, votes_to_pass=6)
