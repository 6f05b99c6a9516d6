"""What a machine asks: health, readiness and numbers, without login, session, host name or HTTPS."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer
from django.http import HttpResponse
from django.test import Client

from config import probes
from tests.config.test_settings import manage

TOKEN = "a token for monitoring that nobody guesses"
HERE = f"{__name__}."


class Broken(InMemoryChannelLayer):
    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        raise ConnectionError("redis://:secret@10.0.0.7 is gone")


class Silent(InMemoryChannelLayer):
    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await asyncio.sleep(3600)


def ask(path: str, **given: Any) -> Any:
    """What a stranger is told who asks by another host name than the site's."""
    return Client(headers={"Host": "10.9.8.7:8000"}).get(path, **given)


def layer(settings: Any, kind: type) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": HERE + kind.__name__}}


@pytest.fixture
def no_database(django_db_blocker: Any) -> None:
    """Whoever asks the database fails the test."""
    with django_db_blocker.block():
        yield


def test_a_process_that_lives_says_so_without_the_database(no_database: None) -> None:
    response = ask("/health/")
    assert (response.status_code, response.json()) == (200, {"status": "alive"})


def test_it_is_ready_when_the_database_answers_and_is_migrated(db: None) -> None:
    response = ask("/ready/")
    assert response.status_code == 200
    assert response.json() == {"status": "ready", "database": "ok", "layer": "ok"}


def test_it_is_not_ready_before_the_last_migration(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    last = probes._last_migrations()
    assert {"committee", "proposals", "voting", "audit"} <= {app for app, _name in last}
    monkeypatch.setattr(probes, "_last_migrations", lambda: last | {("committee", "9999_next")})
    response = ask("/ready/")
    assert response.status_code == 503
    assert response.json() == {"status": "unready", "database": "not migrated", "layer": "ok"}


WITHOUT_A_DATABASE = """
import django
django.setup()
from django.test import Client
response = Client(headers={"Host": "10.9.8.7"}).get("/ready/")
print(response.status_code, response.content.decode())
"""


def test_it_is_not_ready_and_says_no_more_when_the_database_is_down() -> None:
    said = manage(
        "-c",
        WITHOUT_A_DATABASE,
        SECRET_KEY="0" * 50,
        DATABASE_URL="postgresql://bank_app:a@127.0.0.1:1/bank",
        DATABASE_POOL_TIMEOUT="0.2",
    )
    status, _, told = said.stdout.partition(" ")
    assert status == "503"
    assert json.loads(told) == {"status": "unready", "database": "down", "layer": "ok"}
    assert "the database does not answer" in said.stderr


@pytest.mark.parametrize("kind", [Broken, Silent])
def test_with_the_layer_down_it_is_degraded_and_not_unready(
    db: None, settings: Any, monkeypatch: pytest.MonkeyPatch, kind: type
) -> None:
    monkeypatch.setattr(probes, "LAYER_SECONDS", 0.05)
    layer(settings, kind)
    response = ask("/ready/")
    assert response.status_code == 200
    assert response.json() == {"status": "degraded", "database": "ok", "layer": "down"}


@pytest.mark.parametrize("path", ["/health/", "/ready/"])
def test_a_probe_is_not_redirected_not_kept_and_leaves_no_cookie(db: None, settings: Any, path: str) -> None:
    settings.SECURE_SSL_REDIRECT = True
    response = ask(path)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert not response.cookies
    assert Client().post(path).status_code == 405
    assert Client().head(path).status_code == 200
    assert Client().get("/", secure=False).status_code == 301


def test_other_addresses_are_the_sites(db: None) -> None:
    assert ask("/login/").status_code == 400  # not a host of the site
    assert Client().get("/login/").status_code == 200
    assert Client().get("/health").status_code in {301, 404}


def numbers(token: str | None) -> HttpResponse:
    return ask("/metrics/", headers={} if token is None else {"Authorization": token})


def test_numbers_are_for_whoever_bears_the_token(settings: Any, no_database: None) -> None:
    settings.METRICS_TOKEN = TOKEN
    response = numbers(f"Bearer {TOKEN}")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=")
    assert "# TYPE lianxi_sockets gauge" in response.content.decode()
    for wrong in (None, "", "Bearer", "Bearer ", f"Bearer {TOKEN}x", TOKEN, f"Basic {TOKEN}", "Bearer 密"):
        response = numbers(wrong)
        assert (response.status_code, response.content) == (401, b"")
        assert response["WWW-Authenticate"] == "Bearer"


def test_without_a_token_set_there_are_no_numbers(db: None, settings: Any) -> None:
    assert settings.METRICS_TOKEN == ""
    for token in ("Bearer ", "Bearer", None):
        assert Client().get("/metrics/", headers={"Authorization": token or ""}).status_code == 404
