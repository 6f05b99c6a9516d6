"""The reader's display preferences: language, theme, unit of money; stored in cookies."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from typing_extensions import override

from committee.models import Person

THEMES = ("system", "light", "dark")
UNITS = ("yuan", "wan")
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
CONTRASTS, TYPE_SIZES, MOTIONS = ("system", "more"), ("usual", "large"), ("system", "less")
#: preference → its choices
CHOICES: Mapping[str, tuple[str, ...]] = {
    "theme": THEMES,
    "unit": UNITS,
    "language": LANGUAGES,
    "contrast": CONTRASTS,
    "type_size": TYPE_SIZES,
    "motion": MOTIONS,
    "tour": ("ended",),
}
_YEAR = 365 * 24 * 3600


class PageLanguage(LocaleMiddleware):
    """The language of the request: that of the page whose script asks, else the reader's.

    On another page the reader may have chosen another one since: what a page is sent later is in its own.
    """

    @override
    def process_request(self, request: HttpRequest) -> None:
        """The language is active, and is `request.LANGUAGE_CODE`."""
        super().process_request(request)
        language = request.headers.get("X-Page-Language", "").lower()
        if language in LANGUAGES:
            translation.activate(language)
            request.LANGUAGE_CODE = language


def chosen(request: HttpRequest) -> dict[str, str]:
    """The reader's choice of look and of the unit of money; without one the first of each."""
    named = ("theme", "unit", "contrast", "type_size", "motion")
    given = {name: request.COOKIES.get(name, "") for name in named}
    return {name: value if value in CHOICES[name] else CHOICES[name][0] for name, value in given.items()}


def remember(response: HttpResponse, **chosen: str) -> None:
    """Store the choice in a cookie for a year, if there is such a choice."""
    for name, value in chosen.items():
        if value in CHOICES[name]:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME if name == "language" else name,
                value,
                max_age=_YEAR,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )


@login_not_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Store the choice of language (also used for mail), theme or unit of money, and go back to the page."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    made = {name: request.POST.get(name, "") for name in CHOICES}
    remember(response, **made)
    if made["language"] in CHOICES["language"] and isinstance(request.user, Person):
        Person.objects.filter(pk=request.user.pk).update(language=made["language"])
    return response
