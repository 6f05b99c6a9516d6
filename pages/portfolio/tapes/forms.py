"""Handing in a tape: of which institution, of which day, the file."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from committee.models import Person
from committee.offices import RISK
from portfolio.days import today
from portfolio.models import Institution
from portfolio.permissions import Seen
from web.forms import ActForm, fields


class HandInForm(ActForm):
    """The institution with all below it, the day, and the file."""

    beside: ClassVar[dict[str, str]] = {"tape/day-open": "as_of"}

    scope = forms.ModelChoiceField(
        label=_("Institution"),
        queryset=Institution.objects.none(),
        empty_label="—",
        help_text=_("The tape has all its loans, and those of every institution below it."),
    )
    as_of = fields.Day(label=_("As of"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        help_text=_("CSV in UTF-8 or GB18030 with its heading and its last line, or a workbook (.xlsx)."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx", "data-drop": ""}),
    )
    check_only = forms.BooleanField(
        label=_("Only check it: every fault is told, and nothing is taken in"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["scope"]
        field.queryset = scopes(self.who.person, self.subject)
        field.label_from_instance = lambda row: f"{row} ({row.code})"
        self.initial.setdefault("as_of", today())
        asked = self.request.GET.get("scope", "") if self.request is not None else ""
        if asked.isdecimal() and len(asked) < 10:
            self.initial.setdefault("scope", int(asked))

    def clean_as_of(self) -> Any:
        """The day, which is not to come."""
        day = self.cleaned_data["as_of"]
        if day > today():
            raise forms.ValidationError(_("A tape is of a day that has begun."))
        return day


def scopes(person: Person, seen: Seen) -> Any:
    """The institutions whose tapes the person hands in: those of the risk department's units and below."""
    above = Institution.objects.filter(
        unit__positions__person=person,
        unit__positions__role=RISK.role,
        bank=OuterRef("bank"),
        lft__lte=OuterRef("lft"),
        rgt__gte=OuterRef("rgt"),
    )
    rows = Institution.objects.filter(Exists(above), closed_on=None, pk__in=seen.institutions)
    return rows.select_related("unit").order_by("bank", "lft")
