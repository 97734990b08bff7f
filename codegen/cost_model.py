"""cost_model: whether a function is compiled number by number or with its arrays whole.

Small functions become straight lines of scalars.  Where these would be many, arrays stay whole on
the targets that can do it, if there is that much less to write: an operation of NumPy's costs about
as much as a dozen of Python's, and a line of text is one line whatever its arrays hold.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from contextlib import suppress

import numpy as np

from autodiff.errors import ProofgradError
from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.run.roll.looped import looped
from autodiff.run.whole.array_ties import has_infinite_slopes, has_switches
from autodiff.run.whole.scalarize import scalars_of
from autodiff.table.arrays.array_row import ARRAY_ROWS
from autodiff.trace.branching.growth import growing_while, of_numbers_alone
from autodiff.trace.functions.reached import reached_code
from autodiff.trace.libraries.constructors import CONSTRUCTORS
from autodiff.trace.trace import trace, trace_within

__all__ = [
    "LARGE",
    "NOT_SMALL",
    "holds_arrays",
    "is_shorter_whole",
    "loops_are_short",
    "makes_arrays",
    "prefers_whole",
    "with_loops",
]

# Scalar operations up to which a function is written number by number.
_FEW = {"numpy": 1000, "native": 1000, "c": 1000}
# Numbers up to which what a matrix of derivatives passes on is written one by one: twice its lines.
_PASSED = {"numpy": 300, "native": 25_000, "c": 25_000}
_SHORTER = 4  # how many scalar operations an operation of arrays stands for, at least
_ALONE = 10_000  # nodes of a function of numbers, which are made sooner than those of arrays
_NEARLY = 0.9  # part of numbers from which a trace as long as one of scalars is not finished
_SETTLED = {"numpy": 4, "native": 4}  # what settles switches that meet, in the text of scalars
_SETTLED_IN_SCALARS = 4  # how much longer C of switches stays scalars, which settle what meets
_SEVERAL, _PER_LOOP = 4, 2000  # loops, and the scalar operations that one has to stand for
LARGE = 100  # numbers in one array: below, what is made of it stays small unless it is multiplied
NOT_SMALL, _MULTIPLIED = 16, 4  # numbers in one array, and how often the few operations that takes
_SLICE = ARRAY_ROWS["slice"]
_MAKING = frozenset(CONSTRUCTORS) | {"arange", "linspace"}
_DEPTH = 4  # how far functions that call each other are followed


def prefers_whole(
    function: Callable[..., object],
    args: tuple[object, ...],
    target: str,
    large: bool = True,
    passed_on: Callable[[Graph], int] | None = None,
) -> bool:
    """True if arrays stay whole.

    Args:
        function: What is compiled, without its static arguments.
        args: Its arguments.
        target: The target's name.
        large: False if no array among them, or closed over, is large.
        passed_on: What a matrix of its derivatives passes on; None if none is asked for.
    """
    if target not in _FEW or _takes_numbers_alone(function, args):
        return False
    try:
        with growing_while(_holds_arrays):
            graph = trace(function, *args, expand=False)
    except (ProofgradError, ArithmeticError, LookupError, TypeError, ValueError):
        return False  # whatever it is, it is said where the function is traced as scalars
    if is_shorter_whole(graph, target, large):
        return True
    if passed_on is None or scalars_of(graph) < _SHORTER * len(graph.nodes):
        return False
    with suppress(ProofgradError):
        return passed_on(graph) > _PASSED[target]
    return False


def _takes_numbers_alone(function: Callable[..., object], args: tuple[object, ...]) -> bool:
    """True if it takes numbers from arrays, and never does anything to more than one at once."""
    if makes_arrays(function):
        return False
    with suppress(ProofgradError, ArithmeticError, LookupError, TypeError, ValueError):
        with of_numbers_alone() as met:
            graph = trace_within(_ALONE, function, *args)
        return graph is not None and not met and not has_switches(graph)
    return False


def is_shorter_whole(graph: Graph, target: str, large: bool = True) -> bool:
    """True if a graph of arrays would be much longer element by element."""
    # Where switches meet, what settles them makes the text of scalars several times as long.
    settles = has_switches(graph) or (not large and has_infinite_slopes(graph))
    count = scalars_of(graph) * (_SETTLED.get(target, 1) if settles else 1)
    few = _FEW[target] * (1 if large else _MULTIPLIED)
    if target == "c" and has_switches(graph):
        few *= _SETTLED_IN_SCALARS
    return count > few and count >= _SHORTER * len(graph.nodes)


def _holds_arrays(graph: Graph) -> bool:
    """False for a graph of numbers, nearly all, that are taken from arrays and computed singly."""
    nodes = graph.nodes
    singly = sum(
        node.shape == () and (node.primitive is _SLICE or not any(nodes[i].shape for i in node[1]))
        for node in nodes
    )
    return singly < _NEARLY * len(nodes)


def with_loops(
    function: Callable[..., object], examples: tuple[object, ...], expand: bool, target: str
) -> Graph | None:
    """The trace of a function whose loops stay loops; None if that is not possible or worth it.

    Args:
        function: The function.
        examples: What it is traced with.
        expand: True if it would be traced element by element.
        target: The target's name.
    """
    made = looped(function, examples, expand, over_numbers=target == "python")
    straight = made is not None and expand and target == "native" and loops_are_short(made)
    return None if straight else made


def loops_are_short(graph: Graph) -> bool:
    """True if a graph has several loops that stand for little: straight code is made sooner.

    A loop takes as long to compile as some thousand operations, and repeats slower than these.
    """
    loops = {id(group.loop) for group in loops_of(graph).values()}
    return len(loops) > _SEVERAL and scalars_of(graph) < _PER_LOOP * len(loops)


def holds_arrays(function: object, args: Iterable[object], least: int = 2) -> bool:
    """True if an array of so many numbers is among the arguments, or what the function closes over.

    Args:
        function: The function.
        args: Its arguments.
        least: How many numbers.
    """
    return any(_largest(x) >= least for x in (*args, *_closed_over(function)))


def makes_arrays(function: object) -> bool:
    """True if a function, or one that it calls, makes arrays of its own."""
    return any(not _MAKING.isdisjoint(one.co_names) for one in reached_code(function))


def _largest(value: object) -> int:
    """Numbers of the largest array inside tuples, lists and dicts."""
    largest, pending = 0, [value]
    while pending:
        one = pending.pop()
        if isinstance(one, np.ndarray):
            largest = max(largest, one.size)
        elif isinstance(one, dict):
            pending += one.values()
        elif isinstance(one, (tuple, list)):
            pending += one
        elif hasattr(one, "__dataclass_fields__"):
            pending += vars(one).values() if hasattr(one, "__dict__") else ()
    return largest


def _closed_over(function: object) -> list[object]:
    """What a function, and those that it calls, find under names that are not their own."""
    found: list[object] = []
    pending, seen = [(function, 0)], {id(function)}
    while pending:
        one, depth = pending.pop()
        one = getattr(one, "func", getattr(one, "function", one))  # partial, with static arguments
        if isinstance(one, types.MethodType):
            found += vars(one.__self__).values() if hasattr(one.__self__, "__dict__") else ()
            one = one.__func__
        if not isinstance(one, types.FunctionType):
            continue
        names = one.__code__.co_names
        values = [one.__globals__[name] for name in names if name in one.__globals__]
        values += [cell.cell_contents for cell in one.__closure__ or () if _is_filled(cell)]
        values += one.__defaults__ or ()
        for value in values:
            found.append(value)
            if callable(value) and depth < _DEPTH and id(value) not in seen:
                seen.add(id(value))
                pending.append((value, depth + 1))
    return found


def _is_filled(cell: types.CellType) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:  # assigned later, if ever
        return False
