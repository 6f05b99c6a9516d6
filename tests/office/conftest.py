"""An installation that signs electronically."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.office import signers


@pytest.fixture
def electronic(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """Minutes are signed electronically; the folder of the installation."""
    with signers.installed(settings, tmp_path):
        yield tmp_path
