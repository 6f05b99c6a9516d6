"""A whole bank as the regulation has it, in plain Python: what each act is answered, and what then holds.

Written from the text of the rules alone, apart from the engine: the two are held against each other.
`Model.do` plays one act and answers "accepted" or the code of the refusal; nothing changes when it refuses.
Where the text leaves a choice the most literal reading is taken and marked `reading:`.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
DEFAULTS = {
    "seats": 9,
    "votes_to_pass": 6,
    "notice_days": 2,
    "proxies_per_holder": 1,
    "material_change_pct": "1",
    "minutes_due_days": 2,
}
UNIT = {"handler": "A", "handler_head": "A", "other_handler": "B", "other_head": "B"}
HANDLERS = ("handler", "other_handler")
HEAD = {"A": "handler_head", "B": "other_head"}
OFFICERS = ("liaison", *UNIT, "credit", "head_office", "risk", "auditor", "outsider")
POWERS = {"attend", "speak", "vote"}
CHOICES = ("for", "against", "abstain")

BEFORE_FILED = ("submitted", "returned", "shortlisted")
UNTABLED = ("draft", *BEFORE_FILED, "filed")
AFTER_CREDIT = ("credit_approved", "credit_declined", "executing", "completed", "terminated")
LIVE = (*BEFORE_FILED, "filed", "tabled", "voting", "carried", "credit_approved", "executing")
OPEN = ("convened", "in_session")


class No(Exception):
    """A refusal, by its code."""


def need(holds: Any, code: str) -> None:
    if not holds:
        raise No(code)


def says(text: str | None) -> bool:
    """True when the text is more than blank or punctuation."""
    # reading: a letter or a digit of any script says something; symbols alone do not
    return any(unicodedata.category(c)[0] in "LN" for c in text or "")


def moment(value: str | datetime) -> datetime:
    """The time, aware; without an offset it is Shanghai's."""
    when = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return when if when.tzinfo else when.replace(tzinfo=SHANGHAI)


def day(when: datetime) -> date:
    """The date in the committee's time zone."""
    return when.astimezone(SHANGHAI).date()


def number(seat: str) -> int:
    """The number of the seat that the handle means."""
    return 1 if seat == "chair" else int(seat.removeprefix("seat"))


# --- the plan ---------------------------------------------------------------------------------------------

MEASURES = set(
    re.findall(
        r"\w+",
        """
        active_visit empathy join_accounting help_collect_receivables advice working_capital
        relationships mediation multi_party group_visit change_of_officer leader_visit
        superior_organisation information_capture firm_and_gentle entrusted bidding auction note_renewal
        package in_kind concentrated special_team administrative payroll_deduction transferred_up
        responsibility reward insiders_first employer_leverage guarantor collateral litigation
        payment_order preservation court_deduction enforcement false_name_sweep instalments extension
        rate_reduction interest_waiver enterprise_reform village_group lease transfer reorganisation
        public_notice
        """,
    )
)
TEXT, MONEY, RATE, DATE, COUNT, RATE_OR_NONE = "text", "money", "rate", "date", "count", "rate or null"
NON_PERFORMING = {"substandard", "doubtful", "loss"}


def keys(names: str, kind: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), kind)


LOAN = {
    **keys("contract_no lending_officer collection_officer", TEXT),
    **keys("principal interest_on_balance interest_off_balance penalty", MONEY),
    **keys("issued_on due_on", DATE),
    "rate": RATE,
    "days_past_due": COUNT,
    "classification": NON_PERFORMING | {"normal", "special_mention"},
}
SECURITY = {"value": MONEY, "valued_on": DATE, "rank": COUNT, "haircut": RATE}
COLLATERAL = {**keys("kind title_no owner appraiser", TEXT), **SECURITY}
PLAN = {
    "title": TEXT,
    "borrower": {
        "name": TEXT,
        "id_no": TEXT,
        "kind": {"enterprise", "household", "village_collective", "public_employee", "employee"},
        "operating": {"normal", "reduced", "stopped"},
        "cause": TEXT,
    },
    "base_date": DATE,
    "loans": [LOAN],
    "guarantees": [{"guarantor": TEXT, "amount": MONEY, "capacity": TEXT}],
    "collateral": [COLLATERAL],
    "conditions": {f"7.{n}": TEXT for n in range(1, 7)},
    "investigation": keys("relationship willingness assets feasibility accountability", TEXT),
    "recoverability": {"recoverable", "recoverable_with_effort", "temporarily_unrecoverable"},
    "measures": [MEASURES],
    "concessions": {
        **keys("interest_waived penalty_waived principal_waived new_money", MONEY),
        "extension_months": COUNT,
        "new_rate": RATE_OR_NONE,
    },
    "sources": [{"kind": TEXT, "amount": MONEY, "description": TEXT}],
    "schedule": [{"due_on": DATE, "principal": MONEY, "interest": MONEY}],
    "discount_rate": RATE,
    "alternatives": [
        {"name": TEXT, "cost": MONEY, "flows": [{"on": DATE, "amount": MONEY, "probability": RATE}]}
    ],
    "expected_recovery": MONEY,
    "executor": TEXT,
    "milestones": [{"on": DATE, "what": TEXT}],
    "attachments": [{"name": TEXT, "text": TEXT}],
}
NOT_EMPTY = ("loans", "measures", "sources", "schedule", "alternatives")


def is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


KINDS = {
    TEXT: lambda v: isinstance(v, str),
    MONEY: lambda v: isinstance(v, str) and re.fullmatch(r"[0-9]+\.[0-9]{2}", v),
    RATE: lambda v: isinstance(v, str) and re.fullmatch(r"[0-9]+(\.[0-9]+)?", v),
    RATE_OR_NONE: lambda v: v is None or KINDS[RATE](v),
    DATE: is_date,
    COUNT: lambda v: isinstance(v, int) and not isinstance(v, bool) and v >= 0,
}


def fits(value: Any, shape: Any) -> bool:
    """True when every value that is there has a known key, type and code; parts may be missing."""
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(k in shape and fits(v, shape[k]) for k, v in value.items())
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(v, shape[0]) for v in value)
    if isinstance(shape, set):
        return isinstance(value, str) and value in shape
    return bool(KINDS[shape](value))


def complete(value: Any, shape: Any) -> bool:
    """True when nothing is missing or blank."""
    if isinstance(shape, dict):
        return all(key in value and complete(value[key], shape[key]) for key in shape)
    if isinstance(shape, list):
        return all(complete(v, shape[0]) for v in value)
    return not isinstance(value, str) or any(map(drawn, value))


def total(rows: list[dict[str, str]], *keys: str) -> Decimal:
    return sum((Decimal(row[key]) for row in rows for key in keys), Decimal(0))


OWED = ("principal", "interest_on_balance", "interest_off_balance", "penalty")


def dates_run(plan: dict[str, Any], today: date) -> bool:
    known = [plan["base_date"], *(c["valued_on"] for c in plan["collateral"])]
    rising = [
        [plan["base_date"], *(s["due_on"] for s in plan["schedule"])],
        [m["on"] for m in plan["milestones"]],
        *([f["on"] for f in a["flows"]] for a in plan["alternatives"]),
    ]
    return (
        all(date.fromisoformat(d) <= today for d in known)
        and all(loan["issued_on"] < loan["due_on"] for loan in plan["loans"])
        and all(row == sorted(row) for row in rising)
        and len({twin(loan) for loan in plan["loans"]}) == len(plan["loans"])
    )


def twin(loan: dict[str, Any]) -> tuple[Any, ...]:
    """What no two loans of a plan have alike."""
    return contract(loan), loan["issued_on"], loan["due_on"], Decimal(loan["principal"])


def contract(loan: dict[str, Any]) -> str:
    """The number by which two spellings are one contract."""
    return folded(loan["contract_no"])


def folded(text: str) -> str:
    """The spelling by which identifiers and names are compared."""
    # reading: invisible are the characters that Unicode calls format or control, and the selectors of
    # variations; a dash is one by category
    text = unicodedata.normalize("NFKC", text).casefold()
    dashed = "".join("-" if unicodedata.category(c) == "Pd" or c == "\u2212" else c for c in text)
    return "".join(c for c in dashed if drawn(c))


def drawn(char: str) -> bool:
    """True when the character is seen: no blank, nothing invisible."""
    return unicodedata.category(char)[0] not in "ZC" and not "\ufe00" <= char <= "\ufe0f"


def balances(plan: dict[str, Any]) -> bool:
    loans, given = plan["loans"], {k: Decimal(v) for k, v in plan["concessions"].items() if k != "new_rate"}
    principal = total(loans, "principal")
    return (
        total(plan["schedule"], "principal") == principal - given["principal_waived"] + given["new_money"]
        and given["principal_waived"] <= principal
        and given["interest_waived"] <= total(loans, "interest_on_balance", "interest_off_balance")
        and given["penalty_waived"] <= total(loans, "penalty")
        and Decimal(plan["expected_recovery"]) <= receivable(plan)
    )


def receivable(plan: dict[str, Any]) -> Decimal:
    """Everything owed, the new money and the interest scheduled."""
    new_money = Decimal(plan["concessions"]["new_money"])
    return total(plan["loans"], *OWED) + new_money + total(plan["schedule"], "interest")


def check_submission(plan: dict[str, Any], today: date) -> None:
    """Refuse a plan that cannot be submitted, in the order of the rules up to Art. 7."""
    # reading: a key that is not there at all is missing, an empty list where one is allowed is not
    conditions = {k: v for k, v in PLAN.items() if k != "conditions"}
    need("conditions" in plan and complete(plan, conditions), "plan/incomplete")
    need(all(plan[key] for key in NOT_EMPTY), "plan/incomplete")
    need(any(a["name"] == "enforcement" for a in plan["alternatives"]), "plan/incomplete")
    need(dates_run(plan, today), "plan/invalid")
    need(balances(plan), "plan/unbalanced")
    need(all(loan["classification"] in NON_PERFORMING for loan in plan["loans"]), "6/not-non-performing")
    need(plan["conditions"], "7/no-condition")
    need(all(says(evidence) for evidence in plan["conditions"].values()), "7/evidence-required")


def contracts(plan: dict[str, Any]) -> set[str]:
    return {contract(loan) for loan in plan.get("loans", []) if "contract_no" in loan}


def differs_in_substance(old: dict[str, Any], new: dict[str, Any], pct: Decimal) -> bool:
    """True when the new plan differs in substance (Art. 23) from the rejected one."""
    mark = total(old["loans"], *OWED) * pct / 100

    def moved(before: Decimal, after: Decimal) -> bool:
        return before != after and abs(before - after) >= mark

    def sets(plan: dict[str, Any]) -> list[set[str]]:
        return [
            contracts(plan),
            set(plan["measures"]),
            {folded(g["guarantor"]) for g in plan["guarantees"]},
            {folded(c["title_no"]) for c in plan["collateral"]},
            {s["kind"] for s in plan["sources"]},
        ]

    def amounts(plan: dict[str, Any]) -> dict[str, Decimal]:
        given = plan["concessions"]
        found = {k: Decimal(given[k]) for k in given if k.endswith("_waived") or k == "new_money"}
        found |= {"interest": total(plan["schedule"], "interest")}
        found |= {"recovery": Decimal(plan["expected_recovery"])}
        for row in plan["schedule"]:
            year = row["due_on"][:4]
            found[year] = found.get(year, Decimal(0)) + Decimal(row["principal"])
        return found

    def final(plan: dict[str, Any]) -> date:
        return date.fromisoformat(plan["schedule"][-1]["due_on"])

    def worth(item: dict[str, Any]) -> Decimal:
        return Decimal(item["value"]) * (100 - Decimal(item["haircut"])) / 100

    if sets(old) != sets(new) or abs((final(old) - final(new)).days) >= 30:
        return True
    before, after = amounts(old), amounts(new)
    if any(moved(before.get(k, Decimal(0)), after.get(k, Decimal(0))) for k in before | after):
        return True
    held = {folded(c["title_no"]): c for c in old["collateral"]}
    return any(
        folded(item["appraiser"]) != folded(held[folded(item["title_no"])]["appraiser"])
        and moved(worth(held[folded(item["title_no"])]), worth(item))
        for item in new["collateral"]
    )


def as_resolved(terms: Any, plan: Any, shape: Any) -> bool:
    """True when each value stated equals the one of the plan."""
    if isinstance(terms, dict) and isinstance(plan, dict):
        return all(k in plan and as_resolved(v, plan[k], shape[k]) for k, v in terms.items())
    if isinstance(terms, list) and isinstance(plan, list):
        # reading: a list is stated whole, its rows may be stated in part
        return len(terms) == len(plan) and all(
            as_resolved(stated, row, shape[0]) for stated, row in zip(terms, plan, strict=True)
        )
    # reading: an amount or a rate is the number, not its digits
    number = shape in (MONEY, RATE, RATE_OR_NONE) and None not in (terms, plan) and KINDS[RATE](terms)
    return bool(terms == plan or (number and Decimal(terms) == Decimal(plan)))


# --- what there is ----------------------------------------------------------------------------------------


@dataclass(eq=False)
class Proxy:
    seat: int
    holder: str
    items: set[str]
    powers: set[str]
    came: bool = False  # the principal signed in after it was given
    ended: bool = False  # by the principal's coming
    void: bool = False  # revoked, or the seat was vacated

    @property
    def running(self) -> bool:
        return not (self.ended or self.void)


@dataclass(eq=False)
class Vote:
    question: str
    state: str = "open"
    ballots: dict[int, tuple[str, Proxy | None]] = field(default_factory=dict)

    def count(self, choice: str) -> int:
        return sum(cast == choice for cast, _ in self.ballots.values())


@dataclass(eq=False)
class Item:
    """A proposal in one meeting."""

    taken_up: bool = False
    vote_opened: bool = False
    observer: str = ""  # present, gone
    requests: dict[int, str] = field(default_factory=dict)  # pending, granted, refused
    conflicts: set[int] = field(default_factory=set)


@dataclass(eq=False)
class Proposal:
    handle: str
    unit: str
    plan: dict[str, Any]
    state: str = "draft"
    was_submitted: bool = False
    was_filed: bool = False
    resubmission: bool = False
    recognised: bool = False
    meeting: str = ""  # where it is, or last was, an item
    votes: list[Vote] = field(default_factory=list)
    receipts: list[tuple[Decimal, str]] = field(default_factory=list)

    @property
    def vote(self) -> Vote | None:
        """The open vote."""
        return self.votes[-1] if self.votes and self.votes[-1].state == "open" else None

    @property
    def only_special(self) -> bool:
        return set(self.plan["conditions"]) == {"7.6"}


@dataclass(eq=False)
class Meeting:
    handle: str
    at: datetime
    place: str
    agenda: list[str]
    rules: dict[str, Any]
    emergency: bool
    state: str = "convened"
    items: dict[str, Item] = field(default_factory=dict)
    notice: str = ""  # current, superseded
    sent: list[tuple[datetime, set[str], date]] = field(default_factory=list)  # what each notice stated, when
    delivered: dict[int, str] = field(default_factory=dict)  # of the current notice: to whom
    on_way: set[int] = field(default_factory=set)  # of the current notice: on paper, not yet delivered
    noticed_at: datetime | None = None
    received: set[int] = field(default_factory=set)
    acknowledged: dict[int, str] = field(default_factory=dict)  # by whom
    proxies: list[Proxy] = field(default_factory=list)
    seats_in: set[int] = field(default_factory=set)  # whose holders are signed in
    holders_in: set[str] = field(default_factory=set)  # of proxies
    attended: set[str] = field(default_factory=set)
    acting: int = 0
    distributed: bool = False
    reported: bool = False
    report_received: bool = False

    @property
    def numbers(self) -> range:
        return range(1, self.rules["seats"] + 1)

    def superseded(self, proxy: Proxy) -> bool:
        """True when the principal acts, and the holder does not."""
        return proxy.came or proxy.seat in self.seats_in

    def held_by(self, who: str) -> list[Proxy]:
        """The proxies by which the person sees the meeting, also those that the principal has ended."""
        # reading: cancelling a meeting ends the sight of a proxy as closing does
        return self.authorised(who) if self.state in OPEN else []

    def authorised(self, who: str) -> list[Proxy]:
        """The proxies of the person for the meeting, even when it is over, without those that are void."""
        # reading: who sees a meeting that is over in another role, and had a proxy there, is told its state
        return [x for x in self.proxies if x.holder == who and not x.void]

    def running(self, seat: int) -> Proxy | None:
        return next((x for x in self.proxies if x.seat == seat and x.running), None)


@dataclass(frozen=True)
class Actor:
    """For which seat a person acts, and under which proxy."""

    who: str
    seat: int
    proxy: Proxy | None = None


class Model:
    """The bank: `do` plays an act, `outcome` tells what a handle has come to."""

    def __init__(self, regulation: dict[str, Any] | None, start: datetime) -> None:
        self.regulation, self.start = regulation or {}, moment(start)
        self.now = self.start
        rules = {**DEFAULTS, **(regulation or {})}
        self.versions: list[tuple[date, dict[str, Any]]] = [(date.min, rules)]
        self.seats: dict[int, str] = {
            n: "chair" if n == 1 else f"seat{n}" for n in range(1, rules["seats"] + 1)
        }
        self.people = (*self.seats.values(), *(f"deputy{n}" for n in self.seats), *OFFICERS)
        self.proposals: dict[str, Proposal] = {}
        self.meetings: dict[str, Meeting] = {}

    def do(self, verb: str, by: str, now: datetime, **args: Any) -> str:
        """Play the act at that time: "accepted", or the code of the refusal and nothing has changed.

        The arguments are those of a rehearsal's step; `draft` also takes the `plan` itself.
        """
        self.now = moment(now)
        try:
            getattr(self, f"_{verb}")(by, **args)
        except No as refusal:
            return str(refusal)
        return "accepted"

    def outcome(self, handle: str) -> dict[str, Any]:
        """What a rehearsal's `outcome` may ask for, of a proposal or a meeting."""
        if handle in self.meetings:
            return {"state": self.meetings[handle].state}
        p = self.proposals[handle]
        plan_votes = [v for v in p.votes if v.question == "plan"]
        last = next((v for v in reversed(plan_votes) if v.state == "closed"), None)
        return {
            "state": p.state,
            "for": last and last.count("for"),
            "against": last and last.count("against"),
            # reading: every abstention counts here, also of a conflicted seat and of a proxy without `vote`
            "abstained": last and last.count("abstain"),
            "rounds": len(plan_votes),
        }

    def holders(self) -> list[str]:
        """The holders of the seats at this moment, in order."""
        return [self.seats[n] for n in sorted(self.seats)]

    # --- who sees what, and as whom a person acts ---------------------------------------------------------

    @property
    def today(self) -> date:
        return day(self.now)

    def in_force(self) -> dict[str, Any]:
        """The version of the regulation of today."""
        begun = [n for n, (since, _) in enumerate(self.versions) if since <= self.today]
        return self.versions[max(begun, key=lambda n: (self.versions[n][0], n))][1]

    def seats_of_all(self) -> int:
        """The seats that every version has which is in force or waits."""
        # reading: of the versions with one effective date only the last made waits
        waiting = {since: rules["seats"] for since, rules in self.versions if since > self.today}
        return int(min([self.in_force()["seats"], *waiting.values()]))

    def seat_of(self, who: str) -> int:
        return next((n for n, holder in self.seats.items() if holder == who), 0)

    def sees_meeting(self, who: str, m: Meeting) -> bool:
        return bool(
            self.seat_of(who)
            or who in ("liaison", "head_office", "risk", "auditor")
            or (who == "credit" and m.state in ("signed", "archived"))
            # reading: a meeting is attended by signing in to it while holding the seat
            or who in m.attended
            or m.held_by(who)
        )

    def sees_proposal(self, who: str, p: Proposal) -> bool:
        return bool(
            UNIT.get(who) == p.unit
            or who == "auditor"
            or (p.was_submitted and (who in ("liaison", "risk") or self.seat_of(who) == 1))
            or (p.was_filed and (who == "head_office" or self.seat_of(who)))
            or (who == "credit" and p.state in ("carried", "rejected", *AFTER_CREDIT))
            or any(p.handle in x.items for m in self.meetings.values() for x in m.held_by(who))
            # reading: voted there means that a vote on it opened there
            or any(
                who in m.attended and p.handle in m.items and m.items[p.handle].vote_opened
                for m in self.meetings.values()
            )
        )

    def meeting(self, who: str, handle: str) -> Meeting:
        m = self.meetings.get(handle)
        need(m and self.sees_meeting(who, m), "access/not-found")
        assert m
        return m

    def proposal(self, who: str, handle: str) -> Proposal:
        p = self.proposals.get(handle)
        need(p and self.sees_proposal(who, p), "access/not-found")
        assert p
        return p

    def item(self, who: str, handle: str) -> tuple[Proposal, Meeting | None, Item]:
        """A proposal, the meeting where it is or last was an item, and what it is there."""
        p = self.proposal(who, handle)
        m = self.meetings.get(p.meeting)
        return p, m, m.items[handle] if m else Item()

    def only_liaison(self, who: str) -> None:
        need(who == "liaison", "12/only-liaison")

    def only_chair(self, who: str, m: Meeting | None = None) -> None:
        """Refuse anyone but the chair and, for what an acting chair may do, the one of that meeting."""
        # reading: the acting chair is whoever holds the seat that was appointed; on an item that has left a
        # meeting it is the one of that last meeting
        seat = self.seat_of(who)
        need(seat == 1 or (m and seat and seat == m.acting), "9/only-chair")

    def only_handler(self, who: str, unit: str) -> None:
        need(who != HEAD[unit], "access/denied")
        need(who in HANDLERS and UNIT[who] == unit, "13/not-handling-institution")

    def chair_there(self, who: str, m: Meeting) -> None:
        need(self.seat_of(who) in m.seats_in, "9/chair-absent")

    def own_seat(self, who: str, m: Meeting | None) -> int:
        """The seat that the person holds in the meeting; a running meeting keeps its seats."""
        seat = self.seat_of(who)
        return seat if seat and (m is None or seat in m.numbers) else 0

    def member(self, who: str, m: Meeting | None) -> int:
        seat = self.own_seat(who, m)
        need(seat, "20.1/no-seat")
        return seat

    def actor(self, who: str, m: Meeting | None, p: Proposal) -> Actor:
        """As whom the person acts on the item: their own seat, else the lowest covered one yet to vote."""
        if seat := self.own_seat(who, m):
            return Actor(who, seat)
        held = m.authorised(who) if m else []
        need(m and held, "20.1/no-seat")
        assert m
        voted = p.vote.ballots if p.vote else {}
        held.sort(key=lambda x: (p.handle not in x.items, m.superseded(x), x.seat in voted, x.seat, x.ended))
        return Actor(who, held[0].seat, held[0])

    def in_scope(self, actor: Actor, m: Meeting, p: Proposal, power: str) -> None:
        """Refuse a holder without the power for the item, then one whose principal came."""
        if actor.proxy:
            # reading: a holder who sees, in another role, an item that is not covered is out of scope there
            need(p.handle in actor.proxy.items and power in actor.proxy.powers, "11/out-of-scope")
            need(not m.superseded(actor.proxy), "11/principal-present")

    def present(self, actor: Actor, m: Meeting) -> None:
        # reading: "for every act": a holder whose principal came is told that, signed in or not
        if actor.proxy and m.superseded(actor.proxy):
            return
        there = actor.who in m.holders_in if actor.proxy else actor.seat in m.seats_in
        need(there, "10/not-present")

    def by_proxy(self, m: Meeting, seat: int, handle: str = "") -> Proxy | None:
        """The proxy that represents the seat: for the item, or at the opening for any covered one."""
        x = m.running(seat)
        if not x or m.superseded(x) or x.holder not in m.holders_in:
            return None
        # reading: at the opening a covered item counts while it is on the agenda
        return x if (handle in x.items if handle else x.items & set(m.agenda)) else None

    def all_there(self, m: Meeting, handle: str = "") -> bool:
        return all(n in m.seats_in or self.by_proxy(m, n, handle) for n in m.numbers)

    def in_session(self, m: Meeting | None, p: Proposal, *states: str) -> Meeting:
        """The meeting, running, with the proposal on its agenda in one of the states."""
        runs = m and m.state == "in_session" and p.handle in m.agenda
        need(runs and p.state in states, "state/not-allowed")
        assert m
        return m

    def voting_in(self, m: Meeting) -> bool:
        return any(self.proposals[handle].state == "voting" for handle in m.agenda)

    # --- drafting and submitting (Art. 6, 7, 13, 23) ------------------------------------------------------

    def _draft(self, by: str, proposal: str, plan: dict[str, Any]) -> None:
        # reading: drafting is a head's to refuse with access/denied too, of either institution
        need(by not in HEAD.values(), "access/denied")
        need(by in HANDLERS, "13/not-handling-institution")
        need(fits(plan, PLAN), "plan/invalid")
        self.proposals[proposal] = Proposal(proposal, UNIT[by], dict(plan))

    def _amend(self, by: str, proposal: str, changes: dict[str, Any]) -> None:
        p = self.proposal(by, proposal)
        self.only_handler(by, p.unit)
        need(p.state in ("draft", "returned"), "state/not-allowed")
        need(fits(changes, PLAN), "plan/invalid")
        p.plan = {**p.plan, **changes}

    def _revise(self, by: str, proposal: str, of: str, changes: dict[str, Any]) -> None:
        old = self.proposal(by, of)
        self.only_handler(by, old.unit)
        need(old.state == "rejected", "state/not-allowed")
        need(fits(changes, PLAN), "plan/invalid")
        self.proposals[proposal] = Proposal(proposal, old.unit, {**old.plan, **changes})

    def sharing(self, p: Proposal) -> list[Proposal]:
        return [q for q in self.proposals.values() if q is not p and contracts(q.plan) & contracts(p.plan)]

    def stands_elsewhere(self, p: Proposal) -> bool:
        return any(q.state in LIVE for q in self.sharing(p))

    def _submit(self, by: str, proposal: str) -> None:
        p = self.proposal(by, proposal)
        self.only_handler(by, p.unit)
        need(p.state in ("draft", "returned"), "state/not-allowed")
        check_submission(p.plan, self.today)
        others = self.sharing(p)
        need(not self.stands_elsewhere(p), "13/already-submitted")
        rejected = [q.plan for q in others if q.state == "rejected"]
        pct = Decimal(self.in_force()["material_change_pct"])
        need(all(differs_in_substance(plan, p.plan, pct) for plan in rejected), "23/no-substantive-change")
        p.state, p.was_submitted, p.resubmission = "submitted", True, bool(rejected)

    def _withdraw(self, by: str, proposal: str, reason: str) -> None:
        p = self.proposal(by, proposal)
        self.only_handler(by, p.unit)
        need(p.state in (*UNTABLED, "tabled"), "state/not-allowed")
        need(says(reason), "13/reason-required")
        self.strike(p, "withdrawn")

    def strike(self, p: Proposal, state: str) -> None:
        """The proposal has left the agenda, the notice stays; a convened meeting without items is off."""
        m = self.meetings.get(p.meeting)
        if m and p.state in ("tabled", "voting"):
            m.agenda.remove(p.handle)
            for _, items, _ in m.sent:
                items.discard(p.handle)
            if m.state == "convened" and not m.agenda:
                m.state = "cancelled"
        p.state = state

    # --- screening (Art. 12, 14) --------------------------------------------------------------------------

    def screened(self, by: str, proposal: str) -> Proposal:
        p = self.proposal(by, proposal)
        self.only_liaison(by)
        need(p.state == "submitted", "state/not-allowed")
        return p

    def _return(self, by: str, proposal: str, reason: str) -> None:
        p = self.screened(by, proposal)
        need(says(reason), "14/reason-required")
        p.state = "returned"

    def _screen_out(self, by: str, proposal: str, reason: str) -> None:
        p = self.screened(by, proposal)
        need(says(reason), "14/reason-required")
        p.state = "screened_out"

    def _shortlist(self, by: str, proposal: str, ruling: str | None = None) -> None:
        p = self.screened(by, proposal)
        need(not p.resubmission or says(ruling), "23/ruling-required")
        p.state = "shortlisted"

    def _file_docket(self, by: str, proposals: list[str]) -> None:
        docket = [self.proposal(by, handle) for handle in proposals]
        self.only_liaison(by)
        need(docket, "14/not-shortlisted")
        # reading: of several plans that cannot be filed the first in the list gives the code
        for p in docket:
            # reading: a returned plan on a docket is not shortlisted
            need(p.state not in ("submitted", "returned"), "14/not-shortlisted")
            need(p.state == "shortlisted", "state/not-allowed")
        for p in docket:
            p.state, p.was_filed = "filed", True

    # --- convening (Art. 9, 15, 16) -----------------------------------------------------------------------

    def check_agenda(self, found: list[Proposal], kept: list[str]) -> None:
        need(found, "15/no-items")
        for p in found:
            # reading: at convening the filing is what is missing, also of a plan not yet shortlisted
            need(p.state not in BEFORE_FILED, "14/not-filed")
            need(p.state == "filed" or p.handle in kept, "state/not-allowed")

    def check_period(self, m: Meeting) -> None:
        need(m.at >= self.now, "15/notice-too-short")
        last = day(m.at) - timedelta(days=m.rules["notice_days"])
        # reading: any notice sent in time that stated the present time and items keeps the period, also a
        # superseded one; items struck by a withdrawal do not count
        stated = any(at == m.at and items == set(m.agenda) and on <= last for at, items, on in m.sent)
        need(m.emergency or self.today <= last or stated, "15/notice-too-short")

    def table(self, m: Meeting) -> None:
        """The agenda's proposals are tabled in the meeting, and what left it is filed again."""
        for handle in m.items.keys() - set(m.agenda):
            if self.proposals[handle].meeting == m.handle and self.proposals[handle].state == "tabled":
                self.proposals[handle].state = "filed"
        for handle in m.agenda:
            m.items.setdefault(handle, Item())
            self.proposals[handle].state, self.proposals[handle].meeting = "tabled", m.handle

    def _convene(
        self,
        by: str,
        meeting: str,
        at: str,
        place: str,
        proposals: list[str],
        emergency: bool = False,
        reason: str | None = None,
    ) -> None:
        found = [self.proposal(by, handle) for handle in proposals]
        self.only_chair(by)
        m = Meeting(meeting, moment(at), place, list(proposals), self.in_force(), emergency)
        self.check_agenda(found, [])
        need(not emergency or says(reason), "15/emergency-reason-required")
        self.check_period(m)
        self.meetings[meeting] = m
        self.table(m)

    def _change_meeting(
        self,
        by: str,
        meeting: str,
        at: str | None = None,
        place: str | None = None,
        proposals: list[str] | None = None,
    ) -> None:
        m = self.meeting(by, meeting)
        found = [self.proposal(by, handle) for handle in proposals or []]
        self.only_chair(by)
        need(m.state == "convened", "state/not-allowed")
        if proposals is not None:
            self.check_agenda(found, m.agenda)
        was = (m.at, m.place, m.agenda)
        m.at, m.place = moment(at) if at else m.at, place if place is not None else m.place
        m.agenda = list(proposals) if proposals is not None else m.agenda
        changed = m.at != was[0] or set(m.agenda) != set(was[2])
        try:
            if changed:
                self.check_period(m)
        except No:
            m.at, m.place, m.agenda = was
            raise
        if changed or m.place != was[1]:
            m.notice = m.notice and "superseded"
            m.delivered, m.received, m.acknowledged, m.on_way = {}, set(), {}, set()
        self.table(m)

    def _cancel_meeting(self, by: str, meeting: str, reason: str) -> None:
        m = self.meeting(by, meeting)
        self.only_chair(by)
        need(m.state == "convened", "state/not-allowed")
        need(says(reason), "15/reason-required")
        m.state, m.agenda = "cancelled", []
        self.table(m)

    def _send_notice(
        self, by: str, meeting: str, paper: list[str] | None = None, posted: list[str] | None = None
    ) -> None:
        m = self.meeting(by, meeting)
        self.only_liaison(by)
        need(m.state == "convened", "state/not-allowed")
        lacking = [n for n in m.numbers if n in self.seats and (n not in m.delivered or n in m.on_way)]
        reached = [*lacking, *self.changed_hands(m)]
        need(m.notice != "current" or reached, "state/not-allowed")
        self.check_period(m)
        m.noticed_at = m.noticed_at if m.notice == "current" else self.now
        m.notice = "current"
        m.sent.append((m.at, set(m.agenda), self.today))
        by_post = {number(seat) for seat in posted or []}
        on_paper = {number(seat) for seat in paper or []} - by_post
        m.on_way = (m.on_way - set(reached)) | (by_post & set(reached))
        m.delivered |= {n: self.seats[n] for n in reached}
        m.received = (m.received - set(reached)) | (on_paper & set(reached))
        m.acknowledged = {n: who for n, who in m.acknowledged.items() if n not in reached}

    def _deliver_notice(
        self,
        by: str,
        meeting: str,
        seat: str,
        received_by: str,
        received_at: str | None = None,
        handed_by: str = "",  # no rule reads it
    ) -> None:
        m = self.meeting(by, meeting)
        self.only_liaison(by)
        need(m.state == "convened", "state/not-allowed")
        self.check_notice(m)
        need(number(seat) in m.delivered, "16/no-notice")
        need(number(seat) in m.on_way and says(received_by), "state/not-allowed")
        at = moment(received_at) if received_at else self.now
        need(m.noticed_at <= at <= self.now, "state/not-allowed")
        m.on_way.remove(number(seat))
        m.received.add(number(seat))

    def changed_hands(self, m: Meeting) -> list[int]:
        """The seats with the current notice whose holder has neither received nor acknowledged it."""
        # reading: a holder who came back had the notice
        return [
            n
            for n, who in m.delivered.items()
            if n in self.seats and self.seats[n] not in (who, m.acknowledged.get(n))
        ]

    def check_notice(self, m: Meeting) -> None:
        need(m.notice, "16/no-notice")
        need(m.notice == "current", "16/notice-superseded")

    def _acknowledge(self, by: str, meeting: str) -> None:
        m = self.meeting(by, meeting)
        seat = self.member(by, m)
        need(m.state in OPEN, "state/not-allowed")
        self.check_notice(m)
        # reading: to a seat that the current notice has not reached there is no notice
        need(seat in m.delivered, "16/no-notice")
        # reading: the opening is the receipt of every seat, so nothing is left to acknowledge after it
        need(seat not in m.received | m.on_way, "state/not-allowed")
        m.received.add(seat)
        m.acknowledged[seat] = by

    # --- proxies and presence (Art. 10, 11) ---------------------------------------------------------------

    def _authorise_proxy(
        self, by: str, meeting: str, holder: str, proposals: list[str], powers: list[str], document: str
    ) -> None:
        m = self.meeting(by, meeting)
        covered = [self.proposal(by, handle) for handle in proposals]
        seat = self.member(by, m)
        need(m.state in OPEN, "state/not-allowed")
        need(says(document), "11/document-required")
        need(covered and powers and set(powers) <= POWERS, "11/scope-required")
        # reading: only running proxies count for `proxies_per_holder`
        held = sum(x.running for x in m.held_by(holder))
        need(
            not self.seat_of(holder)
            and holder != "liaison"
            and all(UNIT.get(holder) != p.unit for p in covered)
            and held < m.rules["proxies_per_holder"],
            "11/holder-not-eligible",
        )
        # reading: an item that is not on the agenda is out of scope
        need(set(proposals) <= set(m.agenda), "11/out-of-scope")
        need(not any(m.items[handle].vote_opened for handle in proposals), "11/after-vote-opened")
        need(not m.running(seat), "state/not-allowed")
        m.proxies.append(Proxy(seat, holder, set(proposals), set(powers)))

    def _revoke_proxy(self, by: str, meeting: str) -> None:
        m = self.meeting(by, meeting)
        seat = self.member(by, m)
        x = m.running(seat)
        need(m.state in OPEN and x, "state/not-allowed")
        assert x
        need(not any(m.items[handle].vote_opened for handle in x.items), "11/after-vote-opened")
        self.void(m, x)

    def void(self, m: Meeting, x: Proxy) -> None:
        x.void = True
        self.maybe_leaves(m, x.holder)

    def maybe_leaves(self, m: Meeting, holder: str) -> None:
        # reading: whoever acts for nobody any more is no longer signed in
        if all(m.superseded(x) for x in m.held_by(holder)):
            m.holders_in.discard(holder)

    def ballot_stands(self, x: Proxy) -> bool:
        votes = [v for handle in x.items for v in self.proposals[handle].votes]
        return any(v.state != "cancelled" and v.ballots.get(x.seat, ("", None))[1] is x for v in votes)

    def _sign_in(self, by: str, meeting: str, mode: str = "in_room") -> None:
        m = self.meeting(by, meeting)
        seat, held = self.own_seat(by, m), m.authorised(by)
        need(seat or held, "20.1/no-seat")
        need(m.state in OPEN, "state/not-allowed")
        if not seat:
            # reading: signing in and out ask whether the principal came before whether it is done already
            need(not all(m.superseded(x) for x in held), "11/principal-present")
            need(by not in m.holders_in, "state/not-allowed")
            m.holders_in.add(by)
            return
        need(seat not in m.seats_in, "state/not-allowed")
        m.seats_in.add(seat)
        m.attended.add(by)
        if x := m.running(seat):
            x.came, x.ended = True, not self.ballot_stands(x)
            self.maybe_leaves(m, x.holder)

    def _sign_out(self, by: str, meeting: str) -> None:
        m = self.meeting(by, meeting)
        seat, held = self.own_seat(by, m), m.authorised(by)
        need(seat or held, "20.1/no-seat")
        need(m.state in OPEN, "state/not-allowed")
        # reading: signing out without being signed in is state/not-allowed
        if seat:
            need(seat in m.seats_in, "state/not-allowed")
            m.seats_in.remove(seat)
        else:
            need(not all(m.superseded(x) for x in held), "11/principal-present")
            need(by in m.holders_in, "state/not-allowed")
            m.holders_in.remove(by)

    # --- in session (Art. 9, 10, 16, 18, 19) --------------------------------------------------------------

    def _open_meeting(self, by: str, meeting: str) -> None:
        m = self.meeting(by, meeting)
        self.only_chair(by, m)
        need(m.state == "convened" and (m.emergency or self.now >= m.at), "state/not-allowed")
        self.check_notice(m)
        # reading: a filled seat that the current notice has not reached makes it 16/no-notice
        there = m.delivered.keys() - m.on_way
        need(all(n in there for n in m.numbers if n in self.seats), "16/no-notice")
        need(self.all_there(m), "20.1/not-all-present")
        self.chair_there(by, m)
        m.state = "in_session"
        m.received |= set(m.numbers)

    def _close_meeting(self, by: str, meeting: str) -> None:
        m = self.meeting(by, meeting)
        self.only_chair(by, m)
        need(m.state == "in_session" and not self.voting_in(m), "state/not-allowed")
        self.chair_there(by, m)
        m.state = "closed"
        for handle in m.agenda:
            if self.proposals[handle].state == "tabled":
                self.proposals[handle].state = "filed"

    def _take_up(self, by: str, proposal: str) -> None:
        p, m, item = self.item(by, proposal)
        self.only_chair(by, m)
        m = self.in_session(m, p, "tabled")
        need(not item.taken_up and not self.voting_in(m), "state/not-allowed")
        self.chair_there(by, m)
        item.taken_up = True
        named = {loan[key] for loan in p.plan["loans"] for key in ("lending_officer", "collection_officer")}
        item.conflicts |= {n for n in m.numbers if self.seats.get(n) in named | {HEAD[p.unit]}}

    def _admit_observer(self, by: str, proposal: str, observer: str) -> None:
        p, m, item = self.item(by, proposal)
        self.only_chair(by, m)
        # reading: nobody is admitted while the item is voted on, nor a second time to the same item
        m = self.in_session(m, p, "tabled")
        need(item.taken_up and not item.observer, "state/not-allowed")
        need(observer == HEAD[p.unit], "19/not-handling-head")
        self.chair_there(by, m)
        item.observer = "present"

    def _withdraw_observer(self, by: str, proposal: str) -> None:
        p, m, item = self.item(by, proposal)
        self.only_liaison(by)
        self.in_session(m, p, "tabled")
        need(item.observer == "present", "state/not-allowed")
        item.observer = "gone"

    def _record_opinion(self, by: str, proposal: str, text: str) -> None:
        p, m, item = self.item(by, proposal)
        actor = self.actor(by, m, p)
        # reading: opinions are possible again between a special-circumstances vote and the vote on the plan
        m = self.in_session(m, p, "tabled")
        need(item.taken_up, "18/not-deliberated")
        # reading: opinions and proposals to cancel keep the order of requests: state, 10, power, principal
        self.present(actor, m)
        self.in_scope(actor, m, p, "speak")
        # reading: an observer is present for the item attended, and bars nothing on the others
        need(item.observer != "present", "19/observer-present")

    # --- conflicts and abstentions (Art. 20.3) ------------------------------------------------------------

    def _declare_conflict(self, by: str, proposal: str, reason: str) -> None:
        p, m, item = self.item(by, proposal)
        seat = self.member(by, m)
        # reading: a plan that is not tabled yet is before the notice; one that was voted on is past
        need(p.state not in UNTABLED, "16/no-notice")
        need(p.state in ("tabled", "voting"), "state/not-allowed")
        # reading: a notice that was superseded since is a notice
        need(m and m.notice, "16/no-notice")
        # reading: after the ballot comes before the second declaration
        need(not (p.vote and seat in p.vote.ballots), "20.1/already-voted")
        need(seat not in item.conflicts, "state/not-allowed")
        need(says(reason), "20.3/reason-required")
        item.conflicts.add(seat)
        item.requests.pop(seat, None)

    def _request_abstention(self, by: str, proposal: str, reason: str) -> None:
        p, m, item = self.item(by, proposal)
        actor = self.actor(by, m, p)
        m = self.in_session(m, p, "tabled", "voting")
        need(item.taken_up, "18/not-deliberated")
        # reading: the ballot is one in the open vote; one on special circumstances does not bar the next vote
        need(not (p.vote and actor.seat in p.vote.ballots), "20.1/already-voted")
        # reading: a conflict counts as a granted request
        asked = item.requests.get(actor.seat) in ("pending", "granted") or actor.seat in item.conflicts
        need(not asked, "state/not-allowed")
        self.present(actor, m)
        self.in_scope(actor, m, p, "vote")
        need(says(reason), "20.3/reason-required")
        item.requests[actor.seat] = "pending"

    def decide(self, by: str, proposal: str, seat: str, verdict: str) -> None:
        p, m, item = self.item(by, proposal)
        n = number(seat)
        for_head_office = n == 1 or bool(m and n == m.acting)
        if not for_head_office:
            self.only_chair(by, m)
        elif by != "head_office":
            # reading: whose the decision is comes before whether there is a request
            need(self.seat_of(by) != n, "20.3/own-request")
            raise No("9/only-chair")
        m = self.in_session(m, p, "tabled", "voting")
        # reading: a request decided already is none; one that is pending may be decided after the ballot
        need(item.requests.get(n) == "pending", "20.3/no-request")
        if not for_head_office:
            self.chair_there(by, m)
        item.requests[n] = verdict

    def _grant_abstention(self, by: str, proposal: str, seat: str) -> None:
        self.decide(by, proposal, seat, "granted")

    def _refuse_abstention(self, by: str, proposal: str, seat: str) -> None:
        self.decide(by, proposal, seat, "refused")

    # --- voting (Art. 7.6, 20) ----------------------------------------------------------------------------

    def _open_vote(self, by: str, proposal: str, question: str = "plan") -> None:
        p, m, item = self.item(by, proposal)
        self.only_chair(by, m)
        m = self.in_session(m, p, "tabled")
        unrecognised = p.only_special and not p.recognised
        need(not self.voting_in(m), "state/not-allowed")
        need(question == "plan" or unrecognised, "state/not-allowed")
        need(item.taken_up, "18/not-deliberated")
        need(question != "plan" or not unrecognised, "7.6/not-recognised")
        need(item.observer != "present", "19/observer-present")
        need(self.all_there(m, proposal), "20.1/not-all-present")
        self.chair_there(by, m)
        vote = Vote(question)
        for n in m.numbers:
            x = self.by_proxy(m, n, proposal)
            if x and "vote" not in x.powers:
                vote.ballots[n] = ("abstain", x)
        p.votes.append(vote)
        p.state, item.vote_opened = "voting", True

    def _cast(self, by: str, proposal: str, choice: str, reason: str | None = None) -> None:
        p, m, item = self.item(by, proposal)
        actor = self.actor(by, m, p)
        vote = p.vote
        need(m and vote, "20/vote-not-open")
        assert m
        assert vote
        self.in_scope(actor, m, p, "vote")
        need(self.all_there(m, proposal), "20.1/not-all-present")
        self.present(actor, m)
        need(actor.seat not in vote.ballots, "20.1/already-voted")
        need(choice in CHOICES, "10.5/unclear-choice")
        conflict = actor.seat in item.conflicts
        if choice == "abstain":
            # reading: a conflicted seat, too, gives its reason for abstaining
            need(says(reason), "20.3/reason-required")
            need(conflict or item.requests.get(actor.seat) == "granted", "20.3/consent-required")
        else:
            need(not conflict, "20.3/conflict")
            need(choice == "for" or says(reason), "20.4/reason-required")
        vote.ballots[actor.seat] = (choice, actor.proxy)

    def _propose_cancellation(self, by: str, proposal: str, reason: str) -> None:
        p, m, _ = self.item(by, proposal)
        actor = self.actor(by, m, p)
        # reading: without an open vote there is nothing to cancel: state/not-allowed
        m = self.in_session(m, p, "voting")
        self.present(actor, m)
        self.in_scope(actor, m, p, "speak")
        need(says(reason), "20.3/reason-required")

    def _close_vote(self, by: str, proposal: str) -> None:
        p, m, _ = self.item(by, proposal)
        self.only_liaison(by)
        vote = p.vote
        need(m and vote, "20/vote-not-open")
        assert m
        assert vote
        need(all(n in vote.ballots for n in m.numbers), "20.1/ballots-missing")
        vote.state = "closed"
        carried = vote.count("for") >= m.rules["votes_to_pass"]
        if vote.question == "plan":
            p.state = "carried" if carried else "rejected"
        elif carried:
            p.state, p.recognised = "tabled", True
        else:
            self.strike(p, "screened_out")

    def _cancel_vote(self, by: str, proposal: str, reason: str) -> None:
        p, m, _ = self.item(by, proposal)
        self.only_chair(by, m)
        m = self.in_session(m, p, "voting")
        need(says(reason), "20.3/reason-required")
        self.chair_there(by, m)
        p.votes[-1].state = "cancelled"
        self.strike(p, "filed")

    # --- minutes and archive (Art. 12, 21) ----------------------------------------------------------------

    def minutes(self, by: str, meeting: str, *states: str) -> Meeting:
        m = self.meeting(by, meeting)
        self.only_liaison(by)
        need(m.state in states, "state/not-allowed")
        return m

    def _draft_minutes(self, by: str, meeting: str, narrative: str) -> None:
        self.minutes(by, meeting, "closed").state = "minuted"

    def _amend_minutes(self, by: str, meeting: str, narrative: str) -> None:
        # reading: minutes that are not drafted yet cannot be amended: state/not-allowed
        m = self.minutes(by, meeting, "minuted", "signed", "archived")
        need(m.state == "minuted", "21/already-effective")

    def _sign_minutes(self, by: str, meeting: str) -> None:
        m = self.meeting(by, meeting)
        self.only_chair(by, m)
        # reading: minutes that are not drafted yet cannot be signed: state/not-allowed
        need(m.state in ("minuted", "signed", "archived"), "state/not-allowed")
        need(m.state == "minuted", "21/already-effective")
        m.state = "signed"

    def effective(self, by: str, meeting: str) -> Meeting:
        m = self.minutes(by, meeting, "closed", "minuted", "signed", "archived")
        need(m.state not in ("closed", "minuted"), "21/minutes-not-signed")
        return m

    def _distribute(self, by: str, meeting: str) -> None:
        m = self.effective(by, meeting)
        need(not m.distributed, "state/not-allowed")
        m.distributed = True

    def _report_decisions(self, by: str, meeting: str) -> None:
        m = self.effective(by, meeting)
        need(not m.reported, "state/not-allowed")
        m.reported = True

    def _receive_report(self, by: str, meeting: str) -> None:
        m = self.meeting(by, meeting)
        need(by == "head_office", "access/denied")
        need(m.reported and not m.report_received, "state/not-allowed")
        m.report_received = True

    def _archive(self, by: str, meeting: str) -> None:
        m = self.minutes(by, meeting, "closed", "minuted", "signed")
        # reading: a meeting without a closed vote has no tally and no resolution to archive
        need(m.state == "signed" and m.distributed and m.reported, "12.6/archive-incomplete")
        m.state = "archived"

    # --- credit approval and execution (Art. 22, 13) ------------------------------------------------------

    def resolved(self, by: str, proposal: str) -> Proposal:
        p = self.proposal(by, proposal)
        need(by == "credit", "22/only-credit-department")
        need(p.state in ("carried", "rejected"), "state/not-allowed")
        signed = self.meetings[p.meeting].state in ("signed", "archived")
        need(p.state == "carried" and signed, "22/no-effective-resolution")
        return p

    def _approve_credit(self, by: str, proposal: str, terms: dict[str, Any] | None = None) -> None:
        p = self.resolved(by, proposal)
        need(as_resolved(terms or {}, p.plan, PLAN), "22/terms-deviate")
        p.state = "credit_approved"

    def _decline_credit(self, by: str, proposal: str, reason: str) -> None:
        p = self.resolved(by, proposal)
        need(says(reason), "22/reason-required")
        p.state = "credit_declined"

    def follow_receipts(self, p: Proposal) -> None:
        paid = sum(amount for amount, _ in p.receipts)
        due = total(p.plan["schedule"], "principal", "interest")
        p.state = "credit_approved" if not p.receipts else "executing" if paid < due else "completed"

    def _record_receipt(self, by: str, proposal: str, amount: str, received_on: str) -> None:
        p = self.proposal(by, proposal)
        self.only_handler(by, p.unit)
        # reading: what is completed takes no further receipt
        need(p.state in ("credit_approved", "executing"), "state/not-allowed")
        need(KINDS[MONEY](amount) and Decimal(amount) > 0, "receipt/invalid")
        need(p.plan["base_date"] <= received_on <= self.today.isoformat(), "receipt/invalid")
        before = sum((paid for paid, _ in p.receipts), Decimal(0))
        need(before + Decimal(amount) <= receivable(p.plan), "receipt/invalid")
        p.receipts.append((Decimal(amount), received_on))
        self.follow_receipts(p)

    def _reverse_receipt(self, by: str, proposal: str, amount: str, received_on: str, reason: str) -> None:
        p = self.proposal(by, proposal)
        self.only_handler(by, p.unit)
        # reading: in credit_approved there is no receipt, which is receipt/invalid and not the state
        need(p.state in ("credit_approved", "executing", "completed"), "state/not-allowed")
        # reading: the reason is asked for before the receipt is looked for
        need(says(reason), "13/reason-required")
        entry = (Decimal(amount) if KINDS[MONEY](amount) else None, received_on)
        need(entry in p.receipts, "receipt/invalid")
        completed = p.state == "completed"
        left = p.receipts.copy()
        left.remove(entry)
        due = total(p.plan["schedule"], "principal", "interest")
        # reading: completed, its contracts were free; live again, they stand in one live plan of the bank
        lives_again = completed and sum(amount for amount, _ in left) < due
        need(not (lives_again and self.stands_elsewhere(p)), "13/already-submitted")
        p.receipts = left
        self.follow_receipts(p)

    def _terminate(self, by: str, proposal: str, reason: str) -> None:
        p = self.proposal(by, proposal)
        self.only_liaison(by)
        need(p.state in ("credit_approved", "executing"), "state/not-allowed")
        need(says(reason), "14/reason-required")
        p.state = "terminated"

    # --- roster and regulation (Art. 4, 5, 9, 24) ---------------------------------------------------------

    def _amend_regulation(self, by: str, changes: dict[str, Any], effective_from: str) -> None:
        need(by == "risk", "24/only-risk-department")
        rules = {**self.versions[-1][1], **changes}
        since = date.fromisoformat(effective_from)
        need(
            rules.keys() == DEFAULTS.keys()
            and rules["seats"] >= 3
            and rules["seats"] < 2 * rules["votes_to_pass"] <= 2 * rules["seats"]
            and rules["notice_days"] >= 0
            # reading: no filled seat may be left with a number above `seats`
            and rules["seats"] >= max(self.seats, default=0)
            and since >= self.today,
            "24/invalid-regulation",
        )
        self.versions.append((since, rules))

    def _appoint_acting_chair(self, by: str, meeting: str, seat: str) -> None:
        m = self.meeting(by, meeting)
        need(by == "head_office", "access/denied")
        n = number(seat)
        # reading: appointing the same seat again changes nothing and is accepted
        need(m.state in OPEN and n != 1 and n in m.numbers and n in self.seats, "state/not-allowed")
        m.acting = n

    def _vacate_seat(self, by: str, seat: str) -> None:
        need(by == "risk", "access/denied")
        n = number(seat)
        need(n in self.seats or n <= self.seats_of_all(), "4/too-many-seats")
        need(n in self.seats, "state/not-allowed")
        del self.seats[n]
        for m in self.meetings.values():
            m.seats_in.discard(n)
            # reading: the appointment is the holder's; a new holder of the seat does not preside
            if m.acting == n and m.state in OPEN:
                m.acting = 0
            for x in m.proxies:
                if x.seat == n:
                    self.void(m, x)

    def _fill_seat(self, by: str, seat: str, holder: str) -> None:
        need(by == "risk", "access/denied")
        n = number(seat)
        need(n <= self.seats_of_all(), "4/too-many-seats")
        need(n not in self.seats, "state/not-allowed")
        need(holder != "liaison", "5/liaison-may-not-sit")
        need(not self.seat_of(holder), "4/one-seat-per-person")
        running = any(x.running for m in self.meetings.values() for x in m.held_by(holder))
        need(not running, "11/holder-not-eligible")
        self.seats[n] = holder
