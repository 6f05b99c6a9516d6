"""A proposal, its states, and the versions of its plan."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast, Coalesce, Left
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition
from guardian.models import GroupObjectPermissionBase

from committee.models import AgendaItem, Committee, Person, Series, Unit
from committee.seen import seen
from proposals.plan.drafts import Plan, stored_plan

#: in the order of the numbers; drafts, which have none yet, come first
BY_NUMBER = Coalesce(
    Cast("year", models.BigIntegerField()) * Value(10**9) + F("number"),
    Value(0),
    output_field=models.BigIntegerField(),
)
#: a name may be longer than an index allows
BY_BORROWER = Left("borrower", 40)


class ProposalQuerySet(models.QuerySet["Proposal"]):
    """Proposals by visibility."""

    def visible_to(self, person: Person) -> ProposalQuerySet:
        """The proposals that the person may see."""
        from proposals.permissions import proposals_visible_to  # which asks the models

        return self.filter(seen(Proposal, proposals_visible_to, person))


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

    #: states of live plans: a contract stands in one live plan at a time (Art. 13)
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

    #: fields that change after drafting; the application's role may write no others
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
    #: the present item, or the last one
    item = models.ForeignKey(
        AgendaItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("item")
    )
    drafted_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("drafted by")
    )
    drafted_at = models.DateTimeField(_("drafted at"))
    #: everything owed on its loans, in yuan, as shown in lists
    owed = models.DecimalField(_("owed"), max_digits=24, decimal_places=2, default=0)
    #: the version submitted last, in which others than its institution may search
    submitted_version: models.ForeignKey[PlanVersion | None, PlanVersion | None] = models.ForeignKey(
        "proposals.PlanVersion",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("submitted version"),
    )
    #: first submission, first filing and resolution, which decide what each office may see
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    filed_at = models.DateTimeField(_("filed at"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    #: when it came into its present state
    state_since = models.DateTimeField(_("since"))
    #: the reason of the last return, screening out, withdrawal, decline or termination
    state_reason = models.TextField(_("reason"), blank=True)
    #: whether it covers a contract of a rejected plan, so that shortlisting requires a ruling (Art. 23)
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
            # the orders of lists, with the key that makes each order total
            models.Index("state_since", "id", name="proposals_by_state_since"),
            models.Index("committee", "state_since", "id", name="proposals_of_committee_since"),
            models.Index("unit", "state_since", "id", name="proposals_of_unit_since"),
            models.Index("state", "state_since", "id", name="proposals_in_state_since"),
            models.Index("owed", "id", name="proposals_by_owed"),
            models.Index(BY_NUMBER, "id", name="proposals_by_number"),
            models.Index(BY_BORROWER, "id", name="proposals_by_borrower"),
            # periods of the list and of statistics
            models.Index("submitted_at", name="proposals_by_submission"),
            models.Index("committee", "submitted_at", name="proposals_of_committee_in"),
            models.Index("resolved_at", name="proposals_by_resolution"),
            models.Index(
                "state_since", "id", condition=models.Q(resubmission=True), name="proposals_resubmitted"
            ),
        ]

    def __str__(self) -> str:
        return self.written_number or self.title

    def get_state_display(self) -> str:  # type: ignore[no-redef]  # the types know Django's own
        """The label of the state; Django's own would translate those of all states to find it."""
        return str(self.State(self.state).label)

    @property
    def written_number(self) -> str:
        """The number as filed; empty before the first submission."""
        return Series.written(self.committee, Series.Kind.PROPOSAL, self.year, self.number)

    @property
    def present_version(self) -> PlanVersion:
        """The present version of its plan, which exists from drafting on."""
        if self.version is None:
            raise TypeError(f"proposal {self.pk} has no plan")
        return self.version

    @property
    def stream(self) -> str:
        """Its audit stream."""
        return f"proposal:{self.pk}"

    @property
    def subject(self) -> str:
        """The proposal as named in audit entries."""
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
    """A permission of the handling institution's group on its proposal."""

    content_object = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="grants")

    class Meta(GroupObjectPermissionBase.Meta):
        verbose_name = _("grant on a proposal")
        verbose_name_plural = _("grants on proposals")


class PlanVersion(models.Model):
    """A version of a plan; a row never changes."""

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
        """The document as a plan."""
        return stored_plan(self.document)
