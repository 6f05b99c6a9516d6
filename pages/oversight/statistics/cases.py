"""The list of cases behind a figure."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from office import statistics
from web.lists.columns import Column
from web.lists.listing import Listing
from web.viewer import Viewer


class FigureCases(Listing):
    """The cases that a figure counts, the latest first; which figure, the address says."""

    name = "figure-cases"
    order = "-submitted"
    columns = (
        Column("submitted", gettext_lazy("Submitted at"), lambda row: row.submitted_at, "submitted_at"),
    )

    def __init__(
        self, who: Viewer, given: QueryDict, measure: str, over: statistics.Period, branch: int | None
    ) -> None:
        super().__init__(who, given)
        self._measure, self._over, self._branch = measure, over, branch

    def start(self) -> QuerySet[Any]:
        return statistics.cases(self.who, self._measure, self._over, self._branch)

    @property
    def state(self) -> list[tuple[str, str]]:
        asked = [("of", self._measure), ("period", self._over.key)]
        return asked + ([("branch", str(self._branch))] if self._branch is not None else []) + super().state
