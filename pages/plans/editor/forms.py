"""What a schedule is generated from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from proposals import finance
from proposals.plan.drafts import problems
from proposals.plan.limits import LAST_YEAR, MAX_ROWS
from web.forms import fields, kinds

ANNUITY, FIXED = "annuity", "fixed"


class PlanField(forms.CharField):
    """A field read as the plan's field of that name is: 1,234.56, 2026年3月5日."""

    def __init__(self, place: str, kind: kinds.Kind, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)
        self.place, self.kind = place, kind

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        read = str(self.kind.read(text)) if text else ""
        for problem in problems({self.place: read}) if read else ():
            raise ValidationError(kinds.sentence(problem))
        return read


class ScheduleForm(forms.Form):
    """Level payments, or a fixed payment a month."""

    method = forms.ChoiceField(
        label=_("Way of repayment"),
        choices=[
            (ANNUITY, _("Level payments over a number of instalments (annuity)")),
            (FIXED, _("A fixed payment each month until nothing is left")),
        ],
        widget=forms.RadioSelect,
        initial=ANNUITY,
    )
    principal = PlanField(
        "expected_recovery", kinds.MONEY, label=_("Principal"),
        help_text=_("In yuan; what is to be scheduled is filled in."),
    )  # fmt: skip
    rate = PlanField("discount_rate", kinds.PERCENT, label=_("Rate, % a year"))
    drawn_on = PlanField(
        "base_date", kinds.DAY, label=_("Interest runs from"),
        help_text=_("The first instalment is due a period later, on the same day of the month."),
    )  # fmt: skip
    number = fields.Whole(
        label=_("Number of instalments"), min_value=1, max_value=MAX_ROWS, required=False,
        help_text=_("For level payments."),
    )  # fmt: skip
    every = forms.TypedChoiceField(
        label=_("An instalment"),
        choices=[
            (1, _("every month")),
            (3, _("every quarter")),
            (6, _("every half year")),
            (12, _("every year")),
        ],
        coerce=int,
        empty_value=1,  # type: ignore[arg-type]  # the stub knows texts alone
        required=False,
        help_text=_("For level payments."),
    )
    payment = PlanField(
        "expected_recovery", kinds.MONEY, label=_("Payment a month"), required=False,
        help_text=_("In yuan; for a fixed payment. The last one is smaller."),
    )  # fmt: skip
    basis = forms.ChoiceField(
        label=_("Days"),
        choices=[
            (finance.Basis.THIRTY_360.value, _("Months of 30 days (30/360)")),
            (finance.Basis.ACTUAL_365.value, _("Actual days (actual/365)")),
        ],
    )
    rounding = forms.ChoiceField(
        label=_("Level payment rounded"),
        choices=[
            (finance.Rounding.FEN.value, _("to the fen")),
            (finance.Rounding.YUAN_UP.value, _("up to the whole yuan")),
        ],
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        needed = "payment" if given.get("method") == FIXED else "number"
        if not given.get(needed) and needed not in self.errors:
            self.add_error(needed, _("This is needed for the way of repayment chosen."))
        if given.get("method") == ANNUITY and given.get("number") and given.get("drawn_on"):
            years = given["number"] * (given.get("every") or 1) // 12
            if kinds.as_date(given["drawn_on"]).year + years > LAST_YEAR:
                text = _("The last instalment would be due after %(year)d.") % {"year": LAST_YEAR}
                self.add_error("number", text)
        return given

    def rows(self) -> tuple[finance.Row, ...]:
        """The schedule; ValueError where the payment does not repay the principal."""
        given = self.cleaned_data
        principal, rate = Decimal(given["principal"]), Decimal(given["rate"])
        start, basis = kinds.as_date(given["drawn_on"]), finance.Basis(given["basis"])
        if given["method"] == FIXED:
            return finance.fixed_instalments(
                principal, rate, Decimal(given["payment"]), drawn_on=start, basis=basis
            )
        days = finance.monthly(start, given["number"] * given["every"] + 1)[:: given["every"]]
        return finance.annuity(
            principal, rate, days, basis=basis, rounding=finance.Rounding(given["rounding"])
        )
