"""Pages that say no, answered in the thread of their request.

Under ASGI Django makes them in another thread. What they read there takes a second connection while the
request still holds its first one: a burst of refusals would use up the pool and wait for itself.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.core.handlers.exception import response_for_exception
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin


class ErrorPages(MiddlewareMixin):
    """A view that finds nothing, or denies, is answered before its thread is left."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page; None for what went wrong unforeseen."""
        if isinstance(exception, Http404 | PermissionDenied):
            return response_for_exception(request, exception)
        return None
