"""Duties: who lent, who approved, and who collects a loan; handed over in one act or not at all.

Duties of a bank are given one after the other, under a lock of their own, beside the import of tapes: that
writes no duty, and what is recorded here leads before what a tape states.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db import connection

from audit import clock
from audit.recording import action, record
from committee.models import Person
from committee.offices import HEAD, RISK, Offices
from portfolio.models import Assignment, Institution, Loan
from portfolio.permissions import over, permit, require_institution_visible
from regulation.refused import Refused
from regulation.text import has_content

#: the first of two numbers of the lock on a bank's duties; used nowhere else
_DUTIES = 5_160_003
_KIND = Assignment.Kind

# The tape's number stands as the duty until the day before, so that who had it stays known.
_BY_TAPE = """
INSERT INTO portfolio_assignment (
    loan_id, kind, person_id, staff_no, staff_key, from_on, to_on, reason, given_by_id, given_at, corrected
)
SELECT loan.id, 'collection', person.id, loan.collection_staff_no, loan.collection_staff_no,
    loan.first_seen_on, %(last)s, %(reason)s, NULL, %(now)s, false
FROM portfolio_loan AS loan LEFT JOIN committee_person AS person
    ON person.bank_id = loan.bank_id AND person.staff_key = loan.collection_staff_no
WHERE loan.id = ANY(%(loans)s) AND loan.collection_staff_no <> '' AND loan.first_seen_on <= %(last)s
    AND NOT EXISTS (
        SELECT FROM portfolio_assignment AS duty
        WHERE duty.loan_id = loan.id AND duty.kind = 'collection' AND NOT duty.corrected
    )
"""
_ENDED = """
UPDATE portfolio_assignment SET to_on = %(last)s
WHERE loan_id = ANY(%(loans)s) AND kind = 'collection' AND NOT corrected AND to_on IS NULL
    AND from_on <= %(last)s
"""
_GIVEN = """
INSERT INTO portfolio_assignment (
    loan_id, kind, person_id, staff_no, staff_key, from_on, to_on, reason, given_by_id, given_at, corrected
)
SELECT loan.id, 'collection', %(person)s, %(staff_no)s, %(staff_key)s, %(on)s, NULL, %(reason)s, %(by)s,
    %(now)s, false
FROM portfolio_loan AS loan WHERE loan.id = ANY(%(loans)s)
"""


@action
def assign(loan: Loan, *, by: Person, kind: str, to: Person, on: date, reason: str) -> Assignment:
    """The person has the duty from the day on; of lending and approval for life, of collection until another.

    `access/not-found`, `access/denied`, `text/required`; `duty/lifetime` for a second lending or approval,
    `duty/overlap` for a second collection on a day.
    """
    _lock(loan.bank_id)
    loan = _begin(over(HEAD), loan, by)
    _require(reason, to, loan.bank_id)
    standing = Assignment.objects.standing().filter(loan=loan, kind=kind)
    if kind != _KIND.COLLECTION and standing.exists():
        raise Refused("duty/lifetime")
    if kind == _KIND.COLLECTION and standing.exclude(to_on__lt=on).exists():
        raise Refused("duty/overlap")
    made = _made(loan, kind, to, on, reason=reason, given_by=by)
    record(loan.stream, "assign_duty", loan.subject, by=by, payload=_payload(made))
    return made


@action
def hand_over(
    institution: Institution, *, by: Person, loans: Iterable[Loan], to: Person, on: date, reason: str
) -> int:
    """The loans are the person's to collect from the day on, all or none; return how many.

    One entry. `access/not-found` for a loan that is not of the institution or below it, `access/denied`,
    `text/required`; `duty/overlap` where a duty begins on the day or later.
    """
    _lock(institution.bank_id)
    institution = Institution.objects.get(pk=institution.pk)
    _permit(over(HEAD), institution, by)
    pks = sorted({loan.pk for loan in loans})
    below = Institution.objects.under(institution).values("pk")
    if not pks or Loan.objects.filter(pk__in=pks, institution__in=below).count() != len(pks):
        raise Refused("access/not-found")
    _require(reason, to, institution.bank_id)
    later = Assignment.objects.standing().filter(loan__in=pks, kind=_KIND.COLLECTION)
    if later.exclude(to_on__lt=on).exclude(from_on__lt=on, to_on=None).exists():
        raise Refused("duty/overlap")
    given = {
        "loans": pks, "last": on - timedelta(days=1), "on": on, "reason": reason, "by": by.pk,
        "now": clock.now(), "person": to.pk, "staff_no": to.staff_no, "staff_key": to.staff_key,
    }  # fmt: skip
    with connection.cursor() as cursor:
        for statement in (_BY_TAPE, _ENDED, _GIVEN):
            cursor.execute(statement, given)
    payload = {"loans": [str(pk) for pk in pks], "to": str(to.pk), "on": on.isoformat(), "reason": reason}
    record(institution.stream, "hand_over_loans", institution.subject, by=by, payload=payload)
    return len(pks)


@action
def correct(duty: Assignment, *, by: Person, to: Person, on: date, reason: str) -> Assignment:
    """Another row stands in the duty's place, with its last day; the mistaken one stays, marked.

    `access/not-found`, `access/denied`, `text/required`; `state/not-allowed` for one that is corrected
    already, `duty/overlap` where the new days are another's.
    """
    loan = Loan.objects.get(pk=duty.loan_id)
    _lock(loan.bank_id)
    loan = _begin(over(RISK), loan, by)
    locked = Assignment.objects.select_for_update().get(pk=duty.pk)
    if locked.corrected:
        raise Refused("state/not-allowed", cause="duty/corrected")
    _require(reason, to, loan.bank_id)
    others = Assignment.objects.standing().filter(loan=loan, kind=locked.kind).exclude(pk=locked.pk)
    if locked.kind == _KIND.COLLECTION:
        until = {"from_on__lte": locked.to_on} if locked.to_on else {}
        if others.filter(**until).exclude(to_on__lt=on).exists() or (locked.to_on and locked.to_on < on):
            raise Refused("duty/overlap")
    locked.corrected = True
    locked.save(update_fields=["corrected"])
    made = _made(loan, locked.kind, to, on, to_on=locked.to_on, corrects=locked, reason=reason, given_by=by)
    payload = _payload(made) | {"corrects": str(locked.pk)}
    record(loan.stream, "correct_duty", loan.subject, by=by, payload=payload)
    return made


def _lock(bank: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_DUTIES, bank % 2**31])


def _permit(offices: Offices, institution: Institution, by: Person) -> None:
    require_institution_visible(institution, by)
    permit(offices, institution, by)


def _begin(offices: Offices, loan: Loan, by: Person) -> Loan:
    found = Loan.objects.select_related("institution").filter(pk=loan.pk).first()
    if found is None:
        raise Refused("access/not-found")
    _permit(offices, found.institution, by)
    return found


def _require(reason: str, to: Person, bank: int) -> None:
    """A reason, and a person of the bank who is active."""
    if not has_content(reason):
        raise Refused("text/required")
    if to.bank_id != bank or not to.is_active:
        raise Refused("access/not-found")


def _made(loan: Loan, kind: str, to: Person, on: date, **more: Any) -> Assignment:
    return Assignment.objects.create(
        loan=loan, kind=kind, person=to, staff_no=to.staff_no, from_on=on, given_at=clock.now(), **more
    )


def _payload(made: Assignment) -> dict[str, Any]:
    return {
        "kind": made.kind,
        "to": str(made.person_id),
        "on": made.from_on.isoformat(),
        "reason": made.reason,
    }
