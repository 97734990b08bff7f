"""Mutants of derivative rules: a rule's graph with one line changed.

A rule is recorded as a graph of ``g`` and the operands, its printed form is changed, and the parsed
result is run on placeholders in the rule's place.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator
from typing import Any

import autodiff as ad
from autodiff.errors import ProofgradError
from autodiff.graph.graph import Graph
from autodiff.table.primitive import REGISTRY, Primitive
from verify.rules.rules import rule_graphs

__all__ = ["disagree", "mutated_rules", "recorded_rule", "with_rule"]

_SWAPPED = {"add": "sub", "sub": "add", "mul": "div", "div": "mul", "sin": "cos", "cos": "sin",
            "exp": "expm1", "log": "log1p", "lt": "gt", "gt": "lt", "le": "ge", "ge": "le",
            "sinh": "cosh", "cosh": "sinh", "neg": "abs", "square": "neg"}  # fmt: skip
_LINE = re.compile(r"    (%\d+) = (\w+) (.*)")


def recorded_rule(row: Primitive, position: int) -> Graph:
    """The rule as a graph of ``g`` and the operands."""
    return next(rule for _, _, rule in rule_graphs(row, position))


def mutated_rules(rule: Graph, count: int, seed: int = 0) -> list[Graph]:
    """Different graphs with one line changed."""
    texts = dict.fromkeys(_changed(str(rule)))
    found: dict[str, Graph] = {}
    for text in texts:
        try:
            found.setdefault(str(graph := ad.parse(text)), graph)
        except ProofgradError:  # a node that is there already, or nothing of its kind
            continue
    found.pop(str(rule), None)
    graphs = list(found.values())
    random.Random(seed).shuffle(graphs)
    return graphs[:count]


def _changed(text: str) -> Iterator[str]:
    lines = text.splitlines()
    header = lines[0]
    names = re.findall(r"(\w+): float", header)
    for number, line in enumerate(lines):
        if found := _LINE.fullmatch(line):
            index, primitive, operands = found.groups()
            atoms = operands.split(", ")
            variants = [f"{index} = {_SWAPPED.get(primitive, 'neg')} {operands}"]
            if len(atoms) == 2:
                variants.append(f"{index} = {primitive} {atoms[1]}, {atoms[0]}")
            for place, atom in enumerate(atoms):
                others = [n for n in names if n != atom]
                if re.fullmatch(r"[\d.e+-]+", atom):
                    others = [repr(float(atom) + 1.0), repr(float(atom) * 1.0003)]
                for other in others:
                    new = ", ".join([*atoms[:place], other, *atoms[place + 1 :]])
                    variants.append(f"{index} = {primitive} {new}")
            for variant in variants:
                yield "\n".join([*lines[:number], f"    {variant}", *lines[number + 1 :]]) + "\n"
        elif line.startswith("    return "):
            result = line.removeprefix("    return ")
            last = max([int(n) for n in re.findall(r"%(\d+) =", text)], default=len(names) - 1)
            for index, ending in ((last + 1, f"neg {result}"), (last + 2, f"mul {result}, 1.0003")):
                yield "\n".join([*lines[:number], f"    %{index} = {ending}",
                                 f"    return %{index}"]) + "\n"  # fmt: skip


def with_rule(row: Primitive, position: int, rule: Graph) -> Primitive:
    """The row with this rule; the caller puts the registry back."""

    def run(g: Any, out: Any, *operands: Any) -> Any:
        return ad.evaluate(rule, g, *operands)

    rules = [*row.partials]
    rules[position] = run
    made = Primitive(
        row.name, row.impl, tuple(rules), row.python, row.numpy, row.sympy, row.ufunc, row.domain,
        row.predicate, row.conditions, row.literal, row.commutative, row.kinks,
    )  # fmt: skip
    REGISTRY[row.name] = row
    return made


def disagree(rule: Graph, mutant: Graph, row: Primitive) -> bool:
    """True if two rules give clearly other numbers somewhere in the domain."""
    draw = random.Random(3)
    for _ in range(30):
        operands = []
        for place in range(row.arity):
            low, high = row.interval(place)
            low, high = max(low, -3.0), min(high, 3.0)
            operands.append(draw.uniform(low, high))
        right, wrong = (float(ad.evaluate(r, 0.7, *operands)) for r in (rule, mutant))
        if math.isfinite(right) and not abs(right - wrong) <= 1e-6 * abs(right) + 1e-12:
            return True
    return False
