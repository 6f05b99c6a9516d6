"""Shortlisting several plans of the queue at once, each by the rules and with the entry of one (Art. 14)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from proposals.actions.screening import shortlist
from proposals.models import Proposal
from regulation.refused import Refused
from web.forms import ActForm
from web.lists.filters import LONGEST


class ShortlistSeveralForm(ActForm):
    """The plans marked in the queue; all of them are shortlisted or none is.

    `subject` is the queue: the plans that the liaison sees, in whatever state.
    """

    #: the plan that stopped the others, if one was refused
    stopped_at: Proposal | None = None

    @cached_property
    def marked(self) -> frozenset[int]:
        """The keys of the plans that are marked."""
        if self.data is None or not self.is_bound:
            return frozenset()
        return frozenset(
            int(name) for name in self.data.getlist("plan") if name.isdecimal() and len(name) <= LONGEST
        )

    def clean(self) -> dict[str, Any]:
        """Report a form without a mark."""
        if not self.marked:
            self.add_error(None, _("No plan is marked. Mark the plans to shortlist in the first column."))
        return self.cleaned_data

    def shortlist(self) -> int:
        """Shortlist the plans marked, in the order of their keys; return how many.

        `access/not-found` for one that the person does not see; else as `shortlist` refuses, and then none is
        shortlisted.
        """
        plans = list(self.subject.filter(pk__in=self.marked).select_related("committee").order_by("pk"))
        if len(plans) < len(self.marked):
            raise Refused("access/not-found")
        with transaction.atomic():
            for plan in plans:
                self.stopped_at = plan
                shortlist(plan, by=self.who.person)
        self.stopped_at = None
        return len(plans)
