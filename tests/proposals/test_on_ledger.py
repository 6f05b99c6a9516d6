"""Plans and the ledger: the gate of Art. 6, plans that are filled, and conflicts found by duties."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from audit import clock
from audit.models import Entry
from committee.models import Conflict
from portfolio.models import Assignment, Loan, PolicyVersion, Tape
from proposals.models import LedgerBasis, Proposal
from proposals.plan.drafts import parse_draft
from proposals.plan.on_ledger import Ledger, LedgerLoan, differing
from proposals.plan.submission import check_submission
from regulation.refused import Refused
from tests.portfolio.stock import Stock
from tests.stage import Stage, plan, said, stages


def loans(**changes: Any) -> dict[str, Any]:
    """The usual loan of a plan with these changes, as keys of the plan."""
    return {"loans": [plan()["loans"][0] | changes]}


# --- The gate, as a function of values ----------------------------------------------------------------


def known(then: str | None, now: str) -> Ledger:
    return Ledger(date(2026, 3, 2), {"C-1": LedgerLoan("C-1", then, now)})


def refusal(document: dict[str, Any], ledger: Ledger | None) -> str | None:
    try:
        check_submission(parse_draft(document), submitted_on=date(2026, 3, 2), ledger=ledger)
    except Refused as refused:
        return refused.code
    return None


@pytest.mark.article("6")
@pytest.mark.parametrize(
    ("ledger", "code"),
    [
        (None, None),
        (known("doubtful", "doubtful"), None),
        (known("doubtful", "loss"), None),
        (known(None, "substandard"), None),
        (Ledger(date(2026, 3, 2), {}), "6/not-in-ledger"),
        (known("substandard", "doubtful"), "6/ledger-differs"),
        (known("special_mention", "special_mention"), "6/ledger-differs"),
        (known("doubtful", "special_mention"), "6/not-non-performing"),
        (known(None, "normal"), "6/not-non-performing"),
    ],
)
def test_a_loan_is_judged_by_its_class_on_the_base_date_and_now(
    ledger: Ledger | None, code: str | None
) -> None:
    assert refusal(plan(), ledger) == code


@pytest.mark.article("6")
def test_the_plan_itself_is_judged_before_the_ledger_and_the_ledger_before_article_7() -> None:
    absent = Ledger(date(2026, 3, 2), {})
    assert refusal(plan() | loans(classification="normal"), absent) == "6/not-non-performing"
    assert refusal(plan() | {"conditions": {}}, absent) == "6/not-in-ledger"
    assert refusal(plan() | {"conditions": {}}, known("doubtful", "doubtful")) == "7/no-condition"


def test_a_contract_is_found_however_it_is_spelled() -> None:
    assert refusal(plan() | loans(contract_no="ｃ－ 1"), known("doubtful", "doubtful")) is None


def test_amounts_are_compared_as_numbers_and_what_is_not_stated_differs_from_nothing() -> None:
    figures = {"principal": "1000.00", "rate": "8.40", "days_past_due": 3, "lending_officer": "A 1"}
    assert differing(figures | {"rate": "8.4", "lending_officer": "a1"}, figures) == ()
    assert differing({"principal": "1000.01", "days_past_due": 4}, figures) == ("principal", "days_past_due")
    assert differing({"rate": ""}, figures) == ()


# --- The gate at submission ---------------------------------------------------------------------------


@pytest.mark.article("6")
def test_without_a_tape_the_plan_counts_alone(drafted: Stage) -> None:
    Stock(drafted)
    drafted.do("submit")
    assert "ledger" not in said(Entry.objects.filter(action="submit").latest("pk"))


@pytest.mark.article("6")
def test_a_tape_of_today_judges_and_the_entry_names_it(drafted: Stage) -> None:
    tape = Stock(drafted).tape("2026-03-02", {"contract": "C-1"})
    drafted.do("submit")
    entry = said(Entry.objects.filter(action="submit").latest("pk"))
    assert entry["ledger"] == {"tape": tape.subject, "as_of": "2026-03-02", "sha256": tape.sha256}


@pytest.mark.article("6")
@pytest.mark.parametrize(("day", "code"), [("2026-02-27", "6/not-in-ledger"), ("2026-02-26", None)])
def test_a_tape_judges_for_as_many_days_as_the_policy_says(
    drafted: Stage, day: str, code: str | None
) -> None:
    Stock(drafted).tape(day, {"contract": "C-9"})
    if code is None:
        drafted.do("submit")
    else:
        drafted.refused(code, "submit")


@pytest.mark.article("6")
def test_the_days_are_those_of_the_policy_in_force(drafted: Stage) -> None:
    Stock(drafted).tape("2026-02-27", {"contract": "C-9"})
    PolicyVersion.objects.create(
        bank=drafted.bank.unit, number=1, effective_from=date(2026, 3, 1), values={"stale_days": 2},
        reason="Tapes come daily", made_at=clock.now(),
    )  # fmt: skip
    drafted.do("submit")


@pytest.mark.article("6")
@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"contract": "C-2"}, "6/not-in-ledger"),
        ({"contract": "C-1", "institution": "102", "household": "H2"}, "6/not-in-ledger"),
        ({"contract": "C-1", "state": "closed", "principal": "0.00"}, "6/not-in-ledger"),
        ({"contract": "C-1", "state": "written_off"}, None),
        ({"contract": "C-1", "class": "special_mention"}, "6/not-non-performing"),
        ({"contract": "C-1", "class": "substandard"}, None),
    ],
)
def test_what_the_latest_tape_says_of_the_loan_decides(
    drafted: Stage, row: dict[str, Any], code: str | None
) -> None:
    """The tape is younger than the base date, so that day's class is not known."""
    Stock(drafted).tape("2026-03-02", row)
    if code is None:
        drafted.do("submit")
    else:
        drafted.refused(code, "submit")


@pytest.mark.article("6")
def test_the_class_stated_is_that_of_the_base_date(drafted: Stage) -> None:
    stock = Stock(drafted)
    stock.tape("2026-02-28", {"contract": "C-1", "class": "substandard"})
    stock.tape("2026-03-02", {"contract": "C-1", "class": "doubtful"})
    refused = drafted.refused("6/ledger-differs", "submit")
    assert refused.context["path"] == "$.loans[0].classification"
    drafted.do("amend", changes=loans(classification="substandard"))
    drafted.do("submit")


@pytest.mark.article("6")
def test_a_loan_that_the_latest_tape_lacks_is_not_in_the_ledger(drafted: Stage) -> None:
    stock = Stock(drafted)
    stock.tape("2026-03-01", {"contract": "C-1"})
    stock.tape("2026-03-02", {"contract": "C-2", "id_no": "320000190001010002", "household": "H2"})
    drafted.refused("6/not-in-ledger", "submit")


@pytest.mark.article("6")
def test_a_held_tape_judges_nothing_and_differing_money_refuses_nothing(drafted: Stage) -> None:
    stock = Stock(drafted)
    stock.tape("2026-03-01", {"contract": "C-1", "principal": "7.00"})
    held = stock.tape("2026-03-02", {"contract": "C-2", "id_no": "320000190001010002", "household": "H2"})
    Tape.objects.filter(pk=held.pk).update(state=Tape.State.HELD)
    Loan.objects.update(gone_on=None)
    drafted.do("submit")


# --- A plan that the ledger fills ---------------------------------------------------------------------

LENT = {"lending": "80100001", "collection": "80100002"}


@pytest.mark.article("13")
def test_a_draft_begins_with_the_ledgers_figures(drafted: Stage) -> None:
    tape = Stock(drafted).tape(
        "2026-02-27", {"contract": "C-7", **LENT}, {"contract": "C-8", "principal": "5000.00"}
    )
    made = drafted.do("draft", plan={"title": "From the ledger"}, contracts=["c-8", "C-7"])
    document = made.present_version.document
    assert document["base_date"] == "2026-02-27"
    assert document["borrower"] == {"name": "王某", "id_no": "320000190001010001", "kind": "household"}
    assert [loan["contract_no"] for loan in document["loans"]] == ["C-7", "C-8"]
    assert document["loans"][0] == {
        "contract_no": "C-7", "principal": "1000.00", "interest_on_balance": "80.00",
        "interest_off_balance": "20.00", "penalty": "10.00", "rate": "8.40", "issued_on": "2024-01-10",
        "due_on": "2025-01-10", "days_past_due": 416, "classification": "doubtful",
        "lending_officer": "80100001", "collection_officer": "80100002",
    }  # fmt: skip
    assert "lending_officer" not in document["loans"][1]
    basis = LedgerBasis.objects.filter(version=made.version).order_by("contract")
    assert [(row.contract, row.as_of, row.tape) for row in basis] == [
        ("C-7", date(2026, 2, 27), tape), ("C-8", date(2026, 2, 27), tape),
    ]  # fmt: skip
    entry = said(Entry.objects.filter(action="draft").latest("pk"))
    assert entry["from_ledger"] == {"C-7": tape.subject, "C-8": tape.subject}


def test_filling_renews_the_loans_that_are_there_and_keeps_the_others(drafted: Stage) -> None:
    stock = Stock(drafted)
    stock.tape("2026-02-27", {"contract": "C-1", "principal": "900.00"})
    two = [plan("C-0")["loans"][0], plan("C-1")["loans"][0]]
    drafted.do("amend", changes={"loans": two})
    made = drafted.do("amend", changes={"title": "Anew"}, contracts=["C-1"])
    document = made.present_version.document
    assert [(row["contract_no"], row["principal"]) for row in document["loans"]] == [
        ("C-0", "1000.00"), ("C-1", "900.00"),
    ]  # fmt: skip
    assert document["loans"][1]["lending_officer"] == "Lending officer A"
    assert document["title"] == "Anew"
    assert document["borrower"]["cause"] == "Illness"
    assert [row.contract for row in made.present_version.ledger_basis.all()] == ["C-1"]


def test_the_basis_stays_with_the_contract_over_later_versions(drafted: Stage) -> None:
    Stock(drafted).tape("2026-02-27", {"contract": "C-1"})
    drafted.do("amend", changes={}, contracts=["C-1"])
    made = drafted.do("amend", changes=loans(principal="999.00"))
    (row,) = made.present_version.ledger_basis.all()
    assert row.figures["principal"] == "1000.00"
    made = drafted.do("amend", changes=loans(contract_no="C-2"))
    assert not made.present_version.ledger_basis.exists()


@pytest.mark.parametrize("contracts", [["C-1", "C-404"], ["C-2"]])
def test_what_the_handler_does_not_see_in_the_ledger_does_not_exist(
    drafted: Stage, contracts: list[str]
) -> None:
    other = {"contract": "C-2", "institution": "102", "id_no": "320000190001010002", "household": "H2"}
    Stock(drafted).tape("2026-02-27", {"contract": "C-1"}, other)
    drafted.refused("access/not-found", "amend", changes={}, contracts=contracts)
    drafted.refused("access/not-found", "draft", plan={}, contracts=contracts)


def test_the_latest_tape_fills_also_when_it_is_old_and_closed_loans_do_not(drafted: Stage) -> None:
    stock = Stock(drafted)
    stock.tape("2026-01-31", {"contract": "C-1", "principal": "2000.00"})
    stock.tape("2026-02-10", {"contract": "C-1"})
    made = drafted.do("amend", changes={}, contracts=["C-1"])
    assert made.present_version.document["base_date"] == "2026-02-10"
    assert made.present_version.document["loans"][0]["principal"] == "1000.00"


def _rejected() -> Stage:
    stage = Stage()
    Stock(stage).tape("2026-03-02", {"contract": "C-1"})
    stage.to("drafted").do("amend", changes={}, contracts=["C-1"])
    stage.to("voting").cast("for", "against:Too long", "against:Too long")
    stage.do("close_vote")
    return stage


from_ledger_rejected = stages("from_ledger_rejected", _rejected)


def test_a_revised_plan_keeps_whence_its_figures_are(from_ledger_rejected: Stage) -> None:
    made = from_ledger_rejected.do("revise", changes={"title": "Anew"})
    assert [row.contract for row in made.present_version.ledger_basis.all()] == ["C-1"]


# --- Conflicts of interest by duty --------------------------------------------------------------------


def in_conflict(stage: Stage) -> list[int]:
    stage.to("taken_up")
    rows = Conflict.objects.filter(item=Proposal.objects.get(pk=stage.proposal.pk).item)
    return sorted(rows.values_list("seat__number", flat=True))


@pytest.mark.article("20.3")
@pytest.mark.parametrize("duty", ["lending", "collection"])
def test_whom_the_tape_names_is_in_conflict_however_the_plan_spells_it(filed: Stage, duty: str) -> None:
    Stock(filed).tape("2026-03-02", {"contract": "C-1", duty: filed["seat2"].staff_no})
    assert in_conflict(filed) == [2]


@pytest.mark.article("20.3")
@pytest.mark.parametrize(("kind", "seats"), [("lending", [3]), ("collection", [3]), ("approval", [])])
def test_a_duty_that_has_ended_is_a_conflict_too(filed: Stage, kind: str, seats: list[int]) -> None:
    Stock(filed).tape("2026-03-02", {"contract": "C-1"})
    ended = date(2025, 6, 30) if kind == "collection" else None
    Assignment.objects.create(
        loan=Loan.objects.get(bank=filed.bank.unit), kind=kind, person=filed["seat3"],
        staff_no=filed["seat3"].staff_no,
        from_on=date(2024, 1, 10), to_on=ended, reason="As lent", given_at=clock.now(),
    )  # fmt: skip
    assert in_conflict(filed) == seats


@pytest.mark.article("20.3")
def test_without_a_ledger_nobody_is_in_conflict_by_duty(filed: Stage) -> None:
    assert in_conflict(filed) == []
