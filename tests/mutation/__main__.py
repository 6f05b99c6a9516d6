"""`python -m tests.mutation map|run`: see the package."""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.mutation import targets
from tests.mutation.operators import Mutant, mutants_of
from tests.mutation.targets import WRITTEN, Map

MAIN = [sys.executable, "-m", "tests.mutation"]
PYTEST = ["-q", "-p", "no:cacheprovider", *(f"--ignore={path}" for path in targets.LEFT_OUT)]


def main() -> int:
    """Do as the command line says; 0, or 1 when a run went wrong."""
    options = _options()
    if options.part is not None:
        return _map_part(options) if options.verb == "map" else _run_part(options)
    if options.verb == "run":
        _choose(options)
    parts = [subprocess.Popen([*MAIN, *sys.argv[1:], "--part", str(part)]) for part in range(options.workers)]
    status = max(part.wait() for part in parts)
    if options.verb == "run" and not status:
        _report()
    return status


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("verb", choices=["map", "run"])
    parser.add_argument("--workers", type=int, default=2, help="processes side by side (default: 2)")
    parser.add_argument("--count", type=int, default=300, help="mutants to judge (default: 300)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (default: 1)")
    parser.add_argument("--seconds", type=float, default=40.0, help="tests of so many seconds judge a mutant")
    parser.add_argument(
        "--survivors", action="store_true", help="judge again those that survived the last run"
    )
    parser.add_argument("--part", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


# -- Map --------------------------------------------------------------------------------------------


class _Share:
    """Keeps a share of the modules of tests, with about as many tests as each other share."""

    def __init__(self, part: int, of: int) -> None:
        self.part, self.of = part, of

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Others' modules are not run here."""
        tests = Counter(item.nodeid.partition("::")[0] for item in items)
        shares = [0] * self.of
        own = set()
        for module, count in tests.most_common():
            least = shares.index(min(shares))
            shares[least] += count
            if least == self.part:
                own.add(module)
        items[:] = [item for item in items if item.nodeid.partition("::")[0] in own]


def _map_part(options: argparse.Namespace) -> int:
    from tests.mutation.reached import Reached

    written = Reached(WRITTEN / f"map-{options.part}.json")
    status = pytest.main([*PYTEST, "tests"], plugins=[written, _Share(options.part, options.workers)])
    return 0 if status in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED} else 1


# -- Run --------------------------------------------------------------------------------------------


def _choose(options: argparse.Namespace) -> None:
    """The mutants of this run are written down, for its parts."""
    if options.survivors:
        chosen = [row for row in _outcomes() if row["outcome"] in {"survived", "unreached"}]
    else:
        every = [mutant for path in targets.modules() for mutant in mutants_of(targets.ROOT, path)]
        chosen = [
            asdict(each) for each in random.Random(options.seed).sample(every, min(options.count, len(every)))
        ]
    WRITTEN.mkdir(parents=True, exist_ok=True)
    for old in WRITTEN.glob("outcomes-*.jsonl"):
        old.unlink()
    (WRITTEN / "chosen.json").write_text(json.dumps(chosen), encoding="utf-8")


def _run_part(options: argparse.Namespace) -> int:
    from tests.mutation.judging import Judge

    rows = json.loads((WRITTEN / "chosen.json").read_text(encoding="utf-8"))
    mutants = [
        Mutant(row["path"], row["function"], row["line"], row["what"], row["number"])
        for row in rows[options.part :: options.workers]
    ]
    with (WRITTEN / f"outcomes-{options.part}.jsonl").open("w", encoding="utf-8") as file:

        def told(mutant: Mutant, outcome: str) -> None:
            file.write(json.dumps(asdict(mutant) | {"outcome": outcome}) + "\n")
            file.flush()

        judge = Judge(mutants, Map.read(), options.seconds, told)
        status = pytest.main([*PYTEST, "-p", "no:randomly", "tests"], plugins=[judge])
    return 0 if status in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED} else 1


def _outcomes() -> list[dict[str, str]]:
    return [
        json.loads(line)
        for file in sorted(Path(WRITTEN).glob("outcomes-*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]


def _report() -> None:
    rows = _outcomes()
    counted = Counter(row["outcome"] for row in rows)
    noticed = counted["noticed"] + counted["time"]
    for row in sorted(rows, key=lambda each: (each["outcome"], each["path"], int(each["line"]))):
        if row["outcome"] in {"survived", "unreached"}:
            sys.stdout.write(
                f"{row['outcome']:9} {row['path']}:{row['line']} {row['function']}: {row['what']}\n"
            )
    sys.stdout.write(
        f"{noticed} of {len(rows)} noticed ({noticed / max(len(rows), 1):.0%}): {dict(counted)}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
