"""Compiled functions: a graph, its emitted text, and the callable loaded from it."""

from __future__ import annotations

import inspect
import keyword
import os
from collections.abc import Callable
from functools import cached_property
from typing import Any, Self

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.files import write_whole
from autodiff.graph.graph import Graph
from autodiff.graph.parse import packed, unpacked
from autodiff.graph.structure import Scalar, Structure, leaf_parts
from autodiff.origins.origin import Stored
from autodiff.run.interpret import flatten_arguments
from autodiff.run.nonfinite import NonFinite, trace_nan
from autodiff.run.transform import Wrt, reverse_plan, select_arguments, value_and_gradient, vjp
from autodiff.trace.collection import collection_paused
from codegen.call.arguments import pack, packers, unpacker
from codegen.language.lines import safe_name
from codegen.language.naming import Names
from codegen.language.target import Target
from codegen.load.load import Loaded, load
from codegen.passes import before_emission, run_passes
from codegen.text.chunks import LIMIT, evaluate_in_parts, fused_in_parts, halves_in_parts
from codegen.text.comments import commented
from codegen.text.emit import (
    emit_evaluate,
    emit_forward_backward,
    emit_value_and_gradient,
    named_parts,
    parts_of,
)
from codegen.text.explain import Explanation, explanation
from codegen.text.function import Function
from codegen.text.header import header, title_of
from codegen.text.module import TARGETS, Module

# What the header of a text says whose bits are not the interpreter's.
FAST = "Fast profile: the same real numbers, rounded differently; not bit-preserving."
__all__ = ["FAST", "CompiledFunction", "CompiledGradient", "names_for"]


def names_for(target: Target) -> Names:
    """Fresh identifiers that no function of ``target`` uses."""
    return Names(target.functions)


class CompiledFunction:
    """A graph as a callable: the emitted text, loaded.

    Attributes:
        graph: The graph it computes.
        source: The emitted text.
        target: The target's name.
    """

    def __init__(self, graph: Graph, target: str) -> None:
        self.graph = graph
        self._frame = graph  # what calls need to know of it: its arguments
        self.target = target
        self.__signature__ = _signature(graph)
        self.__name__ = self.__qualname__ = self._name
        self.__doc__ = self._summary.splitlines()[0]
        with collection_paused():
            self._prepare()

    def _prepare(self) -> None:
        """Do what no call shall wait for."""
        self._loaded  # noqa: B018

    @property
    def _text(self) -> Target:
        """The target that ``source`` is written for."""
        return TARGETS[self.target]

    @cached_property
    def _loaded(self) -> Loaded:
        return self._load()

    @property
    def _name(self) -> str:
        return safe_name(self._frame.name)

    @property
    def __wrapped__(self) -> Callable[..., Any]:
        """The emitted function, so that ``inspect.getsource`` shows its text."""
        return list(self._loaded.functions.values())[-1]

    @property
    def source(self) -> str:
        """Text of the emitted file."""
        return self._loaded.module.source

    @property
    def loaded(self) -> Loaded:
        """The emitted functions as they were compiled."""
        return self._loaded

    def _load(self) -> Loaded:
        module = Module(self._text.name, self._summary, self._emitted(self._text), self._emitted)
        return load(module, self._refuse)

    @property
    def _summary(self) -> str:
        graph = self._frame
        inputs = named_parts(graph.parameters, names_for(self._text))
        output = f"evaluate gives {len(graph.outputs)} floats, a list for each array"
        return header(title_of("Value", graph.name, graph.parameters), graph, inputs, output)

    def explain(self) -> Explanation:
        """Where each line of ``source`` comes from in the user's code, and back."""
        return explanation(self.source, [(f, self._written) for f in self._loaded.module.emitted])

    def _written(self) -> Graph:
        """The graph that ``source`` is written from."""
        return run_passes(self.graph)

    def _emitted(self, target: Target) -> tuple[Function, ...]:
        graph = self._written()
        parts = leaf_parts("result", graph.result)
        emit = evaluate_in_parts if len(graph.nodes) > LIMIT else emit_evaluate
        return emit(graph, target, names_for(target), parts)

    def __call__(self, *args: Any) -> Any:
        """The graph's result at ``args``."""
        if self._text.module:
            return self._unpack(
                self._evaluate(*(args if self._direct else pack(self._frame, args)))
            )
        # NumPy's scalars do not raise where floats do.
        packed = [np.asarray(part) if isinstance(part, list) else np.float64(part)
                  for part in pack(self._frame, args)]  # fmt: skip
        with np.errstate(all="ignore"):
            flat = self._evaluate(*packed)
        return self._unpack([_numbers(part) for part in flat])

    @cached_property
    def _evaluate(self) -> Callable[..., Any]:
        return self._loaded.guarded("evaluate")

    @cached_property
    def _unpack(self) -> Callable[[Any], Any]:
        return unpacker(self._frame.result)

    @cached_property
    def _direct(self) -> bool:
        """True if every argument is a float: emitted functions take the arguments as they are."""
        return all(isinstance(s, Scalar) for _, s in self._frame.parameters)

    def _refuse(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name == "backward":
            found = f"{type(arguments[-1]).__name__} {arguments[-1]!r}"
            raise ArgumentError(f"backward: cotangent: found {found}; expected a float")
        flatten_arguments(self._frame, arguments)  # raises the error that names the argument

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt_function, (*packed(self.graph), self.target)

    def __copy__(self) -> Self:
        return self  # nothing about it can change, as about a function

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def save(self, path: str | os.PathLike[str], certificate: Any = None) -> None:
        """Write ``source`` to a file, whole or not at all.

        Args:
            path: The file.
            certificate: verify's report on this; its digest goes into the first line.

        Raises:
            OSError: if the folder does not exist or cannot be written.
        """
        write_whole(path, self.source if certificate is None else certificate.stamped(self.source))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._frame.name}, target {self.target}>"


def _signature(graph: Graph) -> inspect.Signature:
    """What ``inspect.signature`` shows: the arguments, by position."""
    names = [
        name if name.isidentifier() and not keyword.iskeyword(name) else f"x{place}"
        for place, (name, _) in enumerate(graph.parameters)
    ]
    return inspect.Signature(
        [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in names]
    )


class CompiledGradient(CompiledFunction):
    """Value and gradient of a traced function, compiled.

    Calling it gives ``(value, gradient)``; the gradient mirrors the arguments.  ``forward`` and
    ``backward`` give the two halves.

    Attributes:
        graph: The traced function.
        source: The emitted text.
        profile: "exact" or "fast": which passes may rewrite it.
        comments: True if ``source`` says beside each line of a backward section which line of the
            user's it came from, and the local derivative as a formula.
    """

    def __new__(cls, *options: Any) -> Self:
        """A class of its own lets Python call the emitted function without a detour."""
        return super().__new__(type(cls.__name__, (cls,), {"__module__": cls.__module__}))

    def __init__(self, graph: Graph, target: str, wrt: Wrt, profile: str = "exact") -> None:
        self.wrt, self.profile = wrt, profile
        self._positions, self._single = select_arguments(graph, wrt)
        self.comments = False
        self._check: Any = None
        super().__init__(graph, target)
        self._halves: Loaded | None = None
        self._called: dict[str, Callable[..., Any]] = {}
        type(self).__call__ = staticmethod(self._entry())  # type: ignore[method-assign]

    # --- emission ---

    @property
    def _bars(self) -> list[tuple[str, Structure]]:
        return parts_of([self._frame.parameters[p] for p in self._positions])

    @property
    def _bare(self) -> bool:
        return self._single and len(self._bars) == 1

    def _load(self) -> Loaded:
        module = Module(self._text.name, self._summary, self._emitted(self._text), self._emitted)
        return load(module, self._refuse)

    def explain(self) -> Explanation:
        """Where each line of ``source`` comes from in the user's code, and back.

        >>> from codegen import compile_gradient
        >>> df = compile_gradient(lambda x: x * x * x, 2.0)
        >>> [line.derivative for line in df.explain().lines if line.function == "backward"]
        [True]
        """
        return self._explained(self.source)

    def _explained(self, source: str) -> Explanation:
        whole = [(f, self._written) for f in self._loaded.module.emitted]
        halves = [(f, self._written_halves) for f in self._split().module.emitted]
        return explanation(source, [*halves, *whole])

    def trace_nan(self, *args: Any) -> NonFinite | None:
        """What began a nan or inf in the value or gradient at ``args``; see ``ad.trace_nan``."""
        return trace_nan(self.graph, *args, wrt=self.wrt)

    def _written(self) -> Graph:
        return run_passes(value_and_gradient(self.graph, self.wrt), self._passes)

    def _written_halves(self) -> Graph:
        return run_passes(vjp(self.graph, self.wrt), self._passes)

    def _emitted(self, target: Target) -> tuple[Function, ...]:
        graph = self._written()
        emit = fused_in_parts if len(graph.nodes) > LIMIT else emit_value_and_gradient
        return emit(graph, target, names_for(target), self._bars, self._bare)

    @property
    def _passes(self) -> tuple[Callable[[Graph], Graph], ...]:
        return before_emission(self.profile, self.target)

    @property
    def _name(self) -> str:
        return f"{safe_name(self._frame.name)}_gradient"

    @property
    def _summary(self) -> str:
        graph = self._frame
        inputs = named_parts(graph.parameters, names_for(self._text))
        by = ", ".join(name for name, _ in named_parts(
            [graph.parameters[p] for p in self._positions], names_for(self._text)))  # fmt: skip
        output = (
            f"value_and_gradient gives the value and its derivatives by {by}, in this order; "
            "forward and backward are its halves"
        )
        title = title_of("Value and gradient", graph.name, graph.parameters)
        return header(title, graph, inputs, output, "" if self.profile == "exact" else FAST)

    def _split(self) -> Loaded:
        """forward and backward, emitted at first use."""
        if self._halves is None:
            halves = self._emitted_halves(self._text)
            module = Module(self._text.name, self._summary, halves, self._emitted_halves)
            self._halves = load(module, self._refuse)
        return self._halves

    def _emitted_halves(self, target: Target) -> tuple[Function, ...]:
        graph = self._written_halves()
        emit = halves_in_parts if len(graph.nodes) > LIMIT else emit_forward_backward
        return emit(graph, target, names_for(target), self._bars, self._bare)

    @property
    def source(self) -> str:
        """Text of the emitted file: ``forward``, ``backward``, ``value_and_gradient``."""
        text = self.file.source
        if not self.comments:
            return text
        graphs = {name: self._written_halves() for name in ("forward", "backward")}
        graphs["value_and_gradient"] = self._written()
        return commented(text, self._explained(text), graphs.get)

    @property
    def file(self) -> Module:
        """The emitted file in its parts."""
        known = self._halves
        halves = self._emitted_halves(self._text) if known is None else known.module.emitted
        functions = halves + self._loaded.module.emitted

        def again(target: Target) -> tuple[Function, ...]:
            return self._emitted_halves(target) + self._emitted(target)

        return Module(self._text.name, self._summary, functions, again)

    @property
    def positions(self) -> list[int]:
        """Positions of the arguments it is differentiated by."""
        return self._positions

    @property
    def machine_graph(self) -> Graph | None:
        """The graph that machine code is written from; None where the loaded text runs."""
        return None

    @property
    def check(self) -> Any:
        """What the check at compile found (``verify.Check``), None if there was none."""
        return self._check

    def certify(self, prove: Callable[[CompiledGradient], Any]) -> None:
        """Check the emitted code, or what machine code is made from; ``check`` is the answer."""
        self._check = prove(self)

    @property
    def verdict(self) -> Any:
        """What the check at compile found (``verify.Verdict``), None if there was none."""
        return None if self.check is None else self.check.verdict

    # --- calls ---

    def _entry(self) -> Callable[..., Any]:
        compiled = self._loaded.guarded("value_and_gradient")
        if self._direct:
            compiled.__name__ = compiled.__qualname__ = self._name
            return compiled
        if len(self._frame.parameters) == 1 and self._bare:
            return _one_argument(compiled, packers(self._frame)[0], self._make)
        graph, make, bare = self._frame, self._make, self._bare

        def call(*args: Any) -> Any:
            value, bars = compiled(*pack(graph, args))
            return value, make((bars,) if bare else bars)

        return call

    @property
    def _mirror(self) -> Structure:
        return reverse_plan(self._frame, self.wrt).mirror

    @cached_property
    def _make(self) -> Callable[[Any], Any]:
        return unpacker(self._mirror)

    def forward(self, *args: Any) -> tuple[Any, Any]:
        """``(value, residuals)`` at ``args``."""
        result: tuple[Any, Any] = self._half("forward")(
            *(args if self._direct else pack(self._frame, args))
        )
        return result

    def backward(self, residuals: Any, cotangent: float = 1.0) -> Any:
        """Gradient from the residuals of ``forward``, times ``cotangent``."""
        bars = self._half("backward")(residuals, cotangent)
        return bars if self._direct else self._make((bars,) if self._bare else bars)

    def _half(self, name: str) -> Callable[..., Any]:
        half = self._called.get(name)
        if half is None:
            half = self._called[name] = self._split().guarded(name)
        return half

    def __reduce__(self) -> tuple[Any, ...]:
        made_from = (*packed(self.graph), self.target, self.wrt, self.profile)
        return _rebuilt_gradient, made_from, {"_check": self._check, "comments": self.comments}


def _one_argument(
    compiled: Callable[..., Any], packer: Callable[[Any], Any], make: Callable[[Any], Any]
) -> Callable[..., Any]:
    def call(x: Any) -> Any:
        value, bar = compiled(packer(x)[0])
        return value, make((bar,))

    return call


def _numbers(part: Any) -> Any:
    """NumPy's scalars as floats."""
    return list(map(float, part)) if isinstance(part, list) else float(part)


def _rebuilt_function(text: str, origins: Stored | None, target: str) -> CompiledFunction:
    return CompiledFunction(unpacked(text, origins), target)


def _rebuilt_gradient(
    text: str, origins: Stored | None, target: str, wrt: Wrt, profile: str = "exact"
) -> CompiledGradient:
    return CompiledGradient(unpacked(text, origins), target, wrt, profile)
