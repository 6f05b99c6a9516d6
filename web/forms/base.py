"""The base of forms that call an action.

Rules of the engine are not checked again here: a form reads values, the action refuses, and the refusal is
shown beside the field that it concerns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from regulation.refused import Refused
from web import labels
from web.forms.fields import Prose
from web.viewer import Viewer


class ActForm(forms.Form):
    """The fields of an act on `subject`, for the viewer; without fields it is a button."""

    #: the data sent: a QueryDict or None
    data: Any
    #: refusal code → the field beside which it is shown; other refusals are shown above the button
    beside: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self, *args: Any, subject: Any, who: Viewer, request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.subject, self.who = subject, who
        #: for a password asked for again, whose throttle needs the request
        self.request = request
        self.refusal: labels.Refusal | None = None
        self.refused_field = ""
        #: whether the refusal leaves nothing to be done with the form
        self.over = False

    def refuse(self, refused: Refused) -> None:
        """Show the refusal with the form."""
        self.refusal = labels.refusal(refused)
        self.refused_field = self.beside.get(refused.code, "")

    def arguments(self) -> dict[str, Any]:
        """The arguments of the action, beside the subject and `by`."""
        return dict(self.cleaned_data)


class ReasonForm(ActForm):
    """An act with a reason; the engine checks whether the reason has content."""

    beside: ClassVar[Mapping[str, str]] = {
        "13/reason-required": "reason",
        "14/reason-required": "reason",
        "15/reason-required": "reason",
        "22/reason-required": "reason",
    }
    reason = Prose(
        label=_("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 4}), max_length=20_000
    )
