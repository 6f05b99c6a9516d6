"""Password checks: each attempt is counted, then the password is checked, then the result is registered.

`Gate` checks the password at the login, `check_password` one asked for again within a session. Each attempt
is a line in the register of sign-ins. An unknown or inactive person gets the same answer, after the same
time, as a wrong password. While a scope is locked no password is hashed, so that a flood of attempts costs
little.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext, ngettext

from accounts import browsers, passwords, throttle
from accounts.models import SignIn
from accounts.throttle import Attempt, Scope
from audit import clock
from audit.recording import SYSTEM
from committee.actions import people
from committee.models import Message, Person
from committee.prepared import Prepared
from regulation.text import folded_identifier

Outcome = SignIn.Outcome
Asked = SignIn.Asked

#: a person gets one message about locks within this time
_MESSAGE_INTERVAL = timedelta(minutes=15)
#: limits how many passwords from unknown browsers are hashed at once, to half the processors; known browsers
#: and sessions do not wait for it
_UNKNOWN_BROWSERS = BoundedSemaphore(max(1, (os.cpu_count() or 1) // 2))


@dataclass(frozen=True)
class Answer:
    """The result of an attempt: the person, None for a wrong password, and how long attempts are refused."""

    person: Person | None
    wait: timedelta = timedelta()
    paused: bool = False

    @property
    def minutes(self) -> int:
        """The minutes to wait, rounded up."""
        return -(-int(self.wait.total_seconds()) // 60)


_ACTIVE = Prepared(lambda pk: Person.objects.filter(pk=pk, is_active=True), int)


class Gate(BaseBackend):
    """The authentication backend: login and password. No other backend is tried after a failure."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_more: Any,
    ) -> Person | None:
        """Return the person; PermissionDenied for a wrong password or a locked scope.

        The `Answer` is left on the request as `sign_in`.
        """
        if username is None or password is None:
            return None
        login = folded_identifier(username)
        person = Person.objects.filter(login_key=login).first()
        scope = throttle.scope_of_login(request, login, person)
        answer = _try_password(request, scope, login, password, Asked.LOGIN)
        if request is not None:
            request.sign_in = answer  # type: ignore[attr-defined]  # for the view of the login
        if answer.person is None:
            raise PermissionDenied
        return answer.person

    def get_user(self, user_id: int) -> Person | None:
        """The person of a session."""
        return next(iter(_ACTIVE(user_id)), None)


def check_password(request: HttpRequest, person: Person, password: str) -> Answer:
    """Check a password within a session: the user's own, or another person's on this user's device."""
    asked = Asked.AGAIN if request.user.pk == person.pk else Asked.DEVICE
    scope = throttle.scope_of_confirmation(request, person)
    return _try_password(request, scope, person.login_key, password, asked)


def require_password(request: HttpRequest, person: Person, password: str, *, wrong: str) -> None:
    """Raise ValidationError, with the text `wrong` or that of the lock, unless the password is the person's.

    While the scope is locked the response has status 429 (see `PasswordsHeldUp`).
    """
    answer = check_password(request, person, password)
    if answer.person is not None:
        return
    if not answer.wait:
        raise ValidationError(wrong, code="wrong")
    request.held_up = answer.wait  # type: ignore[attr-defined]  # for the middleware below
    raise ValidationError(
        ngettext(
            "Too many wrong passwords here. Enter it again in %(minutes)d minute; what you have entered "
            "beside it stays.",
            "Too many wrong passwords here. Enter it again in %(minutes)d minutes; what you have entered "
            "beside it stays.",
            answer.minutes,
        )
        % {"minutes": answer.minutes},
        code="locked",
    )


def wrong_own_password() -> str:
    """The message for a wrong password of one's own."""
    return gettext("This is not your password. Enter it again; mind capital letters.")


class PasswordsHeldUp(MiddlewareMixin):
    """Set the status of a form page that is shown again because its scope is locked."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Status 429 with a Retry-After header in seconds."""
        wait = getattr(request, "held_up", None)
        if isinstance(wait, timedelta):
            response.status_code = 429
            response["Retry-After"] = str(max(1, int(wait.total_seconds())))
        return response


def _try_password(
    request: HttpRequest | None, scope: Scope, login: str, password: str, asked: SignIn.Asked
) -> Answer:
    """Count the attempt, check the password and register the result."""
    attempt, person = throttle.count_attempt(scope, login), scope.person
    right = attempt.allowed and _verify(scope, password)
    if person is not None and person.is_active and right:
        attempt.succeeded()
        register_attempt(
            request, Outcome.SIGNED_IN if asked == Asked.LOGIN else Outcome.CONFIRMED, person, asked=asked
        )
        return Answer(person)
    outcome = _outcome(attempt, person, right=right)
    register_attempt(request, outcome, person, login=login, asked=asked)
    if not attempt.allowed:
        return Answer(None, attempt.wait, attempt.paused)
    if not attempt.last:
        return Answer(None)
    if person is not None and person.is_active:
        _report_lock(request, person, attempt)
    return Answer(None, settings.SIGN_IN_LOCK)


def _verify(scope: Scope, password: str) -> bool:
    """Whether the password is right; the connection is given back while it is hashed, which takes long."""
    if not connection.in_atomic_block:
        connection.close()
    unknown = scope.kind == throttle.Kind.PAIR
    slot: AbstractContextManager[Any] = _UNKNOWN_BROWSERS if unknown else nullcontext()
    with slot:
        return _is_right(scope.person, password)


def _is_right(person: Person | None, password: str) -> bool:
    """Whether it is the person's password; takes equally long without a person."""
    if person is None or len(password) > passwords.LONGEST:
        return _fail_slowly(password)
    return person.check_password(password)


def _fail_slowly(password: str) -> bool:
    """Return False after the time that it takes to check a password."""
    Person().set_password(password[: passwords.LONGEST])
    return False


def _outcome(attempt: Attempt, person: Person | None, *, right: bool) -> Outcome:
    if not attempt.allowed:
        return Outcome.PAUSED if attempt.paused else Outcome.LOCKED
    if person is None:
        return Outcome.UNKNOWN
    if not person.is_active:
        return Outcome.INACTIVE
    assert not right
    return Outcome.WRONG


def _device(request: HttpRequest | None) -> str:
    """The browser and system of the request, empty without one."""
    return browsers.browser_name(request.headers.get("User-Agent", "")) if request is not None else ""


# -- The register -----------------------------------------------------------------------------------


def register_attempt(
    request: HttpRequest | None,
    outcome: Outcome,
    person: Person | None,
    *,
    login: str = "",
    asked: Asked = Asked.LOGIN,
) -> None:
    """Add a line to the register; attempts refused during one lock increase the count of one line."""
    now = timezone.now()
    line = SignIn(
        at=now,
        person=person,
        login="" if person is not None else throttle.digest("login", login)[:16],
        outcome=outcome,
        asked=asked,
        address=throttle.address_of(request),
        device=_device(request),
        known=bool(throttle.known_browser(request, person)),
    )
    if outcome in (Outcome.LOCKED, Outcome.PAUSED):
        same = SignIn.objects.filter(
            at__gt=now - settings.SIGN_IN_LOCK, outcome=outcome, address=line.address, asked=asked
        )
        # while an address is paused logins are not told apart: any number of them can be made up
        same = same.filter(person=person, login=line.login) if outcome == Outcome.LOCKED else same
        latest = same.order_by("-at").values("pk")[:1]
        if SignIn.objects.filter(pk__in=list(latest.values_list("pk", flat=True))).update(
            times=F("times") + 1
        ):
            return
    line.save()


def _report_lock(request: HttpRequest | None, person: Person, attempt: Attempt) -> None:
    """Send the person a message and write an audit entry, once for locks within `_MESSAGE_INTERVAL`."""
    sent = Message.objects.filter(person=person, kind__in=("lock_sign_in", "unlock_sign_in"))
    last = sent.order_by("-at", "-pk").first()
    if last is not None and last.kind == "lock_sign_in" and last.at > clock.now() - _MESSAGE_INTERVAL:
        return
    people.lock_sign_in(
        person,
        by=SYSTEM,
        where=attempt.scope.kind.value,
        until=timezone.now() + settings.SIGN_IN_LOCK,
        tries=int(attempt.level),
        told={
            "address": attempt.scope.address or "",
            "device": browsers.browser_name(request.headers.get("User-Agent", ""))
            if request is not None
            else "",
        },
    )


def unlock(request: HttpRequest, person: Person, *, by: Person) -> None:
    """Reset the counters of the person and register it, for the administrator's page."""
    people.unlock_sign_in(person, by=by)
    throttle.end_locks(person)
    register_attempt(request, Outcome.UNLOCKED, person)


def forget() -> None:
    """Delete register lines past their retention, and counters that are out of date."""
    days = max(settings.SIGN_INS_KEPT_DAYS, 31)
    SignIn.objects.filter(at__lt=timezone.now() - timedelta(days=days)).delete()
    throttle.forget()
