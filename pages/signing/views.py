"""A signer's key, and the verification of signed files for anybody."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from committee.models import Person
from documents.outside.apart import Busy
from documents.verify import MOST_BYTES
from office import keys as signer_keys
from office import on_record
from office.actions import keys
from office.models import SignerKey
from pages.signing.forms import KeyForm, VerifyForm
from pages.signing.wording import FAULTS, OUTCOMES
from web import display, labels, limits, shell
from web.forms.page import Input, Shown, form_page
from web.viewer import viewer_of

#: bytes of a form around its file
_AROUND = 100_000


@dataclass(frozen=True, kw_only=True)
class KeyPage:
    """The person's key, what stands against it, and the form to add another."""

    key: SignerKey | None
    #: why it cannot sign now
    stop: labels.Refusal | None
    #: whether thirty days or fewer are left
    soon: bool
    form: KeyForm
    kept: bool
    electronic: bool


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def key(request: HttpRequest) -> HttpResponse:
    """The person's key for signing: what it is, whether it can sign, and adding another in its place."""
    who = viewer_of(request)

    def form(given: Input) -> KeyForm:
        return KeyForm(given.data, given.files, subject=who.person, who=who, request=request)

    def act(form: KeyForm) -> str:
        chosen = form.cleaned_data
        if chosen.get("kind") == SignerKey.Kind.TOKEN:
            keys.add_token(by=who.person, pin=chosen["pin"])
        else:
            keys.add_file(by=who.person, data=chosen["file"].read(), pin=chosen["pin"])
        messages.success(request, _("Your key is added. You can sign with it now."))
        return reverse("signing-key")

    def page(shown: Shown[KeyForm]) -> HttpResponse:
        found = signer_keys.key_of(who.person)
        stop = signer_keys.standing(found) if found else None
        context = KeyPage(
            key=found,
            stop=labels.refusal(stop) if stop else None,
            soon=found is not None and stop is None and signer_keys.expires_soon(found),
            form=shown.form,
            kept=shown.kept,
            electronic=signer_keys.required(),
        )
        return shell.page(request, "signing/key.html", context, here="profile", status=shown.status)

    return form_page(request, form=form, act=act, page=page)


@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    """Withdraw the person's key; of none nothing changes."""
    person = viewer_of(request).person
    if signer_keys.key_of(person) is not None:
        keys.withdraw_key(person, by=person)
        messages.success(request, _("Your key is withdrawn."))
    return redirect("signing-key")


class _TooLarge(RequestDataTooBig):
    """More was sent than a file to be verified may have; the page of the 413 names the limit."""

    most = f"{MOST_BYTES // 1_000_000} MB"


@login_not_required
@never_cache
@limits.limited(limits.DOCUMENT, "POST", strangers=True)
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Whose signatures a file has, whether they are valid, and whether it is on record; nothing is kept."""
    if request.method == "POST" and int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES + _AROUND:
        raise _TooLarge
    form = VerifyForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form}
    status = 200
    if request.method == "POST":
        status = _judge(form, context)
    if isinstance(request.user, Person):
        return shell.page(request, "signing/verify.html", context, here="profile", status=status)
    return render(request, "signing/verify.html", {**context, **display.chosen(request)}, status=status)


def _judge(form: VerifyForm, context: dict[str, object]) -> int:
    """Add what is to be said of the file to the page; return its status."""
    if not form.is_valid():
        return 422
    try:
        context.update(_told(on_record.judge(form.cleaned_data["file"].read())))
    except Busy:
        form.add_error("file", _("Other files are being looked at. Send this one again in a minute."))
        return 503
    return 200


def _told(judged: on_record.Judged) -> dict[str, object]:
    """Both verdicts in words, and what is said of each signature."""
    word, tone, told = OUTCOMES[judged.outcome]
    checked = judged.checked
    return {
        "judged": judged,
        "word": word,
        "tone": tone,
        "told": told,
        "fault": FAULTS[checked.fault] if checked.fault else "",
        "signatures": [(each, FAULTS[each.fault] if each.fault else "") for each in checked.signatures],
    }
