"""Which arguments are static: they are not traced and stay what they are.

Outside ``wrt`` floats and float arrays are traced, so that what is compiled takes new ones.  Text,
None, complex numbers, functions and objects are static.  Integers, booleans and arrays of these are
traced as numbers where the function takes them as numbers, and static where it does not: as
indices, counts, masks, exponents that it looks at, conditions it branches on.
Inside ``wrt`` texts, members of enums and functions are static that lie beside numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple, TypeVar

from autodiff.errors import ArgumentError, TraceError
from autodiff.graph.graph import Graph
from autodiff.graph.tree.static_values import Kept, split, words_beside_numbers
from autodiff.run.agreement import compared, trace_as_called, trace_either_way
from autodiff.run.interpret import flatten_arguments, is_symbolic
from autodiff.run.reverse_plan import Wrt, selected
from autodiff.run.whole.whole_agreement import whole_compared
from autodiff.trace.branching.undecided_inputs import WHOLE_NUMBERS
from autodiff.trace.filled import Filled
from autodiff.trace.functions.named_arguments import argument_names

__all__ = ["Settled", "settled", "settled_either_way"]

_Traced = TypeVar("_Traced")


class Settled(NamedTuple):
    """A function, ready to be traced.

    Args:
        function: The user's own where nothing is static.
        args: Its arguments without what is static.
    """

    function: Callable[..., object] | Filled
    args: tuple[object, ...]


def settled(
    function: Callable[..., object],
    args: Sequence[object],
    wrt: Wrt,
    attempt: Callable[[Callable[..., object], tuple[object, ...]], Graph],
    numbers_only: Collection[int] = (),
    everything: bool = False,
) -> Settled:
    """Find out which arguments are static.

    Args:
        function: The user's function.
        args: Its arguments.
        wrt: Positions or names of the arguments to differentiate.
        attempt: Traces a function; called where only a trace can tell what integers are for.
        numbers_only: Positions of arguments whose integers are numbers, whatever they are used as.
        everything: True if all of them are to be static, floats as well.

    Raises:
        ArgumentError: if the arguments do not fit the signature.
    """
    args = tuple(args)
    outside = _outside(function, args, wrt)
    inside = (p for p in range(len(args)) if p not in outside)
    static: dict[int, bool | Kept] = {
        p: Kept.WORDS for p in inside if words_beside_numbers(args[p])
    }
    if everything:
        static |= dict.fromkeys(outside, Kept.NUMBERS)
        kept = Filled(function, args, static)
        return Settled(kept, kept.dynamic) if static else Settled(function, args)
    static |= {p: False for p in outside if split(args[p], whole=False).some}
    unclear = [
        p
        for p in outside
        if p not in numbers_only and split(args[p], True).key != split(args[p], False).key
    ]
    if unclear and not _goes(function, args, static, outside, attempt, unclear):
        # Some are no numbers to the function: each that can be one is traced all the same.
        static |= dict.fromkeys(unclear, True)
        for place in unclear if len(unclear) > 1 else ():
            fewer = {**static, place: False}
            if _goes(function, args, fewer, outside, attempt, unclear):
                static = fewer
    held = {p: whole for p, whole in static.items() if split(args[p], whole).some}
    if not held:
        return Settled(function, args)
    filled = Filled(function, args, held)
    return Settled(filled, filled.dynamic)


def settled_either_way(
    function: Callable[..., object], args: Sequence[object], wrt: Wrt
) -> Settled:
    """The same by traces of numbers; by whole arrays, to which places are arguments, if need be."""
    try:
        return settled(function, args, wrt, lambda own, args: trace_as_called(own, *args))
    except (TraceError, ArgumentError):
        return settled(function, args, wrt, lambda own, args: trace_either_way(own, *args))


def _outside(function: Callable[..., object], args: Sequence[object], wrt: Wrt) -> list[int]:
    """Positions of the arguments that are not differentiated."""
    if wrt is None:
        return []
    try:
        chosen, _ = selected(argument_names(function, len(args)), wrt)
    except ArgumentError:
        return []  # who selects them has the error
    return [p for p in range(len(args)) if p not in chosen]


def _goes(
    function: Callable[..., object],
    args: tuple[object, ...],
    static: dict[int, bool | Kept],
    outside: list[int],
    attempt: Callable[[Callable[..., object], tuple[object, ...]], Graph],
    unclear: list[int],
) -> bool:
    """True if the function can be traced so, and its trace does what it does to ``args``."""
    filled = Filled(function, args, static)
    try:
        whole = WHOLE_NUMBERS.set(tuple(p for p in unclear if not static.get(p)))
        try:
            graph = attempt(filled, filled.dynamic)
        finally:
            WHOLE_NUMBERS.reset(whole)
        if not graph.expanded:
            as_given = Filled(function, args, dict.fromkeys(outside, True))
            called = lambda *own: as_given(*filled.filled(own))  # noqa: E731
            return not whole_compared(called, graph, filled.dynamic)
        leaves = flatten_arguments(graph, filled.dynamic)
        if is_symbolic(leaves) or len(graph.parameters) != len(args):
            return True
    except Exception:  # whatever the user's code objects to
        return False
    as_given = Filled(function, args, dict.fromkeys(outside, True))
    return not compared(lambda *own: as_given(*filled.filled(own)), graph, leaves).parted
