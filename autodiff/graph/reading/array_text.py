"""Arrays of constants in a graph's text, read back."""

from __future__ import annotations

import math
import re

import numpy as np

from autodiff.errors import IRError
from autodiff.graph.array_constant import SHOWN, ArrayConstant, known_constant

__all__ = ["read_array"]

_DATA = re.compile(r'data "([0-9a-f]{64})"\s*')
_DTYPES = {"float": np.float64, "int": np.int64, "bool": np.bool_}
_WORDS = {"true": True, "false": False}


def read_array(text: str, kind: str, sizes: str, line: int) -> ArrayConstant:
    """The constant that ``text`` shows.

    Args:
        text: Numbers in brackets, or ``data`` and a digest.
        kind: ``float``, ``int`` or ``bool``.
        sizes: Its shape, as ``2,3``.
        line: The line's number, for errors.

    Raises:
        IRError: naming what was found and what was expected.
    """
    shape = tuple(map(int, sizes.split(",")))
    named = _DATA.fullmatch(text)
    if named is not None:
        found = known_constant(named[1])
        if found is None:
            raise IRError(
                f"line {line}: the numbers of data {named[1][:12]}... are not in this process; a "
                "text shows their digest only. Pickle the graph, which keeps them"
            )
        if found.shape != shape or found.kind != kind:
            raise IRError(
                f"line {line}: found {kind}[{sizes}]; the data is {found.kind}{list(found.shape)}"
            )
        return found
    numbers = _numbers(text, line)
    if len(numbers) != math.prod(shape) or len(numbers) > SHOWN:
        raise IRError(
            f"line {line}: found {len(numbers)} numbers; expected {math.prod(shape)} for "
            f"[{sizes}], and at most {SHOWN}"
        )
    try:
        values = [_WORDS[n] if kind == "bool" else float(n) for n in numbers]
        exact = [int(n) for n in numbers] if kind == "int" else values
    except (KeyError, ValueError) as error:
        raise IRError(f"line {line}: found {error}; expected numbers of kind {kind}") from None
    return ArrayConstant(np.array(exact, dtype=_DTYPES[kind]).reshape(shape))


def _numbers(text: str, line: int) -> list[str]:
    inside = text.strip()
    if not (inside.startswith("[") and inside.endswith("]")):
        raise IRError(f"line {line}: found {inside[:40]!r}; expected [numbers] or data")
    return [n.strip() for n in inside[1:-1].split(",") if n.strip()]
