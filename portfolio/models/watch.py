"""The watch on institutions: each day's rise, who saw it, ten days judged, warnings and their replies."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from committee.models import Person
from committee.models.lines import LineField
from portfolio.models.organisation import Institution
from portfolio.models.tapes import Tape
from portfolio.rules import watch


class WatchDay(models.Model):
    """An institution on the day of a tape: its stock, beside the year's start and the base date.

    Written by the import of tapes alone (`portfolio/watching.py`); money in fen.
    """

    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("institution")
    )
    as_of = models.DateField(_("as of"))
    npl = models.BigIntegerField(_("non-performing principal, fen"))
    #: None where the year's start has no figures
    year_start = models.BigIntegerField(_("at the year's start, fen"), null=True)
    #: None where no base date is set, or it has no figures
    base = models.BigIntegerField(_("on the base date, fen"), null=True)
    #: whether the head of the institution watches it daily
    watched = models.BooleanField(_("watched daily"))

    class Meta:
        verbose_name = _("day of the watch")
        verbose_name_plural = _("days of the watch")
        ordering = ["-as_of", "institution"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "as_of"], name="one_watch_an_institution_and_day"),
        ]
        indexes = [models.Index(fields=["as_of"], name="watched_by_day", condition=Q(watched=True))]

    def __str__(self) -> str:
        return f"{self.institution_id} {self.as_of}"

    @property
    def stock(self) -> watch.Stock:
        """Its figures as the rules read them."""
        return watch.Stock(self.npl, self.year_start, self.base)


class WatchSeen(models.Model):
    """The head of the institution has seen the day's figures, which are kept as they were seen."""

    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("institution")
    )
    as_of = models.DateField(_("as of"))
    #: non-performing principal as it was seen
    npl = models.BigIntegerField(_("non-performing principal, fen"))
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("look at the watch")
        verbose_name_plural = _("looks at the watch")
        ordering = ["-as_of", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "as_of"], name="a_day_of_the_watch_is_seen_once"),
        ]

    def __str__(self) -> str:
        return f"{self.institution_id} {self.as_of}"


class TenDays(models.Model):
    """Ten days (旬) of an institution as judged on their last day, on the latest tape that was recent enough.

    Without such a tape there are no figures, which is never zero. The office's monthly report is these rows.
    """

    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("institution")
    )
    last_on = models.DateField(_("last day"))
    #: the day of the tape; None: no figures
    as_of = models.DateField(_("as of"), null=True)
    npl = models.BigIntegerField(_("non-performing principal, fen"), null=True)
    year_start = models.BigIntegerField(_("at the year's start, fen"), null=True)
    base = models.BigIntegerField(_("on the base date, fen"), null=True)
    judged_at = models.DateTimeField(_("judged at"))

    class Meta:
        verbose_name = _("ten days")
        verbose_name_plural = _("ten days judged")
        ordering = ["-last_on", "institution"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "last_on"], name="ten_days_are_judged_once"),
            models.CheckConstraint(
                condition=Q(as_of=None, npl=None) | Q(as_of__isnull=False, npl__isnull=False),
                name="ten_days_have_figures_of_a_tape_or_none",
            ),
        ]
        indexes = [models.Index(fields=["last_on"], name="ten_days_by_day")]

    def __str__(self) -> str:
        return f"{self.institution_id} {self.last_on}"

    @property
    def stock(self) -> watch.Stock:
        """Its figures as the rules read them."""
        return watch.Stock(self.npl, self.year_start, self.base)


class WarningQuerySet(models.QuerySet["Warning"]):
    """Warnings by what they wait for."""

    def unanswered(self) -> WarningQuerySet:
        """Those whose reply is due: issued, seen, or sent back."""
        return self.filter(state__in=Warning.UNANSWERED)

    def overdue(self, day: date) -> WarningQuerySet:
        """Those whose reply was due before the day."""
        return self.unanswered().filter(reply_due_on__lt=day)


class Warning(FSMModelMixin, models.Model):  # noqa: A001  the term of the field
    """A warning of a rise in ten days (风险预警), from its trigger to its closing; money in fen."""

    class State(models.TextChoices):
        RAISED = "raised", _("Raised")
        ISSUED = "issued", _("Issued")
        DISMISSED = "dismissed", _("Dismissed")
        SEEN = "seen", _("Seen")
        REPLIED = "replied", _("Replied")
        SENT_BACK = "sent_back", _("Sent back")
        ACCEPTED = "accepted", _("Accepted")
        CLOSED = "closed", _("Closed")

    class Trigger(models.TextChoices):
        INCREASE = watch.Trigger.INCREASE.value, _("Increase since the base date")
        REBOUND = watch.Trigger.REBOUND.value, _("Rebound on the year's start")
        YEAR_RISE = watch.Trigger.YEAR_RISE.value, _("Rise on the year's start on 30 September")

    class Channel(models.TextChoices):
        PHONE = "phone", _("Telephone record")
        DOCUMENT = "document", _("Formal document")

    UNANSWERED = (State.ISSUED, State.SEEN, State.SENT_BACK)
    #: the fields that acts write; the others stay as it was raised
    WRITTEN = (
        "amount", "rejudged", "rejudged_at", "state", "ruled_by", "ruled_at", "reason", "channel",
        "spoken_with", "spoken_at", "said", "document_no", "file_name", "sha256", "reply_due_on", "seen_by",
        "seen_at", "closed_by", "closed_at",
    )  # fmt: skip

    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("institution")
    )
    trigger = models.CharField(_("trigger"), max_length=10, choices=Trigger.choices)
    #: the last of the ten days
    last_on = models.DateField(_("last day"))
    #: the day of the tape, and of the tape itself when it was raised
    as_of = models.DateField(_("as of"))
    tape = models.ForeignKey(
        Tape, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("tape")
    )
    #: what has to be explained: the rise that it warns of, as raised, and once issued as issued
    amount = models.BigIntegerField(_("rise, fen"))
    #: what the figures say since a later tape of a day judged; None while they are the same
    rejudged = models.BigIntegerField(_("rise by later figures, fen"), null=True)
    rejudged_at = models.DateTimeField(_("figures changed at"), null=True)
    state: Any = FSMField(
        _("state"), default=State.RAISED, choices=State.choices, protected=True, max_length=9
    )
    raised_at = models.DateTimeField(_("raised at"))
    #: who issued or dismissed it
    ruled_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("ruled by")
    )
    ruled_at = models.DateTimeField(_("ruled at"), null=True)
    reason = models.TextField(_("reason"), blank=True)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices, blank=True)
    #: by telephone: with whom, when, what was said
    spoken_with = LineField(_("spoken with"), max_length=80, blank=True)
    spoken_at = models.DateTimeField(_("spoken at"), null=True)
    said = models.TextField(_("what was said"), blank=True)
    #: by document: its number and its file, by checksum
    document_no = LineField(_("document number"), max_length=80, blank=True)
    file_name = LineField(_("file name"), max_length=200, blank=True)
    sha256 = models.CharField(_("checksum"), max_length=64, blank=True)
    reply_due_on = models.DateField(_("reply due on"), null=True)
    seen_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("seen by")
    )
    seen_at = models.DateTimeField(_("seen at"), null=True)
    #: levels by which it has gone up while the reply was overdue
    level = models.PositiveSmallIntegerField(_("levels up"), default=0)
    closed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True)

    objects = WarningQuerySet.as_manager()

    class Meta:
        verbose_name = _("warning")
        verbose_name_plural = _("warnings")
        ordering = ["-last_on", "institution", "trigger"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "trigger", "last_on"], name="one_warning_a_trigger_and_ten_days"
            ),
            models.CheckConstraint(
                condition=Q(channel="", ruled_at=None)
                | Q(channel="", state="dismissed")
                | Q(channel="phone", spoken_at__isnull=False) & ~Q(spoken_with="") & ~Q(said="")
                | Q(channel="document") & ~Q(document_no="") & ~Q(sha256=""),
                name="a_warning_has_its_channel",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "reply_due_on"], name="warnings_by_state"),
            models.Index(fields=["last_on", "id"], name="warnings_by_ten_days"),
        ]

    def __str__(self) -> str:
        return f"{self.institution} {self.last_on} {self.trigger}"

    @property
    def stream(self) -> str:
        """The audit stream of its institution."""
        return f"institution:{self.institution_id}"

    @property
    def subject(self) -> str:
        """Its name in the audit log."""
        return f"warning:{self.pk}"

    @transition(field=state, source=State.RAISED, target=State.ISSUED)
    def issue(self) -> None:
        """It was made known to the institution."""

    @transition(field=state, source=State.RAISED, target=State.DISMISSED)
    def dismiss(self) -> None:
        """It is not issued, with a reason."""

    @transition(field=state, source=State.ISSUED, target=State.SEEN)
    def see(self) -> None:
        """The head of the institution has seen it."""

    @transition(field=state, source=UNANSWERED, target=State.REPLIED)
    def answer(self) -> None:
        """The head of the institution has replied."""

    @transition(field=state, source=State.REPLIED, target=State.SENT_BACK)
    def send_back(self) -> None:
        """The reply does not do, with a reason."""

    @transition(field=state, source=State.REPLIED, target=State.ACCEPTED)
    def accept(self) -> None:
        """The reply does."""

    @transition(field=state, source=State.ACCEPTED, target=State.CLOSED)
    def close(self) -> None:
        """What it asked for is done."""


class Reply(models.Model):
    """A reply to a warning; the latest one counts, those sent back are kept."""

    warning = models.ForeignKey(
        Warning, on_delete=models.PROTECT, related_name="replies", verbose_name=_("warning")
    )
    #: within the warning, from 1
    number = models.PositiveSmallIntegerField(_("number"))
    #: the measures, each with its day: `[{"text": …, "on": "2011-09-30"}]`
    measures = models.JSONField(_("measures"))
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    #: whether it came by the day that it was due
    in_time = models.BooleanField(_("in time"))
    #: of whoever accepted it or sent it back
    ruled_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("ruled by")
    )
    ruled_at = models.DateTimeField(_("ruled at"), null=True)
    accepted = models.BooleanField(_("accepted"), null=True)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        ordering = ["warning", "number"]
        constraints = [models.UniqueConstraint(fields=["warning", "number"], name="one_reply_a_number")]

    def __str__(self) -> str:
        return f"{self.warning_id}:{self.number}"


class Cause(models.Model):
    """A cause of the rise, in fen; those of a reply add up to it."""

    class Kind(models.TextChoices):
        NEW_ARREARS = watch.Cause.NEW_ARREARS.value, _("New arrears")
        FELL_BACK = watch.Cause.FELL_BACK.value, _("Upgraded loans that fell back")
        NEW_LENDING = watch.Cause.NEW_LENDING.value, _("New lending gone bad")
        DISASTER = watch.Cause.DISASTER.value, _("Disaster")
        EVASION = watch.Cause.EVASION.value, _("Evasion of debts")
        OTHER = watch.Cause.OTHER.value, _("Other")
        DATA_ENTRY = watch.Cause.DATA_ENTRY.value, _("Data entry")
        SYSTEM_CLASS = watch.Cause.SYSTEM_CLASS.value, _("Classification by the system")

    reply = models.ForeignKey(Reply, on_delete=models.PROTECT, related_name="causes", verbose_name=_("reply"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    amount = models.BigIntegerField(_("amount, fen"))
    text = models.TextField(_("text"), blank=True)

    class Meta:
        verbose_name = _("cause of a rise")
        verbose_name_plural = _("causes of a rise")
        ordering = ["reply", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_cause_is_above_zero"),
            models.UniqueConstraint(F("reply"), F("kind"), name="one_cause_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
