"""Authorising a proxy: first whom and for what, then the letter (Art. 11)."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from committee.models import Person, Proxy
from pages.meetings.proxies import letter
from proposals.models import Tabling
from regulation.refused import Refused
from web.forms import fields
from web.forms.base import ActForm


class ProxyForm(ActForm):
    """The holder, the items, the powers, and the letter once it is drafted."""

    beside: ClassVar[dict[str, str]] = {
        "11/document-required": "document",
        "11/scope-required": "items",
        "11/out-of-scope": "items",
        "11/after-vote-opened": "items",
        "11/holder-not-eligible": "holder",
    }
    q = fields.Line(
        label=_("Find the holder"),
        help_text=_(
            "Name, staff number or unit. Members, the liaison and the handling institution cannot hold it."
        ),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    holder = forms.ModelChoiceField(
        Person.objects.none(), label=pgettext_lazy("proxy", "Holder"), required=False
    )
    items = forms.ModelMultipleChoiceField(
        Tabling.objects.none(), label=_("Items"), required=False, widget=forms.CheckboxSelectMultiple
    )
    powers = forms.MultipleChoiceField(
        choices=Proxy.Power.choices,
        label=_("Powers"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        initial=list(Proxy.Power),
    )
    document = fields.Prose(
        label=_("Letter of authorisation"),
        help_text=_("Drafted from what you chose; edit it as you need."),
        required=False,
        strip=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 18}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = letter.items(self.subject)
        holder, items = self.fields["holder"], self.fields["items"]
        assert isinstance(holder, forms.ModelChoiceField)
        assert isinstance(items, forms.ModelMultipleChoiceField)
        holder.queryset = Person.objects.filter(bank=self.subject.committee.bank_id).select_related("unit")
        holder.choices = ()  # the page shows those of `found`
        items.queryset = Tabling.objects.filter(pk__in=[row.pk for row in self.rows])
        items.choices = [(row.pk, f"{row.item.number}. {row.proposal.title}") for row in self.rows]
        items.initial = [row.pk for row in self.rows]

    @property
    def chosen(self) -> list[Tabling]:
        """The items chosen, in order; all of them before anything was."""
        if not self.is_bound:
            return self.rows
        wanted = set(self.data.getlist("items"))
        return [row for row in self.rows if str(row.pk) in wanted]

    @property
    def found(self) -> list[Person]:
        """The people to choose from, with the one chosen."""
        text = (self.data.get("q") or "").replace("\0", "").strip()[:80]
        people = letter.find(self.subject, [row.proposal for row in self.chosen], text, self.who.person)
        holder = self.cleaned_data.get("holder") if self.is_bound and self.is_valid() else None
        return [*([holder] if holder and holder not in people else []), *people]

    def lacking(self) -> Refused | None:
        """What the letter cannot be drafted without."""
        if not self.chosen or not self.cleaned_data.get("powers"):
            return Refused("11/scope-required")
        return None

    def refuse(self, refused: Refused) -> None:
        """The refusal beside its field: without powers, beside those."""
        super().refuse(refused)
        if refused.code == "11/scope-required" and self.chosen:
            self.refused_field = "powers"

    def arguments(self) -> dict[str, Any]:
        """The authorisation's parts as the action takes them."""
        return {
            "holder": self.cleaned_data["holder"],
            "proposals": [row.proposal for row in self.chosen],
            "powers": self.cleaned_data["powers"],
            "document": self.cleaned_data["document"],
        }
