"""What waits for the chair: filed plans to convene on."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pages.desk.rows import list_address, only_or, proposal_row, proposals_in
from pages.desk.sections import Section, SectionQuery
from proposals.models import Proposal
from web.viewer import Viewer

_S = Proposal.State


def sections(who: Viewer) -> Iterator[SectionQuery | Section]:
    """The filed plans of the committees whose chair's seat the person holds."""
    yield SectionQuery(
        _("Filed plans waiting for a meeting"),
        _("Plans filed with head office wait here until a meeting is convened (Art. 17)."),
        proposals_in(who, _S.FILED).filter(committee__in=who.chairs),
        lambda proposal: proposal_row(proposal, tone="waiting"),
        more=list_address("proposals", state=_S.FILED),
        article="17",
        act=(_("Convene a meeting"), only_or("convene", who.chairs, reverse("month"))),
    )
