"""Plans, borrowers, contracts and meetings with a number or words, only what the person may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from committee.models import Meeting
from committee.visibility import whole_meetings_visible_to
from pages.meetings import finding as meetings_finding
from pages.models import MinutesText
from pages.plans import finding as plans_finding
from pages.plans.versions import sees_drafting
from proposals.models import PlanContract, PlanText, Proposal
from regulation.text import folded_identifier
from web import text_search
from web.labels import in_words
from web.lists.paging import Count, counted
from web.viewer import Viewer

#: rows of a kind that the page shows; the list has them all
_SHOWN = 10
#: plans whose borrowers and contracts are looked at
_LOOKED_AT = 50


@dataclass(frozen=True)
class FoundPlan:
    """A plan found: its title, its borrower, and the line of its text in which the words stand."""

    row: Proposal
    title: text_search.Pieces
    borrower: text_search.Pieces
    line: text_search.Pieces


@dataclass(frozen=True)
class FoundContract:
    """A contract found, with the plan in which it stands."""

    number: text_search.Pieces
    row: Proposal


@dataclass(frozen=True)
class FoundMeeting:
    """A meeting found, with the line of its minutes in which the words stand."""

    row: Meeting
    place: text_search.Pieces
    line: text_search.Pieces


@dataclass(frozen=True)
class Results:
    """What was found, by kind."""

    plans: list[FoundPlan]
    plan_count: Count
    borrowers: list[tuple[text_search.Pieces, str]]
    contracts: list[FoundContract]
    meetings: list[FoundMeeting]
    meeting_count: Count

    @property
    def nothing(self) -> bool:
        """Whether nothing was found."""
        return not (self.plans or self.meetings)


def results(who: Viewer, text: str) -> Results:
    """What fits the text and the person may see, the last moved first."""
    looked_for = text_search.split_words(text)
    fitting = Proposal.objects.visible_to(who.person).filter(plans_finding.plans(who, text))
    rows = list(
        fitting.select_related("committee__branch", "unit").order_by("-state_since", "-pk")[:_LOOKED_AT]
    )
    read = {_readable(row, who): row for row in rows}
    texts = {each.version_id: each for each in PlanText.objects.filter(version__in=list(read)[:_SHOWN])}
    held = Meeting.objects.visible_to(who.person).filter(meetings_finding.meetings(who, text))
    return Results(
        [
            FoundPlan(
                row, text_search.mark_all(row.title, looked_for),
                text_search.mark_all(row.borrower, looked_for),
                _line(texts.get(version or 0), looked_for, but=(row.title, row.borrower)),
            )
            for version, row in list(read.items())[:_SHOWN]
        ],
        _count(fitting, rows),
        _borrowers(rows, looked_for),
        _contracts(read, looked_for),
        _meetings(who, held, looked_for),
        _count(held, None),
    )  # fmt: skip


def _count(rows: QuerySet[Any], read: list[Any] | None) -> Count:
    if read is not None and len(read) < _LOOKED_AT:
        return Count(len(read), more=False)
    return counted(rows)


def _readable(row: Proposal, who: Viewer) -> int | None:
    """The version whose text the person may read."""
    return row.version_id if sees_drafting(row, who) else row.submitted_version_id


def _borrowers(rows: Iterable[Proposal], looked_for: Sequence[str]) -> list[tuple[text_search.Pieces, str]]:
    """The borrowers with one of the words in the name, each with the name to look for."""
    names = dict.fromkeys(row.borrower for row in rows)
    marked_names = ((text_search.mark_excerpt(name, looked_for, len(name)), name) for name in names)
    return [(pieces, name) for pieces, name in marked_names if pieces][:_SHOWN]


def _contracts(read: Mapping[int | None, Proposal], looked_for: Sequence[str]) -> list[FoundContract]:
    fits = Q()
    for word in map(folded_identifier, looked_for):
        wholly = len(word) < text_search.SHORT or text_search.is_short(word)
        fits |= Q(contract_no=word) if wholly else Q(contract_no__contains=word)
    if not fits or not read:
        return []
    rows = PlanContract.objects.filter(fits, version__in=list(read)).order_by("contract_no", "-pk")
    return [
        FoundContract(
            text_search.mark_all(each.contract_no, [text_search.folded(word) for word in looked_for]),
            read[each.version_id],
        )
        for each in rows[:_SHOWN]
    ]


def _meetings(who: Viewer, held: QuerySet[Meeting], looked_for: Sequence[str]) -> list[FoundMeeting]:
    rows = list(held.select_related("committee").order_by("-at", "-pk")[:_SHOWN])
    reading = MinutesText.objects.settled().filter(
        minutes__meeting__in=Meeting.objects.filter(
            whole_meetings_visible_to(who.person), pk__in=[row.pk for row in rows]
        )
    )
    # the minutes last, over what supplements them: without a number they stand behind all numbers
    read = reading.select_related("minutes").order_by("minutes__supplements")
    texts = {each.minutes.meeting_id: each for each in read} if rows else {}
    return [
        FoundMeeting(row, text_search.mark_all(row.place, looked_for), _line(texts.get(row.pk), looked_for))
        for row in rows
    ]


def _line(
    row: PlanText | MinutesText | None, looked_for: Sequence[str], but: Sequence[str] = ()
) -> text_search.Pieces:
    """The first line in which one of the words stands, about it; lines that are shown anyway are left out."""
    for line in row.words.splitlines() if row else ():
        if line not in but and (found := text_search.mark_excerpt(line, looked_for)):
            named = in_words(line)  # a code, which is not typed in searches
            return found if named == line else [(named, True)]
    return []
