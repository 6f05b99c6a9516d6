"""What all who see the whole of a meeting have alike on its page, sent with the version that it shows.

The text is made once for any number of sockets, by the function that the pages name; sockets know only
names, tags and texts. It is sent where nothing else of the reader's page has changed but what may wait.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

#: name, tag and text of each part, by the name
Parts: TypeAlias = Mapping[str, tuple[str, str]]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shared:
    """The parts at a version, by language, and whom the acts before it concern."""

    version: int
    parts: Mapping[str, Parts]
    #: the last entries of the meeting's stream: number, and the people (ids) whose own parts of the page it
    #: changes at once; None for everybody's
    acts: Sequence[tuple[int, frozenset[int] | None]]
    _texts: dict[tuple[str, frozenset[tuple[str, str]], bool], str] = field(default_factory=dict)

    def concerns(self, person: int, since: int) -> bool | None:
        """Whether an act after the version `since` changes the person's own parts of the page at once.

        None where the parts alone would not do: after an act that changes everybody's.
        """
        later = [whose for number, whose in self.acts if number > since]
        if len(later) != self.version - since or None in later:
            return None
        return any(person in whose for whose in later if whose is not None)

    def text(self, language: str, has: Mapping[str, str], *, own: bool) -> str:
        """The message for a socket that was sent the parts of these tags."""
        key = language, frozenset(has.items()), own
        if key not in self._texts:
            fresh = {name: part for name, part in self.parts[language].items() if has.get(name) != part[0]}
            told = {
                "v": self.version,
                "own": own,
                "tags": {name: tag for name, (tag, _html) in fresh.items()},
                "parts": {name: html for name, (_tag, html) in fresh.items()},
            }
            self._texts[key] = json.dumps(told, ensure_ascii=False)
        return self._texts[key]

    def tags(self, language: str) -> dict[str, str]:
        """The tags of the parts in the language, by name."""
        return {name: tag for name, (tag, _html) in self.parts[language].items()}


Make: TypeAlias = Callable[[int, Iterable[str]], Shared | None]

_make: list[Make] = []


def made_by(make: Make) -> None:
    """Name the function that makes the parts of a meeting (id) in some languages."""
    _make[:] = [make]


def read(meeting: int, languages: Iterable[str]) -> Shared | None:
    """The parts of the meeting as it stands, in these languages; None where there are none."""
    wanted = sorted(set(languages) - {""})
    if not wanted or not _make:
        return None
    try:
        return _make[0](meeting, wanted)
    except Exception:  # noqa: BLE001  whatever it is, the act stands and the sockets are told of it
        _log.exception("the parts of meeting %s were not made: its pages ask for them", meeting)
        return None
