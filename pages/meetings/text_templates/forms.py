"""The form of a template of texts, and the choice of one to begin with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from committee.models import Committee
from pages.meetings.text_templates import gaps
from pages.models import TextTemplate
from web.forms import fields

#: a place is as long as a meeting's, another text as a notice adds
_PLACE, _TEXT = 200, 20_000


class TextTemplateForm(forms.Form):
    """A template: what it is for, under which name, and its text; the same name of a kind is replaced."""

    kind = forms.ChoiceField(label=_("Used for"), choices=TextTemplate.Kind.choices)
    name = fields.Line(label=_("Name"), max_length=60)
    text = fields.Prose(label=_("Text"), max_length=_TEXT, widget=forms.Textarea(attrs={"rows": 8}))

    def clean(self) -> dict[str, Any]:
        """Check that a place is one line, and that the meeting fills every gap."""
        given = super().clean() or self.cleaned_data
        kind, text = given.get("kind"), given.get("text", "")
        if kind == TextTemplate.Kind.PLACE and (len(text) > _PLACE or len(text.splitlines()) > 1):
            self.add_error(
                "text", _("A place is one line of at most %(most)d characters.") % {"most": _PLACE}
            )
        elif kind and (wrong := gaps.unknown(kind, text)):
            self.add_error(
                "text",
                _("Nothing fills %(gaps)s: use the gaps that stand under the form.")
                % {"gaps": " ".join(dict.fromkeys(wrong))},
            )
        return given


def chosen(
    request: HttpRequest | None, committee: Committee, kind: str
) -> tuple[list[TextTemplate], TextTemplate | None]:
    """The committee's templates of this kind, and the one to begin with: that of the address, else the first.

    `?template=0` asks for none.
    """
    found = list(gaps.templates_of(committee, kind))
    asked = request.GET.get("template", "") if request is not None else ""
    if asked == "0":
        return found, None
    named = next((each for each in found if str(each.pk) == asked), None)
    return found, named or next(iter(found), None)
