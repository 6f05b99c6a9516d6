"""The site for programs: each verb of the engine at an address of its own, and what a person may see as JSON.

The same session, the same CSRF token, the same actions as the pages; docs/api.md tells how it is used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.csrf import csrf_failure

from accounts import sign_ins
from api import arguments
from api.json_input import MAX_BYTES
from api.verbs import VERBS, Verb
from committee.models import Committee, Meeting, Person
from proposals.models import Proposal
from regulation.refused import Refused
from web import idempotent_forms, problems
from web.problems import Invalid, Problem
from web.viewer import viewer_of

#: so many rows a page of a list
PAGE = 100
MAX_DIGITS = 18

P = ParamSpec("P")


def _answering(
    *methods: str,
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], JsonResponse]], Callable[Concatenate[HttpRequest, P], JsonResponse]
]:
    """The view, for these methods; whatever is not carried out is told as a problem."""

    def decorate(
        view: Callable[Concatenate[HttpRequest, P], JsonResponse],
    ) -> Callable[Concatenate[HttpRequest, P], JsonResponse]:
        @problems.for_programs
        @wraps(view)
        def answer(request: HttpRequest, /, *args: P.args, **named: P.kwargs) -> JsonResponse:
            if request.method not in methods:
                response = problems.request("request/method")
                response["Allow"] = ", ".join(methods)
                return response
            try:
                response = view(request, *args, **named)
            except Problem as problem:
                return problems.request(problem.code)
            except Invalid as fault:
                return problems.invalid(fault)
            except Refused as refused:
                return problems.refused(refused)
            except Http404:
                return problems.refused(Refused("access/not-found"))
            response["Cache-Control"] = "no-store"
            return response

        return answer

    return decorate


@_answering("GET", "HEAD")
def index(request: HttpRequest) -> JsonResponse:
    """Who is signed in, the committees of the person, and every verb with its arguments."""
    who = viewer_of(request)
    rows = Committee.objects.filter(branch__bank=who.person.bank_id).select_related("branch").order_by("pk")
    return _told(
        {
            "person": {"staff_no": who.person.staff_no, "name": who.person.display_name},
            "committees": [{"id": each.pk, "name": str(each)} for each in rows if who.belongs_to(each)],
            "verbs": {
                name: {
                    "arguments": {argument: kind.value for argument, kind in verb.said.items()},
                    "optional": sorted(verb.optional | verb.pins.keys()),
                }
                for name, verb in VERBS.items()
            },
        }
    )


@_answering("GET", "HEAD")
def proposals(request: HttpRequest) -> JsonResponse:
    """The proposals that the person sees, in order of their ids."""
    return _listed(request, "proposals", arguments.proposals_of(viewer_of(request).person))


@_answering("GET", "HEAD")
def meetings(request: HttpRequest) -> JsonResponse:
    """The meetings that the person sees, in order of their ids."""
    return _listed(request, "meetings", arguments.meetings_of(viewer_of(request).person))


@_answering("GET", "HEAD")
def proposal(request: HttpRequest, pk: int) -> JsonResponse:
    """A proposal that the person sees."""
    row = get_object_or_404(arguments.proposals_of(viewer_of(request).person), pk=pk)
    return _told(arguments.told_of_proposal(row))


@_answering("GET", "HEAD")
def meeting(request: HttpRequest, pk: int) -> JsonResponse:
    """A meeting that the person sees."""
    person = viewer_of(request).person
    return _told(arguments.told_of_meeting(get_object_or_404(arguments.meetings_of(person), pk=pk), person))


@_answering("POST")
def act(request: HttpRequest, verb: str) -> JsonResponse:
    """The act is done; what it was done on, or what it made, is told as it is now."""
    asked = VERBS.get(verb)
    if asked is None:
        raise Problem("request/unknown")
    body = _body(request)
    key = arguments.read_key(request.headers.get("Idempotency-Key", ""))
    asked_for = arguments.read_arguments(asked, body)
    person = viewer_of(request).person
    if asked.confirmed:
        answer = sign_ins.check_password(request, person, asked_for.pop("password"))
        if answer.wait:
            return problems.held_up("request/locked", int(answer.wait.total_seconds()))
        if answer.person is None:
            raise Problem("request/not-confirmed")

    def do() -> object:
        given = arguments.with_rows(asked, asked_for, person)
        return asked.do(by=person, asked={**given, "key": key} if asked.keyed else given)

    if not key or asked.keyed:
        made = do()
        return _done(asked, person, _led(asked, asked_for, made), made=made)
    sent = hashlib.sha256(f"{verb}\0{sorted(asked_for.items())}".encode()).hexdigest()
    led_to, first = idempotent_forms.act_once(person, key, sent, lambda: str(_led(asked, asked_for, do())))
    return _done(asked, person, int(led_to), again=not first)


def forged(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """The answer to a request without its CSRF token: Django's page, or a problem for a program."""
    if not request.path.startswith(reverse("api")):
        return csrf_failure(request, reason=reason)
    return problems.request("request/forged" if request.user.is_authenticated else "request/not-signed-in")


def _body(request: HttpRequest) -> bytes:
    """What was sent, as far as it is JSON and not too large."""
    if request.content_type != "application/json":
        raise Problem("request/not-json")
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
        raise Problem("request/too-large")
    content = request.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Problem("request/too-large")
    return content


def _led(verb: Verb, asked_for: Mapping[str, Any], made: object) -> int:
    """The id of what the act made, or else of what it was done on."""
    return made.pk if isinstance(made, Proposal | Meeting) and verb.makes else asked_for[verb.subject]


def _done(verb: Verb, person: Person, pk: int, *, made: object = None, again: bool = False) -> JsonResponse:
    """What the act led to, as the person sees it now; only its id where the person sees it no more."""
    told: dict[str, Any] = {verb.leads_to: _seen(verb.leads_to, pk, person) or {"id": pk}}
    if made is not None and verb.tells is not None:
        told |= verb.tells(made)
    response = _told(told)
    if verb.makes and not again:
        response.status_code = 201
        response["Location"] = reverse(f"api-{verb.leads_to}", args=[pk])
    return response


def _seen(kind: str, pk: int, person: Person) -> dict[str, Any] | None:
    if kind == "proposal":
        proposal = arguments.proposals_of(person).filter(pk=pk).first()
        return proposal and arguments.told_of_proposal(proposal)
    if kind == "meeting":
        meeting = arguments.meetings_of(person).filter(pk=pk).first()
        return meeting and arguments.told_of_meeting(meeting, person)
    return None


def _listed(request: HttpRequest, name: str, rows: QuerySet[Any]) -> JsonResponse:
    """A page of the rows after the id that the address names, and the address of the next page or null."""
    after = request.GET.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) <= MAX_DIGITS):
        raise Invalid("after", "expects an id")
    found = list(rows.filter(pk__gt=int(after)).order_by("pk")[: PAGE + 1])
    page = found[:PAGE]
    more = f"{request.path}?after={page[-1].pk}" if len(found) > PAGE else None
    return _told({name: [arguments.in_short(row) for row in page], "next": more})


def _told(said: Mapping[str, Any]) -> JsonResponse:
    return JsonResponse(said, json_dumps_params={"ensure_ascii": False})
