"""What waits for the credit approval department."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from committee.models import Meeting
from committee.offices import CREDIT
from pages.desk.rows import proposal_row, proposals_in
from pages.desk.sections import Section, SectionQuery
from proposals.models import Proposal
from web.viewer import Viewer

_S = Proposal.State


def sections(who: Viewer) -> Iterator[SectionQuery | Section]:
    """The carried plans of the department's branch whose minutes are signed."""
    yield SectionQuery(
        _("Carried plans to decide on"),
        _("A carried plan appears here once its minutes are signed (Art. 22)."),
        proposals_in(who, _S.CARRIED).filter(
            committee__branch__in=who.units(CREDIT), item__meeting__state__in=Meeting.EFFECTIVE
        ),
        lambda proposal: proposal_row(proposal, tone="waiting"),
        more=reverse("credit"),
        article="22",
    )
