"""What head office does: freezes a ranking, plans and closes supervision, holds talks, sets targets."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from committee.models import Person
from portfolio.models import LeaderVerdict, RankingRow, Supervision, Target
from portfolio.money import fen
from regulation.text import folded_identifier
from web.forms import ActForm, fields
from web.offers import Offer

_DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
_LONG = forms.Textarea(attrs={"rows": 4})


class StaffNumber(fields.Line):
    """A person of the bank by staff number."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"max_length": 40, **more})
        self.bank: int | None = None

    def clean(self, value: Any) -> Any:
        """The person with this staff number; an error where nobody here has it."""
        text = super().clean(value)
        if not text:
            return None
        found = Person.objects.filter(
            bank=self.bank, staff_key=folded_identifier(text), is_active=True
        ).first()
        if found is None:
            raise ValidationError(_("Nobody who is employed here has this staff number."))
        return found


class _OfBank(ActForm):
    """A form with people of the viewer's bank."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, StaffNumber):
                field.bank = self.who.person.bank_id


class FreezeForm(ActForm):
    """The day, and how many places."""

    beside: ClassVar[dict[str, str]] = {"target/none": "as_of", "ranking/no-figures": "as_of"}
    as_of = fields.Day(label=_("As of"), widget=_DAY)
    places = fields.Whole(
        label=_("Places"),
        required=False,
        min_value=1,
        max_value=1000,
        help_text=_("Left open, as many as the policy sets."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("as_of", timezone.localdate())


class PlanForm(_OfBank):
    """The days, the purpose, and a person of each of the five offices."""

    beside: ClassVar[dict[str, str]] = {"supervision/team": "presiding", "supervision/invalid": "from_on"}
    from_on = fields.Day(label=_("On site from"), widget=_DAY)
    to_on = fields.Day(label=_("On site until"), widget=_DAY)
    purpose = fields.Prose(label=_("Purpose"), widget=_LONG, max_length=20_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for value, name in Supervision.Office.choices:
            field = StaffNumber(label=gettext("%(office)s: staff number") % {"office": name})
            field.bank = self.who.person.bank_id
            self.fields[value] = field

    def arguments(self) -> dict[str, Any]:
        """The team as pairs of office and person, and the place in the latest ranking, if it has one."""
        given = self.cleaned_data
        place = RankingRow.objects.filter(institution=self.subject).order_by("-ranking__as_of", "-pk").first()
        return {
            "team": [(value, given[value]) for value in Supervision.Office.values],
            **{name: given[name] for name in ("from_on", "to_on", "purpose")},
            **({"ranked": place} if place is not None else {}),
        }


class TextForm(ActForm):
    """A text."""

    beside: ClassVar[dict[str, str]] = {"text/required": "text"}
    text = fields.Prose(label=_("Text"), required=False, widget=_LONG, max_length=20_000)


class ConclusionForm(ActForm):
    """The conclusion of a supervision."""

    beside: ClassVar[dict[str, str]] = {"text/required": "conclusion"}
    conclusion = fields.Prose(label=_("Conclusion"), required=False, widget=_LONG, max_length=20_000)


class DueForm(ActForm):
    """By which day the findings are to be put right."""

    beside: ClassVar[dict[str, str]] = {"supervision/invalid": "due"}
    due = fields.Day(label=_("To be rectified by"), widget=_DAY)


class SettleForm(ActForm):
    """Which finding, and how it was put right."""

    beside: ClassVar[dict[str, str]] = {"text/required": "remedy"}
    number = forms.TypedChoiceField(label=_("Finding"), coerce=int, widget=forms.RadioSelect)
    remedy = fields.Prose(label=_("How it was rectified"), required=False, widget=_LONG, max_length=20_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = self.subject.findings.filter(settled_at=None).order_by("number")
        self.fields["number"].choices = [  # type: ignore[attr-defined]  # a field of choices
            (row.number, f"{row.number} · {row.text}") for row in rows
        ]


class VerdictForm(_OfBank):
    """Whether a leader was diligent, and on which grounds."""

    beside: ClassVar[dict[str, str]] = {"text/required": "grounds"}
    leader = StaffNumber(label=_("Leader: staff number"))
    post = fields.Line(label=_("Post"), max_length=80)
    verdict = forms.ChoiceField(
        label=_("Verdict"), choices=LeaderVerdict.Verdict.choices, widget=forms.RadioSelect
    )
    grounds = fields.Prose(label=_("Grounds"), required=False, widget=_LONG, max_length=20_000)


class TalkForm(_OfBank):
    """With whom the talk was, on which day, and what was said."""

    beside: ClassVar[dict[str, str]] = {"text/required": "minutes", "admonishment/invalid": "held_on"}
    person = StaffNumber(label=_("Talk with: staff number"))
    held_on = fields.Day(label=_("Held on"), widget=_DAY)
    minutes = fields.Prose(label=_("Record of the talk"), required=False, widget=_LONG, max_length=20_000)


class TargetsForm(ActForm):
    """Targets a line: institution's number, metric, yuan; and the reason."""

    beside: ClassVar[dict[str, str]] = {
        "text/required": "reason", "target/invalid": "targets", "target/locked": "targets",
    }  # fmt: skip
    year = fields.Whole(label=_("Year"), min_value=1949, max_value=2199)
    targets = fields.Prose(
        label=_("Targets"),
        widget=forms.Textarea(attrs={"rows": 12}),
        max_length=200_000,
        help_text=_(
            "A line a target: institution's number, metric and yuan, such as "
            "“15101, closing_npl, 82000000.00”. "
            "Metrics: closing_npl, old_fall, new_cap, money, money_and_kind."
        ),
    )
    reason = fields.Prose(label=_("Reason"), required=False, widget=_LONG, max_length=20_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("year", timezone.localdate().year)

    def clean_targets(self) -> list[dict[str, Any]]:
        """The lines as rows; an error names the line that is none."""
        found = []
        for number, line in enumerate(self.cleaned_data["targets"].splitlines(), 1):
            cells = [cell.strip() for cell in line.replace("，", ",").replace("\t", ",").split(",")]
            if not any(cells):
                continue
            found.append(self._row(number, cells))
        return found

    def _row(self, number: int, cells: list[str]) -> dict[str, Any]:
        try:
            institution, metric, amount = cells
            row = {"institution": institution, "metric": metric, "amount": fen(Decimal(amount))}
        except (ValueError, InvalidOperation):
            text = gettext("Line %(number)d is not an institution, a metric and an amount.")
            raise ValidationError(text % {"number": number}) from None
        if metric not in Target.Metric.values:
            text = gettext("Line %(number)d has no metric that is known.")
            raise ValidationError(text % {"number": number})
        return row


def _to_made(_subject: Any, made: Any) -> str:
    """The page of what was made; without it that of supervision."""
    names = {"Ranking": "ranking", "Supervision": "supervision", "TargetSet": "target-set"}
    return (
        reverse(names[type(made).__name__], args=[made.pk])
        if made is not None
        else reverse("ledger-supervision")
    )


OFFERS = (
    Offer(
        "freeze_ranking",
        _("Freeze a ranking"),
        FreezeForm,
        help_text=_(
            "The institutions that are furthest from their plan on the day, in their order. A later tape "
            "changes nothing of it."
        ),
        done=_("The ranking is frozen."),
        elsewhere=True,
        leads_to=_to_made,
    ),
    Offer(
        "plan_supervision",
        _("Plan a supervision"),
        PlanForm,
        help_text=_("A team of all five offices visits the institution; each of its people is named."),
        done=_("The supervision is planned."),
        elsewhere=True,
        leads_to=_to_made,
    ),
    Offer(
        "draft_targets",
        _("Draft targets"),
        TargetsForm,
        help_text=_("A draft is changed by drafting it anew. Once locked, targets are only raised."),
        done=_("The targets are drafted. They count once they are locked."),
        elsewhere=True,
        leads_to=_to_made,
    ),
    Offer(
        "lock_targets",
        _("Lock the targets"),
        help_text=_(
            "Locked targets are never lowered, measured otherwise or narrowed; raising them is a new version."
        ),
        done=_("The targets are locked."),
        final=True,
    ),
    Offer("begin_supervision", _("The team is on site"), done=_("The supervision has begun.")),
    Offer("add_finding", _("Add a finding"), TextForm, done=_("The finding is on record.")),
    Offer(
        "report_findings",
        _("Report the findings"),
        help_text=_("The visit is over; no further finding is added."),
        done=_("The findings are reported."),
        final=True,
    ),
    Offer(
        "demand_rectification",
        _("Demand that they are put right"),
        DueForm,
        done=_("The institution is to put the findings right by the day."),
    ),
    Offer("settle_finding", _("Settle a finding"), SettleForm, done=_("The finding is settled.")),
    Offer(
        "judge_leader",
        _("Judge a leader's work"),
        VerdictForm,
        done=_("The verdict is on record, with its grounds."),
        secondary=True,
    ),
    Offer(
        "suggest_change",
        _("Suggest to the Party committee"),
        TextForm,
        help_text=_("A text on the leaders' work; what follows from it is not done here."),
        done=_("The suggestion is on record."),
        secondary=True,
    ),
    Offer(
        "close_supervision",
        _("Close the supervision"),
        ConclusionForm,
        done=_("The supervision is closed."),
        secondary=True,
        final=True,
    ),
    Offer("hold_talk", _("Record the talk"), TalkForm, done=_("The talk is on record.")),
    Offer(
        "follow_up_talk",
        pgettext_lazy("talk", "Record what came of it"),
        TextForm,
        done=_("What came of the talk is on record."),
    ),
)
