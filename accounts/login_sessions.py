"""How long a session lasts, and where somebody who signs in comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from web import shell
from web.viewer import Viewer

#: from so many seconds before its end a session's end is told on every page
WARNING = 10 * 60


@dataclass(frozen=True)
class Remaining:
    """The end of a session."""

    ends: datetime
    #: whole seconds until then
    left: int

    @property
    def soon(self) -> bool:
        """Whether it is time to tell."""
        return self.left <= WARNING

    @property
    def minutes(self) -> int:
        """The minutes left, begun ones counted."""
        return -(-self.left // 60)

    @property
    def warning(self) -> int:
        """From how many seconds on it is told."""
        return WARNING


def extend_session(request: HttpRequest) -> None:
    """The session ends a session's time from now, whatever is kept in it until then."""
    request.session.set_expiry(timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE))


def remaining_time(request: HttpRequest) -> Remaining:
    """When the session of whoever is looking ends."""
    ends = request.session.get_expiry_date()
    return Remaining(ends, max(0, int((ends - timezone.now()).total_seconds())))


def client_address(request: HttpRequest) -> str | None:
    """The address that the request comes from; behind a trusted proxy the one that it named."""
    return request.META.get("REMOTE_ADDR")


@shell.context_part
def _in_shell(
    request: HttpRequest, _template: str, _context: Mapping[str, Any], _who: Viewer
) -> tuple[Mapping[str, Any], bool]:
    return {"session": remaining_time(request)}, False
