"""Form fields that people type into: a line, prose, numbers, amounts, dates, times.

Each accepts what a Chinese keyboard writes (full-width digits and signs, Chinese dates), and fields of one
line remove invisible characters. Forms use these instead of Django's fields, except for passwords and hidden
keys; a test checks all forms.
"""

from __future__ import annotations

import re
from datetime import time
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from documents.glyphs import missing, named
from regulation.refused import Refused
from regulation.text import day as day_of
from regulation.text import half_width, is_line, is_prose, plain_breaks, plain_line, without_invisible
from web import labels

_AMOUNT = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,2})?")
_HOUR = re.compile(r"([0-9]{1,2})\s*[:.时点]\s*([0-9]{1,2})\s*分?|([0-9]{1,2})\s*[时点]整?")


def plain_digits(value: Any) -> Any:
    """The text with half-width digits and without invisible characters; other values unchanged."""
    return half_width(without_invisible(value)) if isinstance(value, str) else value


def shown_on_paper(text: str) -> str:
    """Return the text; ValidationError `document/no-glyph` with the characters that no paper can show."""
    lacking = missing(text)
    if lacking:
        refused = Refused("document/no-glyph", characters=named(lacking))
        said = labels.refusal(refused)
        raise forms.ValidationError(f"{said.message}{labels.gap()}{said.remedy}", code=refused.code)
    return text


class Line(forms.CharField):
    """A text of one line, without invisible characters."""

    default_error_messages = {"line": _("Enter one line of text, without line breaks.")}

    def to_python(self, value: Any) -> Any:
        """The line, with blanks of all kinds as one kind and none at the ends."""
        text = plain_line(value) if isinstance(value, str) else value
        if isinstance(text, str) and not is_line(text):
            raise forms.ValidationError(self.error_messages["line"], code="line")
        return shown_on_paper(super().to_python(text) or "")


class Prose(forms.CharField):
    """A text of any number of lines."""

    widget = forms.Textarea
    default_error_messages = {
        "prose": _("The text has a control character that nobody sees; take it out or type the place anew.")
    }

    def to_python(self, value: Any) -> Any:
        """The text, with all kinds of line breaks as one kind."""
        text = plain_breaks(value) if isinstance(value, str) else value
        if isinstance(text, str) and not is_prose(text.replace("\0", "")):
            raise forms.ValidationError(self.error_messages["prose"], code="prose")
        return shown_on_paper(super().to_python(text) or "")


class Whole(forms.IntegerField):
    """A whole number."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def to_python(self, value: Any) -> int | None:
        """The number, from digits of either width."""
        return super().to_python(plain_digits(value))


class Number(forms.DecimalField):
    """A decimal number."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        """The number, from digits of either width, with or without a per cent sign."""
        value = plain_digits(value)
        return super().to_python(value.rstrip("% ").replace(",", "") if isinstance(value, str) else value)


class Money(forms.CharField):
    """An amount in yuan, to the fen at most, as a text with two decimals."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> str:
        """The amount as the engine reads it, which also checks it."""
        typed = re.sub(r"[,\s¥元]", "", plain_digits(super().to_python(value)).replace("\u2212", "-"))
        if typed and not _AMOUNT.fullmatch(typed):
            raise forms.ValidationError(_("Enter the amount in yuan, in figures, to the fen at most."))
        return f"{Decimal(typed):.2f}" if typed else ""


class Day(forms.DateField):
    """A day: 2026-03-05, 2026/3/5, 20260305 or 2026年3月5日."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def to_python(self, value: Any) -> Any:
        """The day."""
        return super().to_python(day_of(without_invisible(value)) if isinstance(value, str) else value)


class Hour(forms.TimeField):
    """An hour: 9:00, ９：００, 9时30分 or 9点."""

    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})

    def to_python(self, value: Any) -> time | None:
        """The hour."""
        value = plain_digits(value)
        found = _HOUR.fullmatch(value) if isinstance(value, str) else None
        return super().to_python(f"{found[1] or found[3]}:{found[2] or '00'}" if found else value)
