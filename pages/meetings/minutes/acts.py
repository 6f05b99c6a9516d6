"""A meeting after its session: minutes, distribution, report and archive (Art. 12, 21)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import sign_ins
from committee.locks import lock_meeting
from committee.models import Meeting, Person
from office import differences, keys, preparing
from office import record as meeting_record
from office.actions import archive, minutes, supplements
from office.actions.papers import draw_up_papers, waiting
from office.models import Copy, Minutes, MinutesRevision, Preparation, Report
from pages.meetings.minutes import copies, drafting, page
from pages.meetings.text_templates.forms import chosen
from pages.meetings.text_templates.gaps import filled
from pages.models import TextTemplate
from regulation.refused import Refused
from web.forms import ActForm, fields
from web.offers import Offer
from web.viewer import Viewer

_M = Meeting.State
_AFTER_THE_SESSION = (_M.CLOSED, _M.MINUTED)


class NarrativeForm(ActForm):
    """What was said, in the liaison's words; votes, attendance and opinions are in the record."""

    narrative = fields.Prose(
        label=_("Narrative"),
        help_text=_(
            "What was said and why, item by item. Times, votes and reasons are in the record already."
        ),
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 24, "data-guard": ""}),
    )


class DraftForm(NarrativeForm):
    """The narrative as it can be drawn from the record, to be gone on with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: the committee's templates, and the one that it begins with
        self.templates, self.template = chosen(
            self.request, self.subject.committee, TextTemplate.Kind.NARRATIVE
        )
        if self.subject.state == _M.CLOSED:
            drawn = drafting.drafted(meeting_record.of_meeting(self.subject))
            begun = filled(self.template, self.subject, record=drawn) if self.template else drawn
            self.initial["narrative"] = begun


class AmendForm(NarrativeForm):
    """The narrative as it stands, changed; it names the revision over which it is typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.latest: MinutesRevision | None = (
            self.revisions().select_related("saved_by").order_by("-number").first()
        )
        if self.latest is not None:
            self.initial["narrative"] = self.latest.narrative

        #: whether the text was refused because somebody has saved another since
        self.newer = False

    def revisions(self) -> QuerySet[MinutesRevision]:
        """The revisions of what is amended."""
        return MinutesRevision.objects.filter(minutes__meeting=self.subject, minutes__supplements=None)

    def refuse(self, refused: Refused) -> None:
        """Show the refusal, with the newer text beside the one that was typed."""
        super().refuse(refused)
        self.newer = refused.context.get("cause") == "minutes/newer"

    @property
    def typed_over(self) -> int:
        """The number of the revision over which the text was typed; once both were shown, of the latest."""
        if self.is_bound and not self.newer:
            typed: str = self.data.get("revision", "")
            return int(typed[:9]) if typed.isascii() and typed.isdigit() else 0
        return self.latest.number if self.latest is not None else 0

    @property
    def compared(self) -> list[differences.Run]:
        """The text that is saved now, compared with what was typed."""
        if self.latest is None or not self.newer:
            return []
        return differences.difference(self.latest.narrative, self.cleaned_data["narrative"])

    def arguments(self) -> dict[str, Any]:
        return {**self.cleaned_data, "over": self.typed_over}


class SupplementForm(AmendForm):
    """What is put right in minutes in effect, begun or gone on with."""

    narrative = fields.Prose(
        label=_("Correction"),
        help_text=_(
            "What in the minutes is wrong or missing, what it is to read, and why. The minutes themselves "
            "stay as they are."
        ),
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 12, "data-guard": ""}),
    )

    def revisions(self) -> QuerySet[MinutesRevision]:
        """The revisions of the supplementary minutes that are not signed yet."""
        drafted = Minutes.objects.supplementary().filter(state=Minutes.State.DRAFTED, meeting=self.subject)
        return MinutesRevision.objects.filter(minutes__in=drafted)


class SignForm(ActForm):
    """The password of the signer."""

    password = forms.CharField(
        label=_("Your password, once more"),
        help_text=_("It shows that the signature is yours."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_password(self) -> None:
        """Check the signer's password; attempts are counted as at the login."""
        password = self.cleaned_data["password"]
        assert self.request is not None
        sign_ins.require_password(
            self.request, self.who.person, password, wrong=sign_ins.wrong_own_password()
        )

    def arguments(self) -> dict[str, Any]:
        return {"shown": self.data.get("digest", "")}


def as_shown(meeting: Meeting, shown: str, act: Callable[[], Minutes]) -> Minutes:
    """Act on the draft whose digest was shown; ValidationError for any other draft."""
    with transaction.atomic():
        lock_meeting(meeting.pk)
        # the minutes, or once these are in effect what supplements them
        drafted = Minutes.objects.filter(meeting=meeting, state=Minutes.State.DRAFTED).first()
        if drafted is not None and page.digest(drafted) != shown:
            raise ValidationError(
                _(
                    "The minutes were changed after this page was shown, and nothing was done. What is here "
                    "now is the present text with its digest: read it, then decide again."
                )
            )
        return act()


def sign(meeting: Meeting, *, by: Person, shown: str) -> Minutes:
    """The minutes whose digest was shown are signed."""
    return as_shown(meeting, shown, lambda: minutes.sign_minutes(meeting, by=by))


def sign_supplement(meeting: Meeting, *, by: Person, shown: str) -> Minutes:
    """The supplementary minutes whose digest was shown are signed."""
    return as_shown(meeting, shown, lambda: supplements.sign_supplement(meeting, by=by))


class _Sent(NamedTuple):
    """Whether the minutes are distributed, the meeting is reported, and the report waits to be received."""

    distributed: bool
    reported: bool
    unreceived: bool


def _sent(meeting: Meeting, who: Viewer) -> _Sent:
    """Read in one statement, once a request for each state of the meeting."""
    key = ("sent", meeting.pk, meeting.state)
    if key not in who.cache:
        reports = Report.objects.filter(meeting=meeting.pk)
        row = Meeting.objects.filter(pk=meeting.pk).values_list(
            Exists(Copy.objects.filter(minutes__meeting=meeting.pk)),
            Exists(reports),
            Exists(reports.filter(received_at=None)),
        )
        who.cache[key] = _Sent(*row.get())
    found: _Sent = who.cache[key]
    return found


def _distributed(meeting: Meeting, who: Viewer) -> bool:
    return meeting.state == _M.SIGNED and _sent(meeting, who).distributed


def _reported(meeting: Meeting, who: Viewer) -> bool:
    return meeting.state == _M.SIGNED and _sent(meeting, who).reported


def _received(meeting: Meeting, who: Viewer) -> bool:
    return not _sent(meeting, who).unreceived


def _not_signed(meeting: Meeting, _who: Viewer) -> Refused | None:
    return Refused("21/minutes-not-signed") if meeting.state in _AFTER_THE_SESSION else None


def _incomplete(meeting: Meeting, _who: Viewer) -> Refused | None:
    if meeting.state not in (*_AFTER_THE_SESSION, _M.SIGNED):
        return None
    return archive.incomplete(meeting)


def _without_keys(_meeting: Meeting, _who: Viewer) -> bool:
    """Whether minutes are signed without keys: with them there is a page of its own."""
    return not keys.required()


def _asks_for_pin(_meeting: Meeting, _who: Viewer) -> Refused:
    return Refused("document/pin-required")


def _supplement_waits(meeting: Meeting, who: Viewer) -> bool:
    """Whether supplementary minutes are drafted and signed without keys."""
    if meeting.state not in Meeting.EFFECTIVE or keys.required():
        return False
    key = ("supplement drafted", meeting.pk)
    if key not in who.cache:
        who.cache[key] = page.supplement_drafted(meeting) is not None
    return bool(who.cache[key])


def _no_supplement(_meeting: Meeting, _who: Viewer) -> Refused:
    if keys.required():
        return Refused("document/pin-required")
    return Refused("state/not-allowed", cause="minutes/no-supplement")


def _to_supplement(meeting: Meeting, supplement: Minutes) -> str:
    return reverse("supplement", args=[meeting.pk, supplement.pk])


def _to_minutes(meeting: Meeting, _result: Any) -> str:
    return reverse("minutes", args=[meeting.pk])


def _to_report(meeting: Meeting, _result: Any) -> str:
    return reverse("report", args=[meeting.pk])


def _draw_up(meeting: Meeting, *, by: Person) -> Any:
    """Draw up the papers, at once, or by the worker when one may have more than twenty pages."""
    may = meeting.committee.liaison_id == by.pk and meeting.state != _M.CANCELLED
    if may and preparing.is_long(meeting):
        return preparing.draw_up(meeting, by=by)
    return draw_up_papers(meeting, by=by)


def _papers_done(result: object) -> Promise:
    """The message: the worker draws up papers of which one may be long, others are there at once."""
    if isinstance(result, Preparation):
        return _("One of the papers may have more than twenty pages: they are drawn up in the background.")
    return _("The papers are drawn up.")


def _drawn_up(meeting: Meeting, _who: Viewer) -> bool:
    """Whether no paper is left to draw up."""
    return not waiting(meeting)


def _to_documents(meeting: Meeting, _result: Any) -> str:
    return reverse("documents", args=[meeting.pk])


def _to_file(meeting: Meeting, _result: Any) -> str:
    return reverse("archive-file", args=[meeting.pk])


OFFERS = (
    Offer(
        "draft_minutes", _("Draft the minutes"), DraftForm,
        help_text=_(
            "The minutes are drawn from the record and wait for the chair's signature (Art. 12, 21)."
        ),
        done=_("The minutes are drafted."),
        then="amend_minutes",
        template="meetings/minutes/draft.html",
        context=page.draft,
        leads_to=_to_minutes,
    ),
    Offer(
        "sign_minutes", _("Sign the minutes"), SignForm,
        instead=sign,
        applies=_without_keys,
        not_now=_asks_for_pin,
        help_text=_(
            "With your signature the minutes take effect and never change again (Art. 21). What you sign is "
            "the text below, word for word; its digest stands beside your signature."
        ),
        done=_("The minutes are signed and in effect."),
        final=True,
        template="meetings/minutes/sign.html",
        context=page.signing,
        leads_to=_to_minutes,
    ),
    Offer(
        "amend_minutes", _("Amend the minutes"), AmendForm,
        help_text=_("The narrative can be changed until the chair signs."),
        done=_("The minutes are amended."),
        template="meetings/minutes/draft.html",
        context=page.draft,
        leads_to=_to_minutes,
    ),
    Offer(
        "draft_supplement", _("Draft supplementary minutes"), SupplementForm,
        help_text=_(
            "Minutes in effect never change: what is wrong in them is put right by supplementary minutes, "
            "which refer to them and take effect with the signature of whoever presided (Art. 21)."
        ),
        done=_("The supplementary minutes are drafted."),
        secondary=True,
        template="meetings/minutes/draft.html",
        context=page.drafting_supplement,
        leads_to=_to_supplement,
    ),
    Offer(
        "sign_supplement", _("Sign the supplementary minutes"), SignForm,
        instead=sign_supplement,
        applies=_supplement_waits,
        not_now=_no_supplement,
        help_text=_(
            "With your signature the supplementary minutes take effect and never change again (Art. 21). "
            "What you sign is the text below, word for word."
        ),
        done=_("The supplementary minutes are signed and in effect."),
        final=True,
        template="meetings/minutes/sign.html",
        context=page.signing_supplement,
        leads_to=_to_supplement,
    ),
    Offer(
        "distribute", _("Distribute the minutes"),
        help_text=_(
            "The departments of the branch receive the minutes in full, each handling institution its own "
            "items with counts and reasons, without names (Art. 21). What was sent stays as it is."
        ),
        done=_("The minutes are distributed."),
        final=True,
        shown_disabled_in=_AFTER_THE_SESSION,
        already_done=_distributed,
        already_done_cause="minutes/distributed",
        blocked=_not_signed,
        template="meetings/minutes/distribute.html",
        context=copies.distribution,
    ),
    Offer(
        "report_decisions", _("Report to head office"),
        help_text=_("Head office receives what was resolved on each item (Art. 12)."),
        done=_("The report is sent to head office."),
        final=True,
        shown_disabled_in=_AFTER_THE_SESSION,
        already_done=_reported,
        already_done_cause="report/sent",
        blocked=_not_signed,
        leads_to=_to_report,
    ),
    Offer(
        "draw_up_papers", _("Draw up the papers"),
        help_text=_(
            "Every paper of the meeting that can be drawn up now gets its number and its PDF, in Chinese and "
            "English. What was drawn up before stays as it is."
        ),
        done=_papers_done,
        secondary=True,
        elsewhere=True,
        instead=_draw_up,
        already_done=_drawn_up,
        already_done_cause="papers/drawn-up",
        leads_to=_to_documents,
    ),
    Offer(
        "archive", _("Archive the meeting"),
        help_text=_(
            "The meeting's file is closed with a digest of each part and does not change any more (Art. 12)."
        ),
        done=_("The meeting is archived."),
        final=True,
        shown_disabled_in=_AFTER_THE_SESSION,
        blocked=_incomplete,
        template="meetings/minutes/archive_now.html",
        context=page.checklist,
        leads_to=_to_file,
    ),
    Offer(
        "receive_report", _("Receive the report"),
        help_text=_("Head office has received the report (Art. 12)."),
        done=_("The report is received."),
        applies=lambda meeting, who: _sent(meeting, who).reported,
        not_now=lambda _meeting, _who: Refused("state/not-allowed", cause="report/not-sent"),
        already_done=_received,
        already_done_cause="report/received",
        leads_to=_to_report,
    ),
)  # fmt: skip
