"""`manage.py rehearse`: its flags, its output and its exit status."""

import json
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from committee.models import Unit
from rehearsal.management.commands import rehearse
from tests.rehearsal.conftest import CASES, ROOT, bundled

SHORT = CASES / "05-not-non-performing.json"


def run(*arguments):
    """The exit status, what was printed, and what was said of faults."""
    out, err = StringIO(), StringIO()
    try:
        call_command("rehearse", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as ended:
        return ended.code, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


@pytest.fixture
def write(tmp_path):
    def write(name, document):
        path = tmp_path / name
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return path

    return write


@pytest.fixture
def mismatched(write):
    document = bundled(5)
    document["steps"][0]["expect"] = "plan/invalid"
    return write("mismatched.json", document)


def test_status_0_when_all_match(db):
    status, out, err = run(SHORT)
    assert (status, err) == (0, "")
    assert "handler       submit P1" in out
    assert "6/not-non-performing: " in out
    assert out.rstrip().endswith("1 of 1 rehearsals came out as their files say.")


def test_status_1_and_the_first_mismatch_when_one_does_not(db, mismatched):
    status, out, err = run(SHORT, mismatched)
    assert (status, err) == (1, "")
    told = f"{mismatched}: mismatch at step 1: expected plan/invalid, got accepted"
    assert out.splitlines()[-2:] == ["1 of 2 rehearsals came out as their files say.", told]


def test_status_2_with_file_path_and_what_is_expected_and_valid_files_run_all_the_same(db, mismatched, write):
    bad = write("bad.json", bundled(5) | {"start": "now"})
    status, out, err = run("--json", mismatched, bad, SHORT)
    assert status == 2
    assert err == f"{bad}: $.start: expects a time such as 2026-03-05T09:00\n"
    assert [json.loads(line)["matched"] for line in out.splitlines()] == [False, True]


def test_nothing_is_run_from_an_invalid_file(db, write):
    document = bundled(5) | {"bank": "某某银行"}
    document["steps"].append({"do": "dance", "by": "chair"})
    assert run("--keep", write("bad.json", document))[0] == 2
    assert not Unit.objects.exists()


def test_a_folder_is_its_files_sorted_by_name(db, write, tmp_path):
    for name in ("b.json", "a.json"):
        write(name, bundled(5))
    write("c.txt", "no rehearsal")
    status, out, _ = run("--json", tmp_path)
    assert status == 0
    assert [json.loads(line)["file"] for line in out.splitlines()] == [
        str(tmp_path / "a.json"),
        str(tmp_path / "b.json"),
    ]


def test_a_missing_path_and_an_empty_folder_are_told(db, tmp_path):
    missing = tmp_path / "none.json"
    status, out, err = run(missing, tmp_path, "--json")
    assert (status, out) == (2, "")
    assert err.splitlines() == [
        f"{missing}: $: expects a file that can be read (No such file or directory)",
        f"{tmp_path}: $: expects a file, or a folder with files *.json in it",
    ]


def test_json_has_the_keys_of_the_specification(db):
    status, out, _ = run("--json", SHORT)
    printed = json.loads(out)
    assert (status, out.count("\n")) == (0, 1)
    assert list(printed) == ["title", "file", "matched", "mismatch", "steps", "outcome", "audit"]
    assert printed | {"audit": None} == {
        "title": "Twelve days past due is not non-performing",
        "file": str(SHORT),
        "matched": True,
        "mismatch": None,
        "steps": [
            {"n": 1, "by": "handler", "do": "draft", "result": "accepted", "at": "2008-08-30T09:00:00+08:00"},
            {
                "n": 2,
                "by": "handler",
                "do": "submit",
                "result": "6/not-non-performing",
                "at": "2008-08-30T09:00:00+08:00",
            },
        ],
        "outcome": {"P1": {"state": "draft", "for": None, "against": None, "abstained": None, "rounds": 0}},
        "audit": None,
    }
    assert printed["audit"].keys() == {"entries", "verified", "head"}
    assert printed["audit"]["verified"] is True
    assert re.fullmatch("[0-9a-f]{64}", printed["audit"]["head"])


def test_json_tells_the_mismatch(db, mismatched):
    assert json.loads(run("--json", mismatched)[1])["mismatch"] == {
        "step": 1,
        "expected": "plan/invalid",
        "got": "accepted",
    }


def test_json_stays_on_one_line_whatever_the_texts(db, write):
    document = bundled(5)
    document["title"] = "离线 \u200e title"
    document["steps"][0]["note"] = "a\nb\u2028c"
    status, out, _ = run("--json", write("lines.json", document))
    assert (status, len(out.splitlines())) == (0, 1)
    assert json.loads(out)["title"] == "离线  title"  # without what nobody sees


def test_notes_are_printed(db, write):
    document = bundled(5)
    document["steps"][0]["note"] = "The borrower\nis twelve days late"
    assert "# The borrower is twelve days late" in run(write("note.json", document))[1]


def test_keep_keeps_and_takes_times_relative_to_today(db, write):
    document = bundled(5) | {"bank": "某某银行", "start": "-12d 09:00"}
    document["proposals"]["P1"]["base_date"] = "-20000d"
    path = write("kept.json", document)
    assert run(path)[0] == 2
    assert run("--keep", path)[0] == 0
    assert Unit.objects.filter(parent=None).values_list("name", flat=True).get() == "某某银行"


def test_a_bank_that_is_not_a_rehearsals_makes_the_file_invalid(db, write):
    Unit.objects.create(name="某某银行", kind=Unit.Kind.HEAD_OFFICE)
    path = write("kept.json", bundled(5) | {"bank": "某某银行"})
    status, _, err = run("--keep", path)
    assert status == 2
    assert err.startswith(f"{path}: $.bank: expects the name of no bank in the database")


def test_a_database_that_fails_is_told_without_a_traceback(db, monkeypatch):
    def fails(*_arguments, **_options):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(rehearse, "attempts", fails)
    with pytest.raises(CommandError, match="the disk is full") as caught:
        call_command("rehearse", str(SHORT))
    assert caught.value.returncode == 3


def manage(database, *arguments, **options):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=database.env | options.pop("env", {}),
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_many_files_are_played_by_several_processes_and_told_in_order(fresh_db, tmp_path):
    names = [f"{number}.json" for number in range(6)]
    for number, name in enumerate(names):
        document = bundled(5) | {"title": f"Case {number}"}
        if number == 3:
            document["steps"][0]["expect"] = "plan/invalid"
        (tmp_path / name).write_text(json.dumps(document))
    (tmp_path / "4.json").write_text("{")
    ended = manage(fresh_db, "rehearse", str(tmp_path), "--json")
    assert ended.returncode == 2
    assert ended.stderr == f"{tmp_path / '4.json'}: $: expects JSON (line 1, column 2: {JSON_FAULT})\n"
    printed = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [(one["title"], one["matched"]) for one in printed] == [
        (f"Case {number}", number != 3) for number in (0, 1, 2, 3, 5)
    ]
    assert not Unit.objects.exists()


JSON_FAULT = "Expecting property name enclosed in double quotes"


def test_a_terminal_that_cannot_show_chinese_is_no_fault(fresh_db, tmp_path):
    path = tmp_path / "title.json"
    path.write_text(json.dumps(bundled(5) | {"title": "联席"}))
    ended = manage(fresh_db, "rehearse", str(path), env={"PYTHONIOENCODING": "ascii"})
    assert (ended.returncode, ended.stderr) == (0, "")
    assert r"\u8054\u5e2d" in ended.stdout


def test_no_argument_is_a_fault_of_use(fresh_db):
    ended = manage(fresh_db, "rehearse")
    assert ended.returncode == 2
    assert "FILE_OR_FOLDER" in ended.stderr


def test_a_database_without_tables_is_told_with_the_remedy(fresh_db):
    with fresh_db.owner(autocommit=True) as owner:
        owner.execute("DROP TABLE audit_payload CASCADE")
        owner.execute("DELETE FROM django_migrations WHERE app = 'audit'")
    ended = manage(fresh_db, "rehearse", str(Path(SHORT)))
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "manage.py migrate" in ended.stderr
    assert "Traceback" not in ended.stderr
