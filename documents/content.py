"""What a paper says, as values: one shape for the PDF, for the page and for the file of the archive.

A paper is a head (organ, number, title, addressee), blocks in order, and a foot (enclosures, signature,
copies). Its text is worded already; templates lay it out. All text is data and never read as markup.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

KINDS = (
    "docket", "filing", "notice", "proxy", "attendance", "plan", "ballot", "tally", "resolution", "minutes",
    "distribution", "report", "credit", "index", "dossier",
)  # fmt: skip


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, serialize_by_alias=True)


class Text(_Strict):
    """A paragraph a line; `lead` stands before it in the sans."""

    is_: Literal["text"] = Field(default="text", alias="is")
    text: str
    lead: str = ""


class Line(_Strict):
    """A line without indent."""

    is_: Literal["line"] = Field(default="line", alias="is")
    text: str


class Note(_Strict):
    """A remark in small type."""

    is_: Literal["note"] = Field(default="note", alias="is")
    text: str


class Heading(_Strict):
    """A heading: 一、 is of level 1, （一） of level 2."""

    is_: Literal["heading"] = Field(default="heading", alias="is")
    text: str
    level: int = Field(default=1, ge=1, le=3)


class Column(_Strict):
    """A column of a table; its width is a share, 0 for what its cells need."""

    name: str
    width: int = 1
    align: Literal["left", "right", "center"] = "left"


class Table(_Strict):
    """A table; a tall one has room for signatures."""

    is_: Literal["table"] = Field(default="table", alias="is")
    title: str = ""
    columns: list[Column]
    rows: list[list[str]]
    tall: bool = False


class Fields(_Strict):
    """A form of two columns: what is asked and what is stated."""

    is_: Literal["fields"] = Field(default="fields", alias="is")
    head: list[str] = Field(min_length=2, max_length=2)
    rows: list[list[str]]


class Choice(_Strict):
    """A box to tick."""

    label: str
    chosen: bool = False


class Choices(_Strict):
    """Boxes of which one is ticked."""

    is_: Literal["choices"] = Field(default="choices", alias="is")
    choices: list[Choice]


class Bar(_Strict):
    """A bar with its amount in words; its length is a share of the longest in thousandths."""

    name: str
    amount: str
    permille: int = Field(ge=0, le=1000)
    own: bool = False


class Bars(_Strict):
    """A picture of amounts; `title` says it in words."""

    is_: Literal["bars"] = Field(default="bars", alias="is")
    title: str
    bars: list[Bar]


class Picture(_Strict):
    """An image by the name under which its bytes are given (`render.render`), with what it shows in words."""

    is_: Literal["picture"] = Field(default="picture", alias="is")
    file: str = Field(pattern=r"\A[0-9a-f]{64}(?:-[0-9]{1,4})?\.(?:png|jpg)\z")
    alt: str


class SignatureLine(_Strict):
    """Who signs; without a name it is a line to sign on."""

    label: str
    name: str = ""


class Signatures(_Strict):
    """Lines for signatures."""

    is_: Literal["signatures"] = Field(default="signatures", alias="is")
    rows: list[SignatureLine]


Block = Annotated[
    Text | Line | Note | Heading | Table | Fields | Choices | Bars | Picture | Signatures,
    Field(discriminator="is_"),
]


class Signed(_Strict):
    """Who issues the paper, in lines, and when."""

    lines: list[str]
    date: str


class Issued(_Strict):
    """The last line of the foot: who issued it, and when."""

    by: str
    on: str


class Content(_Strict):
    """A paper."""

    kind: Literal[
        "docket", "filing", "notice", "proxy", "attendance", "plan", "ballot", "tally", "resolution",
        "minutes", "distribution", "report", "credit", "index", "dossier",
    ]  # fmt: skip
    language: Literal["zh-hans", "en"]
    #: as filed; empty for a draft
    number: str = ""
    organ: str
    title: str
    to: str = ""
    #: at the head of each page: that it is a draft, or a reading copy
    mark: str = ""
    blocks: list[Block]
    attachments: list[str] = []
    signature: Signed | None = None
    copies_to: str = ""
    issued: Issued | None = None
    #: when what it says was so, with its zone: the file's own date
    at: str

    @property
    def moment(self) -> datetime:
        """The file's date; ValueError without a zone."""
        found = datetime.fromisoformat(self.at)
        if found.tzinfo is None:
            raise ValueError("the time of a paper needs its zone")
        return found

    def as_json(self) -> dict[str, Any]:
        """The paper as JSON, with every key."""
        return self.model_dump(by_alias=True, mode="json")


def read(data: Any) -> Content:
    """Return the paper of this JSON; pydantic's ValidationError with the places that are wrong."""
    return Content.model_validate(data)
