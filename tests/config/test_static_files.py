"""Static files over a site that is served: hashed names, a year, and compressed once."""

from __future__ import annotations

import gzip
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.core.management import call_command
from django.test import override_settings

from config.static_files import YEAR
from tests.config.served import Visitor, free_port, site

#: what the pages name with a hash, and what stands in them of others
HASHED = re.compile(r'(?:href|src)="(/static/[^"]+\.[0-9a-f]{12}\.(?:css|js|svg|png))"')
ANY = re.compile(r'(?:href|src)="(/static/[^"]+)"')


@pytest.fixture(scope="module")
def collected(tmp_path_factory: Any) -> Iterator[Path]:
    """What `collectstatic` leaves."""
    folder = tmp_path_factory.mktemp("collected")
    backend = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    stored = settings.STORAGES | {"staticfiles": {"BACKEND": backend}}
    with override_settings(STATIC_ROOT=folder, STORAGES=stored):
        storages.__dict__.pop("backends", None)
        call_command("collectstatic", interactive=False, verbosity=0)
        yield folder


@pytest.fixture
def visitor(fresh_db: Any, folder: Path, collected: Path) -> Iterator[Visitor]:
    """The site as it is deployed, and as the demo is served, on these files."""
    port = free_port()
    made = Visitor(f"http://127.0.0.1:{port}")
    env = fresh_db.env | {"STATIC_COLLECTED": "true", "STATIC_ROOT": str(collected)}
    with site("--port", port, log=folder / "log", env=env, up=made.answers):
        yield made


def fetched(visitor: Visitor, path: str, **headers: str) -> tuple[Any, bytes]:
    """Headers and bytes of the file, as they were sent."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    with urllib.request.urlopen(urllib.request.Request(visitor.address + path, headers=names)) as answer:
        return answer.headers, answer.read()


def test_what_a_page_names_has_a_hash_is_kept_for_a_year_and_was_compressed_once(
    visitor: Visitor, collected: Path
) -> None:
    _status, headers, html = visitor.ask("/login/")
    assert "no-store" in headers["Cache-Control"]
    named = set(ANY.findall(html))
    assert named
    assert named == set(HASHED.findall(html))
    for path in named:
        headers, plain = fetched(visitor, path)
        assert headers["Cache-Control"] == f"max-age={YEAR}, public, immutable"
        assert "Content-Encoding" not in headers
        if (packed := collected / f"{path.removeprefix('/static/')}.gz").exists():
            headers, sent = fetched(visitor, path, Accept_Encoding="gzip, br")
            assert headers["Content-Encoding"] == "gzip"
            assert headers["Vary"] == "Accept-Encoding"
            assert headers["Cache-Control"] == f"max-age={YEAR}, public, immutable"
            assert sent == packed.read_bytes()
            assert gzip.decompress(sent) == plain
            assert len(sent) < len(plain) / 2
    assert any((collected / f"{path.removeprefix('/static/')}.gz").exists() for path in named)


def test_a_name_without_a_hash_is_not_kept(visitor: Visitor) -> None:
    headers, _body = fetched(visitor, "/static/lianxi.css")
    assert headers["Cache-Control"] == "max-age=60, public"


def test_a_page_is_not_compressed(visitor: Visitor) -> None:
    """What one person sees stands beside what was typed: its length would tell of the one by the other."""
    headers, _body = fetched(visitor, "/login/", Accept_Encoding="gzip, br")
    assert "Content-Encoding" not in headers
