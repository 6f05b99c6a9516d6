"""Opinions that the liaison takes down and the speaker confirms (Art. 10.3, 12.3)."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from audit.models import Entry
from committee.models import Opinion, OpinionDraft
from office import record
from tests.stage import MEETING, Stage, plan, said, stages

SAID = "Sound, said aloud"


def only_special() -> Stage:
    stage = Stage()
    stage.plan = plan(conditions={"7.6": "A flood"})
    return stage.to("taken_up")


special = stages("special", only_special)


def by_proxy(noticed, powers="attend speak vote"):
    noticed.proxy(powers=powers)
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3")
    noticed.do("open_meeting")
    noticed.do("take_up")


def take_down(stage, seat=2, text=SAID):
    return stage.do("take_down_opinion", seat=seat, text=text)


def told(stage, action):
    """What the last entry of the action says."""
    entry = Entry.objects.filter(stream=stage.meeting.stream, action=action).latest("seq")
    return said(entry)


def places(text):
    """The tables of ours in which the text stands."""
    found = set()
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{text}%"])
            if cursor.fetchone()[0]:
                found.add(table)
    return found


# --- taking down ---


@pytest.mark.article("10")
def test_what_the_liaison_took_down_waits_for_the_member_and_is_no_opinion(taken_up):
    draft = take_down(taken_up)
    assert (draft.person, draft.seat.number, draft.proxy) == (taken_up["seat2"], 2, None)
    assert draft.taken_down_by == taken_up["liaison"]
    assert not Opinion.objects.filter(item=draft.item).exists()
    assert SAID not in str(record.of_meeting(taken_up.now(taken_up.meeting)))


def test_taking_down_is_refused_in_this_order(noticed):
    for by in ("chair", "seat2", "deputy3", "head_office", "handler_head"):
        code = "access/not-found" if by == "deputy3" else "12/only-liaison"
        noticed.refused(code, "take_down_opinion", by, seat=3, text="")
    noticed.proxy(powers="attend")
    noticed.refused("state/not-allowed", "take_down_opinion", seat=3, text="")
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3")
    noticed.do("open_meeting")
    noticed.do("sign_out", "deputy3")
    noticed.refused("18/not-deliberated", "take_down_opinion", seat=3, text="")
    noticed.do("take_up")
    noticed.do("admit_observer", observer=noticed["handler_head"])
    noticed.refused("10/not-present", "take_down_opinion", seat=3, text="")
    noticed.do("sign_in", "deputy3")
    noticed.refused("11/out-of-scope", "take_down_opinion", seat=3, text="")
    noticed.refused("19/observer-present", "take_down_opinion", seat=2, text="")
    noticed.do("withdraw_observer")
    for nothing in ("", "  ", "!?"):
        noticed.refused("text/required", "take_down_opinion", seat=2, text=nothing)
    noticed.do("open_vote")
    noticed.refused("state/not-allowed", "take_down_opinion", seat=2, text=SAID)


@pytest.mark.article("11")
def test_of_a_seat_represented_it_is_the_proxys_and_nobody_elses(noticed):
    by_proxy(noticed)
    draft = take_down(noticed, seat=3)
    assert (draft.person, draft.seat.number, draft.proxy.principal) == (
        noticed["deputy3"],
        3,
        noticed["seat3"],
    )
    noticed.refused("10/not-present", "confirm_opinion", "seat3", draft=draft)
    opinion = noticed.do("confirm_opinion", "deputy3", draft=draft)
    assert (opinion.person, opinion.seat.number, opinion.proxy) == (noticed["deputy3"], 3, draft.proxy)


def test_a_proxy_that_leaves_the_item_out_is_out_of_scope(filed):
    other = filed.another("C-2")
    filed.meeting = filed.convene(filed.proposal, other)
    filed.step = "convened"
    filed.to("noticed")
    filed.proxy(proposals=[other])
    filed.travel(MEETING)
    filed.sign_in("chair", "seat2", "deputy3")
    filed.do("open_meeting")
    filed.do("take_up")
    filed.refused("11/out-of-scope", "take_down_opinion", seat=3, text=SAID)


def test_taking_down_anew_replaces_what_waits_for_the_seat_alone(taken_up):
    first, other = take_down(taken_up), take_down(taken_up, seat=3, text="Of seat 3")
    second = take_down(taken_up, text="Sounder")
    assert set(OpinionDraft.objects.filter(item=first.item)) == {other, second}
    taken_up.refused("state/not-allowed", "confirm_opinion", draft=first)
    taken_up.do("confirm_opinion", draft=second)
    assert places(SAID) == set()


def test_one_text_waits_for_a_seat_in_the_database_too(taken_up):
    draft = take_down(taken_up)
    draft.pk = None
    with pytest.raises(IntegrityError, match="one_opinion_to_be_confirmed"), transaction.atomic():
        draft.save(force_insert=True)


# --- confirming ---


def test_confirmed_it_is_an_opinion_like_any_other(taken_up):
    draft = take_down(taken_up)
    opinion = taken_up.do("confirm_opinion", draft=draft)
    assert (opinion.person, opinion.seat.number, opinion.text) == (taken_up["seat2"], 2, SAID)
    assert not OpinionDraft.objects.filter(item=opinion.item).exists()
    (item,) = record.of_meeting(taken_up.now(taken_up.meeting))["items"]
    assert [row["text"] for row in item["opinions"]] == [SAID]
    assert told(taken_up, "confirm_opinion") == {
        "seat": 2, "proxy": False, "text": SAID, "taken_down_by": str(taken_up["liaison"].pk),
    }  # fmt: skip
    taken_up.refused("state/not-allowed", "confirm_opinion", draft=draft)


def test_nobody_else_confirms_or_declines_it(taken_up):
    draft = take_down(taken_up)
    for verb in ("confirm_opinion", "decline_opinion"):
        for by in ("chair", "seat3"):
            taken_up.refused("state/not-allowed", verb, by, draft=draft)
        for by in ("liaison", "head_office", "handler_head"):
            taken_up.refused("20.1/no-seat", verb, by, draft=draft)


def test_confirming_has_the_rules_of_recording(taken_up):
    draft = take_down(taken_up)
    taken_up.do("sign_out", "seat2")
    taken_up.refused("10/not-present", "confirm_opinion", draft=draft)
    taken_up.do("sign_in", "seat2")
    taken_up.do("admit_observer", observer=taken_up["handler_head"])
    taken_up.refused("19/observer-present", "confirm_opinion", draft=draft)
    taken_up.do("withdraw_observer")
    taken_up.do("confirm_opinion", draft=draft)


def test_once_the_principal_came_the_holder_neither_confirms_nor_declines(noticed):
    by_proxy(noticed)
    draft = take_down(noticed, seat=3)
    noticed.do("sign_in", "seat3")
    for verb in ("confirm_opinion", "decline_opinion"):
        noticed.refused("11/principal-present", verb, "deputy3", draft=draft)
        noticed.refused("state/not-allowed", verb, "seat3", draft=draft)
    take_down(noticed, seat=3, text="Of the principal")
    assert places(SAID) == set()


def test_what_waits_on_one_item_is_not_confirmed_on_another(filed):
    other = filed.another("C-2")
    filed.meeting = filed.convene(filed.proposal, other)
    filed.step = "convened"
    filed.to("taken_up")
    filed.do("take_up", on=other)
    draft = take_down(filed)
    for verb in ("confirm_opinion", "decline_opinion"):
        filed.refused("state/not-allowed", verb, on=other, draft=draft)


# --- what is not confirmed ---


def test_declined_it_is_gone_and_the_entry_stays(taken_up):
    draft = take_down(taken_up)
    taken_up.do("decline_opinion", draft=draft)
    assert places(SAID) == set()
    assert told(taken_up, "take_down_opinion") == {
        "seat": 2, "proxy": False, "speaker": str(taken_up["seat2"].pk), "text": SAID,
    }  # fmt: skip
    assert told(taken_up, "decline_opinion") == {"seat": 2}
    for verb in ("confirm_opinion", "decline_opinion"):
        taken_up.refused("state/not-allowed", verb, draft=draft)


def test_one_declines_also_while_an_observer_is_there(taken_up):
    draft = take_down(taken_up)
    taken_up.do("admit_observer", observer=taken_up["handler_head"])
    taken_up.do("decline_opinion", draft=draft)


def test_before_it_is_confirmed_it_stands_nowhere_else(taken_up):
    take_down(taken_up)
    assert places(SAID) == {"committee_opiniondraft"}


@pytest.mark.parametrize(
    ("verb", "given"),
    [("open_vote", {}), ("close_meeting", {}), ("withdraw", {"reason": "Paid"})],
)
def test_it_goes_when_the_vote_opens_or_the_item_leaves(taken_up, verb, given):
    draft = take_down(taken_up)
    taken_up.do(verb, **given)
    assert places(SAID) == set()
    for act in ("confirm_opinion", "decline_opinion"):
        taken_up.refused("state/not-allowed", act, draft=draft)


def test_it_does_not_come_back_after_the_vote_on_special_circumstances(special):
    draft = take_down(special)
    special.do("open_vote", question="special-circumstances")
    special.cast()
    special.do("close_vote")
    special.refused("state/not-allowed", "confirm_opinion", draft=draft)


def test_no_log_line_has_it(taken_up, caplog):
    with caplog.at_level("DEBUG", logger="lianxi.refused"):
        draft = take_down(taken_up)
        taken_up.refused("state/not-allowed", "confirm_opinion", "chair", draft=draft)
    assert SAID not in caplog.text
