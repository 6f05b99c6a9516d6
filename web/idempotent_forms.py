"""Forms that act once and whose input survives the end of a session.

Every form has a token, signed for the person to whom it was shown. The first submission is recorded under it
in the transaction of the act; later ones are redirected to the same address. If the session has ended
meanwhile, the input is saved in the new session and shown again after signing in, to the same person only.
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
#: the namespace of programs' keys, which are separate for each person
_PROGRAMS = uuid.UUID("6f3a0c52-3f0c-4f0e-9d5a-5f6f2a8c1f11")
#: addresses open to a person who must change the password first
_OPEN_MEANWHILE = ("login", "logout", "admin:logout", "sessions-end", "session-extend", "display")
#: larger inputs are not saved, since sessions are read with every request
MOST_SAVED = 1_000_000


def form_token(person: Person) -> str:
    """A new token for a form shown to the person."""
    return signing.dumps([person.pk, uuid.uuid4().hex], salt=_SALT)


def _parse_token(value: str) -> tuple[int, uuid.UUID] | None:
    """The person and the name of the token; None for an invalid signature."""
    try:
        pk, name = signing.loads(value, salt=_SALT)
    except signing.BadSignature:
        return None
    return int(pk), uuid.UUID(name)


def made_for(value: str, person: Person) -> bool:
    """Whether the token was made for the person: input in a form left open is shown to nobody else."""
    named = _parse_token(value)
    return named is not None and named[0] == person.pk


def carry_out(request: HttpRequest, act: Callable[[], str]) -> str:
    """Act once for the form's token; return the address that it led to, now or the first time.

    If `act` raises, the record is rolled back, so that a refused form can be sent again. A form without a
    token of this person, as from a program, acts each time.
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
    """Act once for the person's key; return the result's address, and whether it acted now.

    `sent` is the digest of the request: Problem when the key was used for another one. If `act` raises, the
    record is rolled back, so that a refused request can be sent again.
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
    """The address that this form led to the first time; None if it was not sent before."""
    named = _parse_token(request.POST.get(FIELD, ""))
    if named is None or named[0] != request.user.pk:
        return None
    return Submission.objects.filter(token=named[1]).values_list("led_to", flat=True).first()


def redirect_to(request: HttpRequest, to: str) -> HttpResponse:
    """The response that leads to the address: a redirect, or for a script the address as JSON."""
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"to": to})
    return HttpResponseRedirect(to)


class LoginRequired(LoginRequiredMiddleware):
    """Require signing in, and save the input of forms sent after the session ended.

    A form that has acted is redirected to its result before any view looks for its object.
    """

    def process_view(self, request: HttpRequest, *view: Any, **named: Any) -> HttpResponseBase | None:
        """A redirect to the login or to the form's former result; None to continue."""
        answer: HttpResponseBase | None = super().process_view(request, *view, **named)
        if answer is None and getattr(request.user, "password_given", False):
            answer = _to_be_changed(request, view[0])
        if answer is None and request.method == "POST" and request.user.is_authenticated:
            led_to = sent_before(request)
            answer = redirect_to(request, led_to) if led_to else None
        return answer

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]) -> Any:
        """Save the input and redirect to the login; scripts and programs get the status instead."""
        if is_for_programs(view_func):
            return not_signed_in(request)
        if request.headers.get("X-Requested-With") == "fetch" or request.headers.get("HX-Request"):
            return HttpResponse(status=401)
        if request.path.endswith("/cast/"):  # a ballot is stored nowhere before it is sealed
            return redirect_to_login(request.path)
        named = _parse_token(request.POST.get(FIELD, "")) if request.method == "POST" else None
        if named is not None:
            _save(request, named[0])
        elif request.method == "POST":  # the addresses of many buttons show no page
            return redirect_to_login(reverse("desk"))
        return super().handle_no_permission(request, view_func)


def _to_be_changed(request: HttpRequest, view: Callable[..., HttpResponseBase]) -> HttpResponseBase | None:
    """The page on which a password set by the administrator is changed; None for addresses open meanwhile."""
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
    """Save the input until the page of its form is opened again; ballots and files are not saved."""
    assert isinstance(request.user, Person)
    if request.path.endswith("/cast/") or not made_for(request.POST.get(FIELD, ""), request.user):
        return False
    return not request.FILES and _save(request, request.user.pk)


def _save(request: HttpRequest, person: int) -> bool:
    """Save the data for the person, unless it is too large; return whether it was saved."""
    sent = request.POST.copy()
    for name in [name for name in sent if not _is_saved(name)]:
        del sent[name]
    written = sent.urlencode()
    if len(written) > MOST_SAVED:
        return False
    request.session[_SAVED] = {"path": request.path, "person": person, "sent": written}
    return True


def _is_saved(name: str) -> bool:
    """Whether a field of that name is saved: not tokens, passwords and PINs."""
    return name not in ("csrfmiddlewaretoken", FIELD, "pin") and "password" not in name


def saved_input(request: HttpRequest) -> QueryDict | None:
    """The input of this person at this address saved before the session ended; returned once."""
    found: Mapping[str, Any] | None = request.session.get(_SAVED)
    if found is None or found["path"] != request.path or request.method != "GET":
        return None
    del request.session[_SAVED]
    return QueryDict(found["sent"]) if found["person"] == request.user.pk else None
