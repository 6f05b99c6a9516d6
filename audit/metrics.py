"""Counters for the bank's monitoring.

Labels have few values and never identify a person or a proposal. With PROMETHEUS_MULTIPROC_DIR set, each
process writes its counters there, and any process can report the sum.
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
    """Count each logged refusal by its code."""

    def emit(self, record: logging.LogRecord) -> None:
        """Increase the counter of the record's code."""
        REFUSALS.labels(code=vars(record)["code"]).inc()


def exposition() -> bytes:
    """The counters of all processes in Prometheus's text format."""
    shared = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not shared:
        return generate_latest(REGISTRY)
    _forget_dead(Path(shared))
    registry = CollectorRegistry()
    MultiProcessCollector(registry, shared)  # type: ignore[no-untyped-call]  # its class is half typed
    return generate_latest(registry)


def _forget_dead(shared: Path) -> None:
    """Close the files of killed processes; their counts are kept."""
    for path in shared.glob("gauge_live*.db"):
        if not Path("/proc", path.stem.rpartition("_")[2]).exists():
            path.unlink(missing_ok=True)
