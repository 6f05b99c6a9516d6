"""Questions to the observer, the answers, and what the observer sees (Art. 19)."""

import pytest
from django.db import DatabaseError, connection, transaction

from audit.models import Entry
from committee.models import Answer, Question
from committee.visibility import observed_items
from tests.stage import MEETING, Stage, said, stages


def with_observer() -> Stage:
    stage = Stage().to("taken_up")
    stage.do("admit_observer", observer=stage["handler_head"])
    return stage


observed = stages("observed", with_observer)


def ask(stage, by="seat2", text="Who values the shop?"):
    return stage.do("ask_observer", by, text=text)


# --- asking ---


@pytest.mark.article("19")
def test_a_member_asks_under_the_own_name(observed):
    question = ask(observed)
    assert (question.person, question.seat.number, question.proxy) == (observed["seat2"], 2, None)
    ask(observed, text="And the mill?")
    assert [row.text for row in observed.now(observed.proposal).item.questions.all()] == [
        "Who values the shop?", "And the mill?",
    ]  # fmt: skip


def test_a_question_is_refused_in_this_order(noticed):
    for by in ("liaison", "risk", "head_office", "auditor", "handler_head"):
        noticed.refused("20.1/no-seat", "ask_observer", by, text="")
    noticed.refused("access/not-found", "ask_observer", "credit", text="")
    noticed.proxy(powers="attend")
    noticed.refused("state/not-allowed", "ask_observer", "deputy3", text="")
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3")
    noticed.do("open_meeting")
    noticed.do("sign_out", "deputy3")
    noticed.refused("18/not-deliberated", "ask_observer", "deputy3", text="")
    noticed.do("take_up")
    noticed.refused("10/not-present", "ask_observer", "deputy3", text="")
    noticed.do("sign_in", "deputy3")
    noticed.refused("11/out-of-scope", "ask_observer", "deputy3", text="")
    noticed.refused("state/not-allowed", "ask_observer", "seat2", text="Why?")


@pytest.mark.article("11")
def test_a_proxy_with_the_power_to_speak_asks_until_the_principal_comes(noticed):
    noticed.proxy(powers="attend speak")
    noticed.travel(MEETING)
    noticed.sign_in("chair", "seat2", "deputy3")
    noticed.do("open_meeting")
    noticed.do("take_up")
    noticed.do("admit_observer", observer=noticed["handler_head"])
    question = ask(noticed, "deputy3")
    assert (question.seat.number, question.proxy.principal) == (3, noticed["seat3"])
    noticed.do("sign_in", "seat3")
    noticed.refused("11/principal-present", "ask_observer", "deputy3", text="And?")


def test_one_asks_only_while_the_observer_is_there(taken_up):
    taken_up.refused("state/not-allowed", "ask_observer", text="Why?")
    taken_up.do("admit_observer", observer=taken_up["handler_head"])
    ask(taken_up)
    taken_up.do("withdraw_observer")
    taken_up.refused("state/not-allowed", "ask_observer", text="And?")


@pytest.mark.parametrize("text", ["", "  ", "?!", "……"])
def test_a_question_and_an_answer_say_something(observed, text):
    observed.refused("text/required", "ask_observer", text=text)
    question = ask(observed)
    observed.refused("text/required", "answer_question", question=question, text=text)


# --- answering ---


def test_the_observer_answers_once(observed):
    ask(observed)
    question = ask(observed, "seat3", text="And the mill?")
    answer = observed.do("answer_question", question=question, text="An appraiser")
    assert (answer.person, answer.taken_down_by) == (observed["handler_head"], None)
    assert (answer.question, answer.text) == (question, "An appraiser")
    for by in ("handler_head", "liaison"):
        observed.refused("state/not-allowed", "answer_question", by, question=question, text="Another")


@pytest.mark.parametrize("withdrawn", [False, True])
def test_the_liaison_takes_an_answer_down_and_the_record_says_so(observed, withdrawn):
    question = ask(observed)
    if withdrawn:
        observed.do("withdraw_observer")
    answer = observed.do("answer_question", "liaison", question=question, text="An appraiser")
    assert (answer.person, answer.taken_down_by) == (observed["handler_head"], observed["liaison"])


def test_nobody_else_answers(observed):
    question = ask(observed)
    for by in ("chair", "seat2", "head_office", "risk", "handler", "auditor"):
        observed.refused("access/denied", "answer_question", by, question=question, text="So")
    for by in ("other_head", "credit", "outsider"):
        observed.refused("access/not-found", "answer_question", by, question=question, text="So")


def test_the_observer_who_has_withdrawn_answers_no_more(observed):
    question = ask(observed)
    observed.do("withdraw_observer")
    observed.refused("access/denied", "answer_question", question=question, text="An appraiser")


def test_nothing_is_answered_once_the_vote_opened(observed):
    question = ask(observed)
    observed.do("withdraw_observer")
    observed.do("open_vote")
    observed.refused(
        "state/not-allowed", "answer_question", "liaison", question=question, text="An appraiser"
    )


def test_a_question_on_another_item_is_none_of_this_one(filed):
    other = filed.another("C-2")
    filed.meeting = filed.convene(filed.proposal, other)
    filed.step = "convened"
    filed.to("taken_up")
    filed.do("take_up", on=other)
    for case in (filed.proposal, other):
        filed.do("admit_observer", on=case, observer=filed["handler_head"])
    question = ask(filed)
    filed.refused("state/not-allowed", "answer_question", on=other, question=question, text="So")


# --- what stays ---


def test_the_entries_say_what_was_asked_and_answered(observed):
    question = ask(observed)
    observed.do("answer_question", "liaison", question=question, text="An appraiser")
    told = [
        said(entry) for entry in Entry.objects.filter(stream=observed.meeting.stream).order_by("-seq")[:2]
    ]
    assert told == [
        {"question": str(question.pk), "taken_down": True, "text": "An appraiser"},
        {"question": str(question.pk), "seat": 2, "proxy": False, "text": "Who values the shop?"},
    ]


@pytest.mark.parametrize("table", ["committee_question", "committee_answer"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET text = 'x'", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_neither_changes_nor_goes_by_raw_sql(observed, table, statement):
    observed.do("answer_question", question=ask(observed), text="An appraiser")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))
    assert Question.objects.filter(person=observed["seat2"], text="Who values the shop?").exists()
    assert Answer.objects.filter(person=observed["handler_head"], text="An appraiser").exists()


def test_a_question_has_one_answer_in_the_database_too(observed):
    question = ask(observed)
    observed.do("answer_question", question=question, text="An appraiser")
    with pytest.raises(DatabaseError, match="unique"), transaction.atomic():
        Answer.objects.create(
            question=question, person=observed["handler_head"], text="Another", at=question.at
        )


# --- what the observer sees ---


def test_the_observer_sees_the_item_from_admission_to_withdrawal(taken_up):
    head, item = taken_up["handler_head"], taken_up.now(taken_up.proposal).item
    assert list(observed_items(head)) == []
    taken_up.do("admit_observer", observer=head)
    assert list(observed_items(head)) == [item]
    for other in ("other_head", "seat2", "handler"):
        assert list(observed_items(taken_up[other])) == []
    taken_up.do("withdraw_observer")
    assert list(observed_items(head)) == []


@pytest.mark.parametrize(("verb", "given"), [("close_meeting", {}), ("withdraw", {"reason": "Paid"})])
def test_nor_after_the_item_left_or_the_meeting_closed(observed, verb, given):
    observed.do(verb, **given)
    assert list(observed_items(observed["handler_head"])) == []
