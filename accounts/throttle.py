"""How many passwords may be tried, counted before any of them is looked at.

A *scope* is what is counted for itself. Of a login in a browser in which its person has signed in before, of
a password asked again in a session, and of somebody's password at the liaison's device, each has its own, so
that what others try elsewhere holds up none of them. In any other browser it is the login together with the
address. After `SIGN_IN_ATTEMPTS` wrong passwords a scope is locked for `SIGN_IN_LOCK_MINUTES`, for the right
one too.

Beside these, of other browsers alone: an address from which many logins were tried pauses, and while a login
is tried from many addresses each of them has a single try, so that its person, at an address of one's own, is
never kept out by the rest.

Counting is one statement that commits by itself: of tries made at the same moment no more go on than may.
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

#: in which an address and a login have their numbers of tries
WINDOW = timedelta(hours=1)
#: how far apart tries from an address are taken when there were too many
PAUSE = timedelta(minutes=1)
_SALT = "lianxi.browser"
_DAYS = 180
#: so many people have signed in in one browser and are still known in it
_PEOPLE = 8

Kind = Tries.Kind


def digest(*parts: object) -> str:
    """What is counted or looked up under it says nothing of the parts to whoever reads it."""
    return salted_hmac("lianxi.tries", "\0".join(map(str, parts)), algorithm="sha256").hexdigest()


@dataclass(frozen=True)
class Scope:
    """What is counted for itself."""

    kind: Kind
    name: str
    person: Person | None = None
    address: str | None = None


def scope_of_login(request: HttpRequest | None, login: str, person: Person | None) -> Scope:
    """The scope of signing in: the known browser, or login and address together."""
    browser = known_browser(request, person)
    if browser:
        return Scope(Kind.BROWSER, digest(Kind.BROWSER, browser, login), person, address_of(request))
    where = network(address_of(request))
    return Scope(Kind.PAIR, digest(Kind.PAIR, login, where), person, address_of(request))


def scope_of_asking(request: HttpRequest, person: Person) -> Scope:
    """The scope of a password asked in a session: the session's own, or another's at this person's device."""
    if request.user.pk == person.pk:
        name = digest(Kind.SESSION, request.session.session_key, person.pk)
        return Scope(Kind.SESSION, name, person, address_of(request))
    # by whose device it is, not by session: one may open any number of sessions of one's own
    return Scope(Kind.DEVICE, digest(Kind.DEVICE, request.user.pk, person.pk), person, address_of(request))


@dataclass(frozen=True)
class Turn:
    """A try that was counted: whether it may go on, how long to wait otherwise, and what it used up."""

    scope: Scope
    wait: timedelta
    #: it was not let in because of its address, whatever the login
    paused: bool = False
    #: the tries of the scope, this one too, and after how many it is locked
    level: float = 0
    most: int = 0
    beside: tuple[Scope, ...] = ()

    @property
    def taken(self) -> bool:
        """Whether the password is looked at."""
        return not self.wait

    @property
    def last(self) -> bool:
        """Whether the scope is locked if this one is wrong."""
        return self.level >= self.most

    def succeeded(self) -> None:
        """The password was right: nothing of the try counts, and its scope begins anew."""
        Tries.objects.filter(scope=self.scope.name).delete()
        for each in self.beside:
            Tries.objects.filter(scope=each.name).update(level=Greatest(F("level") - 1.0, 0.0))


def count_try(scope: Scope, login: str = "") -> Turn:
    """The try is counted, and may go on or not."""
    if scope.kind is not Kind.PAIR:
        return _turn(scope, settings.SIGN_IN_ATTEMPTS)
    where = network(scope.address)
    by_address = Scope(Kind.ADDRESS, digest(Kind.ADDRESS, where), address=scope.address)
    by_login = Scope(Kind.LOGIN, digest(Kind.LOGIN, login), scope.person)
    wait = _pause(by_address)
    if wait:  # before anything is kept of the login, which anybody may have made up
        return Turn(scope, wait, paused=True)
    besieged = _level(by_login, settings.SIGN_IN_ATTEMPTS_BY_LOGIN) >= settings.SIGN_IN_ATTEMPTS_BY_LOGIN
    turn = _turn(scope, 1 if besieged else settings.SIGN_IN_ATTEMPTS)
    if not turn.taken:
        return turn
    counted = [by_login]
    if turn.level == 1:
        if not _count(by_address, settings.SIGN_IN_ATTEMPTS_BY_ADDRESS, refusing=True):
            Tries.objects.filter(scope=scope.name).delete()
            return Turn(scope, _pause(by_address) or PAUSE, paused=True)
        counted.append(by_address)
    _count(by_login, settings.SIGN_IN_ATTEMPTS_BY_LOGIN, refusing=False)
    return replace(turn, beside=tuple(counted))


# A scope that is locked stays as it is: trying on makes the lock no longer.
_TAKE = """
INSERT INTO accounts_tries AS kept (scope, kind, person_id, address, level, last)
VALUES (%(scope)s, %(kind)s, %(person)s, %(address)s, 1, %(now)s)
ON CONFLICT (scope) DO UPDATE
    SET level = CASE WHEN kept.last <= %(before)s THEN 1 ELSE kept.level + 1 END, last = %(now)s
    WHERE kept.last <= %(before)s OR kept.level < %(most)s
RETURNING level
"""
# A level sinks as time goes by, by the whole number within the window; beyond twice of it none is counted.
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
    """The level after the try; None where it is not taken."""
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


def _turn(scope: Scope, most: int) -> Turn:
    now = timezone.now()
    level = _run(_TAKE, scope, before=now - settings.SIGN_IN_LOCK, most=most)
    if level is None:
        last = Tries.objects.filter(scope=scope.name).values_list("last", flat=True).first() or now
        return Turn(scope, max(last + settings.SIGN_IN_LOCK - now, timedelta(seconds=1)))
    return Turn(scope, timedelta(), level=level, most=most)


def _count(scope: Scope, most: int, *, refusing: bool) -> bool:
    before, window = timezone.now() - PAUSE, WINDOW.total_seconds()
    level = _run(_COUNT, scope, before=before, most=most, window=window, refusing=refusing)
    return level is not None


def _level(scope: Scope, most: int) -> float:
    """The level as it is now."""
    row = Tries.objects.filter(scope=scope.name).first()
    if row is None:
        return 0.0
    return max(0.0, row.level - most * ((timezone.now() - row.last) / WINDOW))


def _pause(scope: Scope) -> timedelta:
    """How long until a try from the address is taken; zero if it is now."""
    most = settings.SIGN_IN_ATTEMPTS_BY_ADDRESS
    row = Tries.objects.filter(scope=scope.name).first()
    if row is None or _level(scope, most) + 1 <= most:
        return timedelta()
    return max(row.last + PAUSE - timezone.now(), timedelta())


# -- What is locked ---------------------------------------------------------------------------------


def lock_ends(row: Tries) -> datetime | None:
    """Until when the scope is locked, or the login is tried from many addresses; None where it is not."""
    now = timezone.now()
    if row.kind == Kind.LOGIN:
        over = row.level - settings.SIGN_IN_ATTEMPTS_BY_LOGIN
        ends = row.last + WINDOW * (over / settings.SIGN_IN_ATTEMPTS_BY_LOGIN)
        return ends if over >= 0 and ends > now else None
    ends = row.last + settings.SIGN_IN_LOCK
    return ends if row.level >= settings.SIGN_IN_ATTEMPTS and ends > now else None


def end_locks(person: Person) -> None:
    """Nothing that was tried for the person counts any more."""
    Tries.objects.filter(person=person).delete()


def forget() -> None:
    """What was counted is gone once it counts no longer."""
    kept = max(2 * WINDOW, settings.SIGN_IN_LOCK)
    Tries.objects.filter(last__lt=timezone.now() - kept).delete()


# -- Where somebody comes from ----------------------------------------------------------------------


def address_of(request: HttpRequest | None) -> str | None:
    """The address that the request comes from, if it is one."""
    found = login_sessions.client_address(request) if request is not None else None
    try:
        return str(ip_address(found or ""))
    except ValueError:
        return None


def network(address: str | None) -> str:
    """What is counted as one address: of IPv6 the network of a household or an office, not one of its 2⁶⁴."""
    if address is None:
        return ""
    if isinstance(ip_address(address), IPv6Address):
        return str(ip_network(f"{address}/64", strict=False))
    return address


def remember(request: HttpRequest, response: HttpResponse, person: Person) -> None:
    """The browser is known as the person's, for half a year or until "sign out everywhere"."""
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
    """The name of the browser if the person has signed in in it before; empty otherwise."""
    if request is None or person is None:
        return ""
    browser, people = _known(request)
    return browser if [person.pk, person.session_epoch] in people else ""


def _known(request: HttpRequest) -> tuple[str, list[list[int]]]:
    """The browser's name and the people that it is known for, each with the epoch of the sessions."""
    cookie = request.COOKIES.get(settings.BROWSER_COOKIE_NAME, "")
    try:
        found = signing.loads(cookie, salt=_SALT, max_age=timedelta(days=_DAYS))
    except signing.BadSignature:
        return "", []
    return (found[0], found[1]) if isinstance(found[0], str) else ("", [])
