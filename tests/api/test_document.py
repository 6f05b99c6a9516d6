"""The OpenAPI document is valid, has what the table of verbs has, and says what is enforced."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from api import document
from api.answers import TOLD_ALONE
from api.arguments import VALUES
from api.verbs import VERBS
from api.views import SITE, answering, site
from committee.acts import Kind
from regulation.codes import CODES
from tests.api.test_api import COMMON, requests
from tests.pages.pages import EVERYBODY, as_, give_password
from tests.stage import undone
from web.problems import REQUESTS, Invalid

LANGUAGES = ("en", "zh-hans")


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(document.written("en"))
    return found


def arguments_of(told: dict[str, Any], verb: str) -> dict[str, Any]:
    body = told["paths"][f"/api/{verb}/"]["post"]["requestBody"]
    assert body["required"]
    found: dict[str, Any] = resolved(told, body["content"]["application/json"]["schema"])
    return found


def resolved(told: dict[str, Any], schema: dict[str, Any]) -> Any:
    return told["components"]["schemas"][schema["$ref"].rpartition("/")[2]]


def conforms(told: dict[str, Any], schema: dict[str, Any], value: Any) -> bool:
    return Draft202012Validator({**schema, "components": told["components"]}).is_valid(value)


# -- The document is one, and all of it ---------------------------------------------------------------------


#: what is in a language; of a schema a property may have such a name
TEXTS = {"title", "summary", "description", "tags", "examples"}


def without_texts(told: Any) -> Any:
    """The document without its texts."""
    if isinstance(told, list):
        return [without_texts(each) for each in told]
    if not isinstance(told, dict):
        return told
    return {
        key: without_texts(each)
        for key, each in told.items()
        if key not in TEXTS or (isinstance(each, dict) and "type" in each)
    }


def test_it_is_a_valid_document_of_openapi_and_one_in_both_languages() -> None:
    told, other = (json.loads(document.written(language)) for language in LANGUAGES)
    assert told["openapi"] == "3.1.0"
    validate(told)
    assert other != told
    assert without_texts(other) == without_texts(told)


def test_each_verb_has_its_operation_with_exactly_its_arguments(told: dict[str, Any]) -> None:
    for name, verb in VERBS.items():
        schema = arguments_of(told, name)
        assert list(schema["properties"]) == list(verb.payload_kinds), name
        assert set(schema["required"]) == verb.payload_kinds.keys() - verb.optional - verb.pins.keys(), name
        assert schema["additionalProperties"] is False
        assert ("anyOf" in schema) is verb.at_least_one, name


def test_its_addresses_are_those_of_the_site(told: dict[str, Any]) -> None:
    acts = {f"/api/{name}/" for name in VERBS}
    assert {path for path, methods in told["paths"].items() if "post" in methods} == acts
    assert {path: [*methods] for path, methods in told["paths"].items() if path not in acts} == {
        "/api/": ["get"],
        "/api/proposals/": ["get"],
        "/api/proposals/{pk}/": ["get"],
        "/api/meetings/": ["get"],
        "/api/meetings/{pk}/": ["get"],
        "/api/dispatches/": ["get"],
        "/api/dispatches/{pk}/": ["get"],
    }


def test_a_verb_that_leaves_the_table_leaves_the_document_and_the_addresses() -> None:
    fewer = {name: verb for name, verb in VERBS.items() if name != "cast"}
    smaller = document.document(site(fewer))
    assert set(json.loads(document.written("en"))["paths"]) - set(smaller["paths"]) == {"/api/cast/"}
    assert "CastArguments" not in smaller["components"]["schemas"]
    routes = {str(answering(each).pattern) for each in site(fewer).urls[0]}
    assert {str(each.pattern) for each in SITE.urls[0]} - routes == {"cast/"}


def test_an_act_takes_a_key_and_the_token_of_its_session(told: dict[str, Any]) -> None:
    schemes = told["components"]["securitySchemes"]
    assert (schemes["session"]["name"], schemes["csrf"]["name"]) == ("sessionid", "X-CSRFToken")
    for methods in told["paths"].values():
        for method, operation in methods.items():
            wanted = {"get": {"session"}, "post": {"session", "csrf"}}[method]
            assert set(operation["security"][0]) == wanted
            headers = {each["name"] for each in operation["parameters"] if each["in"] == "header"}
            assert headers == ({"Idempotency-Key"} if method == "post" else set())


def test_each_code_has_its_status_and_an_example_with_the_way_out(told: dict[str, Any]) -> None:
    seen = set()
    for methods in told["paths"].values():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                for code, example in (
                    response["content"].get("application/problem+json", {}).get("examples", {}).items()
                ):
                    value = told["components"]["examples"][example["$ref"].rpartition("/")[2]]["value"]
                    assert (value["code"], str(value["status"])) == (code, status)
                    assert value["remedy"]
                    assert conforms(told, {"$ref": "#/components/schemas/ProblemDetails"}, value)
                    seen.add(code)
    assert seen <= CODES.keys() | REQUESTS.keys()
    assert REQUESTS.keys() - seen == {"request/unknown", "request/method", "request/too-long"}
    assert len(seen & CODES.keys()) > 50


def texts(found: Any) -> Iterator[str]:
    """The descriptions and summaries, but of what has a name of its own."""
    if isinstance(found, dict):
        for name, value in found.items():
            if name in ("description", "summary") and isinstance(value, str):
                yield value
            yield from texts(value)
    elif isinstance(found, list):
        for value in found:
            yield from texts(value)


def test_in_chinese_every_text_is_chinese() -> None:
    told = json.loads(document.written("zh-hans"))
    found = list(texts(told))
    assert len(found) > 500
    assert {text for text in found if not re.search(r"[\u4e00-\u9fff]", text)} == set()


# -- It says what is enforced -------------------------------------------------------------------------------

GOOD: dict[Kind, list[Any]] = {
    Kind.MOMENT: ["2026-03-05T09:00Z", "2026-03-05T09:00:01.5+08:00"],
    Kind.DATE: ["2026-03-05"],
    Kind.PERSON: ["L-1"],
    Kind.QUESTION: ["plan", "special-circumstances"],
    Kind.MODE: ["video"],
    Kind.FLAG: [True, False],
    Kind.PLAN: [{}],
    Kind.PLAN_PART: [{}],
    Kind.NUMBERS: [{}, {"seats": 5}],
    Kind.FILE: ["", "TFM="],
    Kind.ROWS: [[], [{}], [{"amount": "5.00", "year": 2026}]],
}
BAD: list[Any] = [
    0,
    -1,
    2**63,
    1.5,
    True,
    "",
    "x",
    "2026-3-5",
    "2026-03-05T09:00",
    None,
    [None],
    [0],
    {},
    ["x"],
    [1],
]


@pytest.mark.parametrize("kind", Kind)
def test_a_value_is_read_where_its_schema_has_it(kind: Kind) -> None:
    """Of these values; that half a surrogate pair or a day that never was is none, no schema says."""
    value, judge = VALUES[kind], Draft202012Validator(VALUES[kind].schema)
    good = GOOD.get(kind, [])
    assert all(judge.is_valid(each) for each in good)
    for each in [*good, *BAD]:
        try:
            value.read(("x",), each)
        except Invalid:
            read = False
        else:
            read = True
        if kind is not Kind.PLAN:  # what a plan is the engine judges, and refuses with a code of its own
            assert read is judge.is_valid(each), each


def test_the_least_and_the_most_that_a_schema_allows_no_action_fails_on(taken_up: Any) -> None:
    """Each extreme argument is accepted or refused; none is an error of the site."""
    give_password(taken_up, "chair")
    tried = set()
    for handle in ("chair", "liaison", "risk"):
        client = as_(taken_up[handle])
        for name in COMMON:
            verb, body = VERBS[name], requests(taken_up, name)[0]
            for argument in verb.takes:
                schema = VALUES[verb.takes[argument]].schema
                for value in (schema.get("minimum"), schema.get("maximum")):
                    if value is None:
                        continue
                    said = json.dumps({**body, argument: value}, default=lambda at: at.isoformat())
                    with undone():
                        answer = client.post(f"/api/{name}/", said, content_type="application/json")
                    assert answer.status_code < 500, (name, argument, value)
                    tried.add((name, argument))
    assert {("give_floor", "minutes"), ("answer_question", "question"), ("fill_seat", "seat")} <= tried


def test_what_is_told_has_the_shape_that_it_says(voting: Any, told: dict[str, Any]) -> None:
    client = as_(voting["chair"])
    for address, path in (
        ("/api/", "/api/"),
        ("/api/proposals/", "/api/proposals/"),
        ("/api/meetings/", "/api/meetings/"),
        ("/api/dispatches/", "/api/dispatches/"),
        ("/api/dispatches/999999/", "/api/dispatches/{pk}/"),
        ("/api/proposals/?after=x", "/api/proposals/"),
        ("/api/meetings/?after=", "/api/meetings/"),
        ("/api/proposals/999999/", "/api/proposals/{pk}/"),
        (f"/api/proposals/{voting.proposal.pk}/", "/api/proposals/{pk}/"),
        (f"/api/meetings/{voting.meeting.pk}/", "/api/meetings/{pk}/"),
    ):
        answered(told, client.get(address), told["paths"][path]["get"])


@pytest.mark.parametrize("handle", ["chair", "liaison", "handler_head", "outsider"])
def test_each_act_is_answered_in_the_shape_that_it_says(
    voting: Any, told: dict[str, Any], handle: str
) -> None:
    give_password(voting, handle)
    client, alone = as_(voting[handle]), {}
    for verb in COMMON:
        body = json.dumps(requests(voting, verb)[0], default=lambda at: at.isoformat())
        with undone():
            answer = client.post(f"/api/{verb}/", body, content_type="application/json")
        answered(told, answer, told["paths"][f"/api/{verb}/"]["post"])
        if verb in TOLD_ALONE and answer.status_code == 200:
            alone[verb] = answer.json().keys() - {VERBS[verb].leads_to}
    assert alone == {verb: TOLD_ALONE[verb].keys() for verb in alone}
    assert bool(alone) is (handle in ("chair", "liaison"))
    assert TOLD_ALONE.keys() == {name for name, verb in VERBS.items() if verb.tells is not None}


def answered(told: dict[str, Any], answer: Any, operation: dict[str, Any]) -> None:
    response = operation["responses"][str(answer.status_code)]
    content = response["content"][answer["Content-Type"]]
    body = answer.json()
    assert conforms(told, content["schema"], body), (operation["operationId"], body)
    assert body.get("code") in content.get("examples", [None]), (operation["operationId"], body)


# -- Who reads it -------------------------------------------------------------------------------------------


def test_whoever_is_signed_in_reads_it_in_their_language(founded: Any) -> None:
    for handle in EVERYBODY:
        answer = as_(founded[handle]).get("/api/openapi.json")
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
        assert as_(founded[handle]).get("/api/docs/").status_code == 200
    chinese = as_(founded["chair"], "zh-hans").get("/api/openapi.json").json()
    assert chinese["paths"]["/api/cast/"]["post"]["summary"] == "投票"
    assert as_(founded["chair"]).post("/api/openapi.json").json()["code"] == "request/method"


def test_without_a_session_it_is_not_told(db: None) -> None:
    assert Client().get("/api/openapi.json").json()["code"] == "request/not-signed-in"
    assert Client().get("/api/docs/")["Location"] == "/login/?next=/api/docs/"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_each_verb_with_its_arguments(founded: Any, language: str) -> None:
    told = json.loads(document.written(language))
    pages = {
        name: as_(founded["seat2"], language).get(reverse("api-docs"), {"of": name}).content.decode()
        for name in ("", "objects", "problems", "nothing of the kind", *(tag["name"] for tag in told["tags"]))
    }
    assert {name: len(page) for name, page in pages.items() if len(page.encode()) > 60_000} == {}
    shown = "".join(pages.values())
    for each in re.findall(r"<code>(\d{3} [\w./-]+)</code><br>", shown):
        assert f"<code>{each}</code>" in pages["problems"], each
    anchors = {
        f"?of={name}#{found}" for name, page in pages.items() for found in re.findall(r' id="([\w-]+)"', page)
    }
    assert set(re.findall(r'href="(\?of=[\w-]+#[\w-]+)"', shown)) <= anchors
    articles = dict(re.findall(r'<article class="operation" id="(\w+)">(.*?)</article>', shown, re.DOTALL))
    assert articles.keys() >= VERBS.keys()
    for name, verb in VERBS.items():
        operation = told["paths"][f"/api/{name}/"]["post"]
        assert f"POST /api/{name}/" in articles[name]
        assert operation["summary"] in shown
        rows = re.findall(r'<th scope="row"[^>]*>\s*<code>(\w+)</code>(.*?)</th>', articles[name], re.DOTALL)
        assert [argument for argument, _ in rows] == list(verb.payload_kinds)
        left_out = {argument for argument, mark in rows if "<span" in mark}
        assert left_out == verb.optional | verb.pins.keys()
