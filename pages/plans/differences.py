"""How two plans differ, in words: the versions of one plan, and a plan beside one that was not carried."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from committee.prepared import AnyOf, Prepared
from proposals import substance
from proposals.models import Comparison, PlanVersion, Proposal
from proposals.plan.drafts import Plan
from web import labels
from web.seen import seen_among
from web.viewer import Viewer


@dataclass(frozen=True)
class Difference:
    """A field that differs between two plans, in words."""

    field: str
    row: str
    old: str
    new: str
    substantive: bool
    why: str


@dataclass(frozen=True)
class VersionView:
    """A version of the plan, with its differences from the one before that the reader may see."""

    row: PlanVersion
    submitted: bool
    current: bool
    before: PlanVersion | None
    differences: list[Difference]


@dataclass(frozen=True)
class ComparisonView:
    """The comparison with a rejected plan; without it and its rows where the reader may not see that plan."""

    at: datetime
    rejected: Proposal | None
    substantive: int
    other: int
    differences: list[Difference]


def version_views(
    rows: list[PlanVersion], submitted: frozenset[int], shown: PlanVersion
) -> list[VersionView]:
    """The versions, the last first, each with what it changed."""
    before: dict[int, PlanVersion] = {later.pk: earlier for earlier, later in pairwise(rows)}
    return [
        VersionView(
            row,
            row.number in submitted,
            row.pk == shown.pk,
            before.get(row.pk),
            _changes(before[row.pk].plan, row.plan) if row.pk in before else [],
        )
        for row in reversed(rows)
    ]


def _changes(old: Plan, new: Plan) -> list[Difference]:
    """What changed within one proposal, where nothing is judged by its substance."""
    found = substance.compare(old, new, material_change_pct=Decimal(0))
    return [in_words(row.field, row.path, row.old, row.new) for row in found if not row.summary]


def in_words(
    field: str, path: str, old: Any, new: Any, *, substantive: bool = False, why: str = ""
) -> Difference:
    """A difference of two plans as a reader sees it."""
    wording = substance.WORDING.get(why, ("", ""))[labels.chinese()]
    return Difference(
        labels.field(field),
        labels.row(path) if field != "measures" else "",
        labels.value(field, old),
        labels.value(field, new),
        substantive,
        wording,
    )


_COMPARISONS = Prepared(
    lambda versions: (
        Comparison.objects.filter(AnyOf("version", versions))
        .select_related("rejected__proposal__committee")
        .order_by("-at", "-pk")
    ),
    list,
)


def comparisons(versions: Iterable[PlanVersion], who: Viewer) -> list[ComparisonView]:
    """The comparisons of the versions that the reader sees, the last first."""
    rows = _COMPARISONS([row.pk for row in versions])
    visible = seen_among(Proposal, (row.rejected.proposal_id for row in rows), who.person)
    return [_comparison(row, is_visible=row.rejected.proposal_id in visible) for row in rows]


def _comparison(row: Comparison, *, is_visible: bool) -> ComparisonView:
    judged = [
        in_words(
            each["field"], each["path"], each["old"], each["new"],
            substantive=each["substantive"], why=each["why"],
        )
        for each in row.differences
    ]  # fmt: skip
    substantive = sum(each.substantive for each in judged)
    return ComparisonView(
        row.at,
        row.rejected.proposal if is_visible else None,
        substantive,
        len(judged) - substantive,
        sorted(judged, key=lambda each: not each.substantive) if is_visible else [],
    )
