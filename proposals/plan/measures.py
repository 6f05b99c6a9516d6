"""The catalogue of measures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

MEASURES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {row["code"]: row for row in json.loads(Path(__file__).with_name("measures.json").read_text("utf-8"))}
)
"""The catalogue of measures by code: ``zh``, ``en``, ``source`` and ``family`` of each."""
