"""Which test calls which function: a pytest plugin that writes it down.

Each function of the product says so itself when it is called: it is given a first statement for that. A call
while a test is set up counts for the whole module of tests, since what a module's fixture has made is there
for all of them. Calls in other processes (a browser's site, a worker) are not seen.
"""

from __future__ import annotations

import ast
import builtins
import gc
import importlib
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

from tests.mutation.targets import ROOT, modules

#: what a function calls first, with its name
TOLD = "_reached_by_a_test"


class Reached:
    """What the tests of this run have called, by function; and the seconds that each took."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.calls: dict[str, set[str]] = defaultdict(set)
        self.seconds: dict[str, float] = {}
        self.now: set[str] | None = None

    def pytest_collection_finish(self) -> None:
        """Every function of the product tells when it is called."""
        setattr(builtins, TOLD, self._called)
        found: dict[tuple[str, str, int], CodeType | None] = {}
        for path in modules():
            importlib.import_module(
                ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            )
            for code in _telling(path):
                key = (str(path), code.co_qualname, code.co_firstlineno)
                found[key] = None if key in found else code  # two in a line cannot be told apart
        for each in gc.get_objects():
            if isinstance(each, FunctionType):
                code = each.__code__
                telling = found.get((code.co_filename, code.co_qualname, code.co_firstlineno))
                each.__code__ = telling or code

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
        self.now = self.calls[item.nodeid.partition("::")[0]]
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Any:
        """What is called by the test counts for the test."""
        self.now = self.calls[item.nodeid]
        return (yield)

    def pytest_sessionfinish(self) -> None:
        """All is written down."""
        found = {
            "seconds": self.seconds,
            "calls": {name: sorted(tests) for name, tests in self.calls.items()},
        }
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self.target.write_text(json.dumps(found), encoding="utf-8")

    def _called(self, name: str) -> None:
        if self.now is not None:
            self.now.add(name)


def _telling(path: Path) -> Iterator[CodeType]:
    """The codes of the module's functions, each of which tells first that it is called."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for name, node in _functions(tree, ""):
        first = ast.parse(f"{TOLD}({f'{path.relative_to(ROOT)}:{name}'!r})").body[0]
        for each in ast.walk(first):
            ast.copy_location(each, node.body[0])
        node.body.insert(0, first)
    waiting = [compile(tree, str(path), "exec", dont_inherit=True)]
    while waiting:
        code = waiting.pop()
        yield code
        waiting += [each for each in code.co_consts if isinstance(each, CodeType)]


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """The outermost functions and methods."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{child.name}", child
        elif isinstance(child, ast.If | ast.Try | ast.With):
            yield from _functions(child, prefix)
