"""The acts of the watch, supervision, targets, tasks and reviews: by whom, when, refused for what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from audit import clock
from audit.models import Entry
from audit.recording import SYSTEM
from portfolio import files
from portfolio.actions.accountability import lapse_reviews
from portfolio.actions.warnings import escalate_warnings
from portfolio.models import (
    Accountability,
    Admonishment,
    Cause,
    Institution,
    Ranking,
    Reply,
    Supervision,
    Target,
    TargetSet,
    Warning,  # noqa: A004  the term of the field
    WatchSeen,
)
from portfolio.permissions import ACTS
from regulation.refused import Refused
from tests.portfolio.books import DAY, Books, filled, give
from tests.portfolio.watching import BASE, YEAR_START, M, figures, judged, policy
from tests.stage import Stage, stages, undone

#: of the package's acts those that are tried here, by the modules of their actions
MODULES = {"warnings", "tasks", "rankings", "supervision", "targets", "accountability"}
TRIED_HERE = {verb: act for verb, act in ACTS.items() if act.action.partition(".")[0] in MODULES}
TODAY, DUE = date(2026, 3, 10), date(2026, 3, 17)
RISE = 10 * M


def _made() -> Stage:
    stage = Stage().to("submitted")
    books = stage.books = filled(stage)
    policy(books, review_calendar={"2026": [2025]})
    for on, first in ((YEAR_START, 82 * M), (BASE, 82 * M), (TODAY, 92 * M)):
        tape = figures(books, on, first=first, second=50 * M, third=40 * M)
    give(books, "A-1", "collector", "collection")
    with clock.frozen(stage.clock):
        clock.travel(clock.now() + timedelta(days=8))
        judged(tape, by=SYSTEM)
    return stage


acted = stages("acted", _made)


@pytest.fixture
def books(acted) -> Books:
    acted.travel("2026-03-10T18:00+08:00")
    return acted.books


def act(books: Books, verb: str, on: Any, by: str, **given: Any) -> Any:
    return ACTS[verb].do(on, by=books[by], **given)


def refused(code: str, books: Books, verb: str, on: Any, by: str, **given: Any) -> Refused:
    """The verb is refused with the code, and nothing is written."""
    before = Entry.objects.count()
    with pytest.raises(Refused) as caught:
        act(books, verb, on, by, **given)
    assert caught.value.code == code
    assert Entry.objects.count() == before
    return caught.value


# -- Objects in each state --------------------------------------------------------------------------

CALL = {"channel": "phone", "spoken_with": "Head of the first", "said": "The rise must be explained"}
REPLY = {
    "causes": [
        {"kind": "new_arrears", "amount": 6 * M, "text": "Two enterprises"},
        {"kind": "data_entry", "amount": 4 * M},
    ],
    "measures": [{"text": "Visit both", "on": "2026-03-20"}],
}
TEAM = ("presiding", "responsible", "compliance", "markets", "staff")
TARGETS = [
    {"institution": "15101", "metric": "closing_npl", "amount": 80 * M},
    {"institution": "15101", "metric": "money", "amount": 5 * M},
    {"institution": "15102", "metric": "closing_npl", "amount": 45 * M},
    {"institution": "15201", "metric": "closing_npl", "amount": 30 * M},
]


def call() -> dict[str, Any]:
    return CALL | {"spoken_at": clock.now()}


def warning(books: Books, state: str = "raised", trigger: str = "rebound") -> Warning:
    row = Warning.objects.get(institution=books.institutions["first"], trigger=trigger)
    steps = {
        "issued": lambda: act(books, "issue_warning", row, "office", **call()),
        "seen": lambda: act(books, "see_warning", row, "handler_head"),
        "replied": lambda: act(books, "reply_to_warning", row, "handler_head", **REPLY),
        "accepted": lambda: act(books, "accept_reply", row, "office"),
        "closed": lambda: act(books, "close_warning", row, "office"),
    }
    if state == "sent_back":
        warning(books, "replied", trigger)
        act(books, "send_back_reply", row, "office", reason="Too vague")
    elif state == "dismissed":
        act(books, "dismiss_warning", row, "office", reason="An error of the tape")
    elif state != "raised":
        for step, do in steps.items():
            do()
            if step == state:
                break
    row.refresh_from_db()
    return row


def team(books: Books) -> list[tuple[str, Any]]:
    people = ("head_office", "union_risk", "auditor", "office", "other_office")
    return [(office, books[handle]) for office, handle in zip(TEAM, people, strict=True)]


def visit(books: Books, **given: Any) -> dict[str, Any]:
    whole = {"from_on": TODAY, "to_on": TODAY + timedelta(days=5), "purpose": "The rise"}
    return {"team": team(books)} | whole | given


def supervision(books: Books, state: str = "planned", *, findings: int = 1) -> Supervision:
    row = act(books, "plan_supervision", books.institutions["first"], "head_office", **visit(books))
    if state == "planned":
        return row
    act(books, "begin_supervision", row, "head_office")
    if state != "on_site":
        for number in range(findings):
            act(books, "add_finding", row, "head_office", text=f"No visits ({number})")
        act(books, "report_findings", row, "head_office")
    if state in {"rectifying", "closed"}:
        act(books, "demand_rectification", row, "head_office", due=TODAY + timedelta(days=30))
    if state == "closed":
        for number in range(findings):
            act(books, "settle_finding", row, "head_office", number=number + 1, remedy="Done")
        act(books, "close_supervision", row, "head_office", conclusion="In order")
    row.refresh_from_db()
    return row


def admonishment(books: Books, state: str = "due") -> Admonishment:
    row = Admonishment.objects.create(
        institution=books.institutions["first"], year=2025, amount=M, raised_at=clock.now(), due_on=DUE
    )
    if state == "talk_held":
        act(books, "hold_talk", row, "head_office", **talk(books))
        row.refresh_from_db()
    return row


def talk(books: Books) -> dict[str, Any]:
    return {"person": books["handler_head"], "held_on": TODAY, "minutes": "What was said"}


def target_set(books: Books, state: str = "draft") -> TargetSet:
    row = act(books, "draft_targets", books.institutions["union"], "head_office", **wanted())
    return row if state == "draft" else act(books, "lock_targets", row, "head_office")


def wanted(**given: Any) -> dict[str, Any]:
    return {"year": 2026, "targets": TARGETS, "reason": "The year's plan"} | given


def review(books: Books, state: str = "listed") -> Accountability:
    act(books, "list_for_review", books.institutions["first"], "risk", year=2026)
    row = Accountability.objects.filter(institution=books.institutions["first"]).order_by("pk")[0]
    steps: Mapping[str, Callable[[], Any]] = {
        "served": lambda: act(books, "serve_review", row, "risk", served_on=TODAY),
        "recovering": lambda: act(books, "set_recovery_limit", row, "risk", limit=DUE),
        "overdue": lambda: lapse_reviews(DUE + timedelta(days=1), by=SYSTEM),
        "measures": lambda: act(
            books, "record_measures", row, "risk", text="待岗", document_no="人〔2026〕1号"
        ),
        "closed": lambda: act(books, "close_review", row, "risk", conclusion="Closed"),
    }
    if state == "recovered":
        review(books, "recovering")
        recovered(row)
        act(books, "confirm_recovery", row, "risk")
    elif state != "listed":
        for step, do in steps.items():
            do()
            if step == state:
                break
    row.refresh_from_db()
    return row


def recovered(row: Accountability) -> None:
    row.loan.loan_class = 1
    row.loan.save(update_fields=["loan_class"])


def household(books: Books) -> Any:
    return books.loans["A-1"].borrower.household


def task(books: Books) -> dict[str, Any]:
    return {"collector": books["collector"], "amount": M, "due": DUE}


def at(name: str) -> Callable[[Books], Institution]:
    return lambda books: books.institutions[name]


HEADS, HANDLING = {"handler_head"}, {"handler", "handler_head"}
WARNERS = {"office", "risk", "union_risk", "head_office"}
UNION, RISKS = {"head_office"}, {"risk", "union_risk"}
WHY = {"reason": "Because"}
#: verb → the object in a state of the verb, whose act it is, and what it is given
TRIED: Mapping[str, tuple[Callable[[Books], Any], set[str], Callable[[Books], dict[str, Any]]]] = {
    "see_watch": (at("first"), HEADS, lambda books: {"as_of": TODAY}),
    "issue_warning": (warning, WARNERS, lambda books: call()),
    "dismiss_warning": (warning, WARNERS, lambda books: WHY),
    "see_warning": (lambda books: warning(books, "issued"), HEADS, lambda books: {}),
    "reply_to_warning": (lambda books: warning(books, "seen"), HEADS, lambda books: REPLY),
    "accept_reply": (lambda books: warning(books, "replied"), WARNERS, lambda books: {}),
    "send_back_reply": (lambda books: warning(books, "replied"), WARNERS, lambda books: WHY),
    "close_warning": (lambda books: warning(books, "accepted"), WARNERS, lambda books: {}),
    "assign_task": (household, HANDLING, task),
    "freeze_ranking": (
        lambda books: (target_set(books, "locked"), books.institutions["union"])[1], UNION,
        lambda books: {"as_of": TODAY},
    ),
    "plan_supervision": (at("first"), UNION, visit),
    "begin_supervision": (supervision, UNION, lambda books: {}),
    "add_finding": (lambda books: supervision(books, "on_site"), UNION, lambda books: {"text": "No visits"}),
    "report_findings": (lambda books: supervision(books, "on_site"), UNION, lambda books: {}),
    "demand_rectification": (lambda books: supervision(books, "findings"), UNION, lambda books: {"due": DUE}),
    "settle_finding": (
        lambda books: supervision(books, "rectifying"), UNION, lambda books: {"number": 1, "remedy": "Done"},
    ),
    "judge_leader": (
        lambda books: supervision(books, "on_site"), UNION,
        lambda books: {
            "leader": books["handler_head"], "post": "Chairman", "verdict": "diligent", "grounds": "Visits",
        },
    ),
    "suggest_change": (lambda books: supervision(books, "findings"), UNION, lambda books: {"text": "None"}),
    "close_supervision": (
        lambda books: supervision(books, "findings", findings=0), UNION,
        lambda books: {"conclusion": "In order"},
    ),
    "hold_talk": (admonishment, UNION, talk),
    "follow_up_talk": (
        lambda books: admonishment(books, "talk_held"), UNION, lambda books: {"text": "It fell"},
    ),
    "draft_targets": (at("union"), UNION, lambda books: wanted()),
    "lock_targets": (target_set, UNION, lambda books: {}),
    "list_for_review": (at("first"), RISKS, lambda books: {"year": 2026}),
    "serve_review": (review, RISKS, lambda books: {"served_on": TODAY}),
    "set_recovery_limit": (lambda books: review(books, "served"), RISKS, lambda books: {"limit": DUE}),
    "confirm_recovery": (
        lambda books: (row := review(books, "recovering"), recovered(row))[0], RISKS, lambda books: {},
    ),
    "record_measures": (
        lambda books: review(books, "overdue"), RISKS,
        lambda books: {"text": "Wages held back", "document_no": "HR 2026-1"},
    ),
    "close_review": (
        lambda books: review(books, "recovered"), RISKS, lambda books: {"conclusion": "Recovered"},
    ),
}  # fmt: skip
#: who sees nothing of the first institution, and of the union
BLIND = {"collector", "other_collector", "other_handler", "third_head", "other_office", "chair", "credit"}
BELOW = {"handler", "handler_head", "office", "risk"}
EVERYBODY = sorted(BLIND | BELOW | {"union_risk", "head_office", "auditor", "liaison"})


def test_every_verb_of_these_is_tried():
    assert TRIED.keys() == TRIED_HERE.keys()


@pytest.mark.parametrize("verb", TRIED)
def test_a_verb_is_its_officers_alone(books, verb):
    make, officers, given = TRIED[verb]
    row = make(books)
    institution = row if isinstance(row, Institution) else row.institution
    for handle in EVERYBODY:
        with undone():
            blind = BLIND | {"liaison"} | (BELOW if institution.level == "union" else set())
            expected = (
                "" if handle in officers else "access/not-found" if handle in blind else "access/denied"
            )
            try:
                act(books, verb, row, handle, **given(books))
                found = ""
            except Refused as caught:
                found = caught.code
            assert found == expected, (verb, handle)


STATES: Mapping[type, tuple[Callable[..., Any], tuple[str, ...]]] = {
    Warning: (warning, tuple(Warning.State.values)),
    Supervision: (supervision, tuple(Supervision.State.values)),
    Admonishment: (admonishment, ("due", "talk_held")),
    TargetSet: (target_set, ("draft", "locked")),
    Accountability: (review, tuple(Accountability.State.values)),
}


@pytest.mark.parametrize("verb", [verb for verb, each in TRIED_HERE.items() if each.states])
def test_a_verb_is_possible_in_its_states_alone(books, verb):
    _make, officers, given = TRIED[verb]
    make, states = STATES[ACTS[verb].on]
    for state in states:
        if state in ACTS[verb].states:
            continue
        with undone():
            row = make(books, state)
            assert row.state == state
            refused("state/not-allowed", books, verb, row, min(officers), **given(books))


@pytest.mark.parametrize("verb", TRIED)
def test_an_accepted_act_leaves_one_entry(books, verb):
    make, officers, given = TRIED[verb]
    row = make(books)
    known = set(Entry.objects.values_list("stream", "seq"))
    act(books, verb, row, min(officers), **given(books))
    (entry,) = [each for each in Entry.objects.all() if (each.stream, each.seq) not in known]
    assert entry.action == verb
    assert entry.stream.partition(":")[0] in {"institution", "ledger", "targets"}


# -- Warnings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"channel": "mail"},
        {"channel": "phone", "spoken_with": " ", "said": "x", "spoken_at": "now"},
        {"channel": "phone", "spoken_with": "Head", "said": "x"},
        {"channel": "phone", "spoken_with": "Head", "said": "x", "spoken_at": "later"},
        {"channel": "phone", "spoken_with": "Head", "said": "…", "spoken_at": "now"},
        {"channel": "phone", "spoken_with": "A\nB", "said": "x", "spoken_at": "now"},
        {"channel": "document", "file_name": "a.pdf", "file": b"%PDF"},
        {"channel": "document", "document_no": "〔2026〕1号", "file_name": "a.pdf"},
        {"channel": "document", "document_no": "〔2026〕1号", "file": b"%PDF"},
    ],
)
def test_a_warning_goes_out_by_a_channel_with_all_that_it_needs(books, given):
    moments = {"now": clock.now(), "later": clock.now() + timedelta(minutes=1)}
    if "spoken_at" in given:
        given = given | {"spoken_at": moments[given["spoken_at"]]}
    refused("warning/channel", books, "issue_warning", warning(books), "office", **{"channel": "", **given})


def test_a_warning_by_document_keeps_its_file(books, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    given = {
        "channel": "document",
        "document_no": "甘信联〔2026〕9号",
        "file_name": "预警.pdf",
        "file": b"%PDF-1",
    }
    row = act(books, "issue_warning", warning(books), "head_office", **given)
    assert files.place(row.sha256).read_bytes() == b"%PDF-1"
    assert (row.document_no, row.file_name, row.channel) == ("甘信联〔2026〕9号", "预警.pdf", "document")
    assert files.keep(b"%PDF-1") == row.sha256


def test_a_reply_is_due_in_five_working_days(books):
    assert warning(books, "issued").reply_due_on == DUE


@pytest.mark.parametrize(
    ("causes", "code"),
    [
        ([], "warning/unexplained"),
        ([{"kind": "new_arrears", "amount": RISE - 1}], "warning/unexplained"),
        ([{"kind": "new_arrears", "amount": RISE + 1}], "warning/unexplained"),
        ([{"kind": "weather", "amount": RISE}], "warning/unexplained"),
        ([{"kind": "other", "amount": str(RISE)}], "warning/unexplained"),
        ([{"kind": "other", "amount": True}], "warning/unexplained"),
        ([{"kind": "other", "amount": RISE + 1}, {"kind": "disaster", "amount": -1}], "warning/unexplained"),
        ([{"kind": "data_entry", "amount": RISE}], "warning/excuse-not-accepted"),
        (
            [{"kind": "data_entry", "amount": 1}, {"kind": "system_class", "amount": RISE - 1}],
            "warning/excuse-not-accepted",
        ),
    ],
)
def test_the_causes_of_a_reply_add_up_and_are_no_excuses(books, causes, code):
    row = warning(books, "seen")
    refused(code, books, "reply_to_warning", row, "handler_head", **REPLY | {"causes": causes})
    assert not Reply.objects.exists()


@pytest.mark.parametrize(
    "measures",
    [[], [{"text": " ", "on": "2026-03-20"}], [{"text": "Visit"}], [{"text": "Visit", "on": "20 March"}]],
)
def test_a_reply_has_dated_measures(books, measures):
    row = warning(books, "seen")
    refused(
        "warning/measures", books, "reply_to_warning", row, "handler_head", **REPLY | {"measures": measures}
    )


def test_a_reply_is_kept_with_its_causes_and_a_second_one_after_it_was_sent_back(books, acted):
    row = warning(books, "sent_back")
    acted.travel("2026-03-18T09:00+08:00")
    again = act(books, "reply_to_warning", row, "handler_head", **REPLY)
    assert [(reply.number, reply.accepted, reply.in_time) for reply in Reply.objects.filter(warning=row)] == [
        (1, False, True),
        (2, None, False),
    ]
    assert {(cause.kind, cause.amount) for cause in Cause.objects.filter(reply=again)} == {
        ("new_arrears", 6 * M),
        ("data_entry", 4 * M),
    }


def test_an_overdue_reply_goes_up_a_level_a_week(books):
    row = warning(books, "issued")
    for days, level in ((0, 0), (1, 1), (7, 1), (8, 2), (8, 2)):
        escalate_warnings(DUE + timedelta(days=days), by=SYSTEM)
        row.refresh_from_db()
        assert row.level == level
    assert Entry.objects.filter(action="escalate_warnings").count() == 2


def test_a_warning_that_was_replied_to_goes_nowhere(books):
    row = warning(books, "replied")
    assert escalate_warnings(DUE + timedelta(days=30), by=SYSTEM) == 0
    row.refresh_from_db()
    assert row.level == 0


def test_what_is_issued_is_the_rise_by_the_latest_figures(books):
    row = warning(books)
    judged(figures(books, TODAY, first=91 * M, second=50 * M, third=40 * M), by=SYSTEM)
    issued = act(books, "issue_warning", row, "office", **call())
    assert (issued.amount, issued.rejudged) == (9 * M, None)


def test_a_rise_that_is_none_any_more_is_not_issued_and_an_issued_warning_is_marked(books):
    increase = warning(books, "issued", "increase")
    judged(figures(books, TODAY, first=82 * M, second=50 * M, third=40 * M), by=SYSTEM)
    refused("warning/no-rise", books, "issue_warning", warning(books), "office", **call())
    increase.refresh_from_db()
    assert (increase.state, increase.amount, increase.rejudged) == ("issued", RISE, 0)


def test_a_day_is_seen_once_with_the_figures_as_seen(books):
    first = act(books, "see_watch", books.institutions["first"], "handler_head", as_of=TODAY)
    again = act(books, "see_watch", books.institutions["first"], "handler_head", as_of=TODAY)
    assert (first.npl, again.pk) == (92 * M, first.pk)
    assert WatchSeen.objects.count() == 1
    refused(
        "state/not-allowed", books, "see_watch", books.institutions["first"], "handler_head",
        as_of=date(2026, 3, 9),
    )  # fmt: skip


# -- Supervision ------------------------------------------------------------------------------------


def test_a_team_has_all_five_offices_and_nobody_twice(books):
    whole, first = team(books), books.institutions["first"]
    for wrong in (
        whole[:4],
        [*whole[:4], ("visitor", books["other_office"])],
        [*whole[:4], ("staff", books["head_office"])],
    ):
        refused(
            "supervision/team", books, "plan_supervision", first, "head_office", **visit(books, team=wrong)
        )
    whole[3][1].is_active = False
    try:
        refused(
            "supervision/team", books, "plan_supervision", first, "head_office", **visit(books, team=whole)
        )
    finally:
        whole[3][1].is_active = True


def test_a_supervision_with_an_open_finding_is_not_closed(books):
    row = supervision(books, "rectifying", findings=2)
    act(books, "settle_finding", row, "head_office", number=1, remedy="Done")
    refused(
        "supervision/open-findings", books, "close_supervision", row, "head_office", conclusion="In order"
    )
    refused("state/not-allowed", books, "settle_finding", row, "head_office", number=1, remedy="Done")
    act(books, "settle_finding", row, "head_office", number=2, remedy="Done")
    assert act(books, "close_supervision", row, "head_office", conclusion="In order").state == "closed"


def test_an_institution_has_one_open_supervision_and_its_days_are_in_order(books):
    first = books.institutions["first"]
    before = TODAY - timedelta(days=1)
    refused(
        "supervision/invalid", books, "plan_supervision", first, "head_office", **visit(books, to_on=before)
    )
    supervision(books)
    refused("supervision/invalid", books, "plan_supervision", first, "head_office", **visit(books))


def test_nothing_is_demanded_without_an_open_finding_or_by_a_day_that_has_passed(books):
    row = supervision(books, "findings", findings=0)
    refused("supervision/invalid", books, "demand_rectification", row, "head_office", due=DUE)
    row.findings.create(number=1, text="x", found_by=books["head_office"], found_at=clock.now())
    refused("supervision/invalid", books, "demand_rectification", row, "head_office", due=DAY)


def test_a_verdict_is_one_of_three_with_its_grounds(books):
    row = supervision(books, "on_site")
    given = {"leader": books["handler_head"], "post": "Chairman", "verdict": "diligent", "grounds": "Visits"}
    refused("supervision/invalid", books, "judge_leader", row, "head_office", **given | {"verdict": "lazy"})
    refused("text/required", books, "judge_leader", row, "head_office", **given | {"grounds": "。"})


def test_a_talk_is_not_of_the_future(books):
    row, given = admonishment(books), talk(books) | {"held_on": TODAY + timedelta(days=1)}
    refused("admonishment/invalid", books, "hold_talk", row, "head_office", **given)


# -- Targets and ranking ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": 80 * M + 1},
        {"metric": "new_cap"},
        {"institution": "15100"},
    ],
)
def test_locked_targets_are_not_lowered_measured_otherwise_or_left_out(books, changed):
    target_set(books, "locked")
    rows = [TARGETS[0] | changed, *TARGETS[1:]]
    given = wanted(targets=rows)
    refused("target/locked", books, "draft_targets", books.institutions["union"], "head_office", **given)


def test_raising_is_a_version_and_the_highest_locked_one_is_in_force(books):
    first = target_set(books, "locked")
    harder = [TARGETS[0] | {"amount": 79 * M}, *TARGETS[1:]]
    union = books.institutions["union"]
    second = act(books, "draft_targets", union, "head_office", **wanted(targets=harder))
    assert (second.version, TargetSet.objects.in_force(books.bank.pk, 2026)) == (2, first)
    act(books, "lock_targets", second, "head_office")
    assert TargetSet.objects.in_force(books.bank.pk, 2026) == second
    refused("target/locked", books, "draft_targets", union, "head_office", **wanted())


def test_a_draft_replaces_a_draft(books):
    target_set(books)
    again = act(
        books, "draft_targets", books.institutions["union"], "head_office", **wanted(targets=TARGETS[:1])
    )
    assert (again.version, Target.objects.filter(target_set=again).count()) == (1, 1)
    assert TargetSet.objects.count() == 1


def test_the_database_keeps_locked_targets_also_against_the_application(books):
    row = target_set(books, "locked")
    target = Target.objects.filter(target_set=row)[0]
    for change in (
        lambda: Target.objects.filter(pk=target.pk).update(amount=1),
        lambda: Target.objects.filter(pk=target.pk).delete(),
        lambda: Target.objects.create(
            target_set=row, institution=target.institution, metric="new_cap", amount=1
        ),
    ):
        with pytest.raises(IntegrityError, match="locked"), transaction.atomic():
            change()


def test_a_merger_moves_the_targets_and_their_sum_stays(books):
    target_set(books, "locked")
    second = books.institutions["second"]
    second.merged_into, second.closed_on = books.institutions["first"], TODAY
    second.save(update_fields=["merged_into", "closed_on"])
    union = books.institutions["union"]
    kept_sum = [TARGETS[0] | {"amount": 125 * M}, TARGETS[1], TARGETS[3]]
    assert act(books, "draft_targets", union, "head_office", **wanted(targets=kept_sum)).version == 2
    lowered = [kept_sum[0] | {"amount": 125 * M + 1}, *kept_sum[1:]]
    refused("target/locked", books, "draft_targets", union, "head_office", **wanted(targets=lowered))


@pytest.mark.parametrize(
    "given",
    [
        {"targets": []},
        {"targets": [TARGETS[0], TARGETS[0]]},
        {"targets": [TARGETS[0] | {"institution": "99999"}]},
        {"targets": [TARGETS[0] | {"metric": "smiles"}]},
        {"targets": [TARGETS[0] | {"amount": "80"}]},
        {"targets": [TARGETS[0] | {"amount": -1}]},
        {"year": 1900},
        {"quotas": [{"staff_no": "nobody", "post": "Deputy", "amount": M}]},
        {"quotas": [{"staff_no": "me", "post": "", "amount": M}]},
        {"quotas": [{"staff_no": "me", "post": "Deputy", "amount": 0}]},
        {"quotas": [{"staff_no": "me", "post": "Deputy", "amount": M}] * 2},
    ],
)
def test_a_row_that_is_none_is_refused(books, given):
    for quota in given.get("quotas", ()):
        if quota["staff_no"] == "me":
            given = given | {
                "quotas": [row | {"staff_no": books["collector"].staff_no} for row in given["quotas"]]
            }
    refused(
        "target/invalid",
        books,
        "draft_targets",
        books.institutions["union"],
        "head_office",
        **wanted(**given),
    )


def test_a_ranking_is_frozen_and_rests_on_the_plan_of_the_day(books):
    union = books.institutions["union"]
    refused("target/none", books, "freeze_ranking", union, "head_office", as_of=TODAY)
    target_set(books, "locked")
    refused("ranking/no-figures", books, "freeze_ranking", union, "head_office", as_of=date(2026, 2, 10))
    refused("ranking/no-figures", books, "freeze_ranking", union, "head_office", as_of=TODAY, places=0)
    row = act(books, "freeze_ranking", union, "head_office", as_of=TODAY, places=2)
    names = {each.pk: name for name, each in books.institutions.items()}
    # 68 of 364 days of the way to the year's end have passed
    planned = {"first": 82 * M - 2 * M * 68 // 364, "third": 40 * M - 10 * M * 68 // 364}
    assert [(each.place, names[each.institution_id], each.npl, each.planned) for each in row.rows.all()] == [
        (1, "first", 92 * M, planned["first"]),
        (2, "third", 40 * M, planned["third"]),
    ]
    judged(figures(books, TODAY, first=1, second=1, third=1), by=SYSTEM)
    assert Ranking.objects.get().rows.count() == 2


def test_an_institution_without_a_target_is_counted_not_ranked(books):
    draft = act(
        books, "draft_targets", books.institutions["union"], "head_office", **wanted(targets=TARGETS[:1])
    )
    act(books, "lock_targets", draft, "head_office")
    row = act(books, "freeze_ranking", books.institutions["union"], "head_office", as_of=TODAY)
    assert (row.n, row.rows.count(), row.without_target, row.without_figures) == (20, 1, 2, 0)


# -- Tasks and reviews ------------------------------------------------------------------------------


def test_a_task_is_for_whoever_has_the_duty(books):
    house = household(books)
    refused(
        "duty/none", books, "assign_task", house, "handler", **task(books) | {"collector": books["handler"]}
    )
    for wrong in ({"amount": 0}, {"due": DAY}):
        refused("task/invalid", books, "assign_task", house, "handler", **task(books) | wrong)
    act(books, "assign_task", house, "handler", **task(books))
    refused("task/invalid", books, "assign_task", house, "handler", **task(books))


def test_the_list_of_a_year_has_each_officer_once(books):
    first = books.institutions["first"]
    assert act(books, "list_for_review", first, "risk", year=2026) == 0 or Accountability.objects.exists()
    made = Accountability.objects.count()
    assert made > 0
    assert act(books, "list_for_review", first, "risk", year=2026) == 0
    assert Accountability.objects.count() == made
    assert {row.kind for row in Accountability.objects.all()} == {"lending"}
    refused("review/not-in-calendar", books, "list_for_review", first, "risk", year=2027)


def test_a_review_keeps_to_the_tape_and_to_days(books):
    row = review(books)
    tomorrow = TODAY + timedelta(days=1)
    refused("review/invalid", books, "serve_review", row, "risk", served_on=tomorrow)
    act(books, "serve_review", row, "risk", served_on=TODAY)
    refused("review/invalid", books, "set_recovery_limit", row, "risk", limit=DAY)
    act(books, "set_recovery_limit", row, "risk", limit=TODAY)
    refused("review/not-recovered", books, "confirm_recovery", row, "risk")
    assert lapse_reviews(TODAY, by=SYSTEM) == 0
    assert lapse_reviews(tomorrow, by=SYSTEM) == 1
    two_lines = {"text": "Wages", "document_no": "HR\n1"}
    refused("review/invalid", books, "record_measures", row, "risk", **two_lines)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("portfolio_watchseen", "npl"),
        ("portfolio_cause", "amount"),
        ("portfolio_warning", "last_on"),
        ("portfolio_reply", "measures"),
    ],
)
def test_what_was_said_never_changes(books, table, column):
    warning(books, "replied")
    act(books, "see_watch", books.institutions["first"], "handler_head", as_of=TODAY)
    with (
        connection.cursor() as cursor,
        pytest.raises(Exception, match=r"refused|denied"),
        transaction.atomic(),
    ):
        cursor.execute(f"UPDATE {table} SET {column} = {column}")
