"""Bits: what a stable form lost before and loses now, as users see it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from codegen.stable.many_forms import Expressions
from codegen.stable.measured.measure import sampled
from codegen.stable.measured.sample_points import Domain
from codegen.stable.stable_form import Stable, joined_outputs

__all__ = ["Bits", "Kind", "bits_of"]

_EACH = 128


@dataclass(frozen=True)
class Kind:
    """Points of one kind.

    Args:
        name: near the example, far from it, everyday sizes, all scales, random doubles, domain.
        before: Per output the mean bits lost as the function was written.
        after: And as it is compiled.
    """

    name: str
    before: tuple[float, ...]
    after: tuple[float, ...]


@dataclass(frozen=True)
class Bits:
    """Bits lost, of 64, before and after; ``print`` shows a table.

    Args:
        outputs: What is computed: the value, and each derivative.
        kinds: Per kind of points the bits lost.
        rewrites: The identities that were used.
    """

    outputs: tuple[str, ...]
    kinds: tuple[Kind, ...]
    rewrites: tuple[str, ...]

    @property
    def before(self) -> float:
        """Mean bits lost as the function was written."""
        return _mean([x for kind in self.kinds for x in kind.before])

    @property
    def after(self) -> float:
        """Mean bits lost as it is compiled."""
        return _mean([x for kind in self.kinds for x in kind.after])

    def __str__(self) -> str:
        lines = [f"mean bits lost: {self.before:.1f} before, {self.after:.1f} now"]
        for kind in self.kinds:
            pairs = zip(self.outputs, kind.before, kind.after, strict=True)
            cells = [f"{name} {a:.1f} -> {b:.1f}" for name, a, b in pairs if a == a and b == b]
            lines.append(f"  {kind.name}: {', '.join(cells)}")
        return "\n".join([*lines, f"rewrites: {', '.join(self.rewrites) or 'none'}"])


def bits_of(stable: Stable, domain: Domain) -> Bits:
    """Measure a stable form on points that it was not chosen by."""
    count = len(stable.graph.outputs)
    sample = sampled(joined_outputs(stable.graph, stable.given), domain, _EACH, seed=4)
    outputs = tuple([f"output {k}" for k in range(len(stable.whole.outputs))])
    if sample is None:
        return Bits(outputs, (), stable.names)
    e = Expressions(sample.columns)
    means = []
    for graph in (stable.given, stable.whole):
        ids = e.of_graph(graph)
        lost = [sample.lost(e.values(ids[i]), count + k) for k, i in enumerate(graph.outputs)]
        means.append([sample.means(one) for one in lost])
    before, after = np.array(means[0]).T, np.array(means[1]).T
    kinds = [
        Kind(name, tuple(map(float, before[k])), tuple(map(float, after[k])))
        for k, (name, _) in enumerate(sample.strata)
    ]
    return Bits(outputs, tuple(kinds), stable.names)


def _mean(numbers: list[float]) -> float:
    told = [x for x in numbers if not math.isnan(x)]
    return sum(told) / len(told) if told else 0.0
