"""The regulation as a rulebook: article by article, with what is enforced, refused, set and interpreted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext, ngettext

from audit import clock
from committee.models import Amendment, Committee, Interpretation, Meeting, RegulationVersion, Seat
from committee.offices import Scope, which
from regulation.articles import ARTICLES, Article, Chapter, citation
from regulation.codes import CODES
from regulation.enforcement import ENFORCED, SETTINGS
from regulation.numbers import Regulation
from regulation.refused import Refused
from web import labels
from web.viewer import Viewer

#: the number of a version → how it is called in the address of a form and in `Regulation`
NUMBERS = tuple(field.name for field in fields(Regulation))


def committees(who: Viewer) -> QuerySet[Committee]:
    """The committees whose seats and numbers the person may read: their own, those of the branch or bank."""
    offices = which(lambda office: office.scope != Scope.INSTITUTION).offices
    return Committee.objects.filter(who.reach(offices)).select_related("branch", "liaison").order_by("pk")


def chosen(rows: Iterable[Any], requested: str) -> Any:
    """The row with the requested id, else the first; None without rows."""
    rows = list(rows)
    return next((row for row in rows if str(row.pk) == requested), rows[0] if rows else None)


def today(committee: Committee) -> date:
    """The day in the committee's zone."""
    return clock.now().astimezone(committee.tz).date()


@dataclass(frozen=True)
class Setting:
    """A number of a version in words, with what it was in the version made before."""

    name: str
    value: str
    before: str = ""

    @property
    def changed(self) -> bool:
        """Whether the version changed it."""
        return self.before not in ("", self.value)


@dataclass(frozen=True)
class Version:
    """A version of the regulation and its time in force: from its day until the day before the next."""

    row: RegulationVersion
    until: date | None
    #: in force, coming, over, or never in force (replaced before its day, or by another of the same day)
    state: str


def versions(committee: Committee) -> list[Version]:
    """The committee's versions, the last made first, each with its time in force."""
    rows = list(RegulationVersion.objects.filter(committee=committee).select_related("made_by"))
    day = today(committee)
    line = _in_line(rows)
    found = []
    for row in sorted(rows, key=lambda row: -row.number):
        if row not in line:
            found.append(Version(row, None, "never"))
            continue
        place = line.index(row)
        until = line[place + 1].effective_from if place + 1 < len(line) else None
        if row.effective_from > day:
            state = "coming"
        else:
            state = "over" if until is not None and until <= day else "in_force"
        found.append(Version(row, until, state))
    return found


def _in_line(rows: Iterable[RegulationVersion]) -> list[RegulationVersion]:
    """The versions that are ever in force, in the order of their days; of one day the one made last."""
    last = {row.effective_from: row for row in sorted(rows, key=lambda row: row.number)}
    return [last[day] for day in sorted(last)]


def in_words(name: str, numbers: Regulation) -> str:
    """A number as a reader sees it, with its unit."""
    value = numbers.as_json()[name]
    if name == "material_change_pct":
        return f"{value} %"
    counted = {
        "seats": ngettext("%(n)s seat", "%(n)s seats", int(value)),
        "votes_to_pass": ngettext("%(n)s vote", "%(n)s votes", int(value)),
        "notice_days": ngettext("%(n)s calendar day", "%(n)s calendar days", int(value)),
        "proxies_per_holder": ngettext("%(n)s proxy", "%(n)s proxies", int(value)),
        "minutes_due_days": ngettext("%(n)s working day", "%(n)s working days", int(value)),
    }
    return counted[name] % {"n": value}


def settings(version: RegulationVersion, before: RegulationVersion | None) -> dict[int, list[Setting]]:
    """The numbers of a version by the article that they belong to."""
    found = defaultdict(list)
    for name, article in SETTINGS.items():
        old = in_words(name, before.numbers) if before else ""
        found[article].append(Setting(str(labels.NUMBERS[name]), in_words(name, version.numbers), old))
    return dict(found)


def interpretations(committee: Committee) -> dict[int, list[Interpretation]]:
    """The committee's interpretations by article, the latest first; those replaced know by which."""
    found = defaultdict(list)
    rows = Interpretation.objects.filter(committee=committee).select_related("published_by", "replaced_by")
    for row in rows.order_by("-number"):
        found[row.article].append(row)
    return dict(found)


def chapters() -> Iterator[tuple[Chapter, list[Article]]]:
    """The chapters with their articles."""
    found: dict[Chapter, list[Article]] = defaultdict(list)
    for article in ARTICLES.values():
        found[article.chapter].append(article)
    yield from found.items()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """All that the rulebook has on an article, in the reader's language."""

    number: int
    citation: str
    #: the article in both languages, the reader's first: language tag, lead, items
    texts: list[tuple[str, str, tuple[str, ...]]]
    #: what is printed, and what the editor says of it
    notes: list[tuple[str, str]]
    #: what is enforced: the paragraph where it is of one, the rule, how it was settled
    rules: list[tuple[str, str, bool]]
    refusals: list[labels.Refusal]
    settings: list[Setting]
    interpretations: list[Interpretation]


def entry(
    article: Article, numbers: Mapping[int, list[Setting]], read: Mapping[int, list[Interpretation]]
) -> Entry:
    """All that the rulebook has on an article."""
    zh = labels.chinese()
    tag = "zh-hans" if zh else "en"
    own = str(article.number)
    return Entry(
        number=article.number,
        citation=citation(own, tag),
        texts=_texts(article, zh=zh),
        notes=[(note.printed, note.zh if zh else note.en) for note in article.notes],
        rules=_rules(own, zh=zh),
        refusals=[
            labels.refusal(Refused(code))
            for code, each in CODES.items()
            if (each.article or "").partition(".")[0] == own
        ],
        settings=numbers.get(article.number, []),
        interpretations=read.get(article.number, []),
    )


def _rules(own: str, *, zh: bool) -> list[tuple[str, str, bool]]:
    """What is enforced of the article: the paragraph where it is of one, the rule, whether it is settled."""
    tag = "zh-hans" if zh else "en"
    return [
        (citation(reference, tag) if "." in reference else "", rule.zh if zh else rule.en, rule.settled)
        for reference, rules in ENFORCED.items()
        if reference.partition(".")[0] == own
        for rule in rules
    ]


def _texts(article: Article, *, zh: bool) -> list[tuple[str, str, tuple[str, ...]]]:
    """The article in both languages, the reader's first: language tag, lead, items."""
    both = [
        ("zh-Hans", article.lead_zh, article.items_zh),
        ("en", article.lead_en, article.items_en),
    ]
    return both if zh else both[::-1]


# -- What an amendment would change ------------------------------------------------------------------


@dataclass(frozen=True)
class Preview:
    """What an amendment changes: the numbers, and what it leaves as it is."""

    number: int
    effective_from: date
    settings: list[Setting]
    #: convened and running meetings, each of which keeps its version
    meetings: list[Meeting]
    #: filled seats above the new number of seats: none, or the amendment is refused
    above: list[Seat]
    #: later versions that are made already and do not change
    later: list[RegulationVersion]

    @property
    def changes(self) -> bool:
        """Whether any number changes."""
        return any(setting.changed for setting in self.settings)


def preview(
    committee: Committee, last: RegulationVersion | None, numbers: Regulation, effective_from: date
) -> Preview:
    """What these numbers from this day on would change."""
    before = last.numbers if last else Regulation()
    meetings = Meeting.objects.filter(committee=committee, state__in=Meeting.RUNNING)
    later = RegulationVersion.objects.filter(committee=committee, effective_from__gt=effective_from)
    return Preview(
        (last.number if last else 0) + 1,
        effective_from,
        [
            Setting(str(labels.NUMBERS[name]), in_words(name, numbers), in_words(name, before))
            for name in NUMBERS
        ],
        list(meetings.select_related("committee", "regulation").order_by("at")),
        filled_above(committee, numbers.seats),
        list(later.order_by("effective_from", "number")),
    )


def waiting(committee: Committee | None) -> Amendment | None:
    """The committee's amendment that waits to be published; None without one."""
    return Amendment.objects.waiting().filter(committee=committee).select_related("drafted_by").first()


def amendment_of(version: Version | None) -> Amendment | None:
    """The amendment whose publication made the version; None for one made otherwise."""
    if version is None:
        return None
    rows = Amendment.objects.filter(version=version.row)
    return rows.select_related("drafted_by", "published_by").first()


def filled_above(committee: Committee, seats: int) -> list[Seat]:
    """The filled seats that a number of seats would leave out."""
    rows = Seat.objects.filter(committee=committee, holder__isnull=False, number__gt=seats)
    return list(rows.select_related("holder").order_by("number"))


def dated(version: Version) -> str:
    """The time of a version in words."""
    if version.state == "never":
        return gettext("never in force")
    return {
        "in_force": gettext("in force"),
        "coming": gettext("not yet in force"),
        "over": gettext("no longer in force"),
    }[version.state]
