"""What still keeps a plan from being submitted, each with its step and field, as far as it is stated."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Protocol

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pages.plans.editor.parts import Note
from pages.plans.editor.steps import STEPS, Step, place, step_of
from proposals.plan.drafts import Plan, incomplete, stored_plan
from proposals.plan.on_ledger import Ledger
from proposals.plan.places import location
from proposals.plan.problem import Problem
from proposals.plan.schema import Terms
from proposals.plan.submission import faults
from web import labels
from web.forms import kinds

#: what holds of a plan in which nothing is found
PASSED: Final = (
    _("Everything that the plan needs is stated."),
    _("The dates follow one another, and the base date has come."),
    _(
        "The schedule repays the principal, less what is waived, with the new money; no more is waived "
        "than owed."
    ),
    _("Every loan is classified as non-performing (Art. 6)."),
    _("A condition of Art. 7 is claimed, each with its evidence."),
)

#: substitutes for incomplete keys, so that the others can be checked and valued
NEUTRAL: Final[Mapping[str, Any]] = {
    "title": "",
    "borrower": {"name": "", "id_no": "", "kind": "enterprise", "operating": "normal", "cause": ""},
    "base_date": "2000-01-01", "loans": [], "guarantees": [], "collateral": [], "conditions": {"7.1": "-"},
    "investigation": {
        "relationship": "", "willingness": "", "assets": "", "feasibility": "", "accountability": "",
    },
    "recoverability": "recoverable", "measures": [],
    "concessions": {
        "interest_waived": "0.00", "penalty_waived": "0.00", "principal_waived": "0.00", "new_money": "0.00",
        "extension_months": 0, "new_rate": None,
    },
    "sources": [], "schedule": [{"due_on": "2199-12-31", "principal": "0.00", "interest": "0.00"}],
    "discount_rate": "0", "alternatives": [], "expected_recovery": "0.00", "executor": "", "milestones": [],
    "attachments": [],
}  # fmt: skip

#: a problem's key → the keys of the plan that must be complete beside its own for it to be meant
_NEEDS: Final[Mapping[str, frozenset[str]]] = {
    "before-base": frozenset({"base_date"}),
    "principal": frozenset({"loans", "concessions"}),
    "waiver": frozenset({"loans"}),
    "recovery": frozenset({"loans", "concessions", "schedule"}),
    "ledger-class": frozenset({"base_date"}),
}


@dataclass(frozen=True)
class Fault:
    """One thing to complete or to correct, and the way to it."""

    step: Step
    name: str
    where: str
    text: str
    code: str

    @property
    def missing(self) -> bool:
        """Whether something is not stated yet, rather than wrong."""
        return self.code == "plan/incomplete"

    @property
    def note(self) -> Note:
        """As it is said beside its field."""
        return Note(self.text, self.missing)


@dataclass(frozen=True)
class StepEntry:
    """A step in the list of steps."""

    step: Step
    here: bool
    missing: int
    wrong: int
    #: typed there but not saved
    kept: bool
    #: comments of the liaison that wait for an answer or a change
    comments: int

    @property
    def name(self) -> str | Promise:
        return self.step.name


def find_faults(plan: Plan, today: date, ledger: Ledger | None = None) -> list[Fault]:
    """Everything that keeps the plan from being submitted on that day, in the order of the steps.

    `ledger` is what a recent tape has of its contracts; None without one.
    """
    absent = incomplete(plan)
    open_keys = {str(key) for problem in absent for key in location(problem.path)[:1]}
    found = [_fault("plan/incomplete", problem) for problem in absent]
    for code, problem in faults(stated_terms(plan, open_keys), submitted_on=today, ledger=ledger):
        needed = _NEEDS.get(problem.key, frozenset()) | {str(location(problem.path)[0])}
        if not needed & open_keys:
            found.append(_fault(code, problem))
    return sorted(found, key=lambda fault: STEPS.index(fault.step))


def stated_terms(plan: Plan, without: Iterable[str]) -> Terms:
    """The plan's terms with something neutral under these keys."""
    neutral = {key: copy.deepcopy(NEUTRAL[key]) for key in without}
    return stored_plan({**plan.document, **neutral}).terms


def _fault(code: str, problem: Problem) -> Fault:
    name = place(problem.path)
    return Fault(step_of(problem.path), name, field_in_words(name), kinds.sentence(problem), code)


def fault_at(path: str, code: str) -> Fault:
    """What a refusal with this path concerns."""
    name = place(path)
    return Fault(step_of(path), name, field_in_words(name), "", code)


def field_in_words(name: str) -> str:
    """The field of that name in words: "Loans 1 · Principal" for "loans-0-principal"."""
    return labels.place(int(part) if part.isdecimal() else part for part in name.split("-"))


def address_of(pk: int, fault: Fault) -> str:
    """The address of the field concerned, with what is missing shown beside it."""
    return f"{reverse('plan-step', args=[pk, fault.step.slug])}?missing=1#p-{fault.name}"


class Commented(Protocol):
    """A thread of comments at a field of a step."""

    @property
    def step(self) -> Step:
        """The step of its field."""

    @property
    def open(self) -> bool:
        """Whether it waits for the institution."""


def step_entries(
    found: Iterable[Fault], here: str, kept: Iterable[str], threads: Iterable[Commented] = ()
) -> list[StepEntry]:
    """The list of steps."""
    rows, typed = list(found), set(kept)
    commented = Counter(thread.step.slug for thread in threads if thread.open)
    return [
        StepEntry(
            step,
            step.slug == here,
            sum(fault.step is step and fault.missing for fault in rows),
            sum(fault.step is step and not fault.missing for fault in rows),
            step.slug in typed,
            commented[step.slug],
        )
        for step in STEPS
    ]
