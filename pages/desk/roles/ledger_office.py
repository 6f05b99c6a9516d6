"""What waits for a supervising office: warnings to issue and replies to rule on, tapes held, loans for
which nobody answers.
"""

from __future__ import annotations

from collections.abc import Iterator

from committee.offices import LEDGER_OFFICE
from pages.desk import ledger
from pages.desk.sections import Section, SectionQuery
from web.viewer import Viewer


def sections(who: Viewer) -> Iterator[SectionQuery | Section]:
    """What is amiss at the institutions below the office."""
    units = who.units(LEDGER_OFFICE)
    yield from ledger.warnings_in(ledger.within(units), *ledger.TO_RULE)
    yield from ledger.duty_gaps(ledger.within(units))
    yield from ledger.tapes_held(ledger.within(units, "scope"))
