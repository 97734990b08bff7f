"""What users say of the domain of a function: intervals by name, or one per argument."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from autodiff.errors import ArgumentError, ProofgradError, UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.graph.structure import size
from autodiff.run.interpret import flatten_arguments
from codegen.stable.measured.sample_points import EVERYWHERE, Domain, Interval

__all__ = ["GivenDomain", "domain_in", "domain_of"]

GivenDomain: TypeAlias = Mapping[str, Interval] | Sequence[Interval] | None
_WHOLE: Interval = (-math.inf, math.inf)


def domain_in(profile: str, graph: Graph, given: GivenDomain, examples: Sequence[object]) -> Domain:
    """Where the function is called, for the profile that asks.

    Args:
        profile: The profile.
        graph, given, examples: As for ``domain_of``.

    Raises:
        ArgumentError: if it does not fit the arguments.
        UnsupportedError: if one is given to a profile that asks for none.
    """
    if profile == "stable":
        return domain_of(graph, given, examples)
    if given is not None:
        raise UnsupportedError(
            f"domain: the {profile} profile asks for none; profile='stable' chooses the "
            "form that loses fewest bits there"
        )
    return EVERYWHERE


def domain_of(graph: Graph, given: GivenDomain, examples: Sequence[object]) -> Domain:
    """The domain of a graph's floats.

    Args:
        graph: The function.
        given: What the user says: (low, high) by name or one per argument, the same for every
            element of an array; None if nothing.
        examples: The arguments that it was traced with.

    Raises:
        ArgumentError: if it does not fit the arguments.
    """
    around: tuple[float, ...] | None = None
    if examples:
        try:
            around = tuple([float(x) for x in flatten_arguments(graph, tuple(examples))])
        except (ProofgradError, TypeError, ValueError):
            around = None  # arguments that are fixed are none of the graph's
    if given is None:
        return Domain(None, around)
    by_name = _by_name(graph, given)
    intervals: list[Interval] = []
    for name, structure in graph.parameters:
        intervals += [by_name.get(name, _WHOLE)] * size(structure)
    return Domain(tuple(intervals), around)


def _by_name(graph: Graph, given: object) -> dict[str, Interval]:
    names = [name for name, _ in graph.parameters]
    if isinstance(given, Mapping):
        unknown = [name for name in given if name not in names]
        if unknown:
            raise ArgumentError(
                f"domain: found {unknown[0]!r}; expected names of arguments: {', '.join(names)}"
            )
        return {name: _interval(name, pair) for name, pair in given.items()}
    if not isinstance(given, (tuple, list)) or len(given) != len(names):
        raise ArgumentError(
            f"domain: found {given!r:.80}; expected (low, high) for each argument "
            f"({', '.join(names)}), or a dict of those that are known"
        )
    return {name: _interval(name, pair) for name, pair in zip(names, given, strict=True)}


def _interval(name: str, pair: object) -> Interval:
    if isinstance(pair, (tuple, list)) and len(pair) == 2:
        try:
            low, high = float(pair[0]), float(pair[1])
        except (TypeError, ValueError):
            low = high = math.nan
        if low <= high:
            return low, high
    raise ArgumentError(f"domain: {name}: found {pair!r:.60}; expected (low, high), low <= high")
