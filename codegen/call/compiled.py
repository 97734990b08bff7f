"""What users hold: a compiled graph or gradient, whatever the target.

One class between a user and a target: it answers what every target answers alike (text, file,
pickle, verdict) from the ``Derivative``, and hands calls to the target's runner.
"""

from __future__ import annotations

import inspect
import keyword
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, Self, cast

from autodiff.errors import UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.graph.reading.parse import PackedText, packed
from autodiff.graph.structure import Structure
from autodiff.graph.tree.leaves import Floats
from autodiff.origins.origin import Stored
from autodiff.run.nonfinite import NonFinite, trace_nan
from autodiff.run.reverse_plan import Wrt
from autodiff.trace.collection import collection_paused
from autodiff.version import VERSION
from codegen.call.code import (
    FunctionCode,
    GradientCode,
    arguments_first,
    code_of,
    placed,
)
from codegen.call.derivative import Derivative, pickled_defaults
from codegen.call.lines.own_call import class_for, give_call, let_go
from codegen.call.lists.which_derivative import derivative_of
from codegen.call.results.refused import raising
from codegen.call.results.saved import save_text
from codegen.call.results.sparse_matrix import SparseCalls
from codegen.call.runner import ArrayMachine, FunctionRunner, GradientRunner, MakeRunner
from codegen.kind import Kind
from codegen.load.load import Loaded
from codegen.stable import Bits
from codegen.text.explain import Explanation
from codegen.text.help_text import GRADIENT, GRAPH, help_text
from codegen.text.module import Module

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from verify.answer.compile_check import Check
    from verify.answer.report import Report, Verdict

    _Value = TypeVar("_Value", default=Any)
else:
    from typing import TypeVar

    _Value = TypeVar("_Value")  # Python 3.11 and 3.12 know no defaults

__all__ = ["CompiledFunction", "CompiledGradient", "sparse_calls"]


class CompiledFunction:
    """A compiled graph, or derivatives of a function: calling it gives what they are.

    Matrices have the result's structure with, in place of each float, a gradient, which mirrors the
    arguments.  With ``out=`` a call writes into the caller's arrays (targets "numpy" and "native");
    they mirror the result, without a float value that comes first, which is returned.

    Args:
        code: Its text and callables.
        make: What runs it: the class of a target, or one with its options.
    """

    _runner: FunctionRunner
    code: FunctionCode
    _offers = GRAPH

    def __new__(cls, code: FunctionCode, *options: object) -> Self:
        """Python calls the emitted function without a detour."""
        return super().__new__(class_for(cls, code.emission.target))

    def __init__(self, code: FunctionCode, make: MakeRunner) -> None:
        self.code, self._make = code, make
        self._derivative = code.emission
        self._check: Check | None = None
        with collection_paused():
            self._runner = make(code)
        self.__signature__ = _signature(code.emission.frame)
        self.__name__ = self.__qualname__ = code.emission.name
        self.__doc__ = help_text(code.emission, self._offers)
        entry = arguments_first(self._runner.entry(), code.emission)
        entry = raising(entry, code.emission, getattr(self._runner, "batch", None))
        self._sparse = self._sparse_calls()
        if self._sparse is not None:
            entry = self._sparse.of(entry)
        self.own_call = entry
        give_call(self, entry)

    def __call__(self, /, *args: object, **options: object) -> Any:
        """The result at ``args``; each object's class has a call of its own in its place."""
        raise NotImplementedError

    def __del__(self) -> None:
        let_go(self)

    # --- what it is ---

    @property
    def graph(self) -> Graph:
        """The graph it was compiled from."""
        return self._derivative.graph

    @property
    def frame(self) -> Graph:
        """What calls need to know: the function's name and all arguments of a call."""
        return self._derivative.frame

    @property
    def entry(self) -> str:
        """The function of the emitted text that a call runs."""
        return self._derivative.kind.entry

    @property
    def target(self) -> str:
        """The target's name."""
        return self._derivative.target

    @property
    def accuracy(self) -> Bits:
        """Mean bits lost by each number, as the function was written and as it is compiled.

        Measured against true numbers near the example and far from it, at everyday sizes, on all
        scales and on random doubles, or in the domain; ``rewrites`` names what the stable profile
        did.  ``print`` shows a table.
        """
        return self._derivative.accuracy

    @property
    def profile(self) -> str:
        """ "exact" or "fast": which passes may rewrite it."""
        return self._derivative.profile

    @property
    def source(self) -> str:
        """Text of the emitted file: of the same program, where machine code is what runs."""
        return self._derivative.source

    @property
    def file(self) -> Module:
        """The emitted file in its parts, without comments."""
        return self._derivative.file

    @property
    def loaded(self) -> Loaded:
        """The emitted function of a call, as it was compiled."""
        return self.code.main

    @property
    def llvm(self) -> str:
        """The machine code's own text, as LLVM IR (target "native").

        Raises:
            UnsupportedError: if the target has no machine code.
        """
        return self._runner.llvm

    @property
    def machine_graph(self) -> Graph | None:
        """The graph that machine code is written from; None where the loaded text runs."""
        return self._runner.machine

    @property
    def takes_points(self) -> bool:
        """True if arguments have a leading axis of points."""
        return getattr(getattr(self._runner, "batch", None), "flags", None) is not None

    def executed(self, parts: Sequence[Floats]) -> list[Floats]:
        """What machine code of arrays gives: the parts of the result, for those of the arguments.

        Raises:
            UnsupportedError: if the target has no machine code of arrays.
        """
        if self.graph.expanded or self.machine_graph is None:
            raise UnsupportedError(
                f"{self.frame.name}: target {self.target!r} has no machine code of arrays"
            )
        return cast("ArrayMachine", self._runner).executed(parts)

    @property
    def __wrapped__(self) -> Callable[..., object]:
        """The emitted function, so that ``inspect.getsource`` shows its text."""
        return list(self.code.main.functions.values())[-1]

    def explain(self) -> Explanation:
        """Where each line of ``source`` comes from in the user's code, and back.

        >>> from codegen import compile_gradient
        >>> df = compile_gradient(lambda x: x * x * x, 2.0)
        >>> [line.derivative for line in df.explain().lines if line.function == "backward"]
        [True]
        """
        return self._derivative.explain()

    # --- what it is made of ---

    @property
    def kind(self) -> Kind:
        """What is compiled."""
        return self._derivative.kind

    @property
    def what(self) -> tuple[str, ...]:
        """What a call gives, as ``codegen.compile`` names it; nothing for a graph as it is."""
        return self._derivative.kind.what

    @property
    def sparse(self) -> str:
        """How a call gives a sparse matrix: as "csr", "csc" or "coo"; "": whole."""
        return self._derivative.kind.sparse

    @property
    def result(self) -> Structure:
        """Structure of what a call gives."""
        return self._derivative.result

    @property
    def wrt(self) -> Wrt:
        """Positions or names of the arguments it is differentiated by, as they were given."""
        return self._derivative.wrt

    @property
    def positions(self) -> list[int]:
        """Positions of the arguments it is differentiated by."""
        return self._derivative.positions

    @property
    def defaults(self) -> dict[str, object]:
        """The defaults of the function's arguments, as far as a pickle keeps them."""
        return pickled_defaults(self._derivative.defaults)

    @property
    def comments(self) -> bool:
        """Whether ``source`` says where each line of a derivative comes from."""
        return self._derivative.comments

    def at(self, *args: object) -> tuple[CompiledFunction, tuple[object, ...]]:
        """The program for the static arguments among ``args``, and ``args`` without these."""
        return self, args

    def bind(self, *args: object, out: object = None, **named: object) -> Callable[[], Any]:
        """A callable without arguments, bound to the caller's arrays (target "native").

        Each call reads ``args`` as they are then and writes into ``out``.  It returns the value, if
        a call gives a float value first, else ``out``.

        Args:
            args: As for a call.  Arrays must be contiguous float64; a scalar is a float, taken
                as it is now, or an array of shape ``()``, read at each call.
            named: Arguments by name.
            out: Contiguous, writeable float64 arrays apart from ``args`` (shape ``()`` for a
                scalar), as the result or the gradient is built; without a float value that comes
                first.  None where none does: arrays of its own, to be read, with zeros kept.

        Raises:
            ArgumentError: if an array cannot be used where it lies.
            UnsupportedError: if the target reads no arrays where they lie.
        """
        args = placed(self._derivative, args, named)
        if self._sparse is None:
            return self._runner.bind(*args, out=out)
        return self._sparse.bound(self._runner.bind, args, out)

    def _sparse_calls(self) -> SparseCalls | None:
        """What makes matrices of what the runner gives, if they are none yet."""
        return sparse_calls(self._derivative)

    # --- what is known about it ---

    @property
    def check(self) -> Check | None:
        """What the check at compile found, None if there was none."""
        return self._check

    def certify(self, prove: Callable[[object], Check]) -> None:
        """Check the emitted code, or what machine code is made from; ``check`` is the answer."""
        self._check = prove(self)

    def unchecked(self) -> Self:
        """The same without the check, which may keep this: the two would keep each other."""
        twin: Self = object.__new__(type(self).__mro__[1])
        vars(twin).update(vars(self), _check=None)
        return twin

    @property
    def verdict(self) -> Verdict | None:
        """What the check at compile found (``verify.Verdict``), None if there was none."""
        check = self.check
        return None if check is None else check.verdict

    # --- life ---

    def save(self, path: str | os.PathLike[str], certificate: Report | None = None) -> None:
        """Write ``source`` to a file, whole or not at all, and its data beside it.

        Behind the text of whole arrays stands what settles derivatives where switches tie, as
        calls do.

        Args:
            path: The file.
            certificate: verify's report on this; its digest goes into the first line.

        Raises:
            ArgumentError: if one of them is no path or no report.
            OSError: if the folder does not exist or cannot be written.
        """
        save_text(path, self.source, *self._derivative.saved, certificate)

    def __reduce__(self) -> tuple[object, ...]:
        made_from = (type(self).__mro__[1], self._make, *packed(self.graph))
        return _rebuilt, (*made_from, self._derivative.options), (self._check, VERSION)

    def __setstate__(self, state: tuple[Check | None, str]) -> None:
        """Another version writes another text, which nobody has checked."""
        check, version = state
        self._check = check if version == VERSION else None

    def __copy__(self) -> Self:
        return self  # nothing about it can change, as about a function

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._derivative.frame.name}, target {self.target}>"


def sparse_calls(derivative: Derivative) -> SparseCalls | None:
    """What makes matrices of the values that the code gives, if it gives any."""
    kind = derivative.kind
    if not kind.sparse:
        return None
    leads = kind.leads_with_value(derivative.graph)
    return SparseCalls(derivative.result, derivative.given, kind.sparse, leads)


def _signature(graph: Graph) -> inspect.Signature:
    """What ``inspect.signature`` shows: the arguments under the user's names."""
    names = [
        name if name.isidentifier() and not keyword.iskeyword(name) else f"x{place}"
        for place, (name, _) in enumerate(graph.parameters)
    ]
    return inspect.Signature(
        [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
    )


class CompiledGradient(CompiledFunction, Generic[_Value]):
    """Value and gradient of a traced function, compiled.

    ``CompiledGradient[float]`` gives one value a call, one of batches an array of them.

    Calling it gives ``(value, gradient)``; the gradient mirrors the arguments.  ``forward`` and
    ``backward`` give the two halves.  With ``out=`` a call writes the gradient into the caller's
    arrays (targets "numpy" and "native").

    Args:
        code: Its text and callables.
        make: What runs it: the class of a target, or one with its options.
    """

    _runner: GradientRunner
    code: GradientCode
    _offers = GRADIENT

    if TYPE_CHECKING:

        def __call__(self, /, *args: object, **options: object) -> tuple[_Value, Any]:
            """``(value, gradient)`` at ``args``."""

    def forward(self, *args: object, **named: object) -> tuple[_Value, object]:
        """``(value, residuals)`` at ``args``; arguments may come by name."""
        return self._runner.forward(*placed(self._derivative, args, named))

    def backward(self, residuals: object, cotangent: object = 1.0) -> Any:
        """Gradient from the residuals of ``forward``, times ``cotangent``."""
        return self._runner.backward(residuals, cotangent)

    def trace_nan(self, *args: object) -> NonFinite | None:
        """What began a nan or inf in the value or gradient at ``args``; see ``ad.trace_nan``."""
        return trace_nan(self.graph, *args, wrt=self.wrt)


def _rebuilt(
    kind: type[CompiledFunction],
    make: MakeRunner,
    text: PackedText,
    origins: Stored | None,
    options: tuple[object, ...],
) -> CompiledFunction:
    return kind(code_of(derivative_of((text, origins), options)), make)
