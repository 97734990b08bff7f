"""A call of an emitted function as straight lines: arguments apart, call, result together.

For a gradient of a dict of two arrays it reads, in effect::

    def call(x0=absent, /, *more, **named):
        try:
            if more or named: return other((x0, *more), named)
            if walked: return walked(x0)
            try:
                next(left)
                ...                            # x0 apart, as straight.py writes it
                p0 = v1.tolist()
                p1 = v2.tolist()
            except wrong:
                return other((x0,), {})
            except stop:
                return often(x0)
            try:
                value, parts = compiled(p0, p1)
                return value, {c1: fromiter(parts[0], float64, 7), c2: ...}
            except ours:
                return symbolic((x0,))
        except any_error as error:             # is shown without our frames
            shorten(error)
            raise

Numbers of other types, arrays of other dtypes and lists for arrays are converted on the way;
``other`` takes what is left, or says what is wrong.  After so many calls that ``left`` has come to
its end, ``walked`` takes their place (``codegen.load.often``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from math import prod

import numpy as np

from autodiff.errors import ProofgradError
from autodiff.graph.structure import SCALAR, Array, Scalar, Structure, Tuple
from autodiff.graph.tree.straight import USUAL, WRONG, Apart, Constants, fits, put_together
from autodiff.tracebacks import shorten
from codegen.call.runner import Call
from codegen.load.allowed import ABSENT
from codegen.load.converted import NUMBERS, flat_of, floats_of
from codegen.load.often import OFTEN, machine

__all__ = ["straight_call"]


def straight_call(
    parameters: Sequence[tuple[str, Structure]],
    result: Structure,
    compiled: Callable[..., object],
    other: Callable[[tuple[object, ...], dict[str, object]], object],
    symbolic: Callable[[tuple[object, ...]], object],
    in_halves: bool,
    bare: bool,
    counts: bool = True,
) -> Call | None:
    """The call as one function; None if its text would be too long.

    Args:
        parameters: Names and structures of the arguments.
        result: Structure of what is put together: the gradient, or the whole result.
        compiled: The emitted function.
        other: Called instead with all arguments and keywords where something is not usual.
        symbolic: Called with the arguments where traced values may be what went wrong.
        in_halves: Whether ``compiled`` gives a value and the parts of a gradient.
        bare: Whether these parts are one, not in a tuple.
        counts: Whether machine code shall take calls apart, once there were many.
    """

    def often(*args: object) -> object:
        scope["left"] = repeat(None)
        slow = straight_call(
            parameters, result, compiled, other, symbolic, in_halves, bare, counts=False
        )
        entire = Tuple((SCALAR, result)) if in_halves else result
        make, form = machine().calls, in_halves + bare
        scope["walked"] = make(parameters, entire, compiled, form, slow)
        return call(*args)

    whole = Tuple(tuple(structure for _, structure in parameters))
    if not fits(whole) or not fits(result) or not parameters:
        return None
    constants = Constants(
        tuple=tuple, list=list, dict=dict, set=set, other=other, symbolic=symbolic,
        wrong=(*WRONG, OverflowError), ours=(ProofgradError, ValueError),
        compiled=compiled, absent=ABSENT, numbers=NUMBERS, floats_of=floats_of,
        shorten=shorten, any_error=Exception, walked=None, next=next, left=iter(range(OFTEN)),
        stop=StopIteration, often=often,
        fromiter=np.fromiter, float32=np.dtype(np.float32), **USUAL,
    )  # fmt: skip
    names = [f"x{place}" for place in range(len(parameters))]
    slow = f"other(({', '.join(names)},), {{}})"
    writer = Apart(_taken, constants, ("", "*floats_of({})"), slow)
    for name, (_, structure) in zip(names, parameters, strict=True):
        writer.visit(structure, name)
    made = put_together(result, _made_alone if bare else _made, constants)
    lines = _lines(names, writer, made, in_halves, counts)
    scope, call = constants.values, constants.function("call", lines)
    return call


def _lines(
    names: Sequence[str], apart: Apart, made: str, in_halves: bool, counts: bool
) -> list[str]:
    """The text of the call (module docstring)."""
    given, tuple_of_all = ", ".join(names), f"({', '.join(names)},)"
    stars = ["*" * text.startswith("*") for text in apart.results]
    parts = ", ".join(f"{star}p{place}" for place, star in enumerate(stars))
    return [
        f"def call({', '.join(f'{name}=absent' for name in names)}, /, *more, **named):",
        " try:",
        f"  if more or named: return other(({given}, *more), named)",
        *([f"  if walked: return walked({given})"] if counts else ()),
        "  try:",
        *(["   next(left)"] if counts else ()),
        *(f"   {line}" for line in apart.lines),
        *(f"   p{k} = {text.removeprefix('*')}" for k, text in enumerate(apart.results)),
        f"  except wrong: return other({tuple_of_all}, {{}})",
        *([f"  except stop: return often({given})"] if counts else ()),
        "  try:",
        f"   {'value, parts' if in_halves else 'parts'} = compiled({parts})",
        f"   return {'value, ' if in_halves else ''}{made}",
        f"  except ours: return symbolic({tuple_of_all})",
        " except any_error as error:",
        "  shorten(error)",
        "  raise",
    ]


def _taken(part: Scalar | Array, name: str, constants: Constants) -> tuple[str, str]:
    if isinstance(part, Scalar):
        return "", f"{name} if type({name}) is float else numbers[type({name})]({name})"
    convert, in_row = constants.name(flat_of(part.shape)), len(part.shape) == 1
    dtypes = f"({name}.dtype is float64 or {name}.dtype is float32)"
    usual = f"type({name}) is ndarray and {dtypes} and {name}.shape == {part.shape}"
    flat = f"{name}.tolist()" if in_row else f"{name}.ravel().tolist()"
    row = f"type({name}) is list and len({name}) == {prod(part.shape)}"
    listed = f"{name} if {row} and {{*map(type, {name})}} == floats else " if in_row else ""
    return "", f"{flat} if {usual} else {listed}{convert}({name})"


def _made_alone(part: Scalar | Array, name: str, constants: Constants) -> str:
    """The only part, which comes without a tuple around it."""
    return _made(part, "parts", constants)


def _made(part: Scalar | Array, name: str, constants: Constants) -> str:
    if isinstance(part, Scalar):
        return name
    array = f"fromiter({name}, float64, {prod(part.shape)})"
    return array if len(part.shape) == 1 else f"{array}.reshape({part.shape})"
