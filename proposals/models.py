"""Proposals with their plan versions, the docket, credit decisions and receipts."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast, Coalesce, Left
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition
from guardian.models import GroupObjectPermissionBase

from committee.models import AgendaItem, Committee, Person, Resolution, Series, Unit
from proposals.plan import Plan, stored_plan

#: the order of the numbers as filed; drafts, which have none yet, come first
BY_NUMBER = Coalesce(
    Cast("year", models.BigIntegerField()) * Value(10**9) + F("number"),
    Value(0),
    output_field=models.BigIntegerField(),
)
#: a name may be longer than an index takes
BY_BORROWER = Left("borrower", 40)


class ProposalQuerySet(models.QuerySet["Proposal"]):
    """Proposals by who may see them."""

    def visible_to(self, person: Person) -> ProposalQuerySet:
        """The proposals that this person may see (rules.md, Roles)."""
        from proposals.permissions import proposals_visible_to

        return self.filter(proposals_visible_to(person))


class Proposal(FSMModelMixin, models.Model):
    """A plan's way from draft to execution."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        RETURNED = "returned", _("Returned for completion")
        SCREENED_OUT = "screened_out", _("Screened out")
        SHORTLISTED = "shortlisted", _("Shortlisted")
        FILED = "filed", _("Filed with head office")
        TABLED = "tabled", _("On the agenda")
        VOTING = "voting", _("Vote open")
        CARRIED = "carried", _("Carried")
        REJECTED = "rejected", _("Not carried")
        CREDIT_APPROVED = "credit_approved", _("Credit approved")
        CREDIT_DECLINED = "credit_declined", _("Credit declined")
        EXECUTING = "executing", _("In execution")
        COMPLETED = "completed", _("Completed")
        TERMINATED = "terminated", _("Terminated")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    #: a contract stands in one of these at a time (Art. 13)
    LIVE = (
        State.SUBMITTED,
        State.RETURNED,
        State.SHORTLISTED,
        State.FILED,
        State.TABLED,
        State.VOTING,
        State.CARRIED,
        State.CREDIT_APPROVED,
        State.EXECUTING,
    )
    BEFORE_VOTING = (
        State.DRAFT,
        State.SUBMITTED,
        State.RETURNED,
        State.SHORTLISTED,
        State.FILED,
        State.TABLED,
    )

    #: what changes after the draft was begun; the application's role may write nothing else
    CHANGING = (
        "year", "number", "title", "borrower", "state", "version", "item", "owed", "submitted_version",
        "submitted_at", "filed_at", "resolved_at", "state_since", "state_reason", "resubmission", "ruling",
        "special_recognised_at",
    )  # fmt: skip

    committee = models.ForeignKey(
        Committee, on_delete=models.PROTECT, related_name="proposals", verbose_name=_("committee")
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="proposals", verbose_name=_("handling institution")
    )
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    number = models.PositiveIntegerField(_("number"), null=True, blank=True)
    title = models.TextField(_("title"), blank=True)
    borrower = models.TextField(_("borrower"), blank=True)
    state = FSMField(_("state"), default=State.DRAFT, choices=State.choices, protected=True, db_index=True)
    version: models.ForeignKey[PlanVersion | None, PlanVersion | None] = models.ForeignKey(
        "proposals.PlanVersion",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("version"),
    )
    revises: models.ForeignKey[Proposal | None, Proposal | None] = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="revisions",
        verbose_name=_("revises"),
    )
    #: the item under which it stands, or stood last
    item = models.ForeignKey(
        AgendaItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("item")
    )
    drafted_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("drafted by")
    )
    drafted_at = models.DateTimeField(_("drafted at"))
    #: everything owed on its loans in yuan, as lists name it
    owed = models.DecimalField(_("owed"), max_digits=24, decimal_places=2, default=0)
    #: what was submitted last: of the plan's text, all that others than its institution may see in a search
    submitted_version: models.ForeignKey[PlanVersion | None, PlanVersion | None] = models.ForeignKey(
        "proposals.PlanVersion",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("submitted version"),
    )
    #: first submission, first filing, resolution: what each role may see hangs on these
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    filed_at = models.DateTimeField(_("filed at"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    #: since when it is in its present state
    state_since = models.DateTimeField(_("since"))
    #: the reason of the last return, screening out, withdrawal, declining or termination
    state_reason = models.TextField(_("reason"), blank=True)
    #: it covers a contract of a rejected plan, so shortlisting asks for a ruling (Art. 23)
    resubmission = models.BooleanField(_("resubmission"), default=False)
    ruling = models.TextField(_("ruling on substantive change"), blank=True)
    special_recognised_at = models.DateTimeField(
        _("special circumstances recognised at"), null=True, blank=True
    )

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["-pk"]
        permissions = [("handle_proposal", "Handle the proposal")]
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "year", "number"],
                condition=models.Q(number__isnull=False),
                name="one_proposal_a_number",
            ),
        ]
        indexes = [
            models.Index(fields=["committee", "state"]),
            models.Index(fields=["unit", "state"]),
            # what lists are sorted by, with the key that makes the order one
            models.Index("state_since", "id", name="proposals_by_state_since"),
            models.Index("committee", "state_since", "id", name="proposals_of_committee_since"),
            models.Index("unit", "state_since", "id", name="proposals_of_unit_since"),
            models.Index("state", "state_since", "id", name="proposals_in_state_since"),
            models.Index("owed", "id", name="proposals_by_owed"),
            models.Index(BY_NUMBER, "id", name="proposals_by_number"),
            models.Index(BY_BORROWER, "id", name="proposals_by_borrower"),
            # periods: of the list, and of the figures
            models.Index("submitted_at", name="proposals_by_submission"),
            models.Index("committee", "submitted_at", name="proposals_of_committee_in"),
            models.Index("resolved_at", name="proposals_by_resolution"),
            models.Index(
                "state_since", "id", condition=models.Q(resubmission=True), name="proposals_resubmitted"
            ),
        ]

    def __str__(self) -> str:
        return self.written_number or self.title

    @property
    def written_number(self) -> str:
        """The number as filed; empty before the first submission."""
        return Series.written(self.committee, Series.Kind.PROPOSAL, self.year, self.number)

    @property
    def stream(self) -> str:
        """Its audit stream."""
        return f"proposal:{self.pk}"

    @property
    def subject(self) -> str:
        """Its name in audit entries."""
        return f"proposal:{self.pk}"

    @transition(field=state, source=[State.DRAFT, State.RETURNED], target=State.SUBMITTED)
    def submit(self) -> None:
        """It waits for screening."""

    @transition(field=state, source=State.SUBMITTED, target=State.RETURNED)
    def send_back(self) -> None:
        """It is returned for completion (Art. 14)."""

    @transition(field=state, source=State.SUBMITTED, target=State.SCREENED_OUT)
    def screen_out(self) -> None:
        """It is screened out (Art. 14)."""

    @transition(field=state, source=State.SUBMITTED, target=State.SHORTLISTED)
    def shortlist(self) -> None:
        """It stands for the docket (Art. 14)."""

    @transition(field=state, source=State.SHORTLISTED, target=State.FILED)
    def file(self) -> None:
        """It is filed with head office (Art. 14)."""

    @transition(field=state, source=State.FILED, target=State.TABLED)
    def table(self) -> None:
        """It is on a meeting's agenda."""

    @transition(field=state, source=State.TABLED, target=State.FILED)
    def untable(self) -> None:
        """It left an agenda without a vote and can be tabled again."""

    @transition(field=state, source=State.TABLED, target=State.VOTING)
    def vote(self) -> None:
        """A vote on it is open."""

    @transition(field=state, source=State.VOTING, target=State.FILED)
    def defer(self) -> None:
        """Its vote was cancelled (Art. 20.3)."""

    @transition(field=state, source=State.VOTING, target=State.TABLED)
    def recognise(self, at: datetime) -> None:
        """Its special circumstances are recognised (Art. 7.6)."""
        self.special_recognised_at = at

    @transition(field=state, source=State.VOTING, target=State.SCREENED_OUT)
    def not_recognised(self) -> None:
        """Its special circumstances are not recognised (Art. 7.6)."""

    @transition(field=state, source=State.VOTING, target=State.CARRIED)
    def carry(self, at: datetime) -> None:
        """The committee carried it (Art. 20.2)."""
        self.resolved_at = at

    @transition(field=state, source=State.VOTING, target=State.REJECTED)
    def reject(self, at: datetime) -> None:
        """The committee did not carry it (Art. 20.2, 23)."""
        self.resolved_at = at

    @transition(field=state, source=State.CARRIED, target=State.CREDIT_APPROVED)
    def approve(self) -> None:
        """The credit department approved what was resolved (Art. 22)."""

    @transition(field=state, source=State.CARRIED, target=State.CREDIT_DECLINED)
    def decline(self) -> None:
        """The credit department declined (Art. 22)."""

    @transition(
        field=state, source=[State.CREDIT_APPROVED, State.EXECUTING, State.COMPLETED], target=State.EXECUTING
    )
    def execute(self) -> None:
        """Something was received, less than scheduled."""

    @transition(
        field=state, source=[State.CREDIT_APPROVED, State.EXECUTING, State.COMPLETED], target=State.COMPLETED
    )
    def complete(self) -> None:
        """The receipts reach the schedule's principal and interest."""

    @transition(field=state, source=[State.EXECUTING, State.COMPLETED], target=State.CREDIT_APPROVED)
    def restart(self) -> None:
        """All receipts were reversed."""

    @transition(field=state, source=[State.CREDIT_APPROVED, State.EXECUTING], target=State.TERMINATED)
    def terminate(self) -> None:
        """The liaison ended its execution (Art. 14)."""

    @transition(field=state, source=list(BEFORE_VOTING), target=State.WITHDRAWN)
    def withdraw(self) -> None:
        """Its handler withdrew it (Art. 13)."""


class ProposalGroupPermission(GroupObjectPermissionBase):
    """What is granted to the handling institution's group on its proposal."""

    content_object = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="grants")

    class Meta(GroupObjectPermissionBase.Meta):
        verbose_name = _("grant on a proposal")
        verbose_name_plural = _("grants on proposals")


class PlanVersion(models.Model):
    """A plan as it was written down; a row never changes."""

    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, related_name="versions", verbose_name=_("proposal")
    )
    number = models.PositiveIntegerField(_("version"))
    document = models.JSONField(_("document"))
    digest = models.CharField(_("digest"), max_length=64)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("made by"))

    class Meta:
        verbose_name = _("version of a plan")
        verbose_name_plural = _("versions of plans")
        ordering = ["proposal", "number"]
        constraints = [models.UniqueConstraint(fields=["proposal", "number"], name="one_version_a_number")]

    def __str__(self) -> str:
        return f"{self.proposal} v{self.number}"

    @cached_property
    def plan(self) -> Plan:
        """The document, typed."""
        return stored_plan(self.document)


class PlanText(models.Model):
    """The words of a version and their characters, pairs and fours, for the search; a trigger writes it.

    Of Chinese nothing shorter than three characters could be found by trigrams, and many names have two; of
    digits a pair is in nearly every plan. A line of one to three digits is in the index as a whole, too.
    """

    version = models.OneToOneField(
        PlanVersion,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="text",
        verbose_name=_("version"),
    )
    words = models.TextField(_("words"))
    grams = ArrayField(models.IntegerField(), verbose_name=_("pairs of characters"))

    class Meta:
        verbose_name = _("text of a plan")
        verbose_name_plural = _("texts of plans")
        indexes = [GinIndex("grams", name="plan_texts_by_grams")]

    def __str__(self) -> str:
        return str(self.version)


class PlanContract(models.Model):
    """A loan contract that a version of a plan covers (Art. 13, 23)."""

    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="contracts")
    contract_no = models.TextField(_("contract"), db_index=True)

    class Meta:
        verbose_name = _("contract of a plan")
        verbose_name_plural = _("contracts of plans")
        constraints = [
            models.UniqueConstraint(fields=["version", "contract_no"], name="a_contract_once_a_version")
        ]

    def __str__(self) -> str:
        return self.contract_no


class LiveContract(models.Model):
    """The one live plan of the bank in which a contract stands (Art. 13)."""

    bank = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    contract_no = models.TextField(_("contract"))
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="live_contracts")

    class Meta:
        verbose_name = _("live contract")
        verbose_name_plural = _("live contracts")
        constraints = [
            models.UniqueConstraint(fields=["bank", "contract_no"], name="a_contract_in_one_live_plan")
        ]

    def __str__(self) -> str:
        return self.contract_no


class Comparison(models.Model):
    """A resubmission's differences from a rejected plan, as found at submission (Art. 23)."""

    version = models.ForeignKey(
        PlanVersion, on_delete=models.PROTECT, related_name="comparisons", verbose_name=_("version")
    )
    rejected = models.ForeignKey(
        PlanVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("rejected version")
    )
    #: a row a field: field, path, old, new, substantive, why
    differences = models.JSONField(_("differences"))
    at = models.DateTimeField(_("compared at"))

    class Meta:
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.rejected} → {self.version}"


class Docket(models.Model):
    """A list of plans put forward to the chair and filed with head office (Art. 14)."""

    committee = models.ForeignKey(
        Committee, on_delete=models.PROTECT, related_name="dockets", verbose_name=_("committee")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    filed_at = models.DateTimeField(_("filed at"))
    filed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("filed by")
    )

    class Meta:
        verbose_name = _("docket")
        verbose_name_plural = _("dockets")
        ordering = ["-filed_at"]
        indexes = [models.Index("filed_at", "id", name="dockets_by_filing")]

    def __str__(self) -> str:
        return Series.written(self.committee, Series.Kind.FILING, self.year, self.number)


class DocketEntry(models.Model):
    """A plan on a docket, in the version filed."""

    docket = models.ForeignKey(
        Docket, on_delete=models.PROTECT, related_name="entries", verbose_name=_("docket")
    )
    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, related_name="docket_entries", verbose_name=_("proposal")
    )
    version = models.ForeignKey(
        PlanVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("version")
    )

    class Meta:
        verbose_name = _("entry of a docket")
        verbose_name_plural = _("entries of dockets")
        constraints = [models.UniqueConstraint(fields=["proposal"], name="a_proposal_is_filed_once")]

    def __str__(self) -> str:
        return f"{self.docket}: {self.proposal}"


class Tabling(models.Model):
    """A proposal standing under an item of a meeting."""

    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, related_name="tablings", verbose_name=_("proposal")
    )
    item = models.OneToOneField(
        AgendaItem, on_delete=models.PROTECT, related_name="+", verbose_name=_("item")
    )
    version = models.ForeignKey(
        PlanVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("version")
    )

    class Meta:
        verbose_name = _("tabling")
        verbose_name_plural = _("tablings")

    def __str__(self) -> str:
        return f"{self.item}: {self.proposal}"


class CreditDecision(models.Model):
    """The credit department's approval of what was resolved, or its refusal (Art. 22)."""

    proposal = models.OneToOneField(
        Proposal, on_delete=models.PROTECT, related_name="credit_decision", verbose_name=_("proposal")
    )
    resolution = models.ForeignKey(
        Resolution, on_delete=models.PROTECT, related_name="+", verbose_name=_("resolution")
    )
    approved = models.BooleanField(_("approved"))
    #: yuan of interest, penalty and principal that the approved plan waives
    waived = models.DecimalField(_("waived"), max_digits=20, decimal_places=2, default=0)
    terms = models.JSONField(_("terms stated"))
    reason = models.TextField(_("reason"), blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("decided by"))
    at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("credit decision")
        verbose_name_plural = _("credit decisions")
        indexes = [
            models.Index("at", "id", name="credit_decisions_by_time"),
            models.Index(fields=["at"], condition=models.Q(waived__gt=0), name="credit_decisions_waiving"),
        ]

    def __str__(self) -> str:
        return str(self.proposal)


class Receipt(models.Model):
    """Money received in yuan, or the counter-entry that reverses such a receipt."""

    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, related_name="receipts", verbose_name=_("proposal")
    )
    #: yuan; negative in a counter-entry
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)
    received_on = models.DateField(_("received on"))
    reverses = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reversal",
        verbose_name=_("reverses"),
    )
    reason = models.TextField(_("reason"), blank=True)
    recorded_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["received_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, reverses=None)
                | models.Q(amount__lt=0, reverses__isnull=False),
                name="a_receipt_is_above_zero_its_reversal_below",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.received_on} {self.amount}"


class Attachment(models.Model):
    """A file that an institution gave in, kept by its checksum; the plans say which of them names it.

    A checksum in a plan leads to a file only where the plan's own institution gave that file in: to know a
    checksum is not enough to read what another institution sent.
    """

    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("handling institution")
    )
    sha256 = models.CharField(_("checksum"), max_length=64)
    media_type = models.CharField(_("type"), max_length=100)
    #: bytes
    size = models.PositiveBigIntegerField(_("size"))
    #: of what has pages that can be drawn
    pages = models.PositiveIntegerField(_("pages"), null=True, blank=True)
    added_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = [models.UniqueConstraint(fields=["unit", "sha256"], name="a_file_once_an_institution")]

    def __str__(self) -> str:
        return self.sha256


class DueInstalment(models.Model):
    """What an approved plan schedules for a day; a trigger writes it at the approval, for good."""

    proposal = models.ForeignKey(
        Proposal,
        on_delete=models.PROTECT,
        related_name="instalments",
        verbose_name=_("proposal"),
        db_index=False,
    )
    due_on = models.DateField(_("due on"))
    #: principal and interest in yuan
    amount = models.DecimalField(_("amount"), max_digits=24, decimal_places=2)

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["proposal", "due_on"], include=["amount"], name="instalments_of_a_plan")
        ]

    def __str__(self) -> str:
        return f"{self.due_on} {self.amount}"


class MonthFigure(models.Model):
    """What the plans of a committee add to the figures of a month; triggers write it, and rows are added up.

    A row is a change: its plan came to count, or (below zero) counts no more or elsewhere. Folding
    (`proposals_fold_figures`) makes one row of all those of the same key; the sums stay.
    """

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", _("Submitted")
        CARRIED = "carried", _("Carried")
        REJECTED = "rejected", _("Not carried")
        WAIVED = "waived", _("Waivers granted")
        PLANNED = "planned", _("Recovery planned")
        RECEIVED = "received", _("Recovery received")

    committee = models.ForeignKey(
        Committee, on_delete=models.PROTECT, related_name="+", verbose_name=_("committee"), db_index=False
    )
    #: the institution of plans not yet filed; once it is filed, all whose figures have a plan see it
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("handling institution"),
        db_index=False,
    )
    kind = models.CharField(_("figure"), max_length=9, choices=Kind.choices)
    #: its first day, in the zone of the committee
    month = models.DateField(_("month"))
    #: from submission to resolution, of what was resolved
    days = models.IntegerField(_("days"), null=True)
    number = models.BigIntegerField(_("number"))
    #: yuan
    amount = models.DecimalField(_("amount"), max_digits=24, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("figure of a month")
        verbose_name_plural = _("figures of months")
        indexes = [models.Index("month", "committee", name="figures_by_month")]

    def __str__(self) -> str:
        return f"{self.committee} {self.month:%Y-%m} {self.kind}"


class StateCount(models.Model):
    """How many plans of an institution are in a state; triggers write it, and rows are added up."""

    committee = models.ForeignKey(
        Committee, on_delete=models.PROTECT, related_name="+", verbose_name=_("committee"), db_index=False
    )
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("handling institution"),
        db_index=False,
    )
    state = models.CharField(_("state"), max_length=50, choices=Proposal.State.choices)
    #: which milestones they have passed: what each role may see hangs on these
    submitted = models.BooleanField(_("already submitted"))
    filed = models.BooleanField(_("already filed"))
    resolved = models.BooleanField(_("already resolved"))
    number = models.BigIntegerField(_("number"))

    class Meta:
        verbose_name = _("plans in a state")
        verbose_name_plural = _("plans in states")

    def __str__(self) -> str:
        return f"{self.unit} {self.state}: {self.number}"
