"""All proposals by stage: how many, how long they have waited, the oldest of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import (
    Count,
    DateField,
    DateTimeField,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit import clock
from committee.models import Person, Unit
from pages.plans.queues.queue import days_since
from proposals.models import Proposal, StateCount
from proposals.permissions import counts_visible_to

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

    @property
    def age(self) -> str:
        """The name of its age."""
        return next(name for name, _words, days in AGES if days is None or self.days <= days)


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
    def ages_in_words(self) -> str:
        """The ages in words: "up to 7 days: 3, longer: 1", or the one age that all have."""
        held = [(words, self.counts[name]) for name, words, _days in AGES if self.counts[name]]
        if len(held) == 1:
            return str(held[0][0])
        return gettext(", ").join(
            gettext("%(name)s: %(value)s") % {"name": words, "value": count} for words, count in held
        )


@dataclass(frozen=True)
class StageBar:
    """A stage in the picture: parts by age, in per cent of the longest stage."""

    stage: Stage
    #: (age, where it begins, how long it is)
    parts: list[tuple[str, float, float]]


def units_of(person: Person) -> QuerySet[Unit]:
    """The institutions of the proposals that the person sees."""
    kept, lacking = counts_visible_to(person)
    counted = StateCount.objects.filter(kept).values("unit").annotate(number=Sum("number"))
    lacked = Proposal.objects.filter(lacking).values("unit")
    found = Q(pk__in=counted.filter(number__gt=0).values("unit")) | Q(pk__in=lacked)
    return Unit.objects.filter(found).order_by("name", "pk")


def read_stages(person: Person, unit: Unit | None = None) -> tuple[list[Stage], list[Stage]]:
    """The stages on the way with their oldest proposals, and those where it has ended.

    Of what the person sees, of one institution or of all; two statements.
    """
    filters = {} if unit is None else {"unit": str(unit.pk)}
    rows = Proposal.objects.visible_to(person).filter(**filters)
    counted = _counted(person, rows, filters)
    stages = {str(state): _stage(state, counted[state], filters) for state in (*OPEN, *ENDED)}
    parts = [
        rows.filter(state=state).order_by("state_since", "pk").values("pk")[:SHOWN]
        for state in OPEN
        if stages[state].count
    ]
    if parts:
        oldest = Proposal.objects.filter(pk__in=parts[0].union(*parts[1:], all=True))
        for row in oldest.select_related("committee", "unit").order_by("state_since", "pk"):
            stages[row.state].cards.append(Card(row, days_since(row.state_since, row.committee)))
    return [stages[state] for state in OPEN], [stages[state] for state in ENDED]


def _counted(
    person: Person, rows: QuerySet[Proposal], filters: dict[str, str]
) -> Mapping[str, Mapping[str, int]]:
    """How many of the rows are in each state, by age; of a state where it has ended all are old.

    All of them are counted already (`StateCount`), the young ones are few: one statement has both, so that no
    plan moves between them.
    """
    now = clock.now()
    week, month = (days for _name, _words, days in AGES[:2])
    kept, lacking = counts_visible_to(person)
    # days are those of the committee's zone, as on the cards; the index finds what may be young in any zone
    lately = rows.filter(state__in=OPEN, state_since__gt=now - timedelta(days=month + 2)).order_by()
    young: QuerySet[Any] = lately.annotate(days=_days_since(now)).filter(days__lte=month).values("state")
    lacked = Proposal.objects.filter(lacking, **filters).order_by().values("state")
    total = StateCount.objects.filter(kept, **filters).values("state").annotate(number=Sum("number"))
    parts = {
        "new": young.filter(days__lte=week).annotate(number=Count("pk")),
        "middle": young.filter(days__gt=week).annotate(number=Count("pk")),
        "lacked": lacked.annotate(number=Count("pk")),
    }
    parts_counted = [
        part.annotate(part=Value(name)).values_list("state", "part", "number")
        for name, part in {"total": total, **parts}.items()
    ]
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for state, name, number in parts_counted[0].union(*parts_counted[1:], all=True):
        found[state]["old" if name in {"total", "lacked"} else name] += number
    for ages in found.values():
        ages["old"] -= ages["new"] + ages["middle"]
    return found


def _days_since(now: datetime) -> Combinable:
    """How many days a plan has been in its state, as `days_since` counts them."""

    def day(moment: Combinable) -> Combinable:
        local = Func(F("committee__timezone"), moment, function="timezone", output_field=DateTimeField())
        return Cast(local, DateField())

    return _DaysBetween(day(Value(now, output_field=DateTimeField())), day(F("state_since")))


class _DaysBetween(Func):
    """The days from the second date to the first."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()


def _stage(state: str, ages: Mapping[str, int], filters: dict[str, str]) -> Stage:
    url = f"{reverse('proposals')}?{urlencode({'state': state, **filters})}"
    return Stage(state, _S(state).label, url, {name: ages[name] for name, _words, _days in AGES})


def bars(stages: Iterable[Stage]) -> list[StageBar]:
    """The picture of the stages by age; the axis starts at zero."""
    stages = list(stages)
    longest = max((stage.count for stage in stages), default=0) or 1
    return [StageBar(stage, list(_parts(stage, longest))) for stage in stages]


def _parts(stage: Stage, longest: int) -> Iterable[tuple[str, float, float]]:
    begin = 0.0
    for name, _words, _days in AGES:
        length = round(stage.counts[name] * 100 / longest, 2)
        yield name, round(begin, 2), length
        begin += length
