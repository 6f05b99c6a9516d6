"""The period of notice of a meeting to be convened or changed (Art. 15, 16).

It uses the rule that the action applies, so that its prediction agrees with the refusal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import clock
from committee import workdays
from committee.actions.notices import require_period
from committee.models import Committee, Meeting, RegulationVersion
from committee.period import first_day, last_day
from proposals.actions.agenda import item_ids
from proposals.models import Proposal
from regulation.refused import Refused
from web import labels
from web.templatetags.lianxi import written_day


@dataclass(frozen=True)
class Judgement:
    """Whether the notice period is kept: a tone and sentences for the page, or the refusal to come."""

    tone: str
    sentences: tuple[str, ...]
    refusal: labels.Refusal | None = None


def of_new(
    committee: Committee, regulation: RegulationVersion | None, *, at: datetime | None, emergency: bool
) -> Judgement:
    """What convening a meeting at this hour would meet today."""
    if regulation is None:
        return Judgement("stopped", (), labels.refusal(Refused("25/not-in-force")))
    now = clock.now()
    if at is None:
        return Judgement("information", (_earliest(committee, regulation, now),))
    meeting = Meeting(committee=committee, regulation=regulation, at=at, emergency=emergency)
    return _judged(meeting, at, frozenset(), now)


def of_change(
    meeting: Meeting,
    *,
    at: datetime | None,
    place: str,
    before: Sequence[int],
    named: Sequence[Proposal],
    other_minutes: bool = False,
) -> Judgement:
    """What changing the meeting to this would mean for its notice, and whether the period is kept."""
    if at is None:
        return Judgement("information", (_earliest(meeting.committee, meeting.regulation, clock.now()),))
    after = [proposal.pk for proposal in named]
    moved, other_items = at != meeting.at, set(after) != set(before)
    if not moved and not other_items and place == meeting.place:
        return _no_change(reordered=after != list(before), other_minutes=other_minutes)
    effect = _effect(meeting)
    if not moved and not other_items:
        return Judgement("waiting", (effect, _("Another place needs no new period.")))
    judged = _judged(meeting, at, frozenset(item_ids(meeting, named)), clock.now())
    return Judgement(
        "waiting" if judged.refusal is None else judged.tone, (effect, *judged.sentences), judged.refusal
    )


def _no_change(*, reordered: bool, other_minutes: bool) -> Judgement:
    """That neither time nor place nor the set of items changes."""
    if reordered:
        text = _("Only the order of the items changes: the notice stays as it is (Art. 15).")
    elif other_minutes:
        text = _("Only the minutes of the items change: the notice stays as it is (Art. 15).")
    else:
        text = _("Nothing is changed yet.")
    return Judgement("information", (text,))


def _effect(meeting: Meeting) -> str:
    """What becomes of the notice when the particulars change (Art. 16)."""
    if meeting.notices.filter(superseded_at=None).exists():
        return _("The notice sent is superseded with its receipts: a new one is due (Art. 16).")
    return _("A notice of the new particulars is due (Art. 16).")


def _judged(meeting: Meeting, at: datetime, items: frozenset[int], now: datetime) -> Judgement:
    committee, days = meeting.committee, meeting.regulation.notice_days
    if at < now:
        past = labels.refusal(Refused("15/notice-too-short"))
        return Judgement("stopped", (_("This time is past."),), past)
    try:
        require_period(meeting, at=at, item_ids=set(items), now=now)
    except Refused as refused:
        return Judgement("stopped", (), labels.refusal(refused))
    rest = _rest(at.astimezone(committee.tz).date())
    if meeting.emergency:
        waived = _("An emergency: the period is waived. The notice must still go out before the hour.")
        return Judgement("waiting", (waived, *rest))
    latest = last_day(at, days, committee.tz)
    today = timezone.localtime(now, committee.tz).date()
    if latest < today:
        kept = _("A notice of this time and these items was sent in time: the period is kept.")
    elif latest == today:
        kept = _("The period is kept if the notice goes out today.")
    else:
        kept = ngettext(
            "The period is kept: the notice must go out by %(day)s (%(days)d day before).",
            "The period is kept: the notice must go out by %(day)s (%(days)d days before).",
            days,
        ) % {"day": written_day(latest), "days": days}
    return Judgement("good", (kept, *rest))


def _earliest(committee: Committee, regulation: RegulationVersion, now: datetime) -> str:
    day = first_day(now, regulation.notice_days, committee.tz)
    return ngettext(
        "With a notice sent today the committee can meet from %(day)s on (%(days)d day of notice, Art. 15).",
        "With a notice sent today the committee can meet from %(day)s on (%(days)d days of notice, Art. 15).",
        regulation.notice_days,
    ) % {"day": written_day(day), "days": regulation.notice_days}


def _rest(day: date) -> tuple[str, ...]:
    """That the bank does not work on that day, which forbids nothing."""
    if workdays.is_working_day(day):
        return ()
    return (_("%(day)s is not a working day.") % {"day": written_day(day)},)
