"""Drawing up, signing and distributing the minutes (Art. 9.4, 12.3, 21)."""

import json

import pytest
from django.db import DatabaseError, transaction

from audit.models import Entry
from committee.models import Unit
from office.models import Copy, Minutes
from tests.stage import Stage, as_owner, said, stages
from tests.voting.test_votes import OUTCOMES


def two_institutions() -> Stage:
    """Two plans, of two institutions, both rejected with reasons; the minutes are signed."""
    stage = Stage().to("filed")
    other = stage.another("C-2", by="other_handler", title="The other's plan")
    stage.meeting = stage.convene(stage.proposal, other)
    stage.step, stage.other = "convened", other
    stage.to("voting")
    stage.cast("for", "against:期限过长", "against:No source")
    stage.do("close_vote")
    stage.do("take_up", on=other)
    stage.do("open_vote", on=other)
    for handle in stage.seats:
        stage.do("cast", handle, on=other, choice="against", reason=f"Reason of {handle}")
    stage.do("close_vote", on=other)
    stage.step = "carried"
    return stage.to("signed")


two = stages("two", two_institutions)


def minutes(stage):
    return Minutes.objects.get(meeting=stage.meeting)


@pytest.mark.article("21")
def test_minutes_are_drafted_numbered_and_signed(closed):
    made = closed.do("draft_minutes", narrative="What was said.")
    assert str(made) == f"呼联纪〔2026〕{made.number}号"
    assert (made.state, made.narrative, closed.meeting_state) == ("drafted", "What was said.", "minuted")
    signed = closed.do("sign_minutes")
    assert (signed.state, signed.signed_by, closed.meeting_state) == ("signed", closed["chair"], "signed")


def test_they_are_amended_until_signed(minuted):
    before = minutes(minuted).digest
    minuted.do("amend_minutes", narrative="What was really said.")
    assert (minutes(minuted).narrative, minutes(minuted).digest == before) == ("What was really said.", False)
    minuted.do("sign_minutes")
    minuted.refused("21/already-effective", "amend_minutes", narrative="Otherwise")


def test_every_save_is_a_revision_and_figures_are_in_none(minuted):
    record = minutes(minuted).record
    minuted.do("amend_minutes", narrative="Second.")
    minuted.do("amend_minutes", narrative="Third.", over=2)
    rows = list(minutes(minuted).revisions.values_list("number", "narrative", "saved_by", "digest"))
    assert [row[:3] for row in rows] == [
        (1, "What was said.", minuted["liaison"].pk),
        (2, "Second.", minuted["liaison"].pk),
        (3, "Third.", minuted["liaison"].pk),
    ]
    assert rows[-1][3] == minutes(minuted).digest
    assert minutes(minuted).record == record


@pytest.mark.article("21")
@pytest.mark.parametrize("over", [0, 1, 3, 10**12])
def test_a_save_over_another_than_the_latest_revision_is_refused(minuted, over):
    minuted.do("amend_minutes", narrative="Second.", over=1)
    refused = minuted.refused("state/not-allowed", "amend_minutes", narrative="Mine", over=over)
    assert "revision 2" in refused.message()
    assert minutes(minuted).narrative == "Second."
    assert minutes(minuted).revisions.count() == 2


def test_a_revision_never_changes(minuted):
    for change in ("UPDATE office_minutesrevision SET narrative = ''", "DELETE FROM office_minutesrevision"):
        with pytest.raises(DatabaseError), transaction.atomic():
            as_owner(change)


@pytest.mark.parametrize("step", ["signed", "distributed", "archived"])
def test_signed_minutes_never_change(founded, step):
    founded.to(step)
    before = minutes(founded)
    founded.refused("21/already-effective", "amend_minutes", narrative="Otherwise")
    founded.refused("21/already-effective", "sign_minutes")
    founded.refused("state/not-allowed", "draft_minutes", narrative="Anew")
    after = minutes(founded)
    assert (after.narrative, after.record, after.digest) == (before.narrative, before.record, before.digest)


def test_drafting_again_is_past(minuted):
    minuted.refused("state/not-allowed", "draft_minutes", narrative="Anew")


@pytest.mark.parametrize("step", ["convened", "in_session"])
@pytest.mark.parametrize(
    ("verb", "given"),
    [
        ("draft_minutes", {"narrative": "Said."}),
        ("amend_minutes", {"narrative": "Said."}),
        *(
            (verb, {})
            for verb in ("sign_minutes", "distribute", "report_decisions", "archive", "receive_report")
        ),
    ],
)
def test_before_the_closing_there_is_nothing_to_minute(founded, step, verb, given):
    founded.to(step)
    founded.refused("state/not-allowed", verb, **given)


@pytest.mark.parametrize("verb", ["amend_minutes", "sign_minutes"])
def test_without_a_draft_there_is_nothing_to_amend_or_sign(closed, verb):
    closed.refused("state/not-allowed", verb, **({"narrative": "Said."} if verb == "amend_minutes" else {}))


@pytest.mark.article("12")
@pytest.mark.parametrize("verb", ["draft_minutes", "amend_minutes", "distribute"])
def test_the_liaison_draws_up_and_distributes(minuted, verb):
    given = {} if verb == "distribute" else {"narrative": "Said."}
    for by in ("chair", "seat2", "head_office", "risk"):
        minuted.refused("12/only-liaison", verb, by, **given)
    minuted.refused("access/not-found", verb, "handler", **given)


@pytest.mark.article("9")
def test_the_chair_signs_present_or_not(minuted):
    for by in ("liaison", "seat2", "head_office"):
        minuted.refused("9/only-chair", "sign_minutes", by)
    minuted.do("sign_minutes")


def test_the_meetings_acting_chair_signs_too(in_session):
    in_session.do("appoint_acting_chair", seat=2)
    in_session.do("close_meeting")
    in_session.do("draft_minutes", narrative="Said.")
    in_session.do("sign_minutes", "seat2")


def test_signing_is_no_veto(nine_voting):
    """What was rejected stays rejected, signed or not; nothing else than signing is the chair's to do."""
    ballots, state, _ = OUTCOMES[1]
    nine_voting.cast(*ballots)
    nine_voting.do("close_vote")
    nine_voting.do("close_meeting")
    nine_voting.do("draft_minutes", narrative="Said.")
    nine_voting.do("sign_minutes")
    assert nine_voting.state == state


# --- distribution ---


@pytest.mark.parametrize("step", ["closed", "minuted"])
def test_minutes_are_distributed_once_signed(founded, step):
    founded.to(step)
    founded.refused("21/minutes-not-signed", "distribute")


def test_they_are_distributed_once(distributed):
    distributed.refused("state/not-allowed", "distribute")


def test_departments_have_them_in_full_and_each_institution_its_own_items(two):
    two.do("distribute")
    copies = Copy.objects.filter(minutes=minutes(two)).select_related("unit")
    departments = Unit.objects.filter(parent=two.committee.branch, kind=Unit.Kind.DEPARTMENT)
    assert {copy.unit for copy in copies if copy.full} == set(departments)
    assert {copy.unit for copy in copies if not copy.full} == {two["handler"].unit, two["other_handler"].unit}
    entry = Entry.objects.get(action="distribute", stream=two.meeting.stream)
    assert {*said(entry)["in_full"]} == {str(unit.pk) for unit in departments}
    assert {*said(entry)["own_items"]} == {str(two[who].unit_id) for who in ("handler", "other_handler")}
    for copy in copies:
        if copy.full:
            assert copy.content == {"narrative": minutes(two).narrative, "record": minutes(two).record}


@pytest.mark.parametrize("handler", ["handler", "other_handler"])
def test_an_institution_has_counts_and_reasons_without_names(two, handler):
    two.do("distribute")
    copy = Copy.objects.get(minutes=minutes(two), unit=two[handler].unit)
    own = two.now(two.proposal if handler == "handler" else two.other)
    foreign = two.now(two.other if handler == "handler" else two.proposal)
    assert [item["title"] for item in copy.content["items"]] == [own.title]
    (vote,) = copy.content["items"][0]["votes"]
    reasons = {row["reason"] for row in vote["reasons"]}
    if handler == "handler":
        assert (vote["counts"]["for"], vote["counts"]["against"]) == (1, 2)
        assert reasons == {"期限过长", "No source"}
    else:
        assert reasons == {"Reason of chair", "Reason of seat2", "Reason of seat3"}
    text = json.dumps(copy.content, ensure_ascii=False)
    for person in two.people.values():
        assert person.display_name not in text
    assert foreign.title not in text
    for word in ('"seat"', "post", "commitment", "opinions", "attendance", minutes(two).narrative):
        assert word not in text


def test_an_institution_whose_item_was_dropped_gets_no_copy(filed):
    other = filed.another("C-2", by="other_handler")
    filed.meeting = filed.convene(filed.proposal, other)
    filed.do("change_meeting", proposals=[filed.proposal])
    filed.step = "convened"
    filed.to("distributed")
    assert not Copy.objects.filter(minutes=minutes(filed), unit=filed["other_handler"].unit).exists()
