"""The OpenAPI document as a file and as a readable page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from api import document
from api.views import not_allowed
from web import problems, shell

#: the names of the pages of all objects and of all problems, which no kind of operation has
OBJECTS, PROBLEMS = "objects", "problems"
_REF = "#/components/"
_TYPES = {
    "integer": _("whole number"),
    "string": pgettext_lazy("JSON", "text"),
    "boolean": _("true or false"),
    "object": _("object"),
    "null": _("null"),
}
_FORMATS = {"date-time": _("time"), "date": _("date"), "password": _("password")}


@dataclass(frozen=True)
class Member:
    """An argument, or a key of an object."""

    name: str
    #: its type, and for a schema the anchor on the page
    form: str
    shape: str
    help_text: str
    required: bool


@dataclass(frozen=True)
class Shape:
    """An object in responses or arguments."""

    name: str
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Reply:
    """The response to an act."""

    status: str
    description: str
    shape: str


@dataclass(frozen=True)
class Problem:
    """A problem that an act may have."""

    status: str
    code: str
    title: str


@dataclass(frozen=True)
class Operation:
    """An operation: address, arguments and response."""

    name: str
    method: str
    address: str
    summary: str
    members: tuple[Member, ...]
    answers: tuple[Reply, ...]
    #: status, code and title, without the problems of all acts
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Group:
    """The operations of one kind."""

    name: str
    title: str
    operations: tuple[Operation, ...]


@problems.for_programs
def openapi(request: HttpRequest) -> HttpResponse:
    """The document, in the language of the request."""
    if request.method not in ("GET", "HEAD"):
        return not_allowed("GET", "HEAD")
    response = HttpResponse(document.written(get_language() or "en"), content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The document as pages, for whoever is signed in: what there is; a kind, objects or problems in full.

    The address names which of them (`of`); what it names wrongly is left out.
    """
    openapi = json.loads(document.written(get_language() or "en"))
    of_all = _of_all(openapi)
    groups, asked = tuple(_groups(openapi, of_all)), request.GET.get("of", "")
    context = {
        "introduction": openapi["info"]["description"].split("\n\n"),
        "groups": groups,
        "shown": next((each for each in groups if each.name == asked), None),
        "shapes": tuple(_shapes(openapi)) if asked == OBJECTS else (),
        "problems": tuple(_all(groups, of_all)) if asked == PROBLEMS else (),
        "problems_of_all": of_all,
    }
    return shell.page(request, "api/reference.html", context, here="")


def _of_all(openapi: Mapping[str, Any]) -> tuple[Problem, ...]:
    """The problems that every act may have."""
    acts = [
        set(_problems(openapi, methods["post"])) for methods in openapi["paths"].values() if "post" in methods
    ]
    return tuple(sorted(set.intersection(*acts), key=lambda problem: (problem.status, problem.code)))


def _all(groups: Iterable[Group], of_all: Iterable[Problem]) -> list[Problem]:
    """Each problem that an act may have, once."""
    found = {each for group in groups for operation in group.operations for each in operation.problems}
    return sorted({*found, *of_all}, key=lambda problem: (problem.status, problem.code))


def _groups(openapi: Mapping[str, Any], of_all: tuple[Problem, ...]) -> Iterator[Group]:
    operations = [
        (operation["tags"], _operation(openapi, address, method, operation, of_all))
        for address, methods in openapi["paths"].items()
        for method, operation in methods.items()
    ]
    for tag in openapi["tags"]:
        found = tuple(each for tags, each in operations if tag["name"] in tags)
        yield Group(tag["name"], tag["description"], found)


def _operation(
    openapi: Mapping[str, Any],
    address: str,
    method: str,
    operation: Mapping[str, Any],
    of_all: tuple[Problem, ...],
) -> Operation:
    body = operation.get("requestBody")
    return Operation(
        operation["operationId"],
        method.upper(),
        address,
        operation["summary"],
        (*_parameters(operation), *(_members(_resolved(openapi, _schema(body))) if body else ())),
        tuple(
            Reply(status, response["description"], _name(_schema(response)))
            for status, response in operation["responses"].items()
            if problems.CONTENT_TYPE not in response["content"]
        ),
        tuple(problem for problem in _problems(openapi, operation) if problem not in of_all),
    )


def _parameters(operation: Mapping[str, Any]) -> Iterator[Member]:
    """The parameters in the address; the header of the key is described once, for all acts."""
    for each in operation["parameters"]:
        if each["in"] != "header":
            yield Member(each["name"], _form(each["schema"]), "", each["description"], each["required"])


def _problems(openapi: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[Problem]:
    for status, response in operation["responses"].items():
        (content,) = response["content"].values()
        for code, example in content.get("examples", {}).items():
            yield Problem(status, code, _resolved(openapi, example)["summary"])


def _shapes(openapi: Mapping[str, Any]) -> Iterator[Shape]:
    """The schemas of responses and plans; those of arguments are shown with the verb."""
    for name, schema in sorted(openapi["components"]["schemas"].items()):
        if not name.endswith("Arguments") or name == "VerbArguments":
            yield Shape(name, tuple(_members(schema)))


def _members(schema: Mapping[str, Any]) -> Iterator[Member]:
    for name, value in schema.get("properties", {}).items():
        required = name in schema.get("required", ())
        yield Member(name, _form(value), _shape(value), value.get("description", ""), required)


def _form(value: Mapping[str, Any]) -> str:
    """The type of the value as a text."""
    if "anyOf" in value:
        return gettext(" or ").join(_form(each) for each in value["anyOf"])
    if "enum" in value:
        return gettext(" or ").join(map(str, value["enum"]))
    if "$ref" in value:
        return _name(value)
    if value.get("type") == "array":
        return gettext("list of %(what)s") % {"what": _form(value.get("items", {}))}
    known = _FORMATS.get(value.get("format", "")) or _TYPES.get(value.get("type", ""))
    return str(known or "")


def _shape(value: Mapping[str, Any]) -> str:
    """The schema of the value or of its items; empty without one."""
    for each in (value, value.get("items", {}), *value.get("anyOf", ())):
        if "$ref" in each:
            return _name(each)
    return ""


def _name(value: Mapping[str, Any]) -> str:
    return str(value.get("$ref", "")).rpartition("/")[2]


def _schema(has_content: Mapping[str, Any]) -> Mapping[str, Any]:
    (content,) = has_content["content"].values()
    schema: Mapping[str, Any] = content["schema"]
    return schema


def _resolved(openapi: Mapping[str, Any], value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema that the value refers to, or the value itself."""
    if "$ref" not in value:
        return value
    kind, name = value["$ref"].removeprefix(_REF).split("/")
    found: Mapping[str, Any] = openapi["components"][kind][name]
    return found
