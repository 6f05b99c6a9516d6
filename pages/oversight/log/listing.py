"""The entries of the audit log as one list: by stream, person, time, action and text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.models import Entry
from audit.recording import SYSTEM
from committee.models import Meeting, Person, Series
from committee.offices import AUDITOR
from office.labels import ACTIONS
from pages.models import EntryText
from proposals.models import Proposal
from web import labels, text_search
from web.lists.columns import Column
from web.lists.filters import Beside, Choice, DateRange, ListFilters, Text, numbered
from web.lists.listing import Listing
from web.lists.paging import Order
from web.log import streams
from web.viewer import Viewer

Words = str | Promise

_STREAM = re.compile(r"[a-z]+:[0-9]{1,18}")
_PLACE = re.compile(r"([a-z]+:[0-9]{1,18})\.([0-9]{1,18})")
#: streams of one number, people of one name, entries with a rare text that are looked up
_STREAMS, _PEOPLE, _RARE = 50, 50, 1000
_CHUNK = 500


@dataclass(frozen=True)
class Told:
    """An entry in words: its stream and the stream's name, its actor, action and subject."""

    entry: Entry
    thing: Words
    name: str
    actor: Words
    action: Words
    subject: Words

    @property
    def hash(self) -> str:
        """The entry's hash in hexadecimal."""
        return bytes(self.entry.hash).hex()


def tell(entries: Sequence[Entry]) -> list[Told]:
    """The entries in words; the names are read in two statements."""
    named = streams.names_of_streams({entry.stream for entry in entries})
    people = streams.names_of_people({entry.actor for entry in entries})
    return [
        Told(
            entry,
            labels.stream_label(entry.stream),
            named.get(entry.stream, ""),
            _("the system") if entry.actor == SYSTEM else people.get(entry.actor, entry.actor),
            ACTIONS.get(entry.action, entry.action),
            labels.stream_label(entry.subject),
        )
        for entry in entries
    ]


class EntryOrder(Order):
    """By time, or within one stream by number; entries are marked by stream and number."""

    @property
    def _fields(self) -> tuple[str, ...]:
        return ("stream", "seq") if self.key == "seq" else ("at", "stream", "seq")

    def sort(self, rows: QuerySet[Any], *, backwards: bool = False) -> QuerySet[Any]:
        """The rows in this order, or in its reverse."""
        descending = self.descending is not backwards
        return rows.order_by(*(F(each).desc() if descending else F(each).asc() for each in self._fields))

    @staticmethod
    def mark(row: Entry) -> str:
        """The entry as it is named in an address."""
        return f"{row.stream}.{row.seq}"

    def anchor(self, rows: QuerySet[Any], pk: str) -> tuple[Any, ...] | None:
        """The position in the order of the entry named so; None if it is not in the list."""
        place = _PLACE.fullmatch(pk)
        if place is None:
            return None
        found = rows.order_by().filter(stream=place[1], seq=int(place[2]))
        at: tuple[Any, ...] | None = found.values_list(*self._fields).first()
        return at

    def beyond(self, anchor: tuple[Any, ...], *, backwards: bool) -> tuple[Q, Q]:
        """The condition that an entry lies after the anchor, or before it if `backwards`."""
        side = "lt" if self.descending is not backwards else "gt"
        found, same = Q(pk__in=[]), Q()
        for name, value in zip(self._fields, anchor, strict=True):
            found |= same & Q(**{f"{name}__{side}": value})
            same &= Q(**{name: value})
        # the first condition can use an index
        return Q(**{f"{self._fields[0]}__{side}e": anchor[0]}), found


class EntryFilters(ListFilters):
    """The filters of the entries."""

    q = Text(label=_("Words in an entry's text"), method="with_words")
    stream = Beside(label=_("Stream, or number of a plan or a meeting"), method="of_stream")
    kind = Choice(
        label=_("Kind of stream"),
        choices=[(each, labels.THINGS[each]) for each in streams.KINDS],
        method="of_kind",
    )
    person = Beside(label=_("Person: name, login or staff number"), method="by_person")
    action = Choice(label=_("Action"), choices=list(ACTIONS.items()))
    at = DateRange(label=_("Time"))

    @cached_property
    def streams_asked(self) -> list[str] | None:
        """The streams that the address asks for; None when it asks for none."""
        text = next((each.value for each in self.parameters["stream"]), "")
        if not text:
            return None
        if _STREAM.fullmatch(text):
            return [text]
        found: list[str] = []
        of_banks = {"committee__branch__bank__in": self.viewer.units(AUDITOR)}
        for kind, rows, mark in (
            ("proposal", Proposal.objects.all(), ""),
            ("meeting", Meeting.objects.all(), Series.MARKS[Series.Kind.MEETING]),
        ):
            number = numbered(text, mark)
            if number is not None:
                pks = rows.filter(number, **of_banks).order_by("-pk").values_list("pk", flat=True)
                found += [f"{kind}:{pk}" for pk in pks[:_STREAMS]]
        return found

    def of_stream(self, rows: QuerySet[Any], _name: str, _text: str) -> QuerySet[Any]:
        """Of the stream of this name, or of what has this number."""
        return rows.filter(stream__in=self.streams_asked or [])

    def of_kind(self, rows: QuerySet[Any], _name: str, kind: str) -> QuerySet[Any]:
        """Of streams of one kind; all of them begin with its name."""
        return rows.filter(stream__startswith=f"{kind}:") if kind else rows

    def by_person(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """Done by the people found by the text, or by the system itself."""
        if text.lower() in {SYSTEM, gettext("the system")}:
            return rows.filter(actor=SYSTEM)
        fits = Q(display_name__icontains=text) | Q(username__iexact=text) | Q(staff_no__iexact=text)
        people = Person.objects.filter(fits, bank__in=self.viewer.units(AUDITOR)).order_by("pk")
        return rows.filter(actor__in=[str(pk) for pk in people.values_list("pk", flat=True)[:_PEOPLE]])

    def with_words(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """Those in whose payload all the words stand.

        Rare words are looked up in the index; with common ones each entry is looked at until a page is full.
        """
        looked_for = text_search.split_words(text)
        texts = EntryText.objects.filter(text_search.all_words(looked_for, indexed=True))
        few = list(texts.values_list("stream", "seq")[: _RARE + 1])
        if len(few) <= _RARE:
            return rows.filter(pk__in=few)
        fits = ExpressionWrapper(
            text_search.all_words(looked_for, indexed=False), output_field=BooleanField()
        )
        of_entry = EntryText.objects.filter(stream=OuterRef("stream"), seq=OuterRef("seq"))
        return rows.filter(Q(Subquery(of_entry.values_list(fits))))


class Entries(Listing):
    """The entries of the auditor's banks, the latest first."""

    name = "entries"
    filters_class = EntryFilters
    order = "-at"
    columns = (
        Column("at", _("Time"), lambda told: told.entry.at, "at"),
        Column(
            "recorded_at", _("Written by the database at"), lambda told: told.entry.recorded_at, shown=False
        ),
        Column("action", _("Action"), lambda told: str(told.action)),
        Column("code", _("Code of the action"), lambda told: told.entry.action, shown=False),
        Column("actor", _("Actor"), lambda told: str(told.actor)),
        Column("subject", _("Subject"), lambda told: str(told.subject)),
        Column("stream", _("Stream"), lambda told: told.entry.stream, header=_("Entry")),
        Column("name", _("Name of the stream"), lambda told: told.name, shown=False),
        Column("seq", _("No."), lambda told: told.entry.seq, shown=False),
        Column("hash", _("Hash"), lambda told: told.hash, shown=False),
    )

    @classmethod
    def open_to(cls, viewer: Viewer) -> bool:
        """Whether the person has this list."""
        return viewer.audits

    def get_queryset(self) -> QuerySet[Any]:
        return streams.visible_to(self.viewer)

    @cached_property
    def _found(self) -> QuerySet[Any]:
        return self.filters.qs

    @cached_property
    def _order(self) -> EntryOrder:
        asked = self.filters.streams_asked  # type: ignore[attr-defined]  # the class above
        one = asked is not None and len(asked) == 1
        return EntryOrder("seq" if one else "at", descending=self.sort.startswith("-"))

    @cached_property
    def told(self) -> list[Told]:
        """The entries of the page in words."""
        return tell(self.page.rows)

    def lines(self, rows: Iterable[Any]) -> Iterator[list[Any]]:
        """The exported entries, one value for each column."""
        given = iter(rows)
        while some := list(islice(given, _CHUNK)):
            yield from super().lines(tell(some))
