"""Every error Proofgrad raises for a user's mistake, and the line of user code an error is about.

The docstring of each class is its help page: what causes it, and the fix.
A message always says where, what was found, what was expected and what to do.
"""

from __future__ import annotations

import ast
import functools
import linecache
import os
import re
import sys
import warnings
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Literal, Self

__all__ = [
    "ArgumentError",
    "DifferentiationError",
    "EmitError",
    "IRError",
    "Limit",
    "ProofgradError",
    "TargetError",
    "TraceError",
    "TrainingError",
    "UnsupportedError",
    "called_at",
    "callee",
    "counted",
    "installing",
    "is_own_file",
    "is_user_file",
    "library_called",
    "location_of",
    "reached",
    "user_expression",
    "user_location",
    "warn",
    "written_here",
]


# What one kind of trace refuses, and another, of numbers or of whole arrays, may take: a function
# that needs numbers, complex numbers, an index or a mask that depends on a traced value, an order,
# values that an earlier trace left.
Limit = Literal["opaque", "complex", "mask", "order", "kept"]


class ProofgradError(Exception):
    """Base class of all errors below: catch it to catch them all."""

    limit: Limit | None = None

    def of(self, limit: Limit | None) -> Self:
        """This error, raised because of a limit of one kind of trace."""
        self.limit = limit
        return self


class TraceError(ProofgradError, TypeError):
    """The function did something that cannot be recorded as a graph.

    A traced function sees placeholders instead of numbers::

        def f(x):
            if x > 0:               # TraceError: a branch needs a number
                return math.sin(x)  # TraceError: math needs a number
            return x

    Choose with ``where`` and call functions that accept placeholders::

        def f(x):
            return np.where(x > 0, np.sin(x), x)
    """


class ArgumentError(ProofgradError, TypeError):
    """An argument has another number, structure, shape or type than the examples had.

    The examples given to ``trace`` or ``compile_gradient`` fix the structure of the arguments.
    Pass arguments of the same structure, or trace again with new examples.
    """


class DifferentiationError(ProofgradError, ValueError):
    """The requested derivative is not defined for this function.

    A gradient needs a function that returns one number; use ``jacobian`` for several.
    """


class IRError(ProofgradError, ValueError):
    """A graph or its text breaks a rule of the intermediate representation.

    The message names the line and the invariant (``I1`` …, listed in ``autodiff/graph/check.py``).
    """


class EmitError(ProofgradError, ValueError):
    """A graph cannot be written for this target, or the written text is not what we emit."""


class TrainingError(ProofgradError, ArithmeticError):
    """Training came to a number that is not finite and stopped.

    The parameters are those of the last step whose loss was finite: the model's, or, where nothing
    was changed in place, ``parameters``.  ``history`` holds the losses up to there.  Usually the
    learning rate is too large, or a loss that overflows was written by hand where one of
    ``autodiff.losses`` does not.
    """

    history: object = None
    parameters: object = None


class TargetError(ProofgradError, ValueError):
    """``path/to/file.py:function`` does not name a function we can import."""


class UnsupportedError(ProofgradError, AttributeError):
    """A compiled function was asked for what its target cannot do, or was not compiled yet.

    The message names the target, or the option, that can::

        df = compile_gradient(f, 1.0)  # target "python"
        df.bind(x, out=slope)          # UnsupportedError: use target="native"
    """


def installing(extra: str) -> str:
    """How to install an extra: from an index that has Proofgrad, and in a checkout of it.

    >>> installing("native")
    "pip install 'proofgrad[native]' (in a checkout of Proofgrad: pip install '.[native]')"
    """
    return (
        f"pip install 'proofgrad[{extra}]' (in a checkout of Proofgrad: pip install '.[{extra}]')"
    )


# What other libraries call things, and what to write instead.
_BATCH = "compile_gradient(f, *examples, target='numpy', batch=True)"
_MATRIX = "compile_jacobian(f, *examples)"
_FIXED = "another argument for what is held fixed, and wrt= for the others"
_PROOF = "verify_gradient(f, *examples, gradient=yours)"
_ELSEWHERE = {
    "jit": "compile_gradient(f, *examples, target='native')",
    "vmap": _BATCH,
    "elementwise_grad": _BATCH,
    "jacfwd": _MATRIX,
    "jacrev": _MATRIX,
    "stop_gradient": _FIXED,
    "detach": _FIXED,
    "no_grad": _FIXED,
    "custom_vjp": "custom(rule), which proves the rule",
    "custom_jvp": "custom(rule), which proves the rule",
    "lambdify": "compile_gradient(from_sympy(expression), *examples)",
    "check_grads": _PROOF,
    "gradcheck": _PROOF,
    "tensor": "Value(number), or plain NumPy arrays",
    "Tensor": "Value(number), or plain NumPy arrays",
    "Variable": "Value(number)",
    "draw_dot": "draw(value)",
    "SGD": "optimizers.SGD(parameters, learning_rate)",
    "Adam": "optimizers.Adam(parameters, learning_rate)",
    "fori_loop": "a Python loop, or scan",
    # keywords
    "argnums": "wrt=",
    "argnum": "wrt=",
}


def written_here(name: str) -> str:
    """What stands for a name of another library, as the end of a message; or nothing."""
    return f"; here it is {_ELSEWHERE[name]}" if name in _ELSEWHERE else ""


# Frames of these folders are ours or NumPy's; the first frame outside them is the user's.
_OWN_FOLDERS = tuple(
    os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), name) + os.sep
    for name in ("autodiff", "codegen", "verify", "proofgrad")
)


_STANDARD = os.path.dirname(os.__file__) + os.sep
_LIBRARIES = (
    f"{os.sep}numpy{os.sep}",
    *(f"{os.sep}site-packages{os.sep}{name}{os.sep}" for name in ("scipy", "numba", "pandas")),
)


@functools.lru_cache(maxsize=4096)
def is_own_file(filename: str) -> bool:
    """True for a file of ours, and for text that we emitted."""
    return filename.startswith((*_OWN_FOLDERS, "<proofgrad "))


@functools.lru_cache(maxsize=4096)
def is_user_file(filename: str) -> bool:
    """True unless the file is ours, NumPy's or SciPy's, or text that we emitted."""
    return not (
        is_own_file(filename)
        or any(folder in filename for folder in _LIBRARIES)
        or (filename.startswith(_STANDARD) and "-packages" not in filename)
        or filename.startswith(("<frozen ", "<__array_function__"))
        or filename.endswith((".pyx", ".pxd"))  # Cython's, which a library was compiled from
    )


def _user_frames() -> Iterator[FrameType]:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if is_user_file(frame.f_code.co_filename):
            yield frame
        frame = frame.f_back


def user_location() -> str:
    """``file.py:12`` of the innermost user frame, or ``<unknown>``."""
    for frame in _user_frames():
        return f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"
    return "<unknown>"


def warn(message: str) -> None:
    """Warn at the line of the innermost user frame."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and not is_user_file(frame.f_code.co_filename):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, stacklevel=level)


def counted(count: int, noun: str) -> str:
    """``1 argument``, ``2 arguments``."""
    return f"{count} {noun}{'s' * (count != 1)}"


def location_of(error: BaseException) -> str:
    """``file.py:12`` of the innermost user frame the error passed through."""
    location, traceback = "<unknown>", error.__traceback__
    while traceback is not None:
        filename = traceback.tb_frame.f_code.co_filename
        if is_user_file(filename):
            location = f"{os.path.basename(filename)}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return location


def reached(error: BaseException) -> tuple[int, int]:
    """How far the user's function came: the line and the instruction that the error is about."""
    place, traceback = (0, 0), (error.__cause__ or error).__traceback__
    while traceback is not None:
        if is_user_file(traceback.tb_frame.f_code.co_filename):
            place = traceback.tb_lineno, traceback.tb_lasti
        traceback = traceback.tb_next
    return place


def _instruction_position(
    code: CodeType, offset: int
) -> tuple[int | None, int | None, int | None, int | None]:
    for index, position in enumerate(code.co_positions()):
        if index == offset // 2:
            return position
    return None, None, None, None


def _expression(code: CodeType, offset: int) -> str:
    """Source text of what a frame is evaluating, or ``""``."""
    line, end_line, start, end = _instruction_position(code, offset)
    if line is None or start is None or end is None:
        return ""
    raw = linecache.getline(code.co_filename, line).encode()  # positions count bytes
    return raw[start : end if end_line == line else None].decode(errors="replace").strip()


def user_expression() -> str:
    """Source text of the expression the innermost user frame is evaluating, or ``""``.

    An error can then name ``math.sin(x)`` instead of the ``float()`` hidden inside it.
    """
    for frame in _user_frames():
        return _expression(frame.f_code, frame.f_lasti)
    return ""


_CALLEE = re.compile(r"([A-Za-z_][\w.]*)(?=\()")


def _named(expression: str, library: FrameType | None) -> str:
    """What the user called: as it is written there, or by its name if that is a variable's.

    Args:
        expression: The user's expression.
        library: The frame of the library's function that it called, if there is one.
    """
    written = _CALLEE.match(expression)
    if written is None or library is None or "." in written[1]:
        return "" if written is None else written[1]
    name = library.f_code.co_qualname.rpartition("<locals>.")[2]
    module = str(library.f_globals.get("__name__", "")).split(".")
    if name.endswith(".__call__"):  # of an object: its class, not the one that has the method
        called = library.f_locals.get("self")
        name = name.removesuffix(".__call__") if called is None else type(called).__name__
    public = ".".join(part for part in module if not part.startswith("_"))
    return f"np.{name}" if module[0] == "numpy" else f"{public}.{name}"


_WRAPPING = frozenset({"contextlib.py", "functools.py"})


def _is_library(frame: FrameType) -> bool:
    filename = frame.f_code.co_filename
    if is_user_file(filename) or filename.startswith((*_OWN_FOLDERS, "<")):
        return False
    return os.path.basename(filename) not in _WRAPPING  # around a function, ours as well


def library_called() -> str:
    """What the innermost user frame called of a library that is running now, or ``""``.

    ``np.geomspace``, as the user wrote it; "" if the user's own line does what is going on.
    """
    frame: FrameType | None = sys._getframe(1)
    library: FrameType | None = None
    while frame is not None:
        if is_user_file(frame.f_code.co_filename):
            expression = _expression(frame.f_code, frame.f_lasti)
            if library is None:
                return _of_library(expression, frame)
            return _named(expression, library)
        library = frame if _is_library(frame) else library
        frame = frame.f_back
    return ""


def _of_library(expression: str, frame: FrameType) -> str:
    """The function of NumPy or SciPy, compiled so that it has no frame, that the user called."""
    if not _is_one_call(expression):
        return ""
    name, *rest = callee(expression).split(".")
    found = frame.f_locals.get(name, frame.f_globals.get(name))
    module = str(getattr(found, "__name__", "")).partition(".")[0]
    if not rest or module not in ("numpy", "scipy"):  # a module, or what traces see in its place
        return ""
    for attribute in rest:
        found = getattr(found, attribute, None)
    # A type converts a number (np.float64), np.array stores it: what is said of these is better.
    named = callable(found) and not isinstance(found, type)
    return ".".join([name, *rest]) if named and rest[-1] not in ("array", "asarray") else ""


@functools.lru_cache(1000)
def _is_one_call(expression: str) -> bool:
    """False for an expression that does more than call: ``np.abs(x) < 1.0`` is tested there."""
    try:
        return isinstance(ast.parse(expression, mode="eval").body, ast.Call)
    except SyntaxError:  # part of one that goes over several lines
        return True


def called_at(error: BaseException) -> str:
    """What the innermost user frame, through which the error came, was calling, or ``""``."""
    expression, traceback = "", error.__traceback__
    library: FrameType | None = None
    while traceback is not None:
        frame = traceback.tb_frame
        if is_user_file(frame.f_code.co_filename):
            expression, library = _expression(frame.f_code, traceback.tb_lasti), None
        elif library is None and _is_library(frame):
            library = frame
        traceback = traceback.tb_next
    return _named(expression, library)


def callee(expression: str) -> str:
    """What an expression calls, as it is written there: ``np.sort`` of ``np.sort(x)``."""
    return _named(expression, None)
