"""Acting: the page of an act, which shows its form or why it cannot be done now, and does it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from committee.models import Committee, Meeting
from proposals.models import Proposal
from regulation.refused import Refused
from web import idempotent_forms, labels, shell
from web.forms import ActForm
from web.offers import Offer, offer_for
from web.viewer import viewer_of


@require_http_methods(["GET", "HEAD", "POST"])
def proposal(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """An act on a proposal that the person sees."""
    rows = Proposal.objects.visible_to(viewer_of(request).person).select_related(
        "committee__branch", "unit", "version", "item__meeting__committee"
    )
    offer = _offer(Proposal, verb)
    return _act(request, offer, get_object_or_404(rows, pk=pk), here=offer.here or "proposals")


@require_http_methods(["GET", "HEAD", "POST"])
def meeting(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """An act on a meeting that the person sees."""
    rows = Meeting.objects.visible_to(viewer_of(request).person).select_related(
        "committee__branch", "regulation", "acting_seat"
    )
    return _act(request, _offer(Meeting, verb), get_object_or_404(rows, pk=pk), here="meetings")


@require_http_methods(["GET", "HEAD", "POST"])
def committee(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """An act on a committee, for its officers."""
    offer = _offer(Committee, verb)
    row = get_object_or_404(Committee.objects.select_related("branch"), pk=pk)
    if not viewer_of(request).belongs_to(row):
        raise Http404
    return _act(request, offer, row, here=offer.here or "desk")


def _offer(kind: type[Model], verb: str) -> Offer:
    found = offer_for(kind, verb)
    if found is None or found.page:  # an act with pages of its own is done there alone
        raise Http404
    return found


def _act(request: HttpRequest, offer: Offer, subject: Any, *, here: str) -> HttpResponse:
    """The act is done and leads on, or its page says what is missing or refused."""
    who = viewer_of(request)
    # a form shown before things changed is told by the engine what has changed
    may = offer.held if request.method == "POST" else offer.entitled
    if not may(subject, who):
        raise PermissionDenied
    with timezone.override((subject if isinstance(subject, Committee) else subject.committee).tz):
        before = idempotent_forms.saved_input(request)
        given = request.POST if request.method == "POST" else before
        form = offer.form(given, request.FILES or None, subject=subject, who=who, request=request)
        status = 200
        if request.method == "POST":
            if form.is_valid():
                try:
                    return idempotent_forms.redirect_to(request, _done(request, offer, subject, form))
                except Refused as refused:
                    form.refuse(refused)
                    status = refused.status
                except ValidationError as moved:  # what the form was made from is no longer so
                    form.add_error(None, moved)
                    status = 409
            else:
                status = 422
        stop = offer.refusal_now(subject, who) if form.refusal is None else None
        context = {
            "offer": offer,
            "subject": subject,
            "form": form,
            "stop": labels.refusal(stop) if stop else None,
            "kept": before is not None,
            "bare": not before,
            "back": offer.back(subject),
            **(offer.context(subject, who) if offer.context else {}),
        }
        return shell.page(request, offer.template, context, here=here, status=status)


def _done(request: HttpRequest, offer: Offer, subject: Any, form: ActForm) -> str:
    """Where the act led; told in a message the first time."""

    def act() -> str:
        result = offer.do(subject, by=request.user, **form.arguments())
        if offer.done:
            messages.success(request, str(offer.done))
        return offer.after(subject, result)

    return idempotent_forms.carry_out(request, act)
