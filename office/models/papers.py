"""Papers as they are on file: what each says, and the PDF that was made of it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models import Committee, Meeting, Person, Seat, Series
from proposals.models import Proposal


class PaperQuerySet(models.QuerySet["Paper"]):
    """Papers by visibility."""

    def visible_to(self, person: Person) -> PaperQuerySet:
        """The papers that the person may see."""
        from office.permissions import papers_visible_to  # which asks the models

        return self.filter(papers_visible_to(person))


class Paper(models.Model):
    """A paper drawn up, with its number, the data that it states and the checksum of its file.

    It never changes: whoever needs it otherwise draws up another. The same paper in another language has the
    same number. Its file lies in MEDIA_ROOT by its checksum.
    """

    class Kind(models.TextChoices):
        DOCKET = "docket", _("Docket")
        FILING = "filing", _("Filing of the docket")
        NOTICE = "notice", _("Meeting notice")
        PROXY = "proxy", _("Proxy authorisation")
        ATTENDANCE = "attendance", _("Attendance sheet")
        PLAN = "plan", _("Plan")
        BALLOT = "ballot", _("Ballot paper")
        TALLY = "tally", _("Tally sheet")
        RESOLUTION = "resolution", _("Resolution")
        MINUTES = "minutes", _("Minutes")
        DISTRIBUTION = "distribution", _("Distribution list")
        REPORT = "report", _("Decision report")
        CREDIT = "credit", _("Credit decision")
        INDEX = "index", _("Archive index")

    #: the series in which a kind is numbered
    SERIES = {
        Kind.DOCKET: Series.Kind.DOCKET,
        Kind.FILING: Series.Kind.FILING,
        Kind.NOTICE: Series.Kind.NOTICE,
        Kind.PROXY: Series.Kind.PROXY,
        Kind.ATTENDANCE: Series.Kind.ATTENDANCE,
        Kind.PLAN: Series.Kind.PLAN,
        Kind.BALLOT: Series.Kind.BALLOT,
        Kind.TALLY: Series.Kind.TALLY,
        Kind.RESOLUTION: Series.Kind.RESOLUTION,
        Kind.MINUTES: Series.Kind.MINUTES,
        Kind.DISTRIBUTION: Series.Kind.DISTRIBUTION,
        Kind.REPORT: Series.Kind.REPORT,
        Kind.CREDIT: Series.Kind.CREDIT,
        Kind.INDEX: Series.Kind.INDEX,
    }

    committee = models.ForeignKey(
        Committee, on_delete=models.PROTECT, related_name="+", verbose_name=_("committee")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    language = models.CharField(_("language"), max_length=12, choices=settings.LANGUAGES)
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("meeting")
    )
    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("plan")
    )
    seat = models.ForeignKey(
        Seat, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("seat")
    )
    #: what the paper says; the canonical JSON of it is `audit.canonical.payload_bytes(data)`
    data = models.JSONField(_("data"))
    #: what the paper is of, such as "notice:12:seat:3": asked for twice, it is made once
    source = models.CharField(_("source"), max_length=64)
    #: SHA-256 over the template's files (`documents.render.template_digest`); empty for a file with
    #: electronic signatures, which no template gives again
    template = models.CharField(_("digest of the template"), max_length=64)
    #: of the file
    sha256 = models.CharField(_("checksum"), max_length=64)
    #: bytes
    size = models.PositiveBigIntegerField(_("size"))
    pages = models.PositiveIntegerField(_("pages"))
    drawn_up_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("drawn up by")
    )
    drawn_up_at = models.DateTimeField(_("drawn up at"))

    #: the condition for files with electronic signatures
    SIGNED = models.Q(template="")

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = _("paper")
        verbose_name_plural = _("papers")
        ordering = ["drawn_up_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "kind", "year", "number", "language"], name="one_paper_a_number"
            ),
            models.UniqueConstraint(
                fields=["committee", "kind", "source", "language"], name="a_paper_is_made_once"
            ),
        ]
        indexes = [
            models.Index(fields=["meeting", "kind"], name="papers_of_meeting"),
            models.Index(fields=["proposal", "kind"], name="papers_of_plan"),
        ]

    def __str__(self) -> str:
        return self.written_number

    @property
    def written_number(self) -> str:
        """The number as filed."""
        return Series.written(self.committee, self.SERIES[self.Kind(self.kind)], self.year, self.number)

    @property
    def subject(self) -> str:
        """The paper as named in audit entries."""
        return f"paper:{self.pk}"

    @property
    def signed(self) -> bool:
        """Whether its file has electronic signatures."""
        return self.template == ""

    @property
    def path(self) -> Path:
        """Where the file lies, by its checksum."""
        return paper_path(self.sha256)


def paper_path(sha256: str) -> Path:
    """Return where a paper's file with this checksum lies."""
    return Path(settings.MEDIA_ROOT) / "papers" / sha256[:2] / f"{sha256}.pdf"
