"""A plan open in the editor: who edits it, the version that is edited, and what is typed but not saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from audit import clock
from committee.offices import HANDLER
from pages.models import WorkingCopy
from pages.plans.comments.reading import OF_PLAN
from pages.plans.editor.missing import Fault, find_faults
from pages.plans.editor.parts import Raw, Rows
from pages.plans.editor.steps import BY_SLUG, Step
from pages.plans.sections import schedule_total
from proposals.ledger import ledger_of
from proposals.models import PlanComment, PlanVersion, Proposal
from web.seen import SeenRow
from web.viewer import Viewer, viewer_of

_PROPOSAL = SeenRow(Proposal, "committee__branch", "unit", "version__made_by")


@dataclass(frozen=True)
class Typed:
    """What is typed in a step, and the number of the version over which it was typed."""

    raw: Raw
    version: int


@dataclass
class EditingSession:
    """A plan that one of its handlers has open in the editor."""

    request: HttpRequest
    viewer: Viewer
    proposal: Proposal

    @property
    def version(self) -> PlanVersion:
        """The present version of the plan."""
        return self.proposal.present_version

    @cached_property
    def comments(self) -> list[PlanComment]:
        """What the liaison and the institution wrote to each other at its fields."""
        return OF_PLAN(self.proposal.pk)

    @property
    def today(self) -> date:
        """The day at the proposal's committee."""
        return clock.now().astimezone(self.proposal.committee.tz).date()

    @cached_property
    def faults(self) -> list[Fault]:
        """What keeps the saved plan from being submitted today."""
        plan = self.version.plan
        return find_faults(plan, self.today, ledger_of(self.proposal, plan, self.today))

    @cached_property
    def copies(self) -> dict[str, WorkingCopy]:
        """What the person has typed and not saved, by step."""
        rows = WorkingCopy.objects.filter(proposal=self.proposal, person=self.viewer.person)
        return {row.step: row for row in rows}

    def address_of(self, step: Step | None) -> str:
        """The address of a step; without one, of the page of checks."""
        if step is None:
            return reverse("plan-check", args=[self.proposal.pk])
        return reverse("plan-step", args=[self.proposal.pk, step.slug])


@dataclass
class StepSession(EditingSession):
    """A plan open in the editor at one of its steps."""

    step: Step

    @property
    def address(self) -> str:
        """The address of the step."""
        return self.address_of(self.step)

    @property
    def copy(self) -> WorkingCopy | None:
        """What the person has typed in the step and not saved."""
        return self.copies.get(self.step.slug)

    def typed(self) -> Typed:
        """The content of the step, typed or saved."""
        if self.copy is None:
            return Typed(self._proposed(self.step.write(self.version.document)), self.version.number)
        return Typed({**self.step.write({}), **self.copy.typed}, self.copy.version)

    def _proposed(self, raw: Raw) -> Raw:
        """What is saved, with the total of the schedule as the recovery expected where none is stated."""
        document = self.version.document
        if "expected_recovery" in raw and "expected_recovery" not in document and document.get("schedule"):
            return {**raw, "expected_recovery": f"{sum(schedule_total(document).values()):,.2f}"}
        return raw

    def keep(self, typed: Typed) -> None:
        """Keep what is typed for the person who typed it; the plan does not change."""
        WorkingCopy.objects.update_or_create(
            proposal=self.proposal,
            person=self.viewer.person,
            step=self.step.slug,
            defaults={"typed": typed.raw, "version": typed.version, "at": clock.now()},
        )

    def discard(self) -> None:
        """Remove what is typed: it is saved, or not wanted any more."""
        WorkingCopy.objects.filter(
            proposal=self.proposal, person=self.viewer.person, step=self.step.slug
        ).delete()

    def is_saved(self, raw: Raw) -> bool:
        """Whether the plan states what is typed."""
        return self.step.read(raw) == self.step.read(self.step.write(self.version.document))


PlanView = Callable[[HttpRequest, int], HttpResponse]
StepView = Callable[[HttpRequest, int, str], HttpResponse]


def plan_view(view: Callable[[EditingSession], HttpResponse]) -> PlanView:
    """A view of the plan as a whole, for its handlers, in the time zone of its committee."""

    @wraps(view)
    def opened(request: HttpRequest, pk: int) -> HttpResponse:
        proposal = _handled(request, pk)
        with timezone.override(proposal.committee.tz):
            return view(EditingSession(request, viewer_of(request), proposal))

    return opened


def step_view(view: Callable[[StepSession], HttpResponse]) -> StepView:
    """A view of one step of the plan, for its handlers; 404 for a step that there is not."""

    @wraps(view)
    def opened(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
        if slug not in BY_SLUG:
            raise Http404
        proposal = _handled(request, pk)
        with timezone.override(proposal.committee.tz):
            return view(StepSession(request, viewer_of(request), proposal, BY_SLUG[slug]))

    return opened


def table_view(view: Callable[[StepSession, Rows], HttpResponse]) -> StepView:
    """A view of the rows of a step that can be imported; 404 for a step without such rows."""

    @step_view
    @wraps(view)
    def opened(session: StepSession) -> HttpResponse:
        part = session.step.rows(session.step.imports)
        if part is None:
            raise Http404
        return view(session, part)

    return opened


def _handled(request: HttpRequest, pk: int) -> Proposal:
    """The proposal, for its handlers: 404 for who does not see it, 403 for who sees it."""
    viewer = viewer_of(request)
    proposal = _PROPOSAL.get_or_404(viewer.person, pk)
    if not viewer.acts_as(HANDLER, proposal):
        raise PermissionDenied
    return proposal
