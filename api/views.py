"""Views of the API: each verb at an address of its own, and JSON of what a person may see.

Session, CSRF token and actions are those of the pages; docs/api.md describes the use. Each verb is an
operation of django-ninja; errors are problems (`web/problems.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.csrf import csrf_failure
from ninja import NinjaAPI, Router
from ninja.params.models import Header, Path, Query
from ninja.utils import contribute_operation_args
from pydantic import PlainValidator, WithJsonSchema

from accounts import sign_ins
from api import answers, arguments
from api.requests import KEY_HEADER, Arguments, JsonBody, Key, arguments_of
from api.verbs import VERBS, Verb
from committee.models import Committee, Meeting, Person
from office.labels import ACTIONS
from proposals.models import Proposal
from regulation.refused import Refused
from web import idempotent_forms, problems
from web.problems import Invalid, Problem
from web.seen import SeenRow
from web.viewer import viewer_of

#: rows on a page of a list
PAGE = 100
MAX_DIGITS = 18

_MEETING = SeenRow(Meeting, "committee")


# -- What a person may see ---------------------------------------------------------------------------------

reading = Router()
Reads = TypeVar("Reads", bound=Callable[..., JsonResponse])


def _read_after(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS):
        raise Invalid("after", "expects an id")
    return int(value)


After = Annotated[
    int,
    PlainValidator(_read_after),
    WithJsonSchema(
        {
            "type": "integer",
            "minimum": 0,
            "description": _("The last id of the page before; 0 for the first page."),
        }
    ),
    Query(0),
]
Id = Annotated[int, WithJsonSchema({"type": "integer", "minimum": 1, "description": _("The id.")}), Path(...)]


def _read(address: str, name: str, answer: Any, summary: Promise) -> Callable[[Reads], Reads]:
    def register(view: Reads) -> Reads:
        texts: Any = {"operation_id": view.__name__, "summary": summary, "tags": ["reading"]}
        return reading.api_operation(["GET", "HEAD"], address, url_name=name, response=answer, **texts)(view)

    return register


@_read("/", "api", answers.Index, _("Who is signed in, the person's committees, and every verb"))
def index(request: HttpRequest) -> JsonResponse:
    """Who is signed in, the committees of the person, and every verb with its arguments."""
    who = viewer_of(request)
    rows = Committee.objects.filter(branch__bank=who.person.bank_id).select_related("branch").order_by("pk")
    told: answers.Index = {
        "person": {"staff_no": who.person.staff_no, "name": who.person.display_name},
        "committees": [{"id": each.pk, "name": str(each)} for each in rows if who.belongs_to(each)],
        "verbs": {
            name: {
                "arguments": {argument: kind.value for argument, kind in verb.payload_kinds.items()},
                "optional": sorted(verb.optional | verb.pins.keys()),
            }
            for name, verb in VERBS.items()
        },
    }
    return _json(told)


@_read("/proposals/", "api-proposals", answers.Proposals, _("The proposals that the person sees"))
def proposals(request: HttpRequest, after: After) -> JsonResponse:
    """The proposals that the person sees, in order of their ids."""
    rows, more = _page(request, answers.proposals_of(viewer_of(request).person), after)
    told: answers.Proposals = {"proposals": [answers.proposal_summary(row) for row in rows], "next": more}
    return _json(told)


@_read("/proposals/{int:pk}/", "api-proposal", answers.ProposalDetails, _("A proposal, with its votes"))
def proposal(request: HttpRequest, pk: Id) -> JsonResponse:
    """A proposal that the person sees."""
    told = answers.proposal_details(pk, viewer_of(request).person)
    if told is None:
        raise Http404
    return _json(told)


@_read("/meetings/", "api-meetings", answers.Meetings, _("The meetings that the person sees"))
def meetings(request: HttpRequest, after: After) -> JsonResponse:
    """The meetings that the person sees, in order of their ids."""
    rows, more = _page(request, answers.meetings_of(viewer_of(request).person), after)
    told: answers.Meetings = {"meetings": [answers.meeting_summary(row) for row in rows], "next": more}
    return _json(told)


@_read(
    "/meetings/{int:pk}/",
    "api-meeting",
    answers.MeetingDetails,
    _("A meeting, with the proposals on its agenda"),
)
def meeting(request: HttpRequest, pk: Id) -> JsonResponse:
    """A meeting that the person sees."""
    person = viewer_of(request).person
    return _json(answers.meeting_details(_MEETING.get_or_404(person, pk), person))


@_read("/dispatches/", "api-dispatches", answers.Dispatches, _("What was sent that the person sees"))
def dispatches(request: HttpRequest, after: After) -> JsonResponse:
    """What was sent to the person, and what the person sends or audits, in order of the ids."""
    rows, more = _page(request, answers.dispatches_of(viewer_of(request).person), after)
    told: answers.Dispatches = {"dispatches": [answers.dispatch_details(row) for row in rows], "next": more}
    return _json(told)


@_read(
    "/dispatches/{int:pk}/", "api-dispatch", answers.DispatchDetails, _("Something sent, with its receipts")
)
def dispatch(request: HttpRequest, pk: Id) -> JsonResponse:
    """Something sent that the person sees."""
    return _json(
        answers.dispatch_details(get_object_or_404(answers.dispatches_of(viewer_of(request).person), pk=pk))
    )


def _page(request: HttpRequest, rows: QuerySet[Any], after: int) -> tuple[list[Any], str | None]:
    """A page of the rows after the id, and the address of the next page, None on the last one."""
    found = list(rows.filter(pk__gt=after).order_by("pk")[: PAGE + 1])
    page = found[:PAGE]
    return page, f"{request.path}?after={page[-1].pk}" if len(found) > PAGE else None


# -- What a person may do ----------------------------------------------------------------------------------


def _act(request: HttpRequest, name: str, body: Arguments, key: str) -> JsonResponse:
    """Perform the act and return its object as it is afterwards."""
    verb, asked_for = body.verb, body.given()
    person = viewer_of(request).person
    if verb.confirmed:
        answer = sign_ins.check_password(request, person, asked_for.pop("password"))
        if answer.wait:
            return problems.held_up("request/locked", int(answer.wait.total_seconds()))
        if answer.person is None:
            raise Problem("request/not-confirmed")

    def do() -> tuple[object, int]:
        given = arguments.with_rows(verb, asked_for, person)
        made = verb.do(by=person, arguments={**given, "key": key} if verb.keyed else given)
        return made, _led(verb, given, made)

    if not key or verb.keyed:
        made, led_to = do()
        return _done(verb, person, led_to, made=made)
    sent = hashlib.sha256(f"{name}\0{sorted(asked_for.items())}".encode()).hexdigest()
    kept, first = idempotent_forms.act_once(person, key, sent, lambda: str(do()[1]))
    return _done(verb, person, int(kept), again=not first)


def _led(verb: Verb, given: Mapping[str, Any], made: object) -> int:
    """The id of the object created, or else of the object acted on."""
    led_to = made if isinstance(made, Proposal | Meeting) and verb.makes else given[verb.subject]
    return int(led_to.pk)


def _done(verb: Verb, person: Person, pk: int, *, made: object = None, again: bool = False) -> JsonResponse:
    """The response with the object as the person sees it now; only its id if the person no longer does."""
    told: dict[str, Any] = {verb.leads_to: _seen(verb.leads_to, pk, person) or {"id": pk}}
    if made is not None and verb.tells is not None:
        told |= verb.tells(made)
    response = _json(told)
    if verb.makes and not again:
        response.status_code = 201
        response["Location"] = reverse(f"api-{verb.leads_to}", args=[pk])
    return response


def _seen(kind: str, pk: int, person: Person) -> Mapping[str, Any] | None:
    if kind == "proposal":
        return answers.proposal_details(pk, person)
    if kind == "meeting":
        meeting = answers.meetings_of(person).filter(pk=pk).first()
        return meeting and answers.meeting_details(meeting, person)
    if kind == "dispatch":
        sent = answers.dispatches_of(person).filter(pk=pk).first()
        return sent and answers.dispatch_details(sent)
    return None


def _json(payload: Mapping[str, Any]) -> JsonResponse:
    return JsonResponse(payload, json_dumps_params={"ensure_ascii": False})


# -- The operations, and how they are answered -------------------------------------------------------------


class Site(NinjaAPI):
    """The API of django-ninja, whose errors are problems."""

    verbs: Mapping[str, Verb]

    def set_default_exception_handlers(self) -> None:
        """Install only our handlers: other exceptions are left to Django, as on pages."""
        for each in (Problem, Invalid, Refused, Http404):
            self.add_exception_handler(each, _problem)


def _problem(_request: HttpRequest, error: Any) -> JsonResponse:
    """The response for an exception, as a problem."""
    match error:
        case Problem():
            return problems.request(error.code)
        case Invalid():
            return problems.invalid(error)
        case Refused():
            return problems.refused(error)
    return problems.refused(Refused("access/not-found"))


def site(verbs: Mapping[str, Verb]) -> Site:
    """The API with its reading operations and one operation for each verb."""
    found = Site(title="Lianxi 联席", version="1", openapi_url=None, docs_url=None)
    found.verbs = verbs
    found.add_router("", reading)
    for name, verb in verbs.items():
        summary: Any = ACTIONS[name]  # lazy, since the document is in its reader's language
        found.post(
            f"/{name}/",
            url_name="api-act",
            operation_id=name,
            summary=summary,
            response=dict.fromkeys((201, 200) if verb.makes else (200,), answers.answer_of(name, verb)),
            tags=[verb.kind],
        )(_operation(name, verb))
    return found


def _operation(name: str, verb: Verb) -> Callable[..., JsonResponse]:
    def operation(request: HttpRequest, **given: Any) -> JsonResponse:
        return _act(request, name, given["asked"], given["key"])

    contribute_operation_args(operation, "asked", arguments_of(name, verb), JsonBody(...))
    contribute_operation_args(operation, "key", Key, Header("", alias=KEY_HEADER))
    return operation


def answering(pattern: URLPattern) -> URLPattern:
    """The URL pattern of an operation, with the common error handling.

    Django's middleware checks the CSRF token, which django-ninja would skip, and other methods are answered
    with a problem.
    """

    @problems.for_programs
    def answer(request: HttpRequest, /, *args: Any, **named: Any) -> HttpResponseBase:
        response: HttpResponseBase = pattern.callback(request, *args, **named)
        if isinstance(response, HttpResponseNotAllowed):
            return not_allowed(*sorted(response["Allow"].split(", ")))
        response["Cache-Control"] = "no-store"
        return response

    return URLPattern(pattern.pattern, answer, name=pattern.name)


@problems.for_programs
def unknown(request: HttpRequest, verb: str) -> JsonResponse:
    """The problem of an unknown verb."""
    return problems.request("request/unknown") if request.method == "POST" else not_allowed("POST")


def not_allowed(*methods: str) -> JsonResponse:
    """The problem of a method that the address does not accept."""
    response = problems.request("request/method")
    response["Allow"] = ", ".join(methods)
    return response


def forged(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """The response to a request without its CSRF token: Django's page, or a problem for programs."""
    if not request.path.startswith(reverse("api")):
        return csrf_failure(request, reason=reason)
    return problems.request("request/forged" if request.user.is_authenticated else "request/not-signed-in")


SITE = site(VERBS)
patterns = [
    answering(each) for each in SITE.urls[0] if isinstance(each, URLPattern) and each.name != "api-root"
]
