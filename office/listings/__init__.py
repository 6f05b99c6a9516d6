"""The lists that there are, by name: what a page shows and an export writes."""

from __future__ import annotations

from collections.abc import Mapping

from office.listings.meetings import Meetings
from office.listings.proposals import Proposals
from office.listings.sign_ins import SignIns
from office.lists import Listing

BY_NAME: Mapping[str, type[Listing]] = {each.name: each for each in (Proposals, Meetings, SignIns)}
