"""What can be done with a tape, and why it is held."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from committee.offices import RISK
from pages.portfolio import reach
from portfolio.models import Tape
from web.viewer import Viewer


def reasons(tape: Tape) -> Sequence[str]:
    """Why the tape is held, in the reader's language; nothing for another."""
    return ()


def offered(tape: Tape, who: Viewer) -> list[tuple[str | Promise, str]]:
    """The acts on the tape that the person may do now: the button's words and the address."""
    if not reach.acts_for(who, tape, RISK):
        return []
    verbs = {
        Tape.State.HELD: (("release", _("Release")), ("discard", _("Give it up"))),
        Tape.State.LOADED: (("hold", _("Hold")),),
    }.get(tape.state, ())
    return [(name, reverse("tape-act", args=[tape.pk, verb])) for verb, name in verbs]
