"""Files and streams over ASGI: a block at a time (web/exports/responses)."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.http import StreamingHttpResponse

from web.exports.responses import MadeParts, OpenedFile

ROOT = Path(__file__).parents[2]


class Counted(BytesIO):
    """A file that knows how much was asked of it at once, and how much was read of it."""

    most = 0

    def read(self, size: int | None = -1) -> bytes:
        block = super().read(size)
        self.most = max(self.most, len(block))
        return block


async def first(response: StreamingHttpResponse) -> bytes:
    async for part in response:
        return bytes(part)
    return b""


async def whole(response: StreamingHttpResponse) -> bytes:
    return b"".join([part async for part in response])


def test_a_file_is_read_block_by_block() -> None:
    file = Counted(bytes(3 * OpenedFile.block_size + 5))
    assert len(asyncio.run(first(OpenedFile(file)))) == OpenedFile.block_size
    assert file.tell() == OpenedFile.block_size
    assert len(asyncio.run(whole(OpenedFile(file)))) == 2 * OpenedFile.block_size + 5
    assert file.most == OpenedFile.block_size


def test_a_file_is_closed_with_its_response() -> None:
    file = Counted(b"abc")
    response = OpenedFile(file)
    assert asyncio.run(first(response)) == b"abc"
    response.close()
    assert file.closed


def test_a_part_is_sent_before_the_next_is_made() -> None:
    made: list[int] = []

    def parts() -> Iterator[str]:
        for number in range(3):
            made.append(number)
            yield str(number)

    response = MadeParts(parts())
    assert asyncio.run(first(response)) == b"0"
    assert made == [0]
    assert asyncio.run(whole(MadeParts(parts()))) == b"012"


@pytest.mark.parametrize("package", ["web", "pages", "api", "accounts", "config", "documents"])
def test_no_other_module_streams_by_django_s_own_classes(package: str) -> None:
    """They read what is not asynchronous to its end before the first byte is sent."""
    of_ours = ROOT / "web" / "exports" / "responses.py"
    for path in (ROOT / package).rglob("*.py"):
        if path != of_ours:
            names = {
                each.name
                for node in ast.walk(ast.parse(path.read_text("utf-8")))
                if isinstance(node, ast.ImportFrom)
                for each in node.names
            }
            assert not names & {"FileResponse", "StreamingHttpResponse"}, path
