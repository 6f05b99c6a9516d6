"""A site in processes of its own, for what is measured from outside."""

import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests import databases
from tests.config import served

OPTIONS = ("--log-level", "warning", "--timeout-keep-alive", "600")


@contextmanager
def own_database(table=""):
    """A database for this run, on which Django is too, with a table of the benchmark's where it has one."""
    made = databases.clone(databases.template())
    try:
        if table:
            with made.owner(autocommit=True) as owner:
                owner.execute(table)
        with databases.django_on(made):
            yield made
            connection.close()
    finally:
        databases.drop(made)


@contextmanager
def serving(site, database, *, processes=1, **env):
    """The site on the database in so many processes, as in production; the first process and the port."""
    with running((*served.SERVER, site, *OPTIONS), database, WEB_PROCESSES=str(processes), **env) as begun:
        yield begun


@contextmanager
def running(words, database, **env):
    """What these words start serves on the database, at a port that is added; the process and the port."""
    port = served.free_port()
    folder = Path(tempfile.mkdtemp(prefix="lianxi-"))
    given = {"SECRET_KEY": settings.SECRET_KEY, "PYTHONWARNINGS": "ignore:No directory at"}
    visitor = served.Visitor(f"http://127.0.0.1:{port}")
    command = [sys.executable, *words, "--port", str(port)]
    try:
        with served.running(
            command, folder / "log", database.env | given | env, up=visitor.answers, seconds=300
        ) as process:
            yield process, port
        said = (folder / "log").read_text()
        assert "Traceback" not in said, said
    finally:
        shutil.rmtree(folder)
