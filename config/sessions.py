"""Sessions in the database, stored under a digest of the key, so that a reader of the table cannot take one
over.

The engine of the setting SESSION_ENGINE; only the name of the row differs from Django's.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.sessions.backends import db
from django.db.models import QuerySet
from django.utils import timezone

from committee.prepared import Prepared

#: the length of Django's column: 160 bits
LENGTH = 40


def _running(stored_key: str, now: datetime) -> QuerySet[Any]:
    sessions = SessionStore.get_model_class().objects
    return sessions.filter(expire_date__gt=now, session_key=stored_key)


#: the session of this name that has not expired, if any
_RUNNING = Prepared(_running, str, datetime)


def _stored(stored_key: str) -> QuerySet[Any]:
    return SessionStore.get_model_class().objects.filter(session_key=stored_key)


#: the session of this name, expired or not
_STORED = Prepared(_stored, str)


def digest(key: str | None) -> str:
    """The name under which the session of this key is stored: the beginning of its SHA-256."""
    return hashlib.sha256((key or "").encode()).hexdigest()[:LENGTH]


class SessionStore(db.SessionStore):
    """A session stored under the digest of its key."""

    @property
    def stored_key(self) -> str:
        """The name of the row."""
        return digest(self.session_key)

    def _get_session_from_db(self) -> Any:
        for row in _RUNNING(self.stored_key, timezone.now()):
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
        row = super().create_model_instance(data)
        row.session_key = digest(row.session_key)
        return row

    async def acreate_model_instance(self, data: dict[str, Any]) -> Any:
        """Asynchronous version of `create_model_instance`."""
        row = await super().acreate_model_instance(data)
        row.session_key = digest(row.session_key)
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
