"""Text from templates: what stands in braces is a text of that kind, ``@k`` a name of its own."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Mapping, Sequence

__all__ = ["Grammar", "indented"]

_HOLE = re.compile(r"\{(\w+)\}")
_NAME = re.compile(r"@([a-z]+)")
_SEEN = ("k", "v")  # own names that stand for numbers, which what is inside may read


def indented(lines: Sequence[str], by: str = "    ") -> list[str]:
    """The lines, further right."""
    return [by + line for line in lines]


class Grammar:
    """Alternatives of each kind; those of ``kind_end`` where no more depth is left."""

    def __init__(self, rules: Mapping[str, Sequence[str]], chance: random.Random) -> None:
        self.rules, self.chance, self.count = rules, chance, itertools.count(1)

    def text(self, kind: str, depth: int, seen: Sequence[str] = ()) -> str:
        """A text of a kind."""
        if kind == "number":
            return repr(round(self.chance.uniform(-2.0, 2.0), 2))
        if kind == "block":
            return self.block(depth, seen)
        end = f"{kind}_end"
        # What is short is likely at any depth, or nearly all texts were of the same depth.
        short = end in self.rules and (depth <= 0 or self.chance.random() < 0.3)
        choices = list(self.rules[end if short else kind])
        if kind == "value" and short:
            choices += seen
        return self._filled(self.chance.choice(choices), depth, seen)

    def block(self, depth: int, seen: Sequence[str] = (), most: int = 3) -> str:
        """Some statements."""
        count = self.chance.randint(1, most)
        return "\n".join(self.text("statement", depth, seen) for _ in range(count))

    def _filled(self, template: str, depth: int, seen: Sequence[str]) -> str:
        own = {name: f"{name}{next(self.count)}" for name in dict.fromkeys(_NAME.findall(template))}
        template = _NAME.sub(lambda found: own[found[1]], template)
        known = [*seen, *(own[name] for name in _SEEN if name in own)]
        lines = []
        for line in template.split("\n"):
            margin = line[: len(line) - len(line.lstrip())]
            text = _HOLE.sub(lambda found: self.text(found[1], depth - 1, known), line.strip())
            lines += indented(text.split("\n"), margin)
        return "\n".join(lines)
