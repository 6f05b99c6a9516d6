"""The rows of a sheet of repayments, each with its plan; what is wrong with a row, and what is odd about it.

Nothing is judged here that the action judges: the rows are recorded in a savepoint that is rolled back, so
that every refusal of `record_receipt` is told by its row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from committee.offices import HANDLER
from pages.plans.editor.parts import ABSENT, Leaf, Raw, Rows
from pages.plans.editor.tables.headings import label
from pages.plans.editor.tables.table import Fault, Table
from proposals.actions import execution
from proposals.locks import lock_proposals
from proposals.models import LiveContract, Proposal, Receipt
from regulation.refused import Refused
from regulation.text import folded_identifier
from web import labels
from web.forms import kinds
from web.viewer import Viewer

_S = Proposal.State
PART: Final = Rows(
    "repayments",
    (
        Leaf("plan", label=gettext_lazy("Plan number")),
        Leaf("contract_no", label=gettext_lazy("Contract")),
        Leaf("amount", kinds.MONEY, label=gettext_lazy("Amount received, yuan")),
        Leaf("received_on", kinds.DAY, label=gettext_lazy("Received on")),
    ),
    pgettext_lazy("money", "Repayment"),
    gettext_lazy("Add a repayment"),
)
#: rows that are recorded at once
MOST: Final = 500


@dataclass(frozen=True)
class Entry:
    """A row that is to be recorded: its number in the file, the plan, amount and day, and what is odd."""

    number: int
    proposal: Proposal
    amount: str
    received_on: date
    remarks: Sequence[str] = ()


@dataclass
class Judged:
    """The rows of a sheet as they would be recorded, or what is wrong with them."""

    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        """All of it, in yuan."""
        return sum((Decimal(entry.amount) for entry in self.entries), Decimal("0.00"))

    @property
    def odd(self) -> bool:
        """Whether something is to be looked at before it is recorded."""
        return any(entry.remarks for entry in self.entries)

    @property
    def plans(self) -> int:
        """How many plans it concerns."""
        return len({entry.proposal.pk for entry in self.entries})


def judge(table: Table, who: Viewer) -> Judged:
    """The rows with their plans, tried in a transaction that is rolled back; faults by row."""
    judged = Judged()
    if len(table.rows) > MOST:
        text = _("At most %(most)d repayments are recorded at once. Divide the sheet.") % {"most": MOST}
        judged.faults.append(Fault(table.numbers[MOST], "", str(len(table.rows)), text))
        return judged
    plans = _Plans(who)
    for number, raw in zip(table.numbers, table.rows, strict=True):
        entry = _entry(number, raw, plans, judged.faults)
        if entry is not None:
            judged.entries.append(entry)
    judged.faults += _refused(judged.entries, who)
    judged.faults.sort(key=lambda fault: fault.row)
    if not judged.faults:
        judged.entries = _with_remarks(judged.entries)
    return judged


def record(entries: Sequence[Entry], who: Viewer) -> None:
    """Record all of them in one transaction, each by the action; Refused for the first that is refused, and
    then none is recorded.
    """
    with transaction.atomic():
        lock_proposals(entry.proposal.pk for entry in entries)
        for entry in _in_turn(entries):
            _record(entry, who)


def _record(entry: Entry, who: Viewer) -> None:
    execution.record_receipt(
        entry.proposal, by=who.person, amount=entry.amount, received_on=entry.received_on
    )


def _in_turn(entries: Sequence[Entry]) -> list[Entry]:
    """By plan, and within a plan by day: the last one may complete it."""
    return sorted(entries, key=lambda entry: (entry.proposal.pk, entry.received_on, entry.number))


def _refused(entries: Sequence[Entry], who: Viewer) -> list[Fault]:
    """What the action refuses of them, one after the other; nothing stays recorded."""
    found = []
    with transaction.atomic():
        lock_proposals(entry.proposal.pk for entry in entries)
        for entry in _in_turn(entries):
            try:
                _record(entry, who)
            except Refused as refused:
                text = labels.refusal(refused)
                found.append(Fault(entry.number, "", _shown(entry), f"{text.message} {text.remedy}"))
        transaction.set_rollback(True)
    return found


def _shown(entry: Entry) -> str:
    return f"{entry.proposal.written_number} {entry.amount} {entry.received_on.isoformat()}"


class _Plans:
    """The plans of the person's institutions that are carried out, by number and by contract."""

    def __init__(self, who: Viewer) -> None:
        rows = Proposal.objects.visible_to(who.person).filter(
            unit__in=who.units(HANDLER), state__in=(_S.CREDIT_APPROVED, _S.EXECUTING)
        )
        self._rows = {row.pk: row for row in rows.select_related("committee__branch", "version")}
        self._numbers = {folded_identifier(row.written_number): row for row in self._rows.values()}
        contracts = LiveContract.objects.filter(proposal__in=self._rows)
        self._contracts = {row.contract_no: self._rows[row.proposal_id] for row in contracts}

    def by_number(self, number: str) -> Proposal | None:
        """The plan of this number."""
        return self._numbers.get(folded_identifier(number))

    def by_contract(self, contract: str) -> Proposal | None:
        """The plan that covers the contract."""
        return self._contracts.get(folded_identifier(contract))


def _entry(number: int, raw: Raw, plans: _Plans, faults: list[Fault]) -> Entry | None:
    """The row as it would be recorded; None where something is wrong with it, which is told."""
    stated = PART.row.read(raw)
    stated = {} if stated is ABSENT else stated
    before = len(faults)
    proposal = _plan(number, stated, plans, faults)
    lacking = [leaf for leaf in PART.parts[2:] if leaf.name not in stated]
    faults.extend(Fault(number, label(leaf), "", _("This is needed.")) for leaf in lacking)
    day = stated.get("received_on", "")
    try:
        received_on = date.fromisoformat(day) if day else None
    except ValueError:
        received_on = None
        faults.append(Fault(number, label(PART.parts[3]), day, _("This is no day of the calendar.")))
    if len(faults) > before or proposal is None or received_on is None:
        return None
    return Entry(number, proposal, stated["amount"], received_on)


def _plan(number: int, stated: Raw, plans: _Plans, faults: list[Fault]) -> Proposal | None:
    named, contract = stated.get("plan", ""), stated.get("contract_no", "")
    if not named and not contract:
        text = _("Name the plan by its number, or by one of its contracts.")
        faults.append(Fault(number, label(PART.parts[0]), "", text))
        return None
    none = _("No plan of your institution in execution has it. Check the number, and the plan's state.")
    found = {}
    for leaf, given, sought in (
        (PART.parts[0], named, plans.by_number),
        (PART.parts[1], contract, plans.by_contract),
    ):
        if not given:
            continue
        row = sought(given)
        if row is None:
            faults.append(Fault(number, label(leaf), given, none))
            return None
        found[row.pk] = row
    if len(found) > 1:
        text = _("The contract is not in this plan. Take one of the two out.")
        faults.append(Fault(number, label(PART.parts[1]), f"{named} · {contract}", text))
        return None
    return next(iter(found.values()))


def _with_remarks(entries: Sequence[Entry]) -> list[Entry]:
    """The rows with what is odd: on record already, there twice, more than the schedule asks for."""
    pks = {entry.proposal.pk for entry in entries}
    standing = Receipt.objects.filter(proposal__in=pks, reverses=None, reversal=None)
    known = set(standing.values_list("proposal", "amount", "received_on"))
    times = Counter((entry.proposal.pk, entry.amount, entry.received_on) for entry in entries)
    over = _over(entries)
    found = []
    for entry in entries:
        alike = entry.proposal.pk, entry.amount, entry.received_on
        remarks = []
        if (entry.proposal.pk, Decimal(entry.amount), entry.received_on) in known:
            remarks.append(_("A repayment of this amount and day is on record already."))
        if times[alike] > 1:
            remarks.append(_("The same amount and day stand there more than once."))
        if entry.number in over:
            text = _("%(surplus)s yuan more than the schedule asks for.")
            remarks.append(text % {"surplus": labels.money(over[entry.number])})
        found.append(replace(entry, remarks=remarks))
    return found


def _over(entries: Sequence[Entry]) -> dict[int, Decimal]:
    """By how much each row, in turn, exceeds what the schedule still asks for, in yuan."""
    left = {pk: _to_come(proposal) for pk, proposal in {e.proposal.pk: e.proposal for e in entries}.items()}
    found = {}
    for entry in _in_turn(entries):
        amount = Decimal(entry.amount)
        left[entry.proposal.pk] -= amount
        surplus = min(-left[entry.proposal.pk], amount)
        if surplus > 0:
            found[entry.number] = surplus
    return found


def _to_come(proposal: Proposal) -> Decimal:
    """What the schedule still asks for, in yuan."""
    return execution.scheduled(proposal) - execution.received(proposal)
