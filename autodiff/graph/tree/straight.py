"""Straight-line Python that takes values of one structure apart, and puts them together.

Walking a structure at every call costs more than most gradients; so the walk is written down once,
as the lines one would write by hand::

    def apart(v, path):
        try:
            v0, v1 = v
            if type(v1) is not dict or len(v1) != 2: return slow(v, path)
            v2, v3 = get0(v1)
            return [v0, v2, v3]
        except wrong:
            return slow(v, path)

The lines hold no text of the user's: keys, classes and shapes are constants of the namespace.
Whatever they do not know, ``slow`` converts, or explains.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any, TypeAlias, TypeGuard

import numpy as np

from autodiff.graph.structure import Array, Dict, List, Nothing, Record, Scalar, Structure, Tuple
from autodiff.graph.tree.records import maker, reader

__all__ = [
    "USUAL",
    "WRONG",
    "Apart",
    "Constants",
    "Made",
    "Taken",
    "apart",
    "fits",
    "put_together",
    "together",
]

_LONGEST = 400  # containers and leaves; longer text would take longer to compile than it saves
_SAME = 24  # scalars of one tuple or list that are handled as one slice
_DEEPEST = 40
WRONG = (AttributeError, IndexError, KeyError, TypeError, ValueError)

# What conditions on usual parts name.
USUAL = {
    "float": float, "floats": {float}, "map": map,
    "float64": np.dtype(np.float64), "ndarray": np.ndarray,
}  # fmt: skip

# The condition under which a part is as usual ("" if always), and what to make of it.
Taken: TypeAlias = Callable[[Scalar | Array, str, "Constants"], tuple[str, str]]
Made: TypeAlias = Callable[[Scalar | Array, str, "Constants"], str]


class Constants:
    """The namespace of a text: constants under names of its own."""

    def __init__(self, **known: object) -> None:
        self.values: dict[str, Any] = {"__builtins__": {"type": type, "len": len}, **known}

    def name(self, value: object) -> str:
        """The name of a constant."""
        name = f"c{len(self.values)}"
        self.values[name] = value
        return name

    def function(self, name: str, lines: list[str]) -> Callable[..., object]:
        """The function of that name that the lines define."""
        exec(compile("\n".join(lines), "<proofgrad straight>", "exec"), self.values)
        function: Callable[..., object] = self.values[name]
        return function


def fits(structure: Structure) -> bool:
    """True if the text is not too long or too deep."""
    count, stack = 0, [(structure, 0)]
    while stack:
        top, depth = stack.pop()
        count += 1
        if count > _LONGEST or depth > _DEEPEST:
            return False
        if not isinstance(top, (Scalar, Array, Nothing)) and not _is_row(top):
            stack += [(item, depth + 1) for item in top.items]
    return True


def _is_row(structure: Structure) -> TypeGuard[Tuple | List]:
    """True for a tuple or list of many scalars."""
    return (
        isinstance(structure, (Tuple, List))
        and len(structure.items) > _SAME
        and all(isinstance(item, Scalar) for item in structure.items)
    )


# --- apart -----------------------------------------------------------------------------------


class Apart:
    """Writes the lines that take values apart.

    Args:
        taken: Says when a part is as usual, and the text of what it becomes.
        constants: What the lines name.
        row: The condition under which many scalars in a row are as usual ("" if always), and what
            they become.
        other: The call that stands in for all of it where anything is not as usual.

    Attributes:
        lines: The lines.
        results: The text of what each part becomes.
    """

    def __init__(
        self, taken: Taken, constants: Constants, row: tuple[str, str], other: str
    ) -> None:
        self._taken, self.constants, self._row, self._other = taken, constants, row, other
        self.lines: list[str] = []
        self.results: list[str] = []
        self._count = 0

    def _names(self, count: int) -> list[str]:
        self._count += count
        return [f"v{self._count - count + k}" for k in range(count)]

    def _require(self, *conditions: str) -> None:
        found = [condition for condition in conditions if condition]
        if found:
            self.lines.append(f"if not ({' and '.join(found)}): return {self._other}")

    def visit(self, structure: Structure, name: str) -> None:
        """Lines that take ``name`` apart."""
        if isinstance(structure, (Scalar, Array)):
            condition, result = self._taken(structure, name, self.constants)
            self._require(condition)
            self.results.append(result)
        elif isinstance(structure, Nothing):
            self._require(f"{name} is None")
        elif _is_row(structure):
            self._require(
                f"type({name}) is {_kind(structure)}",
                f"len({name}) == {len(structure.items)}",
                self._row[0].format(name),
            )
            self.results.append(self._row[1].format(name))
        else:
            self._container(structure, name)

    def _container(self, structure: Tuple | List | Dict | Record, name: str) -> None:
        source = name
        if isinstance(structure, (Tuple, List)):
            self._require(f"type({name}) is {_kind(structure)}")
        elif isinstance(structure, Dict):
            self._require(f"type({name}) is dict", f"len({name}) == {len(structure.keys)}")
            source = f"{self.constants.name(_getter(structure))}({name})"
        else:
            self._require(f"type({name}) is {self.constants.name(structure.kind)}")
            source = f"{self.constants.name(reader(structure.keys))}({name})"
        items = self._names(len(structure.items))
        self.lines.append(f"[{', '.join(items)}] = {source}")
        leaves = [
            (item, inner)
            for item, inner in zip(items, structure.items, strict=True)
            if isinstance(inner, (Scalar, Array))
        ]
        self._require(*[self._taken(inner, item, self.constants)[0] for item, inner in leaves])
        for item, inner in zip(items, structure.items, strict=True):
            if isinstance(inner, (Scalar, Array)):
                self.results.append(self._taken(inner, item, self.constants)[1])
            else:
                self.visit(inner, item)


def _kind(structure: Structure) -> str:
    return "tuple" if isinstance(structure, Tuple) else "list"


def _getter(structure: Dict) -> Callable[[Any], object]:
    """Function that gives the values of a dict in the structure's order."""
    keys = structure.keys
    if len(keys) > 1:
        return itemgetter(*keys)
    return lambda value: [value[key] for key in keys]


def apart(
    structure: Structure,
    taken: Taken,
    slow: Callable[[object, str], object],
    row: str,
    **known: object,
) -> Callable[[object, str], Any]:
    """Function of a value and its path that gives a list of what ``taken`` makes of each part.

    Args:
        structure: The structure.
        taken: Says when a part is as usual, and the text of what it becomes.
        slow: Called instead where anything is not as usual.
        row: The condition under which many scalars in a row are as usual.
        known: What the texts of ``taken`` and ``row`` name.
    """
    if not fits(structure):
        return slow
    names = {"tuple": tuple, "list": list, "dict": dict, "slow": slow, "wrong": WRONG}
    constants = Constants(**names, **known)
    writer = Apart(taken, constants, (row, "*{}"), "slow(v, path)")
    writer.visit(structure, "v")
    body = [f"  {line}" for line in [*writer.lines, f"return [{', '.join(writer.results)}]"]]
    end = [" except wrong:", "  return slow(v, path)"]
    return constants.function("apart", ["def apart(v, path):", " try:", *body, *end])


# --- together --------------------------------------------------------------------------------


def together(
    structure: Structure, made: Made, **known: object
) -> Callable[[object], object] | None:
    """Function that makes a value of its parts; None if its text would be too long.

    Raises:
        ArgumentError: if the class of a record is not known.
    """
    if not fits(structure):
        return None
    constants = Constants(list=list, tuple=tuple, **known)
    text = put_together(structure, made, constants)
    return constants.function("together", ["def together(parts):", f" return {text}"])


def put_together(structure: Structure, made: Made, constants: Constants) -> str:
    """The text of a value of the parts in ``parts``.

    Raises:
        ArgumentError: if the class of a record is not known.
    """
    place = 0

    def text(inner: Structure) -> str:
        nonlocal place
        if isinstance(inner, (Scalar, Array)):
            place += 1
            return made(inner, f"parts[{place - 1}]", constants)
        if isinstance(inner, Nothing):
            return "None"
        if _is_row(inner):
            place += len(inner.items)
            return f"{_kind(inner)}(parts[{place - len(inner.items)}:{place}])"
        items = [text(item) for item in inner.items]
        if isinstance(inner, Tuple):
            return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
        if isinstance(inner, List):
            return f"[{', '.join(items)}]"
        if isinstance(inner, Dict):
            keys = map(constants.name, inner.keys)
            return f"{{{', '.join(f'{k}: {item}' for k, item in zip(keys, items, strict=True))}}}"
        make = constants.name(maker(inner.name, inner.keys, inner.kind))
        return f"{make}([{', '.join(items)}])"

    return text(structure)
