"""Signing and validating, as ratios within one run: python -m benchmarks.sign.

A signature with a time stamp (B-T) takes at most three times one without (B-B) and at most a second, with an
authority of this machine; eleven signatures are validated in at most eight times the time of two.

Times are the processor's, the authority's included, so that another program on the machine changes no
verdict; those of the clock stand beside them.
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import django


class Taken(NamedTuple):
    """Medians in seconds: of the processor, and of the clock."""

    busy: float
    passed: float

    def __str__(self) -> str:
        return f"{self.busy * 1000:.2f} ms ({self.passed * 1000:.2f} ms by the clock)"


def median(work: Callable[[], object], times: int = 7) -> Taken:
    """The medians of so many runs, after one that is not counted."""
    work()
    busy, passed = [], []
    for _ in range(times):
        begun, began = time.process_time(), time.perf_counter()
        work()
        busy.append(time.process_time() - begun)
        passed.append(time.perf_counter() - began)
    return Taken(statistics.median(busy), statistics.median(passed))


def main() -> int:
    """Measure, print, and return 1 where a figure is exceeded."""
    django.setup()
    from documents import authority, sign, verify
    from tests.documents import signing

    server = authority.serve(signing.stamping().timestamper())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stamps = f"http://127.0.0.1:{server.server_address[1]}/"
    pdf, key = signing.paper(), signing.opened()

    def signed(*, with_time: bool) -> bytes:
        timestamps = sign.timestamper(stamps, 5) if with_time else None
        return sign.sign(pdf, field="liaison", key=key, timestamps=timestamps, certify=True)

    def validated(names: tuple[str, ...]) -> None:
        verify.forget()
        assert verify.check(signing.signed(names), signing.trust()).sound

    bare, timed = median(lambda: signed(with_time=False)), median(lambda: signed(with_time=True))
    two = median(lambda: validated(("liaison", "chair")))
    eleven = median(lambda: validated(signing.NAMES))
    again = median(lambda: verify.check(signing.signed(signing.NAMES), signing.trust()))
    server.shutdown()
    rows = [
        ("sign, B-T / B-B", timed.busy / bare.busy, 3.0, f"{timed} / {bare}"),
        ("sign, B-T in seconds", timed.busy, 1.0, f"{timed}"),
        ("validate, eleven / two", eleven.busy / two.busy, 8.0, f"{eleven} / {two}"),
        ("validate again, by checksum / first time", again.busy / eleven.busy, 0.1, f"{again}"),
    ]
    for name, found, most, told in rows:
        print(f"{name}: {found:.2f} (at most {most:g}) - {told}")
    return int(any(found > most for _, found, most, _ in rows))


if __name__ == "__main__":
    sys.exit(main())
