"""The table docs/actions.md: every action of the engine, its row in the tables of acts, what holds after it;
and the table of verbs in docs/rehearsals.md.

Sources are read as syntax trees, nothing is imported. An action is a function decorated with ``@action``; a
table of acts is the call of ``table`` in a package's ``permissions.py``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.packages import PACKAGES

#: the actions that are no verb of a table: what the administrator sets up, what the system does, what needs
#: a person's own key, what two people do for a verb, the auditors' own papers, a verb done in parts; of the
#: ledger what pages, files and jobs do
APART = re.compile(
    r"\.actions\.(founding|people|disposal|exporting|signing|keys)\."
    r"|\.(draft_amendment|publish_amendment|discard_amendment)$|\.exceptions\."
    r"|\.(switch_liaison|send_dispatch|draw_up_some)$|^rehearsal\.(bank|ledger)\.|^audit\.exports\."
    r"|\.actions\.(identities|institutions|policies)\.|\.tapes\.hand_in$|\.(lapse_reviews|escalate_warnings|judge_ended)$"
)
#: the rows of the table of verbs in docs/rehearsals.md
_REHEARSED = re.compile(r"(?<=\| do \| arguments \|\n\|---\|---\|\n)(?:\|.*\n)*")
#: how a file names what a verb makes, in place of the object (`rehearsal/verbs.py`)
_HANDLES = {
    "draft": ("proposal",),
    "revise": ("proposal", "of"),
    "convene": ("meeting",),
    **dict.fromkeys(("receive_dispatch", "acknowledge_dispatch", "send_again"), ("meeting", "to")),
}

#: how the argument for an object of the ledger is called where it is not as the model
_NAMES = {"targetset": "target_set", "accountability": "review", "assignment": "duty"}


@dataclass(frozen=True, slots=True)
class Act:
    """One row of a table of acts, as it is written; states without their enumeration."""

    verb: str
    action: str
    on: str
    office: str
    code: str
    states: str
    takes: tuple[str, ...]
    optional: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """One action: ``place`` is its module, ``says`` the first line of its docstring or empty."""

    app: str
    name: str
    place: str
    says: str

    @property
    def path(self) -> str:
        """The name by which a table names it."""
        return f"{self.place}.{self.name}"


def search(root: Path) -> list[Action]:
    """The actions of the tree under ``root``, app by app from the lowest, then by module, in order.

    An action lives in the lowest app that sees all that it must check.
    """
    return [
        action
        for app in PACKAGES
        for path in sorted((root / app).rglob("*.py"))
        for action in _actions(app, path, ".".join(path.relative_to(root).with_suffix("").parts))
    ]


def _actions(app: str, path: Path, place: str) -> Iterator[Action]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and any(_is_action(mark) for mark in node.decorator_list):
            says = " ".join((ast.get_docstring(node) or "").partition("\n\n")[0].split())
            yield Action(app, node.name, place, says)


def _is_action(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Name) and decorator.id == "action"


def acts(root: Path) -> list[Act]:
    """The rows of the tables of acts of the tree under ``root``, app by app, in order."""
    return [act for app in PACKAGES for act in _acts(root / app / "permissions.py")]


def _acts(path: Path) -> Iterator[Act]:
    if not path.exists():
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "table":
            package, rows = map(_value, node.args)
            assert isinstance(rows, ast.Dict)
            for key, row in zip(rows.keys, rows.values, strict=True):
                assert isinstance(key, ast.Constant)
                assert isinstance(row, ast.Call)
                yield _act(package, str(key.value), row, named)


def _value(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else node


def _act(package: object, verb: str, row: ast.Call, named: Mapping[str, ast.expr]) -> Act:
    on, office, code, action, *more = row.args
    given = dict(zip(("states", "takes", "optional"), more, strict=False))
    given |= {each.arg: each.value for each in row.keywords if each.arg}
    return Act(
        verb,
        f"{package}.actions.{_value(action)}",
        ast.unparse(on).lower(),
        _words(ast.unparse(office).replace(" | ", " or ")),
        str(_value(code)),
        _states(given["states"]) if "states" in given else "",
        _keys(given.get("takes"), named),
        _keys(given.get("optional"), named),
    )


def _keys(node: ast.expr | None, named: Mapping[str, ast.expr]) -> tuple[str, ...]:
    """The keys of a mapping: `{"seat": Kind.SEAT}`, `_SEAT | _TEXT`."""
    if isinstance(node, ast.BinOp):
        return (*_keys(node.left, named), *_keys(node.right, named))
    if isinstance(node, ast.Name):
        return _keys(named[node.id], named)
    return tuple(str(_value(key)) for key in node.keys if key) if isinstance(node, ast.Dict) else ()


def _states(node: ast.expr) -> str:
    """Each state, or the name under which the model has several: `(_S.DRAFT,)`, `Meeting.RUNNING`."""
    each = node.elts if isinstance(node, ast.Tuple) else [node]
    return ", ".join(_words(ast.unparse(state).rpartition(".")[2]) for state in each)


def _words(name: str) -> str:
    return name.lower().replace("_", " ")


def table(actions: list[Action], rows: list[Act]) -> str:
    """The page, the same bytes for the same tree."""
    by_action = {row.action: row for row in rows}
    lines = [
        "# The actions",
        "",
        "Generated by `python -m docs.generate`; do not edit. Whatever changes anything is one of these",
        "functions; pages, rehearsals and programs call the same ones. An action lives in the lowest app",
        "that sees all that it must check. A verb is a row of that app's table of acts (`permissions.py`):",
        "on what, whose office, the refusal to others who see the object, and in which states, of the object",
        "or, on a committee, of the plans that are named. What has no verb is the administrator's or the",
        "system's. The other refusals of each are in its docstring, their articles in `docs/regulation.md`.",
        "",
        "| Verb | On | Office | Refusal to others | States | Action | What holds after the call |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [_line(action, by_action.get(action.path)) for action in actions]
    return "\n".join(lines) + "\n"


def _line(action: Action, row: Act | None) -> str:
    said = action.says.replace("|", chr(92) + "|")
    if row is None:
        return f"| | | | | | `{action.path}` | {said} |"
    cells = (f"`{row.verb}`", row.on, row.office, f"`{row.code}`", row.states, f"`{action.path}`", said)
    return f"| {' | '.join(cells)} |"


def faults(actions: list[Action], rows: list[Act]) -> list[str]:
    """What must not be: an action that does not say what holds after it, one name in two places, and what
    `unmatched` finds.
    """
    silent = [f"{action.path}: no docstring" for action in actions if not action.says]
    names = [action.name for action in actions]
    doubles = sorted({name for name in names if names.count(name) > 1})
    several = [f"{name}: an action of more than one module" for name in doubles]
    return [*silent, *several, *unmatched(actions, rows)]


def unmatched(actions: list[Action], rows: list[Act]) -> list[str]:
    """The actions of no verb, and the verbs of no action."""
    paths = {action.path for action in actions}
    known = {row.action for row in rows}
    without = [f"{path}: in no table of acts" for path in sorted(paths - known) if not APART.search(path)]
    return without + [f"{row.verb}: no action {row.action}" for row in rows if row.action not in paths]


def rehearsed(root: Path, rows: list[Act]) -> tuple[str, list[str]]:
    """The manual docs/rehearsals.md with its table of verbs made anew (on plans, meetings, committees), and
    what is wrong with it.
    """
    manual = (root / "docs" / "rehearsals.md").read_text(encoding="utf-8")
    order = ("proposal", "meeting", "dispatch", "committee")
    verbs = "".join(
        _rehearsed(row)
        for row in sorted(rows, key=lambda row: order.index(row.on) if row.on in order else len(order))
    )
    written, tables = _REHEARSED.subn(lambda _found: verbs, manual, count=1)
    return written, [] if tables else ["docs/rehearsals.md: no table of verbs"]


def _rehearsed(row: Act) -> str:
    """A file has one committee, which no step names."""
    takes = () if row.verb == "draft" else row.takes
    handles = _HANDLES.get(row.verb, () if row.on == "committee" else (_NAMES.get(row.on, row.on),))
    words = [*(f"`{name}`" for name in (*handles, *takes)), *(f"[`{name}`]" for name in row.optional)]
    return f"| `{row.verb}` | {', '.join(words)} |\n"
