"""The review of those who lent and approved, by the calendar, from the list to its closing (S4)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection

from audit import clock
from audit.recording import action, record
from committee.models import Person
from portfolio.actions.warnings import require_text
from portfolio.beginning import begin_on_institution, begin_on_row
from portfolio.days import today
from portfolio.figures.stocks import policy_on
from portfolio.models import Accountability, Institution
from portfolio.permissions import ACTS
from regulation.refused import Refused
from regulation.text import is_line

# A duty recorded here leads; else the officers are those of the tape.
_LIST = """
INSERT INTO portfolio_accountability (loan_id, institution_id, year, first_npl_on, kind, staff_no, person_id,
    state, listed_by_id, listed_at, measures, document_no, conclusion)
SELECT loan.id, loan.institution_id, %(year)s, loan.first_npl_on, asked.kind,
    coalesce(duty.staff_no, asked.staff_no), coalesce(duty.person_id, person.id), 'listed', %(by)s, %(now)s,
    '', '', ''
FROM portfolio_loan AS loan
    JOIN portfolio_institution AS place ON place.id = loan.institution_id
    CROSS JOIN LATERAL (
        VALUES ('lending', loan.lending_staff_no), ('approval', loan.approver_staff_no)
    ) AS asked (kind, staff_no)
    LEFT JOIN portfolio_assignment AS duty
        ON duty.loan_id = loan.id AND duty.kind = asked.kind AND NOT duty.corrected
    LEFT JOIN committee_person AS person
        ON person.bank_id = loan.bank_id AND person.staff_key = asked.staff_no
WHERE loan.bank_id = %(bank)s AND place.lft BETWEEN %(lft)s AND %(rgt)s AND loan.state = 'open'
    AND loan.loan_class >= 3 AND extract(year FROM loan.first_npl_on) = ANY(%(origins)s)
    AND coalesce(duty.staff_no, asked.staff_no) <> ''
ON CONFLICT (loan_id, kind, year) DO NOTHING
"""


@action
def list_for_review(institution: Institution, *, by: Person, year: int) -> int:
    """The officers of the loans that the year reviews are listed; returns how many are new.

    `access/denied` to others than the risk department; `review/not-in-calendar` for a year without years of
    origin in the policy's calendar.
    """
    institution = begin_on_institution(ACTS["list_for_review"], institution, by)
    origins = policy_on(institution.bank_id, today()).review_calendar.get(year)
    if not origins:
        raise Refused("review/not-in-calendar", year=year)
    given: dict[str, Any] = {
        "bank": institution.bank_id,
        "lft": institution.lft,
        "rgt": institution.rgt,
        "year": year,
        "origins": list(origins),
        "by": by.pk,
        "now": clock.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_LIST, given)
        made = int(cursor.rowcount)
    told = {"year": year, "origins": list(origins), "listed": made}
    record(institution.stream, "list_for_review", institution.subject, by=by, payload=told)
    return made


@action
def serve_review(accountability: Accountability, *, by: Person, served_on: date) -> Accountability:
    """The officer was told of the list on the day.

    `access/denied` to others than the risk department; `state/not-allowed` unless listed;
    `review/invalid` for a day that is to come.
    """
    accountability = begin_on_row(ACTS["serve_review"], accountability, by)
    if served_on > today():
        raise Refused("review/invalid")
    accountability.served_on = served_on
    accountability.serve()
    return _saved(accountability, "serve_review", by, on=served_on.isoformat())


@action
def set_recovery_limit(accountability: Accountability, *, by: Person, limit: date) -> Accountability:
    """The officer is to recover the loan by the day (限期收回).

    `access/denied` to others than the risk department; `state/not-allowed` unless served;
    `review/invalid` for a day that has passed.
    """
    accountability = begin_on_row(ACTS["set_recovery_limit"], accountability, by)
    if limit < today():
        raise Refused("review/invalid")
    accountability.limit_on = limit
    accountability.limit()
    return _saved(accountability, "set_recovery_limit", by, limit=limit.isoformat())


@action
def confirm_recovery(accountability: Accountability, *, by: Person) -> Accountability:
    """The loan is recovered: by the latest tape it is closed or performing.

    `access/denied` to others than the risk department; `state/not-allowed` unless it is to be recovered;
    `review/not-recovered` while the tape has it open and non-performing.
    """
    accountability = begin_on_row(ACTS["confirm_recovery"], accountability, by)
    loan = accountability.loan
    if loan.state == loan.State.OPEN and loan.loan_class >= 3:
        raise Refused("review/not-recovered")
    accountability.recover()
    return _saved(accountability, "confirm_recovery", by)


@action
def record_measures(
    accountability: Accountability, *, by: Person, text: str, document_no: str
) -> Accountability:
    """What HR decided, such as 待岗 or compensation, is on record with its document.

    `access/denied` to others than the risk department; `state/not-allowed` unless the limit has passed;
    `text/required`; `review/invalid` for a number of several lines.
    """
    accountability = begin_on_row(ACTS["record_measures"], accountability, by)
    require_text(text, "the measures", "处理措施")
    require_text(document_no, "the number of the document", "文号")
    if not is_line(document_no):
        raise Refused("review/invalid")
    accountability.measures, accountability.document_no = text, document_no
    accountability.discipline()
    return _saved(accountability, "record_measures", by, text=text, document=document_no)


@action
def close_review(accountability: Accountability, *, by: Person, conclusion: str) -> Accountability:
    """The review is at its end, with this conclusion.

    `access/denied` to others than the risk department; `state/not-allowed` unless the loan is recovered or
    measures are taken; `text/required`.
    """
    accountability = begin_on_row(ACTS["close_review"], accountability, by)
    require_text(conclusion, "the conclusion", "结论")
    accountability.conclusion, accountability.closed_at = conclusion, clock.now()
    accountability.close()
    return _saved(accountability, "close_review", by, conclusion=conclusion)


@action
def lapse_reviews(day: date, *, by: str) -> int:
    """Reviews whose limit was before the day are overdue; returns how many.

    The system's, by a job.
    """
    rows = Accountability.objects.filter(state=Accountability.State.RECOVERING, limit_on__lt=day)
    found = list(rows.select_for_update().order_by("pk"))
    for accountability in found:
        accountability.lapse()
        accountability.save(update_fields=["state"])
        record(accountability.stream, "lapse_reviews", accountability.subject, by=by, payload={})
    return len(found)


def _saved(accountability: Accountability, verb: str, by: Person, **told: object) -> Accountability:
    accountability.save(update_fields=Accountability.WRITTEN)
    record(accountability.stream, verb, accountability.subject, by=by, payload=told)
    return accountability
