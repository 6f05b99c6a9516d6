"""Duties by institution and person, and handing loans over in bulk."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from committee.offices import HEAD
from pages.portfolio import reach
from pages.portfolio.duties import reading
from pages.portfolio.duties.forms import HandOverForm
from portfolio.actions import duties
from portfolio.models import Institution
from portfolio.money import yuan
from web import shell
from web.forms.page import Input, Shown, form_page

#: so many loans of a preview are named
_NAMED = 50


@dataclass(frozen=True)
class DutiesPage:
    """Who answers for which non-performing loans; heads of institutions hand them over."""

    loads: list[reading.Load]
    heads: frozenset[int]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Duties by institution and person, first the loans for which nobody answers."""
    who, seen = reach.reader(request)
    institutions = list(reach.institutions(who.person)) if seen.whole else []
    headed = who.units(HEAD)
    above = [each for each in institutions if each.unit_id in headed]
    heads = {
        each.pk for each in institutions for top in above
        if top.bank_id == each.bank_id and top.lft <= each.lft <= top.rgt
    }  # fmt: skip
    page = DutiesPage(reading.loads(who, institutions), frozenset(heads))
    return shell.page(request, "portfolio/duties.html", page, here="ledger")


@dataclass(frozen=True, kw_only=True)
class HandOverPage:
    """The form, and after it was filled in the loans that it would hand over."""

    institution: Institution
    form: HandOverForm
    kept: bool
    rows: list[Any]
    count: int
    #: yuan
    principal: Decimal
    more: int


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """All loans of one person, or of nobody, are another's to collect: previewed, then all or none."""
    who, _seen = reach.reader(request)
    institution = reach.one(reach.institutions(who.person), pk)
    if not reach.acts_for(who, institution, HEAD):
        raise PermissionDenied
    below = list(Institution.objects.under(institution).select_related("unit"))
    loads = reading.loads(who, below)

    def form(given: Input) -> HandOverForm:
        return HandOverForm(
            given.data, subject=institution, who=who, request=request, loads=loads, today=timezone.localdate()
        )

    def act(form: HandOverForm) -> str:
        given = form.cleaned_data
        duties.hand_over(
            institution,
            by=who.person,
            loans=form.rows,
            to=given["taker"],
            on=given["on"],
            reason=given["reason"],
        )
        done = ngettext("%(n)s loan is handed over.", "%(n)s loans are handed over.", len(form.rows))
        messages.success(request, done % {"n": len(form.rows)})
        return reverse("duties")

    def page(shown: Shown[HandOverForm]) -> HttpResponse:
        rows = shown.form.rows
        context = HandOverPage(
            institution=institution,
            form=shown.form,
            kept=shown.kept,
            rows=rows[:_NAMED],
            count=len(rows),
            principal=yuan(sum(row.principal for row in rows)),
            more=max(0, len(rows) - _NAMED),
        )
        return shell.page(request, "portfolio/hand_over.html", context, here="ledger", status=shown.status)

    return form_page(request, form=form, act=act, page=page, ready=HandOverForm.is_ready)
