"""Fixtures for all tests.

`db` (or the mark django_db) is this worker's database in a transaction that is rolled back; `fresh_db` is a
database of the test's own, for tests that commit, use several connections or start processes;
`private_cluster` is a server of the test's own, which may be killed; `folder` is a place for sockets. All use
the application's role. Nothing is started for tests that use none of them. tests/stage.py has the stages.
"""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.signals import setting_changed
from django.test import client
from django.test.client import ClientHandler
from django.utils import timezone, translation
from django.utils.http import urlencode
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from config.database import base, embedded_postgres, postgres_server
from config.database.base import cluster
from tests import databases, no_query

pytest_plugins = ["tests.stage"]

# No deadline: the tests must also pass on a busy machine. CI runs the same examples each time.
hypothesis_settings.register_profile(
    "suite",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.load_profile("suite")


def pytest_configure() -> None:
    """Settings for tests: plain HTTP, a fast password hash, static files without a manifest."""
    if settings.DATABASES["default"]["ENGINE"] != "config.database":
        raise pytest.UsageError(
            "The tests use the embedded PostgreSQL: run them without DATABASE_URL (see .env)."
        )
    base.FOLDER, base.SERVER_SETTINGS = "tests", databases.SERVER_SETTINGS
    settings.SECRET_KEY = "for-tests-" + "0123456789" * 5
    settings.ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
    settings.SECURE_SSL_REDIRECT = False
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "sessionid", "csrftoken"
    settings.BROWSER_COOKIE_NAME = "browser"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_USE_FINDERS = True
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"


#: where single tests take long: begun first, so that no worker is left with one when the others are done
LONG = (
    "journeys", "pages/test_every_address.py", "rehearsal", "model", "voting", "config",
    "pages/test_pages_secrecy.py", "test_permissions.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long tests first.

    Tests that need Django's flush of tables, for which the application's role lacks the right, are rejected.
    """
    items.sort(key=_length)
    for item in items:
        mark = item.get_closest_marker("django_db")
        if mark and (mark.args or mark.kwargs):
            raise pytest.UsageError(
                f"{item.nodeid}: django_db takes no arguments here; use fresh_db to commit."
            )


def _length(item: pytest.Item) -> int:
    """The place of the test's module or folder among the long ones, the same for all others."""
    where = item.path.relative_to(Path(__file__).parent)
    names = {str(where), *map(str, where.parents)}
    return next((at for at, long in enumerate(LONG) if long in names), len(LONG))


def pytest_collection_finish() -> None:
    """Exclude what was imported during collection from the garbage collector's scans."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Reset language and time zone, which a request of the test before may have changed."""
    translation.deactivate()
    timezone.deactivate()


def pytest_unconfigure() -> None:
    """Stop the server if this was the last process that used it."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        databases.drop_standing()
    cluster().release()


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    """Reset what a process keeps between requests: the limits of the last minute, and rows of meetings."""
    from pages.meetings import rows_of  # models can be imported only after Django is set up
    from web import limits  # see above
    from web.templatetags import kept  # see above

    limits.counters.forget()
    rows_of.forget()
    kept.forget()


@pytest.fixture(scope="session")
def template(django_test_environment: None, django_db_blocker: Any) -> str:
    """The name of the migrated template."""
    with django_db_blocker.unblock():
        return databases.template()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any, template: str) -> Iterator[None]:
    """This worker's clone, instead of the databases that Django would create and flush."""
    with django_db_blocker.unblock():
        own = databases.clone(template)
        with databases.django_on(own):
            yield
        databases.drop(own)


@pytest.fixture(scope="session")
def dropper(template: str) -> Iterator[databases.Dropper]:
    """Drops the databases of finished tests, in the background."""
    made = databases.Dropper()
    yield made
    made.finish()


@pytest.fixture
def source(template: str) -> databases.Source:
    """The database that `fresh_db` clones; `standing` replaces it for tests that begin with a stage."""
    return databases.Source(template)


@pytest.fixture
def fresh_db(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: Any,
    source: databases.Source,
    dropper: databases.Dropper,
) -> Iterator[databases.Database]:
    """A database of the test's own as Django's `default`; commits are visible to all connections."""
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        pytest.fail("A test takes either db (rolled back) or fresh_db (committed), not both.")
    own = databases.clone(source.name)
    with django_db_blocker.unblock():
        try:
            with databases.django_on(own):
                ContentType.objects.clear_cache()
                yield own
        finally:
            dropper.drop(own)


class SharedHandler(ClientHandler):
    """What answers the test client: one chain of middleware for all clients, until a setting changes.

    Each client would make a chain of its own, and WhiteNoise look through all static files for it.
    """

    _chain: Any = None

    def load_middleware(self, is_async: bool = False) -> None:
        """The middleware is ready."""
        if SharedHandler._chain is None:
            super().load_middleware(is_async)
            SharedHandler._chain = self._middleware_chain
        self._middleware_chain = SharedHandler._chain

    @classmethod
    def forget(cls, setting: str, **_change: Any) -> None:
        """The next client makes a new chain, unless no middleware reads the setting."""
        if setting != "MEDIA_ROOT":
            cls._chain = None


client.ClientHandler = SharedHandler  # type: ignore[misc]  # takes its place in all tests
setting_changed.connect(SharedHandler.forget)


MULTIPART = client.MULTIPART_CONTENT


def _has_file(data: Any) -> bool:
    each = chain.from_iterable(
        value if isinstance(value, list | tuple) else [value] for value in data.values()
    )
    return any(hasattr(value, "read") for value in each)


def _as_browsers_do(
    self: Any, path: str, data: Any = None, content_type: str = MULTIPART, **more: Any
) -> Any:
    """Send a form without a file URL-encoded: a multipart one takes several times as long to read."""
    if content_type == MULTIPART and isinstance(data, dict) and not _has_file(data):
        data, content_type = urlencode(data, doseq=True), "application/x-www-form-urlencoded"
    return _post(self, path, data, content_type, **more)


_post = client.RequestFactory.post
client.RequestFactory.post = _as_browsers_do  # type: ignore[method-assign]  # of all clients
no_query.guard()


class PrivateCluster(databases.Database):
    """A server of the test's own with the migrated database, which may be killed."""

    def kill(self) -> None:
        """Send SIGKILL to every process of the server, but not to its keeper."""
        place = embedded_postgres.Place.read(self.cluster.base)
        assert place
        for process in postgres_server.Server(place, set(), note=print).processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def start(self) -> None:
        """Wait until the server, which its keeper restarts, answers again."""
        self.cluster.revive()


@pytest.fixture
def private_cluster(django_db_setup: None, django_db_blocker: Any) -> Iterator[PrivateCluster]:
    """A cluster for crash tests, with its database as Django's `default`."""
    folder = Path(tempfile.mkdtemp(prefix="private-", dir=embedded_postgres.ROOT / "var"))
    folder.chmod(0o711)
    made = databases.make_private(folder / "postgres")
    own = PrivateCluster(made.cluster, made.name)
    with django_db_blocker.unblock():
        try:
            with databases.django_on(own):
                yield own
        finally:
            own.cluster.destroy()
            shutil.rmtree(folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name, as Unix sockets require."""
    made = Path(tempfile.mkdtemp(prefix="lianxi-"))
    yield made
    shutil.rmtree(made)
