"""The institutions of a bank as the ledger counts them, and the dated numbers of its policy."""

from __future__ import annotations

from typing import Any

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from committee.models import Person, Unit
from committee.models.lines import LineField
from committee.models.organisation import FoldedField

# The numbers of a nested set from the tree of units: with n the place in depth-first order, s the number of
# institutions of the subtree and d of those above, lft = 2n - d - 1 and rgt = lft + 2s - 1. Units that are no
# institution are passed through.
_NUMBER = """
WITH RECURSIVE walked AS (
    SELECT unit.id, ARRAY[unit.id] AS path FROM committee_unit AS unit WHERE unit.id = %(bank)s
    UNION ALL
    SELECT unit.id, walked.path || unit.id FROM committee_unit AS unit
        JOIN walked ON unit.parent_id = walked.id
), placed AS (
    SELECT institution.id, walked.path, row_number() OVER (ORDER BY walked.path) AS n
    FROM walked JOIN portfolio_institution AS institution ON institution.unit_id = walked.id
), counted AS (
    SELECT placed.id, placed.n, count(*) AS below, (
            SELECT count(*) FROM placed AS higher
            WHERE higher.path <@ placed.path AND higher.path = placed.path[:cardinality(higher.path)]
                AND higher.id <> placed.id
        ) AS above
    FROM placed JOIN placed AS lower ON placed.path = lower.path[:cardinality(placed.path)]
    GROUP BY placed.id, placed.n, placed.path
), numbered AS (
    SELECT id, 2 * n - above - 1 AS lft, 2 * n - above - 1 + 2 * below - 1 AS rgt FROM counted
)
UPDATE portfolio_institution AS institution SET lft = numbered.lft, rgt = numbered.rgt
FROM numbered WHERE numbered.id = institution.id
    AND (institution.lft, institution.rgt) IS DISTINCT FROM (numbered.lft::integer, numbered.rgt::integer)
"""


class InstitutionQuerySet(models.QuerySet["Institution"]):
    """Institutions by their place."""

    def under(self, institution: Institution) -> InstitutionQuerySet:
        """The institution and all below it."""
        return self.filter(bank=institution.bank_id, lft__range=(institution.lft, institution.rgt))

    def above(self, institution: Institution) -> InstitutionQuerySet:
        """The institution and all above it, from the union down."""
        return self.filter(
            bank=institution.bank_id, lft__lte=institution.lft, rgt__gte=institution.rgt
        ).order_by("lft")

    def renumber(self, bank: int) -> None:
        """The bank's institutions have the numbers of their places in the tree of units."""
        with connection.cursor() as cursor:
            cursor.execute(_NUMBER, {"bank": bank})


class Institution(models.Model):
    """A unit as the ledger counts it: its number with the core system, its level, its place in the tree."""

    class Level(models.TextChoices):
        UNION = "union", _("Provincial union")
        OFFICE = "office", _("Supervising office")
        INSTITUTION = "institution", _("Institution")
        OUTLET = "outlet", _("Outlet")

    #: of four bytes, since each balance has it
    id = models.AutoField(primary_key=True)
    unit = models.OneToOneField(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("unit"))
    bank = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("bank"))
    #: 机构号
    code = LineField(_("institution number"), max_length=40)
    code_key = FoldedField(_("institution number, folded"), of="code")
    level = models.CharField(_("level"), max_length=12, choices=Level.choices)
    #: nested set: all below it have a `lft` from its own to its `rgt`
    lft = models.IntegerField(_("first number"), default=0, editable=False)
    rgt = models.IntegerField(_("last number"), default=0, editable=False)
    #: whether it is watched, warned and ranked
    ranked = models.BooleanField(_("ranked"), default=False)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("merged into"),
    )
    #: the first day on which no tape may name it
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    objects = InstitutionQuerySet.as_manager()

    class Meta:
        verbose_name = _("institution")
        verbose_name_plural = _("institutions")
        ordering = ["bank", "lft"]
        constraints = [
            models.UniqueConstraint(fields=["bank", "code_key"], name="one_institution_a_code"),
            models.CheckConstraint(
                condition=models.Q(merged_into=None) | models.Q(closed_on__isnull=False),
                name="merged_institutions_are_closed",
            ),
        ]
        indexes = [models.Index(fields=["bank", "lft"], name="institutions_by_place")]

    def __str__(self) -> str:
        return self.unit.name

    @property
    def stream(self) -> str:
        """Its audit stream."""
        return f"institution:{self.pk}"

    @property
    def subject(self) -> str:
        """Its name in the audit log."""
        return f"institution:{self.pk}"


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    """Versions by day."""

    def in_force(self, bank: int, day: Any) -> PolicyVersion | None:
        """The bank's version in force on the day, None before the first one."""
        found = self.filter(bank=bank, effective_from__lte=day)
        return found.order_by("-effective_from", "-number").first()


class PolicyVersion(models.Model):
    """The numbers of the ledger's rules from a day on; a version never changes."""

    bank = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("bank"))
    number = models.PositiveIntegerField(_("number"))
    effective_from = models.DateField(_("effective from"))
    values = models.JSONField(_("numbers"))
    reason = models.TextField(_("reason"))
    made_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made at"))

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of the policy")
        verbose_name_plural = _("versions of the policy")
        ordering = ["bank", "number"]
        constraints = [
            models.UniqueConstraint(fields=["bank", "number"], name="one_policy_version_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.bank} {self.number}"
