"""What the pages of the editor show: one of a step, one of the checks before submitting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pages.models import WorkingCopy
from pages.plans.comments import reading
from pages.plans.editor import arithmetic, missing
from pages.plans.editor.parts import Leaf, Note, PartView, Raw
from pages.plans.editor.resubmission import RejectedBeside, compare_with_rejected
from pages.plans.editor.saving import Conflict, Outcome
from pages.plans.editor.session import EditingSession, StepSession, Typed
from pages.plans.editor.steps import BY_SLUG, STEPS, Step
from pages.plans.files.forms import AttachForm
from pages.plans.ledger.beside import remarks
from pages.plans.sections import PlanSections, plan_sections
from proposals.ledger import basis_of, has_ledger
from proposals.models import PlanVersion, Proposal
from proposals.permissions import ACTS
from web import labels, offers
from web.forms import kinds
from web.offers import Offered


@dataclass(frozen=True, kw_only=True)
class EditorPage:
    """A page of the editor: which of how many, the saved version, the list of steps."""

    proposal: Proposal
    step: Step | None
    number: int
    of: int
    current: PlanVersion
    entries: list[missing.StepEntry]
    #: the plan beside one that was not carried
    compared: RejectedBeside | None


@dataclass(frozen=True, kw_only=True)
class StepPage(EditorPage):
    """A step with what is typed in it, what is wrong there, and the figures beside."""

    parts: list[PartView]
    #: the number of the version over which it was typed
    version: int
    #: what was typed before and is shown again
    copy: WorkingCopy | None
    #: what keeps it from being saved: the name of the field, the field in words, what is wrong
    wrong: list[tuple[str, str, str]]
    conflicts: list[Conflict]
    refusal: labels.Refusal | None
    sums: arithmetic.Sums
    #: the form of one file more, in the step of attachments
    attaching: AttachForm | None
    #: whether loans may be taken from the ledger in this step
    from_ledger: bool
    #: the codes from which fields are suggested, by family
    families: list[tuple[str, list[tuple[str, str]]]]


@dataclass(frozen=True, kw_only=True)
class CheckPage(PlanSections, EditorPage):
    """The plan as the committee will read it, with what is left to do before it is submitted."""

    faults: list[tuple[missing.Fault, str]]
    #: the comments, each leading to its field, where the answer is written
    threads: list[reading.Thread]
    may_comment: bool
    #: the steps in which something is typed and not saved
    kept: list[Step]
    offers: list[Offered]
    #: each row leads to the step in which it is changed, each comment to its field
    changing: bool = True
    answering: bool = True


def step_page(
    session: StepSession,
    typed: Typed,
    outcome: Outcome | None,
    refusal: labels.Refusal | None,
    answers: Mapping[str, str],
) -> StepPage:
    """The page of the step with this typed in it, also as answers, and why it could not be saved."""
    step, state = session.step, session.proposal.state
    if state not in ACTS["amend"].states and refusal is None:
        refusal = labels.refusal(ACTS["amend"].misplaced(state))
    wrong = outcome.faults if outcome else {}
    notes = _with_remarks({**_notes(session), **wrong}, _remarks(session, typed.raw))
    return StepPage(
        **vars(_around(session, step)),
        parts=step.show(typed.raw, _with_comments(session, typed, notes, answers)),
        from_ledger=step.imports == "loans" and has_ledger(session.proposal),
        version=typed.version,
        copy=None if outcome else session.copy,
        wrong=[
            (name, missing.field_in_words(name), note.text) for name, notes in wrong.items() for note in notes
        ],
        conflicts=outcome.conflicts if outcome else [],
        refusal=refusal,
        sums=sums(session, typed.raw),
        attaching=_attaching(session),
        families=[(family, kinds.options_of(family)) for family in _families(step.parts)],
    )


def check_page(session: EditingSession) -> CheckPage:
    """The page of the checks before submitting."""
    proposal = session.proposal
    return CheckPage(
        **vars(_around(session, None)),
        **vars(plan_sections(session.version)),
        faults=[(fault, missing.address_of(proposal.pk, fault)) for fault in session.faults],
        threads=reading.threads(session.comments, session.version.document),
        may_comment=reading.may_comment(proposal, session.viewer),
        kept=[BY_SLUG[slug] for slug in session.copies if slug in BY_SLUG],
        offers=[each for each in offers.offered(proposal, session.viewer) if each.offer.verb == "submit"],
    )


def _around(session: EditingSession, step: Step | None) -> EditorPage:
    """What every page of the editor shows, at this step; without one, at the checks."""
    keys = step.keys if step else ()
    return EditorPage(
        proposal=session.proposal,
        step=step,
        number=STEPS.index(step) + 1 if step else len(STEPS) + 1,
        of=len(STEPS) + 1,
        current=session.version,
        entries=missing.step_entries(
            session.faults,
            step.slug if step else "",
            session.copies,
            reading.threads(session.comments, session.version.document),
        ),
        compared=compare_with_rejected(
            session.proposal, session.version.plan, session.viewer.person, session.today, keys
        ),
    )


def sums(session: StepSession, raw: Raw) -> arithmetic.Sums:
    """The figures of the plan with this typed in the step."""
    return arithmetic.sums(arithmetic.readable(session.version.document, session.step.stated(raw)))


def _notes(session: StepSession) -> dict[str, list[Note]]:
    """What is wrong in the saved step, by field; what is missing as well when the address asks for it."""
    notes: dict[str, list[Note]] = {}
    show_missing = "missing" in session.request.GET
    for fault in session.faults:
        if fault.step is session.step and (show_missing or not fault.missing):
            notes.setdefault(fault.name, []).append(fault.note)
    return notes


def _attaching(session: StepSession) -> AttachForm | None:
    """The form of one file more, where the step is that of attachments and the plan can be amended."""
    if session.step.slug != "attachments" or session.proposal.state not in ACTS["amend"].states:
        return None
    return AttachForm(subject=session.proposal, who=session.viewer, prefix=None, auto_id="attach-%s")


def _with_comments(
    session: StepSession, typed: Typed, notes: Mapping[str, list[Any]], answers: Mapping[str, str]
) -> dict[str, list[Any]]:
    """What is said beside the fields, with the threads of comments at those that the step has."""
    found = {name: list(said) for name, said in notes.items()}
    document = {**session.version.document, **session.step.stated(typed.raw)}
    for thread in reading.threads(session.comments, document, answers):
        if thread.step is session.step:
            found.setdefault(thread.name, []).append(thread)
    return found


def _remarks(session: StepSession, raw: Raw) -> dict[str, list[Note]]:
    """Whence the step's fields were filled from the ledger, and where they now state something else."""
    part = session.step.rows("loans")
    if part is None:
        return {}
    read = [part.row.read(row) for row in raw["loans"]]
    stated = [row if isinstance(row, dict) else {} for row in read]
    return {
        f"loans-{number}-{key}": [Note(words, remark=True)]
        for number, key, words in remarks(basis_of(session.version), stated)
    }


def _with_remarks(notes: Mapping[str, list[Any]], found: dict[str, list[Note]]) -> dict[str, list[Any]]:
    return {name: [*notes.get(name, []), *found.get(name, [])] for name in {**notes, **found}}


def _families(parts: Iterable[Any]) -> list[str]:
    """The families of codes that suggest values for fields of these parts."""
    found: list[str] = []
    for part in parts:
        inner = _families(part.parts) if hasattr(part, "parts") else []
        if isinstance(part, Leaf) and part.kind.control == "suggestion":
            inner = [part.kind.family]
        found += [family for family in inner if family not in found]
    return found
