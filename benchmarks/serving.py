"""A site in processes of its own, for what is measured from outside."""

import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tests.config import served

OPTIONS = (
    *("--lifespan", "off", "--log-level", "warning", "--timeout-keep-alive", "600"),
    *("--ws-max-size", "16384", "--ws-per-message-deflate", "false"),
)


@contextmanager
def serving(site, database, *options, **env):
    """The site on the database, with further options of uvicorn; the process and the port."""
    port = served.free_port()
    command = [sys.executable, "-W", "ignore:No directory at", "-m", "uvicorn", site, "--port", str(port)]
    folder = Path(tempfile.mkdtemp(prefix="lianxi-"))
    env = database.env | {"SECRET_KEY": settings.SECRET_KEY} | env
    visitor = served.Visitor(f"http://127.0.0.1:{port}")
    try:
        with served.running(
            [*command, *OPTIONS, *options], folder / "log", env, up=visitor.answers
        ) as process:
            yield process, port
        said = (folder / "log").read_text()
        assert "Traceback" not in said, said
    finally:
        shutil.rmtree(folder)
