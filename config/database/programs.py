"""PostgreSQL's own programs, run on a database as the owner's role."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from django.db import connections
from psycopg.conninfo import make_conninfo

from config.database.embedded_postgres import packaged_binaries

#: the environment that PostgreSQL's own programs need for a connection
_CONNECTION = frozenset(
    {"dbname", "user", "host", "port", "service", "passfile"}
    | {"sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout"}
)


def command(program: str, options: Iterable[str], *, name: str = "") -> tuple[list[str], dict[str, str]]:
    """The command line of the program on the database of that name, and its environment.

    By default the database in use. The password is in the environment, since other users see command lines.
    """
    owner: Any = connections["owner"]
    wanted = owner.get_connection_params()
    if name:
        wanted = wanted | {"dbname": name}
    password = wanted.pop("password", None)
    conninfo = make_conninfo(**{key: wanted[key] for key in wanted if key in _CONNECTION})
    line = [str(packaged_binaries() / "bin" / program), *options, f"--dbname={conninfo}"]
    return line, os.environ | ({"PGPASSWORD": password} if password else {})
