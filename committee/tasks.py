"""The switch of the acting liaison at the beginning and end of stand-ins' terms."""

from __future__ import annotations

from procrastinate.contrib.django import app

from audit import clock
from audit.recording import SYSTEM
from committee.actions.liaison import switch_liaison
from committee.models.liaison import to_switch


@app.periodic(cron="*/15 * * * *", periodic_id="switch_liaisons")
@app.task(queueing_lock="switch_liaisons")
def switch_liaisons(timestamp: int) -> None:
    """Make those people liaison who act by the terms now (Art. 5)."""
    del timestamp  # the scheduled time
    for committee in to_switch(clock.now()):
        switch_liaison(committee, by=SYSTEM)
