"""All proposals by stage: how many, how long they have waited, the oldest of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from audit import clock
from office.queues import days_since
from proposals.models import Proposal

_S = Proposal.State
SHOWN = 5

#: the stages on the way, and those where it has ended
OPEN = (
    _S.SUBMITTED, _S.RETURNED, _S.SHORTLISTED, _S.FILED, _S.TABLED, _S.VOTING, _S.CARRIED,
    _S.CREDIT_APPROVED, _S.EXECUTING,
)  # fmt: skip
ENDED = (
    _S.COMPLETED, _S.REJECTED, _S.SCREENED_OUT, _S.WITHDRAWN, _S.CREDIT_DECLINED, _S.TERMINATED,
)  # fmt: skip

#: age → up to how many days, for the picture and its table
AGES = (
    ("new", _("up to 7 days"), 7),
    ("middle", _("8 to 30 days"), 30),
    ("old", _("longer"), None),
)


@dataclass(frozen=True)
class Card:
    """A proposal on the board with its age in days."""

    proposal: Proposal
    days: int


@dataclass
class Stage:
    """A stage with the number of its proposals, by age and in all, and the oldest of them."""

    state: str
    name: str | Promise
    url: str
    counts: dict[str, int]
    cards: list[Card] = field(default_factory=list)

    @property
    def count(self) -> int:
        """All proposals of the stage."""
        return sum(self.counts.values())

    @property
    def told(self) -> str:
        """The ages in words: "up to 7 days: 3, longer: 1", or the one age that all have."""
        held = [(words, self.counts[name]) for name, words, _days in AGES if self.counts[name]]
        if len(held) == 1:
            return str(held[0][0])
        return gettext(", ").join(
            gettext("%(name)s: %(value)s") % {"name": words, "value": count} for words, count in held
        )


@dataclass(frozen=True)
class Bar:
    """A stage in the picture: parts by age, in per cent of the longest stage."""

    stage: Stage
    #: (age, where it begins, how long it is)
    parts: list[tuple[str, float, float]]


def of(rows: QuerySet[Proposal], **filters: str) -> tuple[list[Stage], list[Stage]]:
    """The stages on the way with their oldest proposals, and those where it has ended; two statements.

    `filters` are those of the list of proposals that were made on `rows`; a stage leads to its list so.
    """
    now = clock.now()
    week, month = now - timedelta(days=7), now - timedelta(days=30)
    counted = {
        row["state"]: {name: row[name] for name, _words, _days in AGES}
        for row in rows.order_by()
        .values("state")
        .annotate(
            new=Count("pk", filter=Q(state_since__gt=week)),
            middle=Count("pk", filter=Q(state_since__lte=week, state_since__gt=month)),
            old=Count("pk", filter=Q(state_since__lte=month)),
        )
    }
    stages = {state: _stage(state, counted, filters) for state in (*OPEN, *ENDED)}
    oldest = (
        rows.filter(state__in=OPEN)
        .annotate(
            place=Window(
                RowNumber(), partition_by=F("state"), order_by=[F("state_since").asc(), F("pk").asc()]
            )
        )
        .filter(place__lte=SHOWN)
        .select_related("committee", "unit")
        .order_by("state_since", "pk")
    )
    for row in oldest:
        stages[_S(row.state)].cards.append(Card(row, days_since(row.state_since, row.committee)))
    return [stages[state] for state in OPEN], [stages[state] for state in ENDED]


def _stage(state: str, counted: dict[str, dict[str, int]], filters: dict[str, str]) -> Stage:
    none = {name: 0 for name, _words, _days in AGES}
    url = f"{reverse('proposals')}?{urlencode({'state': state, **filters})}"
    return Stage(state, _S(state).label, url, counted.get(state, none))


def bars(stages: Iterable[Stage]) -> list[Bar]:
    """The picture of the stages by age; the axis starts at zero."""
    stages = list(stages)
    longest = max((stage.count for stage in stages), default=0)
    return [Bar(stage, list(_parts(stage, longest))) for stage in stages] if longest else []


def _parts(stage: Stage, longest: int) -> Iterable[tuple[str, float, float]]:
    begin = 0.0
    for name, _words, _days in AGES:
        length = round(stage.counts[name] * 100 / longest, 2)
        yield name, round(begin, 2), length
        begin += length


def alternative(stages: Iterable[Stage]) -> str:
    """The picture in a sentence."""
    return gettext("; ").join(
        ngettext("%(name)s: %(count)d plan", "%(name)s: %(count)d plans", stage.count)
        % {"name": stage.name, "count": stage.count}
        for stage in stages
    )
