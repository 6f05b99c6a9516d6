"""The throttle of password attempts; each attempt is counted before its password is checked.

Attempts are counted by *scope*. Separate scopes are: a login in a browser in which its person has signed in
before, a password asked for again in a session, and another person's password on the liaison's device;
attempts made elsewhere do not lock these. In any other browser the scope is login and address together. After
`SIGN_IN_ATTEMPTS` wrong passwords a scope is locked for `SIGN_IN_LOCK_MINUTES`, for the right password too.

Two more limits apply to unknown browsers. An address from which many logins are tried is paused. While one
login is tried from many addresses, each address has a single attempt, so that the person, who comes from
another address, can still sign in.

Counting is one SQL statement that is committed at once, so that simultaneous attempts cannot exceed the
limit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import connection
from django.db.models import F
from django.db.models.functions import Greatest
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac

from accounts import login_sessions
from accounts.models import Tries
from committee.models import Person

#: the time over which attempts of an address or a login are counted
WINDOW = timedelta(hours=1)
#: the time between attempts from an address that has exceeded its limit
PAUSE = timedelta(minutes=1)
_SALT = "lianxi.browser"
_DAYS = 180
#: the number of people remembered in one browser
_PEOPLE = 8

Kind = Tries.Kind


def digest(*parts: object) -> str:
    """A keyed digest of the parts, from which they cannot be read."""
    return salted_hmac("lianxi.tries", "\0".join(map(str, parts)), algorithm="sha256").hexdigest()


@dataclass(frozen=True)
class Scope:
    """What attempts are counted for."""

    kind: Kind
    name: str
    person: Person | None = None
    address: str | None = None


def scope_of_login(request: HttpRequest | None, login: str, person: Person | None) -> Scope:
    """The scope of a login: the known browser, or login and address together."""
    browser = known_browser(request, person)
    if browser:
        return Scope(Kind.BROWSER, digest(Kind.BROWSER, browser, login), person, address_of(request))
    where = network(address_of(request))
    return Scope(Kind.PAIR, digest(Kind.PAIR, login, where), person, address_of(request))


def scope_of_confirmation(request: HttpRequest, person: Person) -> Scope:
    """The scope of a password asked for within a session: one's own, or that of a person at this device."""
    if request.user.pk == person.pk:
        name = digest(Kind.SESSION, request.session.session_key, person.pk)
        return Scope(Kind.SESSION, name, person, address_of(request))
    # by the device's person, not the session: a person may open any number of sessions
    return Scope(Kind.DEVICE, digest(Kind.DEVICE, request.user.pk, person.pk), person, address_of(request))


@dataclass(frozen=True)
class Attempt:
    """A counted attempt: whether the password may be checked, or how long to wait, and the counters
    increased.
    """

    scope: Scope
    wait: timedelta
    #: refused because of the address, whatever the login
    paused: bool = False
    #: the attempts in the scope, with this one, and the limit at which it is locked
    level: float = 0
    most: int = 0
    beside: tuple[Scope, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the password may be checked."""
        return not self.wait

    @property
    def last(self) -> bool:
        """Whether the scope is locked if this password is wrong."""
        return self.level >= self.most

    def succeeded(self) -> None:
        """Take the attempt back from all counters and reset its scope, since the password was right."""
        Tries.objects.filter(scope=self.scope.name).delete()
        for each in self.beside:
            Tries.objects.filter(scope=each.name).update(level=Greatest(F("level") - 1.0, 0.0))


def count_attempt(scope: Scope, login: str = "") -> Attempt:
    """Count an attempt in its scope and return whether the password may be checked."""
    if scope.kind is not Kind.PAIR:
        return _take(scope, settings.SIGN_IN_ATTEMPTS)
    where = network(scope.address)
    by_address = Scope(Kind.ADDRESS, digest(Kind.ADDRESS, where), address=scope.address)
    by_login = Scope(Kind.LOGIN, digest(Kind.LOGIN, login), scope.person)
    wait = _pause(by_address)
    if wait:  # before a row is stored for the login, which may be made up
        return Attempt(scope, wait, paused=True)
    besieged = _level(by_login, settings.SIGN_IN_ATTEMPTS_BY_LOGIN) >= settings.SIGN_IN_ATTEMPTS_BY_LOGIN
    attempt = _take(scope, 1 if besieged else settings.SIGN_IN_ATTEMPTS)
    if not attempt.allowed:
        return attempt
    counted = [by_login]
    if attempt.level == 1:
        if not _count(by_address, settings.SIGN_IN_ATTEMPTS_BY_ADDRESS, refusing=True):
            Tries.objects.filter(scope=scope.name).delete()
            return Attempt(scope, _pause(by_address) or PAUSE, paused=True)
        counted.append(by_address)
    _count(by_login, settings.SIGN_IN_ATTEMPTS_BY_LOGIN, refusing=False)
    return replace(attempt, beside=tuple(counted))


# The row of a locked scope is not updated: further attempts do not extend the lock.
_TAKE = """
INSERT INTO accounts_tries AS kept (scope, kind, person_id, address, level, last)
VALUES (%(scope)s, %(kind)s, %(person)s, %(address)s, 1, %(now)s)
ON CONFLICT (scope) DO UPDATE
    SET level = CASE WHEN kept.last <= %(before)s THEN 1 ELSE kept.level + 1 END, last = %(now)s
    WHERE kept.last <= %(before)s OR kept.level < %(most)s
RETURNING level
"""
# The level falls linearly, by the whole limit within the window; it is capped at twice the limit.
_COUNT = """
INSERT INTO accounts_tries AS kept (scope, kind, person_id, address, level, last)
VALUES (%(scope)s, %(kind)s, %(person)s, %(address)s, 1, %(now)s)
ON CONFLICT (scope) DO UPDATE SET last = %(now)s, level = least(%(most)s * 2, 1 + greatest(0,
        kept.level - %(most)s * extract(epoch FROM %(now)s - kept.last) / %(window)s))
    WHERE NOT %(refusing)s OR kept.last <= %(before)s OR 1 + greatest(0,
        kept.level - %(most)s * extract(epoch FROM %(now)s - kept.last) / %(window)s) <= %(most)s
RETURNING level
"""


def _run(statement: str, scope: Scope, **given: Any) -> float | None:
    """Run the statement; return the level after the attempt, None where the attempt is refused."""
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "scope": scope.name,
                "kind": scope.kind.value,
                "person": scope.person.pk if scope.person else None,
                "address": scope.address,
                "now": timezone.now(),
                **given,
            },
        )
        row = cursor.fetchone()
    return None if row is None else row[0]


def _take(scope: Scope, most: int) -> Attempt:
    now = timezone.now()
    level = _run(_TAKE, scope, before=now - settings.SIGN_IN_LOCK, most=most)
    if level is None:
        last = Tries.objects.filter(scope=scope.name).values_list("last", flat=True).first() or now
        return Attempt(scope, max(last + settings.SIGN_IN_LOCK - now, timedelta(seconds=1)))
    return Attempt(scope, timedelta(), level=level, most=most)


def _count(scope: Scope, most: int, *, refusing: bool) -> bool:
    before, window = timezone.now() - PAUSE, WINDOW.total_seconds()
    level = _run(_COUNT, scope, before=before, most=most, window=window, refusing=refusing)
    return level is not None


def _level(scope: Scope, most: int) -> float:
    """The counter's level now."""
    row = Tries.objects.filter(scope=scope.name).first()
    if row is None:
        return 0.0
    return max(0.0, row.level - most * ((timezone.now() - row.last) / WINDOW))


def _pause(scope: Scope) -> timedelta:
    """How long attempts from the address are refused; zero if they are not."""
    most = settings.SIGN_IN_ATTEMPTS_BY_ADDRESS
    row = Tries.objects.filter(scope=scope.name).first()
    if row is None or _level(scope, most) + 1 <= most:
        return timedelta()
    return max(row.last + PAUSE - timezone.now(), timedelta())


# -- What is locked ---------------------------------------------------------------------------------


def lock_ends(row: Tries) -> datetime | None:
    """When the scope's lock, or the limit on a login tried from many addresses, ends; None without one."""
    now = timezone.now()
    if row.kind == Kind.LOGIN:
        over = row.level - settings.SIGN_IN_ATTEMPTS_BY_LOGIN
        ends = row.last + WINDOW * (over / settings.SIGN_IN_ATTEMPTS_BY_LOGIN)
        return ends if over >= 0 and ends > now else None
    ends = row.last + settings.SIGN_IN_LOCK
    return ends if row.level >= settings.SIGN_IN_ATTEMPTS and ends > now else None


def end_locks(person: Person) -> None:
    """Delete all counters of the person."""
    Tries.objects.filter(person=person).delete()


def forget() -> None:
    """Delete counters that no longer have an effect."""
    kept = max(2 * WINDOW, settings.SIGN_IN_LOCK)
    Tries.objects.filter(last__lt=timezone.now() - kept).delete()


# -- Where somebody comes from ----------------------------------------------------------------------


def address_of(request: HttpRequest | None) -> str | None:
    """The client's address, None where it is not a valid one."""
    found = login_sessions.client_address(request) if request is not None else None
    try:
        return str(ip_address(found or ""))
    except ValueError:
        return None


def network(address: str | None) -> str:
    """The network that is counted as one address: an IPv6 /64, which one household or office has; else the
    address.
    """
    if address is None:
        return ""
    if isinstance(ip_address(address), IPv6Address):
        return str(ip_network(f"{address}/64", strict=False))
    return address


def remember(request: HttpRequest, response: HttpResponse, person: Person) -> None:
    """Set the cookie by which the browser is known as the person's, for `_DAYS` days or until "sign out
    everywhere".
    """
    browser, people = _known(request)
    others = [pair for pair in people if pair[0] != person.pk]
    made = [browser or get_random_string(22), [*others, [person.pk, person.session_epoch]][-_PEOPLE:]]
    response.set_cookie(
        settings.BROWSER_COOKIE_NAME,
        signing.dumps(made, salt=_SALT),
        max_age=timedelta(days=_DAYS),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def known_browser(request: HttpRequest | None, person: Person | None) -> str:
    """The browser's identifier if the person has signed in with it before, else an empty text."""
    if request is None or person is None:
        return ""
    browser, people = _known(request)
    return browser if [person.pk, person.session_epoch] in people else ""


def _known(request: HttpRequest) -> tuple[str, list[list[int]]]:
    """The browser's identifier and its people, each as person id and session epoch."""
    cookie = request.COOKIES.get(settings.BROWSER_COOKIE_NAME, "")
    try:
        found = signing.loads(cookie, salt=_SALT, max_age=timedelta(days=_DAYS))
    except signing.BadSignature:
        return "", []
    return (found[0], found[1]) if isinstance(found[0], str) else ("", [])
