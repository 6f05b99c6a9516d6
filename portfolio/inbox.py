"""The folder into which the core system puts its tapes (setting TAPE_INBOX).

A file is named by its scope and its day, as `3700_20261127.csv`. It is taken when it has rested for a minute,
and moved to `done`, `held` or `refused` below the folder, of a refused one with the reason beside.
"""

from __future__ import annotations

import re
import time
from datetime import date
from pathlib import Path
from typing import Final

from django.conf import settings

from audit.recording import SYSTEM
from portfolio import storage
from portfolio.actions import tapes
from portfolio.models import Institution, Tape
from regulation.refused import Refused

_NAME = re.compile(r"(?P<scope>[0-9A-Za-z-]{1,40})_(?P<day>[0-9]{8})\.(?:csv|txt|xlsx)", re.IGNORECASE)
#: seconds for which a file must not have changed
RESTED: Final = 60


def take_in() -> list[Path]:
    """Every rested file of the folder is handed in; return where they are now."""
    if not settings.TAPE_INBOX:
        return []
    folder = Path(settings.TAPE_INBOX)
    before = time.time() - RESTED
    waiting = sorted(path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < before)
    return [_take(path) for path in waiting]


def _take(path: Path) -> Path:
    try:
        tape = _hand_in(path)
    except Refused as refused:
        told = [
            f"{refused.code}: {refused.message(lang)} {refused.remedy(lang)}" for lang in ("en", "zh-hans")
        ]
        return _moved(path, "refused", "\n".join(told))
    return _moved(path, "held" if tape.state == Tape.State.HELD else "done", "")


def _hand_in(path: Path) -> Tape:
    found = _NAME.fullmatch(path.name)
    scopes = Institution.objects.filter(code=found["scope"]) if found else Institution.objects.none()
    scope = scopes.first() if scopes.count() == 1 else None
    day = _day(found["day"]) if found else None
    if scope is None or day is None:
        why = {
            "en": "its name is not that of an institution and a day, such as 3700_20261127.csv",
            "zh-hans": "文件名须为机构号与日期，例如3700_20261127.csv",
        }
        raise Refused("tape/unreadable", why=why)
    with storage.received(storage.chunks(path)) as file:
        return tapes.hand_in(scope, by=SYSTEM, file=file, as_of=day, name=path.name)


def _day(digits: str) -> date | None:
    try:
        return date.fromisoformat(digits)
    except ValueError:
        return None


def _moved(path: Path, where: str, told: str) -> Path:
    target = path.parent / where / path.name
    target.parent.mkdir(exist_ok=True)
    if told:
        target.with_name(f"{target.name}.txt").write_text(told + "\n", encoding="utf-8")
    return path.replace(target)
