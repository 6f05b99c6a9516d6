"""Judging mutants: a pytest plugin that runs, for each, the tests that may notice it, in a child process.

The parent has collected every test and imported the whole product. The child takes the mutant's code in
place of the function's, runs its tests up to the first that fails, and ends. A mutant of a module's tables
is judged by a pytest of its own, which imports the changed module.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.abc
import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest
from pytest_django.plugin import blocking_manager_key

from tests import databases
from tests.mutation.operators import Mutant, mutated
from tests.mutation.targets import ROOT, Map

#: beside the time that the tests took when they were mapped
PATIENCE = 40.0
NOTICED, SURVIVED, ELSEWHERE = 0, 3, 4


class Judge:
    """Judges the mutants that it is given, in place of running the tests collected."""

    def __init__(
        self, mutants: Sequence[Mutant], known: Map, seconds: float, told: Callable[[Mutant, str], None]
    ) -> None:
        self.mutants, self.known, self.seconds, self.told = mutants, known, seconds, told
        self.failed = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Each mutant is told with its outcome: noticed, time, survived or unreached."""
        with session.config.stash[blocking_manager_key].unblock():
            databases.template()
        items = {item.nodeid: item for item in session.items}
        for mutant in self.mutants:
            chosen = [items[test] for test in self.known.judges(mutant, self.seconds) if test in items]
            chosen.sort(key=session.items.index)
            self.told(mutant, self._outcome(session, mutant, chosen) if chosen else "unreached")
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One failure is enough."""
        self.failed = self.failed or report.failed

    def _outcome(self, session: pytest.Session, mutant: Mutant, items: list[pytest.Item]) -> str:
        limit = PATIENCE + 4 * sum(self.known.seconds[item.nodeid] for item in items)
        if mutant.function == "<module>":
            return _judged_anew(mutant, [item.nodeid for item in items], limit)
        child = os.fork()
        if child == 0:
            self._judge(session, mutant, items)
        outcome = _ended(child, limit)
        return (
            _judged_anew(mutant, [item.nodeid for item in items], limit)
            if outcome == "elsewhere"
            else outcome
        )

    def _judge(self, session: pytest.Session, mutant: Mutant, items: list[pytest.Item]) -> None:
        os.setsid()
        session.config.pluginmanager.unregister(name="terminalreporter")
        code = NOTICED
        with contextlib.suppress(BaseException):
            try:
                _put_in_place(mutant)
            except LookupError:
                os._exit(ELSEWHERE)
            code = NOTICED if self._some_fail(session, items) else SURVIVED
        os._exit(code)

    def _some_fail(self, session: pytest.Session, items: list[pytest.Item]) -> bool:
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                with contextlib.suppress(Exception):
                    session._setupstate.teardown_exact(None)
                return True
        return False


def _ended(child: int, limit: float) -> str:
    until = time.monotonic() + limit
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return {SURVIVED: "survived", ELSEWHERE: "elsewhere"}.get(
                os.waitstatus_to_exitcode(status), "noticed"
            )
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "time"


def _put_in_place(mutant: Mutant) -> None:
    """The function runs the mutant's code from now on; LookupError where it is not loaded."""
    path = ROOT / mutant.path
    code = _code_of(compile(mutated(path, mutant.number), str(path), "exec"), mutant.function)
    found = [
        each
        for each in gc.get_objects()
        if isinstance(each, FunctionType)
        and each.__code__.co_filename == str(path)
        and each.__code__.co_qualname == mutant.function
        and each.__code__.co_firstlineno == code.co_firstlineno
    ]
    if not found:
        raise LookupError(mutant.name)
    for each in found:
        each.__code__ = code


def _code_of(module: CodeType, name: str) -> CodeType:
    waiting = [module]
    while waiting:
        code = waiting.pop()
        if code.co_qualname == name:
            return code
        waiting += [each for each in code.co_consts if isinstance(each, CodeType)]
    raise LookupError(name)


# -- A module's tables ------------------------------------------------------------------------------


def _judged_anew(mutant: Mutant, tests: list[str], limit: float) -> str:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "tests.mutation.judging", *tests]
    environment = os.environ | {"MUTANT": f"{mutant.path}:{mutant.number}"}
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return "survived" if child.wait(limit) == 0 else "noticed"
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        return "time"


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the one module that is changed."""

    def __init__(self, path: Path, number: int) -> None:
        parts = path.relative_to(ROOT).with_suffix("").parts
        self.name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        self.path, self.number = path, number

    def find_spec(self, name: str, path: object, target: object = None) -> Any:
        if name != self.name:
            return None
        folder = [str(self.path.parent)] if self.path.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(
            name, self.path, loader=self, submodule_search_locations=folder
        )

    def create_module(self, spec: Any) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(mutated(self.path, self.number), str(self.path), "exec"), module.__dict__)


if "MUTANT" in os.environ:
    _path, _, _number = os.environ["MUTANT"].rpartition(":")
    sys.meta_path.insert(0, _Finder(ROOT / _path, int(_number)))
