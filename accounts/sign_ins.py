"""Every password that is asked for is judged here: counted first, looked at then, and noted.

`Gate` is what signing in asks, `confirm` what asks again within a session. Each leaves a line in the register
of sign-ins. Whoever is unknown or inactive is told, and waits, as after any wrong password; while none is
taken none is worked on, whoever it is, so that many tries at once cost next to nothing.
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
from accounts.throttle import Scope, Turn
from audit import clock
from audit.recording import SYSTEM
from committee.actions import people
from committee.models import Message, Person
from committee.prepared import Prepared
from regulation.text import folded_identifier

Outcome = SignIn.Outcome
Asked = SignIn.Asked

#: a person is not told of more than one lock within it
_TOLD = timedelta(minutes=15)
#: of passwords from browsers that are not known so many are worked on at once: half the processors are left
#: to everybody else, and no known browser or session waits for them
_STRANGERS = BoundedSemaphore(max(1, (os.cpu_count() or 1) // 2))


@dataclass(frozen=True)
class Answer:
    """Whose password it was; None for a wrong one, and for how long none is taken."""

    person: Person | None
    wait: timedelta = timedelta()
    paused: bool = False

    @property
    def minutes(self) -> int:
        """The minutes to wait, begun ones counted."""
        return -(-int(self.wait.total_seconds()) // 60)


_ACTIVE = Prepared(lambda pk: Person.objects.filter(pk=pk, is_active=True), int)


class Gate(BaseBackend):
    """Lets in whoever has the login's password; nobody else is asked after it."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_more: Any,
    ) -> Person | None:
        """The person of the login; PermissionDenied for a wrong password, or where none is taken.

        What was found stands at the request as `sign_in`.
        """
        if username is None or password is None:
            return None
        login = folded_identifier(username)
        person = Person.objects.filter(login_key=login).first()
        scope = throttle.scope_of_login(request, login, person)
        answer = _attempt(request, scope, login, password, Asked.LOGIN)
        if request is not None:
            request.sign_in = answer  # type: ignore[attr-defined]  # for the view of the login
        if answer.person is None:
            raise PermissionDenied
        return answer.person

    def get_user(self, user_id: int) -> Person | None:
        """The person of a session."""
        return next(iter(_ACTIVE(user_id)), None)


def check_password(request: HttpRequest, person: Person, password: str) -> Answer:
    """Whether it is the person's password, asked again in a session, or at the device of another's."""
    asked = Asked.AGAIN if request.user.pk == person.pk else Asked.DEVICE
    scope = throttle.scope_of_asking(request, person)
    return _attempt(request, scope, person.login_key, password, asked)


def require_password(request: HttpRequest, person: Person, password: str, *, wrong: str) -> None:
    """ValidationError, in words for whoever typed it, unless it is the person's password.

    The page is then answered with 429 while none is taken.
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


def not_yours() -> str:
    """What is said of a wrong password of one's own."""
    return gettext("This is not your password. Enter it again; mind capital letters.")


class PasswordsHeldUp(MiddlewareMixin):
    """A page that shows its form anew because no password is taken says so by its status."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """429, and after how many seconds to try again."""
        wait = getattr(request, "held_up", None)
        if isinstance(wait, timedelta):
            response.status_code = 429
            response["Retry-After"] = str(max(1, int(wait.total_seconds())))
        return response


def _attempt(
    request: HttpRequest | None, scope: Scope, login: str, password: str, asked: SignIn.Asked
) -> Answer:
    """The try is counted, the password looked at, and what came of it noted."""
    turn, person = throttle.count_try(scope, login), scope.person
    right = turn.taken and _looked_at(scope, password)
    if person is not None and person.is_active and right:
        turn.succeeded()
        register_attempt(
            request, Outcome.SIGNED_IN if asked == Asked.LOGIN else Outcome.CONFIRMED, person, asked=asked
        )
        return Answer(person)
    outcome = _outcome(turn, person, right=right)
    register_attempt(request, outcome, person, login=login, asked=asked)
    if not turn.taken:
        return Answer(None, turn.wait, turn.paused)
    if not turn.last:
        return Answer(None)
    if person is not None and person.is_active:
        _report_lock(request, person, turn)
    return Answer(None, settings.SIGN_IN_LOCK)


def _looked_at(scope: Scope, password: str) -> bool:
    """Whether it is right; meanwhile, which is long, the connection is lent to others."""
    if not connection.in_atomic_block:
        connection.close()
    turns: AbstractContextManager[Any] = _STRANGERS if scope.kind == throttle.Kind.PAIR else nullcontext()
    with turns:
        return _is_right(scope.person, password)


def _is_right(person: Person | None, password: str) -> bool:
    """Whether it is the person's password; as long as it would take if there were somebody."""
    if person is None or len(password) > passwords.LONGEST:
        return _as_long(password)
    return person.check_password(password)


def _as_long(password: str) -> bool:
    """No password is right; found after as long as it takes to look at one."""
    Person().set_password(password[: passwords.LONGEST])
    return False


def _outcome(turn: Turn, person: Person | None, *, right: bool) -> Outcome:
    if not turn.taken:
        return Outcome.PAUSED if turn.paused else Outcome.LOCKED
    if person is None:
        return Outcome.UNKNOWN
    if not person.is_active:
        return Outcome.INACTIVE
    assert not right
    return Outcome.WRONG


# -- The register -----------------------------------------------------------------------------------


def register_attempt(
    request: HttpRequest | None,
    outcome: Outcome,
    person: Person | None,
    *,
    login: str = "",
    asked: Asked = Asked.LOGIN,
) -> None:
    """A line in the register; of tries that are not let in one line stands for those of its lock."""
    now = timezone.now()
    line = SignIn(
        at=now,
        person=person,
        login="" if person is not None else throttle.digest("login", login)[:16],
        outcome=outcome,
        asked=asked,
        address=throttle.address_of(request),
        device=browsers.in_words(request.headers.get("User-Agent", "")) if request is not None else "",
        known=bool(throttle.known_browser(request, person)),
    )
    if outcome in (Outcome.LOCKED, Outcome.PAUSED):
        same = SignIn.objects.filter(
            at__gt=now - settings.SIGN_IN_LOCK, outcome=outcome, address=line.address, asked=asked
        )
        # whatever the logins, while an address pauses: anybody may make up any number of them
        same = same.filter(person=person, login=line.login) if outcome == Outcome.LOCKED else same
        latest = same.order_by("-at").values("pk")[:1]
        if SignIn.objects.filter(pk__in=list(latest.values_list("pk", flat=True))).update(
            times=F("times") + 1
        ):
            return
    line.save()


def _report_lock(request: HttpRequest | None, person: Person, turn: Turn) -> None:
    """The person is told and the log has an entry; of several locks in a row one stands for all."""
    told = Message.objects.filter(person=person, kind__in=("lock_sign_in", "unlock_sign_in"))
    last = told.order_by("-at", "-pk").first()
    if last is not None and last.kind == "lock_sign_in" and last.at > clock.now() - _TOLD:
        return
    people.lock_sign_in(
        person,
        by=SYSTEM,
        where=turn.scope.kind.value,
        until=timezone.now() + settings.SIGN_IN_LOCK,
        tries=int(turn.level),
        told={
            "address": turn.scope.address or "",
            "device": browsers.in_words(request.headers.get("User-Agent", "")) if request is not None else "",
        },
    )


def unlock(request: HttpRequest, person: Person, *, by: Person) -> None:
    """Nothing that was tried for the person counts any more; the administrator's page does it."""
    people.unlock_sign_in(person, by=by)
    throttle.end_locks(person)
    register_attempt(request, Outcome.UNLOCKED, person)


def forget() -> None:
    """Lines older than they are kept are gone, and counts that count no longer."""
    days = max(settings.SIGN_INS_KEPT_DAYS, 31)
    SignIn.objects.filter(at__lt=timezone.now() - timedelta(days=days)).delete()
    throttle.forget()
