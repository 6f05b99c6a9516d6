"""Rehearsal files, from the files and folders named on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rehearsal.schema import Rehearsal, load
from web.problems import Invalid


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file named on the command line or found in a folder: a rehearsal, or the reason why it is not one."""

    file: str
    rehearsal: Rehearsal | None
    fault: str = ""


def candidates(paths: Iterable[Path], *, today: date | None = None) -> Iterator[Candidate]:
    """Every file in the order given, those of a folder sorted by name.

    Times relative to `today` are allowed only if it is given.
    """
    for path in paths:
        inside = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not inside:
            yield Candidate(str(path), None, "$: expects a file, or a folder with files *.json in it")
        for file in inside:
            yield _read(file, today)


def _read(path: Path, today: date | None) -> Candidate:
    try:
        return Candidate(str(path), load(path, today=today))
    except Invalid as error:
        return Candidate(str(path), None, str(error))
