"""A committed case, and the site with its sockets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests import databases
from tests.stage import Stage, standing
from tests.voting.live.listening import Server, served
from voting.live import hub

standing_voting = standing("voting", name="standing_voting")
standing_nine = standing("voting", name="standing_nine", seats=9, votes_to_pass=6)


@pytest.fixture
def source(request: pytest.FixtureRequest, template: str) -> databases.Source:
    """The stage that the test asks for stands in its database from the start."""
    for name in ("voting", "nine"):
        if name in request.fixturenames:
            return request.getfixturevalue(f"standing_{name}")
    return databases.Source(template)


@pytest.fixture
def voting(fresh_db: Any, source: databases.Source) -> Stage:
    """A vote is open, of three seats."""
    return source.stage


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
def nine(fresh_db: Any, source: databases.Source) -> Stage:
    """A vote of nine is open."""
    return source.stage
