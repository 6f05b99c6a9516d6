"""Checking a file that anybody brings: in a process of its own, with limits of time and memory.

What a PDF says is compressed pyHanko inflates, however much that is: a file of 16 kB took 52 seconds and
434 MB of the site, one of 200 kB more than there was. The child is this module run as a program, without our
settings and models; it is given the file and whom to believe on its standard input, and answers with JSON.
"""

from __future__ import annotations

import base64
import hashlib
import json
import resource
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Any, Final

from cachetools import TTLCache

from documents import verify
from documents.attached import attached
from documents.trust import Trust
from documents.verify import Checked, Fault, Signature

#: seconds of a processor, and of the clock; bytes of memory
SECONDS, PATIENCE, MEMORY = 30, 90.0, 1536 << 20
#: children at once in a process of the site, and the seconds that a further file waits for a place
MOST_AT_ONCE, WAIT = 2, 20.0
_ROOT: Final = Path(__file__).resolve().parents[2]
_START: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); from documents.outside.apart import main; main()"
)
_places = BoundedSemaphore(MOST_AT_ONCE)


class Busy(Exception):
    """Raised when other files are being checked and no place became free in time."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a file says by itself, and the SHA-256 of what is attached under a name, if anything is."""

    checked: Checked
    stated: str | None = None


_kept: TTLCache[tuple[str, str, str], Told] = TTLCache(maxsize=256, ttl=600)
_lock = Lock()


def check(pdf: bytes, trust: Trust, *, name: str) -> Told:
    """Return what the file says by itself, and the digest of its attachment `name`; kept for ten minutes.

    A file that takes more time or memory than signed papers do is `Fault.COSTLY`, which is not kept, since it
    depends on the machine too. Busy without a place.
    """
    sha256 = hashlib.sha256(pdf).hexdigest()
    key = (sha256, trust.digest, name)
    with _lock:
        found = _kept.get(key)
    if found is None:
        found = _asked(pdf, sha256, trust, name)
        if found.checked.fault is not Fault.COSTLY:
            with _lock:
                _kept[key] = found
    return found


def _asked(pdf: bytes, sha256: str, trust: Trust, name: str) -> Told:
    """The answer of a child, which has ended."""
    if len(pdf) > verify.MOST_BYTES:
        return Told(Checked(sha256, fault=Fault.UNREADABLE))
    if not _places.acquire(timeout=WAIT):
        raise Busy
    try:
        answer = subprocess.run(
            [sys.executable, "-I", "-c", _START, str(_ROOT)],
            input=_question(trust, name) + b"\n" + pdf,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Told(Checked(sha256, fault=Fault.COSTLY))
    finally:
        _places.release()
    if answer.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return Told(Checked(sha256, fault=Fault.COSTLY))
    if answer.returncode:
        return Told(Checked(sha256, fault=Fault.UNREADABLE))
    return _read(json.loads(answer.stdout))


def _question(trust: Trust, name: str) -> bytes:
    def texts(parts: tuple[bytes, ...]) -> list[str]:
        return [base64.b64encode(part).decode() for part in parts]

    asked = {"anchors": texts(trust.anchors), "lists": texts(trust.lists), "fetch": trust.fetch, "name": name}
    return json.dumps(asked).encode()


def _read(answer: dict[str, Any]) -> Told:
    told = answer["checked"]
    signatures = tuple(
        Signature(**{**each, "at": _moment(each["at"]), "fault": _fault(each["fault"])})
        for each in told["signatures"]
    )
    checked = Checked(told["sha256"], signatures, _fault(told["fault"]), _moment(told["closed_at"]))
    return Told(checked, answer["stated"])


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _fault(text: str | None) -> Fault | None:
    return None if text is None else Fault(text)


def main() -> None:
    """Answer the question on the standard input, within the limits; the child's whole work."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asked = json.loads(sys.stdin.buffer.readline())
    pdf = sys.stdin.buffer.read()
    anchors, lists = (tuple(base64.b64decode(each) for each in asked[key]) for key in ("anchors", "lists"))
    checked = verify.check(pdf, Trust(anchors, lists, asked["fetch"]))
    stated = attached(pdf, asked["name"]) if checked.signatures else None
    answer = {
        "checked": asdict(checked),
        "stated": None if stated is None else hashlib.sha256(stated).hexdigest(),
    }
    sys.stdout.write(json.dumps(answer, default=datetime.isoformat))
