"""Messages are mailed, and what the entries of the log say is put into the search."""

from __future__ import annotations

from django.db import close_old_connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from committee.messages import MAIL, MAIL_FORMER
from committee.models import Person
from pages.inbox import mailing
from pages.oversight.log.indexing import read_entries

#: the wait grows threefold, to sixteen hours, and is a day in all; a mail server that is down for a night
#: loses nothing
_PATIENCE = RetryStrategy(max_attempts=10, exponential_wait=3)


@app.task(name=MAIL, retry=_PATIENCE)
def mail_message(message: int) -> None:
    """The message is mailed; again later when the mail server does not take it."""
    try:
        mailing.send(message)
    finally:
        close_old_connections()  # the worker's threads live long, and a server may be started anew


@app.task(name=MAIL_FORMER, retry=_PATIENCE)
def mail_former_address(person: int, kind: str, address: str) -> None:
    """Mail a notice to a person's former address."""
    try:
        mailing.send_to_former(Person.objects.get(pk=person), kind, address)
    finally:
        close_old_connections()


@app.periodic(cron="* * * * *", periodic_id="read_entries")
@app.task(lock="read_entries", queueing_lock="read_entries")
def read_entries_for_search(timestamp: int) -> None:
    """Put what entries say that were written since into the search."""
    del timestamp  # the scheduled time
    try:
        read_entries()
    finally:
        close_old_connections()
