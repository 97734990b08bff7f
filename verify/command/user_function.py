"""What the command line names: ``path/to/file.py:function``, and its arguments as literals.

``load_function`` imports the user's file by its path; ``read_examples`` reads ``--at``.  Every
mistake a user can make here is a TargetError or an ArgumentError that names what is near.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import os
import sys
import tokenize
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from autodiff.errors import ArgumentError, ProofgradError, TargetError
from autodiff.trace.trace import signature_examples

__all__ = ["assumed_examples", "load_function", "read_examples", "read_wrt", "users_code"]


# --- the user's file -------------------------------------------------------------------------


def load_function(target: str) -> tuple[Callable[..., Any], Path]:
    """The function that ``path/to/file.py:function`` names, and its file.

    ``:function`` may be left out if the file defines one public function.

    Raises:
        TargetError: if the file or the name does not exist, the file does not parse, or importing
            it raises.
    """
    path, name = _split(target)
    if not path.is_file():
        raise TargetError(f"{path}: {_missing_file(path)}")
    module = _import(path)
    name = name or _only_function(module, path)
    try:
        function = getattr(module, name)
    except AttributeError:
        raise TargetError(f"{path}: defines no {name!r}{_near(name, _functions(module))}") from None
    if not callable(function) or inspect.isclass(function):
        kind = "a class" if inspect.isclass(function) else type(function).__name__
        raise TargetError(
            f"{path}: {name} is {kind}; expected a function"
            f"{_listed('. The file defines', _functions(module))}"
        )
    return function, path


def _split(target: str) -> tuple[Path, str]:
    file, colon, name = target.rpartition(":")
    if not colon or name.endswith(".py") or os.sep in name:  # no name, or a drive letter's colon
        return Path(target), ""
    if not name.isidentifier():
        raise TargetError(f"{target}: expected path/to/file.py:function, found name {name!r}")
    return Path(file), name


def _missing_file(path: Path) -> str:
    if path.is_dir():
        return "is a folder; expected path/to/file.py:function"
    folder = path.parent
    if not folder.is_dir():
        return f"no such file (there is no folder {folder})"
    return "no such file" + _near(path.name, (p.name for p in folder.glob("*.py")))


def _near(name: str, names: Iterable[str]) -> str:
    names = sorted(names)
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    return _listed(". Did you mean", close, "?") or _listed(". It has", names[:8])


def _listed(lead: str, names: Iterable[str], end: str = "") -> str:
    text = ", ".join(names)
    return f"{lead} {text}{end}" if text else ""


def _functions(module: ModuleType) -> list[str]:
    """Names of the public functions that the file itself defines, in order."""
    return [
        name
        for name, value in vars(module).items()
        if inspect.isroutine(value)
        and getattr(value, "__module__", "") == module.__name__
        and not name.startswith("_")
    ]


def _only_function(module: ModuleType, path: Path) -> str:
    public = _functions(module)
    if len(public) == 1:
        return public[0]
    found = _listed("it defines", public) or "it defines no public function"
    raise TargetError(f"{path}: name one function, as in {path}:f; {found}")


def _import(path: Path) -> ModuleType:
    """Run the file as a module, its own folder first on ``sys.path`` meanwhile."""
    module = ModuleType(_module_name(path.stem))
    module.__file__ = str(path)
    folder = str(path.resolve().parent)
    sys.modules[module.__name__] = module  # dataclasses and pickles look their module up
    sys.path.insert(0, folder)
    try:
        with users_code(path):
            exec(_compiled(path), vars(module))
    finally:
        # Ours must win from now on, but what the user's functions import later is still found.
        sys.path.remove(folder)
        sys.path.append(folder)
    return module


def _module_name(stem: str) -> str:
    """The file's stem, unless a file of the user's called numpy.py would hide another module."""
    taken = stem in sys.modules or stem in sys.stdlib_module_names
    return f"{stem}_target" if taken else stem


def _compiled(path: Path) -> Any:
    try:
        with tokenize.open(path) as file:
            return compile(file.read(), str(path), "exec")
    except SyntaxError as error:
        line = f":{error.lineno}" if error.lineno else ""
        shown = f": {error.text.strip()}" if error.text else ""
        raise TargetError(f"{path}{line}: does not parse: {error.msg}{shown}") from None
    except (UnicodeDecodeError, ValueError) as error:
        raise TargetError(f"{path}: does not parse: {error}") from None
    except OSError as error:
        raise TargetError(f"{path}: cannot be read: {error.strerror}") from None


@contextmanager
def users_code(*files: Path) -> Iterator[None]:
    """Around code of the user: its exceptions become TargetErrors, its prints go to stderr.

    Proofgrad's own errors pass unchanged, and so does an exception that never went through the
    user's files: that one is our bug.
    """
    try:
        with redirect_stdout(sys.stderr):
            yield
    except ProofgradError:
        raise
    except (Exception, SystemExit) as error:
        frame = _user_frame(error, files)
        if frame is None:
            raise
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        shown = f"\n    {frame.line}" if frame.line else ""
        raise TargetError(f"{frame.filename}:{frame.lineno}: {what}{shown}") from error


def _user_frame(error: BaseException, files: Sequence[Path]) -> traceback.FrameSummary | None:
    """The innermost frame in one of the user's files, or in a file beside or below it."""
    names = {str(file) for file in files}
    folders = tuple(str(file.resolve().parent) + os.sep for file in files)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        below = frame.filename.startswith(folders) and "site-packages" not in frame.filename
        if frame.filename in names or below:
            return frame
    return None


# --- arguments -------------------------------------------------------------------------------


def read_examples(function: Callable[..., Any], text: str) -> tuple[Any, ...]:
    """Arguments from literals as they would stand in a call: ``"1.0, [1, 2, 3], scale=2"``.

    A list of numbers (or of such lists, of equal lengths) is an array.  Arguments left out take
    their default values.

    Raises:
        ArgumentError: if the text is no list of literals, or does not fit the signature.
    """
    try:
        call = ast.parse(f"f({text}\n)", mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            raise ValueError("it is no list of arguments")
        values = [_arrayed(ast.literal_eval(node)) for node in call.args]
        named = {k.arg: _arrayed(ast.literal_eval(k.value)) for k in call.keywords}
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error).split(":")[0]
        raise ArgumentError(
            f"--at: cannot read {text!r} ({reason}); expected Python literals, one per argument, "
            'such as --at "1.0, [1, 2, 3]"'
        ) from None
    if None in named:
        raise ArgumentError("--at: found **; expected name=value")
    return _bound(function, values, {str(name): value for name, value in named.items()})


def _arrayed(value: Any) -> Any:
    """``value`` with every list of numbers as an array."""
    if isinstance(value, list):
        items = [_arrayed(item) for item in value]
        numeric = all(isinstance(x, (int, float, np.ndarray)) for x in items)
        if numeric and len({np.shape(x) for x in items}) <= 1:
            return np.array(items, dtype=float)
        return items
    if isinstance(value, tuple):
        return tuple(map(_arrayed, value))
    if isinstance(value, dict):
        return {key: _arrayed(item) for key, item in value.items()}
    return value


def _bound(
    function: Callable[..., Any], values: list[Any], named: dict[str, Any]
) -> tuple[Any, ...]:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some built-in functions have none
        return tuple(values)
    unknown = sorted(named.keys() - signature.parameters.keys())
    if unknown and not any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values()):
        raise ArgumentError(
            f"--at: found argument {unknown[0]!r}; expected values for {_name(function)}{signature}"
        )
    try:
        bound = signature.bind(*values, **named)
    except TypeError as error:
        raise ArgumentError(
            f"--at: {error}; expected values for {_name(function)}{signature}"
        ) from None
    bound.apply_defaults()
    if unreachable := sorted(named.keys() & bound.kwargs.keys()):
        raise ArgumentError(
            f"--at: {unreachable[0]!r} is a keyword-only argument of {_name(function)}; only its "
            "default is used. Make it positional, or wrap the function"
        )
    return bound.args


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", type(function).__name__)


def assumed_examples(function: Callable[..., Any]) -> tuple[tuple[Any, ...], list[str]]:
    """Default values of the signature, a float for each argument without; names of the latter.

    Raises:
        ArgumentError: if the function takes no arguments, or any number of them.
    """
    examples = signature_examples(function)
    if examples:
        return examples, []
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        raise ArgumentError(
            f"{_name(function)}: takes any number of arguments; say how many with "
            '--at "1.0, 2.0, ..."'
        )
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if not positional:
        raise ArgumentError(f"{_name(function)}: takes no arguments; there is no gradient to take")
    values = tuple(1.0 if p.default is p.empty else p.default for p in positional)
    return values, [p.name for p in positional if p.default is p.empty]


def read_wrt(text: str | None) -> int | str | list[int | str] | None:
    """``x`` or ``0`` names one argument, ``x,y`` several; None is all."""
    if text is None:
        return None
    items = [item.strip() for item in text.split(",") if item.strip()]
    if not items:
        raise ArgumentError("--wrt: found nothing; expected names or positions, such as --wrt x,y")
    chosen: list[int | str] = [int(i) if i.lstrip("-").isdigit() else i for i in items]
    return chosen[0] if len(chosen) == 1 else chosen
