"""The archived file of a meeting as a ZIP that opens without the site (Art. 12.6)."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from committee.models import Meeting
from committee.offices import AUDITOR, CHAIR, HEAD_OFFICE, LIAISON
from documents.archive.writing import CannotWrite
from office.actions.exporting import export_archive
from office.archives.meeting_file import archived
from web import limits
from web.exports.responses import SEALED, OpenedFile
from web.seen import SeenRow
from web.viewer import Viewer, viewer_of

_MEETING = SeenRow(Meeting, "committee__branch", "committee__liaison", "acting_seat")


def takes(meeting: Meeting, who: Viewer) -> bool:
    """Whether the person may have the whole file: ballots by name, plans and what is attached to them."""
    return who.acts_as(LIAISON | CHAIR | HEAD_OFFICE | AUDITOR, meeting)


@require_safe
@limits.limited(limits.EXPORT)
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file as a ZIP, whose digest the log has; 404 for others than `takes` and until it is archived.

    Back to the page of the file, with the reason, when it cannot be put together.
    """
    who = viewer_of(request)
    meeting = _MEETING.get_or_404(who.person, pk)
    file = archived(meeting)
    if file is None or not takes(meeting, who):
        raise Http404
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.zip"
        try:
            export_archive(file, by=who.person, to=path)
        except CannotWrite:
            messages.error(
                request,
                gettext(
                    "The archive cannot be put together: a file is missing or was changed, or the disk is "
                    "full. Tell the administrator; the command export_archive says which."
                ),
            )
            return redirect("archive-file", pk)
        opened = path.open("rb")  # stays readable when its name is gone
    return OpenedFile(
        opened,
        as_attachment=True,
        filename=f"{meeting.written_number}.zip",
        content_type="application/zip",
        headers=SEALED,
    )
