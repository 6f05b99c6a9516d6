"""Password validators, beside those that Django brings."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

#: the greatest length; a longer password is refused before it is hashed
LONGEST = 128
#: the least number of different characters
DIFFERENT = 5


class MaximumLength:
    """Refuse a password longer than `LONGEST` characters."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a longer password."""
        del user
        if len(password) > LONGEST:
            raise ValidationError(
                ngettext(
                    "This password has %(length)d character; take at most %(most)d.",
                    "This password has %(length)d characters; take at most %(most)d.",
                    len(password),
                )
                % {"length": len(password), "most": LONGEST},
                code="password_too_long",
            )

    def get_help_text(self) -> str:
        """The requirement as a text."""
        return _("A password has at most %(most)d characters.") % {"most": LONGEST}


class CharacterVariety:
    """Refuse a password made of few characters or of a repeated piece."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError where too few characters differ or the password is one piece repeated."""
        del user
        if len(set(password.lower())) < DIFFERENT or _repeats(password.lower()):
            raise ValidationError(
                _("This password repeats itself. Take one of at least %(different)d different characters.")
                % {"different": DIFFERENT},
                code="password_repeats",
            )

    def get_help_text(self) -> str:
        """The requirement as a text."""
        return _("A password does not repeat a few characters over and over.")


def _repeats(password: str) -> bool:
    """Whether a piece shorter than the least length makes up the whole password, the last one perhaps cut
    off.
    """
    return any(
        password == (password[:length] * (len(password) // length + 1))[: len(password)]
        for length in range(1, min(9, len(password) // 2) + 1)
    )
