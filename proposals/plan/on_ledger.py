"""A plan beside the ledger of loans: what Art. 6 asks of it where the ledger's figures are recent.

The ledger takes its figures from tapes. Whether a unit has a tape that is recent enough is asked elsewhere
(`proposals/ledger.py`); here are values alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from proposals.plan.problem import Problem
from proposals.plan.schema import Loan, Terms
from regulation.text import folded_identifier

NON_PERFORMING: Final = frozenset({"substandard", "doubtful", "loss"})
#: the five classes in both languages, as a sentence names them
CLASSES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "normal": {"en": "normal", "zh": "正常"},
        "special_mention": {"en": "special mention", "zh": "关注"},
        "substandard": {"en": "substandard", "zh": "次级"},
        "doubtful": {"en": "doubtful", "zh": "可疑"},
        "loss": {"en": "loss", "zh": "损失"},
    }
)
#: the amounts of a loan in a plan, in yuan
MONEY: Final = ("principal", "interest_on_balance", "interest_off_balance", "penalty")


@dataclass(frozen=True, slots=True)
class LedgerLoan:
    """A loan as the ledger has it: its class on the plan's base date and now.

    `then` is None where the ledger does not reach back to the base date.
    """

    contract_no: str
    then: str | None
    now: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the ledger has of a plan's contracts, by contract as folded, from a tape of `as_of`."""

    as_of: date
    loans: Mapping[str, LedgerLoan]
    #: the tape as named in the log, and the SHA-256 of its file
    tape: str = ""
    sha256: str = ""

    def as_json(self) -> dict[str, str]:
        """The tape that a plan was judged by, as recorded."""
        return {"tape": self.tape, "as_of": self.as_of.isoformat(), "sha256": self.sha256}

    def loan(self, contract_no: str) -> LedgerLoan | None:
        """The loan with this contract, however it is spelled."""
        return self.loans.get(folded_identifier(contract_no))


def faults(terms: Terms, ledger: Ledger) -> Iterator[tuple[str, Problem]]:
    """What forbids submitting these terms where the ledger has a recent tape (Art. 6).

    In this order, each for all loans: `6/not-in-ledger`, `6/ledger-differs` (its class on the base date),
    `6/not-non-performing` (its class now). Money that differs is no fault.
    """
    rules: tuple[tuple[str, Callable[[Terms, Ledger], Iterator[Problem]]], ...] = (
        ("6/not-in-ledger", _absent),
        ("6/ledger-differs", _of_another_class),
        ("6/not-non-performing", _performing_now),
    )
    for code, rule in rules:
        for problem in rule(terms, ledger):
            yield code, problem


def _absent(terms: Terms, ledger: Ledger) -> Iterator[Problem]:
    for index, loan in enumerate(terms.loans):
        if ledger.loan(loan.contract_no) is None:
            yield Problem(f"$.loans[{index}].contract_no", "not-in-ledger", {"as_of": ledger.as_of})


def _of_another_class(terms: Terms, ledger: Ledger) -> Iterator[Problem]:
    for index, loan, known in _known(terms, ledger):
        if known.then is not None and known.then != loan.classification:
            stated, found = CLASSES[loan.classification], CLASSES[known.then]
            values = {"stated": stated["en"], "stated_zh": stated["zh"], "on": terms.base_date, **found}
            yield Problem(f"$.loans[{index}].classification", "ledger-class", values)


def _performing_now(terms: Terms, ledger: Ledger) -> Iterator[Problem]:
    for index, _loan, known in _known(terms, ledger):
        if known.now not in NON_PERFORMING:
            values = {"as_of": ledger.as_of, **CLASSES[known.now]}
            yield Problem(f"$.loans[{index}].classification", "performing-now", values)


def _known(terms: Terms, ledger: Ledger) -> Iterator[tuple[int, Loan, LedgerLoan]]:
    for index, loan in enumerate(terms.loans):
        known = ledger.loan(loan.contract_no)
        if known is not None:
            yield index, loan, known


def differing(stated: Mapping[str, object], figures: Mapping[str, object]) -> tuple[str, ...]:
    """The keys of a plan's loan that state something else than the figures do, in the figures' order.

    A key that is not stated differs from no figure; amounts and rates are compared as numbers.
    """
    return tuple(
        key
        for key, figure in figures.items()
        if stated.get(key) not in (None, "") and _comparable(key, stated[key]) != _comparable(key, figure)
    )


def _comparable(key: str, value: object) -> object:
    if key in (*MONEY, "rate") and isinstance(value, str):
        return Decimal(value)
    if key == "contract_no" or key.endswith("_officer"):
        return folded_identifier(str(value))
    return value
