"""What every worker needs is there before the first is forked, in memory that all of them share."""

from __future__ import annotations

import gc
import threading
from pathlib import Path
from typing import cast

from django.conf import settings
from django.db import connections
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.urls import get_resolver
from django.utils import translation


def warm() -> None:
    """Pages, translations, addresses in each language and templates are in memory, and never collected."""
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            translation.gettext(code)
            get_resolver()._populate()  # noqa: SLF001  else the first request of each language does it
    for engine in settings.TEMPLATES:
        for folder in cast(list[Path], engine["DIRS"]):
            for path in sorted(folder.rglob("*.html")):
                _compiled(str(path.relative_to(folder)))
    gc.freeze()


def _compiled(name: str) -> None:
    """The template is compiled, if the settings know it: those of a benchmark may not."""
    try:
        get_template(name)
    except TemplateDoesNotExist:
        return


def unshared() -> None:
    """Nothing is open or runs that a fork would share or lose; RuntimeError for a connection or a thread."""
    for connection in connections.all(initialized_only=True):
        if connection.connection is not None:
            raise RuntimeError(
                f"importing the application has connected to the database {connection.alias!r}"
            )
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        named = ", ".join(each.name for each in threading.enumerate() if each is not threading.main_thread())
        raise RuntimeError(f"importing the application has started threads ({named or 'of a library'})")
