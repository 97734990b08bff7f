"""A lesson of a function that somebody types in: its text in, the page out.

This is what the documentation's page in the browser calls, where Python itself runs in the page.
"""

from __future__ import annotations

import ast
import itertools
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FunctionType, ModuleType

from autodiff.errors import ArgumentError
from autodiff.trace.functions.named_arguments import signature_examples
from codegen import compile_gradient
from verify.ladder.doors.front import verify_gradient
from verify.lesson.page import lesson_page

__all__ = ["page_of_text"]

_FOLDER = Path(tempfile.mkdtemp(prefix="typed_in_"))
_SERIAL = itertools.count(1)
_CHANCE = "Give every argument a default value, def f(x=1.5): ..., or say where: 1.5, 0.5"


def page_of_text(text: str, at: str = "", seconds: float = 10.0) -> str:
    """The page that steps through the last function of a text, to its verdict.

    Args:
        text: Python: imports, and functions.
        at: Where, as the call would have it: ``1.5, 0.5``; the default values otherwise.
        seconds: What one step of the proof may take.

    Raises:
        ArgumentError: if the text is no Python, fails, or holds no function; if nothing says where.
        ProofgradError: if the function cannot be traced, compiled or stepped through.

    >>> page = page_of_text("def f(x=2.0): return x * x")
    >>> "f: value and gradient, step by step" in page, "PROVED" in page
    (True, True)
    """
    function = _function(text)
    examples = _examples(function, at)
    compiled = compile_gradient(function, *examples)
    report = verify_gradient(compiled, *examples, time_limit=seconds)
    return lesson_page(compiled, examples, function, report)


def _function(text: str) -> Callable[..., object]:
    """The last function that the text defines, in a module of its own."""
    name = f"typed_in_{next(_SERIAL)}"
    path = _FOLDER / f"{name}.py"
    path.write_text(text, encoding="utf-8")  # where tracebacks and the page find its lines
    module = ModuleType(name)
    module.__file__ = str(path)
    try:
        exec(compile(text, str(path), "exec"), vars(module))
    except SyntaxError as error:
        raise ArgumentError(f"line {error.lineno}: {error.msg}") from None
    except Exception as error:
        lines = [s.lineno for s in traceback.extract_tb(error.__traceback__) if name in s.filename]
        where = f"line {lines[-1]}: " if lines else ""
        raise ArgumentError(f"{where}{type(error).__name__}: {error}") from None
    found = [
        f
        for f in vars(module).values()
        if isinstance(f, FunctionType) and f.__code__.co_filename == str(path)
    ]
    if not found:
        raise ArgumentError("found no function; expected one, such as: def f(x=1.5): return x * x")
    return max(found, key=lambda f: f.__code__.co_firstlineno)


def _examples(function: Callable[..., object], at: str) -> tuple[object, ...]:
    if at.strip():
        try:
            return tuple(ast.literal_eval(f"({at},)"))
        except (SyntaxError, ValueError):
            raise ArgumentError(f"at: found {at!r:.60}; expected numbers: 1.5, 0.5") from None
    examples = signature_examples(function)
    if not examples:
        name = getattr(function, "__name__", "the function")
        raise ArgumentError(f"{name}: nothing says where to evaluate it. {_CHANCE}")
    return examples
