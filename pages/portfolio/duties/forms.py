"""Handing over loans: from whom, to whom, from which day, why."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from committee.models import Person
from pages.portfolio.duties import reading
from portfolio.models import Institution
from web.forms import ActForm, fields

_NOBODY = "-"


class HandOverForm(ActForm):
    """From whom to whom; the preview says how many loans, and what is sent after it must still be so."""

    beside: ClassVar[dict[str, str]] = {"duty/overlap": "on"}
    subject: Institution

    giver = forms.ChoiceField(label=pgettext_lazy("duty", "From whom"))
    taker = forms.ModelChoiceField(
        label=pgettext_lazy("duty", "To whom"), queryset=Person.objects.none(), empty_label="—"
    )
    on = fields.Day(
        label=_("From which day on"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    reason = fields.Prose(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2_000)
    #: of the preview: so many loans with so much principal, in fen
    previewed = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, loads: list[reading.Load], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.loads = loads
        self.fields["giver"].choices = [("", "—"), *self._givers()]  # type: ignore[attr-defined]  # choices
        self.fields["taker"].queryset = reading.takers(self.subject)  # type: ignore[attr-defined]  # of a choice
        self.initial.setdefault("on", today)
        asked = self.request.GET.get("from", "") if self.request is not None else ""
        if asked:
            self.initial.setdefault("giver", asked)
        self.rows: list[Any] = []

    def _givers(self) -> list[tuple[str, str]]:
        found: dict[str, tuple[str, int]] = {}
        for each in self.loads:
            name = f"{each.person} ({each.person.staff_no})" if each.person else each.staff
            name = name or gettext("Nobody: loans without a collector")
            found[each.staff or _NOBODY] = (name, found.get(each.staff or _NOBODY, ("", 0))[1] + each.loans)
        return [
            (value, f"{name} · " + ngettext("%(n)s loan", "%(n)s loans", n) % {"n": n})
            for value, (name, n) in found.items()
        ]

    @property
    def fingerprint(self) -> str:
        """What the preview shows, so that a change until it is sent is noticed."""
        return f"{len(self.rows)}:{sum(row.principal for row in self.rows)}"

    def is_ready(self) -> bool:
        """Whether it was previewed and the loans are still those; else it is shown with its preview."""
        if not self.is_valid():
            return False
        staff = self.cleaned_data["giver"]
        self.rows = list(
            reading.to_hand_over(self.subject, "" if staff == _NOBODY else staff).order_by("-principal", "pk")
        )
        if not self.rows:
            self.add_error("giver", gettext_lazy("There are no loans to hand over any more."))
            return False
        previewed = self.cleaned_data["previewed"]
        if previewed and previewed != self.fingerprint:
            self.add_error(
                None, gettext_lazy("The loans have changed since the preview. Look at them again.")
            )
        self.data = self.data.copy()
        self.data["previewed"] = self.fingerprint
        return bool(previewed) and not self.errors
