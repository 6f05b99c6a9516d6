"""Messages are mailed, and what the entries of the log say is put into the search."""

from __future__ import annotations

from django.conf import settings
from django.db import close_old_connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from committee.messages import MAIL, MAIL_FORMER
from committee.models import Person
from pages.inbox import digest, mailing
from pages.inbox.following import tell_followers
from pages.oversight.log.indexing import read_entries
from pages.portfolio.tapes import arrivals
from pages.push import due
from pages.push.waking import PUSH_DUE

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


@app.task(name="mail_digest", retry=_PATIENCE)
def mail_digest(person: int) -> None:
    """Mail the person what was not mailed at once; again later when the mail server does not take it."""
    try:
        digest.send(person)
    finally:
        close_old_connections()


@app.periodic(cron="30 23 * * *", periodic_id="mail_digests")
@app.task(queueing_lock="mail_digests")
def mail_digests(timestamp: int) -> None:
    """Queue the digest of each person who has chosen one, before the day begins in the bank."""
    del timestamp  # the scheduled time
    try:
        for person in digest.people():
            mail_digest.defer(person=person)
    finally:
        close_old_connections()


@app.periodic(cron="* * * * *", periodic_id="tell_followers")
@app.task(lock="tell_followers", queueing_lock="tell_followers")
def tell_followers_of_plans(timestamp: int) -> None:
    """Tell the followers of plans that have moved on."""
    del timestamp  # the scheduled time
    try:
        tell_followers()
    finally:
        close_old_connections()


@app.periodic(cron="* * * * *", periodic_id="push_due")
@app.task(name=PUSH_DUE, lock=PUSH_DUE, queueing_lock=PUSH_DUE)
def push_due(timestamp: int) -> None:
    """Push to devices what is due now and was not pushed."""
    del timestamp  # the scheduled time
    try:
        if settings.PUSH_KEY_FILE:
            due.tell_all()
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


@app.task(name=arrivals.TAKE_IN)
def take_in_tape(pk: int) -> None:
    """The file that was handed in on the page is taken into the ledger; see
    `pages/portfolio/tapes/arrivals.py`.
    """
    try:
        arrivals.take_in(pk)
    finally:
        close_old_connections()
