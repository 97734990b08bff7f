"""Pieces of C: expressions that know how strongly they bind, and places in arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autodiff.table.primitive import Primitive
from codegen.language.target import Target
from codegen.subset.template import ATOM, UNARY

__all__ = ["Place", "Term", "composed"]


@dataclass(frozen=True)
class Term:
    """An expression.

    Args:
        text: Its text.
        binds: How strongly it binds.
        truth: True for a truth value.
        reads: The tensors whose numbers it takes when it is computed.
    """

    text: str
    binds: int = ATOM
    truth: bool = False
    reads: frozenset[int] = frozenset()

    def number(self, target: Target) -> Term:
        """The expression as a double."""
        if not self.truth:
            return self
        text = target.truth_as_number.format(self.text)  # which puts it in parentheses
        return Term(text, UNARY, False, self.reads)

    def within(self, need: int) -> str:
        """Its text where an operand must bind so strongly."""
        return self.text if self.binds >= need else f"({self.text})"


def composed(primitive: Primitive, operands: Sequence[Term], target: Target) -> Term:
    """A primitive of these operands."""
    form, parts = target.template(primitive), []
    for piece in form.pieces:
        if isinstance(piece, str):
            parts.append(piece)
            continue
        operand = operands[piece]
        if piece not in primitive.conditions:
            operand = operand.number(target)
        parts.append(operand.within(form.holes[piece]))
    reads = frozenset[int]().union(*(operand.reads for operand in operands))
    return Term("".join(parts), form.binds, primitive.predicate, reads)


@dataclass(frozen=True)
class Place:
    """A place in an array: its name, variables with their strides, and where it begins."""

    name: str
    terms: tuple[tuple[str, int], ...] = ()
    offset: int = 0

    def at(self, terms: Sequence[tuple[str, int]], offset: int) -> Place:
        """A place further on."""
        strides: dict[str, int] = {}
        for variable, stride in (*self.terms, *terms):
            strides[variable] = strides.get(variable, 0) + stride
        kept = tuple((variable, stride) for variable, stride in strides.items() if stride)
        return Place(self.name, kept, self.offset + offset)

    @property
    def number(self) -> str:
        """The number there."""
        return f"{self.name}[{self._index or '0'}]"

    @property
    def pointer(self) -> str:
        """Where it lies."""
        return f"{self.name} + {self._index}" if self._index else self.name

    @property
    def _index(self) -> str:
        """Counts are unsigned: nothing is taken away from what is too small."""
        plus = [(v, s) for v, s in self.terms if s > 0]
        minus = [(v, -s) for v, s in self.terms if s < 0]
        plus.sort(key=lambda term: -term[1])
        texts = [_times(*term) for term in plus]
        if self.offset:
            texts.insert(0 if minus else len(texts), str(self.offset))
        return " + ".join(texts) + "".join(f" - {_times(*term)}" for term in minus)


def _times(variable: str, stride: int) -> str:
    return variable if stride == 1 else f"{stride} * {variable}"
