"""Execution: receipts against the schedule, their reversal, and its end before time (Art. 13, 14)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from audit import clock
from pages.plans.repayments import repayments
from proposals.actions import execution
from proposals.models import Proposal, Receipt
from regulation.refused import Refused
from web import labels
from web.forms import ActForm, ReasonForm, fields
from web.offers import Offer
from web.viewer import Viewer

_S = Proposal.State


class ReceiptForm(ActForm):
    """The amount and the day on which it was received; more than the schedule asks for is confirmed once."""

    beside = {"receipt/invalid": "amount"}
    amount = fields.Money(
        label=_("Amount received, yuan"),
        max_length=30,
        help_text=_("To the fen at most, such as 12,500.00."),
    )
    received_on = fields.Day(
        label=_("Received on"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["received_on"].initial = _today(self.subject)

    def clean(self) -> dict[str, Any]:
        """With a surplus over the schedule, a box to tick for this very amount."""
        given = super().clean() or {}
        amount = given.get("amount")
        value = Decimal(amount or 0)
        surplus = execution.surplus(self.subject, value)
        if 0 < value <= execution.room(self.subject) and surplus > 0:
            self._confirm(str(amount), surplus)
        return given

    def _confirm(self, amount: str, surplus: Decimal) -> None:
        """The box to tick is on the form; it is missing unless it was ticked for this amount."""
        self.fields["surplus"] = forms.BooleanField(
            label=_("Yes, it was received: %(surplus)s yuan more than the schedule asks for")
            % {"surplus": labels.money(surplus)},
            widget=forms.CheckboxInput(attrs={"value": amount}),
        )
        if self.data.get("surplus") != amount:
            text = _(
                "Check the amount: with it, %(surplus)s yuan more are received than the schedule asks for."
            )
            self.add_error("surplus", text % {"surplus": labels.money(surplus)})

    def arguments(self) -> dict[str, Any]:
        """The amount and the day."""
        return {"amount": self.cleaned_data["amount"], "received_on": self.cleaned_data["received_on"]}

    def refuse(self, refused: Refused) -> None:
        """Beside the field that is out of bounds."""
        super().refuse(refused)
        if refused.code == "receipt/invalid":
            self.refused_field = str(refused.context.get("field", "amount"))


class ReverseForm(ReasonForm):
    """Which receipt was wrong, and why."""

    beside = {**ReasonForm.beside, "receipt/invalid": "receipt"}
    receipt = forms.ChoiceField(label=_("Receipt to be reversed"), widget=forms.RadioSelect)
    field_order = ["receipt", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.receipts = {str(row.pk): row for row in _standing(self.subject)}
        text = _("%(day)s: %(amount)s yuan")
        self.fields["receipt"].choices = [  # type: ignore[attr-defined]  # a field of choices
            (pk, text % {"day": row.received_on.isoformat(), "amount": labels.money(row.amount)})
            for pk, row in self.receipts.items()
        ]

    def arguments(self) -> dict[str, Any]:
        """The receipt as the engine names it: by amount and day."""
        row = self.receipts[self.cleaned_data["receipt"]]
        return {
            "amount": f"{row.amount:.2f}",
            "received_on": row.received_on,
            "reason": self.cleaned_data["reason"],
        }


def _today(proposal: Proposal) -> Any:
    return clock.now().astimezone(proposal.committee.tz).date()


def _standing(proposal: Proposal) -> Any:
    """The receipts that were not reversed."""
    return Receipt.objects.filter(proposal=proposal, reverses=None, reversal=None).order_by(
        "-received_on", "-pk"
    )


def _any_standing(proposal: Proposal, _who: Viewer) -> bool:
    return bool(_standing(proposal).exists())


def _none_standing(_proposal: Proposal, _who: Viewer) -> Refused:
    why = {"en": "no repayment stands that could be reversed", "zh-hans": "没有可冲正的回款"}
    return Refused("receipt/invalid", why=why)


def _so_far(proposal: Proposal, _who: Viewer) -> dict[str, Any]:
    assert proposal.version is not None
    receipts = list(Receipt.objects.filter(proposal=proposal))
    return vars(repayments(proposal.version.plan, receipts, proposal))


OFFERS = (
    Offer(
        "record_receipt", _("Record a repayment"), ReceiptForm,
        help_text=_(
            "It counts towards the instalments in order; once all is received, the plan is complete."
        ),
        done=_("The repayment is recorded."),
        template="plans/receipt.html",
        context=_so_far,
    ),
    Offer(
        "reverse_receipt", _("Reverse a repayment"), ReverseForm,
        help_text=_("A counter-entry takes it off the sum; both stay on the record."),
        done=_("The repayment is reversed by a counter-entry."),
        secondary=True,
        applies=_any_standing,
        not_now=_none_standing,
        template="plans/receipt.html",
        context=_so_far,
    ),
    Offer(
        "terminate", _("Terminate the execution"),
        ReasonForm,
        help_text=_(
            "Execution ends (Art. 14); the contracts are free for another plan. It cannot be undone."
        ),
        done=_("Execution is terminated."),
        secondary=True,
        final=True,
    ),
)  # fmt: skip
