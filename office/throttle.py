"""Wrong passwords slow down whoever guesses, and nobody else for long.

Axes counts by login and address together and locks these two (`SIGN_IN_ATTEMPTS`). Beyond it, wrong passwords
of the last hour are counted by address, for one password tried at many logins, and by login, for one tried
from many addresses. Too many of either, and a try is taken once a minute only. A browser in which the
person has signed in before is not held up by this: nobody keeps a colleague out.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings
from django.contrib.auth import authenticate
from django.core import signing
from django.db.models import Count, Max, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from committee.models import Person
from office import sessions
from regulation.text import folded_identifier

#: for how long a wrong password counts
WINDOW = timedelta(hours=1)
#: how far apart tries are taken when there were too many
PAUSE = timedelta(minutes=1)
COOKIE = "browser"
_SALT = "lianxi.browser"
_DAYS = 180


def is_password_of(request: HttpRequest | None, person: Person, password: str) -> bool:
    """Whether it is the person's password, asked once more; a wrong one counts as at the login."""
    known = authenticate(request, username=person.username, password=password)
    return known is not None and known.pk == person.pk


class Throttle(AxesDatabaseHandler):  # type: ignore[misc]  # axes has no types
    """What axes locks, and beside it what has to pause."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        """Whether this try is not taken, be the password right or wrong."""
        login = (credentials or {}).get("username")
        return super().is_locked(request, credentials) or bool(pause(request, login))


def lock(request: HttpRequest, login: str | None) -> timedelta:
    """How long login and address are locked together, also for the right password; zero if they are not."""
    now = timezone.now()
    tried = AccessAttempt.objects.order_by().filter(
        username=login,
        ip_address=sessions.client_address(request),
        attempt_time__gt=now - settings.AXES_COOLOFF_TIME,
    )
    found = tried.aggregate(count=Sum("failures_since_start", default=0), last=Max("attempt_time"))
    if found["count"] < settings.AXES_FAILURE_LIMIT:
        return timedelta()
    return found["last"] + settings.AXES_COOLOFF_TIME - now


def pause(request: HttpRequest, login: str | None) -> timedelta:
    """How long until a try for the login is taken from this browser; zero if it is now."""
    now = timezone.now()
    recent = AccessFailureLog.objects.order_by().filter(attempt_time__gt=now - WINDOW)
    for most, tried in (
        (settings.SIGN_IN_ATTEMPTS_BY_ADDRESS, recent.filter(ip_address=sessions.client_address(request))),
        (settings.SIGN_IN_ATTEMPTS_BY_LOGIN, recent.filter(username=login)),
    ):
        found = tried.aggregate(count=Count("pk"), last=Max("attempt_time"))
        if found["count"] >= most and found["last"] + PAUSE > now and not _knows(request, login):
            return found["last"] + PAUSE - now
    return timedelta()


def remember(response: HttpResponse, person: Person) -> None:
    """The browser is known as the person's, for half a year or until "sign out everywhere"."""
    response.set_cookie(
        COOKIE,
        signing.dumps([person.pk, person.session_epoch], salt=_SALT),
        max_age=timedelta(days=_DAYS),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _knows(request: HttpRequest, login: str | None) -> bool:
    try:
        pk, epoch = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=timedelta(days=_DAYS))
    except signing.BadSignature:
        return False
    return Person.objects.filter(
        pk=pk, session_epoch=epoch, login_key=folded_identifier(login or "")
    ).exists()


def forget() -> None:
    """What was noted of wrong passwords is gone once it no longer counts."""
    AccessFailureLog.objects.filter(attempt_time__lt=timezone.now() - WINDOW).delete()
