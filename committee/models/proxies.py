"""Written authorisations (Art. 11)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models.meetings import Meeting
from committee.models.organisation import Person
from committee.models.seats import Seat


class ProxyQuerySet(models.QuerySet["Proxy"]):
    """Proxies by whether they run."""

    def running(self) -> ProxyQuerySet:
        """Proxies neither revoked nor ended."""
        return self.filter(revoked_at=None, ended_at=None)


class Proxy(models.Model):
    """A seat's written authorisation of a holder for a meeting: items and powers."""

    class Power(models.TextChoices):
        ATTEND = "attend", _("Attend")
        SPEAK = "speak", _("Speak")
        VOTE = "vote", _("Vote")

    class Ended(models.TextChoices):
        PRINCIPAL = "principal", _("The principal came")
        VACATED = "vacated", _("The seat was vacated")

    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="proxies", verbose_name=_("meeting")
    )
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+", verbose_name=_("seat"))
    principal = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("principal")
    )
    holder = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="proxies", verbose_name=_("holder")
    )
    document = models.TextField(_("authorisation"))
    powers = ArrayField(models.CharField(max_length=8, choices=Power.choices), verbose_name=_("powers"))
    items = models.ManyToManyField("committee.AgendaItem", related_name="+", verbose_name=_("items"))
    authorised_at = models.DateTimeField(_("authorised at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    #: when the principal came: since then the principal acts and the holder does not
    principal_came_at = models.DateTimeField(_("principal came at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_why = models.CharField(_("ended why"), max_length=9, choices=Ended.choices, blank=True)
    #: number of ballots cast under it; written by voting when casting and cancelling
    standing_ballots = models.PositiveSmallIntegerField(_("standing ballots"), default=0)

    objects = ProxyQuerySet.as_manager()

    class Meta:
        verbose_name = _("proxy")
        verbose_name_plural = _("proxies")
        ordering = ["meeting", "authorised_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "seat"],
                condition=models.Q(revoked_at=None, ended_at=None),
                name="one_running_proxy_a_seat",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat}: {self.principal} → {self.holder}"
