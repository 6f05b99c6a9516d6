"""Identity numbers as people see them: masked, except where the table of rights opens them."""

from __future__ import annotations

#: so many characters at the end of a masked number stay legible
SHOWN = 4
MASK = "*"


def masked(id_no: str) -> str:
    """The identity number with all but its last four characters hidden; a short one is hidden whole."""
    hidden = len(id_no) - SHOWN if len(id_no) > 2 * SHOWN else len(id_no)
    return MASK * hidden + id_no[hidden:]
