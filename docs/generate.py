"""The pages of docs/ that are generated from the code and its tests.

python -m docs.generate           writes them and names what is missing
python -m docs.generate --check   writes nothing; exit status 1 when a page is stale, a refusal is raised
                                  nowhere, a row is reached by no test, an action does not say what it does
                                  or is no verb, or docs/rehearsals.md lacks a verb
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from docs import actions_table, regulation_table

ROOT = Path(__file__).resolve().parent.parent


def pages(root: Path) -> tuple[dict[str, str], list[str]]:
    """The generated pages of the tree under ``root``, by path, and what is wrong with what they show."""
    found, actions = regulation_table.search(root), actions_table.search(root)
    acts = actions_table.acts(root)
    texts = {
        "docs/regulation.md": regulation_table.table(found),
        "docs/actions.md": actions_table.table(actions, acts),
    }
    problems = regulation_table.faults(found) + actions_table.faults(actions, acts)
    return texts, problems + actions_table.unrehearsed(root, acts)


def main(arguments: list[str] | None = None) -> int:
    """Write the pages, or with --check compare them; 0 when all is well, and always when writing."""
    parser = argparse.ArgumentParser(
        prog="python -m docs.generate", description="the generated pages of docs/"
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail when stale or incomplete")
    parser.add_argument("--root", type=Path, default=ROOT, help="the tree to search (default: this one)")
    options = parser.parse_args(arguments)
    texts, problems = pages(options.root)
    for name, text in texts.items():
        path = options.root / name
        if not options.check:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            problems.append(f"{name} is stale: run python -m docs.generate")
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    return 1 if options.check and problems else 0


if __name__ == "__main__":
    sys.exit(main())
