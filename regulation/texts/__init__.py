"""The texts of the regulation as TOML: articles, refusals, causes, what is enforced.

What they mean is in the modules of the folder above, which read them.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any


def read(name: str) -> dict[str, Any]:
    """Return what stands in the file of that name."""
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))
