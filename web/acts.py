"""All acts of the engine by verb, from the tables of all packages."""

from __future__ import annotations

from collections.abc import Mapping

from committee import permissions as of_committee
from committee.acts import Act
from office import permissions as of_office
from portfolio import permissions as of_portfolio
from proposals import permissions as of_proposals
from voting import permissions as of_voting

ACTS: Mapping[str, Act] = {
    **of_committee.ACTS,
    **of_portfolio.ACTS,
    **of_proposals.ACTS,
    **of_voting.ACTS,
    **of_office.ACTS,
}
