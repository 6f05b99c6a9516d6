"""The command line of the server. What does not vary between installations is no option (`generation.py`)."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

#: as uvicorn has them
LEVELS = ("critical", "error", "warning", "info", "debug")


def read(words: Sequence[str]) -> argparse.Namespace:
    """The options of the master; exits with status 2 and a usage message for others."""
    return _options().parse_args(words)


def read_inherited(words: Sequence[str]) -> argparse.Namespace:
    """The options of a generation: those of its master, and the files that it inherits."""
    parser = _options()
    parser.add_argument("--master", type=int, required=True)
    parser.add_argument("--listening", type=int, required=True)
    parser.add_argument("--ready", type=int, required=True)
    return parser.parse_args(words)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m config.serving",
        description="Serve the site, in as many processes as WEB_PROCESSES says (docs/operations.md).",
    )
    parser.add_argument(
        "application", nargs="?", default="config.asgi:application", help="the ASGI application"
    )
    parser.add_argument("--uds", help="a Unix socket to listen on, instead of a port")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=_port, default=8000, help="port to listen on (8000)")
    parser.add_argument(
        "--log-level", choices=LEVELS, default="info", help="of the server's own lines (info)"
    )
    parser.add_argument(
        "--timeout-keep-alive",
        type=_seconds,
        default=5,
        help="seconds that an idle connection stays open (5)",
    )
    parser.add_argument(
        "--timeout-graceful-shutdown",
        type=_seconds,
        default=30,
        help="seconds in which requests under way are answered when a process ends (30)",
    )
    parser.add_argument(
        "--timeout-worker-healthcheck",
        type=_seconds,
        default=30,
        help="seconds after which a process that shows no life is killed (30)",
    )
    return parser


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError("expects a number from 1 to 65535")
    return int(text)


def _seconds(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 3600:
        raise argparse.ArgumentTypeError("expects whole seconds from 1 to 3600")
    return int(text)
