"""The rulebook: the regulation article by article."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from committee.models import Amendment, Committee, Interpretation
from committee.offices import RISK
from pages.committee.rulebook import articles as rulebook
from regulation.articles import TITLE_EN, TITLE_ZH
from web import labels, shell
from web.viewer import viewer_of


@dataclass(frozen=True, kw_only=True)
class RulebookPage:
    """The regulation as one person reads it, with the numbers of one of the person's committees."""

    title: str
    other_title: str
    #: the committees to choose from, and the one chosen; without one there are articles alone
    committees: list[Committee]
    committee: Committee | None
    #: the chapters, each with its articles
    chapters: list[tuple[str, list[rulebook.Entry]]]
    #: the committee's versions with their time in words and their numbers
    versions: list[tuple[rulebook.Version, str, dict[int, list[rulebook.Setting]]]]
    shown: rulebook.Version | None
    #: its time in words
    shown_state: str
    may_amend: bool
    #: the amendment that made the version shown, which a second officer published
    amendment: Amendment | None
    #: the amendment that waits, for those who may publish or discard it
    waiting: Amendment | None


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The articles with what is enforced, and the numbers and interpretations of one of the viewer's
    committees.
    """
    who, zh = viewer_of(request), labels.chinese()
    rows = list(rulebook.committees(who))
    committee = rulebook.chosen(rows, request.GET.get("committee", ""))
    found = rulebook.versions(committee) if committee is not None else []
    shown = _shown(found, request.GET.get("version", "")) if found else None
    amends = committee is not None and who.acts_as(RISK, committee)
    page = RulebookPage(
        title=TITLE_ZH if zh else TITLE_EN,
        other_title=TITLE_EN if zh else TITLE_ZH,
        committees=rows,
        committee=committee,
        chapters=_chapters(committee, found, shown, chinese=zh),
        versions=[(each, rulebook.dated(each), rulebook.settings(each.row, None)) for each in found],
        shown=shown,
        shown_state=rulebook.dated(shown) if shown is not None else "",
        may_amend=amends,
        amendment=rulebook.amendment_of(shown),
        waiting=rulebook.waiting(committee) if amends else None,
    )
    return shell.page(request, "committee/rulebook/rulebook.html", page, here="regulation")


def _chapters(
    committee: Committee | None,
    found: Sequence[rulebook.Version],
    shown: rulebook.Version | None,
    *,
    chinese: bool,
) -> list[tuple[str, list[rulebook.Entry]]]:
    """The headings with their articles, and beside these the numbers of the version that is shown."""
    settings: dict[int, list[rulebook.Setting]] = {}
    read: dict[int, list[Interpretation]] = {}
    if committee is not None and shown is not None:
        before = next((each.row for each in found if each.row.number == shown.row.number - 1), None)
        settings, read = rulebook.settings(shown.row, before), rulebook.interpretations(committee)
    return [
        (
            chapter.heading_zh if chinese else chapter.heading_en,
            [rulebook.entry(article, settings, read) for article in articles],
        )
        for chapter, articles in rulebook.chapters()
    ]


def _shown(found: list[rulebook.Version], requested: str) -> rulebook.Version:
    """The version with the requested number, else the one in force, else the last made."""
    by_number = next((each for each in found if str(each.row.number) == requested), None)
    in_force = next((each for each in found if each.state == "in_force"), found[0])
    return by_number or in_force
