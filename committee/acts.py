"""The shape of an act: a row of a package's table of acts, in its `permissions.py`.

These tables are read by the actions (office and states), by pages for their buttons, by programs and
rehearsals for the arguments, by `docs/actions.md` and by tests. A new verb is added there.
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
    """The kind of an argument; the value is its name in the API's table."""

    COMMITTEE = "committee"
    PROPOSAL = "proposal"
    PROPOSALS = "proposals"
    MEETING = "meeting"
    DISPATCH = "dispatch"
    MOMENT = "time"
    DATE = "date"
    TEXT = "text"  # stored as it is
    LINE = "line of text"
    WORD = "word"  # checked by the engine
    WORDS = "words"
    FLAG = "true or false"
    SEAT = "seat"
    SEATS = "seats"
    PERSON = "person"
    PLAN = "plan"  # checked by the engine
    PLAN_PART = "keys of a plan"
    NUMBERS = "numbers"  # numbers of the regulation
    NUMBER = "whole number"
    MINUTES = "minutes"  # of a speech
    MINUTES_EACH = "minutes of each"  # of the items of an agenda, 0 for those without
    QUESTION = "question"
    MODE = "mode"
    VOTE = "vote"
    CONFIRMATION = "password"
    # of the ledger
    INSTITUTION = "institution number"
    HOUSEHOLD = "household"
    LOAN = "contract number"
    LOANS = "contract numbers"
    DUTY = "duty"
    TAPE = "tape"
    WARNING = "warning"
    SUPERVISION = "supervision"
    ADMONISHMENT = "admonishment"
    TARGETS = "targets"
    REVIEW = "review"
    ROWS = "rows"  # of a table, checked by the engine
    FILE = "file"  # its bytes
    RANKED = "place in a ranking"


@dataclass(frozen=True, slots=True)
class Act:
    """A verb: its object, office, refusal to others, states and action.

    The states are those of the object; for an act on a committee, those of the plans named.
    """

    on: type[Model]
    office: Office | Offices
    #: the refusal to others who may see the object
    code: str
    #: module and function in the package's `actions`, imported when first used, since the actions import the
    #: tables
    action: str
    states: tuple[str, ...] = ()
    #: the action's arguments beside its object and `by`, by the names that programs use
    takes: Mapping[str, Kind] = field(default_factory=dict)
    #: optional arguments
    optional: Mapping[str, Kind] = field(default_factory=dict)
    #: whether one of the optional arguments is required
    at_least_one: bool = False
    #: whether the action returns a new object
    makes: type[Model] | None = None
    #: set by `table`
    package: str = ""
    verb: str = ""

    @property
    def do(self) -> Callable[..., Any]:
        """The action's function."""
        found: Callable[..., Any] = import_string(f"{self.package}.actions.{self.action}")
        return found

    def misplaced(self, state: str) -> Refused:
        """The refusal of the act in a state that is not among its states."""
        return Refused(
            "state/not-allowed", verb=self.verb, state=state, states=[str(each) for each in self.states]
        )


def table(package: str, acts: Mapping[str, Act]) -> Mapping[str, Act]:
    """The acts by verb; sets the verb of each and the package of its action."""
    return {verb: replace(act, verb=verb, package=package) for verb, act in acts.items()}
