"""How pages write money, dates, states and codes; the same everywhere."""

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
from voting.models import AbstentionRequest, Ballot, Vote
from web import idempotent_forms, labels

register = template.Library()

WAN = Decimal(10_000)
#: codes of a meeting's record → their words
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
#: the past that is told in words reaches a week back
_NEAR = 7 * _DAY


def _weekday(day: date) -> str:
    names = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    return names[day.weekday()]


def _as_moment(value: datetime | str) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return timezone.localtime(moment)


def written(value: datetime | str) -> str:
    """A moment as pages write it, in the current zone: 2026-03-05 周四 09:00."""
    local = _as_moment(value)
    return f"{local:%Y-%m-%d} {_weekday(local)} {local:%H:%M}"


def day_written(value: date) -> str:
    """A day as pages write it: 2026-03-05 周四."""
    return f"{value.isoformat()} {_weekday(value)}"


@register.filter
def moment(value: datetime | str | None) -> str:
    """The date, weekday and time, readable by machines too; a dash for none."""
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
    """The hour and minute, where the day is told beside it."""
    return f"{_as_moment(value):%H:%M}"


def written_day(day: date) -> str:
    """A day as pages write it: 2026-03-05 周四."""
    return f"{day.isoformat()} {_weekday(day)}"


@register.filter
def paper_day(value: date | datetime | str) -> str:
    """A day as papers write it: 2026年3月5日（星期四）."""
    day = _as_moment(value) if isinstance(value, (datetime, str)) else value
    return date_format(day, "Y年n月j日（l）" if labels.chinese() else "l, j F Y", use_l10n=False)


@register.filter
def paper_moment(value: datetime | str) -> str:
    """A moment as papers write it: 2026年3月5日（星期四）14:00."""
    local = _as_moment(value)
    between = "" if labels.chinese() else ", "
    return f"{paper_day(local)}{between}{local:%H:%M}"


@register.filter
def label(value: str, family: str) -> str:
    """A code stored in a record, in words."""
    return str(_LABELS[family](value).label) if value else ""


@register.filter
def outcome(vote: dict[str, Any]) -> str:
    """A closed vote of a record in words: "Carried: 7 for, 2 against (6 needed)"."""
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
    """The moment in a committee's zone, for lists of several committees."""
    with timezone.override(zone):
        return moment(value)


@register.simple_tag
def hour_in(value: datetime, zone: tzinfo) -> str:
    """The hour alone, in a committee's zone, where the day is told already."""
    return f"{value.astimezone(zone):%H:%M}"


@register.filter
def day(value: date | str | None) -> str:
    """The date with its weekday; a dash for none."""
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
    """The near past in words with the exact time on hover; the date and time where it is further away."""
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
    """An amount on an overview, in yuan or in 万元 as the reader has chosen."""
    if value is None:
        return "—"
    if context.get("unit") == "wan":
        return f"{value / WAN:,.2f}"
    return labels.money(value)


@register.filter
def ratio(value: Decimal | None) -> str:
    """A ratio as per cent with one decimal; a dash for none."""
    return "—" if value is None else f"{value * 100:,.1f} %"


@register.filter
def code(value: object, family: str) -> str:
    """A plan's code in words."""
    return labels.code(value, family)


@register.filter
def measure(value: str) -> str:
    """A measure's name."""
    return labels.measure(value)


@register.filter
def tone(state: str) -> str:
    """The meaning of a state: waiting, good, stopped, information or plain."""
    return labels.TONES.get(state, "plain")


@register.filter
def short(digest: object) -> str:
    """The head of a digest, which is enough to compare by eye."""
    return str(digest)[:12]


@register.filter
def get(mapping: dict[str, Any], key: str) -> Any:
    """The value under a key that a template cannot name."""
    return mapping.get(key)


@register.simple_tag
def lozenge(state: str, word: str) -> SafeString:
    """A state as a word in a lozenge."""
    return format_html('<span class="lozenge lozenge-{}">{}</span>', labels.TONES.get(state, "plain"), word)


@register.simple_tag
def choice_word(choice: str) -> str:
    """A ballot's choice in words."""
    return str(Ballot.Choice(choice).label)


_MARK = 24


@register.simple_tag
def tally_marks(resolution: Resolution) -> dict[str, Any]:
    """The picture of a closed vote: a mark a seat, those for first, and the line at the votes to pass."""
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
    """A proxy's powers in words."""
    return _(", ").join(str(Proxy.Power(power).label) for power in powers)


@register.filter
def gap(mark: str) -> str:
    """What stands between two sentences, `" "`, or with the mark `":"` between their parts.

    A filter, not a tag: the formatter of templates may break a line between two tags.
    """
    return labels.gap(mark.strip())


@register.simple_tag(takes_context=True)
def form_token(context: dict[str, Any]) -> SafeString:
    """The hidden field by which a form sent twice acts once; what was sent is kept."""
    request = context["request"]
    token = request.POST.get(idempotent_forms.FIELD) or idempotent_forms.form_token(request.user)
    return format_html('<input type="hidden" name="{}" value="{}">', idempotent_forms.FIELD, token)


@register.simple_tag(takes_context=True)
def interpretations_beside(context: dict[str, Any], refusal: labels.Refusal) -> list[Interpretation]:
    """The standing interpretations of the refusal's article, of the committee that the page is about."""
    for name in ("committee", "subject", "proposal", "meeting"):
        about = context.get(name)
        committee = about if isinstance(about, Committee) else getattr(about, "committee", None)
        if isinstance(committee, Committee) and refusal.article is not None:
            return list(Interpretation.objects.standing_on(refusal.article, committee))
    return []
