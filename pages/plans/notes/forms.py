"""A private note."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pages.models import Note
from web.forms import fields


class NoteForm(forms.Form):
    """The note's text, and the revision in which it was shown."""

    text = fields.Prose(
        label=_("My note"),
        help_text=_("Nobody else reads it: not the chair, not the audit, not the administration."),
        required=False,
        strip=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    after = fields.Whole(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, note: Note, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"text": note.text, "after": note.revision})
        super().__init__(*args, **{**kwargs, "label_suffix": ""})
        self.note = note
