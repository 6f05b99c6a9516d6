"""The page of a proposal: facts, figures, versions, results and timeline, as far as a person may see them.

A plan belongs to its institution until it is submitted: others see the versions that were submitted, and the
timeline without the drafting. A comparison with a rejected plan that the person may not see is told in
number only. Nothing here reads a ballot: results are the resolutions' counts, with reasons but no names; the
names are on the page of the meeting, for those who may see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from audit import clock
from committee.models import Meeting, Position, Resolution, Series
from committee.offices import HANDLER
from office import overdue
from office.models import Copy
from office.permissions import extracts_visible_to
from pages.plans import brief
from pages.plans.editor import missing
from pages.plans.files import attachments
from proposals import finance, substance
from proposals.labels import CONCESSIONS, FIELDS, FINDINGS, NEXT, STATIONS
from proposals.models import Comparison, CreditDecision, DocketEntry, PlanVersion, Proposal, Receipt, Tabling
from proposals.permissions import ACTS
from proposals.plan.drafts import Plan
from voting.models import Vote
from web import charts, labels
from web.log import timeline
from web.viewer import Viewer

Role = Position.Role
_S = Proposal.State


@dataclass(frozen=True)
class Station:
    """A station of the way: done, now, stopped or ahead."""

    name: str | Promise
    status: str


@dataclass(frozen=True)
class Difference:
    """A field that differs between two plans, in words."""

    field: str
    row: str
    old: str
    new: str
    substantive: bool
    why: str


@dataclass(frozen=True)
class Version:
    """A version of the plan, with its differences from the one before that the reader may see."""

    row: PlanVersion
    submitted: bool
    current: bool
    before: PlanVersion | None
    differences: list[Difference]


@dataclass(frozen=True)
class Compared:
    """The comparison with a rejected plan; without it and its rows where the reader may not see that plan."""

    at: Any
    rejected: Proposal | None
    substantive: int
    other: int
    differences: list[Difference]


@dataclass(frozen=True)
class Result:
    """A vote as a proposal's page shows it: the outcome in words, reasons without names."""

    vote: Vote
    words: str
    conflicts: str
    reasons: list[tuple[str, str]]


@dataclass(frozen=True)
class Bar:
    """A value beside others: its share of the largest, in per cent, for a bar that starts at zero."""

    name: str
    recovery: Decimal
    value: Decimal
    width: int
    own: bool


def stations(proposal: Proposal) -> list[Station]:
    """The way of the proposal up to its present state, and what lies ahead."""
    reached, ended = _reached(proposal)
    return [
        Station(name, "done" if n < reached else "ahead" if n > reached else ended)
        for n, (_state, name) in enumerate(STATIONS)
    ]


_REACHED: Mapping[str, tuple[int, str]] = {
    _S.DRAFT: (0, "now"),
    _S.SUBMITTED: (1, "now"),
    _S.RETURNED: (1, "stopped"),
    _S.SHORTLISTED: (2, "now"),
    _S.FILED: (3, "now"),
    _S.TABLED: (4, "now"),
    _S.VOTING: (5, "now"),
    _S.CARRIED: (6, "now"),
    _S.REJECTED: (5, "stopped"),
    _S.CREDIT_APPROVED: (7, "now"),
    _S.CREDIT_DECLINED: (6, "stopped"),
    _S.EXECUTING: (7, "now"),
    _S.COMPLETED: (8, "done"),
    _S.TERMINATED: (7, "stopped"),
}


def _reached(proposal: Proposal) -> tuple[int, str]:
    if proposal.state == _S.SCREENED_OUT:
        return (5 if proposal.filed_at else 2), "stopped"
    if proposal.state == _S.WITHDRAWN:
        return (3 if proposal.filed_at else 1 if proposal.submitted_at else 0), "stopped"
    return _REACHED[proposal.state]


def plan_context(proposal: Proposal, who: Viewer) -> dict[str, Any]:
    """All that the page of the proposal shows to this person."""
    own = proposal.unit_id in who.units(Role.HANDLER, Role.HEAD)
    drafting = attachments.drafting(proposal, who)
    story = timeline.read_story(proposal.stream, payloads=True)
    submitted = attachments.submitted(story)
    versions = attachments.versions(proposal, who, story)
    shown = versions[-1]
    tablings = list(
        Tabling.objects.filter(proposal=proposal)
        .select_related("item__meeting__committee", "version")
        .order_by("pk")
    )
    visible = set(
        Meeting.objects.visible_to(who.person)
        .filter(pk__in=[row.item.meeting_id for row in tablings])
        .values_list("pk", flat=True)
    )
    receipts = list(Receipt.objects.filter(proposal=proposal).select_related("recorded_by", "reversal"))
    return {
        "proposal": proposal,
        "own": own,
        "title": shown.document.get("title") or "",
        "number": Series.written(proposal.committee, Series.Kind.PROPOSAL, proposal.year, proposal.number),
        "next": _next(proposal),
        "stations": stations(proposal),
        "version": shown,
        "docket": DocketEntry.objects.filter(proposal=proposal).select_related("docket__committee").first(),
        **plan_parts(shown),
        "handles_files": who.acts_as(HANDLER, proposal) and proposal.state in ACTS["amend"].states,
        "missing": _missing(proposal, shown.plan, who) if drafting else [],
        "versions": _versions(versions, submitted, shown),
        **_relatives(proposal, who),
        "compared": compared(versions, who),
        "tablings": [(row, row.item.meeting_id in visible) for row in tablings],
        "results": _results(proposal),
        "credit": CreditDecision.objects.filter(proposal=proposal).select_related("by").first(),
        "receipts": receipts,
        **execution(shown.plan, receipts, proposal),
        "copies": _copies(tablings, proposal, who),
        "events": story.events(without=() if drafting else attachments.DRAFTING),
    }


def _next(proposal: Proposal) -> str | Promise:
    """Who acts next; the credit department as soon as the minutes are signed."""
    meeting = proposal.item.meeting if proposal.item else None
    if proposal.state == _S.CARRIED and meeting is not None and meeting.state in Meeting.EFFECTIVE:
        return _("The credit department decides (Art. 22)")
    return NEXT.get(proposal.state, "")


def as_submitted(proposal: Proposal) -> PlanVersion:
    """The version last submitted, which is what others than its institution see of a plan."""
    submitted = attachments.submitted(timeline.read_story(proposal.stream, payloads=False))
    return proposal.versions.select_related("made_by").get(number=max(submitted))


# -- The plan ---------------------------------------------------------------------------------------


def plan_parts(version: PlanVersion) -> dict[str, Any]:
    """What a plan states, ready to be shown; the figures only of a complete one."""
    plan = version.plan
    document = plan.document
    return {
        "plan": document,
        "summary": brief.brief_context(plan),
        "attached": attachments.attachments_shown(version),
        "figures": _figures(plan),
        "owed": finance.owed(plan),
        "conditions": [
            (number, labels.condition(number), evidence)
            for number, evidence in sorted(document.get("conditions", {}).items())
        ],
        "findings": [
            (FIELDS[name], text) for name in FINDINGS if (text := document.get("investigation", {}).get(name))
        ],
        "concessions": [
            (FIELDS[name], labels.value(f"concessions.{name}", document["concessions"][name]))
            for name in CONCESSIONS
            if name in document.get("concessions", {})
        ],
        "schedule_total": _total(document),
    }


def _total(document: Mapping[str, Any]) -> dict[str, Decimal]:
    rows = document.get("schedule", ())
    return {
        kind: sum((Decimal(row.get(kind, 0)) for row in rows), Decimal("0.00"))
        for kind in ("principal", "interest")
    }


def _figures(plan: Plan) -> dict[str, Any] | None:
    if not plan.complete:
        return None
    found = finance.figures(plan)
    return {
        "all": found,
        "bars": _bars(found),
        "waived": sum(
            Decimal(plan.document["concessions"][kind])
            for kind in ("interest_waived", "penalty_waived", "principal_waived")
        ),
    }


def _bars(figures: finance.Figures) -> list[Bar]:
    """The plan beside its alternatives by present value; a value below zero has no bar."""
    values = [("", figures.total_recovery, figures.net_present_value)]
    values += [(row.name, row.recovery, row.net_present_value) for row in figures.alternatives]
    largest = max((value for _name, _recovery, value in values), default=Decimal(0))
    return [
        Bar(
            labels.code(name, "alternatives.name") if name else "",
            recovery,
            value,
            int(max(value, Decimal(0)) * 100 / largest) if largest > 0 else 0,
            own=not name,
        )
        for name, recovery, value in values
    ]


def _missing(proposal: Proposal, plan: Plan, who: Viewer) -> list[tuple[missing.Fault, str]]:
    """What is left to do before it can be submitted; its handlers are led to the field."""
    if proposal.state not in (_S.DRAFT, _S.RETURNED):
        return []
    handles = who.acts_as(HANDLER, proposal)
    found = missing.of(plan, clock.now().astimezone(proposal.committee.tz).date())
    return [(fault, missing.link(proposal.pk, fault) if handles else "") for fault in found]


# -- Versions and comparisons -----------------------------------------------------------------------


def _versions(rows: list[PlanVersion], submitted: frozenset[int], shown: PlanVersion) -> list[Version]:
    """The versions, the last first, each with what it changed."""
    before: dict[int, PlanVersion] = {later.pk: earlier for earlier, later in pairwise(rows)}
    return [
        Version(
            row,
            row.number in submitted,
            row.pk == shown.pk,
            before.get(row.pk),
            _changes(before[row.pk].plan, row.plan) if row.pk in before else [],
        )
        for row in reversed(rows)
    ]


def _changes(old: Plan, new: Plan) -> list[Difference]:
    """What changed within one proposal, where nothing is judged by its substance."""
    found = substance.compare(old, new, material_change_pct=Decimal(0))
    return [in_words(row.field, row.path, row.old, row.new) for row in found if not row.summary]


def in_words(
    field: str, path: str, old: Any, new: Any, *, substantive: bool = False, why: str = ""
) -> Difference:
    """A difference of two plans as a reader sees it."""
    wording = substance.WORDING.get(why, ("", ""))[labels.chinese()]
    return Difference(
        labels.field(field),
        labels.row(path) if field != "measures" else "",
        labels.value(field, old),
        labels.value(field, new),
        substantive,
        wording,
    )


def compared(versions: Iterable[PlanVersion], who: Viewer) -> list[Compared]:
    """The comparisons of the versions that the reader sees, the last first."""
    rows = list(
        Comparison.objects.filter(version__in=[row.pk for row in versions])
        .select_related("rejected__proposal__committee")
        .order_by("-at", "-pk")
    )
    visible = set(
        Proposal.objects.visible_to(who.person)
        .filter(pk__in=[row.rejected.proposal_id for row in rows])
        .values_list("pk", flat=True)
    )
    found = []
    for row in rows:
        judged = [
            in_words(
                each["field"], each["path"], each["old"], each["new"],
                substantive=each["substantive"], why=each["why"],
            )
            for each in row.differences
        ]  # fmt: skip
        counted = sum(each.substantive for each in judged)
        seen = row.rejected.proposal_id in visible
        found.append(
            Compared(
                row.at,
                row.rejected.proposal if seen else None,
                counted,
                len(judged) - counted,
                sorted(judged, key=lambda each: not each.substantive) if seen else [],
            )
        )
    return found


def _relatives(proposal: Proposal, who: Viewer) -> dict[str, Any]:
    """The plan that it revises and those that revise it, as far as the reader may see them."""
    seen = (
        Proposal.objects.visible_to(who.person)
        .filter(pk__in=[proposal.revises_id] if proposal.revises_id else [])
        .union(Proposal.objects.visible_to(who.person).filter(revises=proposal))
        .values_list("pk", flat=True)
    )
    rows = Proposal.objects.filter(pk__in=list(seen)).select_related("committee").order_by("pk")
    return {
        "revises": next((row for row in rows if row.pk == proposal.revises_id), None),
        "revisions": [row for row in rows if row.pk != proposal.revises_id],
    }


# -- Votes and execution ----------------------------------------------------------------------------


def _copies(tablings: Iterable[Tabling], proposal: Proposal, who: Viewer) -> list[Copy]:
    """The extracts of minutes that the handling institution was sent, for those who may read them."""
    return list(
        Copy.objects.filter(
            extracts_visible_to(who.person),
            unit=proposal.unit_id,
            minutes__meeting__in=[row.item.meeting_id for row in tablings],
        ).select_related("minutes__meeting__committee")
    )


def _results(proposal: Proposal) -> list[Result]:
    votes = proposal.votes.select_related("resolution", "meeting__committee").order_by("opened_at", "pk")
    return [_result(vote, vote.resolution) for vote in votes]


def _result(vote: Vote, resolution: Resolution | None) -> Result:
    """Only a closed vote has a resolution; an open or a cancelled one shows no choice and no count."""
    if resolution is None:
        return Result(vote, "", "", [])
    reasons = sorted((row["choice"], row["reason"]) for row in resolution.ballots if row["reason"])
    return Result(vote, labels.resolved(resolution), labels.in_conflict(resolution), reasons)


def execution(plan: Plan, receipts: Iterable[Receipt], proposal: Proposal) -> dict[str, Any]:
    """Each instalment with what was received towards it, earliest first, the sums (yuan), the picture."""
    rows = list(receipts)
    received = sum((row.amount for row in rows), Decimal("0.00"))
    scheduled = sum(_total(plan.document).values(), Decimal("0.00"))
    today = clock.now().astimezone(proposal.committee.tz).date()
    running = proposal.state in (_S.CREDIT_APPROVED, _S.EXECUTING)
    instalments = _instalments(plan, received, today if running else None)
    return {
        "instalments": instalments,
        "received": received,
        "scheduled": scheduled,
        "surplus": max(received - scheduled, Decimal("0.00")),
        "next_instalment": next((row for row in instalments if row["open"]), None) if running else None,
        "overdue": _overdue([row for row in instalments if row["late"]]),
        "progress": _progress(plan, rows, today) if running or rows else None,
    }


def _instalments(plan: Plan, received: Decimal, today: date | None) -> list[dict[str, Any]]:
    """The instalments with what is paid and what is open; late is what was due before the day given."""
    told = zip(plan.document.get("schedule", ()), overdue.instalments(plan.document, received), strict=True)
    return [
        {
            **instalment,
            "due": row.due,
            "paid": row.paid,
            "open": row.open,
            "late": today is not None and row.late(today),
        }
        for instalment, row in told
    ]


def _overdue(late: list[dict[str, Any]]) -> str:
    """What is overdue, in words; empty for nothing."""
    if not late:
        return ""
    return ngettext(
        "%(count)d instalment is overdue: %(amount)s yuan have been open since %(day)s.",
        "%(count)d instalments are overdue: %(amount)s yuan are open, the oldest since %(day)s.",
        len(late),
    ) % {
        "count": len(late),
        "amount": labels.money(sum(row["open"] for row in late)),
        "day": late[0]["due_on"],
    }


def _progress(plan: Plan, receipts: Iterable[Receipt], today: date) -> charts.Progress | None:
    planned = [
        (row.due_on, row.principal + row.interest) for row in (plan.terms.schedule if plan.complete else ())
    ]
    received = [(row.received_on, row.amount) for row in receipts]
    begins = plan.terms.base_date if plan.complete else today
    return charts.progress(planned, received, begins=begins, today=today)
