"""The list of decisions by what is amiss: judged by the worker, some at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

from audit import clock
from committee.models import Resolution
from office.dossier.case import Unreadable
from office.dossier.findings import Outcome
from office.dossier.judging import JUDGES, Dossier, judge
from office.dossier.reading import with_meeting
from office.models import Verdict

#: decisions judged in one run, of those whose log has grown, and of all in turn each night
AT_ONCE, EACH_NIGHT = 500, 20_000

# A resolution that was put there with its trigger switched off has no row yet.
_BEGIN = """
INSERT INTO office_verdict
    (resolution_id, not_held, gaps, not_due, rank, judged_at, meeting_seq, proposal_seq)
SELECT resolution.id, '{}', '{}', '{}', %s, NULL, 0, 0 FROM committee_resolution AS resolution
WHERE NOT EXISTS (SELECT FROM office_verdict AS verdict WHERE verdict.resolution_id = resolution.id)
ON CONFLICT DO NOTHING
"""
_GROWN = """
SELECT verdict.resolution_id
FROM office_verdict AS verdict
    JOIN committee_resolution AS resolution ON resolution.id = verdict.resolution_id
    JOIN committee_agendaitem AS item ON item.id = resolution.item_id
    LEFT JOIN proposals_tabling AS tabling ON tabling.item_id = item.id
    LEFT JOIN audit_head AS meeting ON meeting.stream = 'meeting:' || item.meeting_id
    LEFT JOIN audit_head AS plan ON plan.stream = 'proposal:' || tabling.proposal_id
WHERE verdict.judged_at IS NULL OR coalesce(meeting.seq, 0) <> verdict.meeting_seq
    OR coalesce(plan.seq, 0) <> verdict.proposal_seq
ORDER BY verdict.judged_at NULLS FIRST, verdict.id LIMIT %s
"""


def judge_grown(limit: int = AT_ONCE) -> int:
    """Judge the decisions of whose meeting or plan the log has more than when they were judged, or that were
    never judged; return how many there were.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [Verdict.UNJUDGED])
        cursor.execute(_GROWN, [limit])
        grown = [pk for (pk,) in cursor.fetchall()]
    return judge_these(grown)


def judge_oldest(limit: int = EACH_NIGHT) -> int:
    """Judge those judged longest ago: what was changed without an entry is found within some nights."""
    rows = Verdict.objects.order_by("judged_at", "pk").values_list("resolution", flat=True)
    return judge_these(list(rows[:limit]))


def judge_these(resolutions: Iterable[int]) -> int:
    """Judge these and note how each came out."""
    number = 0
    for number, (pk, values) in enumerate(_judged(resolutions), 1):  # noqa: B007  # counted
        Verdict.objects.filter(resolution=pk).update(**values, judged_at=clock.now())
    return number


def _judged(resolutions: Iterable[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    for pk in resolutions:
        row = with_meeting(Resolution.objects.filter(pk=pk)).first()
        if row is None:
            continue
        try:
            yield pk, columns(judge(row))
        except Unreadable:
            nothing = list(JUDGES)
            yield pk, {"not_held": nothing, "gaps": [], "not_due": [], "rank": len(nothing) * Verdict.WEIGHT}


def columns(found: Dossier) -> dict[str, Any]:
    """What is noted of a dossier."""
    not_held, gaps = found.numbers(Outcome.NOT_HELD), found.numbers(Outcome.GAP)
    lengths = {entry.row.stream: entry.row.seq for entry in found.case.log}  # the last of each stands last
    return {
        "not_held": not_held,
        "gaps": gaps,
        "not_due": found.numbers(Outcome.OPEN),
        "rank": len(not_held) * Verdict.WEIGHT + len(gaps),
        "meeting_seq": lengths.get(found.case.meeting.stream, 0),
        "proposal_seq": lengths.get(found.case.proposal.stream, 0),
    }
