"""Which versions of a plan a person sees: its institution and the audit every one, others those submitted."""

from __future__ import annotations

from committee.offices import which
from committee.prepared import Prepared
from proposals.models import PlanVersion, Proposal
from web.log import timeline
from web.viewer import Viewer

#: each drafting makes the first version of a plan, each amendment one more
DRAFTING = frozenset({"draft", "revise", "amend"})


def sees_drafting(proposal: Proposal, who: Viewer) -> bool:
    """Whether the person sees the plan's making: the handling institution and the audit do."""
    return who.acts_as(which(lambda office: office.drafts), proposal)


def submitted(story: timeline.Story) -> frozenset[int]:
    """The numbers of the versions that were submitted, counted along the proposal's stream."""
    found, number = set(), 0
    for entry in story.entries:
        number += entry.action in DRAFTING
        if entry.action == "submit":
            found.add(number)
    return frozenset(found)


_VERSIONS = Prepared(
    lambda pk: PlanVersion.objects.filter(proposal=pk).select_related("made_by").order_by("number"), int
)


def visible_versions(proposal: Proposal, who: Viewer, story: timeline.Story) -> list[PlanVersion]:
    """The versions that the person may see, the first first."""
    rows = _VERSIONS(proposal.pk)
    if sees_drafting(proposal, who):
        return rows
    told = submitted(story)
    return [row for row in rows if row.number in told]


def as_submitted(proposal: Proposal) -> PlanVersion:
    """The version last submitted, which is what others than its institution see of a plan."""
    last = max(submitted(timeline.read_story(proposal.stream, payloads=False)))
    return proposal.versions.select_related("made_by").get(number=last)
