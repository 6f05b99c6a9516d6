"""Loan tapes as they were handed in, and the faults of their rows."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, FSMModelMixin, transition

from committee.models import Person, Unit
from portfolio.models.organisation import Institution


class TapeQuerySet(models.QuerySet["Tape"]):
    """Tapes by what became of them."""

    def loaded(self) -> TapeQuerySet:
        """Those whose rows are the ledger's of their day."""
        return self.filter(state=Tape.State.LOADED)

    def latest_of(self, institution: Institution) -> Tape | None:
        """The latest tape in the ledger with rows of the institution or of one below it, None without any."""
        below = Institution.objects.under(institution).values_list("pk", flat=True)
        found = self.loaded().filter(bank=institution.bank_id, institutions__overlap=list(below))
        return found.order_by("-as_of").first()


class Tape(FSMModelMixin, models.Model):
    """A file with all loans of a scope on a day. What it states never changes; its state does."""

    class State(models.TextChoices):
        #: read and judged, nothing taken into the ledger (`--check`)
        CHECKED = "checked", _("Checked")
        #: waits for the risk department
        HELD = "held", pgettext_lazy("tape", "Held")
        LOADED = "loaded", _("In the ledger")
        REPLACED = "replaced", _("Replaced")
        #: held, and then given up
        DISCARDED = "discarded", _("Discarded")

    #: of four bytes, since changes of class have it
    id = models.AutoField(primary_key=True)
    bank = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("bank"))
    #: the institution all of whose loans it has, with those of the institutions below
    scope = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="+", verbose_name=_("scope")
    )
    as_of = models.DateField(_("as of"))
    state: Any = FSMField(_("state"), choices=State.choices, protected=True, max_length=9)
    sha256 = models.CharField(_("checksum"), max_length=64)
    #: bytes
    size = models.BigIntegerField(_("size"))
    #: as the file was called
    name = models.TextField(_("file name"), blank=True)
    #: read, without the rejected ones
    rows = models.IntegerField(_("rows"))
    rejected = models.IntegerField(_("rows rejected"))
    #: of the rows taken
    principal = models.BigIntegerField(_("principal, fen"))
    #: the institutions that its rows name
    institutions = ArrayField(models.IntegerField(), default=list, verbose_name=_("institutions"))
    #: sums by class, and why it is held or refused: `portfolio/importing/figures.py`
    figures = models.JSONField(_("figures"), default=dict)
    handed_in_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("handed in by")
    )
    handed_in_at = models.DateTimeField(_("handed in at"))
    #: by whom it was released or discarded after it was held, when, and why
    released_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ruled by")
    )
    released_at = models.DateTimeField(_("ruled at"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    #: the tape of the same scope and day whose rows it took out of the ledger
    supersedes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("replaces")
    )

    objects = TapeQuerySet.as_manager()

    class Meta:
        verbose_name = _("loan tape")
        verbose_name_plural = _("loan tapes")
        ordering = ["-as_of", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "as_of"],
                condition=models.Q(state="loaded"),
                name="one_tape_a_scope_and_day",
            ),
        ]
        indexes = [models.Index(fields=["bank", "-as_of", "-id"], name="tapes_by_day")]

    def __str__(self) -> str:
        return f"{self.scope} {self.as_of}"

    @property
    def stream(self) -> str:
        """The audit stream of the bank's ledger."""
        return f"ledger:{self.bank_id}"

    @property
    def subject(self) -> str:
        """Its name in the audit log."""
        return f"tape:{self.pk}"

    @transition(field=state, source=State.HELD, target=State.LOADED)
    def release(self) -> None:
        """Its rows are the ledger's of its day."""

    @transition(field=state, source=State.HELD, target=State.DISCARDED)
    def discard(self) -> None:
        """It is given up."""

    @transition(field=state, source=State.LOADED, target=State.REPLACED)
    def replace(self) -> None:
        """Another file of its day has taken its place."""


class RowFault(models.Model):
    """A fault of a row; a row with any that does not only warn is not in the ledger."""

    tape = models.ForeignKey(Tape, on_delete=models.PROTECT, related_name="faults", verbose_name=_("tape"))
    #: as the file counts, from 1: the headings
    line = models.IntegerField(_("line"))
    column = models.TextField(_("column"))
    value = models.TextField(_("value"))
    code = models.TextField(_("code"))
    only_warns = models.BooleanField(_("only warns"), default=False)

    class Meta:
        verbose_name = _("fault of a row")
        verbose_name_plural = _("faults of rows")
        ordering = ["tape", "line", "id"]

    def __str__(self) -> str:
        return f"{self.tape_id}:{self.line} {self.code}"


class Arrival(models.Model):
    """A file on its way into the ledger, for the page that shows how far it is; no record of anything."""

    class Stage(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        READING = "reading", _("Reading")
        JUDGING = "judging", _("Judging the rows")
        LOANS = "loans", _("Loans and borrowers")
        BALANCES = "balances", _("Balances")
        FIGURES = "figures", _("Figures")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")
        FAILED = "failed", _("Failed")

    scope = models.ForeignKey(
        Institution, on_delete=models.CASCADE, related_name="+", verbose_name=_("scope")
    )
    as_of = models.DateField(_("as of"))
    sha256 = models.CharField(_("checksum"), max_length=64)
    name = models.TextField(_("file name"))
    #: only judged, nothing taken in
    check_only = models.BooleanField(_("check only"), default=False)
    by = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"))
    stage = models.CharField(_("stage"), max_length=9, choices=Stage.choices, default=Stage.WAITING)
    stage_at = models.DateTimeField(_("stage since"))
    #: what came of it, or the code and the context of the refusal
    tape = models.ForeignKey(
        Tape, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("tape")
    )
    outcome = models.JSONField(_("outcome"), default=dict)

    class Meta:
        verbose_name = _("file on its way")
        verbose_name_plural = _("files on their way")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["scope", "-at"], name="arrivals_by_time")]

    def __str__(self) -> str:
        return f"{self.name} {self.stage}"
