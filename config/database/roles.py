"""The three roles: the owner runs migrations, the sealer's writes the tree over the audit log, and the
application's does all else; these two own nothing.

`docs/operations.md` has the same statements for a PostgreSQL server of the bank's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import sql

from config.database.embedded_postgres import SUPERUSER

if TYPE_CHECKING:
    from config.database.embedded_postgres import Cluster

OWNER_ROLE = "lianxi_owner"
APP_ROLE = "lianxi_app"
SEALER_ROLE = "lianxi_sealer"
DATABASE = "lianxi"
READY = "lianxi: three roles provided"

ROLES = """
CREATE ROLE {owner} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE ROLE {app} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE ROLE {sealer} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
"""
CREATE_DATABASE = """
CREATE DATABASE {database} OWNER {owner} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
"""
RIGHTS = """
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO {app}, {sealer};
ALTER SCHEMA public OWNER TO {owner};
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {app}, {sealer};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public
    GRANT SELECT, INSERT ON TABLES TO {app};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO {app};
"""


def provide(cluster: Cluster, database: str = DATABASE) -> None:
    """Create the roles and the database with their rights; completes an attempt that was interrupted."""
    with cluster.connect("postgres") as connection:
        state = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [database]
        ).fetchone()
        if state == (READY,):
            return
        names = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
        for statement in statements(ROLES, database):
            if statement.as_string().split()[2].strip('"') not in names:
                connection.execute(statement)
        if state is None:
            connection.execute(statements(CREATE_DATABASE, database)[0])
    grant(cluster, database)


def grant(cluster: Cluster, database: str) -> None:
    """Grant the application's role the use of what the owner will create in this database."""
    with cluster.connect(database, SUPERUSER) as connection:
        for statement in statements(RIGHTS, database):
            connection.execute(statement)
        comment = sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(database), sql.Literal(READY))
        connection.execute(comment)


def statements(template: str, database: str) -> list[sql.Composed]:
    """Return the statements of a template with the names filled in."""
    names: dict[str, Any] = {
        "owner": sql.Identifier(OWNER_ROLE),
        "app": sql.Identifier(APP_ROLE),
        "sealer": sql.Identifier(SEALER_ROLE),
        "database": sql.Identifier(database),
    }
    return [sql.SQL(line).format(**names) for line in template.split(";\n") if line.strip()]
