"""Which plans have a number or words, of what the person may read.

Of a plan's text the institution and the audit search what is written now, all others what was submitted last.
"""

from __future__ import annotations

from functools import partial

from django.db.models import Q

from committee.models import Position
from committee.offices import offices
from proposals.models import PlanText
from web import text_search
from web.lists.filters import clean, numbered
from web.viewer import Viewer

Role = Position.Role


def drafting(who: Viewer) -> Q | None:
    """The proposals whose plan the person reads as it is written now; None where there are none such."""
    own, audited = offices(who.person)["institution"], offices(who.person)["auditor"]
    found = [Q(unit__in=own)] if own else []
    if audited:
        found.append(Q(committee__in=audited))
    return found[0] | found[-1] if found else None


def plans(who: Viewer, text: str) -> Q:
    """The proposals with that number, or with those words in what the person may read of the plan.

    What is written like a number as filed may be the number of a contract as well. A number of up to three
    digits is looked for as a line by itself.
    """
    text = clean(text)
    number = numbered(text)
    looked_for = text_search.split_words(text)
    if not looked_for:
        return Q(pk=None)
    fits = (
        partial(text_search.as_a_line, text)
        if text_search.is_short(text)
        else partial(text_search.all_words, looked_for, codes=True)
    )
    found, now = text_search.in_text(
        text_search.Texts(PlanText.objects.all(), fits, "version", ("submitted_version", "version"))
    )
    written = drafting(who)
    if written is not None:
        only = who.roles <= {Role.HANDLER, Role.HEAD, Role.AUDITOR}
        found = now & written if only else (now & written) | (found & ~written)
    return found if number is None else found | number
