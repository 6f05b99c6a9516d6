"""An act moves what it names and nothing beside it: with a second plan, a second meeting and a proxy.

Beside the plan of the stage stands another in its meeting, taken up before it, and a third in a meeting of
its own; the seats did with the others what the verb does with the first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from committee.offices import PROXY, SEAT
from proposals.models import Proposal
from tests import test_architecture as architecture
from tests.pages.inbox.test_messages import TOLD
from tests.stage import ACTIONS, MEETING, STEPS, Stage, clock, plan, undone
from web.acts import ACTS

#: counted over all plans and meetings, and what many have in common
SHARED = {"MonthFigure", "StateCount", "Series", "Committee", "RegulationVersion", "LiaisonTerm"}
#: whoever ends the meeting ends it for all of its plans, its papers are of all, and the roster is that of all
#: meetings
OF_ALL_PLANS = {
    "cancel_meeting",
    "close_meeting",
    "change_meeting",
    "send_notice",
    "sign_out",
    "distribute",
    "report_decisions",
    "draw_up_papers",
}
OF_ALL_MEETINGS = {
    "vacate_seat", "fill_seat", "replace_holder", "appoint_liaison", "appoint_stand_in", "end_stand_in",
}  # fmt: skip
OF_A_SEAT = {verb for verb, act in ACTS.items() if act.office in (SEAT, SEAT | PROXY)}
GIVEN_A_SEAT = {"grant_abstention", "refuse_abstention", "give_floor", "take_down_opinion", "deliver_notice"}


#: the second seat is there for itself
BEFORE_THE_ROOM = STEPS[: STEPS.index("seated")]


class Company(Stage):
    """A case with another beside it in its meeting, and a third in a meeting of its own."""

    other: Proposal
    apart: Proposal
    elsewhere: Any

    def _drafted(self) -> None:
        super()._drafted()
        self.other, self.apart = (self.do("draft", plan=plan(contract)) for contract in ("O-1", "A-1"))

    def _both(self, verb: str, **given: Any) -> None:
        for each in (self.other, self.apart):
            self.do(verb, on=each, **given)

    def _submitted(self) -> None:
        super()._submitted()
        self._both("submit")

    def _shortlisted(self) -> None:
        super()._shortlisted()
        self._both("shortlist")

    def _filed(self) -> None:
        super()._filed()
        self.do("file_docket", proposals=[self.other, self.apart])

    def _convened(self) -> None:
        self.meeting = self.convene(self.proposal, self.other)
        self.elsewhere = self.convene(self.apart, at=MEETING + timedelta(days=1))
        self.do("send_notice", on=self.elsewhere, posted=[3])
        self.do("acknowledge", on=self.elsewhere)
        self.proxy("seat3", "deputy3", on=self.elsewhere, proposals=[self.apart])
        self.do("open_wall", on=self.elsewhere)

    def _noticed(self) -> None:
        super()._noticed()
        self.do("acknowledge", "seat3")
        for each in (self.other, self.apart):
            for handle in ("seat2", "seat3"):
                self.do("read_materials", handle, on=each)
        self.do("read_materials", "seat3")
        self.do("declare_conflict", on=self.apart, reason="A cousin")

    def _taken_up(self) -> None:
        self.do("take_up", on=self.other)
        for handle, number in (("seat2", 2), ("seat3", 3)):
            self._said(self.other, handle, number)
        self.do("request_abstention", on=self.other, reason="A cousin")
        super()._taken_up()
        self._said(self.proposal, "seat3", 3)

    def _said(self, about: Proposal, handle: str, number: int) -> None:
        """The seat has an opinion, one taken down, a wish to speak, and where it is the third, a request."""
        self.do("record_opinion", handle, on=about, text="Sound")
        self.do("take_down_opinion", on=about, seat=number, text="Sound")
        self.do("ask_to_speak", handle, on=about)
        if number == 3:
            self.do("request_abstention", handle, on=about, reason="An uncle")


class ByProxy(Company):
    """The same, with the second seat's proxy in its place."""

    def __getitem__(self, handle: str) -> Any:
        there = handle == "seat2" and self.step not in BEFORE_THE_ROOM
        return super().__getitem__("deputy2" if there else handle)

    def _seated(self) -> None:
        self.proxy("seat2", "deputy2", proposals=[self.proposal, self.other])
        self.step = "seated"
        super()._seated()


# -- What a row is of --------------------------------------------------------------------------------------


#: the model, and the plans, meetings and seats that a row is of
Touched = tuple[str, set[tuple[str, int]]]


#: table → the model of the applications, and the column of its id
TABLES = {
    model._meta.db_table: (model.__name__, model._meta.pk.column)
    for app in ("committee", "proposals", "voting", "office", "web", "accounts", "pages")
    for model in apps.get_app_config(app).get_models(include_auto_created=True)
    if model.__name__ not in SHARED
}
STORED = " UNION ALL ".join(
    f"SELECT '{name}', {pk}::text, to_json(t)::text FROM {table} t" for table, (name, pk) in TABLES.items()
)


KEYS = dict(TABLES.values())


class Rows(dict[tuple[str, str], str]):
    """Every row of the applications as JSON, by model and id in writing; `row` reads one."""

    @cached_property
    def tabled(self) -> dict[int, set[int]]:
        """The plans of each item of an agenda."""
        found: dict[int, set[int]] = {}
        for name, pk in self:
            if name == "Tabling":
                row = self.row(name, pk)
                found.setdefault(row["item_id"], set()).add(row["proposal_id"])
        return found

    def row(self, name: str, pk: int | str) -> dict[str, Any]:
        """The row by the names of its columns, and its id as `pk`."""
        found = json.loads(self[name, str(pk)])
        return {"pk": found[KEYS[name]], **found}


def stored() -> Rows:
    """What is in the database now."""
    with connection.cursor() as cursor:
        cursor.execute(STORED)
        return Rows({(name, pk): text for name, pk, text in cursor.fetchall()})


#: column → the model whose row it leads to, and what that is of
LEADS = {
    "vote": "Vote", "proxy": "Proxy", "notice": "Notice", "minutes": "Minutes", "attendance": "Attendance",
    "question": "Question", "version": "PlanVersion", "ballot": "Ballot",
}  # fmt: skip


def scope(name: str, row: Mapping[str, Any], rows: Rows) -> set[tuple[str, int]]:
    """The plans, meetings and seats (by number) that the row of this model is of."""
    found: set[tuple[str, int]] = set()
    if name in ("Proposal", "Meeting"):
        found.add((name.lower(), row["pk"]))
    if name == "AgendaItem":
        found |= _of_item(row["pk"], rows)
    if name == "Message" and row["about"].startswith(("proposal:", "meeting:")):
        kind, _, pk = row["about"].partition(":")
        found.add((kind, int(pk)))
    for column, value in row.items():
        if value is not None and column.endswith("_id"):
            found |= _of_column(name, column.removesuffix("_id"), value, rows)
    return found


def _of_column(name: str, column: str, value: Any, rows: Rows) -> set[tuple[str, int]]:
    if column in ("proposal", "meeting"):
        return {(column, value)}
    if column == "seat":
        return {("seat", rows.row("Seat", value)["number"])}
    if column in ("item", "agendaitem", "content_object") and ("AgendaItem", str(value)) in rows:
        return _of_item(value, rows)
    if column in LEADS and name not in ("Proposal", "Comparison"):
        return scope("", rows.row(LEADS[column], value), rows)
    return set()


def _of_item(pk: int, rows: Rows) -> set[tuple[str, int]]:
    plans = rows.tabled.get(pk, set())
    return {("meeting", rows.row("AgendaItem", pk)["meeting_id"]), *(("proposal", each) for each in plans)}


# -- The walks ---------------------------------------------------------------------------------------------


#: verbs that are done later than they may be first: other seats have asked and spoken by then
LATER = {"declare_conflict": "taken_up", "read_materials": "taken_up", "sign_out": "taken_up"}
#: the stages that are built; from the last of them before it each other step is a few acts away
BUILT = ("founded", "submitted", "filed", "noticed", "taken_up", "voting", "closed", "signed")


@contextmanager
def staged(ground: Any, kind: type[Company], step: str) -> Iterator[Company]:
    """The case has gone on to the step; what is done with it is undone."""
    built = max((each for each in BUILT if STEPS.index(each) <= STEPS.index(step)), key=STEPS.index)
    stage = ground.stage(f"{kind.__name__} {built}", lambda: kind().to(built))
    with clock.frozen(stage.clock), undone():
        yield stage.to(step)


def done(stage: Company, verb: str) -> tuple[list[Touched], list[dict[str, Any]]]:
    """The verb is done; returns what it changed, made and removed with its scope, and the rows it made."""
    given = architecture.MOVES[verb][1] if verb in architecture.MOVES else architecture.AFTER[verb][3]
    architecture.prepare(stage, verb)
    before = stored()
    stage.do(verb, **given(stage))
    after = stored()
    known = Rows({**after, **before})
    old = [key for key, row in before.items() if after.get(key) != row]
    new = [key for key in after if key not in before]
    touched = [(name, scope(name, known.row(name, pk), known)) for name, pk in (*old, *new)]
    return touched, [{"model": name, **after.row(name, pk)} for name, pk in new]


def step_of(verb: str) -> str:
    """The step at which the verb is done, where there is most beside it."""
    return LATER.get(verb) or (architecture.MOVES.get(verb) or architecture.AFTER[verb])[0]


def allowed(stage: Company, verb: str) -> dict[str, set[int]]:
    """What the verb may move, by kind."""
    assert stage.proposal
    plans, meetings = {stage.proposal.pk}, {stage.meeting.pk} if stage.meeting else set()
    if verb in OF_ALL_PLANS:
        plans |= {stage.other.pk}
    if verb in OF_ALL_MEETINGS:
        plans, meetings = plans | {stage.other.pk, stage.apart.pk}, meetings | {stage.elsewhere.pk}
    seats = {2} if verb in OF_A_SEAT | GIVEN_A_SEAT | OF_ALL_MEETINGS else {1, 2, 3}
    return {"proposal": plans, "meeting": meetings, "seat": seats}


def beside(stage: Company, verb: str, touched: list[Touched]) -> list[tuple[str, str, int]]:
    """What was touched that is not the verb's."""
    may = allowed(stage, verb)
    return [(name, kind, pk) for name, scope in touched for kind, pk in scope if pk not in may[kind]]


#: what makes a plan or a meeting, or begins before there are others to beware of
NEW = {"draft", "revise", "convene", "amend_regulation", "publish_interpretation"}


@pytest.mark.parametrize("verb", sorted(ACTIONS.keys() - NEW))
def test_an_act_moves_its_own_plan_meeting_and_seat_alone(ground: Any, verb: str) -> None:
    step = step_of(verb)
    with staged(ground, Company, step) as stage:
        touched, _made = done(stage, verb)
        assert touched
        assert beside(stage, verb, touched) == []


@pytest.mark.parametrize("verb", sorted(verb for verb, act in ACTS.items() if act.office == SEAT | PROXY))
def test_what_a_proxy_does_is_its_seats_and_stands_under_its_own_name(ground: Any, verb: str) -> None:
    first = step_of(verb)
    step = "seated" if first in BEFORE_THE_ROOM else first
    with staged(ground, ByProxy, step) as stage:
        if verb == "sign_in":
            stage.do("sign_out")
        touched, made = done(stage, verb)
        assert touched
        assert beside(stage, verb, touched) == []
        for row in made:
            assert row.get("person_id", stage["seat2"].pk) == stage["seat2"].pk or row["model"] == "Message"
            assert row.get("proxy_id", 0) is not None, row


#: verb → kind → who is told where the second seat's proxy is in the room; the other verbs tell as without one
TOLD_BESIDE: Mapping[str, Mapping[str, set[str]]] = {
    "grant_abstention": {"grant_abstention": {"deputy2"}},
    "refuse_abstention": {"refuse_abstention": {"deputy2"}},
    "cancel_meeting": {"cancel_meeting": {"liaison", "seat2", "seat3", "deputy2"}},
    "vacate_seat": {"vacate_seat": {"seat2"}, "leave_meeting": {"seat2"}, "end_proxy": {"deputy2"}},
    "replace_holder": {
        "vacate_seat": {"seat2"},
        "leave_meeting": {"seat2"},
        "end_proxy": {"deputy2"},
        "fill_seat": {"outsider"},
    },
    # the third seat has its notice on paper
    "remind_members": {"remind_members": {"chair", "seat2"}},
    # a plan is left on the agenda, so the meeting stays
    "withdraw": {"withdraw": {"liaison", "chair"}},
}
#: what the seat does for itself, and what is over before there is a room
APART = {verb for verb, act in ACTS.items() if act.office is SEAT}
IN_THE_ROOM = [
    verb for verb in sorted(ACTIONS.keys() - NEW - APART) if step_of(verb) not in BEFORE_THE_ROOM[:-1]
]


@pytest.mark.parametrize("verb", IN_THE_ROOM)
def test_whoever_stands_for_a_seat_is_told(ground: Any, verb: str) -> None:
    first = step_of(verb)
    with staged(ground, ByProxy, "seated" if first in BEFORE_THE_ROOM else first) as stage:
        if verb == "sign_in":
            stage.do("sign_out")
        _touched, made = done(stage, verb)
        handles = {person.pk: handle for handle, person in stage.people.items()}
        told: dict[str, set[str]] = {}
        for row in made:
            if row["model"] == "Message":
                told.setdefault(row["kind"], set()).add(handles[row["person_id"]])
        expected = TOLD_BESIDE.get(verb, TOLD.get(verb, {}))
        assert told == expected, f"{verb} with a proxy in the room: TOLD_BESIDE above says otherwise"
