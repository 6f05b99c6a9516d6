"""What waits for a collector: the loans with a duty of the collector's own."""

from __future__ import annotations

from collections.abc import Iterator

from pages.desk import ledger
from pages.desk.sections import Section, SectionQuery
from web.viewer import Viewer


def sections(who: Viewer) -> Iterator[SectionQuery | Section]:
    """The collector's loans."""
    yield from ledger.own_tasks(who)
    yield from ledger.own_loans(who)
