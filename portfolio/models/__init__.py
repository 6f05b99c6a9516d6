"""The tables of the portfolio app, a module a subject."""

from portfolio.models.balances import Balance, ClassChange, DayFigure
from portfolio.models.duties import Assignment
from portfolio.models.loans import Borrower, Household, Loan
from portfolio.models.organisation import Institution, PolicyVersion
from portfolio.models.tapes import Arrival, RowFault, Tape

__all__ = [
    "Arrival",
    "Assignment",
    "Balance",
    "Borrower",
    "ClassChange",
    "DayFigure",
    "Household",
    "Institution",
    "Loan",
    "PolicyVersion",
    "RowFault",
    "Tape",
]
