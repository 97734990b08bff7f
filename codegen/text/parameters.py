"""Parameters of emitted functions: the scalars and arrays inside the user's arguments.

An argument that is one number or array keeps its name, whatever it is: it is how callers give it.
What else stands in the text gives way, elements and parts of other arguments among it.
"""

from __future__ import annotations

from collections.abc import Sequence

from autodiff.graph.structure import Array, Part, Scalar, leaf_names, leaf_parts
from codegen.language.lines import INDENT, LINE, bracketed
from codegen.language.naming import Names, can_stay
from codegen.text.function import FLAT, FLOAT, Parameter

__all__ = ["Signature", "kept_names", "named_parts", "parts_of", "unpacking"]


def parts_of(parameters: Sequence[Part]) -> list[Part]:
    """The scalars and arrays inside the arguments."""
    return [part for name, structure in parameters for part in leaf_parts(name, structure)]


def kept_names(parameters: Sequence[Part]) -> list[str]:
    """The arguments that are parameters under their own names."""
    return [name for name, s in parameters if isinstance(s, (Scalar, Array)) and can_stay(name)]


def named_parts(parameters: Sequence[Part], names: Names) -> list[Part]:
    """The scalars and arrays inside the arguments, under their names in emitted functions."""
    head, parts = Signature(names, parameters).head, parts_of(parameters)
    return [(one.name, s) for one, (_, s) in zip(head, parts, strict=True)]


class Signature:
    """Parameter names and input names of one emitted function."""

    def __init__(self, names: Names, parameters: Sequence[Part]) -> None:
        self.head: list[Parameter] = []
        self.unpacked: list[str] = []  # lines that unpack flat arrays
        self.inputs: list[str] = []
        self._listed: list[str] = []
        kept = set(kept_names(parameters))
        names.keep(kept)
        for part_name, part in parts_of(parameters):
            name = part_name if part_name in kept else names.claim(part_name)
            self.head.append(Parameter(name, FLAT if isinstance(part, Array) else FLOAT))
            if isinstance(part, Array):
                elements = [names.claim(leaf) for leaf in leaf_names(part_name, part)]
                self.inputs += elements
                if elements:
                    self.unpacked += unpacking(elements, name)
            else:
                self.inputs.append(name)
            self._listed.append(f"*{name}" if isinstance(part, Array) else name)

    @property
    def point(self) -> str:
        """Text of all inputs as one list."""
        return f"[{', '.join(self._listed)}]"


def unpacking(names: Sequence[str], source: str) -> list[str]:
    """``x_0, x_1 = x``; nothing if there are no names."""
    if not names:
        return []
    line = f"{', '.join(names)}{',' if len(names) == 1 else ''} = {source}"
    return [line] if len(INDENT + line) <= LINE else bracketed("", names, f" = {source}")
