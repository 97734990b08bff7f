"""Where switches tie: what emitted functions do there, and the functions that they call for it.

The first form raises, which leads to the second.  The second hands the derivatives it has found to
``_f_settled``, which compares them with those of the pieces that meet: at the point itself
(``_f_sides``), or a step away from it where something is infinite there (``_f_piece``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from autodiff.graph.graph import Graph, Limits
from autodiff.run.pieces import flagged
from codegen.language.lines import INDENT, LINE, Returned, bracketed
from codegen.language.target import Target
from codegen.language.wrap import wrapped

__all__ = [
    "Tied",
    "leads",
    "lowered",
    "settled_name",
    "starred_first",
    "statement",
    "unflagged",
    "unstarred",
    "untied",
]

# What a half takes apart beside its residuals: the point, at a tie.
_STARRED = re.compile(r",\s*\*(\w+),?(?=(?:\n\s*\))? = residuals_*$)", re.MULTILINE)


_STARRED_FIRST = re.compile(r"\*(\w+), (?=[\w\s,]*\) = residuals_*$)", re.MULTILINE)


def lowered(graph: Graph, passes: Callable[[Graph], Graph], raises: bool = False) -> Graph:
    """``graph`` after the passes, its last output true where switches tie.

    ``limits`` of the result says that there is such an output; without one nothing can tie.

    Args:
        graph: The graph as the transform made it.
        passes: The passes.
        raises: True for text that raises where a slope is infinite, and need not look.
    """
    limits = graph.limits
    places = () if limits is None else limits.places if raises else limits.every
    if not places:
        return replace(passes(graph), limits=None)
    return replace(passes(flagged(graph, places)), limits=limits)


def unflagged(graph: Graph) -> Graph:
    """A lowered graph without the output that is true where switches tie."""
    if graph.limits is None:
        return graph
    return replace(graph, outputs=graph.outputs[:-1], limits=None)


def settled_name(name: str) -> str:
    """Name of the function that settles the derivatives of ``name``."""
    return f"_{name}_settled"


@dataclass(frozen=True)
class Tied:
    """What an emitted function does where switches tie.

    Args:
        name: Its name.
        limits: What its graph says about ties.
        point: Text of its inputs as a list.
        bars: The name that settled derivatives get.
        tied: Text of what is true at the points that tie, for a text over arrays of points.
    """

    name: str
    limits: Limits
    point: str
    bars: str
    tied: str = ""

    def settled(
        self, outputs: Sequence[str], result: Callable[[Sequence[str]], Returned]
    ) -> list[str]:
        """The body of the statement: returns the outputs, settled.

        Args:
            outputs: Text of each output.
            result: What returns outputs with these texts.
        """
        items = [outputs[i] for i in self.limits.outputs]
        call = f"{self.bars} = {settled_name(self.name)}"
        extra = f", {self.tied}" if self.tied else ""
        line = f"{call}({self.point}, [{', '.join(items)}]{extra})"
        lines = [line]
        if len(INDENT * 2 + line) > LINE:
            inner = bracketed("", items, ",", "[]", INDENT * 2)
            lines = [f"{call}(", f"{INDENT}{self.point},", *(INDENT + x for x in inner)]
            lines += [f"{INDENT}{self.tied},"] if self.tied else []
            lines.append(")")
        after = list(outputs)
        for place, i in enumerate(self.limits.outputs):
            after[i] = f"{self.bars}[{place}]"
        return [*lines, *result(after).lines]


def leads(target: Target) -> list[str]:
    """What a first form does at a tie: its second form goes on."""
    return [f"raise {target.called('ArithmeticError')}"]


def statement(condition: str, body: Sequence[str], target: Target, tied: str = "") -> list[str]:
    """``if condition: body``, before the last return.

    Args:
        condition: Text that is true at a tie.
        body: Its lines.
        target: The target.
        tied: The name that gets the condition, for a text over arrays of points.
    """
    first: list[str] = []
    if tied:
        first = wrapped(f"{tied} = ", condition, LINE - len(INDENT))
        condition = f"{target.called('np')}.count_nonzero({tied})"
    head = wrapped("if ", condition, LINE - len(INDENT) - 1)
    head[-1] += ":"
    return [*first, *head, *(INDENT + x for x in body)]


_TIED_ROWS = rf"^{INDENT}if np_*\.count_nonzero\("
_OF_TIES = "count_nonzero", "raise ArithmeticError", "residuals"
_RAISED = re.compile(rf"^( *){INDENT}raise ArithmeticError_*\n", re.MULTILINE)


def unstarred(text: str) -> tuple[str, str]:
    """A half without what else its residuals hold where switches tie, and the name of that."""
    found = _STARRED.search(text)
    if found is not None:
        return _STARRED.sub(",", text, count=1), found[1]
    first = starred_first(text)
    return (text, "") if not first else (_STARRED_FIRST.sub("", text, count=1), first)


def starred_first(text: str) -> str:
    """The name of what a half takes apart before its residuals, "" if nothing stands there."""
    found = _STARRED_FIRST.search(text)
    return "" if found is None or text[: found.start()].rstrip()[-1:] != "(" else found[1]


def untied(text: str) -> str:
    """A first form without its statement for ties, which only leads to the second."""
    if not any(word in text for word in _OF_TIES):  # as most are
        return text
    text, more = unstarred(text)
    asks = rf"^{INDENT}if {more}:\n" if more else _TIED_ROWS
    if rows := list(re.finditer(asks, text, re.MULTILINE)):
        return text[: rows[-1].start()] + text[text.rindex(f"\n{INDENT}return ") + 1 :]
    raised = list(_RAISED.finditer(text))
    if not raised:
        return text
    start, end = raised[-1].span(1)
    indentation = text[start:end]  # of the statement
    begin = text.rindex(f"\n{indentation}if ", 0, start)
    return text[: begin + 1] + text[text.index("\n", end) + 1 :]
