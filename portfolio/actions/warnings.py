"""Warnings of a rise: raised by the figures, issued, seen, replied to, judged and closed (S3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.dateparse import parse_date

from audit import clock
from audit.recording import SYSTEM, action, record
from committee import workdays
from committee.models import Person
from portfolio import files
from portfolio.beginning import begin_on_institution, begin_on_row
from portfolio.days import today
from portfolio.figures.stocks import policy_on
from portfolio.models import (
    Admonishment,
    Cause,
    Institution,
    Reply,
    Tape,
    TenDays,
    Warning,  # noqa: A004  the term of the field
    WatchDay,
    WatchSeen,
)
from portfolio.money import yuan
from portfolio.permissions import ACTS
from portfolio.policy import Policy
from portfolio.rules import watch
from regulation.refused import Refused
from regulation.text import has_content, is_line

_Channel = Warning.Channel


def raise_warnings(bank: int, last_days: Sequence[date], policy: Policy, tape: Tape | None) -> None:
    """Warnings stand for what the ten days ended on these days warn of; one a unit, trigger and ten days.

    Called within an action. A warning that is there stays, marked with the rise by later figures. A rise on
    30 September also asks for an admonishment talk.
    """
    judged = TenDays.objects.filter(institution__bank=bank, last_on__in=last_days)
    held = {
        (warning.institution_id, warning.last_on, warning.trigger): warning
        for warning in Warning.objects.filter(institution__bank=bank, last_on__in=last_days)
    }
    for row in judged.select_related("institution").order_by("last_on", "institution"):
        found = watch.triggers(row.last_on, row.stock, policy)
        for trigger in watch.Trigger:
            warning = held.get((row.institution_id, row.last_on, trigger.value))
            if warning is not None:
                _rejudge(warning, found.get(trigger, 0))
            elif trigger in found:
                _raise(row, trigger, found[trigger], policy, tape)


def _raise(row: TenDays, trigger: watch.Trigger, amount: int, policy: Policy, tape: Tape | None) -> None:
    assert row.as_of is not None, "what has no figures warns of nothing"
    now = clock.now()
    made = Warning.objects.create(
        institution=row.institution,
        trigger=trigger.value,
        last_on=row.last_on,
        as_of=row.as_of,
        tape=tape if tape is not None and tape.as_of == row.as_of else None,
        amount=amount,
        raised_at=now,
    )
    told = {"trigger": trigger.value, "last_on": row.last_on.isoformat(), "as_of": row.as_of.isoformat()}
    record(
        made.stream, "raise_warning", made.subject, by=SYSTEM, payload={**told, "amount": str(yuan(amount))}
    )
    if trigger is watch.Trigger.YEAR_RISE:
        Admonishment.objects.get_or_create(
            institution=row.institution,
            year=row.last_on.year,
            defaults={
                "amount": amount,
                "raised_at": now,
                "due_on": workdays.after(today(), policy.admonishment_days),
            },
        )


def _rejudge(warning: Warning, amount: int) -> None:
    """The warning is marked with the rise by later figures, or no longer where they are the same again."""
    later = None if amount == warning.amount else amount
    if warning.rejudged != later:
        warning.rejudged = later
        warning.rejudged_at = None if later is None else clock.now()
        warning.save(update_fields=["rejudged", "rejudged_at"])


# -- The day's watch --------------------------------------------------------------------------------


@action
def see_watch(institution: Institution, *, by: Person, as_of: date) -> WatchSeen:
    """The head of the institution has seen the watch of the day, with the figures as they are now.

    `access/denied` to others; `state/not-allowed` where the day has no figures; seen again, it stays as seen
    first.
    """
    institution = begin_on_institution(ACTS["see_watch"], institution, by)
    day = WatchDay.objects.filter(institution=institution, as_of=as_of).first()
    if day is None:
        raise Refused("state/not-allowed", cause="watch/no-figures")
    seen, made = WatchSeen.objects.get_or_create(
        institution=institution, as_of=as_of, defaults={"npl": day.npl, "by": by, "at": clock.now()}
    )
    if made:
        told = {"as_of": as_of.isoformat(), "npl": str(yuan(day.npl))}
        record(institution.stream, "see_watch", institution.subject, by=by, payload=told)
    return seen


# -- Issuing ----------------------------------------------------------------------------------------


@action
def issue_warning(
    warning: Warning,
    *,
    by: Person,
    channel: str,
    spoken_with: str = "",
    spoken_at: datetime | None = None,
    said: str = "",
    document_no: str = "",
    file_name: str = "",
    file: bytes = b"",
) -> Warning:
    """The institution has been warned by telephone or by document; its reply is due in `reply_days` working
    days.

    `access/denied` to others than office, risk department and head office; `state/not-allowed` unless raised;
    `warning/channel` for a call without whom, when and what was said, and for a document without number and
    file; `warning/no-rise` where later figures have none.
    """
    warning = begin_on_row(ACTS["issue_warning"], warning, by)
    if warning.rejudged is not None:
        if warning.rejudged <= 0:
            raise Refused("warning/no-rise")
        warning.amount, warning.rejudged, warning.rejudged_at = warning.rejudged, None, None
    _require_channel(channel, (spoken_with, spoken_at, said), (document_no, file_name, file))
    if channel == _Channel.PHONE:
        warning.spoken_with, warning.spoken_at, warning.said = spoken_with, spoken_at, said
    else:
        warning.document_no, warning.file_name, warning.sha256 = document_no, file_name, files.keep(file)
    warning.channel = channel
    warning.ruled_by, warning.ruled_at = by, clock.now()
    warning.reply_due_on = workdays.after(today(), _policy(warning).reply_days)
    warning.issue()
    warning.save(update_fields=Warning.WRITTEN)
    told = {"channel": channel, "amount": str(yuan(warning.amount)), "due": warning.reply_due_on.isoformat()}
    if channel == _Channel.PHONE:
        told |= {"with": spoken_with, "said": said}
    else:
        told |= {"number": document_no, "sha256": warning.sha256}
    record(warning.stream, "issue_warning", warning.subject, by=by, payload=told)
    return warning


def _require_channel(
    channel: str, call: tuple[str, datetime | None, str], document: tuple[str, str, bytes]
) -> None:
    """Raise `warning/channel` for what the channel lacks: of a call, of a document, or a channel."""
    lacking: tuple[str, str] | None = "telephone or document", "电话记录或正式文件"
    if channel == _Channel.PHONE:
        lacking = _lacks_of_call(*call)
    elif channel == _Channel.DOCUMENT:
        lacking = _lacks_of_document(*document)
    if lacking is not None:
        raise Refused("warning/channel", why={"en": lacking[0], "zh-hans": lacking[1]})


def _lacks_of_call(spoken_with: str, spoken_at: datetime | None, said: str) -> tuple[str, str] | None:
    if not has_content(spoken_with) or not is_line(spoken_with):
        return "with whom it was", "通话对象"
    if spoken_at is None or spoken_at > clock.now():
        return "when it was, not in the future", "通话时间（不得晚于当前）"
    return None if has_content(said) else ("what was said", "通话内容")


def _lacks_of_document(document_no: str, file_name: str, file: bytes) -> tuple[str, str] | None:
    if not has_content(document_no) or not is_line(document_no):
        return "the number of the document", "文号"
    named = has_content(file_name) and is_line(file_name)
    return None if file and named else ("the file", "文件")


@action
def dismiss_warning(warning: Warning, *, by: Person, reason: str) -> Warning:
    """The warning is not issued, for this reason.

    `access/denied` to others than office, risk department and head office; `state/not-allowed` unless raised;
    `text/required`.
    """
    warning = begin_on_row(ACTS["dismiss_warning"], warning, by)
    require_text(reason, "the reason", "理由")
    warning.ruled_by, warning.ruled_at, warning.reason = by, clock.now(), reason
    warning.dismiss()
    warning.save(update_fields=Warning.WRITTEN)
    record(warning.stream, "dismiss_warning", warning.subject, by=by, payload={"reason": reason})
    return warning


# -- Replying ---------------------------------------------------------------------------------------


@action
def see_warning(warning: Warning, *, by: Person) -> Warning:
    """The head of the institution has seen the warning.

    `access/denied` to others; `state/not-allowed` unless issued.
    """
    warning = begin_on_row(ACTS["see_warning"], warning, by)
    warning.seen_by, warning.seen_at = by, clock.now()
    warning.see()
    warning.save(update_fields=Warning.WRITTEN)
    record(warning.stream, "see_warning", warning.subject, by=by, payload={})
    return warning


@action
def reply_to_warning(
    warning: Warning,
    *,
    by: Person,
    causes: Sequence[Mapping[str, object]],
    measures: Sequence[Mapping[str, object]],
) -> Reply:
    """The head of the institution has replied: `causes` with `kind`, `amount` in fen and `text`, which add up
    to the rise, and `measures` with `text` and a day `on`.

    `access/denied` to others; `state/not-allowed` unless issued, seen or sent back; `warning/unexplained` for
    causes that do not add up; `warning/excuse-not-accepted` for data entry and the system's classes alone;
    `warning/measures` without dated measures.
    """
    warning = begin_on_row(ACTS["reply_to_warning"], warning, by)
    read = _causes(causes)
    refusal = watch.refusal_of_reply(warning.amount, read.items())
    if refusal is not None:
        raise Refused(refusal, rise=str(yuan(warning.amount)), given=str(yuan(sum(read.values()))))
    planned = _measures(measures)
    assert warning.reply_due_on is not None, "an issued warning has its day"
    number = Reply.objects.filter(warning=warning).count() + 1
    try:
        with transaction.atomic():
            reply = Reply.objects.create(
                warning=warning,
                number=number,
                measures=planned,
                by=by,
                at=clock.now(),
                in_time=today() <= warning.reply_due_on,
            )
    except IntegrityError:  # another reply got in first: it has the state
        raise ACTS["reply_to_warning"].misplaced(Warning.State.REPLIED) from None
    texts = {str(each.get("kind")): str(each.get("text", "")) for each in causes}
    Cause.objects.bulk_create(
        Cause(reply=reply, kind=str(kind.value), amount=amount, text=texts.get(kind.value, ""))
        for kind, amount in read.items()
    )
    warning.answer()
    warning.save(update_fields=Warning.WRITTEN)
    told = {
        "number": number,
        "causes": {kind.value: str(yuan(amount)) for kind, amount in read.items()},
        "measures": planned,
    }
    record(warning.stream, "reply_to_warning", warning.subject, by=by, payload=told)
    return reply


def _causes(given: Sequence[Mapping[str, object]]) -> Mapping[watch.Cause, int]:
    """The causes with their sums; `warning/unexplained` for a kind or an amount that is none."""
    read = []
    for each in given:
        kind, amount = each.get("kind"), each.get("amount")
        if not isinstance(kind, str) or kind not in set(watch.Cause):
            raise Refused("warning/unexplained")
        if not isinstance(amount, int) or isinstance(amount, bool) or amount <= 0:
            raise Refused("warning/unexplained")
        read.append((watch.Cause(kind), amount))
    return watch.summed(read)


def _measures(given: Sequence[Mapping[str, object]]) -> list[dict[str, str]]:
    """The measures with their days; `warning/measures` unless there is one, each with a text and a day."""
    read = []
    for each in given:
        text, on = each.get("text"), each.get("on")
        day = on if isinstance(on, date) else _day(on)
        if not isinstance(text, str) or not has_content(text) or day is None:
            raise Refused("warning/measures")
        read.append({"text": text, "on": day.isoformat()})
    if not read:
        raise Refused("warning/measures")
    return read


def _day(value: object) -> date | None:
    try:
        return parse_date(value) if isinstance(value, str) else None
    except ValueError:
        return None


@action
def accept_reply(warning: Warning, *, by: Person) -> Warning:
    """The reply does.

    `access/denied` to others than office, risk department and head office; `state/not-allowed` unless
    replied.
    """
    warning = begin_on_row(ACTS["accept_reply"], warning, by)
    _rule(warning, by, accepted=True)
    warning.accept()
    warning.save(update_fields=Warning.WRITTEN)
    record(warning.stream, "accept_reply", warning.subject, by=by, payload={})
    return warning


@action
def send_back_reply(warning: Warning, *, by: Person, reason: str) -> Warning:
    """The reply does not do, for this reason; another one is due in `reply_days` working days.

    `access/denied` to others than office, risk department and head office; `state/not-allowed` unless
    replied; `text/required`.
    """
    warning = begin_on_row(ACTS["send_back_reply"], warning, by)
    require_text(reason, "the reason", "理由")
    _rule(warning, by, accepted=False, reason=reason)
    warning.reply_due_on = workdays.after(today(), _policy(warning).reply_days)
    warning.send_back()
    warning.save(update_fields=Warning.WRITTEN)
    record(warning.stream, "send_back_reply", warning.subject, by=by, payload={"reason": reason})
    return warning


@action
def close_warning(warning: Warning, *, by: Person) -> Warning:
    """What the warning asked for is done.

    `access/denied` to others than office, risk department and head office; `state/not-allowed` unless its
    reply was accepted.
    """
    warning = begin_on_row(ACTS["close_warning"], warning, by)
    warning.closed_by, warning.closed_at = by, clock.now()
    warning.close()
    warning.save(update_fields=Warning.WRITTEN)
    record(warning.stream, "close_warning", warning.subject, by=by, payload={})
    return warning


def _rule(warning: Warning, by: Person, *, accepted: bool, reason: str = "") -> None:
    reply = Reply.objects.filter(warning=warning).order_by("-number")[0]
    reply.ruled_by, reply.ruled_at, reply.accepted, reply.reason = by, clock.now(), accepted, reason
    reply.save(update_fields=["ruled_by", "ruled_at", "accepted", "reason"])


@action
def escalate_warnings(day: date, *, by: str) -> int:
    """Warnings whose reply is overdue on the day have gone up their levels; returns how many went up.

    The system's, by a job.
    """
    moved = 0
    overdue = Warning.objects.overdue(day).select_related("institution").select_for_update(of=("self",))
    for warning in overdue.order_by("pk"):
        assert warning.reply_due_on is not None, "what is overdue has its day"
        level = watch.levels_up(warning.reply_due_on, day, _policy(warning))
        if level > warning.level:
            warning.level = level
            warning.save(update_fields=["level"])
            record(warning.stream, "escalate_warnings", warning.subject, by=by, payload={"level": level})
            moved += 1
    return moved


def _policy(warning: Warning) -> Policy:
    """The policy in force when the warning was raised, by which it stays judged."""
    return policy_on(warning.institution.bank_id, warning.last_on)


def require_text(text: str, en: str, zh: str) -> None:
    """Raise `text/required`, naming the text, for one that says nothing."""
    if not has_content(text):
        raise Refused("text/required", why={"en": en, "zh-hans": zh})
