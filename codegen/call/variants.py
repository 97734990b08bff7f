"""Static arguments: one program per value of these, compiled when it first comes.

An argument outside ``wrt`` that cannot be traced (an index, a mask, text, None, an object), and
text beside numbers inside any, is fixed in a program.  What users hold is the program of the
examples; a call with other static values goes to theirs.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any, NoReturn

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.graph.reading.parse import PackedText, packed
from autodiff.graph.tree.leaves import Floats
from autodiff.graph.tree.static_values import split, static_parts
from autodiff.origins.origin import Stored
from autodiff.quoting import quoted
from autodiff.run.nonfinite import NonFinite, trace_nan
from autodiff.trace.filled import Filled, filled_in
from autodiff.tracebacks import shortening
from autodiff.version import VERSION
from codegen.call.code import FunctionCode, code_of, placed
from codegen.call.compiled import CompiledFunction, CompiledGradient, sparse_calls
from codegen.call.derivative import Derivative
from codegen.call.lists.which_derivative import derivative_of
from codegen.call.runner import Call, FunctionRunner, MakeRunner

__all__ = ["StaticFunction", "StaticGradient", "Statics", "described"]

_KEPT = 32  # programs of one compiled function
_SHOWN = 40  # characters of a static value in the header
_OPTIONS = frozenset({"out", "threads"})


def described(function: Filled, names: Sequence[str]) -> list[str]:
    """What the header says about each argument that holds static values."""
    return [
        f"{quoted(path, 'plain')} ({_value(value)})"
        for place, given in sorted(function.given.items())
        for path, value in static_parts(given, function.static[place], names[place])
    ]


def _value(value: object) -> str:
    """A static value in a docstring, in letters and digits that end none."""
    if isinstance(value, np.ndarray):
        shape = " x ".join(map(str, value.shape))
        return f"array of {shape} {value.dtype.name}" if shape else value.dtype.name
    if value is None or isinstance(value, (bool, int, str)):
        text = quoted(repr(value), "python comment")
        safe = "".join(c if c.isalnum() or c in " _.,+-'" else "?" for c in text)
        return safe if len(safe) <= _SHOWN else f"{safe[: _SHOWN - 3]}..."
    return type(value).__name__


class Statics:
    """The static arguments of a compiled function.

    Args:
        function: The user's function with those of the examples.
        compiled: Compiles it for other arguments.
    """

    def __init__(self, function: Filled, compiled: Callable[..., CompiledFunction]) -> None:
        self.static = function.static
        self._examples = function.arguments
        self.first = self.key(self._examples)
        self._compiled: Callable[..., CompiledFunction] | None = compiled
        self._programs: OrderedDict[Hashable, CompiledFunction] = OrderedDict()
        self._lock = threading.RLock()

    def key(self, args: Sequence[object]) -> Hashable:
        """Equal for arguments that one program takes."""
        return tuple([split(args[place], whole).key for place, whole in self.static.items()])

    def filled(self, args: Sequence[object]) -> list[object]:
        """Arguments without static values with those of the examples."""
        return filled_in(args, self._examples, self.static)

    def dynamic(self, args: Sequence[object]) -> list[object]:
        """The arguments without their static values."""
        found = list(args)
        for place, whole in self.static.items():
            found[place] = split(args[place], whole).value
        return found

    def program(self, derivative: Derivative, args: Sequence[object]) -> CompiledFunction | None:
        """The program for the static values among ``args``; None for that of the examples.

        Raises:
            ArgumentError: if there is none, and nothing to compile it from.
        """
        key = self.key(args)
        if key == self.first:
            return None
        with self._lock:
            known = self._programs.get(key)
            if known is None:
                if self._compiled is None:
                    self._refuse(derivative, args)
                # Of the others the examples say the shape: points of a batch have one axis more.
                examples = [
                    x if place in self.static else self._examples[place]
                    for place, x in enumerate(args[: len(self._examples)])
                ]
                known = self._programs[key] = self._compiled(*examples)
                if len(self._programs) > _KEPT:
                    self._programs.popitem(last=False)
            self._programs.move_to_end(key)
        return known

    def _refuse(self, derivative: Derivative, args: Sequence[object]) -> NoReturn:
        names = [name for name, _ in derivative.frame.parameters]
        found = ", ".join(f"{names[place]} ({_value(args[place])})" for place in self.static)
        raise ArgumentError(
            f"{derivative.frame.name}: found other static arguments: {found}; this was "
            f"unpickled and has a program for {', '.join(derivative.static)} alone. Compile it "
            "here, from the function"
        )

    def __getstate__(self) -> dict[str, object]:
        # Functions of users mostly have no name to pickle; the programs can be made again.
        return {"static": self.static, "first": self.first}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.static, self.first = state["static"], state["first"]
        self._compiled, self._examples = None, ()
        self._programs, self._lock = OrderedDict(), threading.RLock()


class StaticRunner:
    """Goes to the program of a call's static arguments.

    Args:
        code: The program of the examples.
        make: What runs it.
        statics: The static arguments.
    """

    def __init__(self, code: FunctionCode, make: Callable[[object], Any], statics: Statics) -> None:
        self._derivative, self._statics, self._own = code.emission, statics, make(code)
        self._sparse, entry = sparse_calls(code.emission), self._own.entry()
        self._entry = entry if self._sparse is None else self._sparse.of(entry)

    @property
    def machine(self) -> Any:
        """The graph that the examples' machine code is written from."""
        return self._own.machine

    @property
    def llvm(self) -> str:
        """The examples' program as LLVM IR."""
        text: str = self._own.llvm
        return text

    def executed(self, parts: Sequence[Floats]) -> list[Floats]:
        """What the examples' machine code of arrays gives."""
        found: list[Floats] = self._own.executed(parts)
        return found

    def all_arguments(
        self, args: tuple[object, ...], named: dict[str, object]
    ) -> tuple[object, ...]:
        """All arguments by position.

        Raises:
            ArgumentError: if they do not fit.
        """
        if named or len(args) != len(self._derivative.frame.parameters):
            return placed(self._derivative, args, named)
        return args

    def entry(self) -> Call:
        """What a call is."""
        statics, derivative, own = self._statics, self._derivative, self._entry
        parameters = {name for name, _ in derivative.frame.parameters}

        @shortening
        def call(*args: object, **named: object) -> object:
            options = {k: named.pop(k) for k in _OPTIONS & named.keys() - parameters}
            args = self.all_arguments(args, named)
            program = statics.program(derivative, args)
            if program is None:
                return own(*statics.dynamic(args), **options)
            return program(*args, **options)

        return call

    def _for(self, args: Sequence[object]) -> tuple[Any, Sequence[object]]:
        """What runs a call, and the arguments that it takes."""
        program = self._statics.program(self._derivative, args)
        return (self._own, self._statics.dynamic(args)) if program is None else (program, args)

    def forward(self, *args: object) -> tuple[object, object]:
        """``(value, residuals)`` at ``args``."""
        program, own = self._for(self.all_arguments(args, {}))
        value, residuals = program.forward(*own)
        return value, (program, residuals)

    def backward(self, residuals: object, cotangent: object) -> object:
        """Gradient from the residuals, times the cotangent."""
        if not (isinstance(residuals, tuple) and len(residuals) == 2):
            return self._own.backward(residuals, cotangent)  # raises the error that says so
        program, own = residuals
        return program.backward(own, cotangent)

    def bind(self, *args: object, out: object) -> Callable[[], object]:
        """A callable without arguments over the caller's arrays and these static values."""
        program, own = self._for(self.all_arguments(args, {}))
        if program is self._own and self._sparse is not None:
            return self._sparse.bound(program.bind, own, out)
        call: Callable[[], object] = program.bind(*own, out=out)
        return call


class StaticFunction(CompiledFunction):
    """Compiled from a function some of whose arguments outside ``wrt`` are static.

    Source, graph, verdict and the like are those of the program for the examples; ``at`` gives the
    one for other static values.

    Args:
        code: The program for the examples.
        make: What runs it.
        statics: The static arguments.
    """

    def __init__(
        self, code: FunctionCode, make: Callable[[object], FunctionRunner], statics: Statics
    ) -> None:
        self._statics, self._inner = statics, make
        super().__init__(code, partial(StaticRunner, make=make, statics=statics))

    def _sparse_calls(self) -> None:
        """None: each program makes matrices of a structure of its own."""

    @property
    def static(self) -> tuple[str, ...]:
        """The static arguments and their values in this program."""
        return self._derivative.static

    def filled(self, args: Sequence[object]) -> Sequence[object]:
        """Arguments of this program, which lack what is static, as a call takes them."""
        return self._statics.filled(args)

    def at(self, *args: object) -> tuple[CompiledFunction, tuple[object, ...]]:
        """The program for the static values among ``args``, and ``args`` without them."""
        if len(args) != len(self._derivative.frame.parameters):
            args = placed(self._derivative, args, {})  # raises the error that says so
        program = self._statics.program(self._derivative, args)
        return (self, tuple(self._statics.dynamic(args))) if program is None else program.at(*args)

    def __reduce__(self) -> tuple[object, ...]:
        made_from = (type(self).__mro__[1], self._inner, self._statics, *packed(self.graph))
        return _rebuilt, (*made_from, self._derivative.options), (self._check, VERSION)

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]}, static: {', '.join(self.static)}>"


class StaticGradient(StaticFunction, CompiledGradient):
    """A gradient of a function some of whose arguments outside ``wrt`` are static.

    Args:
        code: The program for the examples.
        make: What runs it.
        statics: The static arguments.
    """

    def trace_nan(self, *args: object) -> NonFinite | None:
        """What began a nan or inf in the value or gradient at ``args``."""
        program, own = self.at(*args)
        return trace_nan(program.graph, *own, wrt=self.wrt)


def _rebuilt(
    kind: type[StaticFunction],
    make: MakeRunner,
    statics: Statics,
    text: PackedText,
    origins: Stored | None,
    options: tuple[object, ...],
) -> StaticFunction:
    return kind(code_of(derivative_of((text, origins), options)), make, statics)
