"""Forms that survive: sent twice they act once, and what was typed outlives the session.

Every form carries a token, signed for the person who was shown it. The first sending is noted under
it in the transaction of the act itself; each later one is led where the first one led. When the session has
ended in between, what was sent is kept in the new session and shown again after signing in, to the same
person alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.db import transaction
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
)
from django.urls import reverse

from committee.models import Person
from web.models import Submission
from web.problems import Problem, is_for_programs, not_signed_in, password_given

FIELD = "once"
_SALT = "lianxi.once"
_SAVED = "kept"
#: keys of programs are names in this space, each person's apart
_PROGRAMS = uuid.UUID("6f3a0c52-3f0c-4f0e-9d5a-5f6f2a8c1f11")
#: what is open to whoever has to change the password first
_OPEN_MEANWHILE = ("login", "logout", "admin:logout", "sessions-end", "session-extend", "display")
#: beyond this nothing is kept: sessions are read at every request
MOST_SAVED = 1_000_000


def form_token(person: Person) -> str:
    """A fresh token for a form shown to the person."""
    return signing.dumps([person.pk, uuid.uuid4().hex], salt=_SALT)


def _parse_token(value: str) -> tuple[int, uuid.UUID] | None:
    """For whom the token was made, and its name; None for what we did not sign."""
    try:
        pk, name = signing.loads(value, salt=_SALT)
    except signing.BadSignature:
        return None
    return int(pk), uuid.UUID(name)


def made_for(value: str, person: Person) -> bool:
    """Whether the token was made for the person: what a form left open holds goes to nobody else."""
    named = _parse_token(value)
    return named is not None and named[0] == person.pk


def carry_out(request: HttpRequest, act: Callable[[], str]) -> str:
    """The act is done once for the form's token; returns the address it led to, now or the first time.

    Whatever `act` raises undoes the note as well, so that a form refused may be sent again. A form without a
    token of this person's (made by a program) acts each time.
    """
    assert isinstance(request.user, Person)
    named = _parse_token(request.POST.get(FIELD, ""))
    if named is None or named[0] != request.user.pk:
        return act()
    with transaction.atomic():
        note, first = Submission.objects.get_or_create(token=named[1], defaults={"person": request.user})
        if first:
            note.led_to = act()
            note.save(update_fields=["led_to"])
    return note.led_to


def act_once(person: Person, key: str, sent: str, act: Callable[[], str]) -> tuple[str, bool]:
    """The act is done once for the person's key; returns where it led, and whether that was now.

    `sent` is the digest of what was sent: Problem when the key was used for something else. Whatever `act`
    raises undoes the note, so that what was refused may be sent again.
    """
    name = uuid.uuid5(_PROGRAMS, f"{person.pk}:{key}")
    with transaction.atomic():
        note, first = Submission.objects.get_or_create(token=name, defaults={"person": person, "sent": sent})
        if note.sent != sent:
            raise Problem("request/key-used")
        if first:
            note.led_to = act()
            note.save(update_fields=["led_to"])
    return note.led_to, first


def sent_before(request: HttpRequest) -> str | None:
    """Where this form led when it was sent the first time; None when it was not."""
    named = _parse_token(request.POST.get(FIELD, ""))
    if named is None or named[0] != request.user.pk:
        return None
    return Submission.objects.filter(token=named[1]).values_list("led_to", flat=True).first()


def redirect_to(request: HttpRequest, to: str) -> HttpResponse:
    """The answer that leads there: a redirect, or for a script that asks for JSON the address."""
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"to": to})
    return HttpResponseRedirect(to)


class LoginRequired(LoginRequiredMiddleware):
    """Signing in is required as ever; what somebody sent after the session ended is kept until then.

    A form that has done its act is led where that led, before any page asks what has become of its object.
    """

    def process_view(self, request: HttpRequest, *view: Any, **named: Any) -> HttpResponseBase | None:
        """The login, where the form led before, or nothing: the page answers."""
        answer: HttpResponseBase | None = super().process_view(request, *view, **named)
        if answer is None and getattr(request.user, "password_given", False):
            answer = _to_be_changed(request, view[0])
        if answer is None and request.method == "POST" and request.user.is_authenticated:
            led_to = sent_before(request)
            answer = redirect_to(request, led_to) if led_to else None
        return answer

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]) -> Any:
        """Keep what was sent, then lead to the login; a script or a program is told so by the status."""
        if is_for_programs(view_func):
            return not_signed_in(request)
        if request.headers.get("X-Requested-With") == "fetch" or request.headers.get("HX-Request"):
            return HttpResponse(status=401)
        if request.path.endswith("/cast/"):  # what is on a ballot lies nowhere before it is sealed
            return redirect_to_login(request.path)
        named = _parse_token(request.POST.get(FIELD, "")) if request.method == "POST" else None
        if named is not None:
            _save(request, named[0])
        elif request.method == "POST":  # many a button's address shows no page
            return redirect_to_login(reverse("desk"))
        return super().handle_no_permission(request, view_func)


def _to_be_changed(request: HttpRequest, view: Callable[..., HttpResponseBase]) -> HttpResponseBase | None:
    """Where whoever has a password given by the administrator goes first; None for what is open meanwhile."""
    if is_for_programs(view):
        return password_given(request)
    address = reverse("password")
    if request.path in (address, *map(reverse, _OPEN_MEANWHILE)):
        return None
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": address})
    if (
        request.headers.get("X-Requested-With") == "fetch"
        or request.headers.get("Accept") == "application/json"
    ):
        return HttpResponse(status=403)
    return HttpResponseRedirect(address)


def save_input(request: HttpRequest) -> bool:
    """Whether what the person sent is kept until the page of its form is opened again: no ballot, no file."""
    assert isinstance(request.user, Person)
    if request.path.endswith("/cast/") or not made_for(request.POST.get(FIELD, ""), request.user):
        return False
    return not request.FILES and _save(request, request.user.pk)


def _save(request: HttpRequest, person: int) -> bool:
    """Whether it was little enough to be kept for the person."""
    sent = request.POST.copy()
    for name in [name for name in sent if not _is_saved(name)]:
        del sent[name]
    written = sent.urlencode()
    if len(written) > MOST_SAVED:
        return False
    request.session[_SAVED] = {"path": request.path, "person": person, "sent": written}
    return True


def _is_saved(name: str) -> bool:
    """Whether a field of that name is kept: no token, and no password, old or new."""
    return name not in ("csrfmiddlewaretoken", FIELD) and "password" not in name


def saved_input(request: HttpRequest) -> QueryDict | None:
    """What this person sent to this address before the session ended; told once."""
    found: Mapping[str, Any] | None = request.session.get(_SAVED)
    if found is None or found["path"] != request.path or request.method != "GET":
        return None
    del request.session[_SAVED]
    return QueryDict(found["sent"]) if found["person"] == request.user.pk else None
