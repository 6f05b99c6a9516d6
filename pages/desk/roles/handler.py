"""What waits for a handler: drafts, plans returned and plans not carried."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from committee.offices import HANDLER, HEAD
from pages.desk import ledger
from pages.desk.roles import institution
from pages.desk.rows import list_address, proposal_row, proposals_in
from pages.desk.sections import Section, SectionQuery
from proposals.models import Proposal
from web import labels
from web.viewer import Viewer

_S = Proposal.State

#: what a handler has in hand: state, title, what would be there
_UNSENT: tuple[tuple[str, str | Promise, str | Promise], ...] = (
    (
        _S.RETURNED,
        _("Returned for completion"),
        _("Plans that the liaison returns wait here to be completed."),
    ),
    (_S.DRAFT, _("Drafts"), _("Plans not yet submitted appear here.")),
    (
        _S.REJECTED,
        _("Not carried"),
        _("Plans that the committee did not carry appear here to be revised (Art. 23)."),
    ),
)


def sections(who: Viewer) -> Iterator[SectionQuery | Section]:
    """What the handlers of an institution have in hand, then what is on its way."""
    own = Q(unit__in=who.units(HANDLER))
    for state, title, empty in _UNSENT:
        yield SectionQuery(
            title,
            empty,
            proposals_in(who, state).filter(own).exclude(_revised()),
            lambda proposal: proposal_row(
                proposal, proposal.state_reason, labels.TONES.get(proposal.state, "plain")
            ),
            more=list_address("proposals", state=state),
            article="13",
        )
    yield from institution.sections(who)
    if HEAD not in who.offices:
        yield from ledger.duty_gaps(ledger.within(who.units(HANDLER)))


def _revised() -> Q:
    """A plan that was not carried and has a new one, which waits in its place."""
    ended = (_S.WITHDRAWN, _S.SCREENED_OUT, _S.REJECTED)
    newer = Proposal.objects.filter(revises=OuterRef("pk")).exclude(state__in=ended)
    return Q(Exists(newer), state=_S.REJECTED)
