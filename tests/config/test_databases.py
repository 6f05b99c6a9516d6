"""The databases that tests get."""

from __future__ import annotations

import subprocess
import sys

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection

from tests import databases
from tests.conftest import PrivateCluster


@pytest.mark.django_db
def test_tests_run_as_the_application_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, session_user")
        assert cursor.fetchone() == ("lianxi_app", "lianxi_app")


@pytest.mark.django_db
def test_the_application_role_owns_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = 'lianxi_app'::regrole")
        assert cursor.fetchone() == (0,)


def test_what_a_fresh_database_commits_other_connections_see(fresh_db: databases.Database) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO auth_group (name) VALUES ('x')")
    with fresh_db.connect() as other:
        assert other.execute("SELECT count(*) FROM auth_group WHERE name = 'x'").fetchone() == (1,)
    with fresh_db.owner() as owner:
        assert owner.execute("SELECT current_user").fetchone() == ("lianxi_owner",)


def test_a_fresh_database_is_fresh(fresh_db: databases.Database) -> None:
    with fresh_db.connect() as other:
        assert other.execute("SELECT count(*) FROM auth_group WHERE name = 'x'").fetchone() == (0,)


def test_another_process_works_on_the_test_s_database(fresh_db: databases.Database) -> None:
    asks = "from django.db import connection as c; c.ensure_connection(); print(c.connection.info.dbname)"
    told = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", asks],
        env=fresh_db.env,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.stdout.strip(), told.returncode) == (fresh_db.name, 0), told.stderr


def test_a_private_cluster_is_killed_and_comes_back_with_what_was_committed(
    private_cluster: PrivateCluster,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("lianxi_app",)
        assert connection.connection.info.host == str(private_cluster.cluster.ensure())
        cursor.execute("INSERT INTO auth_group (name) VALUES ('x')")
    private_cluster.kill()
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    connection.close()
    private_cluster.start()
    with private_cluster.connect() as other:
        assert other.execute("SELECT count(*) FROM auth_group WHERE name = 'x'").fetchone() == (1,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), private_cluster.connect() as other:
        other.execute("CREATE TABLE mine ()")
