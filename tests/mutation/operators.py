"""Mutants of the product's functions: one small change to the syntax tree each.

A mutant is named by its module, the function that it stands in (the outermost one, or `<module>`), the
line, and what was changed to what. Texts for people, log lines and assertions are left alone.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
#: calls whose keywords choose or set something
_CHOOSING = frozenset({"filter", "exclude", "get", "update", "create", "Q", "values", "record", "Refused"})
#: calls in a chain that can be left out
_CHAINED = frozenset(
    {"filter", "exclude", "select_for_update", "distinct", "order_by", "reverse", "visible_to"}
)
_WORDED = frozenset(
    {"_", "gettext", "gettext_lazy", "pgettext", "ngettext", "format_html", "getLogger", "cast"}
)
_SILENT = frozenset({"debug", "info", "warning", "error", "exception"})

Change = Callable[[ast.AST], ast.AST]


@dataclass(frozen=True)
class Mutant:
    """One changed place; `number` counts the changes of the module in the order of `changes_of`."""

    path: str
    function: str
    line: int
    what: str
    number: int

    @property
    def name(self) -> str:
        return f"{self.path}:{self.line} {self.function}: {self.what}"


def mutants_of(root: Path, path: Path) -> list[Mutant]:
    """Every mutant of the module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = str(path.relative_to(root))
    return [
        Mutant(name, function, getattr(node, "lineno", 0), what, number)
        for number, (function, node, what, _) in enumerate(_changes(tree))
    ]


def mutated(path: Path, number: int) -> ast.Module:
    """The module's tree with that change made; lines stay as they were."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for place, (_, node, _, change) in enumerate(_changes(tree)):
        if place == number:
            changed = _Replace(node, change(copy.deepcopy(node))).visit(tree)
            return ast.fix_missing_locations(changed)
    raise ValueError(f"{path} has no mutant {number}")


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self.old:
            return ast.copy_location(self.new, node)
        return super().visit(node)


def _changes(tree: ast.Module) -> Iterator[tuple[str, ast.AST, str, Change]]:
    for function, node in _walk(tree, "", None):
        for what, change in _of_node(node):
            yield function or "<module>", node, what, change


def _walk(node: ast.AST, prefix: str, function: str | None) -> Iterator[tuple[str | None, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        if _left_alone(child) or child is getattr(node, "annotation", None):
            continue
        if isinstance(child, ast.ClassDef) and function is None:
            yield from _walk(child, f"{prefix}{child.name}.", None)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            name = function or f"{prefix}{child.name}"
            for part in child.body:
                yield name, part
                yield from _walk(part, "", name)
        else:
            yield function, child
            yield from _walk(child, prefix, function)


def _left_alone(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert | ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return True
    return isinstance(node, ast.Call) and _called(node) in _WORDED | _SILENT


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _of_node(node: ast.AST) -> Iterator[tuple[str, Change]]:
    before = ast.unparse(node).partition("\n")[0][:110]
    for label, change in _named_changes(node):
        after = ast.unparse(change(copy.deepcopy(node))).partition("\n")[0][:110]
        if before != after or label:
            yield f"{before} → {label or after}", change


def _named_changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            if type(operator) in _COMPARED:
                yield "", _compared(place)
    elif isinstance(node, ast.BoolOp):
        yield "", _other_word
        for place in range(len(node.values)):
            yield "", _without_value(place)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "", lambda each: each.operand  # type: ignore[attr-defined]  # a UnaryOp has it
    elif isinstance(node, ast.If):
        yield "never", _test(value=False)
        yield "always", _test(value=True)
    elif isinstance(node, ast.IfExp):
        yield "", lambda each: each.body  # type: ignore[attr-defined]  # an IfExp has it
        yield "", lambda each: each.orelse  # type: ignore[attr-defined]  # an IfExp has it
    elif isinstance(node, ast.BinOp):
        if type(node.op) in _COMPUTED and not isinstance(node.left, ast.Constant | ast.JoinedStr):
            yield "", _computed
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield "", lambda each: ast.Constant(not each.value)  # type: ignore[attr-defined]  # a Constant has it
        elif isinstance(node.value, int):
            yield "", lambda each: ast.Constant(each.value + 1)  # type: ignore[attr-defined]  # a Constant has it
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        if len(node.elts) > 1 and all(isinstance(each, ast.Constant | ast.Attribute) for each in node.elts):
            for place in range(len(node.elts)):
                yield "", _without_element(place)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        if _called(node.value) not in _SILENT:
            yield "left out", lambda _: ast.Pass()
    elif isinstance(node, ast.Raise):
        yield "left out", lambda _: ast.Pass()
    elif isinstance(node, ast.comprehension):
        for place in range(len(node.ifs)):
            yield "", _without_condition(place)


def _calls(node: ast.Call) -> Iterator[tuple[str, Change]]:
    called = _called(node)
    if called in _CHOOSING:
        for place, keyword in enumerate(node.keywords):
            if keyword.arg is not None:
                yield "", _without_keyword(place)
    if (
        called in _CHAINED
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Call | ast.Attribute)
    ):
        yield "", lambda each: each.func.value  # type: ignore[attr-defined]  # a Call of an Attribute has it
    if called in {"any", "all"}:
        yield "", _other_quantifier
    if called in {"min", "max"}:
        yield "", _other_extreme


def _compared(place: int) -> Change:
    def change(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.Compare)
        node.ops[place] = _COMPARED[type(node.ops[place])]()
        return node

    return change


def _other_word(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.BoolOp)
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    return node


def _without_value(place: int) -> Change:
    def change(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.BoolOp)
        del node.values[place]
        return node if len(node.values) > 1 else node.values[0]

    return change


def _test(*, value: bool) -> Change:
    def change(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.If)
        node.test = ast.copy_location(ast.Constant(value), node.test)
        return node

    return change


def _computed(node: ast.AST) -> ast.AST:
    assert isinstance(node, ast.BinOp)
    node.op = _COMPUTED[type(node.op)]()
    return node


def _without_element(place: int) -> Change:
    def change(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.Tuple | ast.List | ast.Set)
        del node.elts[place]
        return node

    return change


def _without_condition(place: int) -> Change:
    def change(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.comprehension)
        del node.ifs[place]
        return node

    return change


def _without_keyword(place: int) -> Change:
    def change(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.Call)
        del node.keywords[place]
        return node

    return change


def _renamed(node: ast.AST, names: dict[str, str]) -> ast.AST:
    assert isinstance(node, ast.Call)
    if isinstance(node.func, ast.Name):
        node.func.id = names.get(node.func.id, node.func.id)
    return node


def _other_quantifier(node: ast.AST) -> ast.AST:
    return _renamed(node, {"any": "all", "all": "any"})


def _other_extreme(node: ast.AST) -> ast.AST:
    return _renamed(node, {"min": "max", "max": "min"})
