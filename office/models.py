"""Minutes, their distribution, the report to head office, and the archive; the register of sign-ins."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, FSMModelMixin, transition

from committee.models import Meeting, Person, Series, Unit
from proposals.models import Proposal


class Minutes(FSMModelMixin, models.Model):
    """The minutes of a meeting; signed ones never change (Art. 21)."""

    class State(models.TextChoices):
        DRAFTED = "drafted", _("Drafted")
        SIGNED = "signed", _("Signed")

    meeting = models.OneToOneField(
        Meeting, on_delete=models.PROTECT, related_name="+", verbose_name=_("meeting")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    state = FSMField(_("state"), default=State.DRAFTED, choices=State.choices, protected=True)
    narrative = models.TextField(_("narrative"), blank=True)
    #: the record that they are drawn from: attendance, items, opinions, votes with choices and reasons
    record = models.JSONField(_("record"))
    #: SHA-256 over the canonical JSON of narrative and record
    digest = models.CharField(_("digest"), max_length=64)
    drafted_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("drafted by")
    )
    drafted_at = models.DateTimeField(_("drafted at"))
    signed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("signed by")
    )
    signed_at = models.DateTimeField(_("signed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("minutes")
        verbose_name_plural = _("minutes")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="drafted", signed_at=None)
                | models.Q(state="signed", signed_at__isnull=False, signed_by__isnull=False),
                name="signed_minutes_have_a_signer",
            ),
        ]
        indexes = [
            # whether they came in time is asked of all meetings of a period (pages/oversight/irregularities)
            models.Index(fields=["meeting"], include=["drafted_at"], name="minutes_by_meeting"),
        ]

    def __str__(self) -> str:
        return Series.written(self.meeting.committee, Series.Kind.MINUTES, self.year, self.number)

    @property
    def subject(self) -> str:
        """Their name in audit entries."""
        return f"minutes:{self.pk}"

    @transition(field=state, source=State.DRAFTED, target=State.SIGNED)
    def sign(self, at: datetime, by: Person) -> None:
        """They are in effect and never change again."""
        self.signed_at = at
        self.signed_by = by


class _Text(models.Model):
    """Words and their characters, pairs and fours, for the search; triggers write them."""

    words = models.TextField(_("words"))
    grams = ArrayField(models.IntegerField(), verbose_name=_("pairs of characters"))

    class Meta:
        abstract = True


class MinutesText(_Text):
    """The words of a narrative."""

    minutes = models.OneToOneField(
        Minutes, on_delete=models.CASCADE, primary_key=True, related_name="text", verbose_name=_("minutes")
    )

    class Meta:
        verbose_name = _("text of minutes")
        verbose_name_plural = _("texts of minutes")
        indexes = [GinIndex("grams", name="minutes_texts_by_grams")]

    def __str__(self) -> str:
        return str(self.minutes)


class MeetingText(_Text):
    """Place and committee of a meeting."""

    meeting = models.OneToOneField(
        Meeting, on_delete=models.CASCADE, primary_key=True, related_name="+", verbose_name=_("meeting")
    )

    class Meta:
        verbose_name = _("text of a meeting")
        verbose_name_plural = _("texts of meetings")
        indexes = [GinIndex("grams", name="meeting_texts_by_grams")]

    def __str__(self) -> str:
        return str(self.meeting)


class Submission(models.Model):
    """A form, or a program's request, by its token, and where it led: sent again it leads there and does
    nothing.
    """

    token = models.UUIDField(_("token"), primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", verbose_name=_("person"))
    led_to = models.TextField(_("led to"), blank=True)
    #: SHA-256 of what a program sent under its key; empty for a form, whose token is for one form alone
    sent = models.CharField(_("digest of what was sent"), max_length=64, blank=True)
    at = models.DateTimeField(_("sent at"), auto_now_add=True)

    class Meta:
        verbose_name = _("form sent")
        verbose_name_plural = _("forms sent")

    def __str__(self) -> str:
        return str(self.token)


class Note(models.Model):
    """A person's private note on a plan, which nobody else reads."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", verbose_name=_("person"))
    proposal = models.ForeignKey(
        "proposals.Proposal", on_delete=models.CASCADE, related_name="+", verbose_name=_("proposal")
    )
    text = models.TextField(_("text"), blank=True)
    #: counts the changes, so that of two windows the second does not overwrite the first
    revision = models.PositiveIntegerField(_("revision"), default=0)
    saved_at = models.DateTimeField(_("saved at"), null=True, blank=True)

    class Meta:
        verbose_name = _("private note")
        verbose_name_plural = _("private notes")
        constraints = [models.UniqueConstraint(fields=["person", "proposal"], name="one_note_a_person")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.proposal_id}"


class CalendarFeed(models.Model):
    """The address under which a calendar program reads a person's meetings without a login."""

    person = models.OneToOneField(
        Person, on_delete=models.CASCADE, related_name="+", verbose_name=_("person")
    )
    #: what the token is made of, together with the site's secret key, for its owner to see it again
    nonce = models.CharField(_("nonce"), max_length=64)
    #: SHA-256 of the token, in hexadecimal; whoever has the token reads times, places and numbers of the
    #: person's meetings; withdrawn with the row
    digest = models.CharField(_("digest of the token"), max_length=64, unique=True)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self) -> str:
        return str(self.person)


class Export(models.Model):
    """A list that is being written to a file, or was: for whoever asked, for a day."""

    class State(models.TextChoices):
        WAITING = "waiting", _("In preparation")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", verbose_name=_("person"))
    #: which list, and the filters and the order of its address
    listing = models.CharField(_("list"), max_length=40)
    address = models.TextField(_("filters"), blank=True)
    language = models.CharField(_("language"), max_length=12)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    written = models.PositiveIntegerField(_("rows written"), default=0)
    rows = models.PositiveIntegerField(_("rows"), null=True)
    asked_at = models.DateTimeField(_("asked for at"), auto_now_add=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")

    def __str__(self) -> str:
        return f"{self.listing} #{self.pk}"

    @property
    def path(self) -> Path:
        """Where the file lies; no address leads there but the page of whoever asked."""
        return Path(settings.VAR_DIR) / "exports" / f"{self.pk}.xlsx"


class Copy(models.Model):
    """A copy of signed minutes sent to a unit: in full, or the items of a handling institution (Art. 21)."""

    minutes = models.ForeignKey(
        Minutes, on_delete=models.PROTECT, related_name="copies", verbose_name=_("minutes")
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("unit"))
    #: the whole record, or the unit's own items with counts and reasons without names
    full = models.BooleanField(_("in full"))
    content = models.JSONField(_("content"))
    sent_at = models.DateTimeField(_("sent at"))
    sent_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("sent by"))

    class Meta:
        verbose_name = _("copy of the minutes")
        verbose_name_plural = _("copies of the minutes")
        ordering = ["minutes", "pk"]
        constraints = [models.UniqueConstraint(fields=["minutes", "unit"], name="one_copy_a_unit")]

    def __str__(self) -> str:
        return f"{self.minutes} → {self.unit}"


class Report(models.Model):
    """What was resolved at a meeting, reported to head office (Art. 12.5)."""

    meeting = models.OneToOneField(
        Meeting, on_delete=models.PROTECT, related_name="+", verbose_name=_("meeting")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    content = models.JSONField(_("content"))
    sent_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("sent by"))
    sent_at = models.DateTimeField(_("sent at"))
    received_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("received by"),
    )
    received_at = models.DateTimeField(_("received at"), null=True, blank=True)

    class Meta:
        verbose_name = _("report to head office")
        verbose_name_plural = _("reports to head office")

    def __str__(self) -> str:
        return Series.written(self.meeting.committee, Series.Kind.FILING, self.year, self.number)


class ArchiveFile(models.Model):
    """The complete file of a meeting with a digest of each part (Art. 12.6)."""

    meeting = models.OneToOneField(
        Meeting, on_delete=models.PROTECT, related_name="+", verbose_name=_("meeting")
    )
    #: a row a part: name, count, digest
    contents = models.JSONField(_("contents"))
    digest = models.CharField(_("digest"), max_length=64)
    archived_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("archived by")
    )
    archived_at = models.DateTimeField(_("archived at"))

    class Meta:
        verbose_name = _("archive file")
        verbose_name_plural = _("archive files")

    def __str__(self) -> str:
        return str(self.meeting)


class ColumnName(models.Model):
    """What a column of an institution's own sheets holds, as a handler chose for all of them."""

    unit = models.ForeignKey(
        Unit, on_delete=models.CASCADE, related_name="+", verbose_name=_("handling institution")
    )
    #: the list of a plan that is imported, and the heading by which two spellings are one
    table = models.CharField(_("table"), max_length=20)
    head = models.CharField(_("heading"), max_length=200)
    #: empty: the column is left out
    field = models.CharField(_("field"), max_length=40, blank=True)
    chosen_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("chosen by")
    )
    chosen_at = models.DateTimeField(_("chosen at"))

    class Meta:
        verbose_name = _("column of a sheet")
        verbose_name_plural = _("columns of sheets")
        constraints = [
            models.UniqueConstraint(fields=["unit", "table", "head"], name="a_column_is_chosen_once")
        ]

    def __str__(self) -> str:
        return f"{self.head} → {self.field}"


class WorkingCopy(models.Model):
    """What a person has typed in a step of a plan and not saved; theirs alone, and no part of any record."""

    proposal = models.ForeignKey(
        Proposal, on_delete=models.CASCADE, related_name="+", verbose_name=_("proposal")
    )
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", verbose_name=_("person"))
    step = models.CharField(_("step"), max_length=20)
    #: the number of the version over which it was typed
    version = models.PositiveIntegerField(_("version"))
    typed = models.JSONField(_("typed"))
    at = models.DateTimeField(_("kept at"))

    class Meta:
        verbose_name = _("working copy")
        verbose_name_plural = _("working copies")
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "person", "step"], name="one_working_copy_a_step_and_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.proposal} {self.step}"


class SignIn(models.Model):
    """A line of the register of sign-ins: a password tried, right or wrong, or a session ended.

    What was typed as the login is kept for nobody: people type passwords there. A login that is nobody's is
    known by a digest, under which the same one is found again.
    """

    class Outcome(models.TextChoices):
        SIGNED_IN = "signed_in", pgettext_lazy("login", "Signed in")
        CONFIRMED = "confirmed", _("Password confirmed")
        WRONG = "wrong", _("Wrong password")
        UNKNOWN = "unknown", _("Unknown login")
        INACTIVE = "inactive", _("Inactive login")
        LOCKED = "locked", _("Not let in: locked")
        PAUSED = "paused", _("Not let in: too many tries from the address")
        SIGNED_OUT = "signed_out", pgettext_lazy("login", "Signed out")
        EVERYWHERE = "everywhere", _("Signed out everywhere")
        CHANGED = "changed", _("Password changed")
        UNLOCKED = "unlocked", _("Lock ended by the administrator")

    class Asked(models.TextChoices):
        LOGIN = "login", _("at signing in")
        AGAIN = "again", _("asked again in a session")
        DEVICE = "device", _("at the liaison's device")

    at = models.DateTimeField(_("time"))
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("person")
    )
    #: of a login that is nobody's, a keyed digest; empty where the person is known
    login = models.CharField(_("login"), max_length=16, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices)
    asked = models.CharField(_("asked"), max_length=8, choices=Asked.choices, default=Asked.LOGIN)
    address = models.GenericIPAddressField(_("address"), null=True)
    device = models.CharField(_("device"), max_length=80, blank=True)
    #: whether the person had signed in before in this browser
    known = models.BooleanField(_("known browser"), default=False)
    #: how often: tries that were not let in stand in one line
    times = models.PositiveIntegerField(_("times"), default=1)

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["person", "-at", "-id"], name="sign_ins_of_a_person"),
            models.Index(fields=["at", "id"], name="sign_ins_by_time"),
            models.Index(fields=["login", "-at"], condition=models.Q(person=None), name="unknown_sign_ins"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.outcome}"


class Tries(models.Model):
    """How often a password was tried within one scope, counted before it is looked at."""

    class Kind(models.TextChoices):
        #: one login from one address, in browsers that are not known
        PAIR = "pair", _("from one address")
        BROWSER = "browser", _("in a known browser")
        SESSION = "session", _("in a session, asked again")
        DEVICE = "device", _("at the liaison's device")
        #: an address, whatever the logins
        ADDRESS = "address", _("from one address, many logins")
        #: a login, whatever the addresses
        LOGIN = "login", _("from many addresses")

    #: a keyed digest of what the scope is
    scope = models.CharField(_("scope"), max_length=64, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("person")
    )
    address = models.GenericIPAddressField(_("address"), null=True)
    level = models.FloatField(_("tries"))
    last = models.DateTimeField(_("last"))

    class Meta:
        verbose_name = _("tries of a password")
        verbose_name_plural = _("tries of passwords")
        indexes = [models.Index(fields=["person"], name="tries_of_a_person")]

    def __str__(self) -> str:
        return f"{self.kind} {self.level:g}"
