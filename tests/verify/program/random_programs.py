"""Random programs of the language of gradients, and random programs around it.

A program is a module with functions ``h``, ``k`` and ``f(x, y, w)``: two floats, and an array of
three.  ``around`` changes a program by what stands next to the language: syntax that is not read,
names that hide others, types that are not what they seem.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Sequence
from typing import Any

from tests.verify.program.random_forms import BLOCKS, FORMS, STATEMENTS

__all__ = ["HEADER", "around", "program"]

HEADER = (
    "import math\nimport numpy as np\nfrom scipy.special import logsumexp, ndtr, softmax\n"
    "def g(u, *, k=0.5):\n    return u * k\n"
)
_FLOATS = ("0.0", "1.0", "0.1", "2.5", "1e-3", "1e16", "3.0", "-0.5", "(-0.0)", "math.pi", "np.inf")
_INTS = ("0", "1", "2", "3", "-1", "7", "(10**17 + 1 - 10**17)", "True", "False")
# n: a number, t: a condition, l: a list, a: an array, s: one of these two, h: a helper
# v: a number that is not zero
_GRAMMAR: dict[str, tuple[str, ...]] = {
    "n": (
        "({n} + {n})", "({n} + {n})", "({n} - {n})", "({n} * {n})", "({n} * {n})", "({n} / {n})",
    "({n} % 2)", "({n} ** 2)", "({n} ** 3.0)", "(abs({n}) ** 1.5)", "({n} ** -1)", "({n} % 1.5)",
        "-{n}", "+{n}", "abs({n})", "max({n}, {n})", "min({n}, {n})", "math.sqrt(abs({n}))",
        "({n} if {t} else {n})", "({n} if {t} else {n})", "{s}[0]", "{s}[1]", "{s}[-1]",
        "sum({s})", "float({n})", "({n} and {n})", "({n} or {n})", "np.maximum({n}, {n})",
        "np.minimum({n}, {n})", "float(math.floor({n}))", "np.sum({a})", "{h}({n}, {n})",
        "{h}({n}, {n})", "np.var({a})", "{a}.mean()", "np.std({a}, ddof=1)", "math.fsum({s})",
        "np.prod({a})", "({a} @ {a})", "np.linalg.norm({a})", "np.trace(np.outer({a}, {a}))",
        "np.convolve({a}, {a}, mode='valid')[0]", "np.convolve({a}, [{n}, {n}])[2]",
        "np.max({a}, axis=0)", "{a}.tolist()[1]",
        "np.clip({n}, {n}, {n})", "np.clip({n}, -1.0, 2.5)",
        "math.copysign({n}, {v})", "np.copysign({n}, {v})", "np.average({a})", "ndtr({n} * 1.0)",
        "np.average({a}, weights=[1.0, 2.0, 0.5])", "np.average({a}, 0, {a})",
        "np.outer({a}, {a})[[0, 1, 2], [2, 0, 0]][1]", "np.outer({a}, {a})[np.arange(3), 1][0]",
        "np.outer({a}, {a})[2, [0, 1]][1]", "logsumexp(np.clip({a}, -5.0, 5.0))",
        "softmax(np.clip({a}, -5.0, 5.0))[1]", "{s}[int({n} < {n})]", "{a}[int({n} > {n}) + 1]",
        "[0.5, {n}, {n}][int(x > 1.0) + int(x > {n})]", "np.outer({a}, {a})[int(x > 1.0)].max()",
        "[{n}, {n}, {n}, {n}][np.searchsorted([-1.0, 0.5, 2.0], x)]",
        "{a}[np.clip(np.digitize(x, [0.0, 1.0, 3.0]) - 1, 0, 2)]",
        "g({n})", "g({n}, k={n})", "(lambda u, v=2.0: u * v - x)({n})", "d['a']", "d.get('b', 7.0)",
        "{'p': {n}, 1: {n}, (0, 1): {n}}[0, 1]", "sum(d.values())", "(0.5 if {n} is None else {n})",
        "({n} if 2 in [1, 2] else 0.5)", "max(map(abs, {s}))", "sum(map(g, {s}))",
        "np.tril(np.outer({a}, {a}), 1)[1, 2]", "np.append({a}, {n})[3]", "np.diag({a}, 1)[0, 1]",
        "(np.array([2, 3])[1] * {n})", "((2 * np.arange(3) + 1)[2] - {n})",
        "float(np.any({a} > {n}))", "float(np.all({a} > {n}))", "float(any(v > {n} for v in {s}))",
        "np.linalg.norm({a}, 1)", "math.dist([{n}, x], [x, {n}])", "np.einsum('i,i', {a}, {a})",
        "np.where([0, 1, 0])[0][0] * {n}", "(lambda *u: u[-1])(x, {n})", "{a}[slice(1, 3)][0]",
    ),
    "v": ("(x or 1.0)", "(-x or -2.0)", "(x * x or 0.5)"),
    "t": (
        "{n} < {n}", "{n} <= {n}", "{n} > {n}", "{n} >= {n}", "{n} == {n}", "{n} != {n}",
        "{n} < {n} <= {n}", "({t} and {t})", "({t} or {t})", "(not {t})", "{n}",
    ),
    "l": (
        "[{n}, {n}]", "[{n}, {n}]", "({l} + {l})", "({l} * 1)", "({l} * 2)", "{l}[:]",
        "[v for i, v in enumerate({s})]", "[v * x + i for i, v in enumerate({s})]",
        "[u * v for u, v in zip({s}, {s})]",
    ),
    "a": (
        "np.array([{n}, {n}, {n} * 1.0])", "({a} + {a})", "({a} - {a})", "({a} * {a})",
        "({a} / {a})", "({a} + {n})", "({a} * {n})", "np.where({a} > {n}, {a}, {a})",
        "np.asarray({a})", "np.array({a})", "np.zeros_like({a})", "np.abs({a})", "(-{a})",
        "{a}.copy()", "{a}[::-1]", "np.zeros(3)", "np.roll({a}, 1)", "np.roll({a}, -1)",
        "np.clip({a}, {n}, {n})", "np.clip({a}, {a}, 1.0)",
        "np.flip({a})", "np.cumsum({a})", "np.cumprod({a})", "np.cross({a}, {a})",
        "np.outer({a}, {a}).sum(axis=0)", "np.outer({a}, {a}).mean(axis=1)",
        "({a}[:, None] * {a}[None, :]).max(axis=1)", "np.stack([{a}, {a}], axis=1)[:, 1]",
        "np.vstack([{a}, {a}]).prod(axis=0)", "np.concatenate([{a}, {a}])[1:4]",
        "np.column_stack([{a}, {a}]).var(axis=1)", "np.hstack([{a}, {a}])[[0, 4, 2]]",
        "{a}[[2, 0, 0]]", "np.diff(np.hstack([{a}, [{n}]]))", "({a} > {n}).astype(float)",
        "(~({a} > {n})).astype(float)", "np.diag(np.outer({a}, {a}))", "np.diag({a})[1]",
        "np.repeat({a}, 2)[1:4]", "np.tile({a}, 2)[2:5]", "np.linspace({i}, {i}, 3)",
        "np.convolve({a}, [{n}, {n}], 'same')", "np.convolve([{n}, {n}], {a}, 'same')",
        "np.full_like({a}, {n})", "np.roll(np.outer({a}, {a}), 1, axis=1)[0]",
        "np.transpose(np.outer({a}, {a}))[1]", "np.reshape({a}, (3, 1)).ravel()",
        "np.linalg.norm(np.outer({a}, {a}), axis=1)", "np.sum([{a}, {a}], axis=0)",
        "np.append({a}[:2], {n})", "np.insert({a}[:2], 1, {n})", "np.pad({a}[1:], (1, 0))",
        "np.delete(np.hstack([{a}, {a}]), [0, 3, 4])", "np.triu(np.outer({a}, {a}), 1)[0]",
        "np.array([g(v) for v in {a}])", "{a}[np.flatnonzero([3, 1, 2])]",
        "np.squeeze({a}[:, None])",
        "np.pad({a}[1:], (0, 1), 'edge')", "np.rot90(np.outer({a}, {a}))[0]",
        "np.atleast_2d({a})[0]", "np.broadcast_to({n}, (3,))", "np.moveaxis({a}[None], 0, 1)[:, 0]",
        "np.split(np.hstack([{a}, {a}]), 2)[1]", "(np.array([1, 0, 2])[[2, 1, 0]] * {a})",
        "((np.arange(3) % 2) + {a})", "(np.eye(3, k=1)[0] * {a})", "np.take({a}, [2, 2, 0])",
    ),
    "i": ("0", "1", "2.5", "-1.0"),
    "s": ("{a}", "{l}", "{l}"),
}  # fmt: skip
_GRAMMAR |= {kind: (*_GRAMMAR[kind], *more) for kind, more in FORMS.items()}
_FIXED = ("x", "y", "w", "K")
_SYMBOL = re.compile(r"\{(\w)\}")
_STATEMENT = (
    "{N} = {n}", "{N} = {n}", "{L} = {l}", "{A} = {a}", "{m} += {n}", "{m} -= {n}", "{m} *= {n}",
    "{k}[0] = {n}", "{k}[-1] = {n}", "{b}[0] = {n}", "{b}[1] += {n}", "{b}[2] *= {n}", "{b} += {n}",
    "{b} *= {n}", "{b}[{a} > {n}] = {n}", "{b}[{a} < {n}] *= {n}", "{b}[[0, 2]] += {n}",
    "np.add.at({b}, [0, 2, 0], {n})", "{k}[int(x < {n})] = {n}",
    "d['a'] += {n}", "d['b'] = {n}",
    "np.fill_diagonal(np.outer({a}, {a}), {n})", "{m}, *t = [*{s}]", "np.copyto({b}, {n})",
    "{b}[1:] = {n}", "{m}, {m} = {n}, {n}", *STATEMENTS, "{k}.append({n})", "{k} += {l}",
)  # fmt: skip
_ABOVE = (
    "K = np.array([0.5, -1.0, 0.1])\n",
    "K = np.linspace(0.0, 1.0, 3)\n",
    "M = np.array([[0.5, 2.0], [-1.0, 0.1], [1.0, 3.0]])\nK = M.sum(axis=1)\n",
    "M = np.array([[0.5, 2.0, 1.0], [-1.0, 0.1, 4.0]])\nK = M.T[:, 1]\n",
)
_BLOCKS = (
    ("if {t}:",), ("if {t}:", "else:"), ("if {t}:", "else:"), ("for i in range(3):",),
    ("for v in [1, 2.0]:",), ("for u, v in d.items():",), ("for u in ('a', 'b'):",),
    ("if 1 not in (2, 3):",), ("with np.errstate(all='ignore'):",),
    ("for j, v in enumerate([0.5, 2]):",), *BLOCKS,
)  # fmt: skip


class _Writer:
    """Writes one program.

    Args:
        source: Decides.
    """

    def __init__(self, source: random.Random) -> None:
        self.source = source
        self.names: dict[str, list[str]] = {}
        self.lines: list[str] = []
        self.indent = 1
        self.helpers: list[str] = []
        self.above = False  # True if K is an array of the top level

    def one(self, options: Sequence[Any]) -> Any:
        return options[self.source.randrange(len(options))]

    def chance(self, percent: int) -> bool:
        return self.source.randrange(100) < percent

    def text(self, template: str, depth: int) -> str:
        """A template with its symbols replaced."""
        return _SYMBOL.sub(lambda symbol: self.symbol(symbol[1], depth), template)

    def symbol(self, kind: str, depth: int) -> str:
        match kind:
            case "N" | "L" | "A":
                return self.target(kind.lower())
            case "m":
                return str(self.one(self.names["n"]))
            case "k" | "b":
                return str(
                    self.one([n for n in self.names["lab"["kb".index(kind)]] if n not in _FIXED])
                )
            case "h":
                return str(self.one([*self.helpers, "max"]))
        if kind in "nla" and (depth <= 0 or self.chance(20)):
            plain = kind == "n" and self.chance(35)
            literals = _FLOATS if self.chance(60) else _INTS
            return str(self.one(literals if plain else self.names[kind]))
        return self.text(self.one(_GRAMMAR[kind][: 6 if depth <= 0 else None]), depth - 1)

    def target(self, kind: str) -> str:
        """A new name, or an old one."""
        known = [name for name in self.names[kind] if name not in _FIXED]
        if known and (self.indent > 1 or self.chance(30)):
            return str(self.one(known))
        name = f"{kind}{len(self.lines)}"
        self.names[kind] = [*self.names[kind], name]
        return name

    # --- statements ---

    def line(self, template: str, depth: int = 2) -> None:
        target, equals, value = template.partition(" = ")
        value = self.text(value, depth)  # before its target gets a new name
        self.lines.append("    " * self.indent + self.text(target, depth) + equals + value)

    def statement(self) -> None:
        if self.indent < 3 and self.chance(30):
            for header in self.one(_BLOCKS):
                self.line(header)
                self.indent += 1
                for _ in range(self.source.randrange(1, 3)):
                    self.statement()
                self.indent -= 1
        elif self.indent == 1 and self.chance(5):
            for line in ("for v in [x, 2.0]:", "    if {t}:", "        {m} += {n}",
                         "        continue", "    {m} = {n}"):  # fmt: skip
                self.line(line)
        elif self.indent == 1 and self.chance(6):
            for header in ("if {t}:", "else:")[: self.source.randrange(1, 3)]:
                self.line(header)
                self.line("    {k}.append({n})")
        elif self.indent == 1 and self.chance(5):
            self.line("if {t}:")
            self.line("    return {n}, {n}")
        else:  # what makes a list longer stands outside of loops
            self.line(self.one(_STATEMENT if self.indent == 1 else _STATEMENT[:-2]), 3)

    def function(self, name: str, parameters: str, count: int) -> str:
        numbers = [p for p in parameters.split(", ") if p != "w"]
        arrays = ["a"] + ["w"] * ("w" in parameters) + ["K"] * self.above
        self.names = {"n": [*numbers, "n"], "l": ["l"], "a": arrays}
        self.lines, self.indent = [], 1
        for start in ("n = x * 2.0", "l = [x, 1.0]", "a = np.array([x, 2.0, 0.5])"):
            self.line(start)
        self.lines.append("    d = {'a': n, 'b': x}")
        if inner := self.chance(50):
            self.lines.append("    g = lambda u, k=n: u * x + k - n")
        for _ in range(count):
            self.statement()
        self.end(not inner)
        return f"def {name}({parameters}):\n" + "\n".join(self.lines) + "\n"

    def end(self, may_try: bool) -> None:
        if not (may_try and self.chance(40)):
            self.line("return {n}, {n}", 3)
            return
        self.line("try:")
        self.indent += 1
        for number in range(self.source.randrange(3)):
            self.line(f"t{number} = {{n}}")
        self.line("return {n}, {n}", 3)
        self.indent -= 1
        self.line("except Exception:")
        self.line("    return {n}, {n}")


def program(source: random.Random) -> str:
    """A program of the language."""
    writer = _Writer(source)
    parts = [HEADER]
    if writer.chance(30):
        parts.append(writer.one(_ABOVE))
        writer.above = True
    for name in ("h", "k")[: source.randrange(3)]:
        parts.append(_returning_one(writer.function(name, "x, q", source.randrange(2))))
        writer.helpers.append(name)
    parts.append(writer.function("f", "x, y, w", source.randrange(1, 6)))
    return "".join(parts)


def _returning_one(text: str) -> str:
    """A helper gives one number."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            node.value = node.value.elts[0]
    return ast.unparse(tree) + "\n"


# --- around the language --------------------------------------------------------------------

_EXPRESSIONS = (
    "(x := {0})", "(lambda: {0})()", "[*[{0}]][0]", "({0} // 2)", "({0} is {0})", "(~({0}))",
    "int({0})", "round({0})", "({0})[0]", "list({0})", "np.asarray({0})", "({0}).copy()",
    "np.array({0})", "({0})[:]", "({0} @ {0})", "sorted([{0}])[0]", "sum(({0}) for _ in w)",
    "bool({0})", "np.float32({0})", "(np.int64(2) * ({0}))", "np.array([1, 2, 3])", "np.array([0])",
    "(({0}) ** 0.5)", "(abs({0}) ** 0.5)", "(not {0})", "(({0}, {0})[True])", "([{0}] * 2)",
    "({0} == {0})", "np.where({0}, 1, 0)", "np.power(2, 3)", "np.square({0})", "(x > 0)",
    "((x > 0) + (y > 0))", "((x > 0) * (y > 0))", "((x > 0) - (y > 0))", "((x > 0) & (y > 0))",
    "max({0})", "min([{0}, x])", "max([x, y], {0})", "len({0})", "abs(x ** 0.5)", "(x ** y)",
    "(x ** y == x ** y)", "math.exp(x ** 0.5)", "np.sum(w > 0)", "(w > 0)", "(w * (w > 0))[0]",
    "({0} + True)", "(2 ** 62 * 4)", "(2 ** 53 + 1)", "(0.1 + 0.2)", "w[1:][0]", "w.T", "w.sum()",
    "(w @ w)", "np.dot(w, [1.0, 2.0, 3.0])", "zip(w, w)", "list(reversed(l))", "-(x > 0)", "(1, 2)",
    "np.max(w)", "np.outer(w, w)[0, 1]", "np.sqrt({0})", "math.log(abs({0}) + 1.0, 2)",
    "np.array(x)", "np.where(x > 0, x, y)", "[i for i in range(3) if i % 2]", "pow({0}, 2)",
    "pow(2, {0})", "math.prod([{0}, x])", "math.fsum([{0}, x])", "w.shape[0]", "w.reshape(3)[0]",
    "{{'a': {0}}}['a']", "f(x, y, w)", "(x if x else y)", "w[x > 0]", "w[True]", "w[-1]", "l[True]",
    "np.copy(w)", "np.concatenate([w, w])[4]", "np.ones(2)[0]", "np.eye(2)[1, 1]", "np.empty(2)[0]",
    "np.full(2, 3)[0]", "np.mean(w)", "np.sign({0})", "np.rint({0})", "math.fmod({0}, 2.0)",
    "np.mod({0}, 2.0)", "np.clip({0}, 0.0, 1.0)", "np.floor({0})", "np.maximum(1, 2)",
    "(x < y < 2 < {0})", "(1 < 2 < {0})", "(x and w[0] or y)", "w.mean()", "w.max()", "w.prod()",
    "(w * {0}).min()", "w.sum(axis=1)", "w.sum(axis=0)", "np.sum(w, 0, float)",
    "np.sum(w, axis=-1)", "np.roll(w, x)", "np.roll(w, 4)[0]", "w[[True, False, True]]",
    "w[[0, 0, 2]].sum()", "w[w > 0]", "w[[]]", "w[(0,)]", "w[[0], None]", "w[None, [0, 2]].sum()",
    "np.diff(w, 2)", "np.diff(w, n=1)", "np.array([1, 2, 3]).mean()", "np.sum([1, 2])",
    "np.sum([True, x > 0])", "w.astype(int)[0]", "w.astype(float)[0]", "w.astype(np.float32)",
    "(w > {0}).astype(float).sum()", "np.cross(w, w)[0]", "np.cross([x, y], [y, x])", "np.mean([])",
    "np.prod([])", "np.max([])", "np.var([x])", "np.var([x], ddof=1)",
    "np.sum(w, keepdims=True)[0]", "np.sum(w, axis=None)", "w.mean(axis=(0,))",
    "np.sum(np.outer(w, w), axis=(0, 0))", "np.stack([w, w], axis=-1)[0, 1]",
    "np.stack([w, [1.0]])", "np.hstack([w, x])", "np.hstack([x, y])[1]", "np.vstack([w, [1.0]])",
    "np.column_stack([w, x])", "np.concatenate([w, w], axis=1)",
    "np.concatenate([w, [w]], axis=None)[0]", "np.diag(w)[0]", "np.linspace(0, 1, 3)[1]",
    "np.linspace(x, 1, 3)[1]", "np.arange(3)[1]", "np.arange(3.0)[1]", "np.arange(3)[[1]]",
    "w[np.arange(2)].sum()", "np.convolve(w, w, mode='all')", "np.inner(w, w)",
    "np.convolve(w, [])", "np.convolve(w, x)", "np.tile(w, 0)", "np.repeat(w, [1, 2, 3])[4]",
    "w[..., 0]", "w[...].sum()", "w[:, None][1, 0]", "w[None][0, 1]", "w.ravel()[1]", "w.flatten()",
    "np.full(2, True)[0]", "np.full(2, x, float)[0]", "np.zeros(2, int)[0]",
    "np.ones((1, 2)).sum()", "sum([0.1] * 10)", "math.fsum([0.1] * 10)",
    "np.sum(np.array([0.1] * 10))", "np.mean([0.1] * 9)",
    "(np.array([0.1, 0.2]) @ np.array([0.3, {0}]))", "(np.array([1.1]) ** 3)[0]", "w.dot(w)",
    "np.array([1.5, 2.5]).sum()", "np.std([1.0, 3.0])", "np.sum(w[w > 0])", "np.trace(w)",
    "np.copysign(w, {0})[1]", "np.copysign(True, x)", "math.copysign(w, x)",
    "np.average(w, weights=w[:2])",
    "np.average(np.outer(w, w), axis=1, weights=w)[1]", "np.average(np.outer(w, w), weights=w)",
    "np.average(w, weights=[1, 2, 3])", "np.average(w, weights=w - w)",
    "softmax(np.outer(w, w), axis=0)[0, 1]",
    "softmax([1, 2, {0}])[0]", "logsumexp(w, b=w)", "logsumexp(w, keepdims=True)[0]",
    "logsumexp([])", "ndtr(1)",
    "ndtr(w)[1]", "np.outer(w, w)[[0, 1], [2]][1]", "np.outer(w, w)[[0, 1], [2, 0, 1]]",
    "np.outer(w, w)[[0, 1], :]",
    "np.outer(w, w)[[[0, 1]], [1, 2]]", "np.outer(w, w)[None, [0, 1], 2][0, 1]",
    "np.outer(w, w)[[0, 1], None, 2]",
    "np.outer(w, w)[:, None][[0, 2], 0, [1, 1]][1]", "np.searchsorted(w, x)",
    "np.interp({0}, [-1.0, 0.5, 2.0], [1.0, 3.0, 0.5])", "np.interp(w, [0.0, 1.0], w[:2])[1]",
    "np.interp(x, [1.0, 0.0], [1.0, 2.0])", "np.interp(x, w, w)",
    "np.searchsorted([2.0, 1.0], x)",
    "np.searchsorted([0, 1, 2], x)", "l[np.searchsorted([0.0], w)[0]]", "int(x > 1)",
    "int(x > 1) / int(y > 1)",
    "(int(x > 1) ** 2)", "l[int(x > 1) - 2]", "w[int(x > 1), ]", "np.clip(int(x > 1), 0, 2.5)",
    "np.maximum(int(x > 1), int(y > 1))", "np.minimum(int(x > 1) - 1, 0) * {0}", "np.sum(a=w)",
    "np.sum(w, out=None)", "w.sum(dtype=float)", "np.array([x], dtype='float')[0]",
)  # fmt: skip
_STATEMENTS = (
    "break", "__debug__ = x", "for v in (n * u for u in l):\n    n = v + 1.0",
    "for u, v in zip((n * u for u in l), l):\n    n = u", "n = (np.sum(w) if x > 5 else x) ** -1",
    "n = 1.0 if np.sum([1e17]) < 10**17 + 1 else x", "n = 1 / (x or np.sum(w))",
    "n = max(np.sum(w), x) % (x and y)",
    "global x", "del x", "x = y = {0}", "b = l\nb += [{0}]", "b = a\nb += 1.0",
    "b = a[:]\nb[0] = 9.0",
    "b = np.asarray(a)\nb[1] = {0}", "b = l[:]\nb[0] = {0}", "assert x", "pass", "return x, y",
    "for i in range(2):\n    x = x + i", "while x > 0:\n    break", "yield", "raise ValueError",
    "w[0] = 5.0", "w *= 2.0", "a[0:2] = {0}", "a[1:] += 1.0", "abs = {0}", "math = x", "l = l * 2",
    "l.extend((x, y))", "l.pop()", "l.sort()", "a = np.array([1, 2, 3])\na[0] = x", "x += True",
    "n = np.array(x)\nm = n\nm += 1.0", "n = np.where(x > 0, x, y)\nm = n\nm += 1.0", "l *= 2",
    "g = (v for v in l)\nn = sum(g) + sum(g)", "z = zip(l, l)\nn = len(list(z)) + len(list(z))",
    "if x > 0:\n    l = [1.0]\nelse:\n    l = [2.0, 3.0]", "if x > 0:\n    l[0] = {0}",
    "if x > 0:\n    b = l\nelse:\n    b = [y]\nb[0] = 7.0", "x: float = {0}",
    "m = [l, l]\nm[0][0] = {0}",
    "m = [[0.0]] * 2\nm[0][0] = {0}\nn = m[1][0]", "for v in l:\n    l[0] = v + 1.0",
    "t = l, a\nt[0][0] = {0}",
    "try:\n    n = {0}\n    return n, x\nexcept Exception:\n    return n, y",
    "try:\n    l[0] = {0}\n    return math.sqrt(x), x\nexcept Exception:\n    return l[0], y",
    "try:\n    return math.sqrt(x), x\nexcept ValueError:\n    return n, y",
    "for i in range(3):\n    pass\nn = i", "i = 5\nl = [i for i in range(3)]\nn = i",
    "a.shape = (3,)", "b = np.ravel(a)\nb[0] = 9.0", "b = np.flip(a)\nb[0] = {0}",
    "b = np.diag(np.outer(a, a))\nb[0] = 1.0", "b = np.asarray(a, float)\nb[0] = {0}",
    "b = np.array(a, float)\nb[0] = {0}", "a[a > 0] = w", "a[a > 0] = {0}", "a[a > 0] += w",
    "a[a > 0] *= {0}", "a[[0, 1]] = w[:2]", "a[[0, 0]] += 1.0", "a[[1, 1]] = w[:2]",
    "j = 0\nwhile j < 2 and x > j:\n    j += 1\nn = l[j]",
    "j = 1\nif x > 1:\n    j = 0\nl[j] += {0}",
    "while n < 9.0 and x > n:\n    n = n + 2.0", "j = 0\nwhile l[j] < 1.0:\n    j += 1",
    "np.outer(a, a)[[0, 1], [1, 2]] += 1.0",
    "b = np.outer(a, a)\nb[[0, 0], [1, 1]] += {0}\nn = b[0, 1]",
    "b = np.outer(a, a)\nb[np.arange(3), [2, 0, 1]] -= {0}\nn = b[1, 0]", "np.add.at(w, [0], 1.0)",
    "b = np.outer(a, a)\nj = int(x > 1)\nb[j] += {0}\nn = b[1, 1]",
    "j = int(x > 1)\nb = a[j:]\nn = b[0]",
    "b = np.outer(a, a)\nc = b[int(x > 1)]\nc[0] = {0}", "j = int(x > 1)\nn = l[-j]",
    "n = a[int(w[0])]",
    "j = 2 if x > 1 else 0\nn = w[j] + j", "j = 2.0 if x > 1 else 0\nn = w[j]",
    "j = (x > 1) * 2\nn = w[j]",
    "a[np.searchsorted([0.0, 2.0], x)] = {0}", "a[int(x > {0})] += y",
    "a[None][0, 1] = 5.0", "a[:, None][0] = 1.0", "b = a.flatten()\nb[0] = {0}", "a[True] = 1.0",
    "b = a[[0, 1]]\nb[0] = {0}", "b = np.roll(a, 1)\nb[0] = {0}", "b = np.transpose(a)\nb[0] = 1.0",
    "b = np.reshape(a, 3)\nb[0] = {0}", "b = a.ravel()\na[0] = {0}\nn = b[0]", "a[...] = {0}",
    "b = a.tolist()\nb[0] = {0}", "b = np.diag(a)\nb[0, 0] = {0}", "a[a > 0][0] = {0}",
    "b = np.sum([a], axis=0)\nb[0] = {0}", "b = np.tile(a, 1)\nb[0] = {0}", "a[-1:] = {0}",
    "if x > 0:\n    a[w > 0] = {0}", "n = -(a > 0)", "n = ~(a > 0)", "n = (a > 0) + (a > 1)",
    "b = a.reshape(3, 1)\nb[0, 0] = {0}", "b = a.T\nb[0] = {0}", "(n, x), y = (x, y), {0}",
    "n = x\nif x > 1:\n    n = y\nelif y > 1:\n    n = {0}", "d = {{'a': l}}\nd['a'][0] = {0}",
    "n = -x ** 2", "n = x if x > 0 else l.append(1.0) or y", "n = (x > 0) and l.append(2.0)",
)  # fmt: skip
_TOPS = (
    "def z(v: float | 3.0):\n    return v", "def z(v, v):\n    return v", "K: float[3] = 1.0",
    "def z(v) -> math.nothing:\n    return v", "def z(v: np.ndarray | None = None):\n    return v",
    "abs = 3", "from math import *", "def abs(v):\n    return v + 1.0", "import numpy as math",
    "from numpy import maximum as max", "sum = 1", "float = 2", "X = 2.0",
    "from math import floor as float",
    "def max(a, b):\n    return a", "import math as np", "from math import sin as abs", "true = 1",
    "def len(v):\n    return 7", "__builtins__ = 3", "import numpy as __builtins__", "L = [1.0]",
    "from math import nothing", "class A:\n    pass", "range = 5", "from numpy import sum, abs",
    "from __future__ import annotations", "def Exception(v):\n    return v", "print(1)",
    "import os", "K = [1.0]\nQ = K", "K = np.array([1.0, 2.0])\nQ = K[1:]", "K = math.sqrt(2.0)",
    "K = math.log(-1.0)", "K = np.array([1.0]) / 0.0", "K = f", "K = np.array([h(1.0, 2.0)])",
    "K = [[1.0]] * 2", "K = np.array([1.0])\nnp = math", "K = np.array([1.0])\nK[0] = 2.0",
    "K = np.array([[1.0], [1.0, 2.0]])", "K = max([1.0, 2.0])", "K = float(3)", "K = float('nan')",
)  # fmt: skip


def around(source: random.Random) -> str:
    """A program next to the language."""
    tree = ast.parse(program(source))
    for _ in range(source.randrange(1, 3)):
        choice = source.randrange(10)
        if choice == 0:
            top = ast.parse(_TOPS[source.randrange(len(_TOPS))]).body
            place = source.randrange(len(tree.body) + 1)
            tree.body[place:place] = top
        elif choice < 5:
            _insert(source, tree)
        else:
            _replace(source, tree)
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _insert(source: random.Random, tree: ast.Module) -> None:
    bodies = [n.body for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.If, ast.For))]
    body = bodies[source.randrange(len(bodies))]
    text = _STATEMENTS[source.randrange(len(_STATEMENTS))].format(_small(source))
    wrapped = ast.parse("def _():\n" + "\n".join("    " + line for line in text.splitlines()))
    inner = wrapped.body[0]
    assert isinstance(inner, ast.FunctionDef)
    place = source.randrange(min(1, len(body)), len(body) + 1)
    body[place:place] = inner.body


def _replace(source: random.Random, tree: ast.Module) -> None:
    places = [
        (node, name)
        for node in ast.walk(tree)
        for name, value in ast.iter_fields(node)
        if isinstance(value, ast.expr) and isinstance(getattr(value, "ctx", ast.Load()), ast.Load)
        and not any(isinstance(part, ast.Slice) for part in (value, *getattr(value, "elts", ())))
        and name not in ("func", "annotation", "returns", "type")
    ]  # fmt: skip
    node, name = places[source.randrange(len(places))]
    old = ast.unparse(getattr(node, name))
    text = _EXPRESSIONS[source.randrange(len(_EXPRESSIONS))].format(
        old if source.randrange(2) else _small(source)
    )
    setattr(node, name, ast.parse(text, mode="eval").body)


def _small(source: random.Random) -> str:
    options = ("x", "y", "n", "1", "2.0", "x * y", "w[0]", "l", "a", "w", "x > y", "l[0]", "a[1]")
    return options[source.randrange(len(options))]
