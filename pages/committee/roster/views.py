"""The roster of a committee, and the page of one seat: what a change of holder touches, before it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from committee.actions.roster import fill_seat, replace_holder, vacate_seat
from committee.models import Committee, LiaisonTerm
from committee.offices import RISK
from pages.committee.acts import PersonForm
from pages.committee.roster import seats
from pages.committee.roster.seats import Place
from pages.committee.rulebook import articles
from web import offers, shell
from web.forms.page import Input, Shown, form_page
from web.offers import Offered
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


@dataclass(frozen=True, kw_only=True)
class RosterPage:
    """The roster of one of the person's committees."""

    committees: list[Committee]
    committee: Committee
    seats: list[Place]
    #: who acts as liaison, and who did before
    acting: LiaisonTerm | None
    terms: list[LiaisonTerm]
    #: whether the person keeps the roster
    keeps: bool
    offers: list[Offered]


@dataclass(frozen=True, kw_only=True)
class SeatPage:
    """A seat of the roster, with the form by which it is filled or vacated."""

    committee: Committee
    place: Place
    #: whether the seat is filled
    held: bool
    form: HolderForm
    #: whether the form holds what was entered before the session ended
    kept: bool
    touches: list[seats.Touch]
    #: the address of the roster
    back: str


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The seats of one of the viewer's committees with holders and terms, and the liaison's terms."""
    who = viewer_of(request)
    rows = list(articles.committees(who))
    committee = articles.chosen(rows, request.GET.get("committee", ""))
    if committee is None:
        raise Http404
    keeps = who.acts_as(RISK, committee)
    with timezone.override(committee.tz):
        shown = RosterPage(
            committees=rows,
            committee=committee,
            seats=seats.places(committee),
            acting=seats.acting_term(committee),
            terms=seats.liaison_terms(committee),
            keeps=keeps,
            offers=[
                each
                for each in (offers.offered(committee, who) if keeps else [])
                if each.offer.verb in _LIAISON
            ],
        )
        return shell.page(request, "committee/roster/roster.html", shown, here="roster")


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
    vacates = request.method == "POST" and request.POST.get("act") == "vacate"

    def form(given: Input) -> HolderForm:
        return HolderForm(None if vacates else given.data, subject=committee, who=who)

    def act(form: HolderForm) -> str:
        if vacates:
            return _vacated(request, committee, number)
        return _filled(request, committee, number, form, replaces=request.POST.get("act") == "replace")

    def page(shown: Shown[HolderForm]) -> HttpResponse:
        seat_page = SeatPage(
            committee=committee,
            place=place,
            held=held,
            form=shown.form,
            kept=shown.kept and not vacates,
            touches=seats.touches(committee, place),
            back=_address(committee),
        )
        template = "committee/roster/seat.html"
        return shell.page(request, template, seat_page, here="roster", status=shown.status)

    with timezone.override(committee.tz):
        return form_page(
            request, form=form, act=act, page=page, ready=lambda form: vacates or form.is_valid()
        )


def _vacated(request: HttpRequest, committee: Committee, number: int) -> str:
    """Where vacating led: to the same seat, which is to be filled next."""
    vacate_seat(committee, by=viewer_of(request).person, seat=number)
    messages.success(request, gettext("The seat is vacant."))
    return reverse("roster-seat", args=[committee.pk, number])


def _filled(
    request: HttpRequest, committee: Committee, number: int, form: HolderForm, *, replaces: bool
) -> str:
    """Where filling the seat, or replacing its holder, led: to the roster."""
    by = viewer_of(request).person
    if replaces:
        made = replace_holder(committee, by=by, seat=number, **form.arguments())
    else:
        made = fill_seat(committee, by=by, seat=number, **form.arguments())
    messages.success(
        request, gettext("%(holder)s holds seat %(number)d.") % {"holder": made.holder, "number": number}
    )
    return _address(committee)


def _address(committee: Committee) -> str:
    return f"{reverse('roster')}?committee={committee.pk}"
