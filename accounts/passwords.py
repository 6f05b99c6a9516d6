"""What a password must be, beside what Django's own validators ask."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

#: a longer one is refused before it is hashed, and none is right
LONGEST = 128
#: a password has so many different characters at least
DIFFERENT = 5


class Bounded:
    """A password is no longer than `LONGEST` characters."""

    def validate(self, password: str, user: Any = None) -> None:
        """ValidationError for a longer one."""
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
        """What is asked, in words."""
        return _("A password has at most %(most)d characters.") % {"most": LONGEST}


class Various:
    """A password is not a few characters, or a short piece, over and over."""

    def validate(self, password: str, user: Any = None) -> None:
        """ValidationError where few characters differ, or the whole is a piece repeated."""
        del user
        if len(set(password.lower())) < DIFFERENT or _repeats(password.lower()):
            raise ValidationError(
                _("This password repeats itself. Take one of at least %(different)d different characters.")
                % {"different": DIFFERENT},
                code="password_repeats",
            )

    def get_help_text(self) -> str:
        """What is asked, in words."""
        return _("A password does not repeat a few characters over and over.")


def _repeats(password: str) -> bool:
    """Whether a piece shorter than the shortest password makes up the whole, cut off or not."""
    return any(
        password == (password[:length] * (len(password) // length + 1))[: len(password)]
        for length in range(1, min(9, len(password) // 2) + 1)
    )
