"""The fields that people type into: a line, prose, a number, an amount, a day, an hour.

Each reads what a Chinese keyboard writes (full-width digits and signs, Chinese dates) as what it means, and
none keeps a character that nobody sees where one line is meant. Of Django's own fields of these kinds forms
have passwords and keys alone; a test walks all forms.
"""

from __future__ import annotations

import re
from datetime import time
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regulation.text import day as day_of
from regulation.text import half_width, is_line, is_prose, plain_breaks, plain_line, without_invisible

_AMOUNT = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,2})?")
_HOUR = re.compile(r"([0-9]{1,2})\s*[:.时点]\s*([0-9]{1,2})\s*分?|([0-9]{1,2})\s*[时点]整?")


def plain_digits(value: Any) -> Any:
    """A text in usual width, without what nobody sees; anything else as it is."""
    return half_width(without_invisible(value)) if isinstance(value, str) else value


class Line(forms.CharField):
    """A text of one line, without what nobody sees."""

    default_error_messages = {"line": _("Enter one line of text, without line breaks.")}

    def to_python(self, value: Any) -> Any:
        """The line; blanks of any width are one kind, and none are at the ends."""
        text = plain_line(value) if isinstance(value, str) else value
        if isinstance(text, str) and not is_line(text):
            raise forms.ValidationError(self.error_messages["line"], code="line")
        return super().to_python(text)


class Prose(forms.CharField):
    """A text of any number of lines."""

    widget = forms.Textarea
    default_error_messages = {
        "prose": _("The text has a control character that nobody sees; take it out or type the place anew.")
    }

    def to_python(self, value: Any) -> Any:
        """The text; every kind of line break is one."""
        text = plain_breaks(value) if isinstance(value, str) else value
        if isinstance(text, str) and not is_prose(text.replace("\0", "")):
            raise forms.ValidationError(self.error_messages["prose"], code="prose")
        return super().to_python(text)


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
        """The number, from digits of either width; a per cent sign is not needed and does not matter."""
        value = plain_digits(value)
        return super().to_python(value.rstrip("% ").replace(",", "") if isinstance(value, str) else value)


class Money(forms.CharField):
    """An amount in yuan, to the fen at most, as a text with two decimals."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> str:
        """The amount as the engine reads it; whether it will do the engine judges."""
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
