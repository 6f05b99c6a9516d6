"""Plays a rehearsal file on a model alone, and tells where it does not come out as the file says."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from tests.model.model import Model, moment

UNITS = {"d": "days", "h": "hours", "m": "minutes"}


def at_clock(now: datetime, clock: str) -> datetime:
    """The time that a step's `clock` sets: absolute, or relative to the time before it."""
    if not clock.startswith("+"):
        return moment(clock)
    return now + timedelta(**{UNITS[unit]: int(n) for n, unit in re.findall(r"(\d+)([dhm])", clock)})


def play(rehearsal: dict[str, Any]) -> Iterator[str]:
    """Every mismatch with an `expect` or the `outcome`, as a line."""
    now = moment(rehearsal["start"])
    model = Model(rehearsal.get("regulation"), now)
    for n, step in enumerate(rehearsal["steps"], 1):
        now = at_clock(now, step["clock"]) if "clock" in step else now
        if "do" not in step:
            continue
        who = model.holders() if step["by"] == "seats" else step["by"]
        args = {k: v for k, v in step.items() if k not in ("do", "by", "expect", "clock", "note")}
        if step["do"] == "draft":
            args["plan"] = rehearsal["proposals"][step["proposal"]]
        for by in [who] if isinstance(who, str) else who:
            got, expected = model.do(step["do"], by, now, **args), step.get("expect", "accepted")
            if got != expected:
                yield f"step {n}: {by} {step['do']}: expected {expected}, got {got}"
    for handle, wanted in rehearsal.get("outcome", {}).items():
        found = model.outcome(handle)
        for key, value in wanted.items():
            if found[key] != value:
                yield f"outcome: {handle} {key}: expected {value}, got {found[key]}"
