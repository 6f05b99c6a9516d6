"""No page is kept: what the site answers is for whoever asked, now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin


class NothingKept(MiddlewareMixin):
    """`Cache-Control: no-store` on every answer that is not a static file, and proxies keep none either.

    Static files, answered before this, are the same for everybody and are kept.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The answer, which neither browser nor proxy writes down."""
        del request
        if "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "private, no-store"
        return response
