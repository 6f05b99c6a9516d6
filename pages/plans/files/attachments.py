"""The files of a plan as a person may see them, and what is said of one that is not taken.

A file is visible exactly to those who see a version of a plan that names its checksum: the handling
institution and the audit see every version, others those that were submitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.plans.versions import visible_versions
from proposals import drawing, filetypes
from proposals.attachments import StatedAttachment, stated_attachments
from proposals.models import Attachment, PlanVersion, Proposal
from web.log import timeline
from web.viewer import Viewer

#: why a file is not taken or not drawn
FAULTS: Mapping[str, str | Promise] = {
    "name": _("The file needs a name."),
    "long-name": _("The name of the file is longer than %(most)d characters: shorten it."),
    "extension": _(
        "Files of this kind (%(extension)s) are not accepted. "
        "Accepted are PDF, OFD, Word, Excel, PowerPoint, PNG, JPEG, TIFF, GIF and HEIC."
    ),
    "wps": _(
        "Files of WPS Office (%(extension)s) are not accepted: other programs cannot open them. "
        "In WPS save it as PDF, or as .docx, .xlsx or .pptx, and attach that file."
    ),
    "other-office": _(
        "Files of this kind (%(extension)s) are not accepted. "
        "Save it as PDF, or as .docx, .xlsx or .pptx, and attach that file."
    ),
    "archive": _(
        "Archives (%(extension)s) are not accepted: unpack it and "
        "attach each file separately."
    ),
    "empty": _("The file is empty."),
    "large": _("The file is larger than 50 MB: divide it, or scan it at a lower resolution."),
    "mismatch": _(
        "The name ends in %(extension)s, but the content is something else%(found)s. "
        "Save the file in the format that its name says."
    ),
    "two-things": _("The file can be read as %(found)s and as something else at once. Save or scan it anew."),
    "macros": _("The file has macros, which are not taken. Save it without macros, or as PDF."),
    "parts": _(
        "The file is not as an Office program writes it: a part inside it is not allowed by its name or kind "
        "(%(part)s). Open it in the program and save it anew, or save it as PDF."
    ),
    "bomb": _("Unpacked, the file would be larger than one gigabyte."),
    "password": _("The file asks for a password. Save it without one."),
    "damaged": _("The file is damaged: it cannot be opened."),
    "pixels": _(
        "The picture has too many pixels to be drawn (at most 50 million), or is out of proportion: "
        "scan it at a lower resolution."
    ),
    "pages": _("The file has more than 3,000 pages: divide it."),
    "page": _("The file has no such page."),
    "busy": _("Other pages are being drawn at this moment. Try again in a few seconds."),
    "time": _("The page takes too long to be drawn. Download the file to read it."),
}  # fmt: skip


def fault(key: str, values: Mapping[str, object] | None = None) -> str:
    """What is wrong with a file, in words."""
    given = dict(values or {})
    if given.get("found") and key == "mismatch":
        given["found"] = gettext(" (%(found)s)") % given
    return str(FAULTS[key]) % given if given else str(FAULTS[key])


@dataclass(frozen=True)
class AttachmentView:
    """An attachment on a page; `file` is what is kept of it, None where the plan states a text alone."""

    stated: StatedAttachment
    file: Attachment | None

    @property
    def drawn(self) -> bool:
        """Whether its pages can be looked at here."""
        return self.file is not None and self.file.media_type in filetypes.DRAWN

    @property
    def kind(self) -> str:
        """What it is, in a word."""
        found = (each.name for each in filetypes.TYPES if each.media_type == self.stated.media_type)
        return next(found, self.stated.extension)


def attachments_of(version: PlanVersion) -> list[AttachmentView]:
    """The attachments that the version states, with what is kept of them; one statement."""
    stated = stated_attachments(version.document)
    wanted = [each.sha256 for each in stated if each.sha256]
    kept = Attachment.objects.filter(unit__proposals__versions=version, sha256__in=wanted)
    files = {row.sha256: row for row in kept} if wanted else {}
    return [AttachmentView(each, files.get(each.sha256)) for each in stated]


def visible_file(proposal: Proposal, who: Viewer, sha256: str) -> AttachmentView:
    """The file of this checksum, as the last version that the person sees names it; 404 when none does."""
    file = Attachment.objects.filter(unit=proposal.unit_id, sha256=sha256).first()
    if file is not None:
        story = timeline.read_story(proposal.stream, payloads=False)
        for version in reversed(visible_versions(proposal, who, story)):
            for each in stated_attachments(version.document):
                if each.sha256 == sha256:
                    return AttachmentView(each, file)
    raise Http404


def page_within(number: int, file: Attachment) -> int:
    """The requested page, limited to those that exist."""
    return min(max(number, 1), max(file.pages or 1, 1), drawing.MOST_PAGES)
