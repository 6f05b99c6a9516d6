"""The texts of the regulation as TOML: articles, refusals, causes, what is enforced.

The modules of the folder above read them and define their meaning.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any


def read(name: str) -> dict[str, Any]:
    """Return the content of the file of that name."""
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))
