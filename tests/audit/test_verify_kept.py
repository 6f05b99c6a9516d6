"""What the verifier keeps of streams, partly in a file: as if all of it were in memory (audit/verify.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import verify
from benchmarks import made_export

NAMES = [f"{kind}:{number}" for kind in ("meeting", "meetings", "proposal") for number in range(12)]
STEPS = st.lists(st.tuples(st.sampled_from(("get", "add", "change", "pop", "of")), st.sampled_from(NAMES)))


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two or three values are in memory."""
    monkeypatch.setattr(verify, "MOST_KEPT", 2)


@pytest.mark.usefixtures("little")
@given(STEPS)
def test_values_are_those_of_a_dictionary(steps: list[tuple[str, str]]) -> None:
    kept: verify.Kept[list[int]] = verify.Kept()
    plain: dict[str, list[int]] = {}
    for number, (step, name) in enumerate(steps):
        if step == "add":
            plain[name] = [number]
            kept.add(name, [number])
        elif step == "change" and name in plain:
            plain[name].append(number)
            found = kept.get(name)
            assert found is not None
            found.append(number)
        elif step == "pop":
            assert kept.pop(name) == plain.pop(name, None)
        elif step == "of":
            kind = name.partition(":")[0]
            wanted = sorted(each for each in plain.items() if each[0].startswith(f"{kind}:"))
            assert list(kept.of(kind)) == wanted
        assert kept.get(name) == plain.get(name)


def found_of(folder: Path) -> Any:
    return verify.verify(str(folder), [str(made_export.LOG.key)], [], "en")


def test_what_is_found_does_not_depend_on_where_streams_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the fault of a plan that had been put away: its last entry is gone, and another has its number."""
    folder = tmp_path / "export"
    made_export.make(folder, 700, receipts=2)
    sound = found_of(folder)
    assert sound[0] == 0
    lines = (folder / "entries.jsonl").read_text().splitlines(keepends=True)
    place = next(n for n, line in enumerate(lines) if '"action":"record_receipt"' in line)
    damaged = lines[:place] + lines[place + 1 :]
    monkeypatch.setattr(verify, "MOST_KEPT", 2)
    assert found_of(folder) == sound
    (folder / "entries.jsonl").write_text("".join(damaged))
    with_little = found_of(folder)
    monkeypatch.setattr(verify, "MOST_KEPT", 100_000)
    assert found_of(folder) == with_little
    assert with_little[0] == 1
