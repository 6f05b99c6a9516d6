"""Template filters and tags for money, dates, states and codes."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from django import template
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import clock
from committee.models import (
    AgendaItem,
    Attendance,
    Committee,
    Conflict,
    Interpretation,
    Proxy,
    Resolution,
)
from office.permissions import DOSSIER_READERS
from portfolio.money import yuan as yuan_of
from voting.models import AbstentionRequest, Ballot, Vote
from web import idempotent_forms, labels
from web.viewer import Viewer

register = template.Library()

WAN = Decimal(10_000)
#: codes of a meeting's record → labels
_LABELS: dict[str, type[TextChoices]] = {
    "mode": Attendance.Mode,
    "left": AgendaItem.Left,
    "question": Resolution.Question,
    "source": Conflict.Source,
    "request": AbstentionRequest.State,
    "vote": Vote.State,
    "ended": Proxy.Ended,
}

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
#: the span within which past times are shown in words: a week
_NEAR = 7 * _DAY


def _weekday(day: date) -> str:
    names = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    return names[day.weekday()]


def _as_moment(value: datetime | str) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return timezone.localtime(moment)


def written(value: datetime | str) -> str:
    """A time as pages show it, in the current zone: 2026-03-05 周四 09:00."""
    local = _as_moment(value)
    return f"{local:%Y-%m-%d} {_weekday(local)} {local:%H:%M}"


def day_written(value: date) -> str:
    """A date as pages show it: 2026-03-05 周四."""
    return f"{value.isoformat()} {_weekday(value)}"


@register.filter
def moment(value: datetime | str | None) -> str:
    """A time element with date, weekday and time; a dash for none."""
    if not value:
        return "—"
    local = _as_moment(value)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), written(local))


@register.filter
def ground(reason: str | None) -> str:
    """The reason of a conflict in the reader's language (`labels.ground`)."""
    return labels.ground(reason or "")


@register.filter
def clock_time(value: datetime) -> str:
    """Hour and minute, beside a date."""
    return f"{_as_moment(value):%H:%M}"


def written_day(day: date) -> str:
    """A date as pages show it: 2026-03-05 周四."""
    return f"{day.isoformat()} {_weekday(day)}"


@register.filter
def paper_day(value: date | datetime | str) -> str:
    """A date as papers show it: 2026年3月5日（星期四）."""
    day = _as_moment(value) if isinstance(value, (datetime, str)) else value
    return date_format(day, "Y年n月j日（l）" if labels.chinese() else "l, j F Y", use_l10n=False)


@register.filter
def paper_moment(value: datetime | str) -> str:
    """A time as papers show it: 2026年3月5日（星期四）14:00."""
    local = _as_moment(value)
    between = "" if labels.chinese() else ", "
    return f"{paper_day(local)}{between}{local:%H:%M}"


@register.filter
def label(value: str, family: str) -> str:
    """The label of a code stored in a record."""
    return str(_LABELS[family](value).label) if value else ""


@register.filter
def outcome(vote: dict[str, Any]) -> str:
    """A closed vote of a record as a text: "Carried: 7 for, 2 against (6 needed)"."""
    counts = vote["counts"]
    return labels.resolved(
        Resolution(
            question=vote["question"],
            carried=vote["carried"],
            for_count=counts["for"],
            against_count=counts["against"],
            abstained_count=counts["abstained"],
            votes_to_pass=counts["votes_to_pass"],
        )
    )


@register.simple_tag
def moment_in(value: datetime, zone: tzinfo) -> str:
    """A time in a committee's zone, for lists of several committees."""
    with timezone.override(zone):
        return moment(value)


@register.simple_tag
def hour_in(value: datetime, zone: tzinfo) -> str:
    """Hour and minute in a committee's zone, beside a date."""
    return f"{value.astimezone(zone):%H:%M}"


@register.filter
def day(value: date | str | None) -> str:
    """A date with its weekday; a dash for none."""
    if not value:
        return "—"
    if isinstance(value, str):
        value = date.fromisoformat(value)
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return format_html(
        '<time datetime="{}">{} {}</time>', value.isoformat(), value.isoformat(), _weekday(value)
    )


@register.filter
def ago(value: datetime | str | None) -> str:
    """A recent time in words with the exact one as a tooltip; otherwise date and time."""
    if not value:
        return "—"
    local = _as_moment(value)
    seconds = (clock.now() - local).total_seconds()
    if not 0 <= seconds < _NEAR:
        return moment(local)
    if seconds < _MINUTE:
        text = _("just now")
    elif seconds < _HOUR:
        count = int(seconds // _MINUTE)
        text = ngettext("%(count)d minute ago", "%(count)d minutes ago", count) % {"count": count}
    elif seconds < _DAY:
        count = int(seconds // _HOUR)
        text = ngettext("%(count)d hour ago", "%(count)d hours ago", count) % {"count": count}
    else:
        count = int(seconds // _DAY)
        text = ngettext("%(count)d day ago", "%(count)d days ago", count) % {"count": count}
    return format_html(
        '<time class="ago" datetime="{0}" title="{1}"><span class="ago-words">{2}</span>'
        '<span class="ago-exact">{1}</span></time>',
        local.isoformat(timespec="seconds"),
        written(local),
        text,
    )


@register.filter
def yuan(value: Decimal | str | int | None) -> str:
    """Yuan with thousands separators and two decimals; a dash for none."""
    return "—" if value in (None, "") else labels.money(value)


@register.simple_tag(takes_context=True)
def overview_money(context: dict[str, Any], value: Decimal | None) -> str:
    """An amount on an overview, in the reader's unit, yuan or 万元."""
    if value is None:
        return "—"
    if context.get("unit") == "wan":
        return f"{value / WAN:,.2f}"
    return labels.money(value)


@register.simple_tag(takes_context=True)
def fen_money(context: dict[str, Any], fen: int | None) -> str:
    """An amount in fen on an overview, in the reader's unit; a dash for none."""
    return overview_money(context, None if fen is None else yuan_of(fen))


@register.simple_tag(takes_context=True)
def signed_money(context: dict[str, Any], value: Decimal | None) -> str:
    """A change of an amount on an overview, in the reader's unit, with its sign; a dash for none."""
    if value is None:
        return "—"
    return ("+" if value > 0 else "−" if value < 0 else "") + overview_money(context, abs(value))


@register.filter
def ratio(value: Decimal | None) -> str:
    """A ratio in per cent with one decimal; a dash for none."""
    return "—" if value is None else f"{value * 100:,.1f} %"


@register.filter
def code(value: object, family: str) -> str:
    """The label of a plan's code."""
    return labels.code(value, family)


@register.filter
def measure(value: str) -> str:
    """The label of a measure."""
    return labels.measure(value)


@register.filter
def meaning(value: str) -> str:
    """What a measure means."""
    return labels.measure_meaning(value)


@register.filter
def tone(state: str) -> str:
    """The tone of a state: waiting, good, stopped, information or plain."""
    return labels.TONES.get(state, "plain")


@register.filter
def short(digest: object) -> str:
    """The beginning of a digest, enough for comparison by eye."""
    return str(digest)[:12]


@register.filter
def grouped(digest: str) -> str:
    """The digits in groups of four, to be read aloud and compared by eye."""
    return " ".join(digest[place : place + 4] for place in range(0, len(digest), 4))


@register.filter
def get(mapping: dict[str, Any], key: str) -> Any:
    """The value of a key that a template cannot write."""
    return mapping.get(key)


@register.simple_tag
def lozenge(state: str, word: str) -> SafeString:
    """A state as a label with its tone."""
    return format_html('<span class="lozenge lozenge-{}">{}</span>', labels.TONES.get(state, "plain"), word)


@register.simple_tag
def listed_state(rows: Any, row: Any) -> SafeString:
    """The state of a row of a list; in colour where it waits for the reader's office."""
    tone = labels.TONES.get(row.state, "plain") if row.state in rows.waiting else "plain"
    return format_html('<span class="lozenge lozenge-{}">{}</span>', tone, row.get_state_display())


@register.simple_tag
def choice_word(choice: str) -> str:
    """The label of a ballot's choice."""
    return str(Ballot.Choice(choice).label)


@register.simple_tag
def question_in_words(vote: Vote) -> str:
    """What is voted on, with the number of the round from the second on."""
    return labels.question(vote)


@register.simple_tag
def outcome_word(resolution: Resolution) -> str:
    """The outcome of a vote as a word."""
    return labels.outcome(resolution)


_MARK = 24


@register.simple_tag
def tally_marks(resolution: Resolution) -> dict[str, Any]:
    """The picture of a closed vote: a mark for each seat, votes for first, a line at the votes to pass."""
    counts = (
        ("for", resolution.for_count),
        ("against", resolution.against_count),
        ("abstain", resolution.abstained_count),
    )
    choices = [choice for choice, count in counts for _mark in range(count)]
    return {
        "marks": [{"choice": choice, "x": number * _MARK + 3} for number, choice in enumerate(choices)],
        "width": max(len(choices), resolution.votes_to_pass) * _MARK,
        "threshold": resolution.votes_to_pass * _MARK,
        "label": labels.resolved(resolution),
    }


@register.simple_tag
def power_words(powers: list[str]) -> str:
    """A proxy's powers as a text."""
    return _(", ").join(str(Proxy.Power(power).label) for power in powers)


@register.filter
def reads_dossiers(viewer: Viewer, committee: Committee) -> bool:
    """Whether the person is shown the dossiers of the committee's decisions; asks for nothing."""
    return DOSSIER_READERS.is_of(viewer, committee)


@register.filter
def gap(mark: str) -> str:
    """The separator of two sentences, `" "`, or with the mark `":"` of their parts.

    It is a filter because the template formatter may break a line between two tags.
    """
    return labels.gap(mark.strip())


@register.filter
def bracketed(value: object) -> str:
    """The value in brackets of the reader's language, after what it belongs to: " (3)", or （3）."""
    return f"（{value}）" if labels.chinese() else f" ({value})"


@register.simple_tag(takes_context=True)
def form_token(context: dict[str, Any]) -> SafeString:
    """The hidden field with the form's token."""
    request = context["request"]
    token = request.POST.get(idempotent_forms.FIELD) or idempotent_forms.form_token(request.user)
    return format_html('<input type="hidden" name="{}" value="{}">', idempotent_forms.FIELD, token)


@register.simple_tag(takes_context=True)
def interpretations_beside(context: dict[str, Any], refusal: labels.Refusal) -> list[Interpretation]:
    """The interpretations in force of the refusal's article, of the page's committee (`web/readings.py`)."""
    found: list[Interpretation] = context["interpretations"].get(refusal.article, [])
    return found
