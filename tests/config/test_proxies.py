"""A proxy is believed if it is one of ours; what anybody else says of the client is dropped."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured
from django.test import AsyncRequestFactory

from accounts import login_sessions
from config.proxies import TrustedProxies

PROXY, STRANGER, CLIENT = "10.0.0.5", "192.0.2.66", "198.51.100.7"
TRUSTED = [PROXY, "10.0.1.0/28", "fd00::/64"]
SAYS_HTTPS = {"x-forwarded-proto": "https", "x-forwarded-for": CLIENT}


def seen(
    peer: str | None, said: dict[str, str] | list[tuple[str, str]], *, kind: str = "http", **given: Any
) -> dict[str, Any]:
    """The scope that the application gets."""
    pairs = list(said.items()) if isinstance(said, dict) else said
    scope = {
        "type": kind,
        "scheme": {"http": "http", "websocket": "ws"}.get(kind),
        "client": None if peer is None else (peer, 50_000),
        "server": ("127.0.0.1", 8000),
        "headers": [(b"host", b"lianxi.example"), *((a.encode(), b.encode("latin-1")) for a, b in pairs)],
        **given,
    }
    return told(scope, trusted=TRUSTED)


def told(scope: dict[str, Any], trusted: list[str]) -> dict[str, Any]:
    got = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        got.append(scope)

    async_to_sync(TrustedProxies(application, trusted))(scope, None, None)
    (only,) = got
    return dict(only)


@pytest.mark.parametrize(("kind", "plain", "secure"), [("http", "http", "https"), ("websocket", "ws", "wss")])
def test_a_trusted_proxy_says_the_scheme_and_the_client(kind: str, plain: str, secure: str) -> None:
    scope = seen(PROXY, SAYS_HTTPS, kind=kind)
    assert (scope["scheme"], scope["client"]) == (secure, (CLIENT, 0))
    assert seen(PROXY, {"x-forwarded-proto": "http"}, kind=kind)["scheme"] == plain
    assert seen(PROXY, {}, kind=kind)["client"] == (PROXY, 50_000)


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "peer", [STRANGER, "10.0.0.6", "10.0.1.16", "fd01::1", "127.0.0.1", "not an address", None]
)
def test_of_a_stranger_nothing_is_believed(kind: str, peer: str | None) -> None:
    scope = seen(peer, SAYS_HTTPS, kind=kind)
    assert scope["scheme"] == {"http": "http", "websocket": "ws"}[kind]
    assert scope["client"] == (None if peer is None else (peer, 50_000))


@pytest.mark.parametrize("peer", [PROXY, STRANGER])
def test_no_such_header_goes_further_whoever_sent_it(peer: str) -> None:
    said = dict.fromkeys(
        [
            "x-forwarded-for",
            "x-forwarded-proto",
            "x-forwarded-host",
            "x-forwarded-port",
            "forwarded",
            "x-real-ip",
        ],
        "x",
    )
    assert seen(peer, said)["headers"] == [(b"host", b"lianxi.example")]


@pytest.mark.parametrize("peer", ["10.0.1.15", "fd00::1", "::ffff:10.0.0.5"])
def test_networks_and_mapped_addresses_are_proxies_too(peer: str) -> None:
    assert seen(peer, SAYS_HTTPS)["client"] == (CLIENT, 0)


@pytest.mark.parametrize(
    ("hops", "client"),
    [
        (f"1.1.1.1, {CLIENT}", CLIENT),  # the client's own claim comes first
        (f"{CLIENT}, 10.0.1.2", CLIENT),  # through two proxies
        (f"1.1.1.1, {CLIENT}, 10.0.1.2, {PROXY}", CLIENT),
        ("10.0.1.2", "10.0.1.2"),  # the proxy's own machine asks
        ("rubbish, 10.0.1.2", "10.0.1.2"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:198.51.100.7", CLIENT),
        ("rubbish", PROXY),
        ("1.1.1.1; DROP", PROXY),
        ("", PROXY),
        ("\xff", PROXY),
    ],
)
def test_the_client_is_the_last_address_that_is_no_proxy(hops: str, client: str) -> None:
    assert seen(PROXY, {"x-forwarded-for": hops})["client"][0] == client


def test_of_repeated_headers_the_last_counts_which_the_proxy_wrote() -> None:
    said = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", CLIENT)]
    said += [("x-forwarded-proto", "http"), ("x-forwarded-proto", "https")]
    scope = seen(PROXY, said)
    assert (scope["scheme"], scope["client"][0]) == ("https", CLIENT)


@pytest.mark.parametrize("scheme", ["", "ftp", "https, http", "javascript"])
def test_what_is_no_scheme_changes_none(scheme: str) -> None:
    assert seen(PROXY, {"x-forwarded-proto": scheme})["scheme"] == "http"


def test_a_unix_socket_is_trusted_where_it_is_named_and_a_lost_address_is_none() -> None:
    unix: dict[str, Any] = {
        "type": "http",
        "scheme": "http",
        "client": None,
        "server": ("/run/lianxi/site.sock", None),
        "headers": [(b"x-forwarded-proto", b"https"), (b"x-forwarded-for", CLIENT.encode())],
    }
    scope = told(unix, trusted=["unix"])
    assert (scope["scheme"], scope["client"]) == ("https", (CLIENT, 0))
    assert told(unix, trusted=TRUSTED)["scheme"] == "http"
    assert told({**unix, "server": ("127.0.0.1", 8000)}, trusted=["unix"])["scheme"] == "http"


def test_the_life_of_the_server_is_passed_on() -> None:
    assert told({"type": "lifespan"}, trusted=TRUSTED) == {"type": "lifespan"}


@pytest.mark.parametrize("wrong", ["*", "proxy.example", "10.0.0.1/8", "300.0.0.1", ""])
def test_what_is_no_address_is_refused_at_the_start(wrong: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXIES"):
        TrustedProxies(None, [wrong])


@pytest.mark.parametrize(("peer", "secure", "address"), [(PROXY, True, CLIENT), (STRANGER, False, STRANGER)])
def test_the_site_and_its_throttle_see_what_is_believed(peer: str, *, secure: bool, address: str) -> None:
    given = AsyncRequestFactory()._base_scope(path="/")
    said = [(name.encode(), value.encode()) for name, value in SAYS_HTTPS.items()]
    scope = told({**given, "headers": [*given["headers"], *said], "client": (peer, 50_000)}, trusted=TRUSTED)
    request = AsyncRequestFactory().request(**scope)
    assert request.is_secure() is secure
    assert login_sessions.client_address(request) == address
    assert "X-Forwarded-For" not in request.headers
