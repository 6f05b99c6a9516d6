"""The roster of a committee, and the page of one seat: what a change of holder touches, before it is made."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from committee.actions.roster import fill_seat, vacate_seat
from committee.models import Committee
from committee.offices import RISK
from pages.committee.acts import PersonForm
from pages.committee.roster import seats
from pages.committee.rulebook import articles
from regulation.refused import Refused
from web import idempotent_forms, offers, shell
from web.viewer import viewer_of

_LIAISON = frozenset({"appoint_liaison", "appoint_stand_in", "end_stand_in"})


class HolderForm(PersonForm):
    """Who is to hold the seat."""

    beside = {
        "5/liaison-may-not-sit": "find",
        "4/one-seat-per-person": "find",
        "11/holder-not-eligible": "find",
    }

    def arguments(self) -> dict[str, Any]:
        """The holder."""
        return {"holder": self.cleaned_data["person"]}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The seats of one of one's committees with holders and terms, and the liaison's."""
    who = viewer_of(request)
    rows = list(articles.committees(who))
    committee = articles.chosen(rows, request.GET.get("committee", ""))
    if committee is None:
        raise Http404
    keeps = who.acts_as(RISK, committee)
    with timezone.override(committee.tz):
        context = {
            "committees": rows,
            "committee": committee,
            "seats": seats.places(committee),
            "acting": seats.acting_term(committee),
            "terms": seats.liaison_terms(committee),
            "keeps": keeps,
            "offers": [
                each
                for each in (offers.offered(committee, who) if keeps else [])
                if each.offer.verb in _LIAISON
            ],
        }
        return shell.page(request, "committee/roster/roster.html", context, here="roster")


@require_http_methods(["GET", "HEAD", "POST"])
def seat(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A seat: its terms, what vacating or filling it touches, and the act itself, for the Risk department."""
    who = viewer_of(request)
    committee = articles.committees(who).filter(pk=pk).first()
    places = seats.places(committee) if committee is not None else []
    place = next((each for each in places if each.number == number), None)
    if committee is None or place is None:
        raise Http404
    if not who.acts_as(RISK, committee):
        raise PermissionDenied
    held = place.seat is not None and place.seat.holder_id is not None
    vacates = held if request.method != "POST" else request.POST.get("act") == "vacate"
    kept = idempotent_forms.saved_input(request)
    given = request.POST if request.method == "POST" else kept
    form = HolderForm(None if vacates else given, subject=committee, who=who)
    status = 200
    with timezone.override(committee.tz):
        if request.method == "POST":
            status = 422
            if vacates or form.is_valid():
                try:
                    return HttpResponseRedirect(
                        _changed(request, committee, number, None if vacates else form)
                    )
                except Refused as refused:
                    form.refuse(refused)
                    status = refused.status
        context = {
            "committee": committee,
            "place": place,
            "held": held,
            "form": form,
            "kept": kept is not None and not vacates,
            "touches": seats.vacating(place.seat)
            if held and place.seat
            else seats.filling(committee, number),
            "back": f"{reverse('roster')}?committee={committee.pk}",
        }
        return shell.page(request, "committee/roster/seat.html", context, here="roster", status=status)


def _changed(request: HttpRequest, committee: Committee, number: int, form: HolderForm | None) -> str:
    """Where the change led: a vacated seat is to be filled next, a filled one is on the roster."""

    def act() -> str:
        assert request.user.is_authenticated
        if form is None:
            vacate_seat(committee, by=request.user, seat=number)
            messages.success(request, gettext("The seat is vacant."))
            return reverse("roster-seat", args=[committee.pk, number])
        made = fill_seat(committee, by=request.user, seat=number, **form.arguments())
        messages.success(
            request, gettext("%(holder)s holds seat %(number)d.") % {"holder": made.holder, "number": number}
        )
        return f"{reverse('roster')}?committee={committee.pk}"

    return idempotent_forms.carry_out(request, act)
