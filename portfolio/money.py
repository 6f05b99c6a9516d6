"""Yuan and fen: every table of the ledger has whole fen, every page, program and paper has yuan."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")


def fen(yuan: Decimal) -> int:
    """The amount in whole fen; ValueError for an amount with parts of a fen and for what is no number."""
    if not yuan.is_finite() or (yuan.as_tuple().exponent < -2 and yuan != yuan.quantize(_CENT)):  # type: ignore[operator]  # a finite number's exponent is whole
        raise ValueError(f"not an amount in yuan and fen: {yuan}")
    return int(yuan.scaleb(2))


def yuan(fen: int) -> Decimal:
    """The amount in yuan, with two decimal places."""
    return Decimal(fen).scaleb(-2).quantize(_CENT)


def percent(part: int, whole: int) -> Decimal | None:
    """The part of the whole in per cent, half a hundredth up; None, shown as a dash, of nothing."""
    if whole == 0:
        return None
    return (Decimal(100 * part) / Decimal(whole)).quantize(_CENT, ROUND_HALF_UP)
