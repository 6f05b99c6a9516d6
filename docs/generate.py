"""The pages of docs/ that are generated from the code and its tests, and the tables of `audit/verify.py`.

python -m docs.generate           writes them and names what is missing
python -m docs.generate --check   writes nothing; exit status 1 when a page is stale, a refusal is raised
                                  nowhere, a row is reached by no test, an action does not say what it does
                                  or is no verb
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from docs import actions_table, regulation_table, verifier_table

ROOT = Path(__file__).resolve().parent.parent


def pages(root: Path) -> tuple[dict[str, str], list[str]]:
    """The generated pages of the tree under ``root``, by path, and what is wrong with what they show."""
    found, actions = regulation_table.search(root), actions_table.search(root)
    acts = actions_table.acts(root)
    manual, lacking = actions_table.rehearsed(root, acts)
    texts = {
        "docs/regulation.md": regulation_table.table(found),
        "docs/actions.md": actions_table.table(actions, acts),
        "docs/rehearsals.md": manual,
    }
    problems = regulation_table.faults(found) + actions_table.faults(actions, acts) + lacking
    if (root / verifier_table.VERIFIER).exists():
        texts[verifier_table.VERIFIER], unmoved = verifier_table.written(root, acts)
        problems += unmoved
    return texts, problems


def stale(root: Path, texts: Mapping[str, str]) -> list[str]:
    """Those of the pages that are not as they are written now."""
    kept = {name: root / name for name in texts}
    return [
        f"{name} is stale: run python -m docs.generate"
        for name, path in kept.items()
        if not path.exists() or path.read_text(encoding="utf-8") != texts[name]
    ]


def main(arguments: list[str] | None = None) -> int:
    """Write the pages, or with --check compare them; 0 when all is well, and always when writing."""
    parser = argparse.ArgumentParser(
        prog="python -m docs.generate", description="the generated pages of docs/"
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail when stale or incomplete")
    parser.add_argument("--root", type=Path, default=ROOT, help="the tree to search (default: this one)")
    options = parser.parse_args(arguments)
    texts, problems = pages(options.root)
    if options.check:
        problems += stale(options.root, texts)
    else:
        for name, text in texts.items():
            (options.root / name).write_text(text, encoding="utf-8")
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    return 1 if options.check and problems else 0


if __name__ == "__main__":
    sys.exit(main())
