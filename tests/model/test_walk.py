"""Random walks reach the deep states, replay as rehearsals, and name a disagreement."""

import json
import pickle
import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.model.model import Model
from tests.model.play import play
from tests.model.walk import START, VERBS, Disagreement, Step, as_rehearsal, regulation, run, walk, written

SEEDS = range(40)


def played(seed: int, length: int = 250) -> tuple[Model, list[tuple[Step, str]]]:
    rng = Random(seed)
    model = Model(regulation(rng), START)
    return model, run(model, Model(model.regulation, START), walk(rng, model, length))


def test_walks_reach_every_verb_and_the_deep_states():
    verbs, states, resubmitted = Counter(), Counter(), 0
    for seed in SEEDS:
        model, rows = played(seed)
        verbs.update(step.do for step, answer in rows if answer == "accepted")
        states.update(p.state for p in model.proposals.values())
        states.update(m.state for m in model.meetings.values())
        resubmitted += sum(p.resubmission for p in model.proposals.values())
    assert verbs.keys() == VERBS.keys()
    assert {"rejected", "completed", "terminated", "screened_out", "archived", "cancelled"} <= states.keys()
    assert states["archived"] > len(SEEDS)
    assert resubmitted > len(SEEDS) / 4


@pytest.mark.parametrize("seed", SEEDS[:5])
def test_a_walk_replays_as_a_rehearsal(seed):
    model, rows = played(seed)
    assert list(play(json.loads(written(as_rehearsal(model, rows, "A walk"))))) == []


@pytest.mark.parametrize("seed", SEEDS[:5])
def test_a_refusal_changes_nothing(seed):
    rng = Random(seed)
    model = Model(regulation(rng), START)

    def held() -> bytes:
        return pickle.dumps((model.seats, model.versions, model.proposals, model.meetings))

    refused = 0
    for step in walk(rng, model, 250):
        before = held()
        if model.do(step.do, step.by, step.now, **step.args) != "accepted":
            refused += 1
            assert held() == before
    assert refused > 10


class Lenient(Model):
    """An engine with a fault: it takes any second ballot for a new one."""

    def do(self, verb: str, by: str, now: datetime, **args: Any) -> str:
        answer = super().do(verb, by, now, **args)
        return "accepted" if answer == "20.1/already-voted" else answer


def test_a_disagreement_carries_the_walk_as_a_rehearsal():
    def all_walks():
        for seed in SEEDS:
            rng = Random(seed)
            model = Model(regulation(rng), START)
            run(model, Lenient(model.regulation, START), walk(rng, model, 250))

    with pytest.raises(
        Disagreement, match=r"the model says 20\.1/already-voted, the engine accepted"
    ) as found:
        all_walks()
    rehearsal = found.value.rehearsal
    assert rehearsal["steps"][-1]["expect"] == "20.1/already-voted"
    assert list(play(rehearsal)) == []


def test_the_rehearsals_reach_every_code_of_the_model():
    tests = Path(__file__).parents[1]
    codes = set(
        re.findall(
            r'"((?:[\d.]+|access|state|plan|receipt)/[a-z-]+)"', (tests / "model/model.py").read_text()
        )
    )
    assert {"state/not-allowed", "20.4/reason-required", "access/denied"} <= codes
    files = [*tests.glob("rehearsals/*.json"), *(tests.parent / "rehearsal/cases").glob("*.json")]
    steps = [step for path in files for step in json.loads(path.read_text(encoding="utf-8"))["steps"]]
    assert codes - {step.get("expect") for step in steps} == set()
