"""The length of a session, and the client's address."""

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

#: seconds before the end of a session from which every page shows when it ends
WARNING = 10 * 60


@dataclass(frozen=True)
class Remaining:
    """When a session ends."""

    ends: datetime
    #: whole seconds until the end
    left: int

    @property
    def soon(self) -> bool:
        """Whether the page should warn of the end."""
        return self.left <= WARNING

    @property
    def minutes(self) -> int:
        """The minutes left, rounded up."""
        return -(-self.left // 60)

    @property
    def warning(self) -> int:
        """The number of seconds before the end from which the warning is shown."""
        return WARNING


def extend_session(request: HttpRequest) -> None:
    """Let the session end a full session length from now."""
    request.session.set_expiry(timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE))


def remaining_time(request: HttpRequest) -> Remaining:
    """How long the session of the request's user still lasts."""
    ends = request.session.get_expiry_date()
    return Remaining(ends, max(0, int((ends - timezone.now()).total_seconds())))


def client_address(request: HttpRequest) -> str | None:
    """The client's address; behind a trusted proxy the one that the proxy names."""
    return request.META.get("REMOTE_ADDR")


@shell.context_part
def _in_shell(
    request: HttpRequest, _template: str, _context: Mapping[str, Any], _who: Viewer
) -> tuple[Mapping[str, Any], bool]:
    return {"session": remaining_time(request)}, False
