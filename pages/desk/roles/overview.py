"""What an office sees that has no desk of its own: meetings to come, and the plans that moved last."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from committee.models import Meeting
from committee.offices import Office
from pages.desk.rows import meeting_row, meetings_of, proposal_row
from pages.desk.sections import Section, SectionQuery
from proposals.models import Proposal
from web.viewer import Viewer


def sections(who: Viewer, office: Office) -> Iterator[SectionQuery | Section]:
    """The visible meetings and plans of the committees for which the person holds the office."""
    reach = who.reach([office], "committee")
    if office.meetings:
        yield SectionQuery(
            _("Meetings to come"),
            _("A meeting appears here from the day on which it is convened."),
            meetings_of(who).filter(reach, state__in=Meeting.RUNNING),
            lambda meeting: meeting_row(meeting, str(meeting.committee), "information"),
            more=reverse("meetings"),
        )
    if office.plans:
        yield SectionQuery(
            _("Plans that moved last"),
            _("The plans that you may see, the last moved first."),
            Proposal.objects.visible_to(who.person).filter(reach).order_by("-state_since", "-pk"),
            lambda proposal: proposal_row(proposal, tone="information"),
            more=reverse("proposals"),
        )
