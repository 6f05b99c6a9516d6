"""Limits on expensive requests of one person, at once and within a minute.

Reading and acting are not limited. Limited are large requests (drafts of large plans, files, tables), tables
read for the editor, lists as files, searches, and verifying the log. Requests that the editor sends by itself
while one types have a limit of their own, so that they never prevent saving. Each process counts for itself,
in memory, so that the limit costs no writing or waiting and a killed process leaves nothing behind. The
numbers are those of `settings.LIMITS`, for each process.
"""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from functools import wraps
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock
from typing import TypeAlias, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve

from committee.models import Person
from web import display, idempotent_forms, problems

#: bytes from which a request counts as large
LARGE_BYTES = 200_000
LARGE, TYPED, IMPORT, EXPORT, SEARCH, VERIFY = "large", "typed", "import", "export", "search", "verify"
DOCUMENT = "document"
#: requests that a page sends by itself: input to be saved, and the figures beside it
_BY_ITSELF = frozenset({"plan-keep", "plan-figures"})
MINUTE = 60.0
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
#: seconds to wait when all running work is the person's own
SOON = 2

#: a person's id, or the network of a stranger's address
Who: TypeAlias = "int | str"
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class Counters:
    """The work of each person, running and begun within the last minute, by kind."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._at_work: Counter[tuple[str, Who]] = Counter()
        self._begun: defaultdict[tuple[str, Who], deque[float]] = defaultdict(deque)
        self._swept = 0.0

    def begin(self, kind: str, person: Who) -> int:
        """Begin work and return 0, or return the seconds to wait."""
        at_once, a_minute = settings.LIMITS[kind]
        key, now = (kind, person), time.monotonic()
        with self._lock:
            self._sweep(now)
            begun = self._begun[key]
            while begun and begun[0] <= now - MINUTE:
                begun.popleft()
            if len(begun) >= a_minute:
                return math.ceil((begun[0] if begun else now) + MINUTE - now)
            if self._at_work[key] >= at_once:
                return SOON
            self._at_work[key] += 1
            begun.append(now)
        return 0

    def end(self, kind: str, person: Who) -> None:
        """End work."""
        with self._lock:
            self._at_work[kind, person] -= 1
            if not self._at_work[kind, person]:
                del self._at_work[kind, person]

    def _sweep(self, now: float) -> None:
        """Remove people without work within the last minute."""
        if now < self._swept + MINUTE:
            return
        self._swept = now
        for key in [key for key, begun in self._begun.items() if not begun or begun[-1] <= now - MINUTE]:
            del self._begun[key]

    def forget(self) -> None:
        """Remove all counts."""
        with self._lock:
            self._at_work.clear()
            self._begun.clear()


counters = Counters()


class Limits:
    """Limit large requests, whatever their address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The response, or 429 before the request's body is read."""
        if _bytes(request) <= LARGE_BYTES:
            return self.get_response(request)
        return _counted(request, TYPED if _is_by_itself(request) else LARGE, self.get_response)


def _is_by_itself(request: HttpRequest) -> bool:
    try:
        return resolve(request.path_info).url_name in _BY_ITSELF
    except Resolver404:
        return False


def limited(kind: str, *methods: str, strangers: bool = False) -> Callable[[View], View]:
    """Decorate a view with the limit on its kind of work, for all methods or for these.

    `strangers` are limited by their address: a view that needs no login.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: object, **named: object) -> HttpResponseBase:
            if methods and request.method not in methods:
                return view(request, *args, **named)
            return _counted(request, kind, lambda request: view(request, *args, **named), strangers=strangers)

        return answer  # type: ignore[return-value]  # a view's type stays its own

    return decorate


def _bytes(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _counted(
    request: HttpRequest,
    kind: str,
    answering: Callable[[HttpRequest], HttpResponseBase],
    *,
    strangers: bool = False,
) -> HttpResponseBase:
    if isinstance(request.user, Person):
        person: Who = request.user.pk
    elif strangers:
        person = _network(request.META.get("REMOTE_ADDR") or "")
    else:
        return answering(request)
    wait = counters.begin(kind, person)
    if wait:
        return too_many(request, wait)
    try:
        answer = answering(request)
    except BaseException:
        counters.end(kind, person)
        raise
    if answer.streaming:  # the work ends when the response has been sent
        closers = answer._resource_closers  # type: ignore[attr-defined]  # noqa: SLF001  no other hook for a stream's end
        closers.append(lambda: counters.end(kind, person))
    else:
        counters.end(kind, person)
    return answer


def _network(address: str) -> str:
    """The address; of IPv6 the /64, which one subscriber has."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(ip_network((int(found) >> 64 << 64, 64)))
    return str(found)


def too_many(request: HttpRequest, wait: int) -> HttpResponseBase:
    """Status 429 with the seconds to wait: a problem for programs, otherwise a page.

    The input of a form is saved until its page is opened again, as after the end of a session.
    """
    if request.path.startswith("/api/"):
        answer: HttpResponseBase = problems.request("request/too-many")
    else:
        few = request.content_type in _FORMS and _bytes(request) <= idempotent_forms.MOST_SAVED
        kept = (
            request.method == "POST"
            and few
            and isinstance(request.user, Person)
            and idempotent_forms.save_input(request)
        )
        context = {"wait": wait, "kept": kept, "back": request.get_full_path(), **display.chosen(request)}
        answer = render(request, "429.html", context, status=429)
        answer["Cache-Control"] = "no-store"
    answer["Retry-After"] = str(wait)
    return answer
