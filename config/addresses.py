"""Malformed requests are refused by their address, host or query, before a view reads them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from web.errors import AddressTooLong

#: no row has a greater id, and the database cannot hold a greater number
MAX_ID = 2**63 - 1
MAX_PORT = 65_535
#: bytes of path and query together; no page of the site has a longer address
MAX_ADDRESS = 8_000
_PORT = re.compile(r":([0-9]+)$")


class WellFormed(MiddlewareMixin):
    """Refuse malformed addresses with 400, and numbers that cannot be ids with 404."""

    def process_request(self, request: HttpRequest) -> None:
        """Raise AddressTooLong for a long address, BadRequest for an invalid port and for NUL."""
        query = request.META.get("QUERY_STRING", "")
        if len(request.path_info.encode()) + len(query) > MAX_ADDRESS:
            raise AddressTooLong("the length of the address")
        port = _PORT.search(request.META.get("HTTP_HOST", ""))
        if port is not None and not 0 < int(port[1][:9]) <= MAX_PORT:
            raise BadRequest("the port of the host")
        decoded = unquote_to_bytes(query.replace("+", " "))
        if b"\0" in decoded or "\0" in request.path:
            raise BadRequest("NUL in the address")

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        args: Any,
        named: dict[str, Any],
    ) -> None:
        """Raise Http404 for a number greater than any id."""
        del request, view, args
        if any(isinstance(value, int) and value > MAX_ID for value in named.values()):
            raise Http404
