"""What an auditor is shown: whether the log is cosigned, and its streams that changed last."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from committee.offices import AUDITOR
from office.labels import ACTIONS
from pages.desk.roles import cosigning, watching
from pages.desk.rows import Row
from pages.desk.sections import SHOWN, Section, SectionQuery
from web import labels
from web.log import streams
from web.viewer import Viewer


def sections(who: Viewer) -> Iterator[SectionQuery | Section]:
    """The streams of the auditor's banks, those that changed last first."""
    yield from cosigning.sections(reverse("streams"))
    yield watching.exceptions(who)
    yield from watching.committees(who, who.units(AUDITOR), of="branch__bank")
    found = streams.latest_entries(who.units(AUDITOR), SHOWN)
    named = streams.names_of_streams(entry.stream for entry in found)
    yield Section(
        _("Recent changes in the log"),
        _("Every action of the bank leaves an entry in a stream of the audit log."),
        [
            Row(
                reverse("stream", args=[entry.stream]),
                labels.stream_label(entry.stream),
                named.get(entry.stream, ""),
                str(ACTIONS.get(entry.action, entry.action)),
                "information",
                ngettext("%(count)d entry", "%(count)d entries", entry.seq) % {"count": entry.seq},
            )
            for entry in found
        ],
        len(found),
        reverse("streams"),
    )
