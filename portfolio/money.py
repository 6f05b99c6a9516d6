"""Money in the ledger: whole fen in every table and sum, yuan as Decimal at the edges, and shares of it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")


def fen(yuan: Decimal) -> int:
    """The amount in fen. ValueError for one that is no whole number of fen, or no number."""
    if not yuan.is_finite():
        raise ValueError(f"no amount: {yuan}")
    shifted = yuan.scaleb(2)
    if shifted != shifted.to_integral_value():
        raise ValueError(f"no whole number of fen: {yuan}")
    return int(shifted)


def yuan(fen: int) -> Decimal:
    """The amount in yuan, with two decimals."""
    return Decimal(fen).scaleb(-2)


def percent(part: int, whole: int) -> Decimal | None:
    """The part of the whole in per cent, half a hundredth up; None, shown as a dash, of nothing."""
    if whole == 0:
        return None
    return (Decimal(100 * part) / Decimal(whole)).quantize(_CENT, ROUND_HALF_UP)
