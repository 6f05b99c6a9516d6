"""What commands write is its owner's alone, whatever the umask is: mode 600, and 700 for folders."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command, get_commands, load_command_class

from audit import private
from tests.stage import Stage, stages

ROOT = Path(django_settings.BASE_DIR)
OURS = ("accounts", "api", "audit", "committee", "config", "office", "pages", "proposals", "rehearsal", "web")
#: command and option that names what is written → where its mode is looked at
WRITES = {
    ("papers", "to"): "below",
    ("render_paper", "to"): "below",
    ("export_archive", "to"): "below",
    ("backup", "to"): "tests/config/test_backup.py",
    ("dossier", "to"): "tests/office/dossier/test_sealed_paper.py",
    ("audit export", "to"): "tests/audit/test_exports.py",
    ("audit checkpoint", "out"): "tests/audit/test_audit_command.py",
    ("audit prove", "out"): "tests/audit/test_audit_command.py",
    ("audit keys", "out"): "tests/audit/test_audit_command.py",
}
#: where files with confidential contents are written for commands
MODULES = [
    *(path for app in OURS for path in sorted((ROOT / app).glob("management/commands/*.py"))),
    *sorted((ROOT / "documents/archive").glob("*.py")), *sorted((ROOT / "config/backup").glob("*.py")),
    *sorted((ROOT / "audit/exports").glob("*.py")), ROOT / "rehearsal/demo_log.py",
]  # fmt: skip
#: calls that make a file or a folder by the umask; Django's static files are everybody's
BARE = {"write_text", "write_bytes", "mkdir", "makedirs"}
ALLOWED = {
    "rehearsal/management/commands/demo.py": {"mkdir"},
    # an entry of a ZIP
    "documents/archive/writing.py": {"open"},
    "audit/exports/target.py": {"open"},
}

case = stages("case", lambda: Stage().to("signed"))


@pytest.fixture(autouse=True)
def open_umask(settings: Any, tmp_path: Path) -> Iterator[None]:
    """The usual umask, by which others may read."""
    settings.MEDIA_ROOT = tmp_path / "media"
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(path: Path) -> dict[str, str]:
    """What is not its owner's alone, at the path and below."""
    there = [path, *(path.rglob("*") if path.is_dir() else ())]
    return {str(each): oct(each.stat().st_mode & 0o777) for each in there if each.stat().st_mode & 0o077}


def test_every_option_that_names_what_is_written_is_looked_at() -> None:
    found = set()
    for name, app in get_commands().items():
        if app not in OURS:
            continue
        parser = load_command_class(app, name).create_parser("manage.py", name)
        parsers = {name: parser}
        for action in parser._actions:
            if isinstance(action.choices, dict):  # subcommands
                parsers |= {f"{name} {verb}": inner for verb, inner in action.choices.items()}
        found |= {
            (each, action.dest)
            for each, inner in parsers.items()
            for action in inner._actions
            if action.dest in ("to", "out")
        }
    assert found == WRITES.keys()


def test_nothing_is_written_by_the_umask() -> None:
    bare = {}
    for path in MODULES:
        where = str(path.relative_to(ROOT))
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                name = node.func.attr
                given = {each.value for each in node.args if isinstance(each, ast.Constant)}
                opens = name == "open" and given & {"w", "wb", "x", "xb"}
                private_ = 0o700 in given or any(key.arg == "mode" for key in node.keywords)
                if name not in ALLOWED.get(where, ()) and (opens or (name in BARE and not private_)):
                    bare[f"{where}:{node.lineno}"] = name
    assert bare == {}


def test_papers_dossiers_and_archives(case: Stage, tmp_path: Path) -> None:
    case.do("draw_up_papers")
    target, quiet = tmp_path / "made" / "out", StringIO()
    call_command("papers", str(case.meeting.pk), "--to", str(target), stdout=quiet)
    data = next(target.glob("*.json"))
    kind = json.loads(data.read_text())["kind"]
    there = tmp_path / "there.pdf"
    there.touch(0o644)
    for to in (tmp_path / "made" / "again.pdf", there):
        call_command("render_paper", kind, "--data", str(data), "--to", str(to), stdout=quiet)
    case.step = "signed"
    case.to("archived")
    for name in ("file", "file.zip"):
        call_command(
            "export_archive", str(case.meeting.pk), "--to", str(tmp_path / "made" / "deep" / name),
            stdout=quiet, stderr=quiet,
        )  # fmt: skip
    call_command("import_archive", str(tmp_path / "made" / "deep" / "file.zip"), stdout=quiet)
    assert modes(tmp_path / "made") == modes(there) == modes(tmp_path / "media" / "archives") == {}
    assert len([*(tmp_path / "made").rglob("*")]) > 20


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    private.folder(tmp_path / "a" / "b")
    assert tmp_path.stat().st_mode & 0o777 == 0o755
    assert modes(tmp_path / "a") == {}
