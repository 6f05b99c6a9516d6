"""Where the loans of a month's start were at its end: the cells of the matrix of classes, kept once made."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from portfolio.models.organisation import Institution


class MonthMove(models.Model):
    """The loans of an institution that went from one class to another in a month; money in fen.

    A class of 0 is none: at the start a new loan, at the end one that is no longer open.
    """

    #: the days of the tapes with which the month begins and ends
    start_on = models.DateField(_("from"))
    end_on = models.DateField(_("to"))
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("institution")
    )
    from_class = models.SmallIntegerField(_("from class"))
    to_class = models.SmallIntegerField(_("to class"))
    loans = models.IntegerField(_("loans"))
    start_principal = models.BigIntegerField(_("principal at the start, fen"))
    end_principal = models.BigIntegerField(_("principal at the end, fen"))
    #: what was repaid of the principal at the start
    fell_by = models.BigIntegerField(_("fall of principal, fen"))

    class Meta:
        verbose_name = _("move of a month")
        verbose_name_plural = _("moves of a month")
        constraints = [
            models.UniqueConstraint(
                fields=["end_on", "start_on", "institution", "from_class", "to_class"],
                name="one_move_an_institution_and_pair_of_classes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.end_on} {self.institution_id} {self.from_class} {self.to_class}"
