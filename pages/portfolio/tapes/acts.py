"""What can be done with a tape that is held, and why it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portfolio.models import Tape
from regulation.refused import Refused
from web.forms import ReasonForm
from web.offers import Offer


def reasons(tape: Tape) -> Sequence[str]:
    """Why the tape is held, in the reader's language; nothing for another."""
    if tape.state != Tape.State.HELD:
        return ()
    language = get_language() or "en"
    return [Refused(code).message(language) for code in tape.figures.get("held") or ()]


class _Reason(ReasonForm):
    beside: ClassVar[dict[str, str]] = {"text/required": "reason"}


OFFERS = (
    Offer(
        "release_tape",
        _("Release the tape"),
        _Reason,
        help_text=_("Its rows are taken into the ledger as they are, and the reason is on record."),
        done=_("The tape is in the ledger."),
        final=True,
    ),
    Offer(
        "discard_tape",
        _("Give the tape up"),
        _Reason,
        help_text=_("Nothing of it is taken in. A mended file of the day can be handed in."),
        done=_("The tape is given up."),
        secondary=True,
    ),
)
