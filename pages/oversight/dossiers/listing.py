"""The list of all decisions by what is amiss, worst first."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from committee.models import Meeting, Resolution, Series
from office.models import Verdict
from office.permissions import dossiers_visible_to
from pages.meetings import finding as finding_meetings
from pages.plans import finding as finding_plans
from pages.plans.listing import committees
from proposals.models import Proposal, Tabling
from regulation.articles import ARTICLES, citation
from web import labels
from web.lists.columns import Column
from web.lists.filters import Choice, DateRange, Flag, ListFilters, Text
from web.lists.listing import Listing
from web.viewer import Viewer


def plan_number(row: Any) -> str:
    """The number of the plan decided on."""
    committee = row.resolution.item.meeting.committee
    return Series.written(committee, Series.Kind.PROPOSAL, row.plan_year, row.plan_number)


def cited(articles: list[int]) -> str:
    """The articles as they are cited in the reader's language."""
    mark = "、" if labels.chinese() else ", "
    return mark.join(citation(str(number), get_language() or "en") for number in articles)


class DossierFilters(ListFilters):
    """The filters of the list of dossiers."""

    q = Text(label=gettext_lazy("Number, title, borrower or words"), method="fitting")
    committee = Choice(
        "resolution__item__meeting__committee", label=gettext_lazy("Committee"), among=committees
    )
    article = Choice(
        label=gettext_lazy("Article not held"),
        choices=[(str(number), str(number)) for number in ARTICLES],
        method="lacking",
    )
    resolved = DateRange("resolution__closed_at", label=gettext_lazy("Resolved at"))
    amiss = Flag(label=gettext_lazy("An article did not hold"), condition=~Q(not_held=[]))
    gaps = Flag(label=gettext_lazy("With gaps in the evidence"), condition=~Q(gaps=[]))
    unjudged = Flag(label=gettext_lazy("Not judged yet"), condition=Q(judged_at=None))

    def fitting(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """The decisions on plans, or of meetings, that the text finds among those that the person may see."""
        person = self.viewer.person
        plans = Proposal.objects.visible_to(person).filter(finding_plans.plans(self.viewer, text))
        meetings = Meeting.objects.visible_to(person).filter(finding_meetings.meetings(self.viewer, text))
        items = Tabling.objects.filter(proposal__in=plans.order_by().values("pk")).values("item")
        return rows.filter(
            Q(resolution__item__in=items) | Q(resolution__item__meeting__in=meetings.order_by().values("pk"))
        )

    def lacking(self, rows: QuerySet[Any], _name: str, number: str) -> QuerySet[Any]:
        """The decisions of which this article did not hold."""
        return rows.filter(not_held__contains=[int(number)])


class Dossiers(Listing):
    """The decisions whose dossiers the person may see, the worst first, as they were judged last."""

    name = "dossiers"
    filters_class = DossierFilters
    order = "-amiss"
    columns = (
        Column("plan", gettext_lazy("Plan"), plan_number),
        Column("title", gettext_lazy("Title"), lambda row: row.resolution.item.title, shown=False),
        Column("meeting", gettext_lazy("Meeting"), lambda row: row.resolution.item.meeting.written_number),
        Column("resolved", gettext_lazy("Resolved at"), lambda row: row.resolution.closed_at,
               "resolution__closed_at"),
        Column("result", gettext_lazy("Result"), lambda row: labels.resolved(row.resolution)),
        Column("amiss", gettext_lazy("Articles not held"), lambda row: cited(row.not_held), "rank"),
        Column("gaps", gettext_lazy("Gaps in the evidence"), lambda row: cited(row.gaps)),
        Column("judged", gettext_lazy("Judged"), lambda row: row.judged_at or _("not judged yet")),
    )  # fmt: skip

    @classmethod
    def open_to(cls, viewer: Viewer) -> bool:
        """Whether the person has this list."""
        return viewer.sees_dossiers

    def get_queryset(self) -> QuerySet[Any]:
        seen = Resolution.objects.filter(dossiers_visible_to(self.viewer.person))
        return Verdict.objects.filter(resolution__in=seen.order_by().values("pk"))

    def with_related(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        tabling = Tabling.objects.filter(item=OuterRef("resolution__item"))
        found: QuerySet[Any] = rows.select_related("resolution__item__meeting__committee").annotate(
            plan_year=Subquery(tabling.values("proposal__year")[:1]),
            plan_number=Subquery(tabling.values("proposal__number")[:1]),
        )
        return found
