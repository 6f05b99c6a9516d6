"""Sessions in the database, stored under a digest of the key, so that a reader of the table cannot take one
over.

The engine of the setting SESSION_ENGINE. One statement reads the session, its person, and what the person
holds; `person_of` is the user of a request.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cache, partial
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib import auth
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends import db
from django.db.models import Exists, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from accounts.models import Session
from audit import clock
from committee.models import Person
from committee.models.liaison import to_switch
from committee.offices import OFFICES, Office, held_by, held_from, keep_read
from committee.prepared import Prepared

#: the length of Django's column: 160 bits
LENGTH = 40


@cache
def _running(offices: tuple[Office, ...]) -> Prepared[Any]:
    """The session of a name that has not expired at the first moment, with its person.

    Of the person there is what they hold, and whether a liaison is to be switched at the second moment.
    """

    def build(stored_key: str, now: datetime, moment: datetime) -> QuerySet[Any]:
        sessions = Session.objects.filter(expire_date__gt=now, session_key=stored_key).select_related(
            "person"
        )
        held = held_by(offices, f"{Session._meta.db_table}.person_id")
        return sessions.annotate(held=held, to_switch=Exists(to_switch(moment)))

    return Prepared(build, str, datetime, datetime)


#: the session of this name, expired or not
_STORED = Prepared(lambda stored_key: Session.objects.filter(session_key=stored_key), str)


def digest(key: str | None) -> str:
    """The name under which the session of this key is stored: the beginning of its SHA-256."""
    return hashlib.sha256((key or "").encode()).hexdigest()[:LENGTH]


class SessionStore(db.SessionStore):
    """A session stored under the digest of its key."""

    #: whose session it is, with what they hold, as of when it was read
    person: Person | None = None

    @property
    def stored_key(self) -> str:
        """The name of the row."""
        return digest(self.session_key)

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The model of the rows."""
        return Session

    def _get_session_from_db(self) -> Any:
        for row in _running(tuple(OFFICES.values()))(self.stored_key, timezone.now(), clock.now()):
            if row.person is not None and not row.to_switch:
                keep_read(row.person, held_from(row.held))
            self.person = row.person
            return row
        self._session_key = None
        return None

    async def _aget_session_from_db(self) -> Any:
        return await sync_to_async(self._get_session_from_db)()

    def exists(self, session_key: str) -> bool:
        """Whether a session with the key exists."""
        return bool(_STORED(digest(session_key)))

    async def aexists(self, session_key: str) -> bool:
        """Asynchronous version of `exists`."""
        return await sync_to_async(self.exists)(session_key)

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row, with the digest as its key."""
        row: Any = super().create_model_instance(data)
        row.session_key = digest(row.session_key)
        row.person_id = data.get(SESSION_KEY)
        return row

    async def acreate_model_instance(self, data: dict[str, Any]) -> Any:
        """Asynchronous version of `create_model_instance`."""
        row: Any = await super().acreate_model_instance(data)
        row.session_key = digest(row.session_key)
        row.person_id = data.get(SESSION_KEY)
        return row

    def delete(self, session_key: str | None = None) -> None:
        """Delete the session with the key, or this one."""
        key = self.session_key if session_key is None else session_key
        if key is not None:
            super().delete(digest(key))

    async def adelete(self, session_key: str | None = None) -> None:
        """Asynchronous version of `delete`."""
        key = self.session_key if session_key is None else session_key
        if key is not None:
            await super().adelete(digest(key))


def person_of(request: HttpRequest) -> Person | AnonymousUser:
    """The user of the request, as Django's `get_user` finds it; here their row came with the session."""
    session = request.session
    named = session.get(SESSION_KEY)  # reads the session
    person: Person | None = getattr(session, "person", None)
    if (
        person is None
        or str(person.pk) != named
        or not person.is_active
        or session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS
        or not constant_time_compare(session.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash())
    ):
        return auth.get_user(request)
    return person


class SignedIn(AuthenticationMiddleware):
    """Set the user of each request."""

    def process_request(self, request: HttpRequest) -> None:
        """Find the user when somebody asks for it."""
        request.user = SimpleLazyObject(partial(person_of, request))  # type: ignore[assignment]  # as Django does
        request.auser = partial(sync_to_async(person_of), request)
