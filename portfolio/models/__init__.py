"""The tables of the portfolio app, a module a subject."""

from portfolio.models.accountability import Accountability
from portfolio.models.balances import Balance, ClassChange, DayFigure
from portfolio.models.duties import Assignment
from portfolio.models.loans import Borrower, Household, Loan
from portfolio.models.matrices import MonthMove
from portfolio.models.organisation import Institution, PolicyVersion
from portfolio.models.supervision import (
    Admonishment,
    Finding,
    LeaderVerdict,
    Ranking,
    RankingRow,
    Supervision,
    SupervisionMember,
)
from portfolio.models.tapes import Arrival, RowFault, Tape
from portfolio.models.targets import Fall, Quota, Target, TargetSet
from portfolio.models.tasks import KeyHousehold, Task
from portfolio.models.watch import Cause, Reply, TenDays, Warning, WatchDay, WatchSeen  # noqa: A004  the term of the field

__all__ = [
    "Accountability",
    "Admonishment",
    "Arrival",
    "Assignment",
    "Balance",
    "Borrower",
    "Cause",
    "ClassChange",
    "DayFigure",
    "Fall",
    "Finding",
    "Household",
    "Institution",
    "KeyHousehold",
    "LeaderVerdict",
    "Loan",
    "MonthMove",
    "PolicyVersion",
    "Quota",
    "Ranking",
    "RankingRow",
    "Reply",
    "RowFault",
    "Supervision",
    "SupervisionMember",
    "Tape",
    "Target",
    "TargetSet",
    "Task",
    "TenDays",
    "Warning",
    "WatchDay",
    "WatchSeen",
]
