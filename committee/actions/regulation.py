"""Amending and interpreting the regulation (Art. 24, 25)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NoReturn

from audit import clock
from audit.recording import action, record
from committee import messages
from committee.beginning import begin_on_committee
from committee.messages import announce, settle
from committee.models import (
    Amendment,
    Committee,
    Interpretation,
    Person,
    Position,
    RegulationVersion,
    Seat,
)
from committee.permissions import ACTS
from regulation.articles import ARTICLES
from regulation.numbers import Regulation
from regulation.refused import Refused
from regulation.text import has_content


@action
def amend_regulation(
    committee: Committee, *, by: Person, changes: Mapping[str, object], effective_from: date
) -> RegulationVersion:
    """A new version, changed from the last one made, applies from its date; old versions stay as they are.

    `24/only-risk-department`; `24/invalid-regulation` for numbers that do not hold together, seats below the
    filled ones, and a date in the past.
    """
    committee = begin_on_committee(ACTS["amend_regulation"], committee, by)
    return _amended(committee, by, changes, effective_from)


def _amended(
    committee: Committee, by: Person, changes: Mapping[str, object], effective_from: date, **more: object
) -> RegulationVersion:
    """Make the version of the locked committee, with its entry, to whose payload `more` is added."""
    last, numbers = proposed(committee, changes=changes, effective_from=effective_from)
    version = make_version(
        committee, numbers, number=(last.number if last else 0) + 1, by=by, on=effective_from
    )
    record(
        committee.stream,
        "amend_regulation",
        f"regulation:{version.pk}",
        by=by,
        payload={
            "version": version.number,
            "effective_from": effective_from.isoformat(),
            **numbers.as_json(),
            **more,
        },
    )
    _notify_committee(
        "amend_regulation", committee, by, version=version.number, on=effective_from.isoformat()
    )
    return version


def proposed(
    committee: Committee, *, changes: Mapping[str, object], effective_from: date
) -> tuple[RegulationVersion | None, Regulation]:
    """Return the last version and the numbers that the amendment would make of it; changes nothing.

    `24/invalid-regulation` for what `amend_regulation` would refuse.
    """
    last = RegulationVersion.objects.filter(committee=committee).order_by("-number").first()
    numbers = (last.numbers if last else Regulation()).amended(changes)
    if effective_from < clock.now().astimezone(committee.tz).date():
        _invalid("effective_from", "must not be in the past", "不得早于今日")
    filled = Seat.objects.filter(committee=committee, holder__isnull=False, number__gt=numbers.seats)
    if filled.exists():
        _invalid("seats", "a filled seat would fall outside", "不得少于已有任职人的席位")
    return last, numbers


# -- Amendments that a second officer publishes ------------------------------------------------------------


@action
def draft_amendment(
    committee: Committee, *, by: Person, changes: Mapping[str, object], effective_from: date, reason: str
) -> Amendment:
    """The amendment waits for another officer of the Risk department, who publishes or discards it.

    `24/only-risk-department`; `24/invalid-regulation` for what `amend_regulation` would refuse, and without a
    reason; `state/not-allowed` while another one waits.
    """
    committee = begin_on_committee(ACTS["amend_regulation"], committee, by)
    if Amendment.objects.waiting().filter(committee=committee).exists():
        raise Refused("state/not-allowed", cause="amendment/waiting")
    base, numbers = proposed(committee, changes=changes, effective_from=effective_from)
    if not has_content(reason):
        _invalid("reason", "must be stated", "须写明")
    assert base is not None  # a committee is founded with its first version
    after = numbers.as_json()
    drafted = Amendment.objects.create(
        committee=committee,
        number=Amendment.objects.filter(committee=committee).count() + 1,
        base=base,
        changes={name: after[name] for name in changes},
        effective_from=effective_from,
        reason=reason,
        drafted_at=clock.now(),
        drafted_by=by,
    )
    payload = {
        "number": drafted.number,
        "base": base.number,
        "changes": drafted.changes,
        "effective_from": effective_from.isoformat(),
        "reason": reason,
    }
    record(committee.stream, "draft_amendment", drafted.subject, by=by, payload=payload)
    others = messages.officers(Position.Role.RISK, committee.branch_id)
    announce("draft_amendment", others, by=by, about=committee.subject, number=drafted.number)
    return drafted


@action
def publish_amendment(committee: Committee, *, by: Person, number: int) -> RegulationVersion:
    """The committee's amendment of that number is the regulation's next version.

    `24/only-risk-department`; `access/not-found` for a number that is not there; `access/denied` to its
    drafter; `state/not-allowed` when it does not wait, or another version was made since it was drafted;
    `24/invalid-regulation` for what `amend_regulation` would refuse by now.
    """
    committee = begin_on_committee(ACTS["amend_regulation"], committee, by)
    drafted = _amendment(committee, number)
    if drafted.drafted_by_id == by.pk:
        raise Refused("access/denied", cause="amendment/own")
    _require_waiting(drafted)
    if drafted.base.number != RegulationVersion.objects.filter(committee=committee).count():
        raise Refused("state/not-allowed", cause="amendment/overtaken")
    version = _amended(
        committee,
        by,
        drafted.changes,
        drafted.effective_from,
        amendment=drafted.number,
        drafted_by=str(drafted.drafted_by_id),
        reason=drafted.reason,
    )
    drafted.published_at, drafted.published_by, drafted.version = clock.now(), by, version
    drafted.save(update_fields=["published_at", "published_by", "version"])
    settle("draft_amendment", about=committee.subject)
    announce(
        "publish_amendment", [drafted.drafted_by_id], by=by, about=committee.subject, number=drafted.number
    )
    return version


@action
def discard_amendment(committee: Committee, *, by: Person, number: int) -> Amendment:
    """The committee's amendment of that number does not wait any more and changes nothing.

    `24/only-risk-department`; `access/not-found` for a number that is not there; `state/not-allowed` when it
    does not wait.
    """
    committee = begin_on_committee(ACTS["amend_regulation"], committee, by)
    drafted = _amendment(committee, number)
    _require_waiting(drafted)
    drafted.discarded_at, drafted.discarded_by = clock.now(), by
    drafted.save(update_fields=["discarded_at", "discarded_by"])
    payload = {"number": drafted.number}
    record(committee.stream, "discard_amendment", drafted.subject, by=by, payload=payload)
    settle("draft_amendment", about=committee.subject)
    announce(
        "discard_amendment", [drafted.drafted_by_id], by=by, about=committee.subject, number=drafted.number
    )
    return drafted


def _amendment(committee: Committee, number: int) -> Amendment:
    found = Amendment.objects.filter(committee=committee, number=number).select_related("base").first()
    if found is None:
        raise Refused("access/not-found")
    return found


def _require_waiting(drafted: Amendment) -> None:
    if not drafted.is_waiting:
        raise Refused("state/not-allowed", cause="amendment/not-waiting")


# -- Interpretations ---------------------------------------------------------------------------------------


@action
def publish_interpretation(
    committee: Committee,
    *,
    by: Person,
    article: int,
    text_zh: str,
    text_en: str = "",
    replaces: Interpretation | None = None,
) -> Interpretation:
    """The risk department's interpretation of the article is published, dated today; it never changes.

    `24/only-risk-department`; `24/invalid-regulation` for an unknown article and an empty text;
    `access/not-found` for one of another committee to replace, `state/not-allowed` for one of another article
    or replaced already.
    """
    committee = begin_on_committee(ACTS["publish_interpretation"], committee, by)
    _require_publishable(article, text_zh, text_en)
    if replaces is not None:
        _require_standing(committee, article, replaces)
    now = clock.now()
    made = Interpretation.objects.create(
        committee=committee,
        number=Interpretation.objects.filter(committee=committee).count() + 1,
        article=article,
        text_zh=text_zh,
        text_en=text_en,
        replaces=replaces,
        published_on=now.astimezone(committee.tz).date(),
        published_at=now,
        published_by=by,
    )
    payload = {
        "number": made.number,
        "article": article,
        "zh": text_zh,
        "en": text_en,
        "replaces": replaces.number if replaces else None,
    }
    subject = f"interpretation:{made.pk}"
    record(committee.stream, "publish_interpretation", subject, by=by, payload=payload)
    _notify_committee("publish_interpretation", committee, by, article=article)
    return made


def _notify_committee(kind: str, committee: Committee, by: Person, **facts: object) -> None:
    """Notify members and liaison."""
    concerned = [*messages.members(committee), committee.liaison_id]
    announce(kind, concerned, by=by, about=committee.subject, **facts)


def _require_publishable(article: int, text_zh: str, text_en: str) -> None:
    """Raise `24/invalid-regulation` for an unknown article and an empty text."""
    if article not in ARTICLES:
        _invalid("article", "is not one of the regulation's", "不属于本制度")
    if not has_content(text_zh) or (text_en and not has_content(text_en)):
        _invalid("interpretation", "must say something", "须写明内容")


def _require_standing(committee: Committee, article: int, replaced: Interpretation) -> None:
    if replaced.committee_id != committee.pk:
        raise Refused("access/not-found")
    if replaced.article != article or Interpretation.objects.filter(replaces=replaced).exists():
        raise Refused("state/not-allowed", cause="interpretation/not-standing")


def _invalid(field: str, en: str, zh: str) -> NoReturn:
    raise Refused("24/invalid-regulation", field=field, why={"en": en, "zh-hans": zh})


def make_version(
    committee: Committee, numbers: Regulation, *, number: int, by: Person | None, on: date
) -> RegulationVersion:
    """Create the row of a version with these numbers."""
    return RegulationVersion.objects.create(
        committee=committee,
        number=number,
        effective_from=on,
        made_at=clock.now(),
        made_by=by,
        seat_count=numbers.seats,
        votes_to_pass=numbers.votes_to_pass,
        notice_days=numbers.notice_days,
        proxies_per_holder=numbers.proxies_per_holder,
        material_change_pct=numbers.material_change_pct,
        minutes_due_days=numbers.minutes_due_days,
    )
