"""Pages that say no, answered in the thread of their request, and requests whose database went away.

Under ASGI Django makes them in another thread. What they read there takes a second connection while the
request still holds its first one: a burst of refusals would use up the pool and wait for itself.
"""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import BadRequest, PermissionDenied
from django.core.handlers.exception import response_for_exception
from django.db import InterfaceError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from psycopg_pool import PoolTimeout

#: after so many seconds a request that found no database may be sent again
RETRY_SECONDS = 5
_SAFE = frozenset({"GET", "HEAD"})
_LOST = "_lost_its_connection"


class AddressTooLong(BadRequest):
    """Path and query are longer than those of any page."""


class ErrorPages(MiddlewareMixin):
    """A view that finds nothing, or denies, is answered before its thread is left."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page; None for what went wrong unforeseen."""
        if isinstance(exception, Http404 | PermissionDenied):
            return response_for_exception(request, exception)
        return None


class Steady:
    """A page that lost its connection while it was made is made once more.

    The pool lends what it has just tried, so this happens to requests under way when the server goes down.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The page; an act is never done again by itself."""
        response = self.get_response(request)
        if request.method in _SAFE and getattr(request, _LOST, False):
            setattr(request, _LOST, False)
            response = self.get_response(request)
        return response


def is_away(error: BaseException | None) -> bool:
    """Whether the database did not answer, or has broken off: not whether it refused."""
    return isinstance(error, OperationalError | InterfaceError)


def let_go(request: HttpRequest, error: BaseException | None) -> None:
    """The broken connection is not used again; the request is marked if it had one."""
    if not connection.in_atomic_block:
        connection.close()
    setattr(request, _LOST, not isinstance(getattr(error, "__cause__", None), PoolTimeout))
