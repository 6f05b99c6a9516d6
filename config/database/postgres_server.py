"""The PostgreSQL server of one cluster, as its own account sees it: created, started, stopped, cleaned up.

A process counts as the server's own if it is a `postgres` whose working folder is the cluster's data folder.
A process number alone is no proof: after a crash another process may have it, and a zombie still has its
number but neither program nor folder. A process that is ending gives up first its program, then its shared
memory, then its folder; it counts while it has the folder, because until then its shared memory may prevent a
new server from starting.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from config.database.embedded_postgres import (
    POLL_SECONDS,
    PORT,
    SPACE_TO_CREATE,
    STOP_SECONDS,
    SUPERUSER,
    EmbeddedPostgresError,
    Place,
    account_name,
    cannot_write,
    end_of,
    no_space,
)

SPACE_TO_RUN = 48 * 2**20  # bytes: crash recovery and one more segment of write-ahead log
LOG_LIMIT = 10 * 2**20  # bytes
SETTINGS = {
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


class Server:
    """The server of a cluster; `clients` are the system users that may connect, `note` gets notes.

    `settings` supplement and override SETTINGS.
    """

    def __init__(
        self,
        place: Place,
        clients: set[str],
        note: Callable[[str], None],
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.place = place
        self._settings = SETTINGS | dict(settings or {})
        self._clients = clients
        self._note = note
        self._postmaster = 0

    def start(self) -> None:
        """Clean up after an earlier server and start one that is ready for connections.

        Raises EmbeddedPostgresError if the data are missing, damaged or of another version.
        """
        if running := self._running():
            self._postmaster = running
            if self.place.socket.exists() and self._state() != "stopping":
                self._await_ready()
                return
        self.stop()
        self._make_ready()
        with self.place.log.open("ab") as log:
            self._postmaster = subprocess.Popen(
                self._command(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            ).pid
        self._await_ready()

    def lives(self) -> bool:
        """Whether the server that was started or found is still running."""
        return self._is_ours(self._postmaster)

    def stop(self) -> None:
        """Stop every process of the server, by a clean shutdown if that ends in time."""
        for number in (signal.SIGINT, signal.SIGQUIT):
            if process := self._running():
                _signal(process, number)
                if self._await_end(STOP_SECONDS / 2):
                    return
        self._end_orphans()

    def _end_orphans(self) -> None:
        """End the backends of a killed server, whose shared memory would prevent a new one from starting."""
        for number, seconds in ((signal.SIGQUIT, 2.0), (signal.SIGKILL, 10.0)):
            for process in self.processes():
                _signal(process, number)
            if self._await_end(seconds):
                return
        raise EmbeddedPostgresError(
            f"Processes of an earlier server cannot be ended: {self.processes()}.",
            "they most likely wait for the disk; see to it, or restart the machine.",
        )

    def _make_ready(self) -> None:
        """Check or create the data: of this version, writable, without stale lock files."""
        try:
            if self.place.data.exists():
                self._check_data()
            else:
                self._check_space(SPACE_TO_CREATE)
                self._create()
            self._write_access_rules()
            self._rotate_log()
            for stale in (
                self.place.data / "postmaster.pid",
                self.place.socket,
                self.place.socket.with_name(f"{self.place.socket.name}.lock"),
            ):
                stale.unlink(missing_ok=True)
        except OSError as error:
            raise cannot_write(self.place.home, error) from error

    def _check_data(self) -> None:
        data = self.place.data
        found = data.stat()
        if found.st_uid != os.geteuid():
            ours, theirs = account_name(os.geteuid()), account_name(found.st_uid)
            raise EmbeddedPostgresError(
                f"{data} belongs to {theirs}, and the server runs as {ours}.",
                f"run as {theirs}, or give the folder and all in it to {ours} with chown -R.",
            )
        data.chmod(0o700)
        try:
            version = (data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise EmbeddedPostgresError(
                f"{data} is not a PostgreSQL cluster: it has no PG_VERSION.",
                "move the folder away to keep it, or run `make demo-reset` to start over without it.",
            ) from None
        ours = self._version()
        if version != ours:
            raise EmbeddedPostgresError(
                f"{data} was written by PostgreSQL {version}, and the embedded server is PostgreSQL {ours}.",
                f"with the version of this project that wrote it, save it by pg_dump; load that into a new "
                f"cluster of PostgreSQL {ours}; or run `make demo-reset` to start over without it.",
            )
        self._check_space(SPACE_TO_RUN)

    def _version(self) -> str:
        """Return the major version of the binaries, as it stands in PG_VERSION."""
        program = self.place.binaries / "bin" / "postgres"
        try:
            output = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError) as error:
            raise EmbeddedPostgresError(
                f"{program} does not run on this machine: {getattr(error, 'stderr', '') or error}.",
                "set DATABASE_URL to use a PostgreSQL server of your own.",
            ) from error
        return output.split()[-1].split(".")[0]

    def _check_space(self, needed: int) -> None:
        disk = os.statvfs(self.place.home)
        free = disk.f_bavail * disk.f_frsize
        if free < needed:
            message = f"{free // 2**20} MiB are free and {needed // 2**20} MiB are needed"
            raise no_space(self.place.home, message)

    def _create(self) -> None:
        """Create a new cluster: initialised in a temporary folder and then moved into place."""
        for half_made in self.place.home.glob("new.*"):
            shutil.rmtree(half_made)
        new = self.place.home / f"new.{os.getpid()}"
        self._version()
        made = subprocess.run(
            [
                str(self.place.binaries / "bin" / "initdb"),
                *("-D", str(new), "-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8", "--auth=peer"),
                *("--no-instructions",),
            ],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            shutil.rmtree(new, ignore_errors=True)
            if os.strerror(errno.ENOSPC) in made.stderr:
                raise no_space(self.place.home, os.strerror(errno.ENOSPC))
            raise EmbeddedPostgresError(
                f"initdb could not make the cluster in {self.place.data}:\n{made.stderr.strip()}",
                "see to what it says, or set DATABASE_URL to use a PostgreSQL server of your own.",
            )
        new.rename(self.place.data)

    def _write_access_rules(self) -> None:
        """Write pg_hba.conf: only root and the owner of the clone may connect, identified by the kernel."""
        (self.place.data / "pg_hba.conf").write_text("local all all peer map=lianxi\n")
        names = "".join(f'lianxi "{name}" all\n' for name in sorted(self._clients))
        (self.place.data / "pg_ident.conf").write_text(names)

    def _rotate_log(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            if self.place.log.stat().st_size > LOG_LIMIT:
                self.place.log.replace(self.place.log.with_suffix(".old.log"))

    def _command(self) -> list[str]:
        settings = self._settings | {"unix_socket_directories": str(self.place.run), "port": str(PORT)}
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        return [str(self.place.binaries / "bin" / "postgres"), "-D", str(self.place.data), *options]

    def _await_ready(self) -> None:
        """Wait until the server reports that it is ready, for as long as it runs: crash recovery may take
        long.
        """
        patience = time.monotonic() + 5
        while self._state() != "ready":
            if not self.lives() and _has_ended(self._postmaster):
                raise self._failed_start()
            if time.monotonic() > patience:
                self._note("The database is recovering from a crash; waiting for it.")
                patience = time.monotonic() + 60
            time.sleep(POLL_SECONDS)

    def _state(self) -> str:
        """Return the state in the server's pid file (starting, ready, stopping); empty for that of another
        server.
        """
        try:
            lines = (self.place.data / "postmaster.pid").read_text().splitlines()
            return lines[7].strip() if int(lines[0]) == self._postmaster else ""
        except (OSError, ValueError, IndexError):
            return ""

    def _failed_start(self) -> EmbeddedPostgresError:
        log = end_of(self.place.log)
        if os.strerror(errno.ENOSPC) in log:
            return no_space(self.place.home, os.strerror(errno.ENOSPC))
        return EmbeddedPostgresError(
            f"The embedded PostgreSQL did not start.{log}",
            "see to what the log says, or run `make demo-reset` to start over without the data.",
        )

    def _running(self) -> int:
        """Return the process named in the pid file if it is a server of this cluster, else 0."""
        try:
            number = int((self.place.data / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return 0
        return number if self._is_ours(number) else 0

    def _is_ours(self, process: int) -> bool:
        try:
            try:
                program = Path(f"/proc/{process}/exe").readlink().name.removesuffix(" (deleted)")
            except FileNotFoundError:
                program = "postgres"  # it is ending, or a kernel thread, which has another folder
            folder = str(Path(f"/proc/{process}/cwd").readlink()).removesuffix(" (deleted)")
        except OSError:
            return False
        return program == "postgres" and Path(folder) == self.place.data.resolve()

    def processes(self) -> list[int]:
        """Return every process of the server: postmaster, backends and workers."""
        numbers = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return [number for number in numbers if self._is_ours(number)]

    def _await_end(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.processes():
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True


def _signal(process: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)


def _has_ended(child: int) -> bool:
    """Whether a child has ended; for a process that is no child, whether it no longer exists."""
    try:
        return os.waitpid(child, os.WNOHANG) != (0, 0)
    except ChildProcessError:
        return True
