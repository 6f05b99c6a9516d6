"""Error pages rendered in the thread of their request, and requests that lost the database.

Under ASGI Django renders error pages in another thread, where reading the database takes a second connection
while the request holds its first one: a burst of refusals would exhaust the pool and block itself.
"""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import BadRequest, PermissionDenied
from django.core.handlers.exception import response_for_exception
from django.db import InterfaceError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from psycopg_pool import PoolTimeout

#: seconds after which a request that found no database may be sent again
RETRY_SECONDS = 5
_SAFE = frozenset({"GET", "HEAD"})
_LOST = "_lost_its_connection"


class AddressTooLong(BadRequest):
    """Path and query are longer than those of any page."""


class ErrorPages(MiddlewareMixin):
    """Render the pages for 404 and 403 before the view's thread is left."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The error page; None for unexpected exceptions."""
        if isinstance(exception, Http404 | PermissionDenied):
            return response_for_exception(request, exception)
        return None


class RepeatReading:
    """Repeat the rendering of a page that lost its connection.

    The pool tests connections before it hands them out, so this happens only to requests under way when the
    server stops.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The response; only reading requests are repeated, never acts."""
        response = self.get_response(request)
        if request.method in _SAFE and getattr(request, _LOST, False):
            setattr(request, _LOST, False)
            response = self.get_response(request)
        return response


def is_away(error: BaseException | None) -> bool:
    """Whether the database was unreachable or closed the connection, as opposed to refusing a statement."""
    return isinstance(error, OperationalError | InterfaceError)


def let_go(request: HttpRequest, error: BaseException | None) -> None:
    """Discard the broken connection and mark the request."""
    if not connection.in_atomic_block:
        connection.close()
    setattr(request, _LOST, not isinstance(getattr(error, "__cause__", None), PoolTimeout))
