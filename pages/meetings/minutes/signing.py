"""Signing the minutes electronically, and the signed file (Art. 21)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
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
from office.actions.signing import sign_electronically, waiting_for
from office.models import Minutes, MinutesFile, MinutesSignature, SignerKey
from pages.meetings import page as meeting_page
from pages.meetings.minutes import page
from pages.meetings.minutes.acts import as_shown
from pages.signing.forms import pin_field
from regulation.refused import Refused
from web import labels, shell
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
    asked = meeting.state == Meeting.State.MINUTED and signer_keys.required()
    return Signatures(
        file, signed, [_words(each) for each in left], asked and _mine(meeting, file, left, who)
    )


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


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign the minutes that are shown; for the liaison, the holders of the seats, and whoever presides."""
    who = viewer_of(request)
    meeting = _MEETING.get_or_404(who.person, pk)
    if not who.acts_as(_OFFICES, meeting):
        raise PermissionDenied
    first = not MinutesFile.objects.filter(minutes__meeting=meeting, ended_at=None).exists()

    def form(given: Input) -> PinForm:
        return PinForm(given.data, subject=meeting, who=who, request=request, first=first)

    def ready(form: PinForm) -> bool:
        """Whether all is there and the PIN right: it is tried outside of the act, so that a try counts."""
        return form.is_valid() and bool(keys.try_pin(by=who.person, pin=form.cleaned_data["pin"]))

    def act(form: PinForm) -> str:
        as_shown(
            meeting, form.data.get("digest", ""), lambda: _signed(meeting, who.person, form.cleaned_data)
        )
        messages.success(request, _("You have signed the minutes."))
        return reverse("minutes", args=[meeting.pk])

    def render(shown: Shown[PinForm]) -> HttpResponse:
        content = page.signing(meeting, who)
        stop = None if shown.form.refusal else _stop(meeting, who, content.minutes)
        context = {
            **shell.named(content),
            "meeting": meeting,
            "form": shown.form,
            "kept": shown.kept,
            "bare": True,
            "stop": labels.refusal(stop) if stop else None,
            "key": signer_keys.key_of(who.person),
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


def _signed(meeting: Meeting, by: Person, given: Mapping[str, Any]) -> Minutes:
    return sign_electronically(meeting, by=by, pin=given["pin"], seats=given.get("seats", False))


def _stop(meeting: Meeting, who: Viewer, minutes: Minutes | None) -> Refused | None:
    """What stands against signing now, as far as it is known beforehand."""
    if meeting.state in Meeting.EFFECTIVE:
        return Refused("21/already-effective")
    if minutes is None:
        return Refused("state/not-allowed", verb="sign_minutes", state=meeting.state, states=["minuted"])
    if not signer_keys.required():
        return Refused("document/not-electronic")
    key: SignerKey | None = signer_keys.key_of(who.person)
    return Refused("document/no-key") if key is None else signer_keys.standing(key)


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of the minutes as it is signed so far, for people who see all of the meeting."""
    who = viewer_of(request)
    meeting = _MEETING.get_or_404(who.person, pk)
    found = MinutesFile.objects.filter(minutes__meeting=meeting, ended_at=None).first()
    if found is None or not meeting_page.sees_all(meeting, who):
        raise Http404
    response = HttpResponse(signed_files.read(found), content_type="application/pdf")
    name = f"{found.minutes}.pdf"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
