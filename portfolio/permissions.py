"""Who sees what of the ledger, to whom identity numbers are open, and for what the ledger's offices are
held.

The rights are those of the ledger's table: a role is held for a unit, and reaches the institutions whose
place in the nested set lies within that unit's; head office and auditors reach the bank. A collector
reaches the loans of which a duty is or was the collector's, and their households. What a person may not see
does not exist for that person: `access/not-found`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from audit.recording import acting
from committee.acts import Act, Kind, table
from committee.models import Person, Position
from committee.offices import (
    AUDITOR,
    COLLECTOR,
    HANDLER,
    HEAD,
    HEAD_OFFICE,
    LEDGER_OFFICE,
    RISK,
    Holder,
    Office,
    Offices,
    Scope,
)
from committee.prepared import AnyOf
from portfolio.models import (
    Accountability,
    Admonishment,
    Assignment,
    Household,
    Institution,
    Loan,
    Supervision,
    Tape,
    TargetSet,
    Warning,  # noqa: A004  the term of the field
)
from regulation.refused import Refused


class Reach(Enum):
    """How far a role sees."""

    #: loans with a duty of the person's own, now or ever
    DUTIES = "duties"
    #: the institutions within the unit for which it is held
    SUBTREE = "subtree"
    #: the bank
    BANK = "bank"


@dataclass(frozen=True, slots=True)
class Sight:
    """What a role sees of the ledger, and whether identity numbers are open to it there."""

    reach: Reach
    identities: bool = False


#: the table of rights: what each role sees; credit, liaison and seats see the loans of plans that they see
SEES: Mapping[str, Sight] = {
    COLLECTOR.role: Sight(Reach.DUTIES, identities=True),
    HANDLER.role: Sight(Reach.SUBTREE, identities=True),
    HEAD.role: Sight(Reach.SUBTREE, identities=True),
    RISK.role: Sight(Reach.SUBTREE, identities=True),
    LEDGER_OFFICE.role: Sight(Reach.SUBTREE),
    HEAD_OFFICE.role: Sight(Reach.BANK),
    AUDITOR.role: Sight(Reach.BANK),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What of the ledger a person reaches: banks, institutions by id, and loans with a duty of their own.

    `open` are the institutions where identity numbers are open to the person.
    """

    banks: tuple[int, ...]
    institutions: tuple[int, ...]
    open: tuple[int, ...]
    #: bank and folded staff number of a collector, by which duties are the collector's; None for others
    duties: tuple[int, str] | None

    @property
    def whole(self) -> bool:
        """Whether the person sees institutions, not only single loans."""
        return bool(self.banks or self.institutions)

    def within(self, institution: str = "institution", bank: str = "bank") -> Q:
        """The condition for rows by the columns of their institution and bank, without duties."""
        found = Q(pk__in=[])
        if self.banks:
            found |= _one_of(bank, self.banks)
        if self.institutions:
            found |= _one_of(institution, self.institutions)
        return found


def _one_of(column: str, ids: tuple[int, ...]) -> Q:
    """A single id stands as such, for then an index in the order of a list serves."""
    return Q(**{column: ids[0]}) if len(ids) == 1 else Q(AnyOf(column, list(ids)))


def seen_by(person: Person) -> Seen:
    """What the person reaches, read once for a page; anew inside an action."""
    kept: Seen | None = getattr(person, "_ledger", None)
    if kept is not None and not acting():
        return kept
    found = _read(person)
    if not acting():
        person._ledger = found  # type: ignore[attr-defined]  # noqa: SLF001  # kept with the person's row
    return found


def _read(person: Person) -> Seen:
    held = list(Position.objects.filter(person=person, role__in=SEES).values_list("role", "unit"))
    units: dict[Reach, set[int]] = {reach: set() for reach in Reach}
    opening: set[int] = set()
    for role, unit in held:
        units[SEES[role].reach].add(unit)
        if SEES[role] == Sight(Reach.SUBTREE, identities=True):
            opening.add(unit)
    institutions = _within(units[Reach.SUBTREE], opening)
    collects = bool(units[Reach.DUTIES]) and person.bank_id is not None
    return Seen(
        tuple(sorted(units[Reach.BANK])),
        tuple(institutions),
        tuple(pk for pk, opened in institutions.items() if opened),
        (person.bank_id or 0, person.staff_key) if collects else None,
    )


def _within(units: set[int], opening: set[int]) -> dict[int, bool]:
    """The ids of the institutions within the units, each with whether it lies within one of `opening`."""
    if not units:
        return {}
    rows = Institution.objects.filter(Exists(_above(units))).order_by("pk")
    return dict(rows.values_list("pk", Exists(_above(opening))))


def _above(units: set[int]) -> QuerySet[Institution]:
    """The institution outside itself or one above it, if it is one of these units."""
    return Institution.objects.filter(
        unit__in=units, bank=OuterRef("bank"), lft__lte=OuterRef("lft"), rgt__gte=OuterRef("rgt")
    ).order_by()


def institutions_visible_to(person: Person) -> Q:
    """The condition for institutions whose totals, tapes and warnings the person may see."""
    return seen_by(person).within("pk", "bank")


def _by_duty(duties: tuple[int, str], loan: str = "") -> Q:
    """The condition for loans of which a duty is or was of this bank's staff number: by a recorded one that
    no other corrects, else by the tape's number; `loan` is the way to the loan.
    """
    bank, staff = duties
    kinds = Assignment.Kind
    recorded = Assignment.objects.standing().filter(loan__bank=bank, staff_key=staff).order_by()
    found = Q(**{f"{loan}pk__in": recorded.values("loan")})
    for kind, column in (
        (kinds.LENDING, "lending_staff_no"),
        (kinds.APPROVAL, "approver_staff_no"),
        (kinds.COLLECTION, "collection_staff_no"),
    ):
        other = Assignment.objects.standing().filter(loan=OuterRef(f"{loan}pk"), kind=kind)
        found |= Q(**{f"{loan}bank": bank, f"{loan}{column}": staff}) & ~Q(Exists(other))
    return found


def loans_visible_to(person: Person) -> Q:
    """The condition for loans that the person may see: by institution, or by a duty now or ever."""
    seen = seen_by(person)
    found = seen.within()
    return found | _by_duty(seen.duties) if seen.duties else found


def households_visible_to(person: Person) -> Q:
    """The condition for households: those of institutions seen, with a loan there, or with a loan of a
    duty.
    """
    seen = seen_by(person)
    found = Q(pk__in=[])
    if seen.banks:
        found |= _one_of("bank", seen.banks)
    if seen.institutions or seen.duties:
        within = Q(_one_of("institution", seen.institutions)) if seen.institutions else Q(pk__in=[])
        rows = Loan.objects.filter(within | _by_duty(seen.duties) if seen.duties else within)
        found |= Q(pk__in=rows.order_by().values("borrower__household"))
    return found


def identities_open(person: Person) -> Q:
    """The condition for loans whose borrowers' identity numbers are open to the person: to duty holders,
    and to handler, head and risk of the unit.
    """
    seen = seen_by(person)
    found = _one_of("institution", seen.open) if seen.open else Q(pk__in=[])
    return found | _by_duty(seen.duties) if seen.duties else found


def _require(rows: QuerySet[Any], subject: Model) -> None:
    if not rows.filter(pk=subject.pk).exists():
        raise Refused("access/not-found")


def require_institution_visible(institution: Institution, by: Person) -> None:
    """Raise `access/not-found` unless `by` may see the institution."""
    _require(Institution.objects.filter(institutions_visible_to(by)), institution)


def require_loan_visible(loan: Loan, by: Person) -> None:
    """Raise `access/not-found` unless `by` may see the loan."""
    _require(Loan.objects.filter(loans_visible_to(by)), loan)


def require_household_visible(household: Household, by: Person) -> None:
    """Raise `access/not-found` unless `by` may see the household."""
    _require(Household.objects.filter(households_visible_to(by)), household)


# -- Offices held for an institution or one above it -------------------------------------------------


def _institution_of(subject: Any) -> Institution:
    """The institution itself, or that of a loan, a warning; of a tape its scope."""
    if isinstance(subject, Institution):
        return subject
    found: Institution = getattr(subject, "institution", None) or subject.scope
    return found


def _units_above(institution: Institution) -> list[int]:
    """The units of the institution and of those above it, and its bank."""
    rows = Institution.objects.above(institution)
    return [institution.bank_id, *rows.order_by("-lft").values_list("unit", flat=True)]


def _covering(role: str) -> Callable[[Holder, Any], bool]:
    def test(holder: Holder, subject: Any) -> bool:
        return any(holder.in_unit(role, unit) for unit in _units_above(_institution_of(subject)))

    return test


def over(*offices: Office) -> Offices:
    """These offices as the ledger asks for them: held for the object's institution or one above it."""
    return Offices(
        tuple(
            replace(
                office, scope=Scope.LEDGER, test=_covering(office.role), rows=None, meetings=(), plans=None
            )
            for office in offices
        )
    )


def permit(offices: Offices, subject: Any, by: Person, code: str = "access/denied") -> None:
    """Raise `code` unless `by` holds one of the offices for the institution of the object or one above it."""
    if not offices.held_by(by, subject):
        raise Refused(code)


def permit_on(institution: Institution, by: Person) -> None:
    """`access/not-found` to whoever is not of the risk department at or above the institution."""
    permit(_RISK, institution, by, "access/not-found")


# -- Acts -------------------------------------------------------------------------------------------

_HEAD = over(HEAD)
_HANDLING = over(HANDLER, HEAD)
_RISK = over(RISK)
_WARNING = over(LEDGER_OFFICE, RISK, HEAD_OFFICE)
_HEAD_OFFICE = over(HEAD_OFFICE)
_T = Tape.State
_W, _S, _A, _R = Warning.State, Supervision.State, Admonishment.State, Accountability.State
_REASON = {"reason": Kind.TEXT}
_DUTY = {"to": Kind.PERSON, "on": Kind.DATE, "reason": Kind.TEXT}
_ONE_TEXT = {"text": Kind.TEXT}
#: of a supervision once its team was there
_VISITED = (_S.ON_SITE, _S.FINDINGS, _S.RECTIFYING)

#: the acts of the watch, of supervision, targets, tasks and reviews by verb
ACTS: Mapping[str, Act] = table(
    "portfolio",
    {
        "hand_in_tape": Act(
            Institution,
            _RISK,
            "access/denied",
            "tapes.hand_in_bytes",
            takes={"as_of": Kind.DATE, "file": Kind.FILE},
            optional={"name": Kind.LINE},
        ),
        "release_tape": Act(Tape, _RISK, "access/denied", "tapes.release", (_T.HELD,), _REASON),
        "discard_tape": Act(Tape, _RISK, "access/denied", "tapes.discard", (_T.HELD,), _REASON),
        "assign_duty": Act(Loan, _HEAD, "access/denied", "duties.assign", takes={"kind": Kind.WORD} | _DUTY),
        "hand_over_loans": Act(
            Institution, _HEAD, "access/denied", "duties.hand_over", takes={"loans": Kind.LOANS} | _DUTY
        ),
        "correct_duty": Act(Assignment, _RISK, "access/denied", "duties.correct", takes=_DUTY),
        "see_watch": Act(
            Institution, _HEAD, "access/denied", "warnings.see_watch", takes={"as_of": Kind.DATE}
        ),
        "issue_warning": Act(
            Warning,
            _WARNING,
            "access/denied",
            "warnings.issue_warning",
            (_W.RAISED,),
            {"channel": Kind.WORD},
            {
                "spoken_with": Kind.LINE,
                "spoken_at": Kind.MOMENT,
                "said": Kind.TEXT,
                "document_no": Kind.LINE,
                "file_name": Kind.LINE,
                "file": Kind.FILE,
            },
        ),
        "dismiss_warning": Act(
            Warning, _WARNING, "access/denied", "warnings.dismiss_warning", (_W.RAISED,), _REASON
        ),
        "see_warning": Act(Warning, _HEAD, "access/denied", "warnings.see_warning", (_W.ISSUED,)),
        "reply_to_warning": Act(
            Warning,
            _HEAD,
            "access/denied",
            "warnings.reply_to_warning",
            Warning.UNANSWERED,
            {"causes": Kind.ROWS, "measures": Kind.ROWS},
        ),
        "accept_reply": Act(Warning, _WARNING, "access/denied", "warnings.accept_reply", (_W.REPLIED,)),
        "send_back_reply": Act(
            Warning, _WARNING, "access/denied", "warnings.send_back_reply", (_W.REPLIED,), _REASON
        ),
        "close_warning": Act(Warning, _WARNING, "access/denied", "warnings.close_warning", (_W.ACCEPTED,)),
        "assign_task": Act(
            Household,
            _HANDLING,
            "access/denied",
            "tasks.assign_task",
            takes={"collector": Kind.PERSON, "amount": Kind.NUMBER, "due": Kind.DATE},
        ),
        "freeze_ranking": Act(
            Institution,
            _HEAD_OFFICE,
            "access/denied",
            "rankings.freeze_ranking",
            takes={"as_of": Kind.DATE},
            optional={"places": Kind.NUMBER},
        ),
        "plan_supervision": Act(
            Institution,
            _HEAD_OFFICE,
            "access/denied",
            "supervision.plan_supervision",
            takes={"team": Kind.ROWS, "from_on": Kind.DATE, "to_on": Kind.DATE, "purpose": Kind.TEXT},
            optional={"ranked": Kind.RANKED},
        ),
        "begin_supervision": Act(
            Supervision, _HEAD_OFFICE, "access/denied", "supervision.begin_supervision", (_S.PLANNED,)
        ),
        "add_finding": Act(
            Supervision, _HEAD_OFFICE, "access/denied", "supervision.add_finding", (_S.ON_SITE,), _ONE_TEXT
        ),
        "report_findings": Act(
            Supervision, _HEAD_OFFICE, "access/denied", "supervision.report_findings", (_S.ON_SITE,)
        ),
        "demand_rectification": Act(
            Supervision,
            _HEAD_OFFICE,
            "access/denied",
            "supervision.demand_rectification",
            (_S.FINDINGS,),
            {"due": Kind.DATE},
        ),
        "settle_finding": Act(
            Supervision,
            _HEAD_OFFICE,
            "access/denied",
            "supervision.settle_finding",
            (_S.FINDINGS, _S.RECTIFYING),
            {"number": Kind.NUMBER, "remedy": Kind.TEXT},
        ),
        "judge_leader": Act(
            Supervision,
            _HEAD_OFFICE,
            "access/denied",
            "supervision.judge_leader",
            _VISITED,
            {"leader": Kind.PERSON, "post": Kind.LINE, "verdict": Kind.WORD, "grounds": Kind.TEXT},
        ),
        "suggest_change": Act(
            Supervision, _HEAD_OFFICE, "access/denied", "supervision.suggest_change", _VISITED, _ONE_TEXT
        ),
        "close_supervision": Act(
            Supervision,
            _HEAD_OFFICE,
            "access/denied",
            "supervision.close_supervision",
            (_S.FINDINGS, _S.RECTIFYING),
            {"conclusion": Kind.TEXT},
        ),
        "hold_talk": Act(
            Admonishment,
            _HEAD_OFFICE,
            "access/denied",
            "supervision.hold_talk",
            (_A.DUE,),
            {"person": Kind.PERSON, "held_on": Kind.DATE, "minutes": Kind.TEXT},
        ),
        "follow_up_talk": Act(
            Admonishment, _HEAD_OFFICE, "access/denied", "supervision.follow_up_talk", (_A.HELD,), _ONE_TEXT
        ),
        "draft_targets": Act(
            Institution,
            _HEAD_OFFICE,
            "access/denied",
            "targets.draft_targets",
            takes={"year": Kind.NUMBER, "targets": Kind.ROWS, "reason": Kind.TEXT},
            optional={"quotas": Kind.ROWS},
        ),
        "lock_targets": Act(
            TargetSet, _HEAD_OFFICE, "access/denied", "targets.lock_targets", (TargetSet.State.DRAFT,)
        ),
        "list_for_review": Act(
            Institution,
            _RISK,
            "access/denied",
            "accountability.list_for_review",
            takes={"year": Kind.NUMBER},
        ),
        "serve_review": Act(
            Accountability,
            _RISK,
            "access/denied",
            "accountability.serve_review",
            (_R.LISTED,),
            {"served_on": Kind.DATE},
        ),
        "set_recovery_limit": Act(
            Accountability,
            _RISK,
            "access/denied",
            "accountability.set_recovery_limit",
            (_R.SERVED,),
            {"limit": Kind.DATE},
        ),
        "confirm_recovery": Act(
            Accountability,
            _RISK,
            "access/denied",
            "accountability.confirm_recovery",
            (_R.RECOVERING, _R.OVERDUE),
        ),
        "record_measures": Act(
            Accountability,
            _RISK,
            "access/denied",
            "accountability.record_measures",
            (_R.OVERDUE,),
            {"text": Kind.TEXT, "document_no": Kind.LINE},
        ),
        "close_review": Act(
            Accountability,
            _RISK,
            "access/denied",
            "accountability.close_review",
            (_R.RECOVERED, _R.MEASURES),
            {"conclusion": Kind.TEXT},
        ),
    },
)
