"""Django's PostgreSQL backend on the embedded cluster, whose server starts with the first connection.

So importing the settings starts nothing, and neither does a command that needs no database.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.client import DatabaseClient as PostgresClient
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from config.database import embedded_postgres, roles

#: the folder of the cluster below var/, and settings of its server beside the usual ones
FOLDER = "postgres"
SERVER_SETTINGS: dict[str, str] = {}


@functools.cache
def cluster() -> embedded_postgres.Cluster:
    """Return this clone's own cluster, the same object for the whole process; it need not be started."""
    folder = embedded_postgres.ROOT / "var" / FOLDER
    return embedded_postgres.Cluster(folder, prepare=roles.provide, settings=SERVER_SETTINGS)


class DatabaseClient(PostgresClient):
    """`manage.py dbshell` with the embedded server's own psql."""

    def runshell(self, parameters: Iterable[str]) -> None:
        self.connection.settings_dict["HOST"] = str(cluster().ensure())
        self.executable_name = str(embedded_postgres.packaged_binaries() / "bin" / "psql")
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to the embedded cluster. If the server was killed, the next connection starts it again."""

    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        folder = self.settings_dict["HOST"] or str(cluster().ensure())
        return super().get_connection_params() | {"host": folder, "port": embedded_postgres.PORT}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return super().get_new_connection(conn_params)
        except OperationalError as error:
            if self.settings_dict["HOST"] or (isinstance(error, PoolTimeout) and cluster().is_running()):
                raise
            cluster().revive()
            return super().get_new_connection(conn_params)
