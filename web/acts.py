"""Every act of the engine by its verb, whichever package's table it is in: what pages and programs offer."""

from __future__ import annotations

from collections.abc import Mapping

from committee import permissions as of_committee
from committee.acts import Act
from office import permissions as of_office
from proposals import permissions as of_proposals
from voting import permissions as of_voting

ACTS: Mapping[str, Act] = {
    **of_committee.ACTS,
    **of_proposals.ACTS,
    **of_voting.ACTS,
    **of_office.ACTS,
}
