"""What is done with warnings: issued by a channel, dismissed, replied to, ruled on; and the watch seen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from committee.models import Person
from portfolio.actions.warnings import see_watch
from portfolio.models import Cause, Institution, WatchDay, WatchSeen
from portfolio.models import Warning as LedgerWarning
from portfolio.money import fen, yuan
from regulation.refused import Refused
from web import labels
from web.forms import ActForm, ReasonForm, fields
from web.offers import Offer
from web.viewer import Viewer

_DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
#: rows of measures that a reply offers
_MEASURES = 5
_C = LedgerWarning.Channel
#: the largest file of a document, bytes
_MOST = 20 * 1024 * 1024


class IssueForm(ActForm):
    """By telephone, with whom, when and what was said; or by document, with its number and its file."""

    channel = forms.ChoiceField(
        label=pgettext_lazy("warning", "Channel"), choices=_C.choices, widget=forms.RadioSelect
    )
    spoken_with = fields.Line(label=_("By telephone: with whom"), required=False, max_length=80)
    spoken_at = forms.DateTimeField(
        label=_("When it was"),
        required=False,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )
    said = fields.Prose(
        label=_("What was said"), required=False, widget=forms.Textarea(attrs={"rows": 4}), max_length=20_000
    )
    document_no = fields.Line(label=_("By document: its number"), required=False, max_length=80)
    file = forms.FileField(label=_("Its file"), required=False, help_text=_("At most 20 MB."))

    def clean_file(self) -> Any:
        """The upload, within the limit."""
        upload = self.cleaned_data["file"]
        if upload and upload.size > _MOST:
            raise forms.ValidationError(_("The file is larger than 20 MB."))
        return upload

    def arguments(self) -> dict[str, Any]:
        """What the channel needs."""
        given = dict(self.cleaned_data)
        if given["channel"] == _C.PHONE:
            return {name: given[name] for name in ("channel", "spoken_with", "spoken_at", "said")}
        upload = given["file"]
        return {
            "channel": given["channel"],
            "document_no": given["document_no"],
            "file_name": upload.name if upload else "",
            "file": upload.read() if upload else b"",
        }


class ReplyForm(ActForm):
    """Causes in yuan that add up to the rise, and measures, each with its day."""

    beside: ClassVar[dict[str, str]] = {"warning/measures": "measure_1"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, name in Cause.Kind.choices:
            self.fields[f"cause_{kind}"] = fields.Money(
                label=gettext("%(cause)s, yuan") % {"cause": name}, required=False, max_length=24
            )
            self.fields[f"text_{kind}"] = fields.Line(
                label=gettext("%(cause)s: in words") % {"cause": name}, required=False, max_length=500
            )
        for number in range(1, _MEASURES + 1):
            self.fields[f"measure_{number}"] = fields.Line(
                label=gettext("Measure %(number)d") % {"number": number}, required=False, max_length=500
            )
            self.fields[f"on_{number}"] = fields.Day(
                label=gettext("Measure %(number)d: by which day") % {"number": number},
                required=False,
                widget=_DAY,
            )

    def clean(self) -> dict[str, Any]:
        """The causes add up to the rise; else the form says by how much they do not."""
        given = super().clean() or {}
        total = sum((cause["amount"] for cause in self._causes(given)), 0)
        if not self.errors and total != self.subject.amount:
            text = gettext(
                "The causes add up to %(sum)s yuan; the rise is %(rise)s yuan, so %(rest)s yuan are "
                "unexplained."
            )
            self.add_error(
                None,
                text
                % {
                    "sum": labels.money(yuan(total)),
                    "rise": labels.money(yuan(self.subject.amount)),
                    "rest": labels.money(yuan(self.subject.amount - total)),
                },
            )
        return given

    def _causes(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {
                "kind": kind,
                "amount": fen(Decimal(given[f"cause_{kind}"])),
                "text": given.get(f"text_{kind}", ""),
            }
            for kind in Cause.Kind.values
            if given.get(f"cause_{kind}")
        ]

    def arguments(self) -> dict[str, Any]:
        """Causes in fen and measures with their days."""
        given = self.cleaned_data
        measures = [
            {"text": given[f"measure_{number}"], "on": given[f"on_{number}"]}
            for number in range(1, _MEASURES + 1)
            if given[f"measure_{number}"] or given[f"on_{number}"]
        ]
        return {"causes": self._causes(given), "measures": measures}


def _watched(institution: Institution) -> WatchDay | None:
    """The institution's latest day of the watch."""
    return WatchDay.objects.filter(institution=institution).order_by("-as_of").first()


def to_see(institution: Institution, _who: Viewer) -> bool:
    """Whether its latest day is watched daily and not seen yet."""
    day = _watched(institution)
    seen = WatchSeen.objects.filter(institution=institution, as_of=day.as_of) if day else None
    return day is not None and day.watched and seen is not None and not seen.exists()


def _see(institution: Institution, *, by: Person) -> WatchSeen:
    day = _watched(institution)
    if day is None:
        raise Refused("state/not-allowed", cause="watch/no-figures")
    return see_watch(institution, by=by, as_of=day.as_of)


class _Reason(ReasonForm):
    beside: ClassVar[dict[str, str]] = {"text/required": "reason"}


OFFERS = (
    Offer(
        "issue_warning",
        _("Issue the warning"),
        IssueForm,
        help_text=_(
            "The institution is warned by a telephone call that is put on record, or by a formal document. "
            "Its reply is due within the working days that the policy sets."
        ),
        done=_("The warning is issued, and its reply is due."),
        final=True,
        template="portfolio/warning_act.html",
    ),
    Offer(
        "dismiss_warning",
        _("Dismiss the warning"),
        _Reason,
        help_text=_("A warning that is not issued keeps its figures and the reason."),
        done=_("The warning is dismissed."),
        secondary=True,
        template="portfolio/warning_act.html",
    ),
    Offer("see_warning", _("Confirm that you have seen it"), done=_("That you have seen it is on record.")),
    Offer(
        "reply_to_warning",
        _("Reply to the warning"),
        ReplyForm,
        help_text=_(
            "Say what the rise comes from, in yuan that add up to it, and what is done about it by which "
            "day. Data entry and the system's classes alone are not accepted as causes."
        ),
        done=_("The reply is sent."),
        template="portfolio/warning_act.html",
    ),
    Offer("accept_reply", _("Accept the reply"), done=_("The reply is accepted.")),
    Offer(
        "send_back_reply",
        _("Send the reply back"),
        _Reason,
        help_text=_(
            "Another reply is due within the working days that the policy sets; the institution reads why."
        ),
        done=_("The reply is sent back."),
        secondary=True,
        template="portfolio/warning_act.html",
    ),
    Offer("close_warning", _("Close the warning"), done=_("The warning is closed."), secondary=True),
    Offer(
        "see_watch",
        _("Confirm that you have seen the day's figures"),
        instead=_see,
        applies=to_see,
        done=_("That you have seen the day's figures is on record."),
        elsewhere=True,
    ),
)
