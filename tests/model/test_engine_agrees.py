"""All roles act at random on the engine and on the model of the regulation, and the two agree.

They agree on every acceptance, code and outcome; a disagreement is printed as a rehearsal that replays it.
What triggers keep for the figures and the board is then what the plans themselves say.
"""

from datetime import datetime
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from audit import clock
from audit.checking.verification import verify_streams
from audit.recording import rehearsed
from committee.acts import Kind
from regulation.numbers import Regulation
from rehearsal import bank
from rehearsal.player import Direct, Player
from rehearsal.schema import Rehearsal
from rehearsal.times import ZONE
from rehearsal.verbs import VERBS
from tests.model.model import Model
from tests.model.walk import START, Walker, regulation, run
from tests.pages.kept import assert_board_is_true, assert_figures_are_true

SEEDS = st.integers(0, 2**32 - 1)


class Engine:
    """The engine under the model's interface: the player's table of verbs on a bank of its own."""

    def __init__(self, numbers: dict[str, Any]) -> None:
        own = bank.own(Regulation().amended(numbers), START.date())
        nothing = Rehearsal("a walk", Regulation(), START, None, {}, (), (), (), False, {})
        self.player = Player(nothing, own, Direct(own), loud=True)

    def do(self, verb: str, by: str, now: datetime, **args: Any) -> str:
        clock.travel(now)
        if verb == "draft":
            self.player.rehearsal = Rehearsal(
                "a walk", Regulation(), START, None, {args["proposal"]: args.pop("plan")}, (), (), (),
                False, {},
            )  # fmt: skip
        kinds = VERBS[verb].arguments
        arguments = {name: typed(kinds[name], value) for name, value in args.items()}
        with rehearsed("a walk"):
            return self.player.act(verb, by, arguments)

    def outcome(self, handle: str) -> dict[str, Any]:
        if handle in self.player.meetings:
            return self.player.driver.meeting(self.player.meetings[handle])
        return self.player.driver.proposal(self.player.proposals[handle])


def typed(kind: Kind, value: Any) -> Any:
    """An argument as the reader of rehearsals hands it on."""
    if kind is Kind.MOMENT:
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)
    if kind is Kind.DATE:
        return datetime.fromisoformat(value).date()
    if kind is Kind.SEAT:
        return seat(value)
    if kind is Kind.SEATS:
        return [seat(handle) for handle in value]
    return value


def seat(handle: str) -> int:
    return 1 if handle == "chair" else int(handle.removeprefix("seat"))


class EngineAgainstModel(RuleBasedStateMachine):
    """Each rule is one plausible step of somebody, chosen by a seed that hypothesis shrinks."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.clock = clock.frozen(START)
        self.clock.__enter__()

    @initialize(seed=SEEDS)
    def found(self, seed: int) -> None:
        self.rng = Random(seed)
        self.model = Model(regulation(self.rng), START)
        self.engine = Engine(self.model.regulation)
        self.walker = Walker(self.rng, self.model)

    @rule(seed=SEEDS)
    def act(self, seed: int) -> None:
        self.rng.seed(seed)
        run(self.model, self.engine, [self.walker.step()])

    def teardown(self) -> None:
        try:
            assert verify_streams(None).verified
            for handle in ("auditor", "head_office", "risk"):
                assert_figures_are_true(self.engine.player.bank.people[handle])
                assert_board_is_true(self.engine.player.bank.people[handle])
        finally:
            self.clock.__exit__(None, None, None)
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)


def agree(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        EngineAgainstModel,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            # the printed rehearsal is short enough; shrinking replays hundreds of walks
            phases=[Phase.explicit, Phase.generate],
            print_blob=True,
        ),
    )


@pytest.mark.django_db
def test_engine_and_model_agree():
    agree(examples=6, steps=120)


@pytest.mark.slow
@pytest.mark.django_db
def test_engine_and_model_agree_on_long_walks():
    agree(examples=60, steps=400)
