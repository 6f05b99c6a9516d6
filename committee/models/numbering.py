"""Document numbers: one series for each committee, kind and year."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models.organisation import Committee


class SeriesQuerySet(models.QuerySet["Series"]):
    """Assigns numbers without gaps or duplicates."""

    def take(self, committee: Committee, kind: str, at: datetime) -> tuple[int, int]:
        """Return (year, next number); the series' row stays locked until the transaction ends.

        A rollback returns the number; a second caller waits for the first.
        """
        row = self.hold(committee, kind, at)
        row.last += 1
        row.save(update_fields=["last"])
        return row.year, row.last

    def hold(self, committee: Committee, kind: str, at: datetime) -> Series:
        """Return the row of the series, locked until the transaction ends; no number is given out."""
        year = at.astimezone(committee.tz).year
        self.bulk_create([Series(committee=committee, kind=kind, year=year)], ignore_conflicts=True)
        return self.select_for_update().get(committee=committee, kind=kind, year=year)


class Series(models.Model):
    """The last number given out in a series."""

    class Kind(models.TextChoices):
        PROPOSAL = "proposal", _("Proposals")
        MEETING = "meeting", _("Meetings")
        MINUTES = "minutes", _("Minutes")
        FILING = "filing", _("Filings")
        DOCKET = "docket", _("Dockets")
        NOTICE = "notice", _("Meeting notices")
        PROXY = "proxy", _("Proxy authorisations")
        ATTENDANCE = "present", _("Attendance sheets")
        PLAN = "plan", _("Plans as papers")
        BALLOT = "ballot", _("Ballot papers")
        TALLY = "tally", _("Tally sheets")
        RESOLUTION = "resolved", _("Resolutions")
        DISTRIBUTION = "copies", _("Distribution lists")
        REPORT = "report", _("Decision reports")
        CREDIT = "credit", _("Credit decisions")
        INDEX = "index", _("Archive indexes")

    #: what follows the committee's abbreviation: 呼联〔2026〕3号, 呼联会〔2026〕3号
    MARKS = {
        Kind.PROPOSAL: "",
        Kind.MEETING: "会",
        Kind.MINUTES: "纪",
        Kind.FILING: "备",
        Kind.DOCKET: "名",
        Kind.NOTICE: "通",
        Kind.PROXY: "委",
        Kind.ATTENDANCE: "签",
        Kind.PLAN: "案",
        Kind.BALLOT: "票",
        Kind.TALLY: "计",
        Kind.RESOLUTION: "决",
        Kind.DISTRIBUTION: "发",
        Kind.REPORT: "报",
        Kind.CREDIT: "授",
        Kind.INDEX: "卷",
    }

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    year = models.PositiveSmallIntegerField(_("year"))
    last = models.PositiveIntegerField(_("last number"), default=0)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        verbose_name = _("series of numbers")
        verbose_name_plural = _("series of numbers")
        constraints = [
            models.UniqueConstraint(fields=["committee", "kind", "year"], name="one_series_a_kind_and_year"),
        ]

    def __str__(self) -> str:
        return self.written(self.committee, self.Kind(self.kind), self.year, self.last)

    @classmethod
    def written(cls, committee: Committee, kind: Series.Kind, year: int | None, number: int | None) -> str:
        """The number as filed; empty where none was assigned yet."""
        if number is None:
            return ""
        return f"{committee.abbreviation}{cls.MARKS[kind]}〔{year}〕{number}号"
