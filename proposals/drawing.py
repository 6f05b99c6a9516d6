"""Counting and drawing the pages of a file, in a process of its own with limits of time and memory.

A file from outside is opened by libraries written in C. So a child does it, which knows no model and no
setting of ours: when the file breaks it, nothing else breaks. The child is this module, run as a program; it
answers in JSON: {"pages": 12}, or {"fault": "damaged"}.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import warnings
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final

#: what a file may hold, and what a drawing may cost
MOST_PAGES: Final = 3000
MOST_PIXELS: Final = 80_000_000
MOST_DRAWN: Final = 24_000_000
SECONDS: Final = 20
_MEMORY: Final = 2 * 1024**3

#: so many children at once in a process of the site; whoever comes later waits
_CHILDREN: Final = BoundedSemaphore(2)

#: how wide a page is drawn, in pixels: to be read at once, and to be looked at closely
WIDTHS: Final = (1000, 2000)


class Undrawable(Exception):
    """The file cannot be opened or drawn: password, damaged, pixels, pages, time, or no such page."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def count(path: Path, kind: str) -> int:
    """The pages of the file, opened as that kind ("PDF", "TIFF", ...); Undrawable otherwise."""
    return int(_ask("count", kind, str(path))["pages"])


def draw(path: Path, kind: str, *, page: int, width: int, target: Path) -> None:
    """The page, counted from 1, is drawn to `target` as PNG of that width; there is all of it or nothing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_suffix(f".{os.getpid()}-{os.urandom(4).hex()}.part")
    try:
        _ask("draw", kind, str(path), str(page), str(width), str(beside))
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _ask(*arguments: str) -> dict[str, Any]:
    try:
        with _CHILDREN:
            child = subprocess.run(
                [sys.executable, "-I", str(Path(__file__).resolve()), *arguments],
                capture_output=True,
                timeout=SECONDS,
                check=False,
                env={"LANG": "C.UTF-8"},
            )
    except subprocess.TimeoutExpired:
        raise Undrawable("time") from None
    try:
        answer: dict[str, Any] = json.loads(child.stdout)
    except ValueError:
        raise Undrawable("damaged") from None
    if "fault" in answer:
        raise Undrawable(answer["fault"])
    return answer


# -- In the child -----------------------------------------------------------------------------------


def _answer(verb: str, kind: str, path: str, *rest: str) -> dict[str, Any]:
    pages = _pdf if kind == "PDF" else _picture
    if verb == "count":
        return {"pages": pages(path, kind, 0, 0, "")}
    number, width, target = rest
    return {"pages": pages(path, kind, int(number), int(width), target)}


def _pdf(path: str, _kind: str, number: int, width: int, target: str) -> int:
    """The pages of a PDF; page `number`, when there is one to draw, is drawn."""
    import pypdfium2 as pdfium  # type: ignore[import-untyped]  # it has no types

    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        raise Undrawable("password" if "password" in str(error).lower() else "damaged") from None
    pages = len(document)
    if not 0 < pages <= MOST_PAGES:
        raise Undrawable("pages" if pages else "damaged")
    if number:
        if number > pages:
            raise Undrawable("page")
        document.init_forms()
        page = document[number - 1]
        across, down = page.get_size()
        if across <= 0 or width * width * down / across > MOST_DRAWN:
            raise Undrawable("pixels")
        page.render(scale=width / across).to_pil().convert("RGB").save(target, "PNG")
    else:
        document[0].get_size()
    return pages


def _picture(path: str, kind: str, number: int, width: int, target: str) -> int:
    """The pages of a picture, several of a TIFF; page `number`, when there is one to draw, is drawn."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(path, formats=[kind]) as picture:
            pages = int(getattr(picture, "n_frames", 1)) if kind == "TIFF" else 1
            if pages > MOST_PAGES:
                raise Undrawable("pages")
            if number > pages:
                raise Undrawable("page")
            picture.seek(max(number - 1, 0))
            picture.load()
            if number:
                upright = ImageOps.exif_transpose(picture)
                flat = Image.new("RGB", upright.size, "white")
                over = upright.convert("RGBA")
                flat.paste(over, mask=over)
                height = max(round(flat.height * width / flat.width), 1)
                if width < flat.width or width * height > MOST_DRAWN:
                    flat.thumbnail((width, MOST_DRAWN // width))
                flat.save(target, "PNG")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Undrawable("pixels") from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise Undrawable("damaged") from None
    return pages


def _main(arguments: list[str]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        answer = _answer(*arguments)
    except Undrawable as fault:
        answer = {"fault": fault.key}
    except MemoryError:
        answer = {"fault": "pixels"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    _main(sys.argv[1:])
