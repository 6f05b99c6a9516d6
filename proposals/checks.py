"""The check of contracts that `audit verify` adds to that of the chains (setting AUDIT_CHECKS).

The log vouches for the versions of plans. Which contracts a version covers, and in which live plan of the
bank a contract stands (Art. 13, 23), is stored once more, for an index and a constraint that the rules go by:
both are made again from the versions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_noop as _

from audit.checking.rows import Fault
from proposals.models import Proposal
from regulation.text import folded_identifier

_COVERED = """
SELECT version.proposal_id, version.number,
    jsonb_path_query_array(version.document, '$.loans[*].contract_no')::text, (
        SELECT array_agg(covered.contract_no) FROM proposals_plancontract AS covered
        WHERE covered.version_id = version.id
    )
FROM proposals_planversion AS version
WHERE %(streams)s::text[] IS NULL OR 'proposal:' || version.proposal_id = ANY(%(streams)s)
ORDER BY 1, 2
"""
_LIVE = """
SELECT plan.id, plan.state, (
        SELECT array_agg(covered.contract_no) FROM proposals_plancontract AS covered
        WHERE covered.version_id = plan.submitted_version_id
    ), (
        SELECT array_agg(live.contract_no) FROM proposals_livecontract AS live
        WHERE live.proposal_id = plan.id
    )
FROM proposals_proposal AS plan
WHERE %(streams)s::text[] IS NULL OR 'proposal:' || plan.id = ANY(%(streams)s)
ORDER BY 1
"""


def contracts(streams: Sequence[str] | None) -> Iterator[Fault]:
    """The versions that are stored with other contracts than their plan states, and the plans that hold
    others than they have submitted while they are live, or any afterwards. Of these streams, or of all for
    None.

    A plan that was returned may have given up some of its contracts.
    """
    given = {"streams": None if streams is None else list(streams)}
    yield from _covered(given)
    yield from _held(given)


def _covered(given: dict[str, Any]) -> Iterator[Fault]:
    for proposal, number, stated, stored in _rows(_COVERED, given):
        odd = _folded(stated) ^ set(stored or ())
        if odd:
            what = _("has version %(number)s, stored with other contracts than it states: %(contracts)s")
            yield _fault(proposal, what, odd, number=number)


def _held(given: dict[str, Any]) -> Iterator[Fault]:
    for proposal, state, submitted, live in _rows(_LIVE, given):
        wanted = set(submitted or ()) if state in Proposal.LIVE else set()
        odd = set(live or ()) - wanted if state == Proposal.State.RETURNED else set(live or ()) ^ wanted
        if odd:
            what = _("is %(state)s, and holds other contracts of the bank than it should: %(contracts)s")
            yield _fault(proposal, what, odd, kind="proposal", state=state)


def _rows(statement: str, given: dict[str, Any]) -> Iterator[Any]:
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(statement, given)
        yield from cursor


def _folded(stated: str) -> set[str]:
    """The contracts that a plan states, as the index spells them; what is no text is none."""
    folded = (folded_identifier(each) for each in json.loads(stated) if isinstance(each, str))
    return {each for each in folded if each}


def _fault(proposal: int, code: str, odd: set[str], **values: int | str) -> Fault:
    return Fault(f"proposal:{proposal}", 1, code, values | {"contracts": ", ".join(sorted(odd)[:5])})
