"""Saving a step: a merge of what is typed, the version it was typed over, and the present version.

A step is typed over a version of the plan. What is typed replaces a key only when it differs from that
version; a key that somebody else changed since is a conflict, and nothing is written until it is settled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext

from committee.permissions import require_state
from pages.plans.differences import Difference, in_words
from pages.plans.editor.parts import ABSENT, Note, Raw
from pages.plans.editor.session import StepSession, Typed
from pages.plans.editor.steps import Step
from proposals import substance
from proposals.actions import plans
from proposals.labels import FIELDS
from proposals.locks import lock_proposal
from proposals.models import PlanVersion, Proposal
from proposals.permissions import ACTS
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


def save(session: StepSession, typed: Typed, choices: Mapping[str, str], *, leaving: bool) -> Outcome:
    """Amend the keys of the step that changed, unless something is wrong with them or in conflict.

    `choices` settles conflicts key by key. Refused where the plan cannot be amended any more.
    """
    with transaction.atomic():
        proposal, _meeting = lock_proposal(session.proposal.pk)
        require_state(ACTS["amend"], proposal.state)
        outcome = merge(session.step, typed, proposal, choices, leaving=leaving)
        if outcome.possible:
            if outcome.changes:
                plans.amend(proposal, by=session.viewer.person, changes=outcome.changes)
            session.discard()
    return outcome


def merge(
    step: Step, typed: Typed, proposal: Proposal, choices: Mapping[str, str], *, leaving: bool
) -> Outcome:
    """What saving this over that version would change.

    Who only leaves the step does not thereby state that there are no guarantees, milestones, attachments.
    """
    versions = list(
        PlanVersion.objects.filter(proposal=proposal, number__gte=typed.version)
        .select_related("made_by")
        .order_by("number")
    )
    keys = list(_keys(step, typed.raw, versions[0].document, versions[-1].document))
    changes = {
        key.name: key.value for key in keys if key.is_changed(choices.get(key.name, ""), leaving=leaving)
    }
    faults = step.faults(typed.raw)
    for name in (name for name, value in changes.items() if value is ABSENT):
        text = gettext("This can be changed, but not taken back. State a value.")
        faults.setdefault(name, []).append(Note(text))
    conflicts = [_conflict(key, versions) for key in keys if key.is_unsettled(choices.get(key.name, ""))]
    return Outcome(changes, faults, [] if faults else conflicts)


@dataclass(frozen=True)
class _Key:
    """A key of the step three ways: as it is typed, as it was shown and as it is saved now."""

    part: Any
    typed: Any
    before: Mapping[str, Any]
    now: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.part.name)

    @property
    def value(self) -> Any:
        """What the plan would state; ABSENT where it can be changed but not taken back."""
        return self.part.empty if self.typed is ABSENT else self.typed

    def is_changed(self, choice: str, *, leaving: bool) -> bool:
        """Whether saving changes it; none is stated for the first time by saving, not by leaving the step."""
        if self._is_untouched:
            return not leaving and self._states_none
        return not self._is_changed_elsewhere or choice == MINE

    def is_unsettled(self, choice: str) -> bool:
        """Whether it is in conflict, and nothing was chosen."""
        return not self._is_untouched and self._is_changed_elsewhere and choice not in (MINE, THEIRS)

    @property
    def _is_untouched(self) -> bool:
        """Whether it is typed as it was shown, or as it is saved by now: all three as a form reads them."""
        return any(
            self.typed == self.part.read(self.part.write(document.get(self.name, ABSENT)))
            for document in (self.now, self.before)
        )

    @property
    def _is_changed_elsewhere(self) -> bool:
        """Whether another person changed it since it was shown."""
        return bool(self.before.get(self.name) != self.now.get(self.name))

    @property
    def _states_none(self) -> bool:
        return bool(getattr(self.part, "optional", False) and self.name not in self.now and self.typed == [])


def _keys(step: Step, raw: Raw, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterable[_Key]:
    typed = step.read(raw)
    return (_Key(part, typed[part.name], before, now) for part in step.parts)


def _conflict(key: _Key, versions: list[PlanVersion]) -> Conflict:
    saved = stored_plan({key.name: key.now[key.name]} if key.name in key.now else {})
    typed = parse_draft({} if key.typed is ABSENT else {key.name: key.typed})
    found = substance.compare(saved, typed, material_change_pct=Decimal(0))
    changed = (
        later
        for earlier, later in pairwise(versions)
        if earlier.document.get(key.name) != later.document.get(key.name)
    )
    return Conflict(
        key.name,
        FIELDS[key.name],
        tuple(changed),
        [in_words(row.field, row.path, row.old, row.new) for row in found if not row.summary],
    )
