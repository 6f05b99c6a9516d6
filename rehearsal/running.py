"""Playing many rehearsals, on all processors where they are independent of each other."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from multiprocessing import get_context
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from rehearsal import over_http
from rehearsal.bank import NotShared
from rehearsal.files import Candidate
from rehearsal.player import Played, play

#: for fewer files starting processes takes longer than it saves
WORTH_PROCESSES = 4


class NotReady(Exception):
    """The database lacks migrations; the text has the remedy."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A candidate with its results; `fault` is the reason why it was not played."""

    candidate: Candidate
    played: Played | None
    fault: str = ""


def attempts(found: Sequence[Candidate], *, keep: bool) -> Generator[Attempt]:
    """Play each candidate, in order; kept ones one after the other, since they may share a bank."""
    attempt = partial(_attempt, keep=keep)
    processes = min(len(os.sched_getaffinity(0)), sum(1 for one in found if one.rehearsal))
    if keep or processes < 2 or len(found) < WORTH_PROCESSES or _connected():
        yield from map(attempt, found)
        return
    with _pool(processes, get_context("fork"), _leave_signals) as pool:
        yield from pool.map(attempt, found)


@contextmanager
def _pool(processes: int, context: Any, initializer: Any, *given: Any) -> Iterator[ProcessPoolExecutor]:
    """Yield a pool of processes, which finish the work they have begun when the block ends."""
    pool = ProcessPoolExecutor(processes, context, initializer, given)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def attempts_over_http(found: Sequence[Candidate]) -> Generator[Attempt]:
    """Play each candidate through the site, in order, on temporary databases.

    Close the iterator if it is not exhausted. NotReady where no such database can be created.
    """
    throwaway = import_module(settings.THROW_AWAY)
    playable = sum(1 for one in found if one.rehearsal)
    processes = min(len(os.sched_getaffinity(0)), playable)
    if len(found) < WORTH_PROCESSES or _connected():
        processes = min(1, playable)
    try:
        with over_http.prepared(), throwaway.databases(processes) as names:
            if processes < 2:
                with throwaway.in_use(names[0]) if names else nullcontext():
                    yield from map(_attempt_over_http, found)
                return
            context = get_context("fork")
            free = context.SimpleQueue()
            for name in names:
                free.put(name)
            with _pool(processes, context, _use_free, free) as pool:
                yield from pool.map(_attempt_over_http, found)
    except throwaway.CannotMake as error:
        raise NotReady(str(error)) from error


def make_ready() -> None:
    """Migrate the embedded database if necessary.

    Closes its connection unless one was open before. NotReady for another database that lacks migrations, and
    for data of an earlier layout.
    """
    before = _connected()
    try:
        if _unmigrated():
            if settings.DATABASES["default"]["ENGINE"] != "config.database":
                raise NotReady("The database lacks tables. Remedy: run `manage.py migrate`, then try again.")
            _migrate()
    finally:
        if not before:
            default = connections[DEFAULT_DB_ALIAS]
            default.close()
            if isinstance(default, DatabaseWrapper):
                default.close_pool()


def _attempt(candidate: Candidate, *, keep: bool) -> Attempt:
    if candidate.rehearsal is None:
        return Attempt(candidate, None, candidate.fault)
    try:
        return Attempt(candidate, play(candidate.rehearsal, keep=keep))
    except NotShared as error:
        return Attempt(candidate, None, f"$.{error.field}: expects {error}")


def _attempt_over_http(candidate: Candidate) -> Attempt:
    if candidate.rehearsal is None:
        return Attempt(candidate, None, candidate.fault)
    return Attempt(candidate, over_http.play(candidate.rehearsal))


def _use_free(free: Any) -> None:
    """Take a database that no other process is using."""
    _leave_signals()
    import_module(settings.THROW_AWAY).use(free.get())


def _connected() -> bool:
    """Whether a connection is open, which a forked process must not share."""
    return any(alias.connection is not None for alias in connections.all(initialized_only=True))


def _leave_signals() -> None:
    """Leave keyboard interrupts to the parent; other signals end the process as usual."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _unmigrated() -> bool:
    """Whether a migration is missing; waits for a process that is migrating."""
    default = connections[DEFAULT_DB_ALIAS]
    with default.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s)", [settings.MIGRATION_LOCK])
        try:
            executor = MigrationExecutor(default)
            return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        finally:
            cursor.execute("SELECT pg_advisory_unlock_shared(%s)", [settings.MIGRATION_LOCK])


def _migrate() -> None:
    """Migrate as the owner; when several processes try, one migrates and the others wait.

    NotReady for data of an earlier layout.
    """
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except CommandError as error:
        raise NotReady(str(error)) from error
    connections["owner"].close()
