"""Counting and drawing the pages of a file, in a separate process with limits of time and memory.

Files from outside are opened by libraries written in C, so a child process does it, without our models and
settings: a file that crashes it affects nothing else. The child is this module run as a program; it answers
with JSON: {"pages": 12}, or {"fault": "damaged"}.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from threading import Condition
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from PIL import Image  # imported in the child only

#: limits of a file's content and of the cost of a drawing
MOST_PAGES: Final = 3000
MOST_PIXELS: Final = 50_000_000
#: a JPEG is scaled down while it is decoded, so larger dimensions are allowed
MOST_PIXELS_JPEG: Final = 200_000_000
MOST_DRAWN: Final = 24_000_000
SECONDS: Final = 20
_MEMORY: Final = 2 * 1024**3

_FILE: Final = 256 * 1024**2
_OPEN: Final = 64
_ANSWER: Final = 4096

#: the number of children at once in a process of the site, and for one person
MOST_AT_ONCE: Final = 4
MOST_A_PERSON: Final = 2
#: seconds that a further request waits for a place
PATIENCE: Final = 10.0

#: widths of a drawn page in pixels: for reading, and enlarged
WIDTHS: Final = (1000, 2000)

#: EXIF's tag of the orientation, and the meaning of its values
_ORIENTATION: Final = 0x0112
_TURNS: Final = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
_SIDEWAYS: Final = {"TRANSPOSE", "ROTATE_270", "TRANSVERSE", "ROTATE_90"}
#: modes that can be scaled without conversion
_SMOOTH: Final = {"L", "LA", "RGB", "RGBA", "CMYK", "YCbCr"}


class Undrawable(Exception):
    """Raised when the file cannot be opened or drawn: password, damaged, pixels, pages, time, or no such
    page; or busy.
    """

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class Places:
    """Places for child processes: a number for each person, below the total, so that nobody takes all."""

    def __init__(self, at_once: int, a_person: int) -> None:
        self._at_once, self._a_person = at_once, a_person
        self._taken: Counter[int] = Counter()
        self._changed = Condition()

    @contextmanager
    def taken(self, person: int, patience: float) -> Iterator[None]:
        """Hold a place for the person until the block ends; Undrawable if none becomes free in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._is_free(person), patience):
                raise Undrawable("busy")
            self._taken[person] += 1
        try:
            yield
        finally:
            with self._changed:
                self._taken[person] -= 1
                self._taken += Counter()  # people without a place are not stored
                self._changed.notify_all()

    def _is_free(self, person: int) -> bool:
        return self._taken.total() < self._at_once and self._taken[person] < self._a_person


_places: Final = Places(MOST_AT_ONCE, MOST_A_PERSON)


def count(path: Path, kind: str, *, person: int = 0) -> int:
    """The number of pages of a file of that kind ("PDF", "TIFF", ...); Undrawable if it cannot be opened."""
    return int(_ask(person, "count", kind, str(path))["pages"])


def draw(path: Path, kind: str, *, page: int, width: int, target: Path, person: int = 0) -> None:
    """Draw the page, counted from 1, to `target` as a PNG of that width, in a folder that is there; `target`
    is complete or does not exist.
    """
    beside = target.with_suffix(f".{os.getpid()}-{os.urandom(4).hex()}.part")
    try:
        _ask(person, "draw", kind, str(path), str(page), str(width), str(beside))
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _ask(person: int, *arguments: str) -> dict[str, Any]:
    with _places.taken(person, PATIENCE):
        output = _child_answer(arguments)
    try:
        answer: dict[str, Any] = json.loads(output)
    except ValueError:
        raise Undrawable("damaged") from None
    if "fault" in answer:
        raise Undrawable(answer["fault"])
    return answer


def _child_answer(arguments: tuple[str, ...]) -> bytes:
    """The child's answer, of limited length; afterwards the child and its processes have ended."""
    with TemporaryFile() as output:  # a pipe would have to be read until its end
        child = subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).resolve()), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.DEVNULL,
            env={"LANG": "C.UTF-8"},
            start_new_session=True,
        )
        try:
            child.wait(SECONDS)
        except subprocess.TimeoutExpired:
            raise Undrawable("time") from None
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        output.seek(0)
        return output.read(_ANSWER)


# -- In the child -----------------------------------------------------------------------------------


def _answer(verb: str, kind: str, path: str, *rest: str) -> dict[str, Any]:
    pages = _pdf if kind == "PDF" else _picture
    if verb == "count":
        return {"pages": pages(path, kind, 0, 0, "")}
    number, width, target = rest
    return {"pages": pages(path, kind, int(number), int(width), target)}


def _pdf(path: str, _kind: str, number: int, width: int, target: str) -> int:
    """The number of pages of a PDF; draws page `number` if it is given."""
    import pypdfium2 as pdfium  # in the child only

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
    """The number of pages of a picture (a TIFF can have several); draws page `number` if it is given."""
    from PIL import Image  # imported in the child only

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS_JPEG
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    if kind == "HEIF":
        import pillow_heif  # imported in the child only

        pillow_heif.register_heif_opener(thumbnails=False)
    try:
        with Image.open(path, formats=[kind]) as picture:
            pages = int(getattr(picture, "n_frames", 1)) if kind == "TIFF" else 1
            if pages > MOST_PAGES:
                raise Undrawable("pages")
            if number > pages:
                raise Undrawable("page")
            if kind == "TIFF":
                picture.seek(max(number - 1, 0))
            _paint(picture, width, target)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Undrawable("pixels") from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise Undrawable("damaged") from None
    return pages


def _paint(picture: Image.Image, width: int, target: str) -> None:
    """Decode the picture and, with a target, draw it upright at no more than that width.

    It is scaled before its colours are converted, so that a large one costs little more than decoding.
    """
    from PIL import Image  # imported in the child only

    if picture.format != "JPEG":
        _require_few(picture)
    picture.draft(None, (max(2 * width, 1), max(2 * width, 1)))
    _require_few(picture)
    picture.load()
    if not target:
        return
    turn = _TURNS.get(picture.getexif().get(_ORIENTATION, 1))
    across, down = picture.size[::-1] if turn in _SIDEWAYS else picture.size
    scale = min(1, width / across, MOST_DRAWN // width / down)
    box = (max(round(picture.width * scale), 1), max(round(picture.height * scale), 1))
    colours = "RGBA" if picture.has_transparency_data else "RGB"
    full = picture if picture.mode in _SMOOTH else picture.convert(colours)
    small = full.resize(box, reducing_gap=2.0) if box != full.size else full
    over = small.convert("RGBA")
    if turn is not None:
        over = over.transpose(Image.Transpose[turn])
    flat = Image.new("RGB", over.size, "white")
    flat.paste(over, mask=over)
    flat.save(target, "PNG")


def _require_few(picture: Image.Image) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        raise Undrawable("pixels")


def _main(arguments: list[str]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE, _FILE))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN, _OPEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)  # pages are counted first
    try:
        answer = _answer(*arguments)
    except Undrawable as fault:
        answer = {"fault": fault.key}
    except MemoryError:
        answer = {"fault": "pixels"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    _main(sys.argv[1:])
