"""The OpenAPI document, in the reader's language.

django-ninja makes it from the operations; added here are how to sign in, the problems that may occur, and the
parts of a plan.
"""

from __future__ import annotations

import inspect
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.conf import settings
from django.http import JsonResponse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from ninja.responses import NinjaJSONEncoder
from pydantic import TypeAdapter

from api import help_texts
from api.answers import ProblemDetails
from api.verbs import Verb
from api.views import SITE, Site
from committee.acts import Kind
from proposals.labels import FIELDS
from proposals.plan.schema import Terms
from regulation.codes import CODES
from regulation.refused import Refused
from web import problems
from web.problems import REQUESTS, Invalid

PREFIX = "api/"
_CODE = re.compile(r"`([a-z0-9.]+/[a-z-]+)`")
_SCHEMAS = "#/components/schemas/"

#: problems of every request, of reading, of acting, and where the password is asked for again
_ANY = ("request/not-signed-in", "request/password-given", "site/away", "site/busy")
_READ = (*_ANY, "access/not-found")
_ACT = (
    *_ANY,
    "access/not-found",
    "state/not-allowed",
    "request/invalid",
    "request/forged",
    "request/too-large",
    "request/not-json",
    "request/key-used",
    "request/too-many",
)
_CONFIRMED = ("request/not-confirmed", "request/locked")

_STATUSES: Mapping[str, str | Promise] = {
    "200": _("Done: the object as it is now."),
    "reading": _("What the person sees."),
    "201": _("Made: the new object, whose address the header Location has."),
    "400": _("The request is not as it should be."),
    "401": _("Nobody is signed in."),
    "403": _("The person may not do this."),
    "404": _("It is not there, or the person may not see it."),
    "409": _("The state does not allow it."),
    "413": _("The request is too large."),
    "415": _("The request is not JSON."),
    "422": _("A rule does not allow it."),
    "429": _("Too many requests were sent."),
    "503": _("The database does not answer at this moment."),
}
_HEADERS: Mapping[str, Mapping[str, str | Promise]] = {
    "201": {"Location": _("The address of what was made.")},
    "429": {"Retry-After": _("Seconds after which to try again.")},
    "503": {"Retry-After": _("Seconds after which to try again.")},
}
_PROBLEM: Mapping[str, str | Promise] = {
    "title": _("What is wrong."),
    "status": _("The HTTP status."),
    "code": _("What a program should look at; it is stable."),
    "remedy": _("What one can do now."),
    "article": _("Of a refusal: the article, null for the general codes."),
    "citation": _("How the article is cited."),
    "quotation": _("The words of the article."),
    "path": _("Where the request is not as it should be."),
    "detail": _("What is expected there."),
}
_TAGS: Mapping[str, str | Promise] = {
    "reading": _("Reading"),
    "proposal": _("Acts on a proposal"),
    "resolved": _("Acts on a resolved proposal"),
    "meeting": _("Acts on a meeting"),
    "committee": _("Acts on a committee"),
    "dispatch": _("Acts on something sent"),
    "institution": _("Acts on an institution of the ledger"),
    "household": _("Acts on a household of the ledger"),
    "loan": _("Acts on a loan"),
    "duty": _("Acts on a duty"),
    "tape": _("Acts on a tape of loans"),
    "warning": _("Acts on a warning"),
    "supervision": _("Acts on a supervision"),
    "admonishment": _("Acts on an admonishment"),
    "target_set": _("Acts on a year's targets"),
    "review": _("Acts on a review of responsibility"),
}
_INTRODUCTION = (
    _("A program signs in as a person does, with the session's cookie, and may do what that person may do."),
    _("Each POST has the value of the CSRF cookie as the header X-CSRFToken, and a body of JSON in UTF-8."),
    _(
        "With a header Idempotency-Key, a new one for each act, an act is done once: the same request sent"
        " again is answered with what was done."
    ),
    _("What is not done is answered with application/problem+json; its code is stable, its texts are not."),
)


@cache
def written(language: str) -> str:
    """The site's document in the language, as JSON."""
    with translation.override(language):
        return json.dumps(document(SITE), ensure_ascii=False)


def document(site: Site) -> dict[str, Any]:
    """The document of the site's operations."""
    schema = site.get_openapi_schema(path_prefix=PREFIX)
    found: dict[str, Any] = json.loads(json.dumps(schema, cls=NinjaJSONEncoder))
    codes: set[str] = set()
    for methods in found["paths"].values():
        methods.pop("head", None)
        for method, operation in methods.items():
            verb = site.verbs[operation["operationId"]] if method == "post" else None
            operation.pop("description", None)
            operation["security"] = [{"session": [], "csrf": []} if verb else {"session": []}]
            problems = refusals(verb) if verb else _READ
            if any(each["in"] == "query" for each in operation["parameters"]):
                problems = (*problems, "request/invalid")
            codes |= set(problems)
            _describe_answers(operation["responses"], problems)
            if verb is None:
                operation["responses"]["200"]["description"] = str(_STATUSES["reading"])
            else:
                _name_plans(found["components"]["schemas"], operation, verb)
    found["info"]["description"] = "\n\n".join(map(str, _INTRODUCTION))
    found["tags"] = [{"name": name, "description": str(text)} for name, text in _TAGS.items()]
    _add_components(found["components"], codes)
    return found


def refusals(verb: Verb) -> tuple[str, ...]:
    """The codes of the problems that a request for the verb may have, those named by its action first."""
    named = (verb.act.code, *_CODE.findall(inspect.getdoc(verb.act.do) or ""))
    confirmed = _CONFIRMED if verb.confirmed else ()
    return tuple(dict.fromkeys((*named, *_ACT, *confirmed)))


def _describe_answers(responses: dict[str, Any], codes: Iterable[str]) -> None:
    """Add to each status its description, its headers and, for problems, an example of each code."""
    by_status: defaultdict[str, list[str]] = defaultdict(list)
    for code in codes:
        by_status[str(REQUESTS[code][0] if code in REQUESTS else CODES[code].status)].append(code)
    for status, found in sorted(by_status.items()):
        examples = {code: {"$ref": f"#/components/examples/{_key(code)}"} for code in found}
        content = {"schema": {"$ref": f"{_SCHEMAS}ProblemDetails"}, "examples": examples}
        responses[status] = {"content": {problems.CONTENT_TYPE: content}}
    for status, response in responses.items():
        response["description"] = str(_STATUSES[status])
        headers = {
            name: {"description": str(text), "schema": {"type": "string"}}
            for name, text in _HEADERS.get(status, {}).items()
        }
        if headers:
            response["headers"] = headers


def _name_plans(schemas: dict[str, Any], operation: Mapping[str, Any], verb: Verb) -> None:
    """Refer to the schema of a plan where the verb takes a plan or keys of one."""
    body = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    properties = schemas[body.removeprefix(_SCHEMAS)]["properties"]
    for name, kind in verb.payload_kinds.items():
        if kind in (Kind.PLAN, Kind.PLAN_PART):
            properties[name] = {"$ref": f"{_SCHEMAS}Plan", "description": properties[name]["description"]}


def _add_components(components: dict[str, Any], codes: Iterable[str]) -> None:
    for shape, schema in components["schemas"].items():
        schema.pop("description", None)  # it is in one language only
        for key, value in schema["properties"].items():
            value.setdefault("description", str(help_texts.of_key(shape, key)))
    problem = TypeAdapter(ProblemDetails).json_schema()
    del problem["description"]
    for name, text in _PROBLEM.items():
        problem["properties"][name]["description"] = str(text)
    components["schemas"] |= {"ProblemDetails": problem, **_plan()}
    components["examples"] = {_key(code): _example(code) for code in sorted(codes)}
    components["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
        "csrf": {
            "type": "apiKey",
            "in": "header",
            "name": "X-CSRFToken",
            "description": gettext("What the cookie %(name)s holds.") % {"name": settings.CSRF_COOKIE_NAME},
        },
    }


def _plan() -> dict[str, Any]:
    """The schemas of the parts of a plan, with names; no key is required before the submission."""
    terms = Terms.model_json_schema(ref_template=f"{_SCHEMAS}Plan{{model}}")
    parts = {f"Plan{name}": part for name, part in terms.pop("$defs").items()} | {"Plan": terms}
    for part in parts.values():
        for name in ("required", "description"):
            part.pop(name, None)
        for name, value in part["properties"].items():
            value["description"] = str(FIELDS.get(name, name))
    return parts


def _key(code: str) -> str:
    return code.replace("/", "-")


def _example(code: str) -> dict[str, Any]:
    """An example of the problem's response."""
    answer: JsonResponse
    if code == "request/invalid":
        answer = problems.invalid(Invalid("$.reason", "expects a text"))
    elif code in REQUESTS:
        answer = problems.request(code)
    else:
        answer = problems.refused(Refused(code))
    value = json.loads(answer.content)
    return {"summary": value["title"], "value": value}
