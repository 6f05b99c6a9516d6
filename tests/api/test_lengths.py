"""Lengths come before elements: what is too long is refused without looking at what it is made of."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from api import json_input
from api.verbs import VERBS
from committee.acts import Kind
from committee.models import Person
from proposals.plan import drafts, fields
from proposals.plan.limits import MAX_ROWS, MAX_TEXT
from proposals.plan.problem import json_path
from proposals.plan.schema import Terms
from regulation.refused import Refused
from rehearsal import schema
from tests.proposals.plans import FULL, with_value
from web import limits

MILLION = 10**6
LISTS = {Kind.PROPOSALS, Kind.SEATS, Kind.WORDS, Kind.MINUTES_EACH}
OBJECTS = {Kind.PLAN, Kind.PLAN_PART, Kind.NUMBERS}
TEXTS = {Kind.TEXT, Kind.WORD}
SMALL = {Kind.COMMITTEE: 1, Kind.PROPOSAL: 1, Kind.MEETING: 1}


@pytest.fixture
def browser(db: None) -> Client:
    client = Client(raise_request_exception=False)
    person = Person.objects.create(username="a", staff_no="1", display_name="甲")
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    """No element is read, and no plan validated."""

    def touched(*_given: Any, **_named: Any) -> Any:
        raise AssertionError("an element was looked at")

    reads = [(json_input, "_no_constant"), (Terms, "model_validate")]
    for owner, name in reads:
        monkeypatch.setattr(owner, name, touched)
    read = json_input.a_number

    def few(place: json_input.Place, value: Any, *rest: Any) -> int:
        assert len(place) == 1, "an element was looked at"
        return read(place, value, *rest)

    monkeypatch.setattr(json_input, "a_number", few)


def reading(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is parsed as JSON from now on."""
    parsed: list[str] = []

    def loads(text: str, **named: Any) -> Any:
        parsed.append(text)
        return json.loads(text, **named)

    monkeypatch.setattr(
        json_input, "json", SimpleNamespace(loads=loads, JSONDecodeError=json.JSONDecodeError)
    )
    return parsed


def sent(browser: Client, verb: str, body: str) -> Any:
    assert len(body) <= json_input.MAX_BYTES
    limits.counters.forget()  # how often one person may ask is not what is asked here
    return browser.post(f"/api/{verb}/", body, content_type="application/json")


def arguments(*kinds: set[Kind]) -> list[tuple[str, str]]:
    wanted = set().union(*kinds)
    return [
        (name, each)
        for name, verb in VERBS.items()
        for each, kind in verb.payload_kinds.items()
        if kind in wanted
    ]


@pytest.mark.parametrize("element", ["{}", "1", '"a"', "[]"])
def test_a_million_elements_are_not_even_parsed(
    browser: Client, untouched: None, monkeypatch: Any, element: str
) -> None:
    parsed = reading(monkeypatch)
    answer = sent(browser, "draft", '{"plan": [' + ",".join([element] * MILLION) + "]}")
    assert (answer.status_code, parsed) == (413, [])
    assert answer["Content-Type"] == "application/problem+json"


def test_more_values_than_any_are_parsed_for_no_argument(
    browser: Client, untouched: None, monkeypatch: Any
) -> None:
    parsed = reading(monkeypatch)
    elements = ",".join(["{}"] * (json_input.MAX_VALUES + 1))
    for verb, name in arguments(LISTS, OBJECTS, TEXTS):
        answer = sent(browser, verb, f'{{"{name}": [{elements}]}}')
        assert (answer.status_code, parsed) == (413, []), (verb, name)
        assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("count", [2_001, 200_000])
def test_a_list_longer_than_any_is_refused_as_a_list(browser: Client, untouched: None, count: int) -> None:
    found = arguments(LISTS)
    assert found
    for verb, name in found:
        assert_refused_as_a_list(browser, verb, name, count)


def assert_refused_as_a_list(browser: Client, verb: str, name: str, count: int) -> None:
    asked = {each: SMALL[kind] for each, kind in VERBS[verb].payload_kinds.items() if kind in SMALL}
    rest = {
        "at": "2026-03-05T09:00+08:00",
        "place": "Room 3",
        "holder": "2",
        "document": "d",
        "powers": ["vote"],
        "plan": {},
        "changes": {},
        "proposals": [1],
    }
    asked |= {each: rest[each] for each in VERBS[verb].payload_kinds if each in rest} | {name: [1] * count}
    if verb == "authorise_proxy" and name == "powers":
        asked["proposals"] = []
    answer = sent(browser, verb, json.dumps(asked))
    assert answer.status_code == 413, (verb, name)
    assert answer.json()["code"] == "request/too-large"
    assert answer.json()["path"] == f"$.{name}"
    assert "at most" in answer.json()["detail"]


def test_an_object_with_more_keys_than_any_is_refused_as_an_object(browser: Client, untouched: None) -> None:
    keys = dict.fromkeys(map(str, range(100_000)), 1)
    for verb, name in arguments(OBJECTS):
        answer = sent(browser, verb, json.dumps({name: keys}))
        assert (answer.status_code, answer.json()["path"]) == (413, f"$.{name}"), verb


def lists_of(document: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all lists and objects of a plan."""
    if isinstance(document, dict | list):
        if place:
            yield place
        inside = document.items() if isinstance(document, dict) else enumerate(document)
        for key, value in inside:
            yield from lists_of(value, (*place, key))


@pytest.mark.parametrize("place", list(lists_of(FULL)), ids=str)
@pytest.mark.parametrize("value", [[{}] * 20_000, dict.fromkeys(map(str, range(20_000)), "x")])
def test_a_plan_with_too_much_in_any_place_is_one_problem(
    untouched: None, place: tuple[Any, ...], value: Any
) -> None:
    with pytest.raises(Refused, match="plan/invalid") as refused:
        drafts.parse_draft(with_value(place, value))
    assert refused.value.context["path"] == json_path(place)


def test_a_plan_whose_lists_together_are_too_long_is_one_problem(untouched: None) -> None:
    flows = [{"name": str(number), "flows": [{}] * 1_000} for number in range(100)]
    assert [each.key for each in drafts.problems({"alternatives": flows})] == ["parts"]


def test_the_largest_plans_are_taken() -> None:
    document = copy.deepcopy(FULL)
    for name in ("loans", "collateral", "guarantees", "sources", "milestones", "attachments"):
        document[name] = [*document[name], *[dict(document[name][0])] * MAX_ROWS][:MAX_ROWS]
    assert drafts._too_much(document) is None


def test_a_long_text_is_not_searched(monkeypatch: Any) -> None:
    monkeypatch.setattr(fields, "_NOT_STORED", None)
    (problem,) = drafts.problems({"title": "x" * (MAX_TEXT + 1)})
    assert problem.key == "long"


@pytest.mark.parametrize(
    "content",
    [
        '{"title": "t", "steps": [' + "{}," * MILLION + "{}]}",
        '{"title": "t", "proposals": {"P": {"loans": [' + "{}," * MILLION + "{}]}}}",
        "[" * MILLION,
    ],
    ids=["steps", "loans", "brackets"],
)
def test_a_rehearsal_of_too_much_is_refused_before_it_is_parsed(content: str, monkeypatch: Any) -> None:
    parsed = reading(monkeypatch)
    with pytest.raises(json_input.TooMuch):
        schema.read(content.encode())
    assert parsed == []


@pytest.mark.parametrize("begin", ['"' + '\\"' * MILLION, '"' * (MILLION + 1), '"' + "\\" * (MILLION + 1)])
def test_a_text_that_does_not_end_is_gone_through_once(begin: str) -> None:
    with pytest.raises(json_input.Invalid, match="JSON"):
        json_input.document((begin + "," * MILLION).encode())


def test_commas_in_texts_are_no_values() -> None:
    assert json_input.document(json.dumps(["a,[{" * 100_000, "\\", '"']).encode())[1:] == ["\\", '"']


def test_a_form_of_more_fields_than_any_is_told_so(browser: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 5
    fields = "&".join(f"f{number}=1" for number in range(6))
    answer = browser.post("/display/", fields, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert "提交的内容过多" in answer.content.decode()


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ('{"proposal": 1, "reason": "x", "reason": "y"}', "$.reason"),
        ('{"reason": "x", "proposal": 1, "proposal": 1}', "$.proposal"),
        ('{"a": 1, "b": {"c": 1, "d": [], "d": []}}', "$.b.d"),
        ('{"a": [{"c": 1}, {"c": 1, "d": 1, "c": 1}]}', "$.a[1].c"),
    ],
)
def test_a_key_given_twice_is_named_with_its_place(body: str, path: str) -> None:
    with pytest.raises(json_input.Invalid) as caught:
        json_input.document(body.encode())
    assert (caught.value.path, caught.value.expected) == (path, "expects each key once")
