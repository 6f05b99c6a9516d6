"""Which plans have a number or words, of what the person may read.

Of a plan's text the institution and the audit search what is written now, all others what was submitted last.
"""

from __future__ import annotations

from functools import partial

from django.db.models import Q

from proposals.models import PlanText
from proposals.permissions import drafts_visible_to
from web import text_search
from web.lists.filters import clean, numbered
from web.viewer import Viewer


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
    if any(office.drafts for office in who.offices):
        written = drafts_visible_to(who.person)
        only = all(office.drafts for office in who.offices)
        found = now & written if only else (now & written) | (found & ~written)
    return found if number is None else found | number
