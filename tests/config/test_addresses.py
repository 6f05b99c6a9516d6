"""Malformed hosts, headers, cookies, queries and numbers are refused and never an error of the site."""

from __future__ import annotations

import json
from http.cookies import SimpleCookie

import pytest
from django.test import Client
from django.urls import reverse
from django.urls.converters import IntConverter

from config import addresses
from tests.addresses import patterns
from tests.pages.pages import as_
from tests.pages.test_pages_access import names

HUGE = 99_999_999_999_999_999_999


def asked(client, address, **headers):
    client.raise_request_exception = False
    response = client.get(address, **headers)
    if response.streaming:
        response.getvalue()
    return response.status_code


# --- the host ---


HOSTS = {
    "testserver": 200, "testserver:80": 200, "testserver:65535": 200,
    "testserver:65536": 400, "testserver:99999": 400, "testserver:0": 400,
    f"testserver:{HUGE}": 400, "testserver:": 400, "testserver:x": 400, "testserver:-1": 400,
    "testserver:80:80": 400, "elsewhere.example": 400, "": 400, "test server": 400,
    "testserver\0": 400, "[::1": 400, "[::1]:99999": 400, "user@testserver": 400,
    "testserver/x": 400, "\xe6\x97": 400, ".": 400,
}  # fmt: skip


def test_a_host_that_cannot_be_is_a_bad_request(in_session):
    member, stranger = as_(in_session["seat2"]), Client()
    meeting = reverse("meeting", args=[in_session.meeting.pk])
    for client, address in ((member, reverse("desk")), (member, meeting), (stranger, reverse("login"))):
        found = {host: asked(client, address, HTTP_HOST=host) for host in HOSTS}
        assert found == HOSTS, address


def test_a_form_sent_to_such_a_host_is_one_too(founded):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    for host in ("testserver:99999", "testserver:x", "[::1"):
        odd = [{}, {"HTTP_ORIGIN": f"http://{host}"}, {"HTTP_REFERER": f"https://{host}/"}]
        statuses = [sent(client, HTTP_HOST=host, **more) for more in odd]
        assert statuses == [400, 400, 400], host
        assert [sent(client, **more) for more in odd] == [403, 403, 403], host


def sent(client, **headers):
    return client.post(reverse("login"), {"username": "x"}, **headers).status_code


# --- headers and cookies ---

ODD = [
    "",
    "\0",
    "x" * 5000,
    "\xe6\x97\xa5",
    "%00",
    "%ff",
    ";;;",
    '"',
    "=",
    "\t",
    "-1",
    "null",
    "[]",
    "1" * 400,
]


HEADERS = (
    "COOKIE", "ACCEPT_LANGUAGE", "USER_AGENT", "REFERER", "ORIGIN", "X_FORWARDED_FOR", "X_FORWARDED_PROTO",
    "X_FORWARDED_HOST", "X_REQUESTED_WITH", "HX_REQUEST", "HX_CURRENT_URL", "ACCEPT",
    "IF_MODIFIED_SINCE", "RANGE",
)  # fmt: skip


def test_odd_headers_are_no_fault(founded):
    client, stranger = as_(founded["liaison"]), Client(raise_request_exception=False)
    for name in HEADERS:
        for value in ODD:
            odd = {f"HTTP_{name}": value}
            assert asked(client, "/profile/password/", **odd) in (200, 302, 400, 401), odd
            given = {"username": "nobody", "password": value}
            assert stranger.post("/login/", given, **odd).status_code in (200, 400, 429), odd


COOKIES = ("sessionid", "csrftoken", "browser", "django_language", "theme", "unit", "messages")


def test_odd_cookies_are_no_fault(founded):
    client = as_(founded["liaison"])
    client.raise_request_exception = False
    signed_in = {name: each.value for name, each in client.cookies.items()}
    for name in COOKIES:
        for value in ODD:
            client.cookies = SimpleCookie(signed_in | {name: value})
            assert asked(client, "/profile/") in (200, 302, 400), (name, value)
            response = client.post("/login/", {"username": value, "password": "x"})
            assert response.status_code in (200, 302, 400, 429), (name, value)


# --- queries ---


LISTS = ("desk", "proposals", "meetings", "search", "messages", "streams", "exceptions", "figures", "month",
         "board", "sign-ins", "figure-cases", "regulation", "dockets", "api-proposals")  # fmt: skip
ASKS = ("q", "sort", "after", "before", "page", "state", "from", "to", "at_from", "kind", "seed", "of",
        "next", "show", "month", "committee", "unit", "year")  # fmt: skip
VALUES = ("%ff", "%", str(HUGE), f"-{HUGE}", "%D9%A3", "%E2%84%A2", "x" * 350, "%0a", "0001-01-01",
          "9999-12-31")  # fmt: skip


def test_no_query_is_a_fault(founded):
    """NUL is no part of any, whatever else is said; what makes no sense is left out or told."""
    client = as_(founded["auditor"])
    for address in map(reverse, LISTS):
        assert asked(client, f"{address}?q=%00") == 400
        for value in VALUES:
            query = "&".join(f"{each}={value}" for each in ASKS)
            assert asked(client, f"{address}?{query}") in (200, 302, 400, 404), (address, value)


# --- numbers in addresses ---


def numbered(value):
    """Every address that has a number in it, with this one."""
    for pattern in patterns():
        route = pattern.pattern
        if route.converters:
            given = {
                name: value if isinstance(each, IntConverter) else WORDS.get(name, "submit")
                for name, each in route.converters.items()
            }
            yield pattern.name, reverse(pattern.name, kwargs=given)


WORDS = {"sha256": "0" * 64, "token": "x", "slug": "loans", "kind": "csv", "name": "proposals"}


@pytest.mark.parametrize(("handle", "number"), [("auditor", 2**63), ("risk", 2**63 - 1)])
def test_a_number_that_no_row_has_is_not_there(founded, handle, number):
    client = as_(founded[handle])
    client.raise_request_exception = False
    addresses = dict(numbered(number))
    assert (
        {"proposal", "attachment-picture", "api-meeting", "sign-in-unlock"} <= addresses.keys() <= {*names()}
    )
    for name, address in addresses.items():
        if name in {"export", "exceptions-file", "saved-filters"}:  # they have no number
            continue
        for ask in (client.get, client.post):
            assert ask(address).status_code in (403, 404, 405, 415), (name, address)


def test_a_path_with_nul_or_a_bad_escape_is_no_fault(founded):
    client = as_(founded["liaison"])
    for address, status in (
        ("/proposals/%00/", 400), ("/%00", 400), ("/%ff/", 404), ("/%zz/", 404), ("/%/", 404),
        ("/audit/meeting:%00/", 400), ("/wall/%00/", 400), ("/calendar/%00.ics", 400),
        (f"/audit/meeting:{HUGE}/", 404), ("/search/%", 404), ("/" + "x" * 7000 + "/", 404),
    ):  # fmt: skip
        assert asked(client, address) == status, address


@pytest.mark.parametrize(
    "address", ["/" + "x" * 9000, "/%E6%97%A5" * 3000, "/search/?q=" + "x" * 9000, "/login/?" + "%26" * 3000]
)
def test_an_address_longer_than_any_is_told_so_before_it_is_read(founded, monkeypatch, address):
    monkeypatch.setattr(addresses, "unquote_to_bytes", None)
    client = as_(founded["liaison"])
    for ask in (client.get, client.post):
        response = ask(address)
        assert (response.status_code, "网址过长" in response.content.decode()) == (414, True)


def test_a_program_is_told_so_as_a_problem(founded):
    client = as_(founded["liaison"])
    response = client.get("/api/proposals/?after=" + "1" * 8000)
    assert (response.status_code, response.json()["code"]) == (414, "request/too-long")
    assert client.get("/api/proposals/?after=" + "1" * 7000).status_code == 400


def test_a_body_of_a_program_with_huge_numbers_is_told_so(founded):
    client = as_(founded["chair"])
    for value in (HUGE, -HUGE, 10**400):
        body = json.dumps({"proposal": value}).encode()
        response = client.post("/api/submit/", body, content_type="application/json")
        assert response.status_code in (400, 404)


def test_what_is_no_page_is_not_kept_either(founded):
    for address in ("/nothing/", "/login/", "/proposals/99999999999999999999/"):
        assert "no-store" in as_(founded["liaison"]).get(address).get("Cache-Control", "")
