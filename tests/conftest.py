"""What every test may ask for.

`db` (or the mark django_db) gives this worker's database in a transaction that is rolled back; `fresh_db` a
database of the test's own, for tests that commit, use several connections or start processes;
`private_cluster` a server of the test's own, to be killed; `folder` a place for sockets. All work as the
application's role. Nothing is started for tests that ask for none of them. tests/stage.py has the stages.
"""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.signals import setting_changed
from django.test import client
from django.test.client import ClientHandler
from django.utils import timezone, translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from config.database import base, embedded_postgres, postgres_server
from config.database.base import cluster
from tests import databases

pytest_plugins = ["tests.stage"]

# A loaded machine is no fault of a rule; what CI runs is the same each time.
hypothesis_settings.register_profile(
    "suite",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.load_profile("suite")


def pytest_configure() -> None:
    """The settings suit tests: over plain HTTP, with a cheap password hash and static files as they lie."""
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
    """The long ones come first.

    No test asks for Django's flushing of tables, which the application's role may not do.
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
    """What was imported and collected stays: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """No language and no time zone is left over from a request of the test before."""
    translation.deactivate()
    timezone.deactivate()


def pytest_unconfigure() -> None:
    """The server stops if this was the last process that used it."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        databases.drop_standing()
    cluster().release()


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    """Nobody has asked for anything within the last minute."""
    from web import limits  # its models are there once Django is set up

    limits.counters.forget()


@pytest.fixture(scope="session")
def template(django_test_environment: None, django_db_blocker: Any) -> str:
    """The name of the migrated template."""
    with django_db_blocker.unblock():
        return databases.template()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any, template: str) -> Iterator[None]:
    """This worker's clone, in place of the databases that Django would make and flush."""
    with django_db_blocker.unblock():
        own = databases.clone(template)
        with databases.django_on(own):
            yield
        databases.drop(own)


@pytest.fixture(scope="session")
def dropper(template: str) -> Iterator[databases.Dropper]:
    """What drops the databases of tests that are over."""
    made = databases.Dropper()
    yield made
    made.finish()


@pytest.fixture
def source(template: str) -> databases.Source:
    """What the test's fresh database is cloned from; for tests that begin with one stage see `standing`."""
    return databases.Source(template)


@pytest.fixture
def fresh_db(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: Any,
    source: databases.Source,
    dropper: databases.Dropper,
) -> Iterator[databases.Database]:
    """A database of the test's own; Django's `default` leads to it, and what is committed, all see."""
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
    def forget(cls, **_change: Any) -> None:
        """The next client makes a new chain."""
        cls._chain = None


client.ClientHandler = SharedHandler  # type: ignore[misc]
setting_changed.connect(SharedHandler.forget)


class PrivateCluster(databases.Database):
    """A server of the test's own with the migrated database, to be killed."""

    def kill(self) -> None:
        """Every process of the server got SIGKILL, in the midst of what it did; its keeper did not."""
        place = embedded_postgres.Place.read(self.cluster.base)
        assert place
        for process in postgres_server.Server(place, set(), note=print).processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def start(self) -> None:
        """A server answers again, with all that was committed; it comes back by itself, this waits for it."""
        self.cluster.revive()


@pytest.fixture
def private_cluster(django_db_setup: None, django_db_blocker: Any) -> Iterator[PrivateCluster]:
    """A cluster for crash tests: Django's `default` leads to its database."""
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
    """A short name, as the name of a Unix socket must be."""
    made = Path(tempfile.mkdtemp(prefix="lianxi-"))
    yield made
    shutil.rmtree(made)
