"""Random functions in ordinary Python: numbers, lists, dicts, loops, branches, objects, handlers."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from tests.figures.programs.grammar import Grammar, indented
from tests.figures.programs.program import Program

__all__ = ["ordinary"]

_HEAD = """
import functools, itertools, math, operator
from collections import defaultdict, deque, namedtuple
from dataclasses import dataclass, replace
import numpy as np

TABLE = [0.3, -0.8, 1.1, 0.4, -0.2]
RATES = {"off": 0.25, "on": 1.5, "hot": -0.5}
Pair = namedtuple("Pair", "left right")


class Box:
    total = 0.5

    def __init__(self, value):
        self.value = value
        self.count = 0
        self.seen = []

    @property
    def half(self):
        return 0.5 * self.value

    def keep(self, other):
        if other > self.value:
            self.value = other
            self.count += 1
        return self.value

    def push(self, other):
        self.seen.append(other)
        self.value = 0.7 * self.value + 0.1 * other
        return self

    def __call__(self, t):
        return math.sin(self.value * t) + self.count


@dataclass
class State:
    pos: float
    vel: float

    def step(self, push, dt=0.1):
        return State(self.pos + dt * self.vel, self.vel + dt * (push - math.sin(self.pos)))

    def __add__(self, other):
        return State(self.pos + other.pos, self.vel + other.vel)

    def __mul__(self, factor):
        return State(self.pos * factor, self.vel * factor)


def early(x, limit):
    if x < limit:
        return x * 2.0
    if x > limit + 1.0:
        return limit - x
    return x * x


def halved(x):
    return halved(0.5 * x) if 1.0 < x < 1e6 else x * x


def power(x, n):
    if n == 0:
        return 1.0
    return x * power(x, n - 1)


def terms(x, count):
    for k in range(count):
        yield x / (k + 1.0)


def until(xs, limit):
    for x in xs:
        if x > limit:
            return
        yield x


def weighted(x, *others, scale=0.5, **more):
    return x + scale * sum(others) + sum(more.values())


def adder(x):
    return lambda v, w=0.25: v * w + x


def counter(start):
    total = start

    def add(v):
        nonlocal total
        total = 0.8 * total + 0.3 * v
        return total

    return add


def safe(x, y):
    try:
        return math.log(x) + x / y
    except (ValueError, ZeroDivisionError):
        return 0.5 * y
"""

_RULES: dict[str, list[str]] = {
    "value_end": [
        "x", "y", "a", "b", "c", "x", "a", "b", "items[0]", "items[-1]", "xs[1]", "box.value",
        "grown[-1]", "book['k']", "state.pos", "{number}", "{number}", "pair.left",
    ],
    "value": [
        "({value} + {value})", "({value} - {value})", "({value} * 0.5 * {value})", "(-{value})",
        "{value} / (1.5 + {value} ** 2)", "{value} / ({value} - 2.75)", "max({value}, {value})",
        "min({value}, {value}, 1.5)", "sorted([{value}, {value}, 0.25])[1]", "abs({value})",
        "({value} if {test} else {value})", "early({value}, {number})", "halved({value})",
        "({value}) ** 2", "({value}) ** 3", "(abs({value}) + 0.2) ** 1.5", "pow({value}, 2)",
        "2.0 ** math.tanh({value})", "({value} > {number}) * {value}", "{value} % 1.7",
        "({value} // 0.75) * {value}", "divmod({value}, 0.7)[1]", "float({value})",
        "math.sin({value})", "math.cos({value})", "math.tanh({value})", "math.exp(-abs({value}))",
        "math.exp(math.sin({value}))", "math.sqrt({value} ** 2 + 0.5)",
        "math.log(1.5 + math.cos({value}))", "math.atan({value})", "math.atan2({value}, 2.0)",
        "math.hypot({value}, {value}, 1.0)", "math.fabs({value})",
        "math.copysign({value}, {value})", "math.floor({value}) * {value}",
        "int({value}) * {value}", "round({value}) * 0.5", "round({value}, 1)",
        "math.fmod({value}, 1.3)", "math.remainder({value}, 2.3)",
        "math.log1p(abs({value}))", "math.expm1(0.3 * {value})", "math.erf({value})",
        "math.erfc({value})", "math.asinh({value})", "math.cbrt(2.5 + math.sin({value}))",
        "math.gamma(1.5 + math.sin({value}))", "math.lgamma(2.0 + abs({value}))",
        "math.pow(abs({value}) + 0.1, 1.3)", "math.degrees({value}) * 0.01", "math.exp2(0.3 * {value})",
        "math.modf({value})[0]", "math.ldexp({value}, -1)", "math.trunc({value}) * {value}",
        "math.prod([{value}, 0.7, {value}])", "math.fsum([{value}, {value}])",
        "math.dist([{value}, 0.3], [{value}, 1.0])", "sum([{value}, {value}, 0.5])",
        "sum(items)", "sum(grown) / len(grown)", "max(items)", "min(xs)", "max(grown)",
        "sum(v * v for v in items)", "sum(0.2 * v for v in xs if v > {number})",
        "sum(@v * {value} for @v in xs)", "sum([@v if @v > {value} else 0.1 for @v in xs])",
        "sum(terms({value}, 4))", "sum(until(xs, {number}))", "weighted({value}, {value}, k={value})",
        "weighted({value}, *items, scale=0.1)", "adder({value})({value})", "safe({value}, {value})",
        "power({value}, 3)", "(lambda @v: @v * {value})({value})", "box({value})", "box.half",
        "box.keep({value})", "box.push({value}).value", "state.step({value}).vel",
        "(state * 0.5 + state).vel", "functools.reduce(lambda p, q: 0.5 * p + q, xs)",
        "functools.reduce(lambda p, q: p if p > q else q, items, {value})",
        "list(itertools.accumulate(xs, lambda p, q: 0.6 * p + q))[-1]",
        "list(itertools.accumulate(items))[-1]", "sum(p * q for p, q in zip(xs, xs[1:]))",
        "sum(p * k for k, p in enumerate(xs)) * 0.1", "sum(map(abs, items))",
        "sum(map(operator.mul, xs, items))", "max(xs, key=lambda v: (v - {number}) ** 2)",
        "min(items, key=abs)", "sorted(xs)[-1]", "sorted(items, key=lambda v: -v)[0]",
        "sorted(xs, reverse=True)[1]", "xs[::-1][0]", "sum(xs[1:3])", "book.get('z', {value})",
        "RATES[mode] * {value}", "TABLE[int(abs({value})) % 5] * {value}",
        "TABLE[min(int(abs({value})), 4)]", "(0.5 if any(v > 1.0 for v in xs) else 1.5) * {value}",
        "(1.5 if all(v < 1.2 for v in xs) else 0.5) * {value}", "len([v for v in xs if v > 0.2]) * 0.1",
        "sum(1 for v in xs if v > {number})", "(@v := {value}) * @v", "(last if last is not None else {value})",
        "np.sin({value})", "np.maximum({value}, {value})", "np.where({test}, {value}, {value})",
        "np.clip({value}, -0.7, 0.9)", "float(np.sum(np.array(xs) * {value}))", "np.abs({value})",
        "items[{place}]", "items[-{place} - 1]", "xs[{place}]", "xs[int({test})]", "grid[1][{place}]",
        "(items[xs.index(max(xs)) % 3] if isinstance(xs, list) else {value})",
        "(not {test}) * {value}", "({test}) + {value}", "({value} or {value})", "({value} and {value})",
    ],
    "place": ["0", "1", "2"],
    "sign": ["<", "<=", ">", ">="],
    "test_end": ["{value} {sign} {number}", "{value} {sign} {value}", "{flag}"],
    "test": [
        "{value} {sign} {value}", "not {value} {sign} {number}", "-1.0 < {value} < {number}",
        "{test} and {test}", "({test} or {test})", "any([{test}, {value} < 0.0])",
        "all(v > {number} for v in items)", "{flag}", "{flag}", "{value} != 0.5", "{value} == x",
        "bool({value} > 0.0)", "mode == 'on'", "mode in ('on', 'hot')", "last is None",
        "len(grown) > 3", "box.count > 0", "({test}) != ({test})", "math.isfinite({value})",
    ],
    "flag": ["kind == 1", "kind == 2", "kind > 0", "kind != 0", "kind in (1, 2)", "kind", "not kind",
             "kind == n", "kind - 1 == 0", "kind >= 2"],
    "count": ["2", "3", "n", "13", "15"],
    "target": ["a", "b", "c"],
    "statement_end": ["{target} = {value}", "{target} += 0.3 * {value}", "items[{place}] = {value}"],
    "statement": [
        "{target} = {value}", "{target} = {value}", "{target} -= 0.2 * {value}", "{target} *= {value} * 0.5",
        "{target} /= 1.2 + abs({value})", "{target} **= 2", "a, b = b, {value}", "a = b = {value}",
        "items[{place}] = {value}", "items[{place}] += {value}", "items[-1], a = {value}, items[0]",
        "grown.append({value})", "grown += [{value}, {value}]", "grown.insert(0, {value})",
        "if len(grown) > 2:\n    {target} = grown.pop()", "grown.extend(v * 0.5 for v in items)",
        "book['k'] = {value}", "book['z'] = book.get('z', 0.0) + {value}", "book['m'] -= {value}",
        "book.update(k={value})", "book.setdefault('q', {value})", "box.value = {value}",
        "box.value += {value}", "{target} = box.keep({value})", "box.push({value})",
        "state = state.step({value})", "state = replace(state, vel={value})", "state.pos = {value}",
        "state = state + state * 0.1", "pair = Pair({value}, pair.left)", "pair = pair._replace(left={value})",
        "left, *rest = {value}, *items\n{target} = left + rest[-1]", "xs = [v * 0.9 for v in xs]",
        "xs = list(reversed(xs))", "xs = sorted(xs)", "grid[1][{place}] = {value}", "grid[0] = items",
        "items = items[::-1]", "items = list(items)", "items = [v + {value} for v in items]",
        "mode = 'on' if {test} else 'off'", "if {test}:\n    mode = 'hot'", "last = {value}",
        "if {test}:\n    last = {value}", "last = None", "{target} = sum(@v * @k for @k, @v in enumerate(xs))",
        "if {test}:\n    {block}", "if {test}:\n    {block}", "if {test}:\n    {block}\nelse:\n    {block}",
        "if {test}:\n    {block}\nelif {test}:\n    {block}\nelse:\n    {block}",
        "if {flag}:\n    {block}\nelif kind == 2:\n    {block}", "if {test}:\n    return {value}",
        "if {flag}:\n    return a - b * {value}",
        "match kind:\n    case 1:\n        {block}\n    case 2:\n        {block}\n    case _:\n        {block}",
        "match mode:\n    case 'on' | 'hot':\n        {block}\n    case _:\n        {block}",
        "match ({test}, {test}):\n    case (True, True):\n        {block}\n    case (False, _):\n        {block}",
        "for @k in range({count}):\n    {block}", "for @k in range({count}):\n    {block}\n    {target} += 0.1 * @k",
        "for @k in range(1, {count}, 2):\n    a = 0.5 * a + b / @k\n    {block}",
        "for @v in xs:\n    {block}", "for @v in xs:\n    {target} = 0.6 * {target} + @v * {value}",
        "for @k, @v in enumerate(xs):\n    {block}", "for @v, w in zip(xs, xs[1:]):\n    a += @v * w\n    {block}",
        "for @v in reversed(xs):\n    b = math.sin(b) + 0.3 * @v", "for @v in xs[::2]:\n    {block}",
        "for @k in range({count}):\n    if {test}:\n        continue\n    {block}",
        "for @k in range({count}):\n    {block}\n    if {test}:\n        break",
        "for @k in range({count}):\n    if {test}:\n        {target} = {value}\n        break\nelse:\n    {block}",
        "for @k in range({count}):\n    if {test}:\n        return {value}\n    {block}",
        "for @k in range({count}):\n    for j in range(3):\n        a = 0.7 * a + 0.1 * j * {value}\n    {block}",
        "for @k in range({count}):\n    for j in range(@k + 1):\n        b = 0.5 * b + {value} / (j + 2.0)",
        "for @k in range(4):\n    items[@k % 3] = 0.5 * items[(@k + 1) % 3] + {value}",
        "for @k in range(13):\n    xs[@k % len(xs)] = {value}\n    a += 0.1 * xs[(@k + 1) % len(xs)]",
        "for @k in range(13):\n    grown.append(0.5 * grown[-1] + {value})",
        "for @k in range(13):\n    if {test}:\n        grown.append({value})",
        "for @k in range(13):\n    state = state.step({value})", "for @k in range(13):\n    a, b = 0.5 * b, {value}",
        "for @k in range(13):\n    mode = 'on' if {test} else 'off'\n    a += 0.1 * RATES[mode]",
        "for @k in range(13):\n    book['k'] = 0.5 * book['k'] + {value}",
        "while 1.0 < a < 1e6:\n    a *= 0.5\n    {target} += 0.1", "while 0.4 < abs(b) < 1e6:\n    b = 0.6 * b\n    c = 0.5 * c + {value}", "@n = 0\nwhile abs(b) > 0.4 and @n < 6:\n    @n += 1\n    b = 0.6 * b\n    {block}",
        "@n = 0\nwhile @n < 5 and {test}:\n    @n += 1\n    {block}",
        "@n = 0\nwhile True:\n    @n += 1\n    {block}\n    if @n > 4 or {test}:\n        break",
        "try:\n    {target} = {value} / {value}\nexcept ZeroDivisionError:\n    {target} = {value}",
        "try:\n    {target} = math.sqrt({value})\nexcept ValueError:\n    {target} = {value}",
        "try:\n    {target} = math.log({value})\nexcept ValueError:\n    {block}\nelse:\n    {block}",
        "try:\n    {target} = 1.0 / ({value} - x)\nexcept ZeroDivisionError:\n    {block}\nfinally:\n    c += 0.1",
        "try:\n    {target} = math.asin({value})\nexcept (ValueError, ZeroDivisionError):\n    pass",
        "try:\n    {target} = book['none']\nexcept KeyError:\n    {block}",
        "def inner@f(v, w=0.5):\n    return v * a + w * {value}\n{target} = inner@f({value}) + inner@f(b, {value})",
        "def inner@f(v):\n    if v > {value}:\n        return v * b\n    return {value}\n{target} = inner@f({value})",
        "def inner@f(v):\n    nonlocal a\n    a = 0.5 * a + v\n    return a * {value}\n{target} = inner@f({value})",
        "@f = lambda v: v * {value} + c\n{target} = @f({value})", "add = counter({value})\nadd({value})\n{target} = add(b)",
        "@q = deque([{value}, a], maxlen=3)\n@q.append({value})\n@q.append(c)\n{target} = sum(@q)",
        "@d = defaultdict(float)\n@d['p'] += {value}\n@d['q'] -= a\n{target} = sum(@d.values())",
        "for name, @v in book.items():\n    {target} += 0.1 * @v * len(name)", "del items[-1]\nitems.append({value})",
        "{target} = {value} if {test} else {value}", "assert len(items) == 3\n{target} = {value}",
        "@g = [v for v in xs if v > {value}]\n{target} = sum(@g) + len(@g) * 0.1",
        "@g = [[p * q for p in items] for q in xs]\n{target} = @g[1][2] + sum(@g[0])",
        "@g = {}\nfor j, v in enumerate(xs):\n    @g[j % 2] = @g.get(j % 2, 0.0) + v\n{target} = @g[0] - {value}",
        "gen@q = (v * {value} for v in items)\n{target} = next(gen@q) + sum(gen@q)",
        "box = Box({value}) if {test} else box", "state = State({value}, b) if {test} else state",
        "items = [{value}, a, b] if {test} else items", "a, b = (b, a) if {test} else (a, {value})",
    ],
}  # fmt: skip

_END = [
    "for name in sorted(book):", "    c += 0.2 * book[name]",
    "result = a + 0.5 * b + 0.7 * c + sum(items) + 0.1 * sum(grown) + box.value + 0.1 * box.count",
    "result += state.pos - 0.5 * state.vel + pair.left * pair.right + 0.05 * len(grown)",
    "result += RATES[mode] * x + (last if last is not None else 0.25 * a) + 0.3 * grid[1][0]",
    "return result + 0.1 * sum(xs)",
]  # fmt: skip

_FORMS = (  # parameters, what begins with them, and which of them may be differentiated by
    ("x, y", ["xs, kind, n = [x, y, 0.5 * x - y, 0.3], 1, 3"]),
    ("x, y, kind", ["xs, n = [x, y, x * y, 0.3], 1"]),
    ("xs, y", ["xs = list(xs)", "x, kind, n = xs[0], 2, 3"]),
    ("p, kind", ["x, y, xs, n = p['x'], p['y'], list(p['w']), 2"]),
    ("x, y, n", ["xs, kind = [x - y, y, x, 0.3, 0.2], n"]),
)
_BEGIN = [
    "a, b, c = x * 0.5, y + 1.0, 0.3", "items, grown = [x, y, a], [x]", "box, mode, last = Box(x - y), 'off', None",
    "book = {'k': x, 'm': y}", "state, pair = State(x, y), Pair(a, b)",
    "grid = [[0.0] * 3 for _ in range(2)]",
]  # fmt: skip


def _number(chance: random.Random) -> float:
    special = chance.random() < 0.15
    return chance.choice([0.0, 1.0, -1.0, 0.5, 2.0]) if special else chance.uniform(-2.0, 2.0)


def _points(chance: random.Random, parameters: str, count: int) -> list[tuple[Any, ...]]:
    whole = chance.choice([int, float])
    length, array = chance.choice([4, 13]), chance.random() < 0.5
    times = chance.choice([1, 3, 13])

    def one() -> tuple[Any, ...]:
        numbers = [_number(chance) for _ in range(length)]
        x, y = _number(chance), _number(chance)
        if chance.random() < 0.1:
            y = x
        made: dict[str, Any] = {
            "x": x, "y": y, "kind": whole(chance.randrange(4)), "n": times,
            "xs": np.array(numbers) if array else numbers,
            "p": {"x": x, "y": y, "w": numbers},
        }  # fmt: skip
        return tuple(made[name] for name in parameters.split(", "))

    return [one() for _ in range(count)]


def ordinary(seed: int) -> Program:
    """A program, with some points."""
    chance = random.Random(seed)
    parameters, begin = chance.choice(_FORMS)
    grammar = Grammar(_RULES, chance)
    body = "\n".join(
        grammar.text("statement", chance.choice([1, 2, 2, 2, 3]))
        for _ in range(chance.randint(1, 4))
    )
    lines = [*begin, *_BEGIN, *body.split("\n"), *_END]
    source = "\n".join([_HEAD, "", f"def f({parameters}):", *indented(lines), ""])
    names = parameters.split(", ")
    wrt = tuple(i for i, name in enumerate(names) if name != "n")
    return Program(source, _points(chance, parameters, 5), wrt)
