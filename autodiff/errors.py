"""Every error Proofgrad raises for a user's mistake, and the line of user code an error is about.

The docstring of each class is its help page: what causes it, and the fix.
A message always says where, what was found, what was expected and what to do.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Iterator
from types import CodeType, FrameType

__all__ = [
    "ArgumentError",
    "DifferentiationError",
    "EmitError",
    "IRError",
    "ProofgradError",
    "TargetError",
    "TraceError",
    "TrainingError",
    "UnsupportedError",
    "is_user_file",
    "location_of",
    "user_expression",
    "user_location",
]


class ProofgradError(Exception):
    """Base class of all errors below: catch it to catch them all."""


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

    The parameters are those of the last step whose loss was finite, and ``history`` holds the
    losses up to there.  Usually the learning rate is too large, or a loss that overflows was
    written by hand where one of ``autodiff.losses`` does not.
    """

    history: object = None


class TargetError(ProofgradError, ValueError):
    """``path/to/file.py:function`` does not name a function we can import."""


class UnsupportedError(ProofgradError, AttributeError):
    """A compiled function was asked for what its target cannot do, or was not compiled yet.

    The message names the target, or the option, that can::

        df = compile_gradient(f, 1.0)  # target "python"
        df.bind(x, out=slope)          # UnsupportedError: use target="native"
    """


# Frames of these folders are ours or NumPy's; the first frame outside them is the user's.
_OWN_FOLDERS = tuple(
    os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), name) + os.sep
    for name in ("autodiff", "codegen", "verify", "proofgrad")
)


_LIBRARIES = (
    f"{os.sep}numpy{os.sep}",
    *(f"{os.sep}site-packages{os.sep}{name}{os.sep}" for name in ("scipy", "numba", "pandas")),
)


def is_user_file(filename: str) -> bool:
    """True unless the file is ours, NumPy's or SciPy's, or text that we emitted."""
    return not (
        filename.startswith(_OWN_FOLDERS)
        or any(folder in filename for folder in _LIBRARIES)
        or filename.startswith(("<frozen ", "<__array_function__", "<proofgrad "))
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


def location_of(error: BaseException) -> str:
    """``file.py:12`` of the innermost user frame the error passed through."""
    location, traceback = "<unknown>", error.__traceback__
    while traceback is not None:
        filename = traceback.tb_frame.f_code.co_filename
        if is_user_file(filename):
            location = f"{os.path.basename(filename)}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return location


def _instruction_position(
    code: CodeType, offset: int
) -> tuple[int | None, int | None, int | None, int | None]:
    for index, position in enumerate(code.co_positions()):
        if index == offset // 2:
            return position
    return None, None, None, None


def user_expression() -> str:
    """Source text of the expression the innermost user frame is evaluating, or ``""``.

    An error can then name ``math.sin(x)`` instead of the ``float()`` hidden inside it.
    """
    for frame in _user_frames():
        line, end_line, start, end = _instruction_position(frame.f_code, frame.f_lasti)
        if line is None or start is None or end is None:
            return ""
        text = linecache.getline(frame.f_code.co_filename, line)
        raw = text.encode()  # positions count bytes
        return raw[start : end if end_line == line else None].decode(errors="replace").strip()
    return ""
