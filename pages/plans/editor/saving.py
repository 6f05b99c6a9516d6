"""Saving a step: which keys change, and what to do when somebody else changed them meanwhile.

A step is typed over a version of the plan. What is typed replaces a key only when it differs from that
version; a key that somebody else changed since is a conflict, and nothing is written until it is settled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext

from pages.plans.editor.parts import ABSENT, Note, Raw
from pages.plans.editor.steps import Step
from pages.plans.page import Difference, in_words
from proposals import substance
from proposals.labels import FIELDS
from proposals.models import PlanVersion, Proposal
from proposals.plan.drafts import parse_draft, stored_plan

MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True)
class Conflict:
    """A key that two people changed: who and when, what is saved now, and what is typed here."""

    key: str
    label: str | Promise
    by: tuple[PlanVersion, ...]
    #: before: as it is saved now; after: as it is typed here
    differences: list[Difference]


@dataclass(frozen=True)
class Outcome:
    """What saving would change, or why it cannot be saved."""

    changes: Mapping[str, Any]
    faults: Mapping[str, list[Note]]
    conflicts: list[Conflict]

    @property
    def possible(self) -> bool:
        """Whether it can be saved as it is."""
        return not self.faults and not self.conflicts


def version_named(proposal: Proposal, number: str) -> int:
    """The version over which a form was typed: the number that it carries, or the present one."""
    assert proposal.version is not None
    current = proposal.version.number
    return int(number) if number.isascii() and number.isdigit() and 0 < int(number[:9]) < current else current


def weigh(
    step: Step,
    raw: Raw,
    proposal: Proposal,
    base: int,
    *,
    choices: Mapping[str, str] | None = None,
    leaving: bool = False,
) -> Outcome:
    """What saving this over that version would do; `choices` settles conflicts key by key.

    Who only leaves the step does not thereby state that there are no guarantees, milestones, attachments.
    """
    versions = list(
        PlanVersion.objects.filter(proposal=proposal, number__gte=base)
        .select_related("made_by")
        .order_by("number")
    )
    before, now = versions[0].document, versions[-1].document
    faults = step.faults(raw)
    changes: dict[str, Any] = {}
    conflicts = []
    for part, mine, saved, shown in _changed(step, raw, before, now):
        key = part.name
        if mine in (saved, shown):
            if getattr(part, "optional", False) and not leaving and key not in now and mine == []:
                changes[key] = []
            continue
        choice = (choices or {}).get(key)
        if before.get(key) != now.get(key) and choice not in (MINE, THEIRS):
            conflicts.append(_conflict(key, mine, now, versions))
        elif choice != THEIRS or before.get(key) == now.get(key):
            value = part.empty if mine is ABSENT else mine
            if value is ABSENT:
                text = gettext("This can be changed, but not taken back. State a value.")
                faults.setdefault(key, []).append(Note(text))
            changes[key] = value
    return Outcome(changes, faults, [] if faults else conflicts)


def _changed(
    step: Step, raw: Raw, before: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterable[tuple[Any, Any, Any, Any]]:
    """Each part with what is typed, what is saved now and what was shown, all three as a form reads them."""
    typed = step.read(raw)
    for part in step.parts:
        saved, shown = (part.read(part.write(document.get(part.name, ABSENT))) for document in (now, before))
        yield part, typed[part.name], saved, shown


def _conflict(key: str, mine: Any, now: Mapping[str, Any], versions: list[PlanVersion]) -> Conflict:
    saved = stored_plan({key: now[key]} if key in now else {})
    typed = parse_draft({} if mine is ABSENT else {key: mine})
    found = substance.compare(saved, typed, material_change_pct=Decimal(0))
    return Conflict(
        key,
        FIELDS[key],
        tuple(
            later
            for earlier, later in pairwise(versions)
            if earlier.document.get(key) != later.document.get(key)
        ),
        [in_words(row.field, row.path, row.old, row.new) for row in found if not row.summary],
    )
