"""The Writer of C, which knows what a compiler makes of some expressions."""

from __future__ import annotations

from collections.abc import Sequence

from autodiff.table.primitive import REGISTRY, Primitive
from codegen.subset.template import Template
from codegen.text.write import Writer

__all__ = ["SUB", "CWriter"]

SUB = REGISTRY["sub"]


class CWriter(Writer):
    """Turns nodes into lines of C.

    gcc takes ``0.0 - (double)(condition)`` for a negation, whose zero has the other sign; a number
    that has a name is subtracted as it is.
    """

    def _text(self, form: Template, operands: Sequence[int], primitive: Primitive) -> str:
        if primitive is SUB and operands[1] in self._truth:
            x, truth = operands
            if self.graph.constants.get(x) == 0.0:
                text = self._operand(truth, False)[0]
                self._pending.pop(truth, None)
                name = self._naming.name(truth)
                self._line(truth, text, name)
                return f"{self.atom(x)}{form.sign}{name}"
        return super()._text(form, operands, primitive)
