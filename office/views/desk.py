"""The desk, the regulation, and the reader's display."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from committee.models import Committee, Person, Position, RegulationVersion, Seat
from office import desk, frame, offers, words
from regulation.articles import ARTICLES, TITLE_EN, TITLE_ZH, citation


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the person."""
    who = frame.standing(request)
    found = desk.sections(who)
    context = {
        "waiting": [section for section in found if section.rows],
        "quiet": [section for section in found if not section.rows],
        "now": clock.now(),
        "begin": offers.begin(who),
    }
    return frame.page(request, "office/desk.html", context, here="desk")


@require_safe
def regulation(request: HttpRequest) -> HttpResponse:
    """The regulation's articles, and seats and numbers of the committees that the person belongs to."""
    who = frame.standing(request)
    context = {
        "title": TITLE_ZH if words.chinese() else TITLE_EN,
        "articles": [_article(number) for number in ARTICLES],
        "committees": _committees(who),
    }
    return frame.page(request, "office/regulation.html", context, here="regulation")


def _article(number: int) -> dict[str, Any]:
    article = ARTICLES[number]
    zh = words.chinese()
    return {
        "number": number,
        "citation": citation(str(number), get_language() or "en"),
        "chapter": article.chapter.heading_zh if zh else article.chapter.heading_en,
        "lead": article.lead_zh if zh else article.lead_en,
        "items": article.items_zh if zh else article.items_en,
        "notes": [(note.printed, note.zh if zh else note.en) for note in article.notes],
    }


def _committees(who: frame.Standing) -> list[dict[str, Any]]:
    role = Position.Role
    mine = {seat.committee_id for seat in who.seats} | {committee.pk for committee in who.liaison_of}
    committees = list(
        Committee.objects.filter(pk__in=mine)
        | Committee.objects.filter(branch__in=who.units(role.RISK, role.CREDIT))
        | Committee.objects.filter(branch__bank__in=who.units(role.HEAD_OFFICE, role.AUDITOR))
    )
    seats, versions = {}, {}
    for seat in Seat.objects.filter(committee__in=committees).select_related("holder").order_by("number"):
        seats.setdefault(seat.committee_id, []).append(seat)
    rows = RegulationVersion.objects.filter(committee__in=committees)
    for version in rows.order_by("-effective_from", "-number"):
        versions.setdefault(version.committee_id, []).append(version)
    today = timezone.localtime(clock.now()).date()
    return [
        {
            "committee": committee,
            "seats": seats.get(committee.pk, []),
            "versions": versions.get(committee.pk, []),
            "in_force": next(
                (row.pk for row in versions.get(committee.pk, []) if row.effective_from <= today), None
            ),
        }
        for committee in committees
    ]


@login_not_required
@require_POST
def display(request: HttpRequest) -> HttpResponse:
    """The choice of language, theme or unit of money is kept in a cookie, the language also for mail;
    then back to the page.
    """
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    chosen = {name: request.POST.get(name, "") for name in frame.CHOICES}
    frame.remember(response, **chosen)
    if chosen["language"] in frame.CHOICES["language"] and isinstance(request.user, Person):
        Person.objects.filter(pk=request.user.pk).update(language=chosen["language"])
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What is not there, and what this person may not see: no page tells one from the other."""
    return _error(request, "404.html", 404)


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What the person may see but not do."""
    return _error(request, "403.html", 403)


def _error(request: HttpRequest, template: str, status: int) -> HttpResponse:
    if request.user.is_authenticated:
        return frame.page(request, template, {}, here="", status=status)
    return render(request, template, frame.display(request), status=status)
