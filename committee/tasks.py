"""Who is liaison changes at its time."""

from __future__ import annotations

from procrastinate.contrib.django import app

from audit import clock
from audit.recording import SYSTEM
from committee.actions.liaison import switch_liaison
from committee.models.liaison import to_switch


@app.periodic(cron="*/15 * * * *", periodic_id="switch_liaisons")
@app.task(queueing_lock="switch_liaisons")
def switch_liaisons(timestamp: int) -> None:
    """Stand-ins whose time has come act as liaison, and the liaison is back where it has gone (Art. 5)."""
    del timestamp  # the time for which it was planned
    for committee in to_switch(clock.now()):
        switch_liaison(committee, by=SYSTEM)
