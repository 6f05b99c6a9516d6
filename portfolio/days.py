"""The day of the ledger, in the bank's zone."""

from __future__ import annotations

from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from audit import clock

ZONE: Final = ZoneInfo("Asia/Shanghai")


def today() -> date:
    """The present day in the bank's zone."""
    return clock.now().astimezone(ZONE).date()
