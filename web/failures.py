"""Responses to requests that cannot be processed at all: too large, or after a failure of the site."""

from __future__ import annotations

import sys

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import get_template
from django.urls import reverse

from web import display, errors, problems, shell

_TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def not_taken(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """413 for more fields, files or bytes than any form has, 414 for a longer address, otherwise 400."""
    if isinstance(exception, errors.AddressTooLong):
        return problems.request("request/too-long") if is_of_a_program(request) else _page("414.html", 414)
    if not isinstance(exception, _TOO_MUCH):
        return _page("400.html", 400)
    if is_of_a_program(request):
        return problems.request("request/too-large")
    return _page("413.html", 413, {"most": getattr(exception, "most", "")})


def failed(request: HttpRequest) -> HttpResponseBase:
    """503 with Retry-After while the database is unreachable, otherwise 500; both are logged."""
    error = sys.exc_info()[1]
    if not errors.is_away(error):
        return _page("500.html", 500)
    errors.let_go(request, error)
    return _later(request, "site/away", {})


def busy(request: HttpRequest) -> HttpResponseBase:
    """503 with Retry-After for a request whose turn has not come; no middleware has seen it, or will."""
    answer = _later(request, "site/busy", {"busy": True})
    answer["Content-Length"] = str(len(answer.content))
    answer["Cache-Control"] = "no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _later(request: HttpRequest, code: str, context: dict[str, object]) -> HttpResponse:
    answer = problems.request(code) if is_of_a_program(request) else _page("503.html", 503, context)
    answer["Retry-After"] = str(errors.RETRY_SECONDS)
    return answer


def is_of_a_program(request: HttpRequest) -> bool:
    """Whether a program sent the request, which is answered with JSON."""
    return request.path.startswith(reverse("api"))


def _page(template: str, status: int, context: dict[str, object] | None = None) -> HttpResponse:
    """A page that needs neither the database nor the viewer."""
    answer = HttpResponse(get_template(template).render(context), status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 for what does not exist and for what the person may not see; the pages are identical."""
    return _answered(request, "404.html", 404)


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 for what the person may see but not do."""
    return _answered(request, "403.html", 403)


def _answered(request: HttpRequest, template: str, status: int) -> HttpResponse:
    try:
        if request.user.is_authenticated:
            return shell.page(request, template, {}, here="", status=status)
        return render(request, template, display.chosen(request), status=status)
    finally:
        # an unknown address is handled in a thread that outlives the request and would keep the connection
        if not connection.in_atomic_block:
            connection.close()
