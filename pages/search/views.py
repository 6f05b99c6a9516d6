"""Searching: plans with borrowers and contracts, and meetings."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from pages.search import finding, palette
from web import limits, shell
from web.lists.filters import clean
from web.viewer import viewer_of


@require_safe
@limits.limited(limits.SEARCH)
def index(request: HttpRequest) -> HttpResponse:
    """What fits the words, by kind, the first of each; the lists have all of it."""
    who = viewer_of(request)
    text = clean(request.GET.get("q", ""))
    found = finding.results(who, text) if text else None
    return shell.page(request, "search/search.html", {"q": text, "found": found}, here="search")


@require_safe
@limits.limited(limits.SEARCH)
def offered(request: HttpRequest) -> JsonResponse:
    """What the palette offers for the words, as JSON that no cache keeps."""
    found = palette.entries(viewer_of(request), clean(request.GET.get("q", "")))
    response = JsonResponse({"entries": [asdict(each) for each in found]})
    response["Cache-Control"] = "private, no-store"
    return response
