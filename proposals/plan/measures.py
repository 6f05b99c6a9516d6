"""The catalogue of measures, and what each means."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

MEASURES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {row["code"]: row for row in json.loads(Path(__file__).with_name("measures.json").read_text("utf-8"))}
)
"""The catalogue of measures by code: ``zh``, ``en``, ``source`` and ``family`` of each."""

MEANINGS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    tomllib.loads(Path(__file__).with_name("meanings.toml").read_text("utf-8"))
)
"""What each measure means, by code: ``zh`` and ``en``."""
