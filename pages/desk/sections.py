"""The sections of the desk, and how they are read.

One statement finds the first rows of every section with the number of all of them, then one of each kind
reads them, however many roles the person has. Nothing is read that the person may not see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, cast

from django.db.models import Aggregate, Count, Exists, Model, OuterRef, QuerySet, Subquery, Sum, Value, Window
from django.db.models.functions import RowNumber
from django.utils import translation
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import get_language

from committee.models import Amendment, Delivery, Meeting, Notice, Proxy, RegulationVersion, Seat
from committee.prepared import AnyOf, Prepared
from office.models import Copy, Dispatch, FollowUp, Report
from pages.desk.rows import Row
from portfolio.models import Admonishment, Loan, Tape, Task, WatchDay
from portfolio.models import Warning as LedgerWarning
from proposals.models import Docket, DocketEntry, Proposal, Receipt, Tabling
from regulation.articles import citation
from voting.models import AbstentionRequest, Vote, VoteSeat

#: so many rows of a section are shown, and of one that is chosen
SHOWN, CHOSEN = 6, 50


@dataclass(frozen=True)
class Section:
    """What waits of one kind, with what would be here when there is nothing."""

    title: str | Promise
    empty: str | Promise
    rows: list[Row] = field(default_factory=list)
    count: int = 0
    more: str = ""
    article: str = ""
    #: what is done with all of them together: the button's words and where
    act: tuple[str | Promise, str] | None = None

    @property
    def kind(self) -> str:
        """Its name in the address of the desk."""
        return kind_of(self.title)

    @property
    def citation(self) -> str:
        """The article by which it waits, in the reader's language."""
        return citation(self.article, get_language() or "en") if self.article else ""


@dataclass(frozen=True, eq=False)
class SectionQuery:
    """A section still to be read: its rows in their order, and how one of them is shown."""

    title: str | Promise
    empty: str | Promise
    rows: QuerySet[Any]
    row: Callable[[Any], Row]
    _: KW_ONLY
    more: str = ""
    article: str = ""
    act: tuple[str | Promise, str] | None = None
    #: whether it is shown without rows
    always: bool = True


def kind_of(title: str | Promise) -> str:
    """The name of a kind in addresses, the same in every language: its title in English."""
    with translation.override(None):
        return slugify(str(title))


def read_sections(found: Iterable[SectionQuery | Section], chosen: str = "") -> list[Section]:
    """The sections with their first rows, more of the chosen kind."""
    found = list(found)
    firsts = _firsts([each for each in found if isinstance(each, SectionQuery)], chosen)
    wanted: dict[type[Model], set[int]] = defaultdict(set)
    for asked, (pks, _count) in firsts.items():
        wanted[asked.rows.model].update(pks)
    instances = {kind: _instances(kind, pks) for kind, pks in wanted.items()}

    def section(each: SectionQuery | Section) -> Section:
        if isinstance(each, Section):
            return each
        pks, count = firsts[each]
        rows = [each.row(instances[each.rows.model][pk]) for pk in pks]
        return Section(each.title, each.empty, rows, count, each.more, each.article, each.act)

    return [section(each) for each in found if isinstance(each, Section) or each.always or firsts[each][1]]


def _instances(kind: type[Model], pks: set[int]) -> dict[int, Any]:
    """The rows of the kind by their keys; no statement where there are none."""
    return {row.pk: row for row in _KINDS[kind](list(pks))} if pks else {}


def _firsts(queries: list[SectionQuery], chosen: str) -> dict[SectionQuery, tuple[list[int], int]]:
    """The keys of each section's first rows and the number of all, in one statement."""
    found: dict[SectionQuery, tuple[list[int], int]] = {each: ([], 0) for each in queries}
    parts = [
        each.rows.annotate(
            asked=Value(number),
            turn=Window(RowNumber(), order_by=cast("Sequence[str]", each.rows.query.order_by)),
            of_all=Window(Count("pk")),
        ).values_list("asked", "turn", "pk", "of_all")[: CHOSEN if kind_of(each.title) == chosen else SHOWN]
        for number, each in enumerate(queries)
    ]
    if not parts:
        return found
    first, *others = parts
    for number, _turn, pk, count in sorted(first.union(*others, all=True) if others else first):
        found[queries[number]] = ([*found[queries[number]][0], pk], count)
    return found


def total_of(rows: QuerySet[Any], of: str, aggregate: Aggregate) -> Subquery:
    """The aggregate over the rows whose `of` is the row outside; none of them, none."""
    grouped = rows.filter(**{of: OuterRef("pk")}).order_by().values(of).annotate(total=aggregate)
    return Subquery(grouped.values("total"))


#: what the rows of each kind are read with
_KINDS: dict[type[Model], Prepared[Any]] = {
    rows.model: Prepared(lambda pks, rows=rows: rows.filter(AnyOf("pk", pks)).order_by(), list)
    for rows in (
        Proposal.objects.select_related("committee", "unit", "version").annotate(
            received=total_of(Receipt.objects.all(), "proposal", Sum("amount"))
        ),
        Meeting.objects.select_related("committee", "regulation").annotate(
            noticed=Exists(Notice.objects.filter(meeting=OuterRef("pk"), superseded_at=None)),
            distributed=Exists(Copy.objects.filter(minutes__meeting=OuterRef("pk"))),
            reported=Exists(Report.objects.filter(meeting=OuterRef("pk"))),
            unreceived=total_of(Dispatch.objects.filter(receipt=None), "meeting", Count("pk")),
            unsent=total_of(Dispatch.objects.exclude(failure=""), "meeting", Count("pk")),
        ),
        Vote.objects.select_related("proposal__committee", "meeting__committee"),
        VoteSeat.objects.select_related("vote__proposal__committee", "vote__meeting__committee", "seat"),
        AbstentionRequest.objects.select_related("item__meeting__committee", "seat", "person"),
        Delivery.objects.select_related(
            "notice__meeting__committee", "notice__meeting__regulation", "seat", "recipient"
        ),
        Tabling.objects.select_related("item__meeting__committee", "item__observer"),
        Proxy.objects.select_related("meeting__committee", "meeting__regulation", "seat", "principal"),
        Report.objects.select_related("meeting__committee"),
        FollowUp.objects.select_related("proposal__committee", "owner"),
        Docket.objects.select_related("committee").annotate(
            plans=total_of(DocketEntry.objects.all(), "docket", Count("pk"))
        ),
        Seat.objects.select_related("committee"),
        RegulationVersion.objects.select_related("committee"),
        Amendment.objects.select_related("committee", "drafted_by"),
        Loan.objects.select_related("borrower", "institution__unit"),
        Tape.objects.select_related("scope__unit"),
        WatchDay.objects.select_related("institution__unit"),
        LedgerWarning.objects.select_related("institution__unit"),
        Admonishment.objects.select_related("institution__unit"),
        Task.objects.select_related("household", "institution__unit"),
    )
}
