"""The verbs of a rehearsal with their arguments: the table of docs/rehearsals.md.

They are those of `api/verbs.py` with handles: a file has one committee, which steps do not name, and a step
names what it creates by a handle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

from api import verbs as engine
from committee.acts import Kind
from office.models import Dispatch


class Handle(Enum):
    """An argument that exists only in files."""

    PLANNED = auto()  # a handle of the file's `proposals`
    NEW_PROPOSAL = auto()
    NEW_MEETING = auto()
    ADDRESSEE = auto()  # a person of the cast


Takes: TypeAlias = "Kind | Handle"


@dataclass(frozen=True, slots=True)
class Verb:
    """The arguments by name, those that may be omitted, and whether at least one of those is required."""

    arguments: Mapping[str, Takes]
    optional: frozenset[str] = frozenset()
    at_least_one: bool = False


def _with_handles(verb: engine.Verb, **handles: Takes) -> Verb:
    """The engine's verb with these handles and further arguments of files."""
    named = handles or {name: kind for name, kind in verb.arguments.items() if kind is not Kind.COMMITTEE}
    return Verb({**named, **verb.takes}, verb.optional, verb.at_least_one)


VERBS: Mapping[str, Verb] = {name: _with_handles(verb) for name, verb in engine.VERBS.items()} | {
    "draft": Verb({"proposal": Handle.PLANNED, "contracts": Kind.WORDS}, frozenset({"contracts"})),
    "revise": _with_handles(engine.VERBS["revise"], proposal=Handle.NEW_PROPOSAL, of=Kind.PROPOSAL),
    "convene": _with_handles(engine.VERBS["convene"], meeting=Handle.NEW_MEETING),
    # what was sent of a meeting, by one of those to whom it is addressed
    **{
        name: _with_handles(verb, meeting=Kind.MEETING, to=Handle.ADDRESSEE)
        for name, verb in engine.VERBS.items()
        if verb.on is Dispatch
    },
}
