"""Pages with hashes, proofs and signed notes, once the log is sealed: accessible, and they fit a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from committee.models import Resolution
from tests.journeys.conftest import Site
from tests.journeys.test_accessibility import faults
from tests.office.dossier.sealing import seal_all
from tests.stage import Stage
from voting.models import Ballot


def sealed() -> Stage:
    """A decision whose entries are all in a checkpoint."""
    stage = Stage().to("reported")
    seal_all(cosigned=True)
    return stage


@pytest.fixture
def case() -> Callable[[], Stage]:
    return sealed


@pytest.fixture
def addresses(site: Site) -> dict[str, str]:
    """Read before a browser runs: Django would not share its loop."""
    ballot = Ballot.objects.get(person=site.stage["seat2"])
    return {
        "seat2": f"{site.address}/ballots/{ballot.commitment}/",
        "auditor": f"{site.address}/dossiers/{Resolution.objects.get().pk}/",
    }


def test_they_are_accessible_and_fit(addresses: dict[str, str], look: Callable[..., Page]) -> None:
    found = []
    for handle, address in addresses.items():
        page = look("phone", handle, language="en", theme="light")
        found += faults(page, address)
        page.context.close()
    assert not found, "\n".join(found)
