"""Private notes: of one person on one plan, read and written by nobody else.

A note is no record of the committee: it is in no list, search, export, message or log, and on no page of
the audit or the administration.
"""

from __future__ import annotations

from django.db import transaction

from audit import clock
from committee.models import Person
from pages.models import Note
from proposals.models import Proposal


class Outdated(Exception):
    """The note was changed elsewhere since it was shown; it is left as it is."""


def note_of(proposal: Proposal, person: Person) -> Note:
    """The person's own note on the plan; an empty one where there is none."""
    found = Note.objects.filter(proposal=proposal, person=person).first()
    return found or Note(proposal=proposal, person=person)


@transaction.atomic
def write(proposal: Proposal, person: Person, text: str, *, after: int) -> Note:
    """The note has this text, where it was shown in its revision `after`; Outdated otherwise.

    The same text again is no change.
    """
    Note.objects.bulk_create([Note(proposal=proposal, person=person)], ignore_conflicts=True)
    note = Note.objects.select_for_update().get(proposal=proposal, person=person)
    if note.text == text:
        return note
    if note.revision != after:
        raise Outdated
    note.text, note.revision, note.saved_at = text, note.revision + 1, clock.now()
    note.save(update_fields=["text", "revision", "saved_at"])
    return note
