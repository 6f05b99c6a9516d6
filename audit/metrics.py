"""What happens, in numbers, for the bank's monitoring.

Labels are few and never say who or what about: no person, no proposal. With PROMETHEUS_MULTIPROC_DIR set each
process writes its numbers there, and whichever is asked answers for all.
"""

import logging
import os
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

BALLOTS = Counter("lianxi_ballots", "Ballots that stand: committed, each once.")
SOCKETS = Gauge("lianxi_sockets", "Sockets of the live room that are open.", multiprocess_mode="livesum")
PUSH_DELAY = Histogram(
    "lianxi_push_delay_seconds",
    "From the commit of an act to its being sent on a socket.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
REFUSALS = Counter("lianxi_refusals", "Acts that were refused, by code.", ["code"])


class CountRefusals(logging.Handler):
    """Each refusal that is logged is counted under its code."""

    def emit(self, record: logging.LogRecord) -> None:
        """One more of this code."""
        REFUSALS.labels(code=vars(record)["code"]).inc()


def exposition() -> bytes:
    """The numbers of all processes, in the text format of Prometheus."""
    shared = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not shared:
        return generate_latest(REGISTRY)
    _forget_dead(Path(shared))
    registry = CollectorRegistry()
    MultiProcessCollector(registry, shared)  # type: ignore[no-untyped-call]  # its class is half typed
    return generate_latest(registry)


def _forget_dead(shared: Path) -> None:
    """What processes that were killed held open is closed; what they counted goes on counting."""
    for path in shared.glob("gauge_live*.db"):
        if not Path("/proc", path.stem.rpartition("_")[2]).exists():
            path.unlink(missing_ok=True)
