"""Responses are not cached, since each is meant for one person at one time."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin


class NoStore(MiddlewareMixin):
    """Set `Cache-Control: no-store` on every response but static files, so that no proxy caches it either.

    Static files are answered by an earlier middleware, are the same for everybody and may be cached.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return the response with the header."""
        del request
        if "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "private, no-store"
        return response
