"""The parts of a step: how each is collected from a form, read, written and shown.

What is typed ("raw") has the shape of the plan, with every leaf a text: rows are lists, blank rows last. So a
row has the same number in the form and in the plan, and a problem's path names its field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, Protocol

from django.http import QueryDict
from django.utils.functional import Promise

from proposals import attachments
from proposals.labels import FAMILIES, FIELDS
from proposals.plan.measures import MEASURES
from regulation.articles import ARTICLES
from web import labels
from web.forms.kinds import LINE, Kind

#: nothing typed, nothing stated
ABSENT: Final = object()

Raw = Any
Posted = Mapping[str, str]


def posted(given: QueryDict) -> Posted:
    """What a form sent, the last value of each name, without NUL, which the database does not hold."""
    return {name: str(value).replace("\0", "") for name, value in given.items()}


@dataclass(frozen=True)
class Note:
    """What is stated beside a field: an error, what is missing before the submission, or a remark."""

    text: str
    missing: bool = False
    is_thread: ClassVar = False
    #: whence the field was filled; nothing is to be done about it
    remark: bool = False

    @property
    def wrong(self) -> bool:
        """Whether it is an error."""
        return not (self.missing or self.remark)


#: by the name of the field; threads of comments among them
Notes = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class PartView:
    """A part with what is typed in it, ready for its template."""

    part: Any
    name: str
    label: str | Promise
    raw: Raw
    notes: Sequence[Note] = ()
    inner: Sequence[Any] = ()
    #: of a row: its number from 1, whether it is open, the line that names it
    number: int = 0
    open: bool = True
    line: Any = ""
    options: Sequence[tuple[str, str]] = ()
    #: of rows: a row to be added by the script, its number left open
    blank: PartView | None = None

    @property
    def id(self) -> str:
        """The anchor to which a problem leads."""
        return f"p-{self.name}"

    @property
    def said(self) -> list[Any]:
        """What is wrong or missing, without comments."""
        return [note for note in self.notes if not note.is_thread]

    @property
    def threads(self) -> list[Any]:
        """The comments at it."""
        return [note for note in self.notes if note.is_thread]

    @property
    def wrong(self) -> bool:
        """Whether something beside it is an error."""
        return any(note.wrong for note in self.said)


class Part(Protocol):
    """A part of a step."""

    name: str

    def collect(self, at: str, posted: Posted) -> Raw:
        """What was typed, from the fields of the form that begin with `at`."""

    def read(self, raw: Raw) -> Any:
        """The plan's value, or ABSENT."""

    def write(self, value: Any) -> Raw:
        """A plan's value as it is typed; ABSENT as nothing."""

    def show(self, at: str, raw: Raw, notes: Notes) -> PartView:
        """The part with what is typed and what is stated beside it."""


@dataclass(frozen=True)
class Leaf:
    """One field."""

    name: str
    kind: Kind = LINE
    help: str | Promise = ""
    #: what the plan holds when nothing is typed
    blank: Any = ABSENT
    #: what is saved when it is emptied; ABSENT where it can be changed but not taken back
    empty: Any = ABSENT
    label: str | Promise = ""
    template: ClassVar = "field"

    def collect(self, at: str, posted: Posted) -> Raw:
        return posted.get(at, "").replace("\r\n", "\n")

    def read(self, raw: Raw) -> Any:
        text = raw.strip()
        return self.kind.read(text) if text else self.blank

    def write(self, value: Any) -> Raw:
        return "" if value is ABSENT or value is None else self.kind.write(value)

    def in_words(self, raw: Raw) -> str:
        """What is typed, in words."""
        return str(dict(self.kind.options()).get(raw, raw))

    def show(self, at: str, raw: Raw, notes: Notes) -> PartView:
        label = self.label or FIELDS[self.name]
        return PartView(self, at, label, raw, notes.get(at, ()), options=self.kind.options())


@dataclass(frozen=True)
class FileText(Leaf):
    """What an attachment says; the line that describes its file is kept beside it and not typed."""

    def collect(self, at: str, posted: Posted) -> Raw:
        return attachments.joined(super().collect(at, posted), posted.get(f"{at}-file", "").strip())

    def show(self, at: str, raw: Raw, notes: Notes) -> PartView:
        words, line = attachments.split(raw)
        shown = super().show(at, words, notes)
        file = (attachments.stated({"text": raw}),) if line else ()
        return replace(shown, line=line, inner=file)


@dataclass(frozen=True)
class Group:
    """Fields that make one object."""

    name: str
    parts: tuple[Any, ...]
    help: str | Promise = ""
    #: whether its fields are laid out side by side
    beside: bool = False
    empty: ClassVar[Any] = {}
    template: ClassVar = "group"

    def collect(self, at: str, posted: Posted) -> Raw:
        return {part.name: part.collect(f"{at}-{part.name}", posted) for part in self.parts}

    def read(self, raw: Raw) -> Any:
        read = {part.name: part.read(raw.get(part.name, _nothing(part))) for part in self.parts}
        if all(value is ABSENT or value in (None, []) for value in read.values()):
            return ABSENT
        return {name: value for name, value in read.items() if value is not ABSENT}

    def write(self, value: Any) -> Raw:
        given = {} if value is ABSENT else value
        return {part.name: part.write(given.get(part.name, ABSENT)) for part in self.parts}

    def show(self, at: str, raw: Raw, notes: Notes) -> PartView:
        inner = [
            part.show(f"{at}-{part.name}", raw.get(part.name, _nothing(part)), notes) for part in self.parts
        ]
        return PartView(self, at, FIELDS[self.name], raw, notes.get(at, ()), inner)


def _nothing(part: Any) -> Raw:
    return part.write(ABSENT)


@dataclass(frozen=True)
class Rows:
    """Rows that can be added and removed."""

    name: str
    parts: tuple[Any, ...]
    #: the name of a row, and the button that adds one
    one: str | Promise
    add: str | Promise
    help: str | Promise = ""
    #: none is a statement: saved without a row, the plan states that there are none
    optional: bool = False
    #: whether a row is laid out in one line
    slim: bool = False
    #: whether the first row is open before there is any, also where none is a statement
    begun: bool = False
    #: the fields that name a folded row
    named_by: tuple[str, ...] = ()
    row: Group = field(init=False)
    empty: ClassVar[Any] = []
    template: ClassVar = "rows"
    #: more rows than this are folded
    FOLDED: ClassVar = 5

    def __post_init__(self) -> None:
        object.__setattr__(self, "row", Group(self.name, self.parts))

    def inner(self, name: str) -> Rows | None:
        """The rows of that name inside each row."""
        return next((part for part in self.parts if isinstance(part, Rows) and part.name == name), None)

    def collect(self, at: str, posted: Posted) -> Raw:
        numbers = re.compile(rf"{re.escape(at)}-([0-9]{{1,6}})-")
        found = {int(match[1]) for name in posted if (match := numbers.match(name))}
        return self.tidy([self.row.collect(f"{at}-{number}", posted) for number in sorted(found)])

    def tidy(self, rows: Sequence[Raw]) -> list[Raw]:
        """The rows with the blank ones last."""
        return sorted(rows, key=lambda row: self.row.read(row) is ABSENT)

    def read(self, raw: Raw) -> Any:
        return [value for row in raw if (value := self.row.read(row)) is not ABSENT]

    def write(self, value: Any) -> Raw:
        return [] if value is ABSENT else [self.row.write(row) for row in value]

    def show(self, at: str, raw: Raw, notes: Notes) -> PartView:
        folded = not self.slim and len(raw) > self.FOLDED
        shown = raw or ([_nothing(self.row)] if self.begun else [])
        inner = list(self._rows(at, shown, notes, folded=folded))
        name = f"{at}-{PLACEHOLDER}"
        row = self.row.show(name, _nothing(self.row), {})
        return PartView(
            self, at, FIELDS[self.name], raw, notes.get(at, ()), inner, open=not folded,
            blank=PartView(self, name, self.one, {}, (), row.inner),
        )  # fmt: skip

    def _rows(self, at: str, raw: Raw, notes: Notes, *, folded: bool) -> Iterator[PartView]:
        for number, row in enumerate(raw):
            place = f"{at}-{number}"
            shown = self.row.show(place, row, notes)
            has_notes = folded and _noted(place, notes)
            opened = not folded or has_notes or self.row.read(row) is ABSENT
            line = [
                part.in_words(row.get(part.name, "")) for part in self.parts if part.name in self.named_by
            ]
            yield PartView(self, place, self.one, row, shown.notes, shown.inner, number + 1, opened, line)


def _noted(place: str, notes: Notes) -> bool:
    """Whether something is to be done about the row at the place."""
    return any(
        (name == place or name.startswith(f"{place}-")) and any(not each.remark for each in said)
        for name, said in notes.items()
    )


PLACEHOLDER: Final = "__row__"


@dataclass(frozen=True)
class Measures:
    """The catalogue of measures as check boxes, families with chosen ones first; their order in the plan is
    kept.
    """

    name: str = "measures"
    empty: ClassVar[Any] = []
    template: ClassVar = "measures"

    def collect(self, at: str, posted: Posted) -> Raw:
        before = posted.get(f"{at}-order", "").split()
        ticked = [code for code in MEASURES if posted.get(f"{at}-{code}")]
        return [code for code in before if code in ticked] + [code for code in ticked if code not in before]

    def read(self, raw: Raw) -> Any:
        return list(raw)

    def write(self, value: Any) -> Raw:
        return [] if value is ABSENT else list(value)

    def show(self, at: str, raw: Raw, notes: Notes) -> PartView:
        families: dict[str, list[PartView]] = {}
        for code, row in MEASURES.items():
            meaning = labels.measure_meaning(code)
            ticked = PartView(self, f"{at}-{code}", labels.measure(code), code in raw, line=meaning)
            families.setdefault(row["family"], []).append(ticked)
        inner = [
            PartView(
                self, f"{at}-{family}", FAMILIES[family], None, (),
                sorted(ticks, key=lambda tick: not tick.raw),
                number=sum(tick.raw for tick in ticks), open=any(tick.raw for tick in ticks),
            )
            for family, ticks in families.items()
        ]  # fmt: skip
        inner.sort(key=lambda family: not family.open)
        return PartView(self, at, FIELDS[self.name], " ".join(raw), notes.get(at, ()), inner)


@dataclass(frozen=True)
class Conditions:
    """The conditions of Art. 7, each claimed with its evidence."""

    name: str = "conditions"
    empty: ClassVar[Any] = {}
    template: ClassVar = "conditions"

    @property
    def codes(self) -> list[str]:
        return [f"7.{number}" for number in range(1, len(ARTICLES[7].items_zh) + 1)]

    def collect(self, at: str, posted: Posted) -> Raw:
        return {
            code: {
                "claimed": "on" if posted.get(f"{at}-{code}-claimed") else "",
                "evidence": posted.get(f"{at}-{code}", "").replace("\r\n", "\n"),
            }
            for code in self.codes
        }

    def read(self, raw: Raw) -> Any:
        """What is claimed; evidence of a condition that is not claimed is not part of the plan."""
        claimed = {code: stated["evidence"].strip() for code, stated in raw.items() if stated["claimed"]}
        return claimed or ABSENT

    def write(self, value: Any) -> Raw:
        given = {} if value is ABSENT else value
        return {
            code: {"claimed": "on" if code in given else "", "evidence": given.get(code, "")}
            for code in self.codes
        }

    def show(self, at: str, raw: Raw, notes: Notes) -> PartView:
        inner = []
        for code in self.codes:
            stated = raw.get(code, {"claimed": "", "evidence": ""})
            name = f"{at}-{code}"
            inner.append(PartView(self, name, labels.condition(code), stated, notes.get(name, ()), line=code))
        return PartView(self, at, FIELDS[self.name], raw, notes.get(at, ()), inner)

    def unclaimed(self, raw: Raw) -> list[str]:
        """The conditions of which evidence is typed though they are not claimed."""
        return [code for code, stated in raw.items() if stated["evidence"].strip() and not stated["claimed"]]
