"""Which meetings have a number or words, of what the person may read.

Words apart are all to be there: in the minutes, which those who may read them search, or in place and
committee together.
"""

from __future__ import annotations

from functools import partial

from django.db.models import Q

from committee.models import Series
from committee.visibility import whole_meetings_visible_to
from pages.models import MeetingText, MinutesText
from web import text_search
from web.lists.filters import clean, numbered
from web.viewer import Viewer


def meetings(who: Viewer, text: str) -> Q:
    """The meetings with that number, place or committee, or with the words in minutes that one may read.

    A number of up to two digits is that of a meeting alone; of three it may be a room.
    """
    text = clean(text)
    number = numbered(text, Series.MARKS[Series.Kind.MEETING])
    looked_for = text_search.split_words(text)
    if not looked_for:
        return Q(pk=None)
    if number is not None and text_search.is_short(text) and len(text) < text_search.SHORT:
        return number
    fits = partial(text_search.all_words, looked_for)
    named, said = text_search.in_text(
        text_search.Texts(MeetingText.objects.all(), fits, "meeting", ("pk",)),
        text_search.Texts(MinutesText.objects.settled(), fits, "minutes__meeting", ("pk",)),
    )
    found = named | (whole_meetings_visible_to(who.person) & said)
    return found if number is None else found | number
