"""Problems as programs receive them: RFC 9457, problem details as JSON.

A refusal of the engine has its own code, article and remedy (`regulation/codes.py`). Errors of the request
itself, found before the engine is called, have codes of their own here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from regulation.refused import Refused

CONTENT_TYPE = "application/problem+json"

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class Invalid(Exception):
    """Raised for an invalid value, with its JSON path and what is expected there."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path}: {expected}")
        self.path = path
        self.expected = expected


class TooMuch(Invalid):
    """Raised for more data than allowed, before it is read."""


#: code → HTTP status, what is wrong, and the remedy
REQUESTS: dict[str, tuple[int, str | Promise, str | Promise]] = {
    "request/invalid": (
        400,
        _("The request is not as it should be."),
        _("Correct the field `path`, as `detail` says, and send it again."),
    ),
    "request/not-signed-in": (
        401,
        _("Nobody is signed in."),
        _("Sign in at /login/ and send the session's cookie."),
    ),
    "request/not-confirmed": (
        403,
        _("The password is not that of whoever is signed in."),
        _("Send the password of the person who acts."),
    ),
    "request/password-given": (
        403,
        _("The administrator gave this person a password, which is to be changed first."),
        _("Sign in on the site and choose another password; then sign in anew."),
    ),
    "request/forged": (
        403,
        _("Nothing shows that the request comes from whoever signed in."),
        _("Send what the cookie csrftoken (over HTTPS __Host-csrftoken) holds, as the header X-CSRFToken."),
    ),
    "request/unknown": (
        404,
        _("There is no such address."),
        _("GET /api/ lists the verbs."),
    ),
    "request/method": (
        405,
        _("The address takes other methods."),
        _("Use one that the header Allow names."),
    ),
    "request/too-large": (
        413,
        _("The request is too large."),
        _("Send at most 5,000,000 bytes; at the place that `path` names, no more than `detail` says."),
    ),
    "request/too-long": (
        414,
        _("The address is too long."),
        _("Send at most 8,000 bytes of path and query; what is longer belongs into the body."),
    ),
    "request/not-json": (
        415,
        _("The request is not JSON."),
        _("Send an object as application/json."),
    ),
    "request/key-used": (
        422,
        _("The key was used for another request."),
        _("Take a new Idempotency-Key for each act; repeat one only with the very same request."),
    ),
    "request/too-many": (
        429,
        _("The person has made too many requests of this kind at once."),
        _("Wait for as many seconds as Retry-After says, then send it again; send one after the other."),
    ),
    "site/away": (
        503,
        _("The database does not answer at this moment."),
        _("Send it again in a few seconds, an act under the same Idempotency-Key."),
    ),
    "site/busy": (
        503,
        _("Too many requests wait at this moment; this one was not begun."),
        _("Send it again in a few seconds, an act under the same Idempotency-Key."),
    ),
    "request/locked": (
        429,
        _("Too many wrong passwords were sent in this session."),
        _("Wait for as many seconds as Retry-After says, then send the right one."),
    ),
}


class Problem(Exception):
    """Raised for a request that is not passed to the engine, with a code of REQUESTS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def for_programs(view: View) -> View:
    """Mark the view as one for programs: no login page, no error pages."""
    view.for_programs = True  # type: ignore[attr-defined]  # a mark on the function
    return view


def is_for_programs(view: Callable[..., HttpResponseBase]) -> bool:
    """Whether the view is for programs."""
    return getattr(view, "for_programs", False)


def request(code: str, **more: object) -> JsonResponse:
    """The problem with this code."""
    status, title, remedy = REQUESTS[code]
    response = _answer({"title": str(title), "status": status, "code": code, "remedy": str(remedy), **more})
    if status == 401:
        response["WWW-Authenticate"] = "Session"
    return response


def held_up(code: str, seconds: int) -> JsonResponse:
    """The problem, with the seconds after which to try again."""
    response = request(code)
    response["Retry-After"] = str(max(1, seconds))
    return response


def password_given(_request: HttpRequest) -> JsonResponse:
    """The person's password was set by the administrator."""
    return request("request/password-given")


def invalid(fault: Invalid) -> JsonResponse:
    """The problem of an invalid value, with its place and what is expected there."""
    code = "request/too-large" if isinstance(fault, TooMuch) else "request/invalid"
    return request(code, path=fault.path, detail=fault.expected)


def refused(refusal: Refused) -> JsonResponse:
    """The problem of a refusal: code, message, article with its text, and remedy."""
    language = get_language() or "en"
    return _answer(
        {
            "title": refusal.message(language),
            "status": refusal.status,
            "code": refusal.code,
            "remedy": refusal.remedy(language),
            "article": refusal.article,
            "citation": refusal.citation(language),
            "quotation": refusal.article_text(language),
        }
    )


def not_signed_in(_request: HttpRequest) -> JsonResponse:
    """The request has no session."""
    return request("request/not-signed-in")


def _answer(problem: dict[str, object]) -> JsonResponse:
    response = JsonResponse(
        problem,
        status=int(str(problem["status"])),
        content_type=CONTENT_TYPE,
        json_dumps_params={"ensure_ascii": False},
    )
    response["Cache-Control"] = "no-store"
    return response
