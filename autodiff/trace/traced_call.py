"""The call of a traced function, and what is said where a library in it needs numbers."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dis import opmap
from traceback import walk_tb

import numpy as np

from autodiff.errors import (
    DifferentiationError,
    Limit,
    ProofgradError,
    TraceError,
    called_at,
    is_user_file,
    location_of,
)
from autodiff.graph.check import with_literals
from autodiff.graph.graph import Graph
from autodiff.graph.tree.leaves import numbers_of
from autodiff.trace.number_like import needs_numbers

__all__ = ["no_result", "recorded_in_our_words", "run_for_trace"]

_INDEX = "used as indices"
_LIST_IN_UFUNC = "which has no callable"
# What NumPy says when it needs the number behind a placeholder, and what to write instead.
_NUMPY_NEEDS_NUMBERS = (
    (_INDEX, "an index or mask cannot depend on a traced value; use np.where"),
    (
        "unsupported data types in input",
        "a sparse matrix of SciPy holds numbers only, and meets traced arrays by A @ x and "
        "A.dot(x) alone, where they stay whole (expand=False); write these, or A.toarray() @ x",
    ),
    (_LIST_IN_UFUNC, "a list of traced values is no array yet; write np.array([...])"),
)
_OFTEN = 20  # calls of one line: recursion
_DEEP = (
    "this recursion does not end: where values say whether it goes on, both ways are traced. Count "
    "it with an int, f(x, n - 1), or write a loop: while condition: ..., or for _ in range(n) with "
    "break"
)
_STORED = "array element with a sequence"
# How libraries say that an array of objects, which traced values are in, is none of numbers.
_NO_NUMBERS = re.compile(
    rf"{_STORED}|dtype\('O'\)|not supported for the input types|ObjectDType|REFS_OK"
    r"|\bobject arrays?\b|\bdtype:? ?object\b|'object'|data type for .*\bobject\b"
    r"|No matching signature found|Buffer dtype mismatch|object_'> not inexact"
    r"|which has no callable \w+ method|or a Rational instance"
)

# How Python and libraries name our placeholders where they do not know what to do with one.
_PLACEHOLDERS = re.compile(
    r"'?(?:\b(?:(?:Array)?Tracer|OperandArray)\b|<traced %\d+>)'?(?: object)?"
)


def run_for_trace(function: Callable[..., object], arguments: list[object]) -> object:
    """Call a function on placeholders; what libraries say of them becomes an error of ours.

    Raises:
        TraceError: if something in it needs numbers.
    """
    try:
        return function(*arguments)
    except (LookupError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        if isinstance(error, ProofgradError) or _is_users(error):
            raise
        if isinstance(error, RecursionError) and (line := _repeated(error)):
            raise TraceError(f"{line}: {_DEEP}") from None
        for message, advice in _NUMPY_NEEDS_NUMBERS:
            inside = message == _LIST_IN_UFUNC and not _is_numpy(called_at(error))
            if message in str(error) and not inside:
                limit: Limit | None = "mask" if message == _INDEX else None
                raise TraceError(f"{location_of(error)}: {advice}").of(limit) from error
        if _PLACEHOLDERS.search(str(error)):
            raise _needed(error) from error
        if _NO_NUMBERS.search(str(error)):
            raise _refusal(error) from error
        raise


def _is_users(error: BaseException) -> bool:
    """True where a ``raise`` of the user's raised it: its text may name a placeholder."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return False
    code = traceback.tb_frame.f_code
    its = is_user_file(code.co_filename) or code.co_name == "refuse"  # which stands for theirs
    return its and code.co_code[traceback.tb_lasti] == opmap["RAISE_VARARGS"]


def _repeated(error: BaseException) -> str:
    """``file.py:12`` of the user's line that called itself; "" if none did, but a library's."""
    passed = Counter(
        f"{os.path.basename(frame.f_code.co_filename)}:{line}"
        for frame, line in walk_tb(error.__traceback__)
        if is_user_file(frame.f_code.co_filename)
    )
    line, times = passed.most_common(1)[0] if passed else ("", 0)
    return line if times >= _OFTEN else ""


def _is_numpy(called: str) -> bool:
    """True for a function of NumPy's, which the user calls with a list."""
    return called.startswith(("np.", "numpy.")) or "." not in called


def recorded_in_our_words(
    recorded: Callable[[], Graph], function: Callable[..., object], examples: tuple[object, ...]
) -> Graph:
    """The graph of a user's function at examples; what libraries say becomes an error of ours.

    Raises:
        TraceError: if something that the function calls raises in a trace alone.
        ArgumentError: if something is a number for a row that is none.
    """
    try:
        return with_literals(recorded())
    except ProofgradError:
        raise
    except Exception as error:
        refused = _refused_by_library(function, examples, error)
        if refused is None:
            raise
        if type(refused) is type(error):
            raise refused from None
        raise refused from error


def _refused_by_library(
    function: Callable[..., object], examples: Sequence[object], error: Exception
) -> Exception | None:
    """What is said of an exception that something the function calls raises in a trace alone.

    Args:
        function: The user's function.
        examples: Its arguments, with which it is called.
        error: What its trace ended with.

    Returns:
        What comes of numbers, too, where that is of the same kind: it says which; else None.
    """
    called = called_at(error)
    own = _is_users(error)
    if not (called or own):
        return _of_tables(error, examples)
    try:
        function(*examples)
    except Exception as raised:  # whatever the user's code raises
        return raised if own and type(raised) is type(error) else None
    if own:
        return None
    said = f"{type(error).__name__}: {error}"
    return _not_traced(error, called, f" (it says {said:.120})")


def _of_tables(error: Exception, examples: Sequence[object]) -> TraceError | None:
    """What is said where a table's columns have no names in the trace, which has its numbers."""
    if not isinstance(error, IndexError) or all(numbers_of(x) is x for x in examples):
        return None
    return TraceError(
        f"{location_of(error)}: cannot take columns of a table by name: it is traced as the array "
        "of its numbers. Write x[:, 0] for its first column, or pass a dict of its columns: "
        "{name: table[name].to_numpy() for name in table}"
    )


def _needed(error: BaseException) -> TraceError:
    """What is said where Python, or a library, tells that a placeholder is no number."""
    called = called_at(error)
    if "." in called and not isinstance(error, AttributeError):  # a library's function
        return _not_traced(error, called)
    said = _PLACEHOLDERS.sub("a traced value", str(error))
    return TraceError(
        f"{location_of(error)}: {said}; a traced value stands for one float64, and takes what a "
        "float64 of NumPy takes"
    )


def _not_traced(error: BaseException, called: str, said: str = "") -> TraceError:
    called = called.removesuffix(".__new__").removesuffix(".__init__")  # a class that is called
    return TraceError(f"{location_of(error)}: {needs_numbers(called)}{said}").of("opaque")


def _refusal(error: BaseException) -> TraceError:
    """What is said where a library, or a store into an array of floats, needs numbers."""
    called = called_at(error)
    if not called and _STORED in str(error):
        return TraceError(
            f"{location_of(error)}: cannot store a traced value in a float array; build a list of "
            "values and call np.array(list)"
        )
    return _not_traced(error, called or "what is called here")


def no_result(leaf: object, source: str) -> ProofgradError:
    """What is said where a function returns an operand that is no node of its trace."""
    if getattr(leaf, "dtype", None) == np.complex128:
        return DifferentiationError(
            f"{source}: returns a complex number; expected real ones, which have derivatives. "
            "Return z.real, z.imag, abs(z), or an array of these"
        )
    return TraceError(f"{source}: returned {leaf!r}, which is not part of this trace")
