"""The ends of a PDF's streams, made unambiguous.

A stream's bytes are followed by a line break and `endstream`. Where the bytes end with a carriage
return and the break is a line feed, a reader that takes both for one break counts a byte less than
/Length says (ISO 19005-3, 6.1.7.1; `page` does). There the break becomes carriage return and line feed,
and the offsets after it grow by one.
"""

from __future__ import annotations

import re
from bisect import bisect_left

_AMBIGUOUS = re.compile(rb"\r\nendstream\nendobj\n")
_TABLE = re.compile(rb"\nxref\n0 (\d+)\n")
_TAIL = re.compile(rb"startxref\n(\d+)\n%%EOF\s*\Z")
_ENTRY = 20


def unambiguous(pdf: bytes) -> bytes:
    """Return the file with unambiguous ends; ValueError for a file that typst would not write."""
    places = [found.start() for found in _AMBIGUOUS.finditer(pdf)]
    if not places:
        return pdf
    tail = _TAIL.search(pdf)
    table = _TABLE.match(pdf, int(tail[1]) - 1) if tail else None
    if tail is None or table is None:
        raise ValueError("the file has no table of its objects at its end")
    first, count = table.end(), int(table[1])
    body = pdf[: table.start()].replace(b"\r\nendstream\nendobj\n", b"\r\r\nendstream\nendobj\n")
    entries = b"".join(
        _shifted(pdf[first + number * _ENTRY : first + (number + 1) * _ENTRY], places)
        for number in range(count)
    )
    rest = pdf[first + count * _ENTRY : tail.start()]
    start = int(tail[1]) + len(places)
    return b"".join(
        [
            body,
            pdf[table.start() : first],
            entries,
            rest,
            b"startxref\n%d\n%%%%EOF" % start,
            pdf[tail.end() :],
        ]
    )


def _shifted(entry: bytes, places: list[int]) -> bytes:
    """The entry of an object that begins later by one for each place before it."""
    offset = int(entry[:10])
    if entry[17:18] != b"n":
        return entry
    return b"%010d" % (offset + bisect_left(places, offset)) + entry[10:]
