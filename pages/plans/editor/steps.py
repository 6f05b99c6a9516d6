"""The steps in which a plan is made, and what each holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.plans.editor.parts import (
    ABSENT,
    Conditions,
    FileText,
    Group,
    Leaf,
    Measures,
    Note,
    Notes,
    PartView,
    Posted,
    Raw,
    Rows,
)
from proposals.plan import drafts
from proposals.plan.places import location
from web.forms import kinds

_DAY_HELP = _("For example 2026-3-5 or 2026年3月5日.")


_ROWS_NAMED = re.compile(
    r"(?P<rows>[a-z]+)(?:-(?P<at>[0-9]{1,6})-(?P<inner>[a-z]+))?(?:-(?P<number>[0-9]{1,6}))?"
)


@dataclass(frozen=True)
class RowsTyped:
    """Rows as they are typed in a step, and one of them by its number; they can be added and removed."""

    part: Rows
    rows: list[Raw]
    #: the name of their fields, as "alternatives-0-flows"
    name: str
    number: int | None

    def add(self) -> str:
        """Add a blank row; returns its name."""
        self.rows.append(self.part.row.write(ABSENT))
        return f"{self.name}-{len(self.rows) - 1}"

    def remove(self) -> str:
        """Remove the row of that number, if there is one; return the name of the rows."""
        if self.number is not None and self.number < len(self.rows):
            del self.rows[self.number]
        return self.name


@dataclass(frozen=True)
class Step:
    """A page of the editor."""

    slug: str
    name: str | Promise
    parts: tuple[Any, ...]
    lead: str | Promise = ""
    #: the list that can be pasted or imported
    imports: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the plan that the step holds."""
        return tuple(part.name for part in self.parts)

    def collect(self, posted: Posted) -> Raw:
        """What was typed in a form of the step."""
        return {part.name: part.collect(part.name, posted) for part in self.parts}

    def write(self, document: Mapping[str, Any]) -> Raw:
        """What the plan states, as it is typed."""
        return {part.name: part.write(document.get(part.name, ABSENT)) for part in self.parts}

    def read(self, raw: Raw) -> dict[str, Any]:
        """What is typed, read into the plan's keys; ABSENT for what is blank."""
        return {part.name: part.read(raw[part.name]) for part in self.parts}

    def rows(self, name: str) -> Rows | None:
        """The rows of that key."""
        return next((part for part in self.parts if isinstance(part, Rows) and part.name == name), None)

    def rows_named(self, raw: Raw, name: str) -> RowsTyped | None:
        """The rows, or the row of some, that a button names: "loans", "loans-1", "alternatives-0-flows-2"."""
        found = _ROWS_NAMED.fullmatch(name)
        part = self.rows(found["rows"]) if found else None
        if found is None or part is None:
            return None
        number = int(found["number"]) if found["number"] else None
        rows: list[Raw] = raw[part.name]
        if not found["inner"]:
            return RowsTyped(part, rows, part.name, number)
        inner, at = part.inner(found["inner"]), int(found["at"])
        if inner is None or at >= len(rows):
            return None
        return RowsTyped(inner, rows[at][inner.name], f"{part.name}-{at}-{inner.name}", number)

    def show(self, raw: Raw, notes: Notes) -> list[PartView]:
        """The step's parts with what is typed and what is said beside each."""
        return [part.show(part.name, raw[part.name], notes) for part in self.parts]

    def stated(self, raw: Raw) -> dict[str, Any]:
        """What is typed, as far as anything is."""
        return {key: value for key, value in self.read(raw).items() if value is not ABSENT}

    def faults(self, raw: Raw) -> dict[str, list[Note]]:
        """What keeps this from being saved, by the name of its field: what no draft may state."""
        notes: dict[str, list[Note]] = {}
        for problem in drafts.problems(self.stated(raw)):
            notes.setdefault(place(problem.path), []).append(Note(kinds.sentence(problem)))
        for part in self.parts:
            if isinstance(part, Conditions):
                for code in part.unclaimed(raw[part.name]):
                    text = gettext("Tick the condition to claim it, or clear its evidence.")
                    notes.setdefault(f"{part.name}-{code}", []).append(Note(text))
        return notes


def place(path: str) -> str:
    """The name of the field for a JSON path: "loans-0-principal" for "$.loans[0].principal"."""
    return "-".join(str(part) for part in location(path))


_LOAN = (
    Leaf("contract_no"),
    Leaf("principal", kinds.MONEY),
    Leaf("interest_on_balance", kinds.MONEY),
    Leaf("interest_off_balance", kinds.MONEY),
    Leaf("penalty", kinds.MONEY),
    Leaf("rate", kinds.PERCENT, label=_("Rate, % a year")),
    Leaf("issued_on", kinds.DAY),
    Leaf("due_on", kinds.DAY),
    Leaf("days_past_due", kinds.WHOLE),
    Leaf("classification", kinds.choice("classification")),
    Leaf("lending_officer"),
    Leaf("collection_officer"),
)

STEPS: tuple[Step, ...] = (
    Step(
        "borrower",
        _("Borrower"),
        (
            Leaf(
                "title", empty="",
                help=_("How the plan is named on the agenda: the measure and the borrower."),
            ),
            Group(
                "borrower",
                (
                    Leaf("name"),
                    Leaf("id_no"),
                    Leaf("kind", kinds.choice("borrower.kind")),
                    Leaf("operating", kinds.choice("operating")),
                    Leaf("cause", kinds.PROSE),
                ),
            ),
            Leaf("base_date", kinds.DAY, help=_("The day on which all amounts of the plan are as stated.")),
        ),
        _("Who owes, and why it is not repaid."),
    ),
    Step(
        "loans",
        _("Loans"),
        (
            Rows(
                "loans", _LOAN, _("Loan"), _("Add a loan"),
                help=_("Amounts in yuan at the base date, such as 1,234.56."),
                named_by=("contract_no", "principal", "classification"), begun=True,
            ),
        ),
        _("Every loan contract that the plan covers (Art. 6)."),
        imports="loans",
    ),
    Step(
        "security",
        _("Security"),
        (
            Rows(
                "guarantees",
                (Leaf("guarantor"), Leaf("amount", kinds.MONEY), Leaf("capacity", kinds.PROSE)),
                _("Guarantee"), _("Add a guarantee"), optional=True, begun=True,
                named_by=("guarantor", "amount"),
            ),
            Rows(
                "collateral",
                (
                    Leaf("kind", kinds.suggestion("collateral.kind")),
                    Leaf("title_no"),
                    Leaf("owner"),
                    Leaf("value", kinds.MONEY),
                    Leaf("valued_on", kinds.DAY),
                    Leaf("appraiser"),
                    Leaf("rank", kinds.WHOLE),
                    Leaf("haircut", kinds.PERCENT, label=_("Haircut, %")),
                ),
                _("Collateral"), _("Add collateral"), optional=True, begun=True,
                named_by=("kind", "title_no", "value"),
            ),
        ),
        _("Who guarantees and what is pledged. Saved without an entry, the plan states that there is none."),
    ),
    Step(
        "conditions",
        _("Evidence under Art. 7"),
        (Conditions(),),
        _("The committee decides only where one or more of these conditions are met. Tick those that are, "
          "and state the evidence for each."),
    ),
    Step(
        "investigation",
        _("Investigation"),
        (
            Group("investigation", tuple(
                Leaf(name, kinds.PROSE)
                for name in ("relationship", "willingness", "assets", "feasibility", "accountability")
            )),
            Leaf("recoverability", kinds.choice("recoverability")),
        ),
        _("What the investigation found."),
    ),
    Step("measures", _("Measures"), (Measures(),), _("How the loans are to be recovered.")),
    Step(
        "schedule",
        _("Concessions and schedule"),
        (
            Group("concessions", (
                Leaf("interest_waived", kinds.MONEY),
                Leaf("penalty_waived", kinds.MONEY),
                Leaf("principal_waived", kinds.MONEY),
                Leaf("new_money", kinds.MONEY),
                Leaf("extension_months", kinds.WHOLE),
                Leaf("new_rate", kinds.PERCENT, help=_("Blank where the rate does not change."), blank=None,
                     label=_("New rate, % a year")),
            ), help=_("Amounts in yuan; 0 for what is not given."), beside=True),
            Rows(
                "schedule",
                (Leaf("due_on", kinds.DAY), Leaf("principal", kinds.MONEY), Leaf("interest", kinds.MONEY)),
                _("Instalment"), _("Add an instalment"), slim=True, help=_DAY_HELP,
            ),
        ),
        _("Concessions, and what is repaid when."),
        imports="schedule",
    ),
    Step(
        "sources",
        _("Sources and alternatives"),
        (
            Rows(
                "sources",
                (
                    Leaf("kind", kinds.suggestion("sources.kind")),
                    Leaf("amount", kinds.MONEY),
                    Leaf("description", kinds.PROSE),
                ),
                _("Source"), _("Add a source"), named_by=("kind", "amount"), begun=True,
            ),
            Leaf("discount_rate", kinds.PERCENT, label=_("Discount rate, % a year"),
                 help=_("At which the plan and its alternatives are valued at the base date.")),
            Rows(
                "alternatives",
                (
                    Leaf("name", kinds.suggestion("alternatives.name")),
                    Leaf("cost", kinds.MONEY),
                    Rows(
                        "flows",
                        (
                            Leaf("on", kinds.DAY),
                            Leaf("amount", kinds.MONEY),
                            Leaf("probability", kinds.PERCENT, label=_("Probability, %")),
                        ),
                        _("Flow"), _("Add a flow"), slim=True,
                    ),
                ),
                _("Alternative"), _("Add an alternative"),
                help=_("Other ways to recover; enforcement must be among them."), named_by=("name", "cost"),
                begun=True,
            ),
        ),
        _("Where the money comes from, and what else could be done."),
    ),
    Step(
        "execution",
        _("Execution"),
        (
            Leaf("executor", help=_("Who carries the plan out."), empty=""),
            Leaf(
                "expected_recovery",
                kinds.MONEY,
                help=_("In yuan, of everything owed, the new money and the interest scheduled."),
            ),
            Rows(
                "milestones",
                (Leaf("on", kinds.DAY), Leaf("what", kinds.LINE)),
                _("Milestone"), _("Add a milestone"), optional=True, slim=True,
                help=_("What should have happened by a day. Saved without an entry, the plan states none."),
            ),
        ),
        _("Who does it, by when, and what is expected."),
    ),
    Step(
        "attachments",
        _("Attachments"),
        (
            Rows(
                "attachments",
                (Leaf("name"), FileText("text", kinds.PROSE)),
                _("Attachment"), _("Add an entry without a file"), optional=True, named_by=("name",),
                help=_("Saved without an entry, the plan states that it has no attachments."),
            ),
        ),
        _("The papers that belong to the plan, each with what it says."),
    ),
)  # fmt: skip

BY_SLUG = {step.slug: step for step in STEPS}
OF_KEY = {key: step for step in STEPS for key in step.keys}


def step_of(path: str) -> Step:
    """The step that holds the place of a JSON path; the first for the plan as a whole."""
    found = location(path)
    return OF_KEY[str(found[0])] if found and found[0] in OF_KEY else STEPS[0]
