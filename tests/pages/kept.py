"""What figures and the board are added up from, counted again from the plans as they were written down."""

from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal
from statistics import median

from office import statistics
from pages.plans.queues import board
from proposals.models import Proposal, Receipt
from web.viewer import Viewer

_S = Proposal.State


def assert_figures_are_true(person):
    """Each figure of each period is that of the plans that the person sees, branch by branch."""
    who = Viewer(person)
    plans = list(
        Proposal.objects.visible_to(person)
        .filter(statistics._reach(who))
        .order_by()
        .select_related("committee", "version", "credit_decision")
    )
    receipts = defaultdict(list)
    for row in Receipt.objects.filter(proposal__in=plans):
        receipts[row.proposal_id].append(row)
    facts = [fact for plan in plans for fact in _facts(plan, receipts[plan.pk])]
    for year in {2025} | {day.year for _branch, _kind, day, _value in facts}:
        for over in statistics.parts(year):
            lines, everything = statistics.statistics_lines(who, over)
            known = {line.branch for line in lines}
            assert {branch for branch, *_fact in facts} <= known
            for line in (*lines, everything):
                mine = [
                    (kind, value)
                    for branch, kind, day, value in facts
                    if line.branch in (branch, None) and over.first <= day <= over.last
                ]
                assert _told(line) == _counted(mine), (over.key, line.name)


def _facts(plan, receipts):
    """(branch, kind, day, how much or how long) of whatever the plan counts for."""
    branch, tz = plan.committee.branch_id, plan.committee.tz
    if plan.submitted_at is None:
        return
    submitted = plan.submitted_at.astimezone(tz).date()
    yield branch, "submitted", submitted, None
    if plan.resolved_at is not None:
        resolved = plan.resolved_at.astimezone(tz).date()
        kind = "rejected" if plan.state == _S.REJECTED else "carried"
        yield branch, kind, resolved, (resolved - submitted).days
    for row in receipts:
        yield branch, "received", row.received_on, row.amount
    decision = getattr(plan, "credit_decision", None)
    if decision is None or not decision.approved:
        return
    terms = plan.version.plan.terms
    given = terms.concessions
    waived = given.interest_waived + given.penalty_waived + given.principal_waived
    yield branch, "waived", decision.at.astimezone(tz).date(), waived
    ended = plan.state_since.astimezone(tz).date() if plan.state == _S.TERMINATED else None
    for part in terms.schedule:
        if ended is None or part.due_on <= ended:
            yield branch, "planned", part.due_on, part.principal + part.interest


def _counted(facts):
    counts = Counter(kind for kind, _value in facts)
    days = [value for kind, value in facts if kind in ("carried", "rejected")]
    sums = {
        name: sum((value for kind, value in facts if kind == name), Decimal(0))
        for name in ("waived", "planned", "received")
    }
    return {
        **{name: counts[name] for name in ("submitted", "carried", "rejected")},
        "median": timedelta(days=median(days)) if days else None,
        "longest": timedelta(days=max(days)) if days else None,
        **sums,
    }


def _told(line):
    names = ("submitted", "carried", "rejected", "median", "longest", "waived", "planned", "received")
    return {name: getattr(line, name) for name in names}


def assert_board_is_true(person):
    """The board counts the proposals that the person sees, in all and by institution."""
    plans = list(Proposal.objects.visible_to(person))
    units = {plan.unit_id: plan.unit for plan in plans}
    assert {unit.pk for unit in board.units_of(person)} == units.keys()
    for unit in (None, *units.values()):
        mine = [plan for plan in plans if unit in (None, plan.unit)]
        stages, ended = board.read_stages(person, unit)
        told = {stage.state: stage.count for stage in (*stages, *ended)}
        counts = Counter(plan.state for plan in mine)
        assert told == {state: counts[state] for state in told}
        for stage in stages:
            oldest = sorted((plan.state_since, plan.pk) for plan in mine if plan.state == stage.state)
            assert [card.proposal.pk for card in stage.cards] == [pk for _at, pk in oldest][: board.SHOWN]
            assert min(stage.counts.values()) >= 0
