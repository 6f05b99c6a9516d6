"""The verifier of the log: it recomputes every hash from the bytes.

It imports the standard library only, so that anyone who holds the rows can run it. A row is one tuple of
PostgreSQL's binary COPY with these columns, rows sorted by stream (by bytes) and seq:

    seq, at, recorded_at, commitment, prev, stream, actor, action, subject, hash,
    salt, body                  of the payload; both null when there is none
    head_seq, head_hash         of the stream's head; both null when it has none

That is a 16-bit count of the columns and then, for each, its length as a big-endian 32-bit integer (-1 for
null) and that many bytes. The first nine columns are, byte for byte, the input of an entry's hash (see
`canonical`), after the 20 bytes of the version.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain, takewhile
from typing import Any

COLUMNS = 14
VERSION = bytes.fromhex("00000001 00000000 00000011 00000009 00000001")
GENESIS = bytes(32)
PAYLOAD_TAG = b"lianxi/audit/payload/1\x00"
COPY_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
COPY_END = b"\xff\xff"

# count; seq; at; recorded_at; commitment; prev; length of the stream's name
_FIXED = struct.Struct("!hiqi8xi8xi32si32si")
#: the number of columns, and the lengths of those that are fixed, in the order of the above
_LENGTHS = (COLUMNS, 8, 8, 8, 32, 32)
_LENGTH = struct.Struct("!i")
_HEAD = struct.Struct("!iqi32s")
_ERASED = b"\x00\x00\x00\x0caudit.erased"
_NO_HEAD = b"\xff" * 8
_HASHED = b"\x00\x00\x00\x20"


def gettext_noop(message: str) -> str:
    """The same text, which is marked for translation: Django's own is not at hand here."""
    return message


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, at this entry of this stream; of the tree or of a check the stream is empty.

    `code` is its text in English with the places of the `values`: what is kept of it, and what is looked up
    where it is told in another language.
    """

    stream: str
    seq: int
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def what(self) -> str:
        """What is wrong, in English."""
        return told(self.code, self.values)

    def __str__(self) -> str:
        return f"{self.stream} #{self.seq}: {self.what}" if self.stream else self.what


def told(code: str, values: Mapping[str, Any]) -> str:
    """The text with its values, of which a list has what could be; as it is where they do not fit it."""
    if not values:
        return code
    try:
        return code % {
            name: " or ".join(value) if isinstance(value, list) else value for name, value in values.items()
        }
    except (KeyError, TypeError, ValueError):
        return code


#: of a stream that ends before its head
AHEAD = gettext_noop("is missing: the stream's head stands at %(stands)s")


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a verification, up to the first fault if there is one.

    `head` is the hex SHA-256 over the last hashes of the streams, in order of their names.
    """

    entries: int
    streams: int
    erased: int
    head: str
    fault: Fault | None = None

    @property
    def verified(self) -> bool:
        """Whether no fault was found."""
        return self.fault is None


class _Found(Exception):
    """Raised inside the loop with the fault; never leaves this module."""

    def __init__(self, stream: bytes, seq: int, code: str, **values: int) -> None:
        self.fault = Fault(stream.decode(errors="replace"), seq, code, values)


def _misnumbered(stream: bytes, last: int, here: int) -> _Found:
    """The fault of a sequence number that does not follow the last one."""
    if here > last:
        return _Found(stream, last + 1, gettext_noop("is missing"))
    return _Found(stream, last + 1, gettext_noop("is numbered %(here)s"), here=here)


class Verifier:
    """Verifies the rows of a log one by one, in constant memory.

    With `payloads` each payload must match its commitment; a missing payload must be named by an erasure
    entry of its stream.
    """

    def __init__(self, *, payloads: bool = True) -> None:
        self._entries = 0
        self._streams = 0
        self._erased = 0
        self._payloads = payloads
        self._heads = sha256()

    def run(self, rows: Iterable[bytes]) -> Report:
        """The report on these rows; reading stops at the first fault."""
        fault = None
        try:
            self._follow(rows)
        except _Found as found:
            fault = found.fault
        return Report(self._entries, self._streams, self._erased, self._heads.hexdigest(), fault)

    def _follow(self, rows: Iterable[bytes]) -> None:  # noqa: C901, PLR0912 - flat: a call a row costs a tenth
        fixed, length, hashed, payloads = _FIXED.unpack_from, _LENGTH.unpack_from, sha256, self._payloads
        stream, last, seq, ending = b"", GENESIS, 0, _NO_HEAD
        absent: dict[int, None] = {}
        entries = 0
        try:
            for row in rows:
                count, l1, here, l2, l3, l4, commitment, l5, prev, size = fixed(row)
                at = 114 + size
                name = row[114:at]
                if name != stream:
                    self._end(stream, seq, last, ending, absent)
                    if name < stream:
                        raise _Found(
                            name, here, gettext_noop("stands out of the order of the streams' names")
                        )
                    stream, last, seq = name, GENESIS, 0
                if (count, l1, l2, l3, l4, l5) != _LENGTHS:
                    raise _Found(name, seq + 1, gettext_noop("is malformed"))
                action = at + 4 + length(row, at)[0]
                subject = action + 4 + length(row, action)[0]
                at = subject + 4 + length(row, subject)[0]
                if here != seq + 1:
                    raise _misnumbered(name, seq, here)
                if prev != last:
                    raise _Found(name, here, gettext_noop("does not follow the entry before it"))
                last = hashed(VERSION + row[2:at]).digest()
                if row[at : at + 36] != _HASHED + last:
                    raise _Found(name, here, gettext_noop("is not what its hash was made of"))
                entries, seq = entries + 1, here
                at += 36
                salted = length(row, at)[0]
                if salted < 0:
                    ending = row[at + 8 :]
                    if payloads:
                        absent[here] = None
                else:
                    text = at + 4 + salted
                    end = text + 4 + length(row, text)[0]
                    ending = row[end:]
                    if hashed(PAYLOAD_TAG + row[at + 4 : text] + row[text + 4 : end]).digest() != commitment:
                        raise _Found(name, here, gettext_noop("has a payload that is not its commitment's"))
                if absent and row[action:subject] == _ERASED:
                    self._allow(absent, row[subject + 4 : at - 36])
            self._end(stream, seq, last, ending, absent)
        except struct.error:
            raise _Found(stream, seq + 1, gettext_noop("is malformed")) from None
        finally:
            self._entries = entries

    def _allow(self, absent: dict[int, None], subject: bytes) -> None:
        """Accept that the payload of the entry named by an erasure is missing."""
        for seq in absent:
            if subject == b"entry:%d" % seq:
                del absent[seq]
                self._erased += 1
                return

    def _end(self, stream: bytes, seq: int, last: bytes, ending: bytes, absent: dict[int, None]) -> None:
        """Check the end of a stream: its head must match, and only erased payloads may be missing."""
        if not seq:
            return
        if absent:
            raise _Found(
                stream,
                next(iter(absent)),
                gettext_noop("has lost its payload, and no entry says that it was erased"),
            )
        if ending == _NO_HEAD:
            raise _Found(stream, seq, gettext_noop("is in a stream without a head"))
        long, stands, longer, head = _HEAD.unpack(ending)
        if (long, longer) != (8, 32):
            raise _Found(stream, seq, gettext_noop("is malformed"))
        if stands > seq:
            raise _Found(stream, seq + 1, AHEAD, stands=stands)
        if stands < seq:
            what = gettext_noop("lies beyond the stream's head, which stands at %(stands)s")
            raise _Found(stream, stands + 1, what, stands=stands)
        if head != last:
            raise _Found(stream, seq, gettext_noop("is not the one that the stream's head names"))
        self._streams += 1
        self._heads.update(last)


def rows_of_copy(messages: Iterable[bytes | bytearray | memoryview]) -> Iterator[bytes]:
    """The rows of a binary COPY as the server sends it: a row a message, between header and end mark."""
    every = map(bytes, messages)
    first = next(every, COPY_END).removeprefix(COPY_HEADER)
    return takewhile(COPY_END.__ne__, chain(filter(None, [first]), every))
