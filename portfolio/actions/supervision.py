"""Supervision on site from plan to closing, and admonishment talks (S12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Max

from audit import clock
from audit.recording import action, record
from committee.models import Person
from portfolio.actions.warnings import require_text
from portfolio.beginning import begin_on_institution, begin_on_row
from portfolio.days import today
from portfolio.models import (
    Admonishment,
    Finding,
    Institution,
    LeaderVerdict,
    RankingRow,
    Supervision,
    SupervisionMember,
)
from portfolio.permissions import ACTS
from regulation.refused import Refused
from regulation.text import has_content, is_line


@action
def plan_supervision(
    institution: Institution,
    *,
    by: Person,
    team: Sequence[tuple[str, Person]],
    from_on: date,
    to_on: date,
    purpose: str,
    ranked: RankingRow | None = None,
) -> Supervision:
    """A visit to the institution is planned, with a team of all five offices: pairs of office and person.

    `access/denied` to others than head office; `text/required`; `supervision/invalid` for days that cross,
    a place of another institution, and while another supervision is open; `supervision/team`.
    """
    institution = begin_on_institution(ACTS["plan_supervision"], institution, by)
    require_text(purpose, "the purpose", "督导目的")
    if to_on < from_on or (ranked is not None and ranked.institution_id != institution.pk):
        raise Refused("supervision/invalid")
    _require_team(team)
    try:
        with transaction.atomic():
            made = Supervision.objects.create(
                institution=institution,
                ranked=ranked,
                from_on=from_on,
                to_on=to_on,
                purpose=purpose,
                planned_by=by,
                planned_at=clock.now(),
            )
    except IntegrityError:  # one open supervision an institution
        raise Refused("supervision/invalid") from None
    SupervisionMember.objects.bulk_create(
        SupervisionMember(supervision=made, office=office, person=person) for office, person in team
    )
    told = {
        "from": from_on.isoformat(),
        "to": to_on.isoformat(),
        "team": [{"office": office, "person": str(person.pk)} for office, person in team],
        "purpose": purpose,
    }
    record(made.stream, "plan_supervision", made.subject, by=by, payload=told)
    return made


def _require_team(team: Sequence[tuple[str, Person]]) -> None:
    """Raise `supervision/team` unless each of the five offices has somebody, and nobody stands twice."""
    offices, people = {office for office, _ in team}, {person.pk for _, person in team}
    if offices != set(Supervision.Office.values) or len(people) != len(team):
        raise Refused("supervision/team")
    if not all(person.is_active for _, person in team):
        raise Refused("supervision/team")


@action
def begin_supervision(supervision: Supervision, *, by: Person) -> Supervision:
    """The team is on site.

    `access/denied` to others than head office; `state/not-allowed` unless planned.
    """
    supervision = begin_on_row(ACTS["begin_supervision"], supervision, by)
    supervision.on_site_at = clock.now()
    supervision.begin()
    return _saved(supervision, "begin_supervision", by)


@action
def add_finding(supervision: Supervision, *, by: Person, text: str) -> Finding:
    """The visit has found this.

    `access/denied` to others than head office; `state/not-allowed` unless on site; `text/required`.
    """
    supervision = begin_on_row(ACTS["add_finding"], supervision, by)
    require_text(text, "the finding", "发现的问题")
    last = Finding.objects.filter(supervision=supervision).aggregate(last=Max("number"))["last"] or 0
    made = Finding.objects.create(
        supervision=supervision, number=last + 1, text=text, found_by=by, found_at=clock.now()
    )
    told = {"number": made.number, "text": text}
    record(supervision.stream, "add_finding", supervision.subject, by=by, payload=told)
    return made


@action
def report_findings(supervision: Supervision, *, by: Person) -> Supervision:
    """The visit is over, and its findings are reported.

    `access/denied` to others than head office; `state/not-allowed` unless on site.
    """
    supervision = begin_on_row(ACTS["report_findings"], supervision, by)
    supervision.reported_at = clock.now()
    supervision.report()
    return _saved(supervision, "report_findings", by)


@action
def demand_rectification(supervision: Supervision, *, by: Person, due: date) -> Supervision:
    """The institution is to put the findings right by the day.

    `access/denied` to others than head office; `state/not-allowed` unless findings are reported;
    `supervision/invalid` for a day that has passed, and without an open finding.
    """
    supervision = begin_on_row(ACTS["demand_rectification"], supervision, by)
    if due < today() or not supervision.findings.filter(settled_at=None).exists():
        raise Refused("supervision/invalid")
    supervision.rectify_by = due
    supervision.rectify()
    return _saved(supervision, "demand_rectification", by, due=due.isoformat())


@action
def settle_finding(supervision: Supervision, *, by: Person, number: int, remedy: str) -> Finding:
    """The finding was put right, in this way.

    `access/denied` to others than head office; `state/not-allowed` while the findings are not reported, once
    it is closed, and for a finding that is not there or settled; `text/required`.
    """
    supervision = begin_on_row(ACTS["settle_finding"], supervision, by)
    row = supervision.findings.filter(number=number, settled_at=None).first()
    if row is None:
        raise Refused("state/not-allowed", cause="supervision/no-finding")
    require_text(remedy, "how it was put right", "整改情况")
    row.remedy, row.settled_by, row.settled_at = remedy, by, clock.now()
    row.save(update_fields=["remedy", "settled_by", "settled_at"])
    told = {"number": number, "remedy": remedy}
    record(supervision.stream, "settle_finding", supervision.subject, by=by, payload=told)
    return row


@action
def judge_leader(
    supervision: Supervision, *, by: Person, leader: Person, post: str, verdict: str, grounds: str
) -> LeaderVerdict:
    """The team has said of the leader's work whether it was diligent, with its grounds.

    `access/denied` to others than head office; `state/not-allowed` before the visit and after its closing;
    `supervision/invalid` for a verdict that is none of the three, and a post of several lines;
    `text/required` without post or grounds.
    """
    supervision = begin_on_row(ACTS["judge_leader"], supervision, by)
    if verdict not in LeaderVerdict.Verdict.values or not is_line(post):
        raise Refused("supervision/invalid")
    require_text(post, "the post", "职务")
    require_text(grounds, "the grounds", "依据")
    made = LeaderVerdict.objects.create(
        supervision=supervision,
        leader=leader,
        post=post,
        verdict=verdict,
        grounds=grounds,
        by=by,
        at=clock.now(),
    )
    told = {"leader": str(leader.pk), "post": post, "verdict": verdict, "grounds": grounds}
    record(supervision.stream, "judge_leader", supervision.subject, by=by, payload=told)
    return made


@action
def suggest_change(supervision: Supervision, *, by: Person, text: str) -> Supervision:
    """What is suggested to the Party committee on the leaders' work is on record; another text replaces it.

    `access/denied` to others than head office; `state/not-allowed` before the visit and after its closing;
    `text/required`.
    """
    supervision = begin_on_row(ACTS["suggest_change"], supervision, by)
    require_text(text, "the suggestion", "建议")
    supervision.suggestion = text
    return _saved(supervision, "suggest_change", by, text=text)


@action
def close_supervision(supervision: Supervision, *, by: Person, conclusion: str) -> Supervision:
    """The supervision is at its end, with this conclusion.

    `access/denied` to others than head office; `state/not-allowed` while the findings are not reported;
    `supervision/open-findings`; `text/required`.
    """
    supervision = begin_on_row(ACTS["close_supervision"], supervision, by)
    if supervision.findings.filter(settled_at=None).exists():
        raise Refused("supervision/open-findings")
    require_text(conclusion, "the conclusion", "督导结论")
    supervision.closed_at, supervision.conclusion = clock.now(), conclusion
    supervision.close()
    return _saved(supervision, "close_supervision", by, conclusion=conclusion)


def _saved(supervision: Supervision, verb: str, by: Person, **told: object) -> Supervision:
    supervision.save(update_fields=Supervision.WRITTEN)
    record(supervision.stream, verb, supervision.subject, by=by, payload=told)
    return supervision


# -- Admonishment -----------------------------------------------------------------------------------


@action
def hold_talk(
    admonishment: Admonishment, *, by: Person, person: Person, held_on: date, minutes: str
) -> Admonishment:
    """The talk with the head of the institution was held on the day, with this record.

    `access/denied` to others than head office; `state/not-allowed` unless due; `text/required`;
    `admonishment/invalid` for a day that is to come.
    """
    admonishment = begin_on_row(ACTS["hold_talk"], admonishment, by)
    require_text(minutes, "the record of the talk", "谈话记录")
    if held_on > today():
        raise Refused("admonishment/invalid")
    admonishment.with_person, admonishment.held_on = person, held_on
    admonishment.minutes, admonishment.held_by = minutes, by
    admonishment.hold()
    admonishment.save(update_fields=Admonishment.WRITTEN)
    told = {"person": str(person.pk), "on": held_on.isoformat(), "minutes": minutes}
    record(admonishment.stream, "hold_talk", admonishment.subject, by=by, payload=told)
    return admonishment


@action
def follow_up_talk(admonishment: Admonishment, *, by: Person, text: str) -> Admonishment:
    """What came of the talk is on record.

    `access/denied` to others than head office; `state/not-allowed` unless held; `text/required`.
    """
    admonishment = begin_on_row(ACTS["follow_up_talk"], admonishment, by)
    if not has_content(text):
        raise Refused("text/required", why={"en": "what came of it", "zh-hans": "后续情况"})
    admonishment.follow_up, admonishment.followed_up_by = text, by
    admonishment.followed_up_at = clock.now()
    admonishment.follow()
    admonishment.save(update_fields=Admonishment.WRITTEN)
    record(admonishment.stream, "follow_up_talk", admonishment.subject, by=by, payload={"text": text})
    return admonishment
