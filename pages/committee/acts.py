"""What the Risk department does: interpretations (Art. 24), the liaison and the stand-in (Art. 5)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit import clock
from committee.models import Committee, Interpretation, LiaisonTerm, Person
from pages.committee.roster import seats
from regulation.articles import ARTICLES, citation
from regulation.refused import Refused
from web import labels
from web.forms import ActForm, fields
from web.offers import Offer
from web.viewer import Viewer


class InterpretationForm(ActForm):
    """An article, how it is read, and the earlier interpretation that it takes the place of, if any."""

    article = forms.TypedChoiceField(label=_("Article"), coerce=int)
    text_zh = fields.Prose(
        label=_("Chinese text"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6, "lang": "zh-Hans"}),
        help_text=_("The text that binds."),
    )
    text_en = fields.Prose(
        label=_("English text"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6, "lang": "en"}),
        help_text=_("For reading; may be left out."),
    )
    replaces = forms.ModelChoiceField(
        Interpretation.objects.none(),
        label=_("Replaces"),
        required=False,
        empty_label=_("None: it stands beside the others"),
        help_text=_("An interpretation is given up only by a later one."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tag = "zh-hans" if labels.chinese() else "en"
        article = self.fields["article"]
        assert isinstance(article, forms.TypedChoiceField)
        article.choices = [(number, citation(str(number), tag)) for number in ARTICLES]
        replaces = self.fields["replaces"]
        assert isinstance(replaces, forms.ModelChoiceField)
        replaces.queryset = Interpretation.objects.standing().filter(committee=self.subject)
        replaces.label_from_instance = lambda obj: _named(obj, tag)  # type: ignore[method-assign]  # Django's own way

    def refuse(self, refused: Refused) -> None:
        """Show the refusal beside an empty text, or beside the interpretation that cannot be replaced."""
        super().refuse(refused)
        if refused.context.get("field") == "interpretation":
            self.refused_field = "text_zh"
        elif refused.code == "state/not-allowed":
            self.refused_field = "replaces"


def _named(row: Interpretation, tag: str) -> str:
    head = row.text_zh if tag == "zh-hans" or not row.text_en else row.text_en
    return gettext("No. %(number)d, %(article)s: %(head)s") % {
        "number": row.number,
        "article": citation(str(row.article), tag),
        "head": head[:40],
    }


class PersonForm(ActForm):
    """A person of the bank, searched by name, staff number or login; of several matches one is chosen."""

    beside = {"5/liaison-may-not-sit": "find", "access/not-found": "find"}
    find = fields.Line(
        label=_("Person"),
        max_length=80,
        help_text=_("Name, staff number or login"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found: list[Person] = []
        if self.is_bound:
            self.found = seats.find_people(self.subject, self._typed())
        if len(self.found) > 1:
            self.fields["chosen"] = forms.ChoiceField(
                label=_("Several people match; choose one"),
                required=False,
                choices=[(str(person.pk), _described(person)) for person in self.found],
                widget=forms.RadioSelect,
            )
            self.order_fields(["find", "chosen"])

    def _typed(self) -> str:
        """What is looked for; nothing where the field is wrong, which the form says beside it."""
        try:
            typed: str = self.fields["find"].clean(self.data.get("find", ""))
        except forms.ValidationError:
            return ""
        return typed

    def clean(self) -> dict[str, Any]:
        """The one person that fits, or was chosen of those that do."""
        given = super().clean() or {}
        chosen = given.pop("chosen", "")
        fitting = [each for each in self.found if len(self.found) == 1 or str(each.pk) == chosen]
        if given.get("find") and not self.found:
            self.add_error("find", gettext("Nobody in the bank matches; look for part of the name."))
        elif given.get("find") and not fitting:
            self.add_error("chosen", gettext("Choose one of these people."))
        given["person"] = fitting[0] if fitting else None
        return given

    def arguments(self) -> dict[str, Any]:
        """The person, and what else the form asks for."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("find", "chosen")}


def _described(person: Person) -> str:
    return f"{person.display_name} · {person.staff_no} · {person.unit or ''}"


class StandInForm(PersonForm):
    """The stand-in and the days."""

    since = fields.Day(
        label=_("First day"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("From 00:00"),
    )
    until = fields.Day(
        label=_("Last day"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("To the end of the day"),
    )

    def refuse(self, refused: Refused) -> None:
        """Show the refusal of invalid days beside the first of them."""
        super().refuse(refused)
        if refused.code == "state/not-allowed":
            self.refused_field = "since"


def _to_roster(committee: Committee, _result: Any) -> str:
    return f"{reverse('roster')}?committee={committee.pk}#liaison"


def _to_article(committee: Committee, result: Interpretation | None) -> str:
    anchor = f"#art-{result.article}" if result else ""
    return f"{reverse('regulation')}?committee={committee.pk}{anchor}"


def _handing_over(committee: Committee, _who: Viewer) -> dict[str, Any]:
    return {
        "back": _to_roster(committee, None),
        "acting": seats.acting_term(committee),
        "pending": seats.pending(committee),
    }


def _reading(committee: Committee, _who: Viewer) -> dict[str, Any]:
    return {"back": _to_article(committee, None)}


def _nobody_stands_in(committee: Committee, _who: Viewer) -> bool:
    lasting = LiaisonTerm.objects.lasting(clock.now()).filter(committee=committee, stand_in=True)
    return not lasting.exists()


OFFERS = (
    Offer(
        "publish_interpretation", _("Interpret an article"), InterpretationForm,
        help_text=_(
            "The interpretation is dated today, shown at its article and with refusals that rest on it. "
            "It cannot be changed; a later one may take its place (Art. 24)."
        ),
        done=_("The interpretation is published."),
        final=True,
        context=_reading,
        here="regulation",
        leads_to=_to_article,
    ),
    Offer(
        "appoint_liaison", _("Appoint another liaison"), PersonForm,
        help_text=_(
            "The person is the liaison from now on, and all pending work is theirs; whoever is liaison "
            "now, or stands in, no longer acts (Art. 5)."
        ),
        done=_("The liaison is appointed."),
        template="committee/appoint.html",
        context=_handing_over,
        here="roster",
        leads_to=_to_roster,
    ),
    Offer(
        "appoint_stand_in", _("Appoint a stand-in"), StandInForm,
        help_text=_(
            "On these days the person acts as liaison in the other's place, with all pending work; after "
            "the last day the liaison is back. One acts at a time (Art. 5)."
        ),
        done=_("The stand-in is appointed."),
        template="committee/appoint.html",
        context=_handing_over,
        here="roster",
        leads_to=_to_roster,
    ),
    Offer(
        "end_stand_in", _("End the stand-in"),
        help_text=_(
            "The present or next stand-in no longer stands in; the liaison acts again at once."
        ),
        done=_("The stand-in has ended."),
        final=True,
        secondary=True,
        already_done=_nobody_stands_in,
        already_done_cause="liaison/nobody",
        template="committee/appoint.html",
        context=_handing_over,
        here="roster",
        leads_to=_to_roster,
    ),
)  # fmt: skip
