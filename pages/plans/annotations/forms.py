"""The form of an annotation: on a section of the plan, or on a page of one of its files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.plans.annotations.keeping import AREAS, SECTIONS, area_of
from regulation.text import has_content
from web.forms import fields


class AnnotationForm(forms.Form):
    """What is remarked, and where; `sha256` names the file, and is empty for the plan itself."""

    sha256 = forms.RegexField(r"^[0-9a-f]{64}$", required=False, widget=forms.HiddenInput)
    page = fields.Whole(required=False, min_value=1, max_value=100_000, widget=forms.HiddenInput)
    place = fields.Line(label=_("Place"), required=False, max_length=40)
    quote = fields.Prose(
        label=_("Words to highlight"),
        help_text=_("Copied from the plan, or marked in it with the mouse."),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2, "data-quote-field": ""}),
    )
    text = fields.Prose(
        label=_("Annotation"),
        help_text=_("Nobody else reads it: not the chair, not the audit, not the administration."),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, sha256: str = "", page: int = 0, **kwargs: Any) -> None:
        super().__init__(
            *args, **{"label_suffix": "", "initial": {"sha256": sha256, "page": page or None}, **kwargs}
        )
        on_file = bool(self.data.get("sha256") if self.is_bound else sha256)
        choices = AREAS if on_file else {"": _("The whole plan"), **SECTIONS}
        self.fields["place"].widget = forms.Select(choices=list(choices.items()))
        if on_file:
            del self.fields["quote"]
            self.fields["place"].widget.attrs["data-area"] = gettext("The frame drawn on the page")

    def clean_place(self) -> str:
        """The section or the area; an error for what is neither."""
        place: str = self.cleaned_data["place"]
        if not self.data.get("sha256"):
            if place and place not in SECTIONS:
                raise forms.ValidationError(_("Choose a section of the plan."))
            return place
        try:
            area_of(place)
        except ValueError:
            raise forms.ValidationError(_("Choose a part of the page, or mark it with the mouse.")) from None
        return place

    def clean(self) -> dict[str, Any]:
        """An annotation has words, highlights some, or marks an area."""
        given: dict[str, Any] = self.cleaned_data
        marks = given.get("place") if given.get("sha256") else given.get("quote")
        if not self.errors and not marks and not has_content(given.get("text", "")):
            self.add_error("text", _("Write something, or mark a place."))
        given["page"] = given.get("page") or (1 if given.get("sha256") else 0)
        given.setdefault("quote", "")
        return given
