"""Questions that a draft answers, too: contracts, officers, special circumstances."""

from __future__ import annotations

from typing import Final

from proposals.plan.drafts import Plan
from regulation.text import folded_identifier

SPECIAL_CIRCUMSTANCES: Final = "7.6"


def contracts(plan: Plan) -> tuple[str, ...]:
    """The distinct contract numbers that the plan covers, sorted, each as ``folded_identifier`` spells it.

    So neither a blank, a dash, a letter's width nor a character that nobody sees is a way around Art. 13 and
    23. Contracts not yet stated are left out.
    """
    stated = (folded_identifier(loan.get("contract_no", "")) for loan in plan.document.get("loans", ()))
    return tuple(sorted({contract for contract in stated if contract}))


def only_special_circumstances(plan: Plan) -> bool:
    """True when 7.6 is the only condition claimed, so that the committee first votes on it (Art. 7)."""
    return set(plan.document.get("conditions", ())) == {SPECIAL_CIRCUMSTANCES}


def officers(plan: Plan) -> frozenset[str]:
    """The lending and collection officers that the plan names, each as folded (Art. 20(3))."""
    roles = ("lending_officer", "collection_officer")
    named = (
        folded_identifier(loan.get(role, "")) for loan in plan.document.get("loans", ()) for role in roles
    )
    return frozenset(name for name in named if name)
