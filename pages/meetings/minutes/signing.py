"""Signing the minutes electronically, and the signed file (Art. 21)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from committee.models import Meeting, Person
from committee.offices import LIAISON, PRESIDING, SEAT
from office import keys as signer_keys
from office import signed_files
from office.actions import keys
from office.actions.signing import (
    refused_before,
    sign_electronically,
    sign_supplement_electronically,
    waiting_for,
)
from office.models import Minutes, MinutesFile, MinutesSignature, SignerKey
from office.permissions import ACTS
from pages.meetings import page as meeting_page
from pages.meetings.minutes import page
from pages.meetings.minutes.acts import as_shown
from pages.signing.forms import pin_field
from regulation.refused import Refused
from web import labels, shell
from web.exports.responses import SEALED
from web.forms import ActForm
from web.forms.page import Input, Shown, form_page
from web.seen import SeenRow
from web.viewer import Viewer, viewer_of

_MEETING = SeenRow(Meeting, "committee__branch", "committee__liaison", "regulation", "acting_seat__holder")
_OFFICES = LIAISON | SEAT | PRESIDING


class PinForm(ActForm):
    """The PIN of the signer, and from the liaison who signs."""

    beside: ClassVar[Mapping[str, str]] = {"document/wrong-pin": "pin", "document/key-locked": "pin"}

    seats = forms.BooleanField(
        label=gettext_lazy("The holders of the seats sign as well"),
        help_text=gettext_lazy("Otherwise the liaison and whoever presides sign."),
        required=False,
    )
    pin = pin_field(gettext_lazy("It shows that the signature is yours. Five wrong ones lock the key."))

    def __init__(self, *args: Any, first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not first:
            del self.fields["seats"]


@dataclass(frozen=True)
class Signatures:
    """Who has signed the minutes, and who has still to sign."""

    file: MinutesFile | None
    signed: list[MinutesSignature]
    waiting: list[str]
    #: whether this person's signature is the next thing to do here
    mine: bool
    #: the pages on which it is signed and downloaded
    sign_url: str
    file_url: str

    @property
    def shown(self) -> bool:
        """Whether the minutes are signed electronically, or are to be."""
        return self.file is not None or self.mine


def signatures_of(minutes: Minutes, who: Viewer) -> Signatures:
    """The signatures on the minutes as the person sees them."""
    meeting = minutes.meeting
    file = MinutesFile.objects.filter(minutes=minutes, ended_at=None).first()
    signed = list(file.signatures.select_related("person")) if file else []
    left = waiting_for(file) if file else []
    asked = minutes.state == Minutes.State.DRAFTED and signer_keys.required()
    if minutes.supplements_id is None:
        addresses = [reverse(name, args=[meeting.pk]) for name in ("minutes-sign", "minutes-file")]
    else:
        addresses = [
            reverse("supplement-sign", args=[meeting.pk]),
            reverse("supplement-file", args=[meeting.pk, minutes.pk]),
        ]
    mine = asked and _mine(meeting, file, left, who)
    return Signatures(file, signed, [_words(each) for each in left], mine, *addresses)


def _mine(meeting: Meeting, file: MinutesFile | None, left: list[dict[str, Any]], who: Viewer) -> bool:
    if file is None:
        return who.acts_as(LIAISON, meeting)
    if any(each["person"] == who.person.pk for each in left):
        return True
    return len(left) == 1 and left[0]["person"] is None and who.acts_as(PRESIDING, meeting)


def _words(signer: Mapping[str, Any]) -> str:
    if signer["field"] == "liaison":
        return _("the liaison")
    if signer["seat"] is not None:
        return _("seat %(number)s") % {"number": signer["seat"]}
    return _("whoever presides")


@dataclass(frozen=True)
class _Signing:
    """What is signed on a page, and how."""

    #: the text with its digest
    content: Callable[[Meeting, Viewer], page.MinutesPage]
    act: Callable[[Meeting, Person, Mapping[str, Any]], Minutes]
    #: the verb whose states are told where there is nothing to sign, and the page afterwards
    verb: str
    leads_to: Callable[[Minutes], str]
    title: Promise
    #: whether the liaison decides that the holders of the seats sign too
    seats: bool = False


_OF_MINUTES = _Signing(
    content=page.signing,
    act=lambda meeting, by, given: sign_electronically(
        meeting, by=by, pin=given["pin"], seats=given.get("seats", False)
    ),
    verb="sign_minutes",
    leads_to=lambda minutes: reverse("minutes", args=[minutes.meeting.pk]),
    title=gettext_lazy("Sign the minutes"),
    seats=True,
)
_OF_SUPPLEMENT = _Signing(
    content=page.signing_supplement,
    act=lambda meeting, by, given: sign_supplement_electronically(meeting, by=by, pin=given["pin"]),
    verb="sign_supplement",
    leads_to=lambda minutes: reverse("supplement", args=[minutes.meeting.pk, minutes.pk]),
    title=gettext_lazy("Sign the supplementary minutes"),
)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign the minutes that are shown; for the liaison, the holders of the seats, and whoever presides."""
    return _page(request, pk, _OF_MINUTES)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def sign_supplement(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign the supplementary minutes that are shown; for the liaison and whoever presides."""
    return _page(request, pk, _OF_SUPPLEMENT)


def _page(request: HttpRequest, pk: int, signing: _Signing) -> HttpResponse:
    who = viewer_of(request)
    meeting = _MEETING.get_or_404(who.person, pk)
    if not who.acts_as(_OFFICES, meeting):
        raise PermissionDenied
    files = MinutesFile.objects.filter(minutes__meeting=meeting, ended_at=None)
    first = signing.seats and not files.filter(minutes__supplements=None).exists()

    def form(given: Input) -> PinForm:
        return PinForm(given.data, subject=meeting, who=who, request=request, first=first)

    def ready(form: PinForm) -> bool:
        """Whether all is there and the PIN right: it is tried outside of the act, so that a try counts."""
        return form.is_valid() and bool(keys.try_pin(by=who.person, pin=form.cleaned_data["pin"]))

    def act(form: PinForm) -> str:
        signed = as_shown(
            meeting,
            form.data.get("digest", ""),
            lambda: signing.act(meeting, who.person, form.cleaned_data),
        )
        messages.success(request, _("You have signed the minutes."))
        return signing.leads_to(signed)

    def render(shown: Shown[PinForm]) -> HttpResponse:
        content = signing.content(meeting, who)
        stop = None if shown.form.refusal else _stop(meeting, who, content.minutes, signing.verb)
        context = {
            **shell.named(content),
            "meeting": meeting,
            "title": signing.title,
            "form": shown.form,
            "kept": shown.kept,
            "bare": True,
            "stop": labels.refusal(stop) if stop else None,
            "signatures": signatures_of(content.minutes, who) if content.minutes else None,
        }
        return shell.page(
            request,
            "meetings/minutes/sign_electronically.html",
            context,
            here="meetings",
            status=shown.status,
        )

    with timezone.override(meeting.committee.tz):
        return form_page(request, form=form, act=act, page=render, ready=ready)


def _stop(meeting: Meeting, who: Viewer, minutes: Minutes | None, verb: str) -> Refused | None:
    """What stands against signing now, as far as it is known beforehand."""
    if minutes is None:
        if verb == "sign_supplement" and meeting.state in Meeting.EFFECTIVE:
            return Refused("state/not-allowed", cause="minutes/no-supplement")
        return Refused("state/not-allowed", verb=verb, state=meeting.state, states=[*ACTS[verb].states])
    if minutes.state == Minutes.State.SIGNED:
        return Refused("21/already-effective")
    if not signer_keys.required():
        return Refused("document/not-electronic")
    refused = refused_before(minutes, meeting, who.person)
    if refused is not None:
        return refused
    key: SignerKey | None = signer_keys.key_of(who.person)
    return Refused("document/no-key") if key is None else signer_keys.standing(key)


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of the minutes as it is signed so far, for people who see all of the meeting."""
    return _file(request, pk, MinutesFile.objects.filter(minutes__supplements=None))


@require_safe
def supplement_file(request: HttpRequest, pk: int, supplement: int) -> HttpResponse:
    """The file of supplementary minutes as it is signed so far, for people who see the supplement."""
    who = viewer_of(request)
    seen = page.supplements_seen(_MEETING.get_or_404(who.person, pk), who).filter(pk=supplement)
    return _file(request, pk, MinutesFile.objects.filter(minutes__in=seen))


def _file(request: HttpRequest, pk: int, rows: QuerySet[MinutesFile]) -> HttpResponse:
    who = viewer_of(request)
    meeting = _MEETING.get_or_404(who.person, pk)
    found = rows.filter(minutes__meeting=meeting, ended_at=None).first()
    if found is None or not meeting_page.sees_all(meeting, who):
        raise Http404
    response = HttpResponse(signed_files.read(found), content_type="application/pdf", headers=SEALED)
    name = f"{found.minutes}.pdf"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response
