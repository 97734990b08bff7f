"""What ``help`` of a compiled function says: its arguments, what a call gives, what else it can do.

In: what was compiled.  Out: a docstring.
"""

from __future__ import annotations

from typing import Protocol

from autodiff.graph.graph import Graph
from autodiff.graph.structure import Structure

__all__ = ["GRADIENT", "GRAPH", "help_text"]


class Compiled(Protocol):
    """What is said of something compiled."""

    @property
    def title(self) -> str:
        """What it is, in one line."""

    @property
    def frame(self) -> Graph:
        """The graph that has its arguments."""

    @property
    def result(self) -> Structure:
        """What a call gives."""

    target: str
    profile: str


# Method or attribute -> what it is for.
GRAPH = {
    "bind(*args, out=...)": 'a call bound to your arrays, without overhead (target "native")',
    "source": "the emitted code as text; save(path) writes that file",
    "verdict": "what the check at compile found; check says how",
    "explain()": "which line of yours each line of the code comes from",
    "graph": "the traced function",
}
GRADIENT = GRAPH | {
    "forward(*args), backward(residuals)": "the two halves",
    "trace_nan(*args)": "what began a nan or inf",
}


def help_text(emission: Compiled, offers: dict[str, str]) -> str:
    """The docstring of a compiled function or gradient.

    Args:
        emission: What was compiled.
        offers: What the object has besides a call.
    """
    lines = [f"{emission.title.rstrip('.')}.", ""]
    if emission.frame.parameters:
        lines += ["Args:"]
        lines += [f"    {name}: {structure}" for name, structure in emission.frame.parameters]
        lines += [""]
    lines += ["Returns:", f"    {emission.result}, of one point", ""]
    lines += [f'Compiled for target "{emission.target}", profile "{emission.profile}".  It has:']
    lines += [f"    {name}: {what}" for name, what in offers.items()]
    return "\n".join(lines)
