"""The Python target: the emitted functions themselves, called with the arguments as they need them.

Functions of floats are called without any detour; arrays become flat lists, and gradients mirror
the arguments again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from autodiff.errors import ArgumentError, ProofgradError
from autodiff.graph.structure import Structure
from autodiff.graph.tree.leaves import number
from autodiff.tracebacks import shortening
from codegen.call.arguments import pack, unpacker
from codegen.call.code import GradientCode, placed
from codegen.call.derivative import Derivative, takes_scalars
from codegen.call.in_text import TextFunction, TextGradient
from codegen.call.lines.whole_call import straight_call
from codegen.call.runner import Call
from codegen.call.symbolic import are_symbolic, recorded, recorded_or_raise
from codegen.load.allowed import ABSENT

__all__ = ["PythonFunction", "PythonGradient", "PythonHalves"]

# What a traced value among the arguments leads to; the second where only the results go into
# arrays of floats.
_SYMBOLIC = ProofgradError, ValueError


class PythonFunction(TextFunction):
    """A graph as Python.

    Args:
        code: Its code.
    """

    def entry(self) -> Call:
        """What a call is."""
        emission = self._code.emission
        frame, evaluate = emission.frame, self._code.main.guarded(emission.kind.entry)
        if not takes_scalars(frame):
            return _of_structures(emission, evaluate, emission.result, False, False)
        unpack, count = unpacker(emission.result), len(frame.parameters)

        @shortening
        def of_scalars(*args: object, **named: object) -> object:
            if named or len(args) != count:
                args = placed(emission, args, named)
            try:
                return unpack(evaluate(*args))
            except _SYMBOLIC:
                return recorded_or_raise(emission, args)

        return of_scalars


class PythonHalves:
    """``forward`` and ``backward`` as Python.

    Args:
        code: Their code, loaded at the first call.
    """

    def __init__(self, code: GradientCode) -> None:
        derivative = code.derivative
        self._code, self._frame, self._bare = code, derivative.frame, derivative.bare
        self._direct = takes_scalars(derivative.frame)

    @cached_property
    def _forward(self) -> Call:
        return self._code.halves.guarded("forward")

    @cached_property
    def _backward(self) -> Call:
        return self._code.halves.guarded("backward")

    @cached_property
    def _make(self) -> Callable[[Sequence[float]], object]:
        return unpacker(self._code.derivative.mirror)

    def forward(self, *args: object) -> tuple[object, object]:
        """``(value, residuals)`` at ``args``."""
        result: tuple[object, object] = self._forward(
            *(args if self._direct else pack(self._frame, args))
        )
        return result

    def backward(self, residuals: object, cotangent: object) -> object:
        """Gradient from the residuals of ``forward``, times ``cotangent``."""
        bars = self._backward(residuals, cotangent)
        return bars if self._direct else self._make((bars,) if self._bare else bars)


class PythonGradient(TextGradient):
    """Value and gradient as Python.

    Args:
        code: Its code.
    """

    def __init__(self, code: GradientCode) -> None:
        super().__init__(code)
        halves = PythonHalves(code)
        self.forward, self.backward = halves.forward, halves.backward

    def entry(self) -> Call:
        """What a call is."""
        derivative = self._code.derivative
        compiled = self._code.main.guarded("value_and_gradient")
        frame, mirror = derivative.frame, derivative.mirror
        if takes_scalars(frame):
            call = _of_floats(compiled, derivative)
        else:
            call = _of_structures(derivative, compiled, mirror, True, derivative.bare)
        call.__name__ = call.__qualname__ = derivative.name
        return call


def _of_structures(
    emission: Derivative, compiled: Call, result: Structure, in_halves: bool, bare: bool
) -> Call:
    """A call with whatever arguments: in straight lines, unless these would be too many.

    Args:
        emission: What is called.
        compiled: The emitted function.
        result: Structure of what is put together.
        in_halves: Whether ``compiled`` gives a value beside the parts of it.
        bare: Whether these are one part, not in a tuple.
    """
    frame, make = emission.frame, unpacker(result)

    def other(args: tuple[object, ...], named: dict[str, object]) -> object:
        args = tuple(x for x in args if x is not ABSENT)
        if named or len(args) != len(frame.parameters):
            args = placed(emission, args, named)
        if are_symbolic(args):  # the text would branch on them before it fails
            return recorded(emission, args)
        try:
            parts = compiled(*pack(frame, args))
            if not in_halves:
                return make(parts)
            value, bars = parts
            return value, make((bars,) if bare else bars)
        except _SYMBOLIC:
            return recorded_or_raise(emission, args)

    def symbolic(args: tuple[object, ...]) -> object:
        return recorded_or_raise(emission, args)

    @shortening
    def call(*args: object, **named: object) -> object:
        return other(args, named)

    return (
        straight_call(frame.parameters, result, compiled, other, symbolic, in_halves, bare) or call
    )


def _of_floats(compiled: Callable[..., object], derivative: Derivative) -> Callable[..., object]:
    """An emitted function of floats that takes names and has the defaults, both the user's."""
    code, frame, defaults = (
        getattr(compiled, "__code__", None),
        derivative.frame,
        derivative.defaults,
    )
    names = tuple(name for name, _ in frame.parameters)
    if code is not None and code.co_argcount > len(names):  # what is given behind them is refused
        rest = code.co_varnames[len(names) :]
        compiled.__code__ = code.replace(co_varnames=(*names, *rest))
        absent = (ABSENT,) * (code.co_argcount - len(names))
        compiled.__defaults__ = (*[_default(defaults.get(name)) for name in names], *absent)
        return compiled

    @shortening
    def call(*args: object, **named: object) -> object:
        if named or len(args) != len(names):
            args = placed(derivative, args, named)
        return compiled(*args)

    return call


def _default(value: object) -> object:
    """A default that is a number, as emitted functions take it."""
    try:
        return number(value, "")
    except ArgumentError:
        return ABSENT
