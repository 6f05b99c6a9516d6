"""The model of the regulation agrees with the bundled rehearsals and with those of the tests."""

import json
from pathlib import Path

import pytest

from tests.model.play import play

ROOT = Path(__file__).parents[2]
BUNDLED = sorted((ROOT / "rehearsal" / "cases").glob("*.json"))
FURTHER = sorted((ROOT / "tests" / "rehearsals").glob("*.json"))


def test_all_ten_bundled_rehearsals_are_there():
    assert len(BUNDLED) == 10


@pytest.mark.parametrize("path", [*BUNDLED, *FURTHER], ids=lambda path: path.stem)
def test_model_comes_out_as_the_rehearsal_says(path):
    assert list(play(json.loads(path.read_text(encoding="utf-8")))) == []
