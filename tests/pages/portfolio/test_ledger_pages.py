"""The pages of the ledger, as those who see it look at them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from committee.models import Position
from tests.pages.pages import as_
from tests.portfolio.books import Books, filled
from tests.stage import Stage, stages


def _made() -> Stage:
    stage = Stage().to("submitted")
    stage.books = filled(stage)
    return stage


ledger = stages("ledger", _made)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_page_answers(ledger, language) -> None:
    books: Books = ledger.books
    person = as_(books["union_risk"], language)
    first = books.institutions["first"]
    Position.objects.create(person=books["union_risk"], role="head", unit=first.unit)
    household = books.loans["A-1"].borrower.household_id
    for address in (
        reverse("desk"), reverse("ledger"), reverse("institution", args=[first.pk]), reverse("loans"),
        reverse("household", args=[household]), reverse("tapes"), reverse("tape", args=[books.tape.pk]),
        reverse("duties"), reverse("hand-over", args=[first.pk]), reverse("tape-new"), reverse("warnings"),
        reverse("ledger-month", args=[2026, 3]), reverse("ledger-supervision"), reverse("tape-template"),
        reverse("tape-faults", args=[books.tape.pk]),
    ):  # fmt: skip
        answer = person.get(address)
        assert answer.status_code == 200, address
