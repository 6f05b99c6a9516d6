"""The editor of a plan, for the handlers of its institution: one page a step, saved as one goes."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from pages.plans.comments import reading
from pages.plans.editor import context, parts, saving
from pages.plans.editor.missing import address_of, find_faults
from pages.plans.editor.parts import Posted
from pages.plans.editor.session import EditingSession, StepSession, Typed, plan_view, step_view
from pages.plans.editor.steps import BY_SLUG, STEPS, place
from proposals.actions.comments import comment
from regulation.refused import Refused
from web import idempotent_forms, labels, shell


@require_safe
@plan_view
def start(session: EditingSession) -> HttpResponse:
    """The first step with a comment to answer, else in which something is missing, else the checks."""
    threads = reading.threads(session.comments, session.version.document)
    commented = next((thread for thread in threads if thread.open), None)
    if commented is not None:
        return HttpResponseRedirect(f"{session.address_of(commented.step)}#p-{commented.name}")
    found = session.faults
    return HttpResponseRedirect(session.address_of(found[0].step if found else None))


@require_safe
@plan_view
def check(session: EditingSession) -> HttpResponse:
    """What is missing or wrong, each with a way to its field; then submitting."""
    page = context.check_page(session)
    return shell.page(session.request, "plans/editor/check.html", page, here="proposals")


@require_http_methods(["GET", "HEAD", "POST"])
@step_view
def step(session: StepSession) -> HttpResponse:
    """A step of the plan: what is stated, or what was typed and not saved yet."""
    if session.request.method == "POST":
        return _act(session, parts.posted(session.request.POST))
    before = idempotent_forms.saved_input(session.request)
    if before is not None:
        session.keep(_typed(session, parts.posted(before)))
        return _page(session, session.typed(), answers=_answers(parts.posted(before)))
    return _page(session, session.typed())


@require_POST
@step_view
def keep(session: StepSession) -> HttpResponse:
    """What is being typed is kept, for the same person alone; the plan does not change."""
    token = session.request.POST.get(idempotent_forms.FIELD, "")
    if not idempotent_forms.made_for(token, session.viewer.person):
        raise PermissionDenied
    typed = _typed(session, parts.posted(session.request.POST))
    if session.is_saved(typed.raw):
        session.discard()
    else:
        session.keep(typed)
    return JsonResponse({"at": f"{timezone.localtime(clock.now()):%H:%M}"})


@require_POST
@step_view
def figures(session: StepSession) -> HttpResponse:
    """The figures of the plan with what is typed, which is not kept."""
    typed = _typed(session, parts.posted(session.request.POST))
    return render(session.request, "plans/editor/sums.html", {"sums": context.sums(session, typed.raw)})


def _typed(session: StepSession, posted: Posted) -> Typed:
    """What was typed in the form that was sent."""
    version = saving.version_named(session.proposal, posted.get("version", ""))
    return Typed(session.step.collect(posted), version)


def _act(session: StepSession, posted: Posted) -> HttpResponse:
    """What the pressed button does with what was typed."""
    verb, _colon, name = posted.get("do", "save").partition(":")
    if verb == "discard":
        session.discard()
        return HttpResponseRedirect(session.address)
    typed = _typed(session, posted)
    if verb == "answer":
        return _answer(session, typed, posted, name)
    if verb in ("add", "remove"):
        return _rearrange(session, typed, verb, name)
    return _save(session, typed, posted, leaving=verb == "go", onward=_onward(session, verb, name))


#: fields of the form with an answer to a comment, by the path of its field
_ANSWER = "answer-"


def _answers(posted: Posted) -> dict[str, str]:
    """What is typed as answers to comments, by path."""
    return {name.removeprefix(_ANSWER): text for name, text in posted.items() if name.startswith(_ANSWER)}


def _answer(session: StepSession, typed: Typed, posted: Posted, path: str) -> HttpResponse:
    """The answer is sent; what is typed in the step is kept, and the page shows the comments at the field."""
    if not session.is_saved(typed.raw):
        session.keep(typed)
    answers = _answers(posted)

    def act() -> str:
        comment(session.proposal, by=session.viewer.person, field=path, text=answers.get(path, ""))
        messages.success(session.request, _("The answer is sent."))
        return f"{session.address}#p-{place(path)}"

    try:
        led_to = idempotent_forms.carry_out(session.request, act)
    except Refused as refused:
        refusal = labels.refusal(refused)
        return _page(session, typed, refusal=refusal, status=refused.status, answers=answers)
    return HttpResponseRedirect(led_to)


def _rearrange(session: StepSession, typed: Typed, verb: str, name: str) -> HttpResponse:
    """A row is added to or removed from the rows of that name; the page shows where."""
    rows = session.step.rows_named(typed.raw, name)
    if rows is None:
        raise Http404
    place = rows.add() if verb == "add" else rows.remove()
    session.keep(typed)
    return HttpResponseRedirect(f"{session.address}#p-{place}")


def _save(session: StepSession, typed: Typed, posted: Posted, *, leaving: bool, onward: str) -> HttpResponse:
    """Save the step and redirect, or keep the input and show it with its faults.

    A person who leaves the step is redirected in either case.
    """
    try:
        outcome = saving.save(session, typed, _choices(session, posted), leaving=leaving)
    except Refused as refused:
        session.keep(typed)
        return _page(session, typed, refusal=labels.refusal(refused), status=refused.status)
    if outcome.possible:
        return HttpResponseRedirect(_first_wrong(session, posted) or onward)
    session.keep(typed)
    if not leaving:
        return _page(session, typed, outcome=outcome, status=409 if outcome.conflicts else 422)
    text = _("%(step)s: what you typed is kept, but not saved in the plan yet.")
    messages.warning(session.request, text % {"step": session.step.name})
    return HttpResponseRedirect(onward)


def _first_wrong(session: StepSession, posted: Posted) -> str:
    """The address of the first field of the saved step that is wrong, for whoever would go on; else empty."""
    if posted.get("do") != "next":
        return ""
    proposal = session.proposal
    proposal.refresh_from_db(fields=["version"])
    found = find_faults(proposal.present_version.plan, session.today)
    wrong = [fault for fault in found if fault.step is session.step and not fault.missing]
    if not wrong:
        return ""
    text = _(
        "Saved. Before going on, please correct: %(field)s. Other steps are reached from the list of steps."
    )
    messages.warning(session.request, text % {"field": wrong[0].where})
    return address_of(proposal.pk, wrong[0])


def _choices(session: StepSession, posted: Posted) -> dict[str, str]:
    """How each conflict is to be settled; nothing where the plan has changed again since they were shown."""
    if posted.get("seen") != str(session.version.number):
        return {}
    return {key: posted.get(f"choose-{key}", "") for key in session.step.keys}


def _onward(session: StepSession, verb: str, name: str) -> str:
    """The address to which the pressed button leads once the step is saved."""
    if verb == "next":
        return session.address_of(next(iter(STEPS[STEPS.index(session.step) + 1 :]), None))
    if verb == "go":
        return session.address_of(BY_SLUG.get(name))
    return session.address


def _page(
    session: StepSession,
    typed: Typed,
    *,
    outcome: saving.Outcome | None = None,
    refusal: labels.Refusal | None = None,
    status: int = 200,
    answers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The page of the step with this typed in it."""
    page = context.step_page(session, typed, outcome, refusal, answers or {})
    return shell.page(session.request, "plans/editor/step.html", page, here="proposals", status=status)
