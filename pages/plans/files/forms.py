"""Giving in a file: what it is is found by its content before the plan commits to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pages.plans.files import attachments
from proposals import drawing, filetypes, storage
from proposals.attachments import StatedAttachment
from web.forms import fields
from web.forms.base import ActForm

_ACCEPTED = ",".join(f".{extension}" for extension in filetypes.EXTENSIONS)


class AttachForm(ActForm):
    """A file and what it shows."""

    #: the received file and its entry in the plan, once it was examined
    received: storage.Received
    attachment: StatedAttachment

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        help_text=_("PDF, OFD, Word, Excel, PowerPoint, PNG, JPEG, TIFF, GIF or HEIC, at most 50 MB."),
        widget=forms.FileInput(attrs={"accept": _ACCEPTED, "data-drop": ""}),
    )
    text = fields.Prose(
        label=_("What it shows"),
        required=False,
        max_length=2000,
        help_text=_("In a sentence: readers of the one page read this first."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_file(self) -> Any:
        """The upload, within the limit and with a name that can be read."""
        upload = self.cleaned_data["file"]
        if upload.size > filetypes.MOST_BYTES:
            raise forms.ValidationError(attachments.fault("large"))
        try:
            upload.name = filetypes.plain_name(upload.name)
        except filetypes.Unfit as unfit:
            raise forms.ValidationError(attachments.fault(unfit.key, unfit.values)) from None
        return upload

    def examine(self, received: storage.Received) -> bool:
        """Whether the file is taken: then `received` and `attachment`, else the error beside its field."""
        name = self.cleaned_data["file"].name
        try:
            found = filetypes.recognise(received.path, name)
            pages = _pages(received.path, found, self.who.person.pk)
        except filetypes.Unfit as unfit:
            self.add_error("file", attachments.fault(unfit.key, unfit.values))
            return False
        except drawing.Undrawable as undrawable:
            self.add_error("file", attachments.fault(undrawable.key))
            return False
        text = self.cleaned_data["text"].strip()
        self.received = received
        self.attachment = StatedAttachment(
            name, text, found.media_type, received.size, pages, received.sha256
        )
        return True


def _pages(path: Path, found: filetypes.FileType, person: int) -> int | None:
    """The pages that can be drawn; a picture of a phone is taken also where it cannot be."""
    try:
        return drawing.count(path, found.drawn, person=person) if found.drawn else None
    except drawing.Undrawable as undrawable:
        if found != filetypes.HEIC or undrawable.key == "busy":
            raise
        return None
