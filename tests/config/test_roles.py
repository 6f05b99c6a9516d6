"""The roles of the embedded database, also in one of before there were three."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg import sql

from config.database import roles


def test_a_database_of_two_roles_is_given_the_third_at_its_next_start(private_cluster: Any) -> None:
    cluster, name = private_cluster.cluster, private_cluster.name
    sealer = sql.Identifier(roles.SEALER_ROLE)
    with cluster.connect(name) as superuser:
        superuser.execute(sql.SQL("DROP OWNED BY {}").format(sealer))
    with cluster.connect("postgres") as superuser:
        superuser.execute(sql.SQL("DROP ROLE {}").format(sealer))
        superuser.execute(
            sql.SQL("COMMENT ON DATABASE {} IS 'lianxi: roles provided'").format(sql.Identifier(name))
        )
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(private_cluster.sealer_dsn)
    roles.provide(cluster, name)
    with psycopg.connect(private_cluster.sealer_dsn) as connection:
        assert connection.execute("SELECT has_schema_privilege('public', 'USAGE')").fetchone() == (True,)
    with cluster.connect("postgres") as superuser:
        told = superuser.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
    assert told == (roles.READY,)
