"""Ballots to cast, for the holder of a seat or of a proxy."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.desk.rows import Row
from pages.desk.sections import Section, SectionQuery
from voting.permissions import to_cast
from web.viewer import Viewer


def sections(who: Viewer) -> Iterator[SectionQuery | Section]:
    """The open votes in which a seat of the person has not voted yet: its own, or one held by proxy."""
    yield SectionQuery(
        _("Ballots to cast"),
        _("An open vote appears here until your ballot is cast."),
        to_cast(who.person),
        lambda row: Row(
            reverse("meeting", args=[row.vote.meeting_id]),
            row.vote.proposal.written_number,
            row.vote.proposal.title,
            gettext("For seat %(number)d, %(post)s") % {"number": row.number, "post": row.post},
            "waiting",
            str(row.vote.get_question_display()),
            now=True,
        ),
        article="20",
    )
