"""Forms that act once and whose input survives the end of a session.

Every form has a token, signed for the person to whom it was shown. The first submission is recorded under it
in the transaction of the act, with a digest of what was sent; the same once more is redirected to the same
address. Other contents under the token are not done and not lost: 409, with the form as it was filled in. If
the session has ended meanwhile, the input is saved in the new session and shown again after signing in, to
the same person only.

Of a ballot nothing is recorded before it is sealed, not even a digest, by which one of three choices would be
found at once: it has an idempotency key of its own, under which another ballot is refused.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
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
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.html import escape

from committee.models import Person
from web import display
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
_CHUNK = 1 << 20


class SentBefore(Exception):
    """Raised for a form that was sent before with other contents; `led_to` is where that led."""

    def __init__(self, led_to: str) -> None:
        super().__init__(led_to)
        self.led_to = led_to


@dataclass(frozen=True)
class Onward:
    """An act that takes up what was entered in a form that has acted: its name and address."""

    name: str
    address: str


def goes_on(request: HttpRequest, found: Callable[[], Onward | None]) -> None:
    """Tell how to go on with what is entered now if the form turns out to have acted before."""
    request.goes_on = found  # type: ignore[attr-defined]  # read by `_sent_otherwise`


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
    token of this person, as from a program, acts each time. SentBefore for a token used with other contents.
    """
    assert isinstance(request.user, Person)
    named = _parse_token(request.POST.get(FIELD, ""))
    if named is None or named[0] != request.user.pk:
        return act()
    with transaction.atomic():
        sent = contents_digest(request)
        defaults = {"person": request.user, "sent": sent}
        note, first = Submission.objects.get_or_create(token=named[1], defaults=defaults)
        if first:
            note.led_to = act()
            note.save(update_fields=["led_to"])
        elif _differs(note, sent):
            raise SentBefore(note.led_to)
    return note.led_to


def contents_digest(request: HttpRequest) -> str:
    """The digest of what was entered, without tokens, passwords and PINs; empty for a ballot.

    Keyed, so that a short text cannot be found from it in the database.
    """
    if _is_ballot(request):
        return ""
    digest = salted_hmac(_SALT, b"", algorithm="sha256")
    for name, value in sorted(_entered(request)):
        digest.update(f"{len(name)}:{name}:{len(value)}:{value}".encode())
    for name in sorted(request.FILES):
        for file in request.FILES.getlist(name):
            digest.update(f"{len(name)}:{name}:{file.size}:".encode())
            for chunk in file.chunks(_CHUNK):
                digest.update(chunk)
            file.seek(0)
    return digest.hexdigest()


def _entered(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """The fields that were sent and are saved, with each of their values."""
    for name, values in request.POST.lists():
        if _is_saved(name):
            yield from ((name, str(value)) for value in values)


def _is_ballot(request: HttpRequest) -> bool:
    return request.path.endswith("/cast/")


def _differs(note: Submission, sent: str) -> bool:
    """Whether other contents were sent under the token; not known of a ballot."""
    return bool(note.sent and sent) and note.sent != sent


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


def _sent_before(request: HttpRequest) -> Submission | None:
    """The first submission of this form; None if it was not sent before, or has led nowhere yet."""
    named = _parse_token(request.POST.get(FIELD, ""))
    if named is None or named[0] != request.user.pk:
        return None
    return Submission.objects.filter(token=named[1]).exclude(led_to="").first()


def redirect_to(request: HttpRequest, to: str) -> HttpResponse:
    """The response that leads to the address: a redirect, or for a script the address as JSON."""
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"to": to})
    return HttpResponseRedirect(to)


class LoginRequired(LoginRequiredMiddleware):
    """Require signing in, and save the input of forms sent after the session ended.

    A form that has acted is redirected to its result before any view looks for its object. With other
    contents its page is shown as it was filled in, with status 409.
    """

    def process_view(self, request: HttpRequest, *view: Any, **named: Any) -> HttpResponseBase | None:
        """A redirect to the login or to the form's former result; None to continue."""
        answer: HttpResponseBase | None = super().process_view(request, *view, **named)
        if answer is None and getattr(request.user, "password_given", False):
            answer = _to_be_changed(request, view[0])
        if answer is None and request.method == "POST" and request.user.is_authenticated:
            note = _sent_before(request)
            if note is not None and _differs(note, contents_digest(request)):
                _show_again(request, note.led_to)
            elif note is not None:
                answer = redirect_to(request, note.led_to)
        return answer

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page for a form sent before with other contents, where that is found out while it acts."""
        return _sent_otherwise(request, exception.led_to) if isinstance(exception, SentBefore) else None

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Status 409 for a form shown again; where it has no page any more, one with what was entered."""
        led_to = getattr(request, "sent_before", None)
        if led_to is None or response.status_code == 409:
            return response
        if response.status_code == 200 and _shows_all(request, response) and _onward(request) is None:
            response.status_code = 409
            return response
        return _sent_otherwise(request, led_to)

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]) -> Any:
        """Save the input and redirect to the login; scripts and programs get the status instead."""
        if is_for_programs(view_func):
            return not_signed_in(request)
        if request.headers.get("X-Requested-With") == "fetch" or request.headers.get("HX-Request"):
            return HttpResponse(status=401)
        if _is_ballot(request):  # which is stored nowhere before it is sealed
            return redirect_to_login(request.path)
        named = _parse_token(request.POST.get(FIELD, "")) if request.method == "POST" else None
        if named is not None:
            _save(request, named[0])
        elif request.method == "POST":  # the addresses of many buttons show no page
            return redirect_to_login(reverse("desk"))
        return super().handle_no_permission(request, view_func)


def _show_again(request: HttpRequest, led_to: str) -> None:
    """The view shows the form with what was entered, as after the end of a session; `sent_before` on the
    request has the address to which the first submission led.

    A script asks as before: what it keeps of a text is kept, and what would act is refused.
    """
    assert isinstance(request.user, Person)
    if request.headers.get("X-Requested-With") == "fetch" or request.headers.get("HX-Request"):
        return
    _save(request, request.user.pk)
    request.method = "GET"
    request.sent_before = led_to  # type: ignore[attr-defined]  # read by templates/web/parts/sent_before.html


def _shows_all(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether every text that was entered is on the page: where the act is past it may have no place."""
    page = " ".join(response.content.decode().split()) if isinstance(response, HttpResponse) else ""
    return all(" ".join(escape(value).split()) in page for _name, value in _entered(request))


def _onward(request: HttpRequest) -> Onward | None:
    """The act that takes up what was entered now, where the view has told of one."""
    found: Callable[[], Onward | None] = getattr(request, "goes_on", lambda: None)
    return found()


def _sent_otherwise(request: HttpRequest, led_to: str) -> HttpResponse:
    """The page that says that the form was sent before, with what was entered now, and the act that takes
    this up where there is one.
    """
    assert isinstance(request.user, Person)
    request.sent_before = led_to  # type: ignore[attr-defined]  # read by templates/web/parts/sent_before.html
    typed = [value for _name, value in _entered(request) if value.strip()]
    onward = _onward(request)
    if onward is not None and not _save(request, request.user.pk, path=onward.address):
        onward = None
    context = {"typed": typed, "onward": onward, **display.chosen(request)}
    answer = render(request, "409.html", context, status=409)
    answer["Cache-Control"] = "no-store"
    return answer


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
    if _is_ballot(request) or not made_for(request.POST.get(FIELD, ""), request.user):
        return False
    return not request.FILES and _save(request, request.user.pk)


def _save(request: HttpRequest, person: int, *, path: str = "") -> bool:
    """Save the data for the person and the form at `path`, by default the request's, unless it is too large;
    return whether it was saved.
    """
    sent = request.POST.copy()
    for name in [name for name in sent if not _is_saved(name)]:
        del sent[name]
    written = sent.urlencode()
    if len(written) > MOST_SAVED:
        return False
    request.session[_SAVED] = {"path": path or request.path, "person": person, "sent": written}
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
