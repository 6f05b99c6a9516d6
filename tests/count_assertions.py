"""How many assertions the suite has: `python -m tests.count_assertions [paths of tests]`.

Counted for each test that pytest collects, so a parametrised test counts once a case:

- each `assert` statement, `pytest.raises`, `pytest.warns` and `pytest.fail`, and each `expect(...)`;
- each call of a helper of tests/ that asserts, however much, as one: a function by its name in the module, a
  method by its name alone, for whose it is a call does not say;
- inside a loop or a comprehension over a table that the test's module knows beforehand (a name, its items,
  values or keys, a literal, a range), once a row, so that a loop counts as much as a parameter does.

What fixtures assert is not counted. Branches that are not taken are counted like those that are, and a loop
over what only the run knows counts once. The number compares two versions of the suite; it is not how often
anything was asserted.
"""

from __future__ import annotations

import ast
import collections
import functools
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

TESTS = Path(__file__).parent
OF_PYTEST = {"raises", "warns", "fail"}
#: what a loop may walk for its rows to be counted: nothing that does anything
KNOWN = (
    ast.Name, ast.Attribute, ast.Constant, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.Load, ast.Starred,
    ast.Subscript, ast.Slice, ast.BinOp, ast.operator, ast.UnaryOp, ast.unaryop,
)  # fmt: skip
ITERATING = {"items", "values", "keys", "range", "enumerate", "zip", "sorted", "product"}


class Collected:
    """The plugin that keeps what pytest has collected."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = session.items


def main(*paths: str) -> int:
    """Print the tests and assertions of each folder, and their sums."""
    collected = Collected()
    given = paths or (str(TESTS),)
    status = pytest.main(["--collect-only", "-p", "no:terminal", *given], plugins=[collected])
    if status:
        return int(status)
    tests: collections.Counter[str] = collections.Counter()
    assertions: collections.Counter[str] = collections.Counter()
    for item in collected.items:
        where = item.path.relative_to(TESTS).parts
        folder = where[0] if len(where) > 1 else "."
        tests[folder] += 1
        assertions[folder] += of_test(item)
    sums = [(folder, tests[folder], assertions[folder]) for folder in sorted(tests)]
    for folder, collected_, counted in [*sums, ("together", tests.total(), assertions.total())]:
        sys.stdout.write(f"{folder:12} {collected_:6,} tests {counted:8,} assertions\n")
    return 0


def of_test(item: pytest.Item) -> int:
    """The assertions of one collected test."""
    return of_function(inspect.unwrap(item.function)) if isinstance(item, pytest.Function) else 0


def asserts(function: Callable[..., Any], above: frozenset[Any] = frozenset()) -> bool:
    """Whether a helper of tests/ asserts anything, itself or by what it calls; `above` call it."""
    found = _source_of(function)
    if found is None or found in above or found in _silent:
        return False
    if found in _asserting:
        return True
    tree = _tree(found)
    counting = Counting(inspect.getmodule(found), found, above | {found})
    if tree is not None and counting.of(tree):
        _asserting.add(found)
        return True
    if not above:  # below another, what calls back to it was left out
        _silent.add(found)
    return False


def of_function(function: Callable[..., Any]) -> int:
    """The assertions in the function, and one for each call of a helper that asserts."""
    found = _source_of(function)
    tree = None if found is None else _tree(found)
    return 0 if tree is None else Counting(inspect.getmodule(found), found, frozenset({found})).of(tree)


_asserting: set[Any] = set()
_silent: set[Any] = set()


def _source_of(function: Any) -> Any:
    """The plain function, None for what is not of tests/."""
    function = inspect.unwrap(getattr(function, "__func__", function))
    code = getattr(function, "__code__", None)
    return function if code is not None and Path(code.co_filename).is_relative_to(TESTS) else None


@functools.cache
def _tree(function: Any) -> ast.AST | None:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError):  # a lambda in the midst of a line
        return None


class Counting:
    """The assertions below a node, with names as the function's module has them."""

    def __init__(self, module: ModuleType | None, function: Any, above: frozenset[Any]) -> None:
        self.above = above
        self.names = {**vars(module or ast), **inspect.getclosurevars(function).nonlocals}

    def of(self, node: ast.AST) -> int:
        """The assertions at this node and below it."""
        if isinstance(node, ast.For):
            return self.of(node.iter) + self.rows(node.iter) * sum(map(self.of, node.body))
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
            rows = 1
            for each in node.generators:
                rows *= self.rows(each.iter)
            return rows * self.of(node.elt)
        found = sum(map(self.of, ast.iter_child_nodes(node)))
        if isinstance(node, ast.Assert):
            return found + 1
        return found + self.called(node.func) if isinstance(node, ast.Call) else found

    def rows(self, walked: ast.expr) -> int:
        """How often a loop goes round, 1 where only the run knows."""
        for node in ast.walk(walked):
            if isinstance(node, ast.Call):
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if name not in ITERATING:
                    return 1
            elif not isinstance(node, KNOWN):
                return 1
        try:
            return len(list(eval(compile(ast.Expression(walked), "", "eval"), self.names)))
        except Exception:  # noqa: BLE001  # a local name: only the run knows it
            return 1

    def called(self, function: ast.expr) -> int:
        """What a call asserts."""
        if isinstance(function, ast.Name):
            if function.id == "expect":
                return 1
            return asserts(self.names.get(function.id, len), self.above)
        if not isinstance(function, ast.Attribute):
            return 0
        if isinstance(function.value, ast.Name):
            owner = self.names.get(function.value.id)
            if owner is pytest:
                return int(function.attr in OF_PYTEST)
            if isinstance(owner, ModuleType | type):
                return asserts(getattr(owner, function.attr, len), self.above)
        return any(asserts(each, self.above) for each in methods().get(function.attr, ()))


@functools.cache
def methods() -> dict[str, list[Any]]:
    """The methods of the classes of tests/, by name."""
    found: dict[str, list[Any]] = collections.defaultdict(list)
    for kind in _classes():
        for name, method in vars(kind).items():
            if inspect.isfunction(method):
                found[name].append(method)
    return found


def _classes() -> Iterator[type]:
    for module in list(sys.modules.values()):
        if Path(getattr(module, "__file__", None) or "/").is_relative_to(TESTS):
            yield from (each for each in vars(module).values() if inspect.isclass(each))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
