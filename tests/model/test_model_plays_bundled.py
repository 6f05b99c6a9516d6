"""The model of the regulation agrees with the bundled rehearsals and with those of the tests."""

import json
from pathlib import Path

import pytest

from tests.model.play import play

ROOT = Path(__file__).parents[2]
BUNDLED = sorted((ROOT / "rehearsal" / "cases").glob("*.json"))
#: what is said in the room or read into the regulation decides nothing: the model has none of it, nor has it
#: the ledger of loans
BEYOND = {
    "42-floor-dictation-and-readings", "43-a-plan-from-the-ledger", "44-a-warning-to-its-close",
}  # fmt: skip
FURTHER = [path for path in sorted((ROOT / "tests" / "rehearsals").glob("*.json")) if path.stem not in BEYOND]


def test_all_ten_bundled_rehearsals_are_there():
    assert len(BUNDLED) == 10


@pytest.mark.parametrize("path", [*BUNDLED, *FURTHER], ids=lambda path: path.stem)
def test_model_comes_out_as_the_rehearsal_says(path):
    assert list(play(json.loads(path.read_text(encoding="utf-8")))) == []
