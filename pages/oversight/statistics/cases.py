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
        self, viewer: Viewer, query: QueryDict, measure: str, over: statistics.Period, branch: int | None
    ) -> None:
        self._measure, self._over, self._branch = measure, over, branch
        super().__init__(viewer, query)

    def get_queryset(self) -> QuerySet[Any]:
        return statistics.cases(self.viewer, self._measure, self._over, self._branch)

    @property
    def state(self) -> list[tuple[str, str]]:
        parameters = [("of", self._measure), ("period", self._over.key)]
        branch = [("branch", str(self._branch))] if self._branch is not None else []
        return parameters + branch + super().state
