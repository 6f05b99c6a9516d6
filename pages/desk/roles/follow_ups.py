"""What resolutions ask for: the person's own, and for the liaison what is to confirm and what is late."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit import clock
from committee.offices import LIAISON
from office.models import FollowUp
from pages.desk.rows import Row
from pages.desk.sections import SectionQuery
from pages.plans.follow_ups.reading import address
from web.viewer import Viewer


def sections(who: Viewer) -> Iterator[SectionQuery]:
    """Shown only where there are any: most people have none."""
    yield SectionQuery(
        _("Follow-ups to do"),
        "",
        FollowUp.objects.to_do().filter(owner=who.person).order_by("due_on", "pk"),
        _row,
        more=f"{reverse('follow-ups')}?show=own",
        article="12",
        always=False,
    )
    if LIAISON not in who.offices:
        return
    ours = FollowUp.objects.filter(proposal__committee__liaison=who.person)
    yield SectionQuery(
        _("Follow-ups to confirm"),
        "",
        ours.to_confirm().order_by("reported_at", "pk"),
        _reported_row,
        more=reverse("follow-ups"),
        article="12",
        always=False,
    )
    yield SectionQuery(
        _("Follow-ups that are late"),
        "",
        ours.to_do()
        .filter(due_on__lt=timezone.localdate(clock.now()))
        .exclude(owner=who.person)
        .order_by("due_on", "pk"),
        _late_row,
        more=reverse("follow-ups"),
        article="12",
        always=False,
    )


def _row(row: FollowUp) -> Row:
    when = gettext("overdue since %(day)s") if row.late else gettext("due on %(day)s")
    return Row(
        url=address(row),
        number=row.proposal.written_number,
        title=row.text,
        note=row.proposal.title,
        tone="stopped" if row.late else "waiting",
        when=when % {"day": row.due_on.isoformat()},
        due=row.due_on,
    )


def _reported_row(row: FollowUp) -> Row:
    return Row(
        url=address(row),
        number=row.proposal.written_number,
        title=row.text,
        note=gettext("%(name)s reports it as done: confirm or return it") % {"name": row.owner},
        tone="waiting",
        since=row.reported_at,
    )


def _late_row(row: FollowUp) -> Row:
    return Row(
        url=address(row),
        number=row.proposal.written_number,
        title=row.text,
        note=str(row.owner),
        tone="information",
        when=gettext("overdue since %(day)s") % {"day": row.due_on.isoformat()},
        due=row.due_on,
    )
