"""Plans under real concurrency: every runner on its own connection, all started together, all committed."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from audit import clock
from audit.models import Entry
from committee.models import AgendaItem, Meeting
from proposals.actions import agenda, plans, screening
from proposals.models import Docket, LiveContract, Proposal
from regulation.refused import Refused
from tests.databases import Database
from tests.voting import racing

THREADS = 8
REASON = "The borrower's account is frozen tomorrow"


@pytest.fixture
def bank(fresh_db: Database) -> racing.Bank:
    return racing.found()


@pytest.fixture
def racers(fresh_db: Database) -> Iterator[racing.Racers]:
    with racing.racers(THREADS) as made:
        yield made


@pytest.mark.parametrize("trials", [10, pytest.param(200, marks=pytest.mark.slow)])
def test_one_of_two_sessions_of_the_liaison_shortlists(
    trials: int, bank: racing.Bank, racers: racing.Racers
) -> None:
    for _ in range(trials):
        proposal = racing.submitted(bank)
        shortlisting = functools.partial(screening.shortlist, proposal, by=bank.people["liaison"])
        assert racing.outcomes(racers.race(shortlisting, shortlisting)) == ["accepted", "state/not-allowed"]
        assert Entry.objects.filter(stream=proposal.stream, action="shortlist").count() == 1
    racing.assert_log_holds()


@pytest.mark.parametrize("trials", [10, pytest.param(200, marks=pytest.mark.slow)])
def test_of_two_plans_that_share_a_contract_one_is_submitted(
    trials: int, bank: racing.Bank, racers: racing.Racers
) -> None:
    """They name their contracts in opposite order, and the second contract of both is the same."""
    for trial in range(trials):
        drafts = [
            (by, plans.draft(bank.committee, by=bank.people[by], plan=racing.plan(*contracts)))
            for by, contracts in [
                ("handler", [f"A-{trial}", f"B-{trial}"]),
                ("other_handler", [f"B-{trial}", f"A-{trial}"]),
            ]
        ]
        results = racers.race(
            *(functools.partial(plans.submit, draft, by=bank.people[by]) for by, draft in drafts)
        )
        assert racing.outcomes(results) == ["13/already-submitted", "accepted"]
        states = sorted(Proposal.objects.get(pk=draft.pk).state for _, draft in drafts)
        assert states == ["draft", "submitted"]
        assert LiveContract.objects.filter(contract_no=f"A-{trial}").count() == 1
    assert numbers(Proposal) == list(range(1, trials + 1))
    racing.assert_log_holds()


def convened(bank: racing.Bank, *on_agenda: Proposal) -> Meeting:
    return convening(bank, *on_agenda)()


def test_a_plan_amended_while_its_submission_waits_is_submitted_as_amended(
    bank: racing.Bank, racers: racing.Racers, fresh_db: Database
) -> None:
    by = bank.people["handler"]
    draft = racing.drafted(bank)
    with transaction.atomic():
        plans.amend(draft, by=by, changes={"title": "As amended"})
        submitting = racers.start(functools.partial(plans.submit, draft, by=by))
        racing.await_waiting(fresh_db)
    assert submitting.result(60).title == "As amended"
    assert Proposal.objects.get(pk=draft.pk).state == "submitted"


def test_a_plan_tabled_while_its_withdrawal_waits_leaves_the_agenda(
    bank: racing.Bank, racers: racing.Racers, fresh_db: Database
) -> None:
    (filed,) = racing.filed(bank, 1)
    with transaction.atomic():
        meeting = convened(bank, filed)
        withdrawing = racers.start(
            functools.partial(plans.withdraw, filed, by=bank.people["handler"], reason=REASON)
        )
        racing.await_waiting(fresh_db)
    withdrawing.result(60)
    assert Meeting.objects.get(pk=meeting.pk).state == "cancelled"
    assert not AgendaItem.objects.filter(meeting=meeting, left_at=None).exists()


def test_nobody_waits_for_a_meeting_with_a_proposal_in_hand(
    bank: racing.Bank, racers: racing.Racers, fresh_db: Database
) -> None:
    """A withdrawal that finds its plan tabled elsewhere lets it go before it queues for that meeting."""
    there, added = racing.filed(bank, 2)
    meeting = convened(bank, there)
    with fresh_db.connect() as other:
        with transaction.atomic():
            agenda.change_meeting(meeting, by=bank.people["chair"], proposals=[there, added])
            withdrawing = racers.start(
                functools.partial(plans.withdraw, added, by=bank.people["handler"], reason=REASON)
            )
            racing.await_waiting(fresh_db)
            held = racers.start(
                lambda: other.execute("SELECT FROM committee_meeting WHERE id = %s FOR UPDATE", [meeting.pk])
            )
            racing.await_waiting(fresh_db, count=2)
        held.result(60)
        racing.await_waiting(fresh_db)
        other.execute("SELECT FROM proposals_proposal WHERE id = %s FOR UPDATE NOWAIT", [added.pk])
    withdrawing.result(60)
    assert Proposal.objects.get(pk=added.pk).state == "withdrawn"
    racing.assert_log_holds()


@pytest.mark.parametrize("rounds", [2, pytest.param(40, marks=pytest.mark.slow)])
def test_numbers_have_no_gap_and_no_double(rounds: int, bank: racing.Bank, racers: racing.Racers) -> None:
    """In every round eight submit, eight file a docket and eight convene; some are rolled back at the end."""
    kept = {"submit": 0, "file": 0, "convene": 0}
    for _ in range(rounds):
        drafted = [racing.drafted(bank) for _ in range(THREADS)]
        shortlisted = racing.shortlisted(bank, THREADS)
        filed = racing.filed(bank, THREADS)
        kept["file"] += 1
        kept["submit"] += 2 * THREADS
        for kind, runners in {
            "submit": [functools.partial(plans.submit, each, by=bank.people["handler"]) for each in drafted],
            "file": [
                functools.partial(
                    screening.file_docket, bank.committee, by=bank.people["liaison"], proposals=[each]
                )
                for each in shortlisted
            ],
            "convene": [convening(bank, each) for each in filed],
        }.items():
            kept[kind] += race_and_undo_some(racers, runners)
    assert numbers(Proposal) == list(range(1, kept["submit"] + 1))
    assert numbers(Docket) == list(range(1, kept["file"] + 1))
    assert numbers(Meeting) == list(range(1, kept["convene"] + 1))
    racing.assert_log_holds()


def convening(bank: racing.Bank, *on_agenda: Proposal) -> Callable[[], Any]:
    return functools.partial(
        agenda.convene,
        bank.committee,
        by=bank.people["chair"],
        at=clock.now() + timedelta(hours=1),
        place="Room 1",
        proposals=on_agenda,
        emergency=True,
        reason=REASON,
    )


def race_and_undo_some(racers: racing.Racers, runners: Sequence[Callable[[], Any]]) -> int:
    """How many of the runners were committed; the others were rolled back after their last step."""
    undone = [random.random() < 0.3 for _ in runners]

    def run(runner: Callable[[], Any], undo: bool) -> None:
        with transaction.atomic():
            runner()
            transaction.set_rollback(undo)

    results = racers.race(
        *(functools.partial(run, runner, undo) for runner, undo in zip(runners, undone, strict=True))
    )
    assert not any(isinstance(result, Refused) for result in results)
    return undone.count(False)


def numbers(model: Any) -> list[int]:
    """The numbers given out, in order."""
    return list(
        model.objects.filter(number__isnull=False).order_by("number").values_list("number", flat=True)
    )
