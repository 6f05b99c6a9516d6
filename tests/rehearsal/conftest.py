"""Rehearsals to be changed and played."""

import copy
import json
from pathlib import Path

import pytest

from rehearsal.player import Played, play
from rehearsal.schema import read

ROOT = Path(__file__).parents[2]
CASES = ROOT / "rehearsal" / "cases"
DEMO = ROOT / "rehearsal" / "demo"


def bundled(number):
    return json.loads(next(CASES.glob(f"{number:02d}-*.json")).read_text())


def encoded(document):
    return json.dumps(document).encode()


def play_document(document, *, keep=False, loud=True, today=None) -> Played:
    return play(read(encoded(document), today=today), keep=keep, loud=loud)


_PLAN = bundled(9)["proposals"]["P1"]


@pytest.fixture
def case():
    """A small valid rehearsal: one plan, no steps."""
    return {
        "title": "A case",
        "start": "2026-03-02T09:00",
        "proposals": {"P1": copy.deepcopy(_PLAN)},
        "steps": [],
    }


@pytest.fixture
def filed(case):
    """The same, with the plan filed."""
    case["steps"] += [
        {"do": "draft", "by": "handler", "proposal": "P1"},
        {"do": "submit", "by": "handler", "proposal": "P1"},
        {"do": "shortlist", "by": "liaison", "proposal": "P1"},
        {"do": "file_docket", "by": "liaison", "proposals": ["P1"]},
    ]
    return case


@pytest.fixture
def deliberated(filed):
    """The same, taken up in a meeting of which all nine have signed in."""
    filed["steps"] += [
        {
            "do": "convene",
            "by": "chair",
            "meeting": "M1",
            "at": "2026-03-05T09:00",
            "place": "Room 3",
            "proposals": ["P1"],
        },
        {"do": "send_notice", "by": "liaison", "meeting": "M1"},
        {"clock": "2026-03-05T09:00"},
        {"do": "sign_in", "by": "seats", "meeting": "M1"},
        {"do": "open_meeting", "by": "chair", "meeting": "M1"},
        {"do": "take_up", "by": "chair", "proposal": "P1"},
    ]
    return filed
