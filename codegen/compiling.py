"""From a function to what is compiled of it: the way that every kind of derivative goes.

Options are checked, static arguments are settled, the function is traced, a store is asked; then
the kind's ``Derivative`` gets a runner and the check at compile.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import cast

import numpy as np

from autodiff.errors import (
    ArgumentError,
    ProofgradError,
    TraceError,
    UnsupportedError,
    warn,
)
from autodiff.graph.graph import Graph
from autodiff.graph.tree.given import given_count
from autodiff.run.agreement import trace_as_called, trace_either_way
from autodiff.run.roll.large import rolled_if_large
from autodiff.run.sparse.passing_on import passes_on_much
from autodiff.run.untraced import Settled, settled
from autodiff.run.whole.scalarize import scalarize
from autodiff.table.provers import prover
from autodiff.trace.collection import collection_paused
from autodiff.trace.filled import Filled
from autodiff.trace.functions.named_arguments import signature_examples
from autodiff.trace.number_like import more_helpful
from autodiff.trace.trace import trace
from codegen.call.cached import from_store, store_for
from codegen.call.code import GradientCode, code_of
from codegen.call.compiled import CompiledFunction, CompiledGradient
from codegen.call.lists.list_derivative import ListDerivative
from codegen.call.lists.which_derivative import kind_of_derivative
from codegen.call.runner import LongPointError, MakeRunner
from codegen.call.signature import defaults_of
from codegen.call.variants import StaticFunction, StaticGradient, Statics, described
from codegen.call.whole.array_points import ArrayGradientPoints, ArrayPoints
from codegen.cost_model import (
    LARGE,
    NOT_SMALL,
    holds_arrays,
    makes_arrays,
    prefers_whole,
    with_loops,
)
from codegen.first_call import AtFirstCall
from codegen.kind import Kind
from codegen.late_runners import NATIVE, NUMPY, PYTHON, runner_of
from codegen.passes import before_emission
from codegen.settings import Settings, batch_flags, known_effort, known_target
from codegen.stable import domain_in

__all__ = ["Front"]


@dataclass(frozen=True)
class Front:
    """A front door: what it compiles, and how.

    Args:
        name: The function that users call, for messages.
        kind: What it compiles.
        settings: How.
        cache: Where to keep it.
        decided: True if the cost model has been asked already whether its arrays are whole.
        held: True if all arguments outside ``wrt`` are static: nothing else can be compiled.
    """

    name: str
    kind: Kind
    settings: Settings
    cache: bool | str | os.PathLike[str] | None = None
    decided: bool = False
    held: bool = False

    @collection_paused()
    def __call__(
        self, function: Callable[..., object] | Graph, *examples: object
    ) -> CompiledFunction:
        """Compile a function."""
        settings = self.settings
        _require_function(self.name, function)
        before_emission(settings.profile, known_target(settings.target))
        if not isinstance(function, Graph):
            if not examples and not signature_examples(function):
                waiting = AtFirstCall(function, self, settings.batch, settings.wrt)
                return cast("CompiledFunction", waiting)  # it answers as one once it was called
            examples = examples or signature_examples(function)
            if settings.expand is None and not self.decided and self._may_be_whole:
                return self._in_either_form(function, examples)
            if settings.expand is None and not self.decided and settings.batch is not None:
                return self._in_batches(function, examples)
            if settings.expand is None and not self.decided and self.kind.sparse:
                return self._entry_by_entry_or_whole(function, examples)
            function, examples = _settled(function, examples, settings, self.held)
        store = store_for(self.cache)
        if isinstance(function, Filled):
            if self.cache:
                warn(
                    f"not cached: a {self.kind.noun} with static arguments has a program for each "
                    "value of them"
                )
        elif store is not None and settings.target == PYTHON and not settings.comments:
            # Texts are kept without comments.
            again = replace(self, cache=False)
            facts = asdict(settings) | asdict(self.kind)
            make = partial(again, function, *examples)
            return from_store(store, function, examples, facts, make, bool(self.cache))
        return self._compiled(function, examples)

    def _may_roll(self, function: Callable[..., object]) -> bool:
        """True if large traces become loops and arrays, which some options do not know yet."""
        settings = self.settings
        plain = settings.batch is None and not settings.comments and settings.profile != "stable"
        chosen = settings.expand is not True
        chosen = chosen and settings.effort is None  # which is said of straight code
        return chosen and plain and not isinstance(function, Filled)

    def _with_loops(
        self, function: Callable[..., object], examples: tuple[object, ...], expand: bool
    ) -> Graph | None:
        """The trace of a function whose loops stay loops, if that is worth it and possible."""
        may = self._may_roll(function)
        return with_loops(function, examples, expand, self.settings.target) if may else None

    @property
    def _may_be_whole(self) -> bool:
        """True if what is asked for can be had with whole arrays."""
        settings, kind = self.settings, self.kind
        single = settings.batch is None and settings.reduce is None and settings.threads is None
        return single and not kind.sparse

    def _in_either_form(
        self, function: Callable[..., object], examples: tuple[object, ...]
    ) -> CompiledFunction:
        """Number by number or with whole arrays, as the cost model says; else as is possible."""
        scalars = replace(self, decided=True)
        with_loops = self._with_loops(function, examples, expand=True)
        if with_loops is not None:
            try:
                return scalars._compiled(function, examples, with_loops)
            except UnsupportedError:  # a matrix of derivatives by a row without blocks
                straight = replace(self.settings, expand=True)
                return replace(scalars, settings=straight)(function, *examples)
        whole = replace(self, settings=replace(self.settings, expand=False), decided=True)
        settings, kind = whole.settings, self.kind
        if settings.target != PYTHON and _prefers_whole(function, examples, settings, kind):
            try:
                return whole(function, *examples)
            except (TraceError, UnsupportedError):
                return scalars(function, *examples)
        try:
            return scalars(function, *examples)
        except (TraceError, ArgumentError) as error:
            said: ProofgradError = error
            for other in (whole, replace(scalars, held=True), replace(whole, held=True)):
                try:
                    return other(function, *examples)
                except ProofgradError as again:
                    said = more_helpful(said, again)
            raise said from None

    def _entry_by_entry_or_whole(
        self, function: Callable[..., object], examples: tuple[object, ...]
    ) -> CompiledFunction:
        """A sparse matrix by straight code for its entries, or by arrays along few directions."""
        decided = replace(self, decided=True)
        whole = replace(decided, settings=replace(self.settings, expand=False))
        plain = self.settings.reduce is None and self.settings.threads is None
        if plain and _prefers_whole(function, examples, whole.settings):
            with suppress(ProofgradError):  # it is said, if it has to be, of the entries
                graph = whole._graph_of(*_settled(function, examples, whole.settings, self.held))
                if passes_on_much(self.kind.fitting(graph), self.kind.twice, self.settings.wrt):
                    return whole(function, *examples)
        return decided(function, *examples)

    def _in_batches(
        self, function: Callable[..., object], examples: tuple[object, ...]
    ) -> CompiledFunction:
        """A loop over points; where none can be had, a call with whole arrays for each."""
        try:
            return replace(self, decided=True)(function, *examples)
        except (LongPointError, TraceError, UnsupportedError) as refused:
            long = isinstance(refused, LongPointError)
            if not long and not holds_arrays(function, examples):
                raise
            whole = replace(self.settings, expand=False)
            try:
                return replace(self, settings=whole)(function, *examples)
            except (TraceError, UnsupportedError) as again:
                raise refused if long else more_helpful(refused, again) from None

    def _graph_of(
        self, function: Callable[..., object] | Graph, examples: tuple[object, ...]
    ) -> Graph:
        """What is compiled."""
        settings = self.settings
        if isinstance(function, Graph):
            stays = settings.target in (NUMPY, NATIVE) and not settings.expand
            return function if stays else scalarize(function)
        if settings.expand is False and not self.decided:
            with_loops = self._with_loops(function, examples, expand=False)
            if with_loops is not None:
                return with_loops
        entries = self.kind.sparse and settings.expand is None  # terms of sums are short alone
        if entries:
            with_loops = self._with_loops(function, examples, expand=True)
            if with_loops is not None and passes_on_much(
                self.kind.fitting(with_loops), self.kind.twice, settings.wrt
            ):
                return with_loops
        graph = self._traced(function, examples)
        if self._may_roll(function) and not entries and settings.target != PYTHON:
            graph = rolled_if_large(function, graph, examples)
        if not graph.expanded and settings.target == PYTHON:
            graph = scalarize(graph)
        return graph

    def _traced(self, function: Callable[..., object], examples: tuple[object, ...]) -> Graph:
        """The trace in the form that is asked for, or possible where nobody tries the other.

        What only whole arrays can record (a mask that the arguments decide) is written out in
        numbers afterwards, where numbers alone can be had: ``expand=True``, and loops over points.
        """
        settings = self.settings
        attempt = trace_as_called if settings.check else trace
        if settings.expand is False or (settings.expand is None and self._may_be_whole):
            return attempt(function, *examples, expand=settings.expand is not False)
        graph = trace_either_way(function, *examples, attempt=attempt)
        return scalarize(graph) if settings.expand or settings.batch is not None else graph

    def _compiled(
        self,
        function: Callable[..., object] | Graph,
        examples: tuple[object, ...],
        with_loops: Graph | None = None,
    ) -> CompiledFunction:
        settings, kind = self.settings, self.kind
        graph = with_loops or self._graph_of(function, examples)
        graph = kind.fitting(graph)
        flags = batch_flags(graph, settings.target, settings.batch, settings.reduce)
        language = NUMPY if settings.target == NUMPY or flags is not None else PYTHON
        static: list[str] = []
        if isinstance(function, Filled):
            static = described(function, [name for name, _ in graph.parameters])
        defaults = {} if isinstance(function, Graph) else defaults_of(function)
        made = kind, settings.wrt, settings.profile, settings.target, language, settings.comments
        domain = domain_in(settings.profile, graph, settings.domain, examples)
        derivative = kind_of_derivative(graph, settings.target)(
            graph, *made, static, defaults, domain
        )
        if isinstance(derivative, ListDerivative) and not derivative.has_text:
            unrolled = replace(self, settings=replace(settings, expand=True), decided=True)
            try:
                return unrolled._compiled(function, examples)
            except TraceError:  # a row of whole arrays, which is written out in numbers
                return unrolled._compiled(function, examples, scalarize(graph))
        kind.say_what_is_full(derivative.result)
        kind.say_what_is_flat(graph, settings.wrt)
        flags = None if flags is None else kind.flags(graph, settings.wrt, flags, settings.reduce)
        code, runner = code_of(derivative), _runner(kind, flags, settings)
        if not graph.expanded:
            runner = _array_runner(kind, flags, settings)
        if isinstance(function, Filled):
            others = replace(self, cache=None, decided=False)
            statics = Statics(function, partial(others, function.function))
            of_static = StaticGradient if kind.in_halves else StaticFunction
            compiled: CompiledFunction = of_static(code, runner, statics)
        elif isinstance(code, GradientCode):
            compiled = CompiledGradient(code, runner)
        else:
            compiled = CompiledFunction(code, runner)
        if settings.check:
            name = kind.prover if graph.expanded else "compiled arrays"
            compiled.certify(functools.partial(prover(name), examples=examples))
        return compiled


def _runner(kind: Kind, flags: tuple[bool, ...] | None, settings: Settings) -> MakeRunner:
    """What runs a program: the target's class, with its settings."""
    target, reduce, threads = settings.target, settings.reduce, settings.threads
    if threads is not None:
        given_count("threads", threads)
        if target != NATIVE or flags is None:
            raise UnsupportedError(
                f"threads: target {target!r} without batch= runs in the caller's thread; "
                "target='native' with batch=True takes more"
            )
    effort = known_effort(settings, flags is not None)
    halves = kind.in_halves
    if target == NUMPY:
        return partial(runner_of(NUMPY, "points", halves), flags=flags, reduce=reduce)
    if flags is not None:
        points = runner_of(NATIVE, "points", halves)
        return partial(points, flags=flags, reduce=reduce, threads=threads)
    numbers = runner_of(target, "numbers", halves)
    return partial(numbers, effort=effort) if target == NATIVE else numbers


def _array_runner(kind: Kind, flags: tuple[bool, ...] | None, settings: Settings) -> MakeRunner:
    """What runs a program of arrays that are whole."""
    if settings.effort is not None:
        raise UnsupportedError("effort: arrays that are whole are compiled in one way")
    if settings.threads is not None:
        raise UnsupportedError("threads: arrays that are whole run in the caller's thread")
    one = runner_of(settings.target, "arrays", kind.in_halves)
    if flags is None:
        return one
    points = ArrayGradientPoints if kind.in_halves else ArrayPoints
    return partial(points, one=one, flags=flags, reduce=settings.reduce)


def _prefers_whole(
    function: Callable[..., object],
    examples: tuple[object, ...],
    settings: Settings,
    kind: Kind | None = None,
) -> bool:
    """True if the cost model keeps the function's arrays whole, given what is asked for."""
    if not holds_arrays(function, examples, NOT_SMALL) and not makes_arrays(function):
        return False
    try:
        given, args = _settled(function, examples, settings)
    except ProofgradError:
        return False  # it is said where the function is traced as scalars
    large = holds_arrays(function, examples, LARGE)
    passed_on = None if kind is None else partial(kind.passed_on, wrt=settings.wrt)
    return prefers_whole(given, args, settings.target, large, passed_on)


def _settled(
    function: Callable[..., object],
    examples: tuple[object, ...],
    settings: Settings,
    held: bool = False,
) -> Settled:
    """The function and its examples without static arguments; ``held``: all that can be one."""
    batch, attempt = settings.batch, trace_as_called if settings.check else trace
    flags = batch if isinstance(batch, (tuple, list)) else (batch,) * len(examples)
    batched = {p for p, flag in enumerate(flags) if isinstance(flag, (bool, np.bool_)) and flag}

    def traced(own: Callable[..., object], args: tuple[object, ...]) -> Graph:
        return attempt(own, *args, expand=settings.expand is not False)

    return settled(function, examples, settings.wrt, traced, batched, held)


def _require_function(name: str, function: object) -> None:
    """Refuse what can be neither traced nor differentiated."""
    if isinstance(function, str):
        raise ArgumentError(
            f"{name}: found the text {function[:60]!r}; expected a function: "
            "lambda x: ..., or ad.parse(text) if it is a printed graph"
        )
    if not callable(function) and not isinstance(function, Graph):
        raise ArgumentError(f"{name}: found {_described(function)}; expected a function or a graph")


def _described(value: object) -> str:
    return f"{type(value).__name__} {value!r}"[:80]
