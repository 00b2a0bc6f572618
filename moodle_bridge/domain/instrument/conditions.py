"""Row conditions (``show_if``, ``required_if``): read from an expression, kept as a JSON tree, evaluated.

The plugin evaluates the very same tree in PHP; both sides run the vectors in
``contract/vectors/conditions.json``. This text is the specification.

**Expression** (in instrument files): Python's syntax for ``and or not == != < <= > >= in not in + -``,
parentheses, ``[a, b]``, numbers, quoted strings, ``true``, ``false`` and names. A name is a column of the
same row, else an item of the form, else a known code or session kind (a literal). ``prev.ID``,
``session.kind|date|today``, ``plan.ID``, ``count(mentees)``, ``rows(TABLE)`` and ``rows(TABLE, CONDITION)``
are the only dotted names and calls; the condition of rows names columns of that table first.

**Tree** (prefix lists): ``["and", t, ...]``, ``["or", t, ...]``, ``["not", t]``,
``["==" | "!=" | "<" | "<=" | ">" | ">=" | "in", a, b]``, ``["+" | "-", a, b]``; leaves ``["ref", id]``,
``["prev", id]``, ``["session", key]``, ``["plan", id]``, ``["count", key]``, ``["lit", value]``,
``["list", t, ...]``, ``["rows", table, t]``.

**Scope** (a JSON object; every part may be absent)::

    {"row": {column: value}, "form": {item: value}, "previous": {item: value},
     "session": {"kind": "interim", "date": "2026-03-02", "today": "2026-03-05"},
     "plan": {item: value}, "count": {"mentees": 5}}

**Values.** ``ref``: where ``row`` holds the key, its value (also when that is null), else the form's.
``prev``: inside a row (scope has ``row``) the row's ``prev_<id>``, else ``previous``'s. A key that is not
there and ``null`` ("cannot say") are both *missing*. ``list`` is the list of its members, missing ones
left out. ``rows`` is how many rows of the form's table are answered so that the condition holds of them;
there ``row`` is the row as answered. ``+`` and ``-``: two integers give an integer; a date string
``YYYY-MM-DD`` and an integer give the date so many days later or earlier; anything else is missing.

``session.today`` is the day on which the form is filled in; it is known there only, so that what was once
accepted is not refused later.

**Truth.** A comparison with a missing side is false, whichever operator it has. ``==`` holds for equal
values of one kind (boolean, number, string, list); ``!=`` for two present values that are not equal. The
orders compare two numbers, or two strings by code point (dates so by time); other kinds give false.
``in`` holds when the right side is a list that has an element equal to the left. ``not`` turns truth
around, so it is true of a comparison with a missing side. A leaf or sum where a truth is needed holds
only if it is the boolean true. An empty ``and`` is true, an empty ``or`` false.
"""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from moodle_bridge.domain.instrument.days import parse_day

Tree = list[Any]
"""A condition as JSON has it."""
Scope = Mapping[str, Any]
"""A JSON object."""

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
}
_WORDS: dict[str, bool] = {"true": True, "false": False}
_KINDS = frozenset({"initial", "interim", "final"})
_SPACES = {"prev": None, "session": frozenset({"kind", "date", "today"}), "plan": None}


NO_TABLES: Mapping[str, Collection[str]] = MappingProxyType({})


def parse(
    expression: str,
    ids: Collection[str],
    codes: Collection[str],
    tables: Mapping[str, Collection[str]] = NO_TABLES,
) -> Tree:
    """Read an expression into its tree.

    ``ids`` are the columns and items it may refer to, ``codes`` the literals it may name bare, ``tables`` the
    columns of each table of the form.
    Raises :class:`ValueError` saying what is not understood.
    """
    try:
        node = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"{expression!r} is not an expression") from error
    return _read(node, expression, frozenset(ids), frozenset(codes), tables)


def _read(
    node: ast.expr,
    text: str,
    ids: frozenset[str],
    codes: frozenset[str],
    tables: Mapping[str, Collection[str]],
) -> Tree:
    def read(child: ast.expr) -> Tree:
        return _read(child, text, ids, codes, tables)

    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            return ["and", *map(read, values)]
        case ast.BoolOp(op=ast.Or(), values=values):
            return ["or", *map(read, values)]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return ["not", read(operand)]
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))) if type(number) is int:
            return ["lit", -number]
        case ast.Compare(left=left, ops=[ast.NotIn()], comparators=[right]):
            return ["not", ["in", read(left), read(right)]]
        case ast.Compare(left=left, ops=[operator], comparators=[right]) if type(operator) in _COMPARISONS:
            return [_COMPARISONS[type(operator)], read(left), read(right)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return ["+", read(left), read(right)]
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return ["-", read(left), read(right)]
        case ast.List(elts=members):
            return ["list", *map(read, members)]
        case ast.Constant(value=bool() | int() | str() as value):
            return ["lit", value]
        case ast.Name(id=name):
            return _name(name, text, ids, codes)
        case ast.Attribute(value=ast.Name(id=space), attr=key) if space in _SPACES:
            allowed = _SPACES[space]
            if allowed is not None and key not in allowed:
                raise ValueError(f"{text!r}: {space} has no {key!r}, only {', '.join(sorted(allowed))}")
            return [space, key]
        case ast.Call(func=ast.Name(id="count"), args=[ast.Name(id="mentees")], keywords=[]):
            return ["count", "mentees"]
        case ast.Call(func=ast.Name(id="rows"), args=[ast.Name(id=table), *given], keywords=[]) if (
            table in tables and len(given) <= 1
        ):
            columns = ids | frozenset(tables[table])
            wanted = [_read(each, text, columns, codes, NO_TABLES) for each in given]
            return ["rows", table, *(wanted or [["and"]])]
    raise ValueError(f"{text!r}: {ast.unparse(node)!r} is not allowed in a condition")


def _name(name: str, text: str, ids: frozenset[str], codes: frozenset[str]) -> Tree:
    if name in _WORDS:
        return ["lit", _WORDS[name]]
    if name in ids:
        return ["ref", name]
    if name in codes or name in _KINDS:
        return ["lit", name]
    raise ValueError(f"{text!r}: {name!r} is neither an item or column here nor a known code")


def leaves(tree: Tree, kind: str) -> Iterator[str]:
    """Every id that the tree's leaves of that kind (``ref``, ``prev``, ``plan``...) name."""
    if tree[0] == kind:
        yield tree[1]
    elif tree[0] in ("and", "or", "not", "list", "in", "+", "-", *_ORDER, "==", "!="):
        for child in tree[1:]:
            yield from leaves(child, kind)
    elif tree[0] == "rows":
        yield from leaves(tree[2], kind)


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def holds(tree: Tree | None, scope: Scope) -> bool:
    """Whether a condition is true in a scope; no condition (``None``) always is."""
    if tree is None:
        return True
    operator = tree[0]
    if operator == "and":
        return all(holds(child, scope) for child in tree[1:])
    if operator == "or":
        return any(holds(child, scope) for child in tree[1:])
    if operator == "not":
        return not holds(tree[1], scope)
    if operator in ("==", "!=", "in") or operator in _ORDER:
        return _compare(operator, _value(tree[1], scope), _value(tree[2], scope))
    return _value(tree, scope) is True


def _compare(operator: str, left: object, right: object) -> bool:
    if left is None or right is None:
        return False
    if operator == "==":
        return _same(left, right)
    if operator == "!=":
        return not _same(left, right)
    if operator == "in":
        return isinstance(right, list) and any(_same(left, member) for member in right)
    if _kind(left) != _kind(right) or _kind(left) not in ("number", "string"):
        return False
    return _ORDER[operator](left, right)


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "list" if isinstance(value, list) else "other"


def _same(left: object, right: object) -> bool:
    if _kind(left) != _kind(right):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return bool(left == right)


def _value(tree: Tree, scope: Scope) -> object:
    operator = tree[0]
    if operator == "lit":
        return tree[1]
    if operator == "ref":
        row = scope.get("row")
        if row is not None and tree[1] in row:
            return row[tree[1]]
        return scope.get("form", {}).get(tree[1])
    if operator == "prev":
        row = scope.get("row")
        return scope.get("previous", {}).get(tree[1]) if row is None else row.get(f"prev_{tree[1]}")
    if operator in ("session", "plan", "count"):
        return scope.get(operator, {}).get(tree[1])
    if operator == "rows":
        answered = scope.get("form", {}).get(tree[1])
        return sum(holds(tree[2], {**scope, "row": row}) for row in answered or ())
    if operator == "list":
        members = (_value(child, scope) for child in tree[1:])
        return [member for member in members if member is not None]
    if operator in ("+", "-"):
        return _sum(_value(tree[1], scope), _value(tree[2], scope), 1 if operator == "+" else -1)
    return holds(tree, scope)


def _sum(left: object, right: object, sign: int) -> object:
    if isinstance(right, bool) or not isinstance(right, int) or isinstance(left, bool):
        return None
    if isinstance(left, int):
        return left + sign * right
    date = parse_day(left) if isinstance(left, str) else None
    try:
        return (date + dt.timedelta(days=sign * right)).isoformat() if date else None
    except OverflowError:
        return None
