"""What is mutated, and which tests judge it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from config.packages import PACKAGES
from tests.mutation.operators import Mutant

ROOT = Path(__file__).resolve().parents[2]
#: the packages with actions, permissions, checks and pages
MUTATED = tuple(each for each in PACKAGES if each not in {"regulation", "rehearsal", "config"})
WRITTEN = ROOT / "var" / "mutation"
#: tests whose product runs in another process, or that take it down
LEFT_OUT = (
    "tests/journeys",
    "tests/docs",
    "tests/config",
    "tests/rehearsal/test_demo.py",
    "tests/voting/test_crash.py",
)


def is_target(path: Path) -> bool:
    """Whether the module is one of the product's rules, actions, permissions, checks or pages."""
    parts = path.relative_to(ROOT).parts
    return parts[0] in MUTATED and not {"migrations", "management"} & set(parts) and path.suffix == ".py"


def modules() -> Iterator[Path]:
    """Every module that is mutated."""
    for package in MUTATED:
        yield from (path for path in sorted((ROOT / package).rglob("*.py")) if is_target(path))


@dataclass
class Map:
    """Which tests reach a function, and how long each takes."""

    seconds: dict[str, float] = field(default_factory=dict)
    tests: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    breadth: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @classmethod
    def read(cls) -> Map:
        """What the runs of `map` have written; FileNotFoundError when there is none."""
        made = cls()
        files = sorted(WRITTEN.glob("map-*.json"))
        if not files:
            raise FileNotFoundError("run `python -m tests.mutation map` first")
        for file in files:
            found = json.loads(file.read_text(encoding="utf-8"))
            made.seconds |= found["seconds"]
            for test, names in found["calls"].items():
                made.breadth[test] += len(names)
                for name in names:
                    made.tests[name].add(test)
        return made

    def judges(self, mutant: Mutant, seconds: float) -> list[str]:
        """The tests that may notice the mutant, the likeliest first, of at most so many seconds in all."""
        reaching = self._reaching(mutant)
        whole = {test for test in reaching if "::" not in test}
        tests = (reaching - whole) | {test for test in self.seconds if test.partition("::")[0] in whole}
        chosen: list[str] = []
        spent = 0.0
        for test in sorted(tests & self.seconds.keys(), key=lambda each: self._rank(each, mutant)):
            spent += self.seconds[test] + 0.05
            if chosen and spent > seconds:
                break
            chosen.append(test)
        return chosen

    def _reaching(self, mutant: Mutant) -> set[str]:
        if mutant.function != "<module>":
            return self.tests.get(f"{mutant.path}:{mutant.function}", set())
        prefix = f"{mutant.path}:"
        return {test for name, tests in self.tests.items() if name.startswith(prefix) for test in tests}

    def _rank(self, test: str, mutant: Mutant) -> tuple[float, float]:
        """Tests of the same name come first, then those that reach little else, then the quick ones."""
        words = set(mutant.path.removesuffix(".py").replace("/", "_").split("_"))
        own = set(test.partition("::")[0].removesuffix(".py").replace("/", "_").split("_"))
        return (-len(words & own), (self.breadth.get(test, 0) + 20) * (self.seconds[test] + 0.05))
