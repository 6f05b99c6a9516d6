"""What must hold of a plan at its submission: complete, dates in order, balanced, Art. 6 and 7."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from proposals.plan import on_ledger
from proposals.plan.drafts import Plan, incomplete, problems
from proposals.plan.on_ledger import CLASSES, NON_PERFORMING, Ledger
from proposals.plan.problem import Problem, json_path
from proposals.plan.schema import Terms
from regulation.text import folded_identifier, has_content


def check_submission(plan: Plan, *, submitted_on: date, ledger: Ledger | None = None) -> None:
    """Nothing; the plan may be submitted on that day as far as the plan and the ledger can tell.

    Refuses, in this order: plan/incomplete (missing, blank, empty), plan/invalid (dates, then loans alike),
    plan/unbalanced (yuan, to the fen), 6/not-non-performing, with a ledger 6/not-in-ledger, 6/ledger-differs
    and 6/not-non-performing by it, 7/no-condition, 7/evidence-required. Art. 6, 7. `ledger` is what a recent
    tape has of the plan's contracts; None where the institution has none.
    """
    for problem in incomplete(plan):
        raise problem.refusal("plan/incomplete")
    for problem in problems(plan.document):
        raise problem.refusal("plan/invalid")
    for code, problem in faults(plan.terms, submitted_on=submitted_on, ledger=ledger):
        raise problem.refusal(code)


def faults(
    terms: Terms, *, submitted_on: date, ledger: Ledger | None = None
) -> Iterator[tuple[str, Problem]]:
    """All that forbids submitting these terms on that day, with its code, in the order of the checks."""
    yield from _each("plan/invalid", _date_problems(terms, submitted_on))
    yield from _each("plan/invalid", _twin_loans(terms))
    yield from _each("plan/unbalanced", _balance_problems(terms))
    yield from _each("6/not-non-performing", _performing_loans(terms))
    if ledger is not None:
        yield from on_ledger.faults(terms, ledger)
    yield from _each("7/no-condition", _missing_conditions(terms))
    yield from _each("7/evidence-required", _missing_evidence(terms))


def _each(code: str, found: Iterable[Problem]) -> Iterator[tuple[str, Problem]]:
    return ((code, problem) for problem in found)


def _date_problems(terms: Terms, submitted_on: date) -> Iterator[Problem]:
    yield from _after_submission(terms, submitted_on)
    for index, loan in enumerate(terms.loans):
        if loan.issued_on >= loan.due_on:
            yield Problem(f"$.loans[{index}].issued_on", "not-before-due", {"limit": loan.due_on})
    yield from _descending("$.schedule[{}].due_on", [instalment.due_on for instalment in terms.schedule])
    if terms.schedule[0].due_on < terms.base_date:
        yield Problem("$.schedule[0].due_on", "before-base", {"limit": terms.base_date})
    yield from _descending("$.milestones[{}].on", [milestone.on for milestone in terms.milestones])
    for index, alternative in enumerate(terms.alternatives):
        yield from _descending(
            f"$.alternatives[{index}].flows[{{}}].on", [flow.on for flow in alternative.flows]
        )


def _after_submission(terms: Terms, submitted_on: date) -> Iterator[Problem]:
    if terms.base_date > submitted_on:
        yield Problem("$.base_date", "after-submission", {"limit": submitted_on})
    for index, title in enumerate(terms.collateral):
        if title.valued_on > submitted_on:
            yield Problem(f"$.collateral[{index}].valued_on", "after-submission", {"limit": submitted_on})


def _twin_loans(terms: Terms) -> Iterator[Problem]:
    """Each loan that is alike to an earlier one in contract, dates and principal; rows count from 1."""
    seen: dict[tuple[object, ...], int] = {}
    for row, loan in enumerate(terms.loans, start=1):
        first = seen.setdefault(
            (folded_identifier(loan.contract_no), loan.issued_on, loan.due_on, loan.principal), row
        )
        if first < row:
            yield Problem(f"$.loans[{row - 1}].contract_no", "twin", {"first": first, "row": row})


def _descending(path: str, days: Sequence[date]) -> Iterator[Problem]:
    for index, (earlier, later) in enumerate(pairwise(days), start=1):
        if later < earlier:
            yield Problem(path.format(index), "descending", {"limit": earlier})


def _balance_problems(terms: Terms) -> Iterator[Problem]:
    given = terms.concessions
    principal = sum((loan.principal for loan in terms.loans), Decimal("0.00"))
    interest = sum(
        (loan.interest_on_balance + loan.interest_off_balance for loan in terms.loans), Decimal("0.00")
    )
    penalty = sum((loan.penalty for loan in terms.loans), Decimal("0.00"))
    for kind, waived, owed in (
        ("interest_waived", given.interest_waived, interest),
        ("penalty_waived", given.penalty_waived, penalty),
        ("principal_waived", given.principal_waived, principal),
    ):
        if waived > owed:
            yield Problem(f"$.concessions.{kind}", "waiver", {"got": waived, "limit": owed})
    scheduled = sum((instalment.principal for instalment in terms.schedule), Decimal("0.00"))
    to_repay = principal - given.principal_waived + given.new_money
    if scheduled != to_repay:
        yield Problem("$.schedule", "principal", {"got": scheduled, "limit": to_repay})
    most = receivable(terms)
    if terms.expected_recovery > most:
        yield Problem("$.expected_recovery", "recovery", {"got": terms.expected_recovery, "limit": most})


def _performing_loans(terms: Terms) -> Iterator[Problem]:
    for index, loan in enumerate(terms.loans):
        if loan.classification not in NON_PERFORMING:
            yield Problem(f"$.loans[{index}].classification", "performing", CLASSES[loan.classification])


def _missing_conditions(terms: Terms) -> Iterator[Problem]:
    if not terms.conditions:
        yield Problem("$.conditions", "no-condition")


def _missing_evidence(terms: Terms) -> Iterator[Problem]:
    for condition, evidence in terms.conditions.items():
        if not has_content(evidence):
            yield Problem(json_path(("conditions", condition)), "evidence")


def receivable(terms: Terms) -> Decimal:
    """The most that can come in, in yuan: everything owed, the new money and the interest scheduled."""
    owed = sum(
        (
            loan.principal + loan.interest_on_balance + loan.interest_off_balance + loan.penalty
            for loan in terms.loans
        ),
        Decimal("0.00"),
    )
    interest = sum((instalment.interest for instalment in terms.schedule), Decimal("0.00"))
    return owed + terms.concessions.new_money + interest
