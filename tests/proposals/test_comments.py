"""Comments at the fields of a plan, between the liaison and the handling institution (Art. 14)."""

from __future__ import annotations

import pytest

from audit.models import Entry
from committee.models import Message
from proposals.actions.comments import MOST
from proposals.models import PlanComment
from proposals.plan.places import is_place
from tests.stage import Stage, said

FIELD = "$.loans[0].principal"


def told(kind: str = "comment") -> list[tuple[int, str]]:
    return [(row.person_id, row.context["text"]) for row in Message.objects.filter(kind=kind).order_by("pk")]


@pytest.mark.article(14)
def test_what_the_liaison_remarks_before_the_return_is_told_with_it(submitted: Stage):
    row = submitted.do("comment", "liaison", field=FIELD, text="As of which day?")
    assert (row.side, row.version_id) == ("liaison", submitted.now(submitted.proposal).submitted_version_id)
    assert told() == []
    submitted.do("return", reason="See the comments")
    answer = submitted.do("comment", "handler", field=FIELD, text="As of 1 March")
    assert answer.side == "institution"
    assert told() == []
    submitted.do("comment", "liaison", field="$.executor", text="Who stands in?")
    assert told() == [(submitted["handler"].pk, "Who stands in?")]
    submitted.do("submit")
    submitted.do("comment", "handler", field="$.executor", text="The deputy")
    assert told() == [(submitted["handler"].pk, "Who stands in?"), (submitted["liaison"].pk, "The deputy")]


def test_its_entry_names_the_field_and_not_the_words(submitted: Stage):
    row = submitted.do("comment", "liaison", field=FIELD, text="As of which day?")
    entry = Entry.objects.get(stream=submitted.proposal.stream, action="comment")
    assert said(entry) == {"comment": row.pk, "field": FIELD, "side": "liaison"}


def test_the_two_sides_alone_write(submitted: Stage):
    given = {"field": FIELD, "text": "Why?"}
    for handle in ("chair", "risk", "auditor", "handler_head"):
        submitted.refused("access/denied", "comment", handle, **given)
    for handle in ("seat2", "credit", "other_handler", "outsider"):
        submitted.refused("access/not-found", "comment", handle, **given)


def test_one_says_something_at_a_field_of_the_plan(submitted: Stage):
    submitted.refused("text/required", "comment", field=FIELD, text=" \u200b ")
    for field in ("", "$", "principal", "$.loans[0].nothing", "$.loans[00]", "$.x" * 60):
        submitted.refused("comment/invalid", "comment", field=field, text="Why?")
    submitted.refused("comment/invalid", "comment", field=FIELD, text="x" * (MOST + 1))
    assert submitted.do("comment", field=FIELD, text="x" * MOST).text


def test_after_screening_nobody_comments_any_more(shortlisted: Stage):
    shortlisted.refused("state/not-allowed", "comment", "liaison", field=FIELD, text="Too late")
    shortlisted.refused("state/not-allowed", "comment", "handler", field=FIELD, text="Too late")
    assert not PlanComment.objects.filter(proposal=shortlisted.proposal).exists()


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("$.title", True),
        ("$.loans", True),
        ("$.loans[3].rate", True),
        ("$.measures[1]", True),
        ("$.conditions['7.3']", True),
        ("$.alternatives[0].flows[1].amount", True),
        ("$.conditions['7.9']", False),
        ("$.loans.rate", False),
        ("$.loans[0][1]", False),
        ("$.title.x", False),
        ("$.loans[2000]", False),
        ("$.title ", False),
    ],
)
def test_a_place_is_spelled_in_one_way(path, is_one):
    assert is_place(path) is is_one
