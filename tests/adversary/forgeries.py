"""Modules and certificates that somebody changed: what is changed, and whether it matters.

Whoever forges seals: every digest is made to fit.
"""

from __future__ import annotations

import ast
import copy
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import islice, product
from typing import Any

from verify.answer.certificate import digest_of, sha256

__all__ = ["behaviour", "fields", "insertions", "moving", "mutants", "of_many", "raising", "sealed"]

_SWAPS: dict[type, type] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.And: ast.Or, ast.Or: ast.And, ast.USub: ast.UAdd,
}  # fmt: skip

# Lines that change what a module does, and where they go: "top", "end", or the head of a function.
_INSERTED = [
    ("end", "sin = cos\n"), ("end", "def sin(x):\n    return x\n"), ("end", "float = abs\n"),
    ("end", "def float(x):\n    return 3.0\n"), ("end", "import builtins\nbuiltins.abs = id\n"),
    ("end", "def another(x):\n    return 7.0 * x\n"), ("end", "gradient = value_and_gradient\n"),
    ("end", "class value_and_gradient:\n    pass\n"), ("end", "from math import cos as sin\n"),
    ("end", "def __getattr__(name):\n    return 3.0\n"), ("end", "backward = forward\n"),
    ("end", "value_and_gradient.__defaults__ = (1.0,)\n"), ("end", "math.sin = math.cos\n"),
    ("end", "if True:\n    sin = cos\n"), ("end", "from math import *\n"),
    ("end", "value_and_gradient = lambda x, y: (1.0, (2.0, 3.0))\n"),
    ("end", "for value_and_gradient in [print]:\n    pass\n"), ("end", "del value_and_gradient\n"),
    ("end", "__builtins__ = {}\n"), ("end", "math = None\n"), ("end", "(sin := cos)\n"),
    ("end", "with open('/tmp/x') as sin:\n    pass\n"), ("end", "import numpy as math\n"),
    ("end", "sin: float = 3.0\n"), ("end", "Exception = KeyError\n"), ("end", "assert 0\n"),
    ("end", "def Exception(x):\n    return x\n"), ("end", "sin, cos = cos, sin\n"),
    ("end", "globals().update(sin=cos)\n"), ("end", "exec('sin = cos')\n"),
    ("top", "# -*- coding: utf-7 -*-\n"), ("top", "# coding: latin-1\n"), ("top", "\ufeff"),
    ("top", "from __future__ import barry_as_FLUFL\n"), ("top", "raise SystemExit\n"),
    ("top", "import os\n"), ("top", "import numpy.lib.scimath as math\n"), ("top", "\f\x00"),
    ("end", "def math(x):\n    return x\n"), ("end", "@print\ndef other(x):\n    return x\n"),
    ("end", "def other(x=print()):\n    return x\n"), ("end", "try:\n    sin = cos\nfinally: 0\n"),
    ("end", "type sin = int\n"), ("end", "async def sin(x):\n    return x\n"),
    ("end", "K = 1.0 / 0.0\n"), ("end", "K = 10.0**400\n"),
    ("end", "sin = 3.0\n"), ("end", "\uff53in = cos\n"), ("end", "_sin = cos\n"),
    ("end", "def _sin(x):\n    return x\n"), ("end", "def backward(r, cotangent=1.0):\n"
                                                 "    return (r[0], r[1])\n"),
    ("end", "def forward(x, y):\n    return 0.0, (x, y, x)\n"),
    ("end", "def value_and_gradient(x, y):\n    return 1.0, (2.0, 3.0)\n"),
]  # fmt: skip


def insertions(text: str) -> Iterator[tuple[str, str]]:
    """What was inserted, and the module."""
    for where, line in _INSERTED:
        yield f"{where}: {line!r}", (line + text if where == "top" else text + "\n\n" + line)


def raising(text: str) -> Iterator[tuple[str, str]]:
    """What raises for every number before each ``return`` of a module, and the module."""
    lines = text.splitlines()
    for step in ("1.0 / 0.0", "math.exp(1000.0)", "math.log(-1.0)", "1.0 / (x - x)"):
        for k, line in enumerate(lines):
            if line.strip().startswith("return "):
                before = f"{line[: len(line) - len(line.lstrip())]}t = {step}"
                yield f"line {k}: {step}", "\n".join([*lines[:k], before, *lines[k:], ""])


# Ways to bind a name that do not look like ``name = ``.
_MOVES = (
    "{0}: float = {0} + 5.0", "({0}) = {0} + 5.0", "t = {0} = {0} + 5.0",
    "t = 1.0; {0} = {0} + 5.0", "for {0} in ({0} + 5.0,): pass", "if True: {0} = 5.0",
)  # fmt: skip


def moving(text: str) -> Iterator[tuple[str, Callable[[], str]]]:
    """What gives a name another value, anywhere before the end of a function, or in a question.

    With each goes what makes the module: there are many, and few are drawn.  Every other letter
    stays: what is compared with our text to the letter must be seen through.
    """
    lines = text.splitlines()
    for k, line in enumerate(lines):
        indent = line[: len(line) - len(line.lstrip())]
        head = line.strip()
        names = [n for n in ("x", "y", "x_bar", "cotangent", "point", "bars") if n in text]
        if indent and head.startswith(("return ", "if ", "bars = ", "raise ")):
            for name, move in product(names, _MOVES):
                before = indent + move.format(name)
                yield f"line {k}: {before.strip()}", partial(_with, lines, k, k, before)
        if indent and head.startswith("if ") and head.endswith(":"):
            for name in names:
                asked = f"{indent}if ({name} := 5.0) == 7.0 or {head[3:]}"
                yield f"line {k}: {asked.strip()}", partial(_with, lines, k, k + 1, asked)


def _with(lines: list[str], start: int, stop: int, line: str) -> str:
    return "\n".join([*lines[:start], line, *lines[stop:], ""])


# What one number and an array of many differ in.
_OF_ONE = """
np.sum({0}) np.max({0}) np.sort({0}) np.cumsum({0}) np.flip({0}) np.mean({0}) {0}.ravel()[0]
np.dot({0},1.0) np.linalg.norm({0}) np.add.reduce({0}) np.prod({0}) np.array([{0}])[0] sum([{0}])
sum({0}) max([{0},{0}]) max({0},{0}) min({0}) np.size({0})*{0} np.ndim({0})+{0} ({0}*[1.0])[0]
{0}.sum() {0}.dot(1.0) {0}.T ({0}and({0})) ({0}or(0.0)) np.float64({0}) float({0}) math.fsum([{0}])
np.stack([{0}])[0] np.squeeze({0}) np.any({0})*{0} np.all({0})*{0} len([{0}])*{0} ({0}@1.0)
np.sum([{0},0.0]) np.max([{0},{0}]) {0}[()] {0}[...] {0}[0] np.maximum({0},{0}) np.roll({0},1)
np.zeros_like({0})+{0} np.round({0},12) np.float32({0}) np.atleast_1d({0})[0] np.argmax({0})+{0}
(0.0if(not({0}))else({0})) ({0}if({0}=={0})else(0.0)) np.where({0}==np.max({0}),{0},{0})
"""


def of_many(text: str) -> Iterator[tuple[str, str]]:
    """What is the same for one number, in place of the first one that a NumPy text computes."""
    lines = text.split("\n")
    for k, line in enumerate(lines):
        name, is_step, value = line.strip().partition(" = ")
        if is_step and name.isidentifier() and value[0] not in "([":
            for other in _OF_ONE.split():
                more = f"    {name}_q = {other.format(name)}"
                rest = [re.sub(rf"\b{name}\b", f"{name}_q", x) for x in lines[k + 1 :]]
                yield f"line {k}: {other.format(name)}", "\n".join([*lines[: k + 1], more, *rest])
            return


def _changes(node: ast.AST) -> Iterator[tuple[str, Any]]:
    """Attributes of a node with other values."""
    match node:
        case ast.BinOp(op=op, left=left, right=right):
            yield from [("op", _SWAPS.get(type(op), ast.Add)()), ("left", right), ("right", left)]
        case ast.UnaryOp(op=op) | ast.BoolOp(op=op):
            yield "op", _SWAPS.get(type(op), ast.USub)()
        case ast.Compare():
            yield "ops", [_SWAPS.get(type(op), ast.Lt)() for op in node.ops]
        case ast.Constant(value=float(value)):
            others = {value + 1.0, -value, value * (1 + 2**-30), 3.0} - {value}
            yield from (("value", other) for other in sorted(others))
        case ast.IfExp():
            yield "body", node.orelse
            yield "orelse", node.body
        case ast.Call() if node.args:
            yield "args", [ast.BinOp(node.args[0], ast.Add(), ast.Constant(1.0)), *node.args[1:]]
        case ast.Return(value=ast.Tuple(elts=parts)):
            yield "value", ast.Tuple([*parts[::-1]], ast.Load())
        case ast.Name(ctx=ast.Load()):
            names = {"x", "y", "cotangent", "cos"} - {node.id}
            yield from (("id", name) for name in sorted(names))
        case ast.arguments(defaults=[_, *_]):
            yield "defaults", [ast.Constant(2.0)]


def mutants(text: str) -> Iterator[tuple[str, Callable[[], str]]]:
    """What was changed, and what makes the module, one node at a time."""
    tree = ast.parse(text)
    for place, node in enumerate(ast.walk(tree)):
        line = getattr(node, "lineno", 0)
        for number, (name, _) in enumerate(_changes(node)):
            told = f"line {line}: {name} of {type(node).__name__} {number}"
            yield told, partial(_mutant, text, place, number)


def _mutant(text: str, place: int, number: int) -> str:
    tree = ast.parse(text)
    node = next(islice(ast.walk(tree), place, None))
    key, value = next(islice(_changes(node), number, None))
    setattr(node, key, copy.deepcopy(value))
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def sealed(content: dict[str, Any], text: str | None = None) -> str:
    """The certificate's file with digests that fit, and fit a text if one is given."""
    content = dict(content)
    if text is not None:
        content["source_sha256"] = sha256(text)
    if isinstance(content.get("graph"), str) and "graph_sha256" in content:
        content["graph_sha256"] = sha256(content["graph"])
    with suppress(TypeError, ValueError):  # of content that has no digest
        content["digest"] = digest_of(content)
    return json.dumps(content)


def _others(value: Any) -> list[Any]:
    """Other values of about the same kind."""
    match value:
        case bool() | None:
            return [3, "x"]
        case int():
            return [value + 1, -1, 10**40, "1", None, True]
        case str():
            return [value + "x", "", value[::-1], 3, None, "PROVED", "value", "text", "x"]
        case list():
            return [[], [*value, *value], value[:-1], None, {}, [[1e400, 2.0]], [["nan", "inf"]]]
        case dict():
            return [{}, None, [], {**value, "more": "x"}]
    return [None]


def fields(content: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What was changed in a certificate, and the certificate, a field at a time."""

    def walk(part: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
        yield path, part
        items = part.items() if isinstance(part, dict) else (
            enumerate(part) if isinstance(part, list) else ())  # fmt: skip
        for key, value in items:
            yield from walk(value, (*path, key))

    for path, part in walk(content, ()):
        if not path:
            continue
        for other in _others(part):
            if other == part and type(other) is type(part):
                continue
            changed = copy.deepcopy(content)
            owner = changed
            for key in path[:-1]:
                owner = owner[key]
            owner[path[-1]] = other
            yield f"{'.'.join(map(str, path))} = {other!r:.40}", changed


_POINTS = [(1.2, 0.7), (-0.5, 2.5), (3.25, -1.75), (0.0, 0.5), (0.0, 0.0), (-1.0, -1.0),
           (2e5, 1.0), (-1e-9, 3.0), (-1e5, 1e300)]  # fmt: skip


def behaviour(text: str) -> list[Any]:
    """What the functions of a module give; it is run, so only ours may come here."""
    names: dict[str, Any] = {"__name__": "module"}
    found: list[Any] = []
    try:
        exec(compile(text, "module", "exec"), names)
    except BaseException as error:  # SystemExit, too
        return [repr(error)]
    for point in _POINTS:
        for ask in (
            lambda p: names["value_and_gradient"](*p),
            lambda p: names["forward"](*p)[0],
            lambda p: names["backward"](names["forward"](*p)[1]),
            lambda p: names["backward"](names["forward"](*p)[1], -2.75),
            lambda p: names["backward"](names["forward"](*p)[1], cotangent=0.5),
        ):
            try:
                found.append(repr(ask(point)))
            except Exception as error:
                found.append(repr(error))
    found.append(sorted(k for k in names if not k.startswith("_")))
    return found
