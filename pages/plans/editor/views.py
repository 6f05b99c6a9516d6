"""The editor of a plan, for the handlers of its institution: one page a step, saved as one goes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from committee.offices import HANDLER
from committee.permissions import require_state
from pages.models import WorkingCopy
from pages.plans import page
from pages.plans.editor import arithmetic, missing, parts, resubmission, saving
from pages.plans.editor.parts import ABSENT, Leaf, Note, Raw, Rows
from pages.plans.editor.steps import BY_SLUG, STEPS, Step
from proposals.actions import plans
from proposals.locks import lock_proposal
from proposals.models import PlanVersion, Proposal
from proposals.permissions import ACTS
from regulation.refused import Refused
from web import idempotent_forms, labels, offers, shell
from web.forms import kinds
from web.viewer import Viewer, viewer_of


@dataclass
class Desk:
    """A plan on the desk of one of its handlers, opened at a step."""

    request: HttpRequest
    who: Viewer
    proposal: Proposal
    step: Step

    @property
    def version(self) -> PlanVersion:
        return self.proposal.present_version

    @cached_property
    def copies(self) -> dict[str, WorkingCopy]:
        """What the person has typed and not saved, by step."""
        rows = WorkingCopy.objects.filter(proposal=self.proposal, person=self.who.person)
        return {row.step: row for row in rows}

    @property
    def address(self) -> str:
        return address(self.proposal, self.step)

    def keep(self, raw: Raw, version: int) -> None:
        """What is typed survives whatever comes; nothing of the plan changes."""
        WorkingCopy.objects.update_or_create(
            proposal=self.proposal,
            person=self.who.person,
            step=self.step.slug,
            defaults={"typed": raw, "version": version, "at": clock.now()},
        )

    def typed(self) -> tuple[Raw, int]:
        """What stands in the step, typed or saved, and the version over which it does."""
        copy = self.copies.get(self.step.slug)
        if copy is None:
            return self.step.write(self.version.document), self.version.number
        return {**self.step.write({}), **copy.typed}, copy.version

    def says(self, raw: Raw) -> bool:
        """Whether the plan says what is typed."""
        return self.step.read(raw) == self.step.read(self.step.write(self.version.document))

    def drop(self) -> None:
        """What is typed in the step is saved, or not wanted any more."""
        WorkingCopy.objects.filter(
            proposal=self.proposal, person=self.who.person, step=self.step.slug
        ).delete()


def address(proposal: Proposal, step: Step | None) -> str:
    """Where a step is; without one, the page of checks."""
    return (
        reverse("plan-step", args=[proposal.pk, step.slug])
        if step
        else reverse("plan-check", args=[proposal.pk])
    )


def _handled(request: HttpRequest, pk: int) -> Proposal:
    """The proposal, for its handlers: 404 for who does not see it, 403 for who sees it."""
    who = viewer_of(request)
    proposal = get_object_or_404(
        Proposal.objects.visible_to(who.person).select_related(
            "committee__branch", "unit", "version__made_by"
        ),
        pk=pk,
    )
    if not who.acts_as(HANDLER, proposal):
        raise PermissionDenied
    return proposal


def opened(request: HttpRequest, pk: int, slug: str) -> Desk:
    """The plan at that step, for its handlers."""
    if slug not in BY_SLUG:
        raise Http404
    return Desk(request, viewer_of(request), _handled(request, pk), BY_SLUG[slug])


@require_safe
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """The first step in which something is missing; the checks when nothing is."""
    proposal = _handled(request, pk)
    found = missing.of(proposal.present_version.plan, today(proposal))
    return HttpResponseRedirect(address(proposal, found[0].step if found else None))


def today(proposal: Proposal) -> Any:
    """The day at the proposal's committee."""
    return clock.now().astimezone(proposal.committee.tz).date()


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """A step of the plan: what is stated, or what was typed and not saved yet."""
    desk = opened(request, pk, slug)
    with timezone.override(desk.proposal.committee.tz):
        if request.method == "POST":
            return _sent(desk)
        before = idempotent_forms.saved_input(request)
        if before is not None:
            desk.keep(
                desk.step.collect(parts.posted(before)),
                saving.version_named(desk.proposal, before.get("version", "")),
            )
        return _page(desk, *desk.typed())


def _sent(desk: Desk) -> HttpResponse:
    """What the pressed button does with what was typed."""
    posted = parts.posted(desk.request.POST)
    raw = desk.step.collect(posted)
    version = saving.version_named(desk.proposal, posted.get("version", ""))
    verb, _colon, name = posted.get("do", "save").partition(":")
    if verb == "discard":
        desk.drop()
        return HttpResponseRedirect(desk.address)
    if verb in ("add", "remove"):
        place = _rearranged(desk.step, raw, verb, name)
        desk.keep(raw, version)
        return HttpResponseRedirect(f"{desk.address}#p-{place}")
    choices = {}
    if posted.get("seen") == str(desk.version.number):
        choices = {key: posted.get(f"choose-{key}", "") for key in desk.step.keys}
    try:
        outcome = save(desk, raw, version, choices, leaving=verb == "go")
    except Refused as refused:
        desk.keep(raw, version)
        return _page(desk, raw, version, refusal=labels.refusal(refused), status=refused.status)
    if not outcome.possible:
        desk.keep(raw, version)
        if verb == "go":
            messages.warning(
                desk.request,
                _("%(step)s: what you typed is kept, but not saved in the plan yet.")
                % {"step": desk.step.name},
            )
            return HttpResponseRedirect(_onward(desk, verb, name))
        return _page(desk, raw, version, outcome=outcome, status=409 if outcome.conflicts else 422)
    return HttpResponseRedirect(_onward(desk, verb, name))


def save(desk: Desk, raw: Raw, version: int, choices: dict[str, str], *, leaving: bool) -> saving.Outcome:
    """The keys of the step that changed are amended, unless something is wrong with them or in conflict."""
    with transaction.atomic():
        proposal, _meeting = lock_proposal(desk.proposal.pk)
        require_state(ACTS["amend"], proposal.state)
        outcome = saving.weigh(desk.step, raw, proposal, version, choices=choices, leaving=leaving)
        if outcome.possible:
            if outcome.changes:
                plans.amend(proposal, by=desk.who.person, changes=outcome.changes)
            desk.drop()
    return outcome


def _onward(desk: Desk, verb: str, name: str) -> str:
    """Where the pressed button leads."""
    if verb == "next":
        place = STEPS.index(desk.step) + 1
        return address(desk.proposal, STEPS[place] if place < len(STEPS) else None)
    if verb == "go":
        return address(desk.proposal, BY_SLUG.get(name))
    return desk.address


_ROW = re.compile(r"([a-z]+)(?:-([0-9]{1,6})-([a-z]+))?(?:-([0-9]{1,6}))?")


def _rearranged(step: Step, raw: Raw, verb: str, name: str) -> str:
    """A row is added to or removed from the rows of that name; returns the place to show."""
    found = _ROW.fullmatch(name)
    part = step.rows(found[1]) if found else None
    if found is None or part is None:
        raise Http404
    rows = raw[part.name]
    at = part.name
    if found[2]:
        inner = next((each for each in part.parts if isinstance(each, Rows) and each.name == found[3]), None)
        if inner is None or int(found[2]) >= len(rows):
            raise Http404
        rows, part, at = rows[int(found[2])][inner.name], inner, f"{at}-{found[2]}-{inner.name}"
    if verb == "add":
        rows.append(part.row.write(ABSENT))
        return f"{at}-{len(rows) - 1}"
    if found[4] and int(found[4]) < len(rows):
        del rows[int(found[4])]
    return at


def _page(
    desk: Desk,
    raw: Raw,
    version: int,
    *,
    outcome: saving.Outcome | None = None,
    refusal: labels.Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of the step with this typed in it."""
    found = missing.of(desk.version.plan, today(desk.proposal))
    here = [fault for fault in found if fault.step is desk.step]
    notes: dict[str, list[Note]] = {}
    asked = "missing" in desk.request.GET
    for fault in here:
        if asked or not fault.missing:
            notes.setdefault(fault.name, []).append(fault.note)
    wrong = outcome.faults if outcome else {}
    notes |= {name: list(said) for name, said in wrong.items()}
    copy = desk.copies.get(desk.step.slug)
    if desk.proposal.state not in ACTS["amend"].states and refusal is None:
        refusal = labels.refusal(ACTS["amend"].misplaced(desk.proposal.state))
    place = STEPS.index(desk.step)
    context = {
        "proposal": desk.proposal,
        "step": desk.step,
        "parts": desk.step.show(raw, notes),
        "number": place + 1,
        "of": len(STEPS) + 1,
        "version": version,
        "current": desk.version,
        "copy": copy if copy and outcome is None else None,
        "wrong": [(name, missing.where(name), note.text) for name, said in wrong.items() for note in said],
        "conflicts": outcome.conflicts if outcome else [],
        "refusal": refusal,
        "sums": _sums(desk, raw),
        "compared": resubmission.compared(
            desk.proposal, desk.version.plan, desk.who.person, today(desk.proposal), desk.step.keys
        ),
        "missing": here,
        "links": {fault.name: missing.link(desk.proposal.pk, fault) for fault in here},
        "entries": missing.entries(found, desk.step.slug, desk.copies),
        "faults": found,
        "families": [(family, kinds.options_of(family)) for family in _families(desk.step.parts)],
    }
    return shell.page(desk.request, "plans/editor/step.html", context, here="proposals", status=status)


def _families(parts: Any) -> list[str]:
    """The families of codes from which fields of these parts are suggested."""
    found: list[str] = []
    for part in parts:
        inner = _families(part.parts) if hasattr(part, "parts") else []
        if isinstance(part, Leaf) and part.kind.control == "suggestion":
            inner = [part.kind.family]
        found += [family for family in inner if family not in found]
    return found


@require_POST
def keep(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """What is being typed is kept, for the same person alone; the plan does not change."""
    desk = opened(request, pk, slug)
    if not idempotent_forms.made_for(request.POST.get(idempotent_forms.FIELD, ""), desk.who.person):
        raise PermissionDenied
    posted = parts.posted(request.POST)
    raw = desk.step.collect(posted)
    if desk.says(raw):
        desk.drop()
    else:
        desk.keep(raw, saving.version_named(desk.proposal, posted.get("version", "")))
    at = clock.now().astimezone(desk.proposal.committee.tz)
    return JsonResponse({"at": f"{at:%H:%M}"})


@require_POST
def figures(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """The figures of the plan with what is typed, which is not kept."""
    desk = opened(request, pk, slug)
    with timezone.override(desk.proposal.committee.tz):
        raw = desk.step.collect(parts.posted(request.POST))
        return render(request, "plans/editor/sums.html", {"sums": _sums(desk, raw)})


def _sums(desk: Desk, raw: Raw) -> arithmetic.Sums:
    return arithmetic.sums(arithmetic.readable(desk.version.document, desk.step.stated(raw)))


@require_safe
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """What is missing or wrong, each with a way to its field; then submitting."""
    proposal = _handled(request, pk)
    with timezone.override(proposal.committee.tz):
        version = proposal.present_version
        found = missing.of(version.plan, today(proposal))
        copies = WorkingCopy.objects.filter(proposal=proposal, person=viewer_of(request).person)
        kept = list(copies.values_list("step", flat=True))
        context = {
            "proposal": proposal,
            "number": len(STEPS) + 1,
            "of": len(STEPS) + 1,
            "current": version,
            "faults": [(fault, missing.link(proposal.pk, fault)) for fault in found],
            "entries": missing.entries(found, "", kept),
            "version": version,
            "compared": resubmission.compared(
                proposal, version.plan, viewer_of(request).person, today(proposal)
            ),
            "kept": [BY_SLUG[slug] for slug in kept if slug in BY_SLUG],
            "offers": [
                each for each in offers.offered(proposal, viewer_of(request)) if each.offer.verb == "submit"
            ],
            **page.plan_parts(version),
        }
        return shell.page(request, "plans/editor/check.html", context, here="proposals")
