"""The faults of a tape's rows in words: what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import get_language

from portfolio.identity import masked
from portfolio.models import RowFault
from portfolio.tape import COLUMNS
from regulation.refused import Refused
from web import labels

_CHINESE = {each.name: each.chinese for each in COLUMNS}
#: whose values are identity numbers
_IDENTITY = "id_no"


@dataclass(frozen=True)
class FaultView:
    """A fault as people read it."""

    line: int
    column: str
    value: str
    code: str
    message: str
    remedy: str
    only_warns: bool


def worded(rows: Iterable[RowFault], *, identities: bool) -> Iterator[FaultView]:
    """The faults in the reader's language; identity numbers masked unless they are open to the reader."""
    chinese = labels.chinese()
    language = get_language() or "en"
    for row in rows:
        refused = Refused(row.code)
        column = _CHINESE.get(row.column, row.column) if chinese else row.column
        hidden = row.column == _IDENTITY and not identities
        yield FaultView(
            row.line,
            column,
            masked(row.value) if hidden else row.value,
            row.code,
            refused.message(language),
            refused.remedy(language),
            row.only_warns,
        )
