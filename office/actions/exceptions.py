"""What auditors note of exceptions, and their sign-off: the auditors' own papers, which move nothing else."""

from __future__ import annotations

from audit import clock
from audit.recording import action, record
from committee.actions.founding import bank_stream
from committee.models import Person, Position, Unit
from office.models import ExceptionNote
from regulation.refused import Refused
from regulation.text import has_content


@action
def note_exceptions(
    bank: Unit, *, by: Person, of_kind: str, matter: str, text: str, cases: int
) -> ExceptionNote:
    """The note on the exceptions of this kind in this matter stands; `cases` is how many were shown.

    `access/denied` to others than an auditor of the bank; `text/required` without a text.
    """
    note = _written(
        bank, ExceptionNote.Kind.NOTE, by=by, of_kind=of_kind, matter=matter, text=text, cases=cases
    )
    record(bank_stream(bank), "note_exceptions", f"exceptionnote:{note.pk}", by=by, payload=_payload(note))
    return note


@action
def sign_off_exceptions(
    bank: Unit, *, by: Person, of_kind: str, matter: str, text: str, cases: int
) -> ExceptionNote:
    """The exceptions of this kind in this matter, `cases` of them, are signed off with this conclusion.

    `access/denied` to others than an auditor of the bank; `text/required` without a conclusion.
    """
    note = _written(
        bank, ExceptionNote.Kind.SIGN_OFF, by=by, of_kind=of_kind, matter=matter, text=text, cases=cases
    )
    record(
        bank_stream(bank), "sign_off_exceptions", f"exceptionnote:{note.pk}", by=by, payload=_payload(note)
    )
    return note


def _written(
    bank: Unit,
    kind: ExceptionNote.Kind,
    *,
    by: Person,
    of_kind: str,
    matter: str,
    text: str,
    cases: int,
) -> ExceptionNote:
    if not Position.objects.filter(person=by, role=Position.Role.AUDITOR, unit=bank).exists():
        raise Refused("access/denied")
    if not has_content(text):
        raise Refused("text/required")
    return ExceptionNote.objects.create(
        bank=bank, of_kind=of_kind, matter=matter, kind=kind, text=text, cases=cases, at=clock.now(), by=by
    )


def _payload(note: ExceptionNote) -> dict[str, object]:
    return {"kind": note.of_kind, "matter": note.matter, "text": note.text, "cases": note.cases}
