"""The page of an act: shows its form, or why the act is not possible now, and performs it."""

from __future__ import annotations

from datetime import tzinfo
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from committee.models import Committee, Meeting
from office.models import Dispatch
from office.permissions import dispatches_visible_to
from portfolio.models import Institution, Tape, TargetSet
from portfolio.permissions import seen_by
from proposals.models import Proposal
from regulation.refused import Refused
from web import idempotent_forms, labels, shell
from web.forms import ActForm
from web.forms.page import Input, Shown, form_page
from web.idempotent_forms import Onward
from web.offers import LEDGER, Offer, offer_for
from web.seen import SeenRow
from web.viewer import Viewer, committee_of_viewer, viewer_of

_PROPOSAL = SeenRow(Proposal, "committee__branch", "unit", "version", "item__meeting__committee")
_MEETING = SeenRow(Meeting, "committee__branch", "committee__liaison", "regulation", "acting_seat")


@require_http_methods(["GET", "HEAD", "POST"])
def proposal(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Act on a proposal that the person sees."""
    offer = _offer(Proposal, verb)
    row = _PROPOSAL.get_or_404(viewer_of(request).person, pk)
    return _act(request, offer, row, here=offer.here or "proposals")


@require_http_methods(["GET", "HEAD", "POST"])
def meeting(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Act on a meeting that the person sees."""
    offer = _offer(Meeting, verb)
    return _act(request, offer, _MEETING.get_or_404(viewer_of(request).person, pk), here="meetings")


@require_http_methods(["GET", "HEAD", "POST"])
def dispatch(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Act on something sent that the person sees."""
    offer = _offer(Dispatch, verb)
    rows = Dispatch.objects.filter(dispatches_visible_to(viewer_of(request).person)).select_related(
        "meeting__committee__branch", "unit", "receipt", "copy__minutes__meeting__committee",
        "report__meeting__committee",
    )  # fmt: skip
    return _act(request, offer, get_object_or_404(rows, pk=pk), here=offer.here)


@require_http_methods(["GET", "HEAD", "POST"])
def committee(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Act on a committee, for its officers."""
    offer = _offer(Committee, verb)
    row = committee_of_viewer(request, pk)
    return _act(request, offer, row, here=offer.here or "desk")


@require_http_methods(["GET", "HEAD", "POST"])
def ledger(request: HttpRequest, kind: str, pk: int, verb: str) -> HttpResponse:
    """Act on an institution of the ledger that the person sees, or on a row of one."""
    model = next((model for model, name in LEDGER.items() if name == kind), None)
    if model is None:
        raise Http404
    offer = _offer(model, verb)
    rows = model._default_manager.filter(_seen_in_ledger(model, viewer_of(request)))
    return _act(request, offer, get_object_or_404(rows, pk=pk), here="ledger")


def _seen_in_ledger(model: type[Model], who: Viewer) -> Q:
    """The condition for rows of institutions that the person sees; of targets those of the person's bank."""
    if model is TargetSet:
        return Q(bank=who.person.bank_id) if who.has_ledger else Q(pk__in=[])
    column = {Institution: "pk", Tape: "scope"}.get(model, "institution")
    bank = "bank" if model in (Institution, Tape) else "institution__bank"
    return seen_by(who.person).within(column, bank)


def _offer(kind: type[Model], verb: str) -> Offer:
    found = offer_for(kind, verb)
    if found is None or found.page:  # an act with pages of its own has no page here
        raise Http404
    return found


def _act(request: HttpRequest, offer: Offer, subject: Any, *, here: str) -> HttpResponse:
    """Perform the act and redirect, or show its page with errors or the refusal."""
    who = viewer_of(request)
    if not offer.held(subject, who):
        raise PermissionDenied
    # a form shown before the state changed is sent to the engine, which says what has changed
    idempotent_forms.goes_on(request, partial(_onward, offer, subject, who))
    inapplicable = offer.inapplicable(subject, who) if request.method != "POST" else None
    if inapplicable is not None:
        return _told(request, offer, subject, inapplicable, here=here)

    def form(given: Input) -> ActForm:
        return offer.form(given.data, given.files, subject=subject, who=who, request=request)

    def act(form: ActForm) -> str:
        result = offer.do(subject, by=who.person, **form.arguments())
        if told := offer.told(subject, result):
            messages.success(request, told)
        return offer.after(subject, result)

    def page(shown: Shown[ActForm]) -> HttpResponse:
        stop = offer.refusal_now(subject, who) if shown.form.refusal is None else None
        context = {
            "offer": offer,
            "subject": subject,
            "form": shown.form,
            "stop": labels.refusal(stop) if stop else None,
            "kept": shown.kept,
            "bare": not shown.input.saved,
            "back": offer.back(subject),
            **(shell.named(offer.context(subject, who)) if offer.context else {}),
        }
        return shell.page(request, offer.template, context, here=here, status=shown.status)

    with timezone.override(_zone(subject)):
        return form_page(request, form=form, act=act, page=page)


def _zone(subject: Any) -> tzinfo:
    """The zone of the object's committee; of the ledger the site's."""
    if type(subject) in LEDGER:
        return timezone.get_default_timezone()
    committee = subject if isinstance(subject, Committee) else subject.committee
    found: tzinfo = committee.tz
    return found


def _told(request: HttpRequest, offer: Offer, subject: Any, why: Refused, *, here: str) -> HttpResponse:
    """The page of an act that does not apply now: the reason and the way out, without its form."""
    context = {
        "offer": offer,
        "subject": subject,
        "form": ActForm(subject=subject, who=viewer_of(request)),
        "stop": labels.refusal(why),
        "back": offer.back(subject),
    }
    return shell.page(request, "web/act.html", context, here=here)


def _onward(offer: Offer, subject: Any, who: Viewer) -> Onward | None:
    """The act that changes what this one has made, if the person may do it now."""
    after = offer_for(offer.on, offer.then) if offer.then else None
    if after is None:
        return None
    now = type(subject).objects.get(pk=subject.pk)
    possible = after.entitled(now, who) and after.refusal_now(now, who) is None
    return Onward(str(after.name), after.address(now)) if possible else None
