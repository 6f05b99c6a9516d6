"""The settings: safe unless told otherwise, each explained in docs/operations.md."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from typing import Any

import pytest
from django.conf import settings
from django.core.management import get_commands

from config.database import embedded_postgres, roles

ROOT = embedded_postgres.ROOT
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
ASK = """
import json
from django.conf import settings
names = ["DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS",
         "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "DATABASES", "APP_ROLE", "WEB_PROCESSES"]
found = {}
for name in names:
    try:
        found[name] = getattr(settings, name)
    except Exception as error:
        found[name] = type(error).__name__
print(json.dumps(found, default=str))
"""


def read_settings(**environment: str) -> dict[str, Any]:
    """Return the settings of a process with just this environment."""
    said = manage("-c", ASK, **environment)
    assert said.returncode == 0, said.stderr
    return dict(json.loads(said.stdout))


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    blank = dict.fromkeys(names_of_settings(), "")
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    defaults = {"LIANXI_DEMO": "false", "DEBUG": "false"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={key: value for key, value in blank.items() if key.endswith("_URL") and key != "EMAIL_URL"}
        | kept
        | defaults
        | {"DJANGO_SETTINGS_MODULE": "config.settings"}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def names_of_settings() -> list[str]:
    """Return the names that config/settings.py reads from the environment."""
    tree = ast.parse((ROOT / "config" / "settings.py").read_text())
    return [
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]


def table_under(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading of docs/operations.md, without its head."""
    section = OPERATIONS.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_every_setting_is_documented_and_no_other() -> None:
    documented = [name for row in table_under("Settings") for name in re.findall(r"`([A-Z0-9_]+)`", row[0])]
    read = set(names_of_settings())
    differing = sorted(read ^ {*documented})
    assert sorted(documented) == sorted(read), f'"Settings" in docs/operations.md differs in {differing}'


def test_every_command_of_ours_is_documented_and_no_other() -> None:
    apps = {each for each in settings.INSTALLED_APPS if (ROOT / each).is_dir()}
    ours = {name for name, app in get_commands().items() if app in apps}
    documented = {name for row in table_under("Commands") for name in re.findall(r"`([a-z_]+)", row[0])}
    assert documented - {"procrastinate"} == ours


def test_every_periodic_job_is_documented_with_its_time_and_no_other() -> None:
    tasks = "\n".join(path.read_text() for path in sorted(ROOT.glob("*/tasks.py")))
    jobs = set(re.findall(r'periodic\(cron="([^"]+)", periodic_id="([a-z_]+)"\)', tasks))
    assert len(jobs) == tasks.count("@app.periodic(")
    documented = table_under("What the worker does by itself")
    told = {(row[1].strip("`"), row[0].strip("`")) for row in documented}
    section = '"What the worker does by itself" in docs/operations.md'
    assert told == jobs, f"{section} differs in {sorted(told ^ jobs)}"


def test_the_documented_sql_is_what_provides_the_embedded_database() -> None:
    blocks = "\n".join(re.findall(r"```sql\n(.*?)```", OPERATIONS, re.DOTALL))
    names = {"owner": roles.OWNER_ROLE, "app": roles.APP_ROLE, "sealer": roles.SEALER_ROLE}
    names["database"] = roles.DATABASE
    ours = "".join(roles.ROLES + roles.CREATE_DATABASE + roles.RIGHTS).format(**names)
    assert [line for line in blocks.splitlines() if line] == [line for line in ours.splitlines() if line]


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {re.split(r"[\[~=<>]", each)[0] for each in wanted}
    explained = set(re.findall(r"`([a-z0-9-]+)`", (ROOT / "docs" / "dependencies.md").read_text()))
    assert names <= explained


def test_production_is_what_one_gets_unasked() -> None:
    found = read_settings()
    assert found["DEBUG"] is False
    assert found["SECRET_KEY"] == "ImproperlyConfigured"
    assert found["ALLOWED_HOSTS"] == []
    assert found["SECURE_SSL_REDIRECT"] is True
    assert found["SECURE_HSTS_SECONDS"] > 365 * 24 * 3600
    assert found["SESSION_COOKIE_SECURE"] is True
    assert found["CSRF_COOKIE_SECURE"] is True


def test_the_site_does_not_start_without_a_secret_key() -> None:
    said = manage("-c", "import config.asgi")
    assert said.returncode == 1
    assert "SECRET_KEY" in said.stderr


def test_the_demo_speaks_plain_http_on_this_machine_alone_and_shows_no_debug_pages() -> None:
    found = read_settings(LIANXI_DEMO="true")
    assert found["DEBUG"] is False
    assert len(found["SECRET_KEY"]) >= 50
    assert set(found["ALLOWED_HOSTS"]) == {"127.0.0.1", "localhost", "[::1]"}
    assert found["SECURE_SSL_REDIRECT"] is False
    assert (ROOT / "var" / "demo-secret-key").stat().st_mode & 0o777 == 0o600


def test_a_server_of_ones_own_is_used_in_place_of_the_embedded_one() -> None:
    found = read_settings(
        DATABASE_URL="postgresql://bank_app:a@db.example:5433/bank",
        DATABASE_OWNER_URL="postgresql://bank_owner:b@db.example:5433/bank",
    )
    default, owner = found["DATABASES"]["default"], found["DATABASES"]["owner"]
    assert (default["ENGINE"], default["HOST"], default["USER"]) == (
        "django.db.backends.postgresql",
        "db.example",
        "bank_app",
    )
    assert default["OPTIONS"]["pool"]["max_size"] == 16
    assert owner["USER"] == "bank_owner"
    assert found["APP_ROLE"] == "bank_app"


def test_a_web_server_needs_no_owner_and_then_cannot_migrate() -> None:
    url = "postgresql://bank_app:a@127.0.0.1:1/bank"
    assert read_settings(DATABASE_URL=url)["DATABASES"]["owner"]["ENGINE"] == "django.db.backends.dummy"
    said = manage("manage.py", "migrate", DATABASE_URL=url)
    assert said.returncode == 1
    assert "DATABASE_OWNER_URL is not set" in said.stderr


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"DATABASE_OWNER_URL": "postgresql://o@h/d"}, "without DATABASE_URL"),
        ({"DATABASE_OWNER_URL": "postgresql://o@h/d", "DATABASE_URL": "postgresql://o@h/d"}, "same role"),
        ({"DATABASE_SEALER_URL": "postgresql://o@h/d"}, "DATABASE_SEALER_URL is set without DATABASE_URL"),
        ({"DATABASE_SEALER_URL": "postgresql://o@h/d", "DATABASE_URL": "postgresql://o@h/d"}, "same role"),
    ],
    ids=["owner alone", "one role for both", "sealer alone", "one role for both again"],
)
def test_a_half_configured_database_is_refused(environment: dict[str, str], words: str) -> None:
    said = manage("-c", "import config.settings", **environment)
    assert said.returncode == 1
    assert words in said.stderr


def test_the_content_security_policy_allows_nothing_inline() -> None:
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    allowed = {source for sources in directives.values() for source in sources}
    assert allowed == {"'self'", "'none'"}
    assert directives["default-src"] == ["'none'"]
