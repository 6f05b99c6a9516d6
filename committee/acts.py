"""What an act is: a row of a package's table of acts, in its `permissions.py`.

Everything that knows verbs reads these tables: the actions for whom and in which states, the pages for their
buttons, programs and rehearsals for the arguments, `docs/actions.md`, and the tests. A verb is added there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from django.db.models import Model
from django.utils.module_loading import import_string

from committee.offices import Office, Offices
from regulation.refused import Refused


class Kind(Enum):
    """What an argument is; the value is how the table of the API names it."""

    COMMITTEE = "committee"
    PROPOSAL = "proposal"
    PROPOSALS = "proposals"
    MEETING = "meeting"
    MOMENT = "time"
    DATE = "date"
    TEXT = "text"  # is kept as it stands
    LINE = "line of text"
    WORD = "word"  # the engine judges it
    WORDS = "words"
    FLAG = "true or false"
    SEAT = "seat"
    SEATS = "seats"
    PERSON = "person"
    PLAN = "plan"  # the engine judges it
    PLAN_PART = "keys of a plan"
    NUMBERS = "numbers"  # of the regulation
    NUMBER = "whole number"
    MINUTES = "minutes"  # of a speech
    QUESTION = "question"
    MODE = "mode"
    VOTE = "vote"
    CONFIRMATION = "password"


@dataclass(frozen=True, slots=True)
class Act:
    """One verb: on what, whose office, what others who see it are told, in which states, and the action.

    The states are the object's; of an act on a committee, those of the plans that it names.
    """

    on: type[Model]
    office: Office | Offices
    #: the refusal to others who see the object
    code: str
    #: module and function in the package's `actions`; found by whoever calls it: actions import the tables
    action: str
    states: tuple[str, ...] = ()
    #: what the action takes beside its object and `by`, as it is named from outside
    takes: Mapping[str, Kind] = field(default_factory=dict)
    #: what it takes besides, and need not be given
    optional: Mapping[str, Kind] = field(default_factory=dict)
    #: one of the optional arguments is needed
    at_least_one: bool = False
    #: what it returns is new, and is what the caller wants to know
    makes: type[Model] | None = None
    #: set by `table`
    package: str = ""
    verb: str = ""

    @property
    def do(self) -> Callable[..., Any]:
        """The action."""
        found: Callable[..., Any] = import_string(f"{self.package}.actions.{self.action}")
        return found

    def misplaced(self, state: str) -> Refused:
        """The refusal of the act in this state, which is none of its own."""
        return Refused(
            "state/not-allowed", verb=self.verb, state=state, states=[str(each) for each in self.states]
        )


def table(package: str, acts: Mapping[str, Act]) -> Mapping[str, Act]:
    """The acts by their verbs, each knowing its own and the package of its action."""
    return {verb: replace(act, verb=verb, package=package) for verb, act in acts.items()}
