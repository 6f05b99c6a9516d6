"""Which test calls which function: a pytest plugin that writes it down.

A call while a test is set up counts for the whole module of tests, since what a module's fixture has made
is there for all of them. Calls in other processes (a browser's site, a worker) are not seen.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from tests.mutation.targets import ROOT, is_target


class Reached:
    """What the tests of this run have called, by function; and the seconds that each took."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.calls: dict[str, set[str]] = defaultdict(set)
        self.seconds: dict[str, float] = {}
        self.now: set[str] | None = None
        self.names: dict[CodeType, str | None] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        """The test's seconds are noted."""
        began = time.perf_counter()
        try:
            return (yield)
        finally:
            self.now = None
            self.seconds[item.nodeid] = round(time.perf_counter() - began, 3)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Any:
        """What is called while the test is set up counts for its module."""
        return (yield from self._watched(item.nodeid.partition("::")[0]))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Any:
        """What is called by the test counts for the test."""
        return (yield from self._watched(item.nodeid))

    def pytest_sessionfinish(self) -> None:
        """All is written down."""
        found = {
            "seconds": self.seconds,
            "calls": {name: sorted(tests) for name, tests in self.calls.items()},
        }
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self.target.write_text(json.dumps(found), encoding="utf-8")

    def _watched(self, key: str) -> Any:
        self.now = self.calls[key]
        threading.settrace(self._called)
        sys.settrace(self._called)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)  # type: ignore[arg-type]  # None ends it

    def _called(self, frame: FrameType, _event: str, _arg: object) -> None:
        code = frame.f_code
        try:
            name = self.names[code]
        except KeyError:
            name = self.names[code] = _name(code)
        if name is not None and self.now is not None:
            self.now.add(name)


def _name(code: CodeType) -> str | None:
    path = Path(code.co_filename)
    if not path.is_relative_to(ROOT) or not is_target(path):
        return None
    return f"{path.relative_to(ROOT)}:{code.co_qualname.partition('.<locals>')[0]}"
