"""The copy of signed minutes that a handling institution was sent: its own items, without names (Art. 21)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from committee.models import Resolution
from office.models import Copy
from office.permissions import extracts_visible_to
from web import labels, shell
from web.viewer import viewer_of


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
