"""Random programs that branch: their source, and the function that it defines."""

from __future__ import annotations

import itertools
import linecache
import random
from collections.abc import Callable
from typing import Any

__all__ = ["random_branching"]

_COUNT = itertools.count()
_HELPERS = """
class Box:
    def __init__(self, value):
        self.value = value
        self.count = 0

    def keep(self, other):
        if other > self.value:
            self.value = other
            self.count += 1
        return self.value


def early(x, limit):
    if x < limit:
        return x * 2.0
    if x > limit + 1.0:
        return limit - x
    return x * x
"""


class _Writer:
    """Writes the body of one function of x and y."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.names = ["x", "y", "a", "b"]

    def number(self) -> str:
        return repr(round(self.chance.uniform(-2.0, 2.0), 2))

    def value(self, depth: int = 2) -> str:
        chance = self.chance
        if depth == 0 or chance.random() < 0.3:
            return chance.choice([*self.names, "items[0]", "items[1]", "box.value", self.number()])
        x, y = self.value(depth - 1), self.value(depth - 1)
        return chance.choice(
            [
                f"({x} + {y})",
                f"({x} - {y})",
                f"({x} * 0.5 * {y})",
                f"max({x}, {y})",
                f"min({x}, {y}, 1.5)",
                f"sorted([{x}, {y}, 0.25])[1]",
                f"({x} if {self.test()} else {y})",
                f"abs({x})",
                f"early({x}, {self.number()})",
            ]
        )

    def test(self) -> str:
        chance, x, y = self.chance, self.value(0), self.value(0)
        sign = chance.choice(["<", "<=", ">", ">="])
        plain = f"{x} {sign} {y}"
        return chance.choice(
            [
                plain,
                plain,
                f"not {plain}",
                f"-1.0 < {x} < {self.number()}",
                f"{plain} and {y} > {self.number()}",
                f"({plain} or {x} > {self.number()})",
                f"any([{plain}, {y} < 0.0])",
            ]
        )

    def block(self, depth: int, in_loop: bool) -> list[str]:
        lines: list[str] = []
        for _ in range(self.chance.randint(1, 3)):
            lines += self.statement(depth, in_loop)
        return lines

    def statement(self, depth: int, in_loop: bool) -> list[str]:
        chance = self.chance
        kind = chance.choice(["set", "set", "add", "item", "box", "keep", "if", "if", "if", "for",
                              "leave"])  # fmt: skip
        name = chance.choice(["a", "b"])
        if depth == 0 or kind in ("set", "add"):
            return [f"{name} {'+=' if kind == 'add' else '='} {self.value()}"]
        if kind == "item":
            return [f"items[{chance.randint(0, 1)}] = {self.value(1)}"]
        if kind == "box":
            return [f"box.value = {self.value(1)}"]
        if kind == "keep":
            return [f"{name} = box.keep({self.value(1)})"]
        if kind == "for":
            body = self.block(depth - 1, True)
            return [f"for k in range({chance.randint(1, 2)}):", *_indented([*body, f"{name} += k"])]
        if kind == "leave":
            leaving = chance.choice(["break", "continue"]) if in_loop else "return a - b"
            return [f"if {self.test()}:", *_indented([f"{name} = {self.value(1)}", leaving])]
        lines = [f"if {self.test()}:", *_indented(self.block(depth - 1, in_loop))]
        if chance.random() < 0.3:
            lines += [f"elif {self.test()}:", *_indented(self.block(depth - 1, in_loop))]
        if chance.random() < 0.5:
            lines += ["else:", *_indented(self.block(depth - 1, in_loop))]
        return lines


def _indented(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]


def random_branching(seed: int, depth: int = 2) -> tuple[Callable[..., Any], str]:
    """A function of two floats, and its source."""
    writer = _Writer(random.Random(seed))
    start = ["a, b = x * 0.5, y + 1.0", "items = [x, y]", "box = Box(x - y)"]
    body = [line for _ in range(3) for line in writer.statement(depth, False)]
    end = ["return a + b * 0.5 + items[0] - items[1] * 0.25 + box.value + box.count"]
    source = "\n".join([_HELPERS, "", "def f(x, y):", *_indented([*start, *body, *end])]) + "\n"
    name = f"<random branching {next(_COUNT)}>"
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    space: dict[str, Any] = {"__name__": "random_branching"}
    exec(compile(source, name, "exec"), space)
    return space["f"], source
