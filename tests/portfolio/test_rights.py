"""The table of rights: who sees which institutions, loans and households, and to whom identity numbers are
open.
"""

from __future__ import annotations

import pytest

from audit.models import Entry
from committee.models import Person
from portfolio.actions import identities
from portfolio.identity import masked
from portfolio.models import Assignment, Household, Institution, Loan
from portfolio.permissions import (
    RISK,
    households_visible_to,
    identities_open,
    institutions_visible_to,
    loans_visible_to,
    over,
    permit,
    require_household_visible,
    require_institution_visible,
    require_loan_visible,
)
from regulation.refused import Refused
from tests.portfolio.books import DAY, Books, filled, give
from tests.stage import Stage, head, said, stages

K = Assignment.Kind


def _made() -> Stage:
    stage = Stage().to("submitted")
    stage.books = filled(stage)
    return stage


ledger = stages("ledger", _made)

EVERY = {"A-1", "A-2", "A-3", "A-4", "B-1", "C-1"}
FIRST = {"A-1", "A-2", "A-3", "A-4"}
OFFICE = FIRST | {"B-1"}
INSTITUTIONS = {"union", "office", "other office", "first", "second", "third"}
BELOW = {"office", "first", "second"}
NONE: set[str] = set()

#: handle → institutions seen, loans seen, loans whose identity numbers are open
TABLE = {
    "collector": (NONE, {"A-1", "A-4"}, {"A-1", "A-4"}),
    "other_collector": (NONE, {"A-2", "B-1"}, {"A-2", "B-1"}),
    "handler": ({"first"}, FIRST, FIRST),
    "handler_head": ({"first"}, FIRST, FIRST),
    "other_handler": ({"second"}, {"B-1"}, {"B-1"}),
    "third_head": ({"third"}, {"C-1"}, {"C-1"}),
    "risk": (BELOW, OFFICE, OFFICE),
    "union_risk": (INSTITUTIONS, EVERY, EVERY),
    "office": (BELOW, OFFICE, NONE),
    "other_office": ({"other office", "third"}, {"C-1"}, NONE),
    "head_office": (INSTITUTIONS, EVERY, NONE),
    "auditor": (INSTITUTIONS, EVERY, NONE),
    "credit": (NONE, NONE, NONE),
    "liaison": (NONE, NONE, NONE),
    "chair": (NONE, NONE, NONE),
    "seat2": (NONE, NONE, NONE),
    "outsider": (NONE, NONE, NONE),
}


def _fresh(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def _loans(condition: object) -> set[str]:
    return set(Loan.objects.filter(condition).values_list("contract_no", flat=True))


@pytest.mark.parametrize("handle", TABLE)
def test_each_role_sees_what_the_table_says_and_nothing_else(ledger: Stage, handle: str) -> None:
    books: Books = ledger.books
    institutions, loans, opened = TABLE[handle]
    person = _fresh(books[handle])
    seen = Institution.objects.filter(institutions_visible_to(person))
    assert {name for name, row in books.institutions.items() if row in set(seen)} == institutions
    assert _loans(loans_visible_to(person)) == loans
    assert _loans(identities_open(person)) == opened
    households = {books.loans[name].borrower.household_id for name in loans}
    found = set(Household.objects.filter(households_visible_to(person)).values_list("pk", flat=True))
    assert found == households


@pytest.mark.parametrize("handle", TABLE)
def test_what_is_invisible_is_not_found(ledger: Stage, handle: str) -> None:
    books: Books = ledger.books
    institutions, loans, _opened = TABLE[handle]
    person = _fresh(books[handle])
    for name, row in books.institutions.items():
        assert _passes(require_institution_visible, row, person) is (name in institutions), name
    for name, loan in books.loans.items():
        assert _passes(require_loan_visible, loan, person) is (name in loans), name
        of_household = {each for each, row in books.loans.items() if _household(row) == _household(loan)}
        assert _passes(require_household_visible, loan.borrower.household, person) is bool(
            of_household & loans
        )


def _household(loan: Loan) -> int:
    return loan.borrower.household_id


def _passes(require, row, person) -> bool:
    try:
        require(row, person)
    except Refused as refused:
        if refused.code == "access/not-found":
            return False
        raise
    return True


def test_a_duty_once_held_still_shows_the_loan_and_a_mistaken_one_never_did(ledger: Stage) -> None:
    books: Books = ledger.books
    once = give(books, "C-1", "collector", K.COLLECTION, until=DAY)
    assert _loans(loans_visible_to(_fresh(books["collector"]))) == {"A-1", "A-4", "C-1"}
    Assignment.objects.filter(pk=once.pk).update(corrected=True)
    assert _loans(loans_visible_to(_fresh(books["collector"]))) == {"A-1", "A-4"}


def test_a_recorded_duty_leads_before_the_number_on_the_tape(ledger: Stage) -> None:
    books: Books = ledger.books
    give(books, "A-1", "other_collector", K.COLLECTION)
    assert _loans(loans_visible_to(_fresh(books["collector"]))) == {"A-4"}
    assert _loans(loans_visible_to(_fresh(books["other_collector"]))) == {"A-1", "A-2", "B-1"}


def test_lending_for_life_shows_a_collector_the_loan(ledger: Stage) -> None:
    books: Books = ledger.books
    Loan.objects.filter(contract_no="C-1").update(lending_staff_no=books["collector"].staff_no)
    assert "C-1" in _loans(loans_visible_to(_fresh(books["collector"])))


def test_another_bank_sees_nothing(ledger: Stage) -> None:
    other = Stage()
    for handle in ("head_office", "auditor", "risk", "handler"):
        assert _loans(loans_visible_to(_fresh(other[handle]))) == set()
        assert not Institution.objects.filter(institutions_visible_to(_fresh(other[handle]))).exists()


def test_an_office_is_held_for_an_institution_or_one_above_it(ledger: Stage) -> None:
    books: Books = ledger.books
    first, third = books.institutions["first"], books.institutions["third"]
    permit(over(RISK), first, _fresh(books["risk"]))
    permit(over(RISK), third, _fresh(books["union_risk"]))
    for handle, subject in (("risk", third), ("handler", first), ("auditor", first)):
        with pytest.raises(Refused) as caught:
            permit(over(RISK), subject, _fresh(books[handle]))
        assert caught.value.code == "access/denied"
    permit(over(RISK), books.loans["A-1"], _fresh(books["risk"]))
    permit(over(RISK), books.tape, _fresh(books["union_risk"]))


def test_showing_identity_numbers_leaves_an_entry_that_names_none(ledger: Stage) -> None:
    books: Books = ledger.books
    household = books.loans["A-1"].borrower.household
    before = head(household.institution.stream)
    shown = identities.show_identities(household, by=_fresh(books["collector"]))
    mine = books.loans["A-1"].borrower
    assert shown == {mine.pk: mine.id_no}, "the second loan of the household is another's"
    assert head(household.institution.stream) == before + 1
    entry = Entry.objects.filter(action="show_identities").latest("seq")
    assert said(entry) == {"borrowers": [str(mine.pk)]}
    assert mine.id_no not in str(said(entry))


@pytest.mark.parametrize(("handle", "code"), [("office", "access/denied"), ("chair", "access/not-found")])
def test_whom_identity_numbers_are_closed_to_is_refused(ledger: Stage, handle: str, code: str) -> None:
    books: Books = ledger.books
    with pytest.raises(Refused) as caught:
        identities.show_identities(books.loans["A-1"].borrower.household, by=_fresh(books[handle]))
    assert caught.value.code == code


def test_a_masked_number_shows_its_last_four_and_a_short_one_nothing() -> None:
    assert masked("990000198001010010") == "**************0010"
    assert masked("12345678") == "********"
    assert masked("123456789") == "*****6789"
    assert masked("") == ""
