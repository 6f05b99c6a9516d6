"""Authorising a proxy in two steps: whom and for what, then the letter with the confirmation (Art. 11)."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from committee.models import Meeting, Person, Seat
from pages.meetings.proxies import letter
from pages.meetings.proxies.forms import ProxyForm
from proposals.actions.agenda import authorise_proxy
from regulation.refused import Refused
from web import labels, shell
from web.forms.page import Shown, form_page
from web.offers import offer_for
from web.seen import SeenRow
from web.templatetags.lianxi import power_words
from web.viewer import viewer_of

_MEETING = SeenRow(Meeting, "committee__branch", "regulation")


@dataclass(frozen=True, kw_only=True)
class ProxyPage:
    """The page of an authorisation, at one of its steps."""

    meeting: Meeting
    form: ProxyForm
    #: the people to choose from
    found: list[Person]
    #: `sign` with the letter, empty with the choice
    step: str
    seat: Seat
    #: the powers in words, for the letter
    powers: str
    #: the refusal that the act would meet now
    stop: labels.Refusal | None
    #: whether the form holds what was entered before the session ended
    kept: bool


@require_http_methods(["GET", "HEAD", "POST"])
def authorise(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of the authorisation; a step leads on only with what it needs."""
    who = viewer_of(request)
    meeting = _MEETING.get_or_404(who.person, pk)
    offer = offer_for(Meeting, "authorise_proxy")
    assert offer is not None
    if not who.acts_as(offer.rule.office, meeting):
        raise PermissionDenied
    with timezone.override(meeting.committee.tz):
        stop = offer.refusal_now(meeting, who)

        def page(shown: Shown[ProxyForm]) -> HttpResponse:
            form, step, status = _step(shown)
            proxy_page = ProxyPage(
                meeting=meeting,
                form=form,
                found=[] if step else form.found,
                step=step,
                seat=_seat(form),
                powers=power_words(form.cleaned_data["powers"]) if step else "",
                stop=labels.refusal(stop) if stop else None,
                kept=shown.kept,
            )
            template = "meetings/proxies/authorise.html"
            return shell.page(request, template, proxy_page, here="meetings", status=status)

        return form_page(
            request,
            form=lambda given: ProxyForm(given.data, subject=meeting, who=who),
            act=lambda form: _authorised(request, meeting, form),
            page=page,
            ready=lambda form: _ready(form, request.POST.get("step", "")),
        )


def _ready(form: ProxyForm, step: str) -> bool:
    """Whether the letter is sent signed, with all that it needs."""
    return step in ("draft", "sign") and _chosen(form) and step == "sign" and form.is_valid()


def _step(shown: Shown[ProxyForm]) -> tuple[ProxyForm, str, int]:
    """The form with its letter, the step that it is at (`sign`, or none for the choice), and the status."""
    form, data = shown.form, shown.input.data
    step = data.get("step", "") if data else ""
    if step not in ("draft", "sign"):
        return form, "", 200
    if form.refusal is not None:
        at_letter = form.refused_field == "document"
        return form, "sign" if at_letter else "", shown.status
    try:
        chosen = _chosen(form)
    except Refused as lacking:  # in what was typed before the session ended
        form.refuse(lacking)
        chosen = False
    if not chosen:
        return form, "", 422
    if step == "draft":
        return _drafted(form), "sign", 200
    return form, "sign", 200 if form.is_valid() else 422


def _chosen(form: ProxyForm) -> bool:
    """Whether holder, items and powers are chosen; a missing holder is said beside its field.

    Refused without items or powers (Art. 11).
    """
    if not form.is_valid() and set(form.errors) != {"document"}:
        return False
    if form.cleaned_data["holder"] is None:
        form.add_error("holder", _("Choose the holder from the people found."))
        return False
    lacking = form.lacking()
    if lacking is not None:
        raise lacking
    return True


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


def _authorised(request: HttpRequest, meeting: Meeting, form: ProxyForm) -> str:
    """Where the authorisation led."""
    proxy = authorise_proxy(meeting, by=form.who.person, **form.arguments())
    messages.success(request, _("%(name)s holds your authorisation.") % {"name": proxy.holder.display_name})
    return reverse("my-meetings")
