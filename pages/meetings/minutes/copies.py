"""The copy of signed minutes that a handling institution was sent: its own items, without names (Art. 21)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from committee.models import Meeting, Resolution, Unit
from office.actions.minutes import departments, of_own_items
from office.models import Copy, Minutes
from office.permissions import extracts_visible_to
from web import labels, shell
from web.viewer import Viewer, viewer_of


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The copy as it was sent, for the institution, the liaison who sent it and the audit."""
    row = get_object_or_404(
        Copy.objects.filter(extracts_visible_to(viewer_of(request).person)).select_related(
            "minutes__meeting__committee", "unit", "sent_by"
        ),
        pk=pk,
    )
    committee = row.minutes.meeting.committee
    with timezone.override(committee.tz):
        context = {
            "copy": row,
            "committee": committee,
            "items": [_item(item) for item in row.content["items"]],
        }
        return shell.page(request, "meetings/minutes/copy.html", context, here="proposals")


@dataclass(frozen=True)
class Distribution:
    """To whom the minutes go: the departments, and each institution with the items of its copy."""

    departments: list[Unit]
    extracts: list[tuple[Unit, list[dict[str, Any]]]]


def distribution(meeting: Meeting, who: Viewer) -> Distribution:
    """What distributing the signed minutes would send, before it is sent."""
    found = Minutes.objects.originals().filter(meeting=meeting, state=Minutes.State.SIGNED).first()
    if found is None:
        return Distribution([], [])
    copies = of_own_items(meeting, found, who.person)
    extracts = [(copy.unit, [_item(item) for item in copy.content["items"]]) for copy in copies]
    return Distribution(departments(meeting), extracts)


def _item(item: dict[str, Any]) -> dict[str, Any]:
    votes = []
    for vote in item["votes"]:
        resolution = _resolution(vote) if vote["counts"] else None
        stated = labels.resolved(resolution) if resolution else ""
        votes.append(vote | {"resolution": resolution, "words": stated})
    return item | {"votes": votes}


def _resolution(vote: dict[str, Any]) -> Resolution:
    """The counts as a resolution that is not saved, for its wording and its picture."""
    counts = vote["counts"]
    return Resolution(
        question=vote["question"],
        carried=vote["carried"],
        for_count=counts["for"],
        against_count=counts["against"],
        abstained_count=counts["abstained"],
        conflicted_count=counts["in_conflict"],
        votes_to_pass=counts["votes_to_pass"],
    )
