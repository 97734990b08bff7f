"""A text without what it does where switches tie, once that is known to follow from the function.

There an emitted text hands the derivatives it has found to ``_f_settled``, which returns them, or,
where no side of the tie has such derivatives, those of the smooth pieces (``autodiff.run.pieces``).
That is right at any point, if the pieces are those of the function at this point.  So their text
must be the very text that is written for the function, the point must be the arguments, what is
settled must be what is returned, and it must be asked for just where the function's switches tie:
the conditions stay in the text, and who reads it proves them (``subjects/tied_text.py``).

``forward`` hands the point on: it may return the arguments behind the residuals that ``backward``
takes apart, which settles there what it would return without them.

What is read is the syntax tree; what is taken out is cut at the places that it names, so that every
line keeps its number.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from verify.program.stands import rest_of
from verify.program.tie_forms import Cut, Flag, Form, OtherwiseError, Settles, demand

__all__ = ["AtTies", "Untied", "unread", "without_ties"]


@dataclass(frozen=True)
class AtTies:
    """What a text of a function holds for ties.

    Args:
        texts: Its functions for them, all of which it must have.
        settles: What each emitted function settles, by name.
        rows: Whether it settles at many points at once, and is told at which.
    """

    texts: tuple[str, ...] = ()
    settles: tuple[tuple[str, Settles], ...] = ()
    rows: bool = False


@dataclass(frozen=True)
class Untied:
    """A text to be read.

    Args:
        text: What it says beside ties.
        flags: Its conditions for ties, by the line of their ``if``.
    """

    text: str
    flags: Mapping[int, Flag] = field(default_factory=dict)


def unread(error: Exception, text: str) -> str:
    """Why a text cannot be read, of which nothing was taken out if it settles ties otherwise."""
    said = f"the text cannot be read: {error}"
    if "_settled(" not in text:
        return said
    return f"{said}; what it does where switches tie is not what is written for its function"


@lru_cache(maxsize=2)  # each step of a proof asks for the text
def without_ties(source: str, at_ties: AtTies) -> Untied:
    """``source`` without its statements for ties, and without what these call.

    Args:
        source: The text.
        at_ties: What a text of this function holds for ties.
    """
    rest = rest_of(source, at_ties.texts) if at_ties.texts else None
    if rest is None:
        return Untied(source)
    try:
        return _File(*rest, at_ties).read()
    except OtherwiseError:
        return Untied(source)


class _File:
    """The functions of a file that settle ties.

    Args:
        source: The text.
        functions: Its functions.
        at_ties: What it holds for ties.
    """

    def __init__(self, source: str, functions: Sequence[ast.FunctionDef], at_ties: AtTies) -> None:
        self.source, self.rows = source, at_ties.rows
        self.settles = dict(at_ties.settles)
        self.functions = {function.name: function for function in functions}
        self.forms: list[Form] = []

    def read(self) -> Untied:
        """The text without what is for ties.

        Raises:
            OtherwiseError: if something is not as it is written for them.
        """
        for name, settles in self.settles.items():
            if name == "backward" and not self.functions.keys().isdisjoint(("forward", name)):
                self._halves(settles)
            elif name not in ("forward", "backward"):
                for form in self._forms(name):
                    form.settle(settles, form.point(settles))
        cuts = [cut for form in self.forms for cut in form.cuts]
        flags = {line: flag for form in self.forms for line, flag in form.flags.items()}
        return Untied(_cut(self.source, cuts), flags)

    def _forms(self, name: str) -> list[Form]:
        """The first form of a function and the second, or the only one."""
        names = [one for one in (name, f"_{name}_ieee") if one in self.functions]
        demand(name in names)
        forms = [Form(name, self.functions[n], n == names[-1], self.rows) for n in names]
        self.forms += forms
        return forms

    def _halves(self, settles: Settles) -> None:
        forward, backward = self._forms("forward"), self._forms("backward")
        value = self.settles.get("forward")
        taken = [form.taken_apart() for form in backward]
        if all(taken):
            residuals = taken[-1]
            assert residuals is not None
            for form in forward:
                form.hand_on(settles, value, isinstance(residuals.elts[0], ast.Starred))
            backward[-1].settle_behind(settles, residuals)
        elif any(form.loads(form.parameters[0]) for form in backward):
            self._long_halves(forward, backward, settles, value)

    def _long_halves(
        self,
        forward: Sequence[Form],
        backward: Sequence[Form],
        settles: Settles,
        value: Settles | None,
    ) -> None:
        """``backward`` goes on with the list of ``forward``, which begins with the arguments."""
        count = settles.inputs - 1
        nodes = [node for function in self.functions.values() for node in ast.walk(function)]
        demand(_keep(nodes, count))
        for form in forward:
            form.begin_with_arguments(settles)
            if value is not None:
                form.settle(value, form.point(value), alone=True)
        for form in backward:
            residuals, cotangent = form.parameters
            form.settle(settles, [f"*{residuals}[:{count}]", cotangent])


def _keep(nodes: Sequence[ast.AST], count: int) -> bool:
    """True if nobody stores at the first ``count`` places of a list."""
    stored = {id(n) for n in nodes if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store)}
    for node in nodes:
        match node:
            case ast.Assign(
                targets=[
                    ast.Subscript(value=ast.Name(), slice=ast.Constant(value=int(k))) as target
                ]
            ) if k >= count:
                stored.discard(id(target))
    return not stored


def _cut(source: str, cuts: Sequence[Cut]) -> str:
    """A text with something else from one node to another, on as many lines."""
    lines = source.encode().split(b"\n")
    for first, last, new in sorted(cuts, key=lambda cut: _start(cut[0]), reverse=True):
        start, end = first.lineno - 1, (last.end_lineno or 0) - 1
        before, after = lines[start][: first.col_offset], lines[end][last.end_col_offset :]
        lines[start : end + 1] = [before + new.encode() + after, *[b""] * (end - start)]
    return b"\n".join(lines).decode()


def _start(node: ast.expr | ast.stmt) -> tuple[int, int]:
    return node.lineno, node.col_offset
