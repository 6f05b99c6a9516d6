"""Authorising a proxy in two steps: whom and for what, then the letter with the confirmation (Art. 11)."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from committee.models import Meeting, Seat
from pages.meetings.proxies import letter
from pages.meetings.proxies.forms import ProxyForm
from proposals.actions.agenda import authorise_proxy
from regulation.refused import Refused
from web import idempotent_forms, labels, shell
from web.offers import offer_for
from web.templatetags.lianxi import power_words
from web.viewer import viewer_of


@require_http_methods(["GET", "HEAD", "POST"])
def authorise(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of the authorisation; a step leads on only with what it needs."""
    who = viewer_of(request)
    rows = Meeting.objects.visible_to(who.person).select_related("committee__branch", "regulation")
    meeting = get_object_or_404(rows, pk=pk)
    offer = offer_for(Meeting, "authorise_proxy")
    assert offer is not None
    if not who.acts_as(offer.rule.office, meeting):
        raise PermissionDenied
    with timezone.override(meeting.committee.tz):
        stop = offer.refusal_now(meeting, who)
        kept = idempotent_forms.saved_input(request)
        given = request.POST if request.method == "POST" else kept
        form = ProxyForm(given, subject=meeting, who=who)
        step, status = (given.get("step", "") if given else ""), 200
        if step in ("draft", "sign") and not _chosen(form):
            step, status = "", 422
        if step == "sign" and not form.is_valid():
            status = 422
        elif step == "sign" and request.method == "POST":
            try:
                return HttpResponseRedirect(_done(request, meeting, form))
            except Refused as refused:
                form.refuse(refused)
                status = refused.status
                step = "sign" if form.refused_field == "document" else ""
        if step == "draft":
            form = _drafted(form)
        context = {
            "meeting": meeting,
            "form": form,
            "step": "sign" if step in ("draft", "sign") else "",
            "seat": _seat(form),
            "powers": power_words(form.cleaned_data["powers"]) if step in ("draft", "sign") else "",
            "stop": labels.refusal(stop) if stop else None,
            "kept": kept is not None,
        }
        return shell.page(request, "meetings/proxies/authorise.html", context, here="meetings", status=status)


def _chosen(form: ProxyForm) -> bool:
    """Whether holder, items and powers are chosen; what is missing is said beside its field."""
    if not form.is_valid() and set(form.errors) != {"document"}:
        return False
    if form.cleaned_data["holder"] is None:
        form.add_error("holder", _("Choose the holder from the people found."))
        return False
    lacking = form.lacking()
    if lacking is not None:
        form.refuse(lacking)
    return lacking is None


def _seat(form: ProxyForm) -> Seat:
    """The principal's seat."""
    return next(seat for seat in form.who.seats if seat.committee_id == form.subject.committee_id)


def _drafted(form: ProxyForm) -> ProxyForm:
    """The form with the letter drafted from what is chosen."""
    data = form.data.copy()
    data["document"] = letter.letter(
        form.subject,
        seat=_seat(form),
        principal=form.who.person,
        holder=form.cleaned_data["holder"],
        rows=form.chosen,
        powers=power_words(form.cleaned_data["powers"]),
    )
    drafted = ProxyForm(data, subject=form.subject, who=form.who)
    drafted.is_valid()
    return drafted


def _done(request: HttpRequest, meeting: Meeting, form: ProxyForm) -> str:
    """Where the authorisation led."""

    def act() -> str:
        proxy = authorise_proxy(meeting, by=form.who.person, **form.arguments())
        messages.success(
            request, _("%(name)s holds your authorisation.") % {"name": proxy.holder.display_name}
        )
        return reverse("my-meetings")

    return idempotent_forms.carry_out(request, act)
