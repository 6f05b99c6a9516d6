"""How large a plan may be, and of which years its dates."""

from __future__ import annotations

from typing import Final

# A plan beyond these is an accident or an attack; the largest real ones stay far below.
MAX_TEXT: Final = 200_000
MAX_ROWS: Final = 2_000
MAX_KEYS: Final = 100
#: rows of all lists, and objects, of one plan together
MAX_PARTS: Final = 40_000
MAX_COUNT: Final = 999_999
MAX_BYTES: Final = 4_000_000
FIRST_YEAR, LAST_YEAR = 1900, 2199
