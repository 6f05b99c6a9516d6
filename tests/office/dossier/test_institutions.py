"""Articles 11 and 13 go by the unit and the positions that a person had then, as the log has them."""

from __future__ import annotations

from datetime import timedelta

from audit import clock
from audit.models import Entry
from audit.recording import SYSTEM
from committee.actions import people
from committee.models import Position, Proxy
from office.dossier.findings import Outcome
from office.dossier.institutions import belonging
from tests.office.dossier.decided import carried_case, dossier
from tests.office.dossier.test_articles import own, tampered
from tests.stage import MEETING, Stage, as_owner, stages

carried = stages("carried", carried_case)
HELD, NOT_HELD = Outcome.HELD, Outcome.NOT_HELD
LATER, BEFORE = MEETING + timedelta(days=30), MEETING - timedelta(days=30)


def moves(stage: Stage, handle: str, *, at: object) -> None:
    """The person is of the handling institution from this moment on, as the administrator has it."""
    with clock.frozen(at):
        changes = {"unit": stage.proposal.unit}
        people.change_person(stage.now(stage[handle]), by=SYSTEM, changes=changes)


def test_who_comes_to_the_institution_afterwards_was_a_proxy_all_the_same(carried: Stage) -> None:
    moves(carried, "deputy3", at=LATER)
    assert own(dossier(carried), 11) == {HELD}


def test_who_was_of_the_institution_then_was_none_wherever_the_person_is_now(carried: Stage) -> None:
    former = carried["deputy3"].unit
    moves(carried, "deputy3", at=BEFORE)
    with clock.frozen(LATER):
        people.change_person(carried.now(carried["deputy3"]), by=SYSTEM, changes={"unit": former})
    assert carried.now(carried["deputy3"]).unit_id != carried.proposal.unit_id
    assert NOT_HELD in own(dossier(carried), 11)


def test_a_position_for_the_institution_counts_from_when_it_was_given_to_when_it_ended(
    carried: Stage,
) -> None:
    unit = carried.proposal.unit
    with clock.frozen(LATER):
        position = people.give_position(carried["deputy3"], by=SYSTEM, role="head", unit=unit)
    assert own(dossier(carried), 11) == {HELD}
    with clock.frozen(LATER):
        people.end_position(position, by=SYSTEM)
    with clock.frozen(BEFORE):
        people.give_position(carried["deputy3"], by=SYSTEM, role="head", unit=unit)
    assert NOT_HELD in own(dossier(carried), 11)


def test_a_handler_who_leaves_afterwards_had_submitted_all_the_same(carried: Stage) -> None:
    held = Position.objects.get(person=carried["handler"], role="handler")
    with clock.frozen(LATER):
        people.end_position(held, by=SYSTEM)
    assert own(dossier(carried), 13) == {HELD}


def test_who_was_no_handler_then_is_none_with_a_position_given_afterwards(carried: Stage) -> None:
    held = Position.objects.get(person=carried["handler"], role="handler")
    with clock.frozen(BEFORE):
        people.end_position(held, by=SYSTEM)
    with clock.frozen(LATER):
        people.give_position(carried["handler"], by=SYSTEM, role="handler", unit=held.unit)
    assert NOT_HELD in own(dossier(carried), 13)


def test_what_no_entry_tells_any_more_is_a_gap(carried: Stage) -> None:
    proxy = Proxy.objects.get()
    assert belonging(dossier(carried).case, proxy.holder_id, proxy.authorised_at).unit is not None
    row = Entry.objects.get(action="employ", stream=f"office:{carried.committee.bank_id}")
    as_owner("SELECT audit_erase({}, {}, {})", row.stream, row.seq, "by law")
    found = dossier(carried)
    assert belonging(found.case, proxy.holder_id, proxy.authorised_at).unit is None
    assert own(found, 11) == own(found, 13) == {HELD, Outcome.GAP}
    assert Outcome.GAP in {check.outcome for check in found.of(13).finding.checks}


def test_an_entry_on_people_that_was_changed_is_said(carried: Stage) -> None:
    tampered("ALTER TABLE audit_payload DISABLE TRIGGER USER")
    as_owner(
        "UPDATE audit_payload SET body = convert_to('{{}}', 'UTF8') WHERE commitment IN"
        " (SELECT commitment FROM audit_entry WHERE action = 'employ')"
    )
    assert dossier(carried).of(13).outcome == NOT_HELD
