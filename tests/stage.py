"""Cases brought to a stage by the engine's own actions, with the clock stopped.

    def test_six_carry(voting):                       # a fixture of a conftest.py, see `stages`
        voting.cast("for", "for", "against:Too long")
        voting.do("close_vote")
        voting.refused("20/vote-not-open", "cast", "chair", choice="for")

A stage has a bank of its own. The stages of a module are built once, in one transaction, and each test runs
in a savepoint. Committees have three seats unless a test asks for more: rules about nine seats hold for three
as well.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, datetime, timedelta
from typing import Any, Self

import pytest
from django.db import connection, transaction
from psycopg import sql

from audit import clock
from audit.models import Entry, Payload
from audit.recording import rehearsed
from committee.models import Meeting, Person
from office.models import Dispatch
from portfolio.permissions import ACTS as LEDGER
from proposals.models import Proposal
from regulation.numbers import Regulation
from regulation.refused import Refused
from rehearsal import bank
from tests import databases
from tests.model.walk import small_plan
from voting.models import Vote
from web.acts import ACTS

START = datetime.fromisoformat("2026-03-02T09:00+08:00")  # a Monday
MEETING = datetime.fromisoformat("2026-03-05T14:00+08:00")

#: officers whose handle in the cast differs from the key of their office
_OFFICERS = {
    "presiding": "chair",
    "seat": "seat2",
    "observer": "handler_head",
    "addressee": "handler",
    "owner": "handler",
}

#: verb → its object, an officer who may perform it, the action; of what committees do: those of the ledger
#: of loans have institutions of their own, and are walked in tests/portfolio
ACTIONS: dict[str, tuple[str, str, Callable[..., Any]]] = {
    verb: (act.on.__name__.lower(), _OFFICERS.get(key := act.office.each()[0].key, key), act.do)
    for verb, act in ACTS.items()
    if verb not in LEDGER
}

#: the steps of a case that is carried and paid back, in order
STEPS = (
    "founded", "drafted", "submitted", "shortlisted", "filed", "convened", "noticed", "seated", "in_session",
    "taken_up", "voting", "voted", "carried", "closed", "minuted", "signed", "distributed", "reported",
    "archived", "credit_approved", "executing", "completed",
)  # fmt: skip


def plan(*contracts: str, **changes: Any) -> dict[str, Any]:
    """A plan that may be submitted from the start on; its schedule is 1,100 yuan a contract."""
    return copy.deepcopy(small_plan(*(contracts or ("C-1",)), **changes))


class Stage:
    """A bank with one committee and one case, P1 in the meeting M1, and methods that act on it."""

    def __init__(self, **numbers: Any) -> None:
        self.regulation = Regulation(**({"seats": 3, "votes_to_pass": 2} | numbers))
        self.step, self.clock = "founded", START
        with clock.frozen(START):
            self.bank = bank.own(self.regulation, START.date())
        self.committee, self.people = self.bank.committee, self.bank.people
        self.plan = plan()
        self.proposal: Proposal | None = None
        self.meeting: Meeting | None = None

    # --- who and what ---

    def __getitem__(self, handle: str) -> Person:
        return self.people[handle]

    @property
    def seats(self) -> list[str]:
        """The handles of the first holders, in order."""
        return ["chair", *(f"seat{number}" for number in range(2, self.regulation.seats + 1))]

    @property
    def state(self) -> str:
        """The present state of the case."""
        return self.now(self.proposal).state

    @property
    def meeting_state(self) -> str:
        """The present state of its meeting."""
        return self.now(self.meeting).state

    @property
    def vote(self) -> Vote:
        """The last vote on the case."""
        return Vote.objects.filter(proposal=self.proposal).order_by("-pk")[0]

    @property
    def dispatch(self) -> Dispatch:
        """What was sent of its meeting to the handling institution."""
        return Dispatch.objects.get(meeting=self.meeting, copy__full=False, unit=self.proposal.unit)

    @staticmethod
    def now(row: Any) -> Any:
        """The row, read again from the database."""
        return type(row).objects.get(pk=row.pk)

    # --- acting ---

    def do(self, verb: str, by: str | None = None, on: Any = None, **given: Any) -> Any:
        """Perform the verb as the person with that handle, or as its usual officer; return the result.

        A meeting is archived as in a rehearsal, without its papers, which take seconds to draw up; that they
        are asked for is told by tests/office/test_archive.py.
        """
        target, officer, action = ACTIONS[verb]
        on = on if on is not None else getattr(self, target)
        with rehearsed("without papers") if verb == "archive" else nullcontext():
            return action(on, by=self[by or officer], **given)

    def refused(self, code: str, verb: str, by: str | None = None, on: Any = None, **given: Any) -> Refused:
        """Expect that the verb is refused with this code, and that no audit entry is written."""
        before = Entry.objects.count()
        with pytest.raises(Refused) as caught:
            self.do(verb, by, on, **given)
        assert caught.value.code == code
        assert Entry.objects.count() == before
        return caught.value

    def travel(self, moment: str | datetime | timedelta) -> None:
        """Set the clock to the moment, or forward by a period."""
        if isinstance(moment, timedelta):
            moment = clock.now() + moment
        clock.travel(datetime.fromisoformat(moment) if isinstance(moment, str) else moment)

    def another(self, *contracts: str, to: str = "filed", by: str = "handler", **changes: Any) -> Proposal:
        """Create a further proposal of the bank: drafted, submitted, shortlisted or filed."""
        made = self.do("draft", by, plan=plan(*contracts, **changes))
        for verb in ("submit", "shortlist")[: STEPS.index(to) - 1]:
            self.do(verb, by if verb == "submit" else None, on=made)
        if to == "filed":
            self.do("file_docket", proposals=[made])
        return made

    def convene(self, *proposals: Proposal, at: datetime = MEETING, **given: Any) -> Meeting:
        """Convene a meeting, the first one or a further one."""
        return self.do("convene", at=at, place="Room 3", proposals=list(proposals), **given)

    def proxy(
        self, by: str = "seat3", holder: str = "deputy3", powers: str = "attend speak vote", **given: Any
    ) -> Any:
        """Create a proxy for the case."""
        given = {"proposals": [self.proposal], "document": "Signed authorisation"} | given
        return self.do("authorise_proxy", by, holder=self[holder], powers=powers.split(), **given)

    def sign_in(self, *handles: str) -> None:
        """Sign in these people, by default every holder."""
        for handle in handles or self.seats:
            self.do("sign_in", handle)

    def cast(self, *choices: str) -> None:
        """Cast ballots in the order of the seats, as `choice` or `choice:reason`; by default all `for`."""
        for handle, words in zip(self.seats, choices or ["for"] * len(self.seats), strict=False):
            choice, _, reason = words.partition(":")
            self.do("cast", handle, choice=choice, reason=reason)

    # --- the way ---

    def to(self, step: str) -> Self:
        """Carry the case on to this step, without refusals."""
        while self.step != step:
            following = STEPS[STEPS.index(self.step) + 1]
            getattr(self, f"_{following}")()
            self.step = following
        return self

    def _drafted(self) -> None:
        self.proposal = self.do("draft", plan=self.plan)

    def _submitted(self) -> None:
        self.do("submit")

    def _shortlisted(self) -> None:
        self.do("shortlist")

    def _filed(self) -> None:
        self.do("file_docket", proposals=[self.proposal])

    def _convened(self) -> None:
        self.meeting = self.convene(self.proposal)

    def _noticed(self) -> None:
        self.do("send_notice")

    def _seated(self) -> None:
        self.travel(MEETING)
        self.sign_in()

    def _in_session(self) -> None:
        self.do("open_meeting")

    def _taken_up(self) -> None:
        self.do("take_up")

    def _voting(self) -> None:
        self.do("open_vote")

    def _voted(self) -> None:
        self.cast()

    def _carried(self) -> None:
        self.do("close_vote")

    def _closed(self) -> None:
        self.do("close_meeting")

    def _minuted(self) -> None:
        self.do("draft_minutes", narrative="What was said.")

    def _signed(self) -> None:
        self.do("sign_minutes")

    def _distributed(self) -> None:
        self.do("distribute")

    def _reported(self) -> None:
        self.do("report_decisions")

    def _archived(self) -> None:
        self.do("archive")

    def _credit_approved(self) -> None:
        self.do("approve_credit")

    def _executing(self) -> None:
        self.do("record_receipt", amount="600.00", received_on=today())

    def _completed(self) -> None:
        self.do("record_receipt", amount="500.00", received_on=today())


def today() -> date:
    """The present day of the stage, in Shanghai."""
    return clock.now().astimezone(START.tzinfo).date()


def administrator(username: str, password: str | None = None, **fields: Any) -> Person:
    """Create an administrator, which the application's own role cannot do."""
    person = Person.objects.create_user(
        username, password, **{"staff_no": username, "display_name": username} | fields
    )
    return flagged(person, staff=True, superuser=True)


def flagged(person: Person, *, staff: bool, superuser: bool) -> Person:
    """Set these flags of the person as the owner of the database."""
    flags = "UPDATE committee_person SET is_staff = {}, is_superuser = {} WHERE id = {}"
    as_owner(flags, staff, superuser, person.pk)
    person.refresh_from_db()
    return person


def as_owner(statement: str, *values: Any) -> None:
    """Execute the statement with these parameters as the owner, in this transaction."""
    with connection.cursor() as cursor:
        text = sql.SQL(statement).format(*map(sql.Literal, values)).as_string()
        cursor.execute("SELECT test_as_owner(%s)", [text])


def said(entry: Entry) -> dict[str, Any]:
    """The payload of the entry without the digests of vouched rows."""
    body = json.loads(bytes(Payload.objects.get(commitment=entry.commitment).body))
    return {key: value for key, value in body.items() if key != "stored"}


def head(stream: str) -> int:
    """The last sequence number of an audit stream, 0 for none."""
    return Entry.objects.filter(stream=stream).count()


@contextmanager
def undone() -> Iterator[None]:
    """Check deferred constraints at the end of the block, then roll back.

    What was done before is checked first: else it would be checked again each time, for a check within a
    savepoint that is rolled back counts for nothing.
    """
    if connection.in_atomic_block:
        check_constraints()
    with transaction.atomic():
        yield
        check_constraints()
        transaction.set_rollback(True)


def check_constraints() -> None:
    """What was deferred holds, which the database would otherwise ask at the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


class Ground:
    """The stages of a module by name, each built at first use."""

    def __init__(self) -> None:
        self.built: dict[str, Stage] = {}

    def stage(self, name: str, build: Callable[[], Stage]) -> Stage:
        """A copy of the stage of that name for one test."""
        if name not in self.built:
            with clock.frozen(START):
                self.built[name] = build()
                self.built[name].clock = clock.now()
        return copy.copy(self.built[name])


@pytest.fixture(scope="module")
def ground(django_db_setup: None, django_db_blocker: Any) -> Iterator[Ground]:
    """One transaction for a module's stages, rolled back after its last test."""
    with django_db_blocker.unblock(), undone():
        yield Ground()


def stages(name: str, build: Callable[[], Stage]) -> Any:
    """A fixture that gives a test the stage so built, in a savepoint."""

    @pytest.fixture(name=name)
    def fixture(ground: Ground) -> Iterator[Stage]:
        stage = ground.stage(name, build)
        before = set(ground.built)
        with clock.frozen(stage.clock), undone():
            yield stage
        for other in ground.built.keys() - before:  # built for the same test and rolled back with it
            del ground.built[other]

    return fixture


def standing(step: str, *, name: str = "source", **numbers: Any) -> Any:
    """A fixture `source`: the fresh database begins with a case at this step, the fixture's `stage`."""

    @pytest.fixture(name=name)
    def fixture(django_db_setup: None, django_db_blocker: Any, template: str) -> databases.Source:
        def build() -> Stage:
            with clock.frozen(START):
                return Stage(**numbers).to(step)

        with django_db_blocker.unblock():
            return databases.standing(template, f"{step} {sorted(numbers.items())}", build)

    return fixture


founded, drafted, submitted, shortlisted, filed, convened, noticed, seated, in_session, taken_up, voting = (
    stages(name, lambda name=name: Stage().to(name)) for name in STEPS[:11]
)
voted, carried, closed, minuted, signed, distributed, reported, archived, approved, executing, completed = (
    stages(name, lambda name=name: Stage().to(name)) for name in STEPS[11:]
)
nine_voting = stages("nine_voting", lambda: Stage(seats=9, votes_to_pass=6).to("voting"))
