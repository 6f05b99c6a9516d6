"""Random walks through the bank: plausible steps, led by the model's present state, and their comparison.

    rng = random.Random(7)  # or hypothesis: st.randoms(use_true_random=False)
    model = Model(regulation(rng), START)
    run(model, engine, walk(rng, model, 300))

`walk` looks at the model before each step, so a step must be played on the model before the next one is asked
for; `run` does. An engine is any object with `do` and `outcome` as the model has them (`Engine`), set up with
`model.regulation`, `model.start` and the people of a rehearsal. They disagree when a code or an outcome
differs; `Disagreement` then carries the walk so far as a rehearsal, which the real player can play.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Protocol

from tests.model.model import HEAD, LIVE, OPEN, SHANGHAI, UNTABLED, Meeting, Model, Proposal, contracts

START = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
MOST_PROPOSALS = 12


class Engine(Protocol):
    """What is held against the model; the model itself is one."""

    def do(self, verb: str, by: str, now: datetime, **args: Any) -> str: ...

    def outcome(self, handle: str) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Step:
    """One act: the arguments are those of a rehearsal's step, and of `draft` also the `plan`."""

    do: str
    by: str
    now: datetime
    args: dict[str, Any]


def regulation(rng: Random) -> dict[str, Any]:
    """A regulation for a walk; small committees reach deep states in few steps."""
    seats, votes = rng.choice([(3, 2), (3, 2), (4, 3), (5, 3), (5, 4), (9, 6)])
    return {
        "seats": seats,
        "votes_to_pass": votes,
        "notice_days": rng.choice([0, 1, 2, 2]),
        "proxies_per_holder": rng.choice([1, 1, 2]),
    }


def small_plan(*contract_numbers: str, **changes: Any) -> dict[str, Any]:
    """A plan to submit on START or later: 1,000 yuan of principal and 100 of interest a contract."""
    count = len(contract_numbers)
    loan = {
        "principal": "1000.00",
        "interest_on_balance": "80.00",
        "interest_off_balance": "20.00",
        "penalty": "10.00",
        "rate": "8.40",
        "issued_on": "2024-01-10",
        "due_on": "2025-01-10",
        "days_past_due": 416,
        "classification": "doubtful",
        "lending_officer": "Lending officer A",
        "collection_officer": "Collection officer B",
    }
    flows = [{"on": "2026-12-31", "amount": "500.00", "probability": "60"}]
    plan = {
        "title": f"Instalments for {', '.join(contract_numbers)}",
        "borrower": {
            "name": "王某",
            "id_no": "320000190001010001",
            "kind": "household",
            "operating": "reduced",
            "cause": "Illness",
        },
        "base_date": "2026-03-01",
        "loans": [{"contract_no": number, **loan} for number in contract_numbers],
        "guarantees": [],
        "collateral": [],
        "conditions": {"7.1": "Order book seen"},
        "investigation": {
            "relationship": "Acknowledged in writing.",
            "willingness": "The borrower signed.",
            "assets": "Registers searched.",
            "feasibility": "The sources cover the schedule.",
            "accountability": "No breach of duty found.",
        },
        "recoverability": "recoverable_with_effort",
        "measures": ["instalments"],
        "concessions": {
            "interest_waived": "0.00",
            "penalty_waived": "0.00",
            "principal_waived": "0.00",
            "new_money": "0.00",
            "extension_months": 0,
            "new_rate": None,
        },
        "sources": [{"kind": "business_income", "amount": f"{1100 * count}.00", "description": "Sales"}],
        "schedule": [
            {"due_on": "2026-06-30", "principal": f"{400 * count}.00", "interest": f"{100 * count}.00"},
            {"due_on": "2026-12-31", "principal": f"{600 * count}.00", "interest": "0.00"},
        ],
        "discount_rate": "6.00",
        "alternatives": [{"name": "enforcement", "cost": "50.00", "flows": flows}],
        "expected_recovery": f"{1100 * count}.00",
        "executor": "Collection officer",
        "milestones": [{"on": "2026-06-30", "what": "First instalment"}],
        "attachments": [],
    }
    return {**plan, **changes}


DEFECTS: list[dict[str, Any]] = [
    {"title": " "},
    {"measures": []},
    {"measures": ["prayer"]},
    {"colour": "red"},
    {"expected_recovery": "-1.00"},
    {"expected_recovery": "9999999.00"},
    {"base_date": "2027-01-01"},
    {"conditions": {}},
    {"conditions": {"7.2": " . "}},
    {"loans": [{**small_plan("C-1")["loans"][0], "classification": "normal"}]},
    {"alternatives": [{"name": "sale", "cost": "1.00", "flows": []}]},
    {"loans": small_plan("C-1", "c‑1")["loans"]},
    {"expected_recovery": "1210.00"},
    {"expected_recovery": "1210.01"},
]
#: other spellings of a contract number "C-1"
SPELLINGS = [str.lower, lambda number: f" {number}\u200b", lambda number: number.replace("-", "－")]
REVISIONS: list[dict[str, Any]] = [
    {"title": "The same again"},
    {"sources": [{"kind": "guarantor", "amount": "1100.00", "description": "The guarantor's account"}]},
    {"measures": ["instalments", "active_visit"]},
    {"expected_recovery": "1080.00"},
    {"expected_recovery": "1090.00"},
    {"guarantees": [{"guarantor": "李某", "amount": "500.00", "capacity": "A salary"}]},
]
REASONS = ["The papers came late", "Reason given in writing", "  ", " . ", "理由充分"]
VERBS = {
    "draft": (), "amend": ("proposal", "changes"), "submit": ("proposal",),
    "withdraw": ("proposal", "reason"),
    "revise": ("of", "changes"), "return": ("proposal", "reason"), "screen_out": ("proposal", "reason"),
    "shortlist": ("proposal",), "file_docket": ("proposals",), "convene": ("at", "place", "proposals"),
    "change_meeting": ("meeting", "at"), "cancel_meeting": ("meeting", "reason"), "send_notice": ("meeting",),
    "acknowledge": ("meeting",), "revoke_proxy": ("meeting",), "sign_in": ("meeting",),
    "sign_out": ("meeting",),
    "authorise_proxy": ("meeting", "holder", "proposals", "powers", "document"),
    "open_meeting": ("meeting",), "close_meeting": ("meeting",), "take_up": ("proposal",),
    "admit_observer": ("proposal", "observer"), "withdraw_observer": ("proposal",),
    "record_opinion": ("proposal", "text"), "declare_conflict": ("proposal", "reason"),
    "request_abstention": ("proposal", "reason"), "grant_abstention": ("proposal", "seat"),
    "refuse_abstention": ("proposal", "seat"), "propose_cancellation": ("proposal", "reason"),
    "open_vote": ("proposal", "question"), "cast": ("proposal", "choice", "reason"),
    "close_vote": ("proposal",),
    "cancel_vote": ("proposal", "reason"), "draft_minutes": ("meeting", "narrative"),
    "amend_minutes": ("meeting", "narrative"), "sign_minutes": ("meeting",), "distribute": ("meeting",),
    "report_decisions": ("meeting",), "receive_report": ("meeting",), "archive": ("meeting",),
    "approve_credit": ("proposal", "terms"), "decline_credit": ("proposal", "reason"),
    "record_receipt": ("proposal", "amount", "received_on"),
    "reverse_receipt": ("proposal", "amount", "received_on", "reason"), "terminate": ("proposal", "reason"),
    "amend_regulation": ("changes", "effective_from"), "appoint_acting_chair": ("meeting", "seat"),
    "vacate_seat": ("seat",), "fill_seat": ("seat", "holder"),
}  # fmt: skip
USUAL = {
    **dict.fromkeys(("draft", "amend", "submit", "withdraw", "revise", "record_receipt"), "handler"),
    **dict.fromkeys(
        ("return", "screen_out", "shortlist", "file_docket", "send_notice", "close_vote"), "liaison"
    ),
    **dict.fromkeys(("distribute", "report_decisions", "archive", "terminate", "draft_minutes"), "liaison"),
    **dict.fromkeys(("vacate_seat", "fill_seat", "amend_regulation"), "risk"),
    **dict.fromkeys(("approve_credit", "decline_credit"), "credit"),
    **dict.fromkeys(("receive_report", "appoint_acting_chair"), "head_office"),
    "reverse_receipt": "handler",
    "withdraw_observer": "liaison",
    "amend_minutes": "liaison",
}


class Walker:
    """Chooses the next step by the model's state: mostly what moves a case on, some rare, some silly."""

    def __init__(self, rng: Random, model: Model) -> None:
        self.rng, self.model, self.now = rng, model, model.now
        self.drafted = self.convened = 0
        self.last: Step | None = None

    def step(self) -> Step:
        if self.rng.random() < 0.1:
            self.now += timedelta(minutes=self.rng.choice([1, 30, 60 * 24]))
        luck = self.rng.random()
        step = self.sensible() if luck < 0.66 else self.rare() if luck < 0.86 else self.silly()
        self.last = step
        return step

    # --- small choices ---

    def act(self, do: str, by: str, **args: Any) -> Step:
        return Step(do, by, self.now, args)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def reason(self) -> str:
        return self.rng.choice(REASONS) if self.chance(0.15) else REASONS[0]

    def handler(self, p: Proposal) -> str:
        return "handler" if p.unit == "A" else "other_handler"

    def chair(self) -> str:
        return self.model.seats.get(1, "chair")

    def presiding(self, m: Meeting) -> str:
        acting = self.model.seats.get(m.acting)
        if (
            acting
            and (m.acting in m.seats_in or self.chance(0.3))
            and (1 not in m.seats_in or self.chance(0.3))
        ):
            return acting
        return self.chair()

    def seat_handle(self, n: int) -> str:
        return "chair" if n == 1 else f"seat{n}"

    def some(self, handles: Iterable[str]) -> list[str]:
        found = list(handles)
        return [h for h in found if self.chance(0.8)] or found[:1]

    def meetings(self, *states: str) -> list[Meeting]:
        return [m for m in self.model.meetings.values() if m.state in states]

    def proposals(self, *states: str) -> list[Proposal]:
        return [p for p in self.model.proposals.values() if p.state in states]

    # --- what moves a case on ---

    def sensible(self) -> Step:
        vacant = sorted(set(range(1, self.model.in_force()["seats"] + 1)) - self.model.seats.keys())
        if vacant and self.chance(0.5):
            return self.fill(vacant[0])
        running = self.meetings(*OPEN)
        if running and self.chance(0.9):
            m = self.rng.choice(running)
            return self.in_session(m) if m.state == "in_session" else self.before(m)
        after = [*self.after_meetings(), *self.before_meetings()]
        return self.rng.choice(after) if after else self.rare()

    def fill(self, n: int) -> Step:
        free = [who for who in self.model.people if who.startswith("deputy") and not self.model.seat_of(who)]
        holder = (
            self.rng.choice(self.model.people) if self.chance(0.15) or not free else self.rng.choice(free)
        )
        return self.act("fill_seat", "risk", seat=self.seat_handle(n), holder=holder)

    def draft(self) -> Step:
        self.drafted += 1
        taken = {n for p in self.proposals(*LIVE) for n in contracts(p.plan)}
        free = [n for n in ("C-1", "C-2", "C-3") if n.casefold() not in taken] or ["C-1"]
        chosen = ["C-1", "C-2"] if self.chance(0.2) else free[: self.rng.choice([1, 1, 2])]
        changes: dict[str, Any] = {}
        if self.chance(0.2):
            changes["conditions"] = {"7.6": "An old debt"}
        plan = small_plan(*chosen, **changes)
        if self.chance(0.2):
            loan = plan["loans"][0]
            loan["contract_no"] = self.rng.choice(SPELLINGS)(loan["contract_no"])
        if self.chance(0.3):
            plan["loans"][0]["lending_officer"] = self.rng.choice(self.model.people)
        if self.chance(0.1):
            plan |= self.rng.choice(DEFECTS)
        by = self.rng.choice(["handler", "handler", "other_handler"])
        return self.act("draft", by, proposal=f"P{self.drafted}", plan=plan)

    def revise(self, old: Proposal) -> Step:
        self.drafted += 1
        changes = self.rng.choice(REVISIONS)
        return self.act(
            "revise", self.handler(old), proposal=f"P{self.drafted}", of=old.handle, changes=changes
        )

    def mended(self, p: Proposal) -> Step:
        """A new plan for the draft, with a change of substance and, for once, contracts of its own."""
        numbers = [f"C-{p.handle}"] if self.chance(0.5) else sorted(contracts(p.plan))
        changes = small_plan(*numbers, **self.rng.choice(REVISIONS))
        return self.act("amend", self.handler(p), proposal=p.handle, changes=changes)

    def before_meetings(self) -> Iterator[Step]:
        if len(self.model.proposals) < MOST_PROPOSALS and len(self.proposals(*UNTABLED)) < 2:
            yield self.draft()
            yield from (self.revise(p) for p in self.proposals("rejected"))
        for p in self.proposals("draft", "returned"):
            if self.chance(0.1):
                changes = self.rng.choice(DEFECTS)
                yield self.act("amend", self.handler(p), proposal=p.handle, changes=changes)
            elif self.chance(0.4):
                yield self.mended(p)
            yield self.act("submit", self.handler(p), proposal=p.handle)
        for p in self.proposals("submitted"):
            if self.chance(0.1):
                do = self.rng.choice(["return", "screen_out"])
                yield self.act(do, "liaison", proposal=p.handle, reason=self.reason())
            ruled = {"ruling": self.reason()} if p.resubmission and self.chance(0.9) else {}
            yield self.act("shortlist", "liaison", proposal=p.handle, **ruled)
        if shortlisted := self.proposals("shortlisted"):
            yield self.act("file_docket", "liaison", proposals=self.some(p.handle for p in shortlisted))
        filed = self.proposals("filed")
        if filed and len(self.meetings(*OPEN)) < 2:
            yield self.convene(self.some(p.handle for p in filed))

    def convene(self, handles: list[str]) -> Step:
        self.convened += 1
        urgent = {"emergency": True, "reason": self.reason()} if self.chance(0.2) else {}
        at = self.now + timedelta(
            days=0 if urgent else self.rng.choice([1, 2, 3, 3]), hours=self.rng.choice([0, 1])
        )
        return self.act(
            "convene",
            self.chair(),
            meeting=f"M{self.convened}",
            at=at.isoformat(),
            place="Room 3",
            proposals=handles,
            **urgent,
        )

    def before(self, m: Meeting) -> Step:
        """Notice, presence, opening."""
        model, stuck = self.model, self.now > m.at and not m.emergency
        if m.notice != "current" or any(n in model.seats and n not in m.delivered for n in m.numbers):
            if stuck or (self.now > m.at and self.chance(0.5)):
                at = self.now + timedelta(days=3)
                return self.act("change_meeting", self.chair(), meeting=m.handle, at=at.isoformat())
            paper = (
                {"paper": [self.seat_handle(self.rng.choice(list(m.numbers)))]} if self.chance(0.2) else {}
            )
            return self.act("send_notice", "liaison", meeting=m.handle, **paper)
        if model.changed_hands(m) and self.chance(0.3):
            return self.act("send_notice", "liaison", meeting=m.handle)
        if absent := [n for n in m.numbers if n not in m.seats_in and not model.by_proxy(m, n)]:
            return self.come(m, self.rng.choice(absent))
        if not {1, m.acting} & m.seats_in:
            return self.someone_to_preside(m)
        if self.now < m.at and not m.emergency and self.chance(0.9):
            self.now = m.at
        return self.act("open_meeting", self.presiding(m), meeting=m.handle)

    def someone_to_preside(self, m: Meeting) -> Step:
        there = sorted(m.seats_in - {1})
        if there and self.chance(0.8):
            return self.act(
                "appoint_acting_chair", "head_office", meeting=m.handle, seat=self.seat_handle(there[0])
            )
        return self.act("sign_in", self.chair(), meeting=m.handle)

    def come(self, m: Meeting, n: int) -> Step:
        """The seat's holder comes, or sends a proxy, or the proxy comes."""
        holder, proxy = self.model.seats.get(n), m.running(n)
        if not holder:
            return (
                self.fill(n)
                if self.chance(0.7)
                else self.act("cancel_meeting", self.chair(), meeting=m.handle, reason="Off")
            )
        if proxy and not m.superseded(proxy) and proxy.holder not in m.holders_in and self.chance(0.85):
            return self.act("sign_in", proxy.holder, meeting=m.handle)
        if not proxy and self.chance(0.35):
            return self.proxy(m, holder)
        return self.act("sign_in", holder, meeting=m.handle)

    def proxy(self, m: Meeting, principal: str) -> Step:
        # seats that an amendment added have no deputies
        deputies = [who for who in self.model.people if who.startswith("deputy")]
        holder = self.rng.choice(deputies if self.chance(0.8) else self.model.people)
        powers = (
            ["attend", "speak", "vote"]
            if self.chance(0.7)
            else self.rng.choice([["attend"], ["vote"], [], ["sign"]])
        )
        handles = list(m.agenda) if self.chance(0.8) else self.some(self.model.proposals)
        return self.act(
            "authorise_proxy",
            principal,
            meeting=m.handle,
            holder=holder,
            proposals=handles,
            powers=powers,
            document="Signed" if self.chance(0.95) else " ",
        )

    def in_session(self, m: Meeting) -> Step:
        model = self.model
        tabled = [model.proposals[h] for h in m.agenda if model.proposals[h].state in ("tabled", "voting")]
        if not tabled:
            return self.act("close_meeting", self.presiding(m), meeting=m.handle)
        p = next((p for p in tabled if p.vote), tabled[0])
        absent = [n for n in m.numbers if n not in m.seats_in and not model.by_proxy(m, n, p.handle)]
        item = m.items[p.handle]
        if not {1, m.acting} & m.seats_in and self.chance(0.8):
            return self.someone_to_preside(m)
        if not item.taken_up:
            return self.act("take_up", self.presiding(m), proposal=p.handle)
        if not p.vote and self.chance(0.4):
            return self.deliberation(m, p)
        if item.observer == "present" and self.chance(0.7):
            return self.act("withdraw_observer", "liaison", proposal=p.handle)
        if absent and self.chance(0.8):
            return self.come(m, absent[0])
        if not p.vote:
            special = p.only_special and not p.recognised
            question = {"question": "special-circumstances"} if special and self.chance(0.9) else {}
            return self.act("open_vote", self.presiding(m), proposal=p.handle, **question)
        missing = [n for n in m.numbers if n not in p.vote.ballots]
        if missing and self.chance(0.95):
            return self.ballot(m, p, self.rng.choice(missing))
        return self.act("close_vote", "liaison", proposal=p.handle)

    def deliberation(self, m: Meeting, p: Proposal) -> Step:
        n, on = self.rng.choice(list(m.numbers)), {"proposal": p.handle}
        proxy = m.running(n)
        who = proxy.holder if proxy and n not in m.seats_in else self.model.seats.get(n, "outsider")
        head = self.rng.choice(["handler_head", "other_head"]) if self.chance(0.2) else HEAD[p.unit]
        asked = [seat for seat, state in m.items[p.handle].requests.items() if state == "pending"]
        if asked and self.chance(0.5):
            return self.decide(m, p, asked[0])
        return self.rng.choice(
            [
                self.act("record_opinion", who, **on, text="The schedule is tight."),
                self.act("request_abstention", who, **on, reason=self.reason()),
                self.act("declare_conflict", who, **on, reason=self.reason()),
                self.act("admit_observer", self.presiding(m), **on, observer=head),
            ]
        )

    def ballot(self, m: Meeting, p: Proposal, n: int) -> Step:
        item, proxy = m.items[p.handle], self.model.by_proxy(m, n, p.handle)
        by = proxy.holder if proxy and n not in m.seats_in else self.model.seats.get(n, "outsider")
        if n in item.conflicts or item.requests.get(n) == "granted":
            choice = "abstain" if self.chance(0.8) else "for"
        else:
            choice = self.rng.choice(["for"] * 7 + ["against"] * 4 + ["abstain", "perhaps"])
        if item.requests.get(n) == "pending" and self.chance(0.7):
            return self.decide(m, p, n)
        return self.act("cast", by, proposal=p.handle, choice=choice, reason=self.reason())

    def decide(self, m: Meeting, p: Proposal, n: int) -> Step:
        do = "grant_abstention" if self.chance(0.8) else "refuse_abstention"
        by = "head_office" if n in (1, m.acting) else self.presiding(m)
        return self.act(do, by, proposal=p.handle, seat=self.seat_handle(n))

    def after_meetings(self) -> Iterator[Step]:
        for m in self.meetings("closed"):
            yield self.act("draft_minutes", "liaison", meeting=m.handle, narrative="As recorded.")
        for m in self.meetings("minuted"):
            yield self.act("sign_minutes", self.presiding(m), meeting=m.handle)
        for m in self.meetings("signed"):
            do = (
                "archive"
                if m.distributed and m.reported
                else "report_decisions"
                if m.distributed
                else "distribute"
            )
            yield self.act(do, "liaison", meeting=m.handle)
        for m in self.meetings("signed", "archived"):
            if m.reported and not m.report_received:
                yield self.act("receive_report", "head_office", meeting=m.handle)
        for p in self.proposals("carried"):
            stated = self.rng.choice([{"expected_recovery": "1100.00"}, {"colour": "red"}])
            terms = {"terms": stated} if self.chance(0.2) else {}
            yield self.act("approve_credit", "credit", proposal=p.handle, **terms)
        for p in self.proposals("credit_approved", "executing"):
            amount = self.rng.choice(["500.00", "1100.00", "710.00", "1210.00"])
            received = self.rng.choice(
                [self.now.date().isoformat()] * 5 + [p.plan["base_date"], "2026-02-28"]
            )
            yield self.act(
                "record_receipt", self.handler(p), proposal=p.handle, amount=amount, received_on=received
            )

    # --- what is rare ---

    def rare(self) -> Step:
        running = self.meetings(*OPEN)
        if not running or self.chance(0.15):
            return self.aside()
        m = self.rng.choice(running)
        handle = self.rng.choice(m.agenda) if m.agenda else self.rng.choice(list(self.model.proposals))
        p, n = self.model.proposals[handle], self.rng.choice(list(m.numbers))
        proxy = m.running(n)
        who = proxy.holder if proxy and self.chance(0.6) else self.model.seats.get(n, "outsider")
        came = [x.holder for x in m.proxies if x.came and not x.void]
        who = self.rng.choice(came) if came and self.chance(0.3) else who
        asked = (
            [seat for seat, state in m.items[handle].requests.items() if state == "pending"]
            if m.agenda
            else []
        )
        if asked:
            return self.decide(m, p, asked[0])
        chair = self.presiding(m)
        other_day = (self.now + timedelta(days=3)).isoformat()
        on = {"proposal": handle}
        return self.rng.choice(
            [
                self.act("acknowledge", who, meeting=m.handle),
                self.act("send_notice", "liaison", meeting=m.handle),
                self.act("admit_observer", chair, **on, observer=self.rng.choice(list(HEAD.values()))),
                self.proxy(m, self.model.seats.get(n, "outsider")),
                self.act("revoke_proxy", self.model.seats.get(n, "outsider"), meeting=m.handle),
                self.act("sign_out", who, meeting=m.handle),
                self.act("sign_in", who, meeting=m.handle, mode="video"),
                self.act("record_opinion", who, **on, text="The schedule is tight."),
                self.act("request_abstention", who, **on, reason=self.reason()),
                self.act("declare_conflict", who, **on, reason=self.reason()),
                self.act("propose_cancellation", who, **on, reason=self.reason()),
                self.act("cancel_vote", chair, **on, reason=self.reason()),
                self.act("withdraw", self.handler(p), **on, reason=self.reason()),
                self.act(
                    "change_meeting",
                    self.chair(),
                    meeting=m.handle,
                    place=self.rng.choice(["Room 3", "Room 5"]),
                ),
                self.act("change_meeting", self.chair(), meeting=m.handle, at=other_day),
                self.act(
                    "change_meeting",
                    self.chair(),
                    meeting=m.handle,
                    proposals=self.some(self.model.proposals),
                ),
                self.act("cancel_meeting", self.chair(), meeting=m.handle, reason=self.reason()),
                self.act("appoint_acting_chair", "head_office", meeting=m.handle, seat=self.seat_handle(n)),
                self.act("vacate_seat", "risk", seat=self.seat_handle(n)),
                self.act("close_meeting", chair, meeting=m.handle),
            ]
        )

    def aside(self) -> Step:
        """An amendment, a credit refused, an end before the end."""
        seats, votes = self.model.in_force()["seats"], self.model.in_force()["votes_to_pass"]
        more = min(seats + 1, self.model.regulation["seats"] + 1)
        changes: dict[str, Any] = self.rng.choice(
            [
                {"seats": more, "votes_to_pass": more // 2 + 1},
                {"seats": seats - 1, "votes_to_pass": (seats - 1) // 2 + 1},
                {"votes_to_pass": votes + 1},
                {"proxies_per_holder": 2},
                {"notice_days": 1},
                {"notice_days": -1},
                {"colour": 1},
            ]
        )
        since = self.now.date() + timedelta(days=self.rng.choice([-1, 0, 0, 1]))
        amendment = self.act("amend_regulation", "risk", changes=changes, effective_from=since.isoformat())
        return self.rng.choice([*self.ends(), amendment]) if self.chance(0.4) else self.silly()

    def ends(self) -> Iterator[Step]:
        for p in self.proposals("carried"):
            yield self.act("decline_credit", "credit", proposal=p.handle, reason=self.reason())
        for p in self.proposals("credit_approved", "executing"):
            yield self.act("terminate", "liaison", proposal=p.handle, reason=self.reason())
        for p in self.proposals("executing", "completed"):
            amount, on = self.rng.choice(p.receipts)
            again = {"amount": str(amount), "received_on": on, "reason": self.reason()}
            yield self.act("reverse_receipt", self.handler(p), proposal=p.handle, **again)
        for m in self.meetings("minuted", "signed"):
            yield self.act("amend_minutes", "liaison", meeting=m.handle, narrative="In other words.")

    # --- what is silly ---

    def silly(self) -> Step:
        """The last step again, a sensible one by another person, or any verb with any arguments."""
        if self.last and self.last.do not in ("draft", "revise", "convene") and self.chance(0.25):
            return self.act(self.last.do, self.last.by, **self.last.args)
        if self.chance(0.4):
            step = self.sensible()
            return self.act(step.do, self.rng.choice(self.model.people), **step.args)
        verb = self.rng.choice(sorted(VERBS))
        args = {name: self.anything(name) for name in VERBS[verb]}
        if verb == "draft" or not self.model.proposals:
            return self.draft()
        if None in args.values():
            return self.rare() if self.meetings(*OPEN) else self.draft()
        if verb == "revise":
            self.drafted += 1
            args["proposal"] = f"P{self.drafted}"
        if verb == "convene":
            self.convened += 1
            args["meeting"] = f"M{self.convened}"
        usual = USUAL.get(verb, self.rng.choice(self.model.holders() or ["outsider"]))
        return self.act(verb, usual if self.chance(0.7) else self.rng.choice(self.model.people), **args)

    def anything(self, name: str) -> Any:
        """Any value for the argument; None when there is nothing yet that it could name."""
        rng, model = self.rng, self.model
        if name in ("proposal", "of"):
            return rng.choice(list(model.proposals)) if model.proposals else None
        if name == "meeting":
            return rng.choice(list(model.meetings)) if model.meetings else None
        if name == "at":
            return (self.now + timedelta(days=rng.choice([-1, 0, 1, 2, 3]))).isoformat()
        if name in ("effective_from", "received_on"):
            return (self.now.date() + timedelta(days=rng.choice([-1, 0, 1]))).isoformat()
        choices: dict[str, list[Any]] = {
            "proposals": [[], self.some(model.proposals), self.some(model.proposals)],
            "changes": [*DEFECTS, *REVISIONS, {"notice_days": 1}],
            "powers": [["vote"], ["attend", "speak", "vote"], []],
            "holder": list(model.people),
            "observer": ["handler_head", "other_head", "outsider"],
            "seat": ["chair", "seat2", "seat3", f"seat{len(model.seats) + 1}"],
            "choice": ["for", "against", "abstain", "yes"],
            "question": ["plan", "special-circumstances"],
            "amount": ["0.00", "500.00", "1100.00"],
            "terms": [{}, {"expected_recovery": "1100.00"}, {"colour": "red"}],
            "reason": REASONS,
            "document": REASONS,
        }
        return rng.choice(choices.get(name, ["As recorded."]))


def walk(rng: Random, model: Model, length: int) -> Iterator[Step]:
    """The steps of a walk; each must be played on the model before the next is asked for."""
    walker = Walker(rng, model)
    for _ in range(length):
        yield walker.step()


class Disagreement(AssertionError):
    """The engine answered or came to something else; `rehearsal` replays the walk up to there."""

    def __init__(self, why: str, rehearsal: dict[str, Any]) -> None:
        self.rehearsal = rehearsal
        super().__init__(f"{why}\n{written(rehearsal)}")


def run(model: Model, engine: Engine, steps: Iterable[Step]) -> list[tuple[Step, str]]:
    """Play the steps on both; what was answered, or a Disagreement at the first difference."""
    played: list[tuple[Step, str]] = []
    for step in steps:
        expected = model.do(step.do, step.by, step.now, **step.args)
        got = engine.do(step.do, step.by, step.now, **step.args)
        played.append((step, expected))
        if got != expected:
            why = f"step {len(played)}, {step.by} {step.do}: the model says {expected}, the engine {got}"
            raise Disagreement(why, as_rehearsal(model, played, why))
        for handle in (*model.proposals, *model.meetings):
            wanted, found = model.outcome(handle), engine.outcome(handle)
            if found != wanted:
                why = f"after step {len(played)}, {handle}: the model has {wanted}, the engine {found}"
                raise Disagreement(why, as_rehearsal(model, played, why))
    return played


def as_rehearsal(model: Model, played: list[tuple[Step, str]], title: str) -> dict[str, Any]:
    """The steps played as a rehearsal file that expects what the model answered and came to."""
    plans, rows, clock = {}, [], model.start
    for step, answer in played:
        args = {**step.args}
        if step.do == "draft":
            plans[args["proposal"]] = args.pop("plan")
        row: dict[str, Any] = {"clock": step.now.isoformat()} if step.now != clock else {}
        row |= {"by": step.by, "do": step.do, **args}
        rows.append(row | ({} if answer == "accepted" else {"expect": answer}))
        clock = step.now
    handles = (*model.proposals, *model.meetings)
    return {
        "title": title,
        "regulation": model.regulation,
        "start": model.start.isoformat(),
        "proposals": plans,
        "steps": rows,
        "outcome": {handle: model.outcome(handle) for handle in handles},
    }


def written(rehearsal: dict[str, Any]) -> str:
    """The rehearsal as JSON text, a line a step and a line a key of a plan."""

    def text(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    def lines(value: Any, depth: int) -> str:
        pad, rows = " " * depth, value
        if isinstance(value, dict):
            rows = [f"{text(k)}: {lines(v, depth + 1) if depth < 2 else text(v)}" for k, v in value.items()]
            opening, closing = "{}"
        elif isinstance(value, list):
            rows, (opening, closing) = [text(v) for v in value], "[]"
        else:
            return text(value)
        body = f",\n{pad} ".join(rows)
        return f"{opening}\n{pad} {body}\n{pad}{closing}" if depth < 3 else text(value)

    whole = {k: v for k, v in rehearsal.items() if k not in ("regulation", "outcome")}
    flat = {k: text(rehearsal[k]) for k in ("regulation", "outcome") if rehearsal.get(k)}
    rows = [f"{text(k)}: {flat.get(k) or lines(whole[k], 1)}" for k in rehearsal if k in whole or k in flat]
    return "{\n " + ",\n ".join(rows) + "\n}\n"
