"""Follow-ups as pages show them: how far each is, what was said of it, and what the reader may do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from committee.models import Meeting
from committee.offices import LIAISON
from committee.prepared import Prepared
from office.models import FollowUp, FollowUpStep
from office.models.follow_ups import FollowUpQuerySet
from proposals.models import Proposal
from web.viewer import Viewer

#: state → tone of its lozenge; one that is late is stopped
_TONES = {"open": "waiting", "reported": "information", "done": "good"}
#: so many stand among the papers of a meeting
_AMONG_PAPERS = 20


@dataclass(frozen=True)
class FollowUpView:
    """A follow-up with its steps and the reader's acts: words, address, whether it is a second button."""

    row: FollowUp
    steps: list[FollowUpStep]
    acts: list[tuple[str | Promise, str, bool]]

    @property
    def tone(self) -> str:
        """The tone of its state."""
        return "stopped" if self.row.late else _TONES[self.row.state]


#: of one plan, in order of their numbers
OF_PLAN = Prepared(
    lambda pk: (
        FollowUp.objects.filter(proposal=pk)
        .select_related("owner", "proposal__committee", "confirmed_by")
        .order_by("number")
    ),
    int,
)
STEPS_OF_PLAN = Prepared(
    lambda pk: (
        FollowUpStep.objects.filter(follow_up__proposal=pk)
        .select_related("by", "owner")
        .order_by("follow_up", "at", "pk")
    ),
    int,
)


def views(rows: Iterable[FollowUp], steps: Iterable[FollowUpStep], who: Viewer) -> list[FollowUpView]:
    """The follow-ups of a plan with their steps and what the person may do with each."""
    said: dict[int, list[FollowUpStep]] = defaultdict(list)
    for step in steps:
        said[step.follow_up_id].append(step)
    return [FollowUpView(row, said[row.pk], acts(row, who)) for row in rows]


def acts(row: FollowUp, who: Viewer) -> list[tuple[str | Promise, str, bool]]:
    """What the person may do with it now, the first thing first."""
    found: list[tuple[str | Promise, str, bool]] = []
    if row.confirmed_at is not None:
        return found
    if row.reported_at is None and row.owner_id == who.person.pk:
        found.append((_("Report on the follow-up"), _address(row, "report_follow_up"), False))
    if who.acts_as(LIAISON, row.proposal):
        if row.reported_at is not None:
            found.append((_("Confirm the follow-up as done"), _address(row, "confirm_follow_up"), False))
        found.append((_("Return or reassign the follow-up"), _address(row, "return_follow_up"), True))
    return found


def _address(row: FollowUp, verb: str) -> str:
    query = urlencode({"follow_up": row.number})
    return f"{reverse('proposal-act', args=[row.proposal_id, verb])}?{query}"


def address(row: FollowUp) -> str:
    """Where it stands on the page of its plan."""
    return f"{reverse('proposal', args=[row.proposal_id])}#follow-up-{row.number}"


def visible_to(who: Viewer) -> FollowUpQuerySet:
    """Those of the plans that the person may see, what is due first before the rest."""
    return (
        FollowUp.objects.filter(proposal__in=Proposal.objects.visible_to(who.person).order_by())
        .select_related("owner", "proposal__committee")
        .order_by("due_on", "pk")
    )


def open_at(meeting: Meeting, who: Viewer) -> list[FollowUpView]:
    """Those of the committee's earlier resolutions that are not done, for the papers of its next meeting."""
    if meeting.state not in Meeting.RUNNING:
        return []
    rows = visible_to(who).open().filter(proposal__committee=meeting.committee_id)
    return [FollowUpView(row, [], []) for row in rows[:_AMONG_PAPERS]]
