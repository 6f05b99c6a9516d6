"""What pages keep for whoever uses them, and the words that the search looks in.

No rule reads any of it: private notes and annotations, which papers a person opened, addresses of calendars,
names of columns of imported sheets, templates of texts, what was typed and not saved, and the words of
minutes and meetings.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.models import Payload
from committee.models import Committee, Meeting, Person, Unit
from committee.models.lines import LineField
from office.models import Minutes
from proposals.models import Proposal


class Note(models.Model):
    """A person's private note on a plan, visible to that person only."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", verbose_name=_("person"))
    proposal = models.ForeignKey(
        Proposal, on_delete=models.CASCADE, related_name="+", verbose_name=_("proposal")
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


class Annotation(models.Model):
    """A person's private remark or highlight at a place of a plan or of a page of its files."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", verbose_name=_("person"))
    proposal = models.ForeignKey(
        Proposal, on_delete=models.CASCADE, related_name="+", verbose_name=_("proposal")
    )
    #: of the file, in hexadecimal; empty for the plan itself
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, blank=True)
    #: of the file, from 1; 0 for the plan itself
    page = models.PositiveIntegerField(_("page"), default=0)
    #: of the plan: a section; of a page: left, top, width and height in thousandths of it, or nothing
    place = models.CharField(_("place"), max_length=40, blank=True)
    #: the words of the plan that are highlighted
    quote = models.TextField(_("highlighted words"), blank=True)
    text = models.TextField(_("text"), blank=True)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("annotation")
        verbose_name_plural = _("annotations")
        indexes = [models.Index(fields=["person", "proposal"], name="annotations_of_a_person")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.proposal_id} {self.sha256[:12]} {self.page}"


class Opened(models.Model):
    """That a person has opened a paper of a meeting, for that person's own list of what was not opened."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", verbose_name=_("person"))
    proposal = models.ForeignKey(
        Proposal, on_delete=models.CASCADE, related_name="+", verbose_name=_("proposal")
    )
    #: of the plan's version, or SHA-256 of a file, in hexadecimal
    digest = models.CharField(_("digest"), max_length=64)

    class Meta:
        verbose_name = _("paper opened")
        verbose_name_plural = _("papers opened")
        constraints = [
            models.UniqueConstraint(fields=["person", "proposal", "digest"], name="a_paper_is_opened_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.proposal_id} {self.digest[:12]}"


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


class TextTemplate(models.Model):
    """A text that a committee's office begins with; what was made with it keeps its own."""

    class Kind(models.TextChoices):
        PLACE = "place", _("Places of meetings")
        NOTICE = "notice", _("Added to notices")
        NARRATIVE = "narrative", _("Narratives of minutes")

    committee = models.ForeignKey(
        Committee, on_delete=models.CASCADE, related_name="+", verbose_name=_("committee")
    )
    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices)
    name = LineField(_("name"), max_length=60)
    text = models.TextField(_("text"))
    saved_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("saved by")
    )
    saved_at = models.DateTimeField(_("saved at"))

    class Meta:
        verbose_name = _("template of texts")
        verbose_name_plural = _("templates of texts")
        constraints = [
            models.UniqueConstraint(fields=["committee", "kind", "name"], name="a_template_once_a_name")
        ]

    def __str__(self) -> str:
        return self.name


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


class NoticeSettings(models.Model):
    """How a person is told: each message as mail at once, or what is not urgent once a day."""

    class Mail(models.TextChoices):
        EACH = "each", _("Each message at once")
        DAILY = "daily", _("Once a day, and at once what is urgent")

    person = models.OneToOneField(
        Person, on_delete=models.CASCADE, related_name="+", verbose_name=_("person")
    )
    mail = models.CharField(_("mail"), max_length=5, choices=Mail.choices, default=Mail.EACH)

    class Meta:
        verbose_name = _("settings of notices")
        verbose_name_plural = _("settings of notices")

    def __str__(self) -> str:
        return f"{self.person_id}: {self.mail}"


class Follow(models.Model):
    """A plan that a person follows: each change of its state is told."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", verbose_name=_("person"))
    proposal = models.ForeignKey(
        Proposal, on_delete=models.CASCADE, related_name="+", verbose_name=_("proposal")
    )
    #: the state that was told last
    state = models.CharField(_("state"), max_length=20)

    class Meta:
        verbose_name = _("followed plan")
        verbose_name_plural = _("followed plans")
        constraints = [models.UniqueConstraint(fields=["person", "proposal"], name="a_plan_is_followed_once")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.proposal_id}"


class PushSubscription(models.Model):
    """A device of a person to which is pushed what is due: address and keys, as its browser gave them."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", verbose_name=_("person"))
    endpoint = models.TextField(_("address"), unique=True)
    p256dh = models.CharField(_("public key"), max_length=100)
    auth = models.CharField(_("secret"), max_length=40)
    device = models.CharField(_("device"), max_length=200, blank=True)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("device for pushes")
        verbose_name_plural = _("devices for pushes")

    def __str__(self) -> str:
        return f"{self.person_id}: {self.device}"


class PushTold(models.Model):
    """That something due was pushed to a person, so that it is once."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", verbose_name=_("person"))
    about = models.CharField(_("about"), max_length=60)
    at = models.DateTimeField(_("pushed at"))

    class Meta:
        verbose_name = _("push")
        verbose_name_plural = _("pushes")
        constraints = [models.UniqueConstraint(fields=["person", "about"], name="what_is_due_is_pushed_once")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.about}"


class _Text(models.Model):
    """Words and their characters, pairs and fours, for the search; triggers write them."""

    words = models.TextField(_("words"))
    grams = ArrayField(models.IntegerField(), verbose_name=_("pairs of characters"))

    class Meta:
        abstract = True


class MinutesTextQuerySet(models.QuerySet["MinutesText"]):
    """Texts of minutes by who may search them."""

    def settled(self) -> MinutesTextQuerySet:
        """Without drafts of what supplements minutes in effect, which not all see who see these."""
        return self.filter(
            models.Q(minutes__supplements=None) | models.Q(minutes__state=Minutes.State.SIGNED)
        )


class MinutesText(_Text):
    """The words of a narrative."""

    minutes = models.OneToOneField(
        Minutes, on_delete=models.CASCADE, primary_key=True, related_name="+", verbose_name=_("minutes")
    )

    objects = MinutesTextQuerySet.as_manager()

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


class EntryText(_Text):
    """What the payload of an entry of the audit log says; gone as soon as the payload is erased."""

    # the database's own constraint takes the row away with the payload
    payload = models.OneToOneField(
        Payload,
        on_delete=models.DO_NOTHING,
        primary_key=True,
        related_name="+",
        db_column="commitment",
        db_constraint=False,
        verbose_name=_("payload"),
    )
    stream = models.TextField(_("stream"), db_collation="C")
    seq = models.BigIntegerField(_("number"))

    class Meta:
        verbose_name = _("text of an entry")
        verbose_name_plural = _("texts of entries")
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="one_text_of_an_entry")]
        indexes = [GinIndex("grams", name="entry_texts_by_grams")]

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq}"


class EntriesRead(models.Model):
    """The last entry of a stream whose text the search has; it has those of all before it."""

    stream = models.TextField(_("stream"), primary_key=True, db_collation="C")
    seq = models.BigIntegerField(_("number"))

    class Meta:
        verbose_name = _("reading of a stream")
        verbose_name_plural = _("readings of streams")

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq}"
