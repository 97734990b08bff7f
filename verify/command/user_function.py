"""What the command line names: ``path/to/file.py:function``, and its arguments as literals.

``load_function`` finds it in the user's file; ``read_examples`` reads ``--at``.  Every
mistake a user can make here is a TargetError or an ArgumentError that names what is near.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from verify.command.user_module import import_file, import_name, users_code

__all__ = ["assumed_examples", "load_function", "read_examples", "read_wrt", "users_code"]


# --- the user's file -------------------------------------------------------------------------


def load_function(target: str) -> tuple[Callable[..., object], Path]:
    """The function that ``path/to/file.py:function`` names, and its file.

    ``package.module:function`` is imported from the working directory.  ``:function`` may be
    ``object.method`` or ``Class.method``, or be left out if the file defines one public function.

    Raises:
        TargetError: if the file or the name does not exist, the file does not parse, or importing
            it raises.
    """
    from autodiff.errors import TargetError

    place, name = _split(target)
    module, path = _module(place)
    name = name or _only_function(module, path)
    function = _named(module, name, path)
    if not callable(function) or inspect.isclass(function):
        kind = "a class" if inspect.isclass(function) else type(function).__name__
        raise TargetError(
            f"{path}: {name} is {kind}; expected a function"
            f"{_listed('. The file defines', _functions(module))}"
        )
    return function, path


def _module(place: str) -> tuple[ModuleType, Path]:
    from autodiff.errors import TargetError

    path = Path(place)
    if path.is_file():
        return import_file(path), path
    is_name = all(part.isidentifier() for part in place.split(".")) and path.suffix != ".py"
    if is_name and not path.is_dir():
        return import_name(place)
    if path.exists() and not path.is_dir():
        raise TargetError(f"{path}: is no regular file; expected path/to/file.py:function")
    raise TargetError(f"{path}: {_missing_file(path)}")


def _named(module: ModuleType, name: str, path: Path) -> object:
    """What ``function``, ``object.method`` or ``Class.method`` is in the module."""
    from autodiff.errors import TargetError

    found: object = module
    for depth, part in enumerate(name.split(".")):
        owner = found
        try:
            with users_code(path):
                found = getattr(owner, part)
        except AttributeError:
            where = "" if depth == 0 else f" in {'.'.join(name.split('.')[:depth])}"
            near = _functions(module) if depth == 0 else _public(owner)
            raise TargetError(f"{path}: defines no {part!r}{where}{_near(part, near)}") from None
        if inspect.isclass(owner) and inspect.isfunction(inspect.getattr_static(owner, part)):
            found = getattr(_made(owner, part, path), part)
    return found


def _made(owner: type, method: str, path: Path) -> object:
    """An object for a method to be one of.

    Raises:
        TargetError: if the class needs arguments.
    """
    from autodiff.errors import TargetError
    from autodiff.table.declared import signature_of

    try:
        signature_of(owner).bind()
    except TypeError:
        raise TargetError(
            f"{path}: {owner.__name__}.{method} needs an object, and {owner.__name__} needs "
            f"arguments to make one; make it in the file, as in model = {owner.__name__}(...), and "
            f"name {path}:model.{method}"
        ) from None
    except ValueError:  # a class without a signature is called, and says
        pass
    with users_code(path):
        return owner()


def _public(thing: object) -> list[str]:
    return [name for name in dir(thing) if not name.startswith("_")]


def _split(target: str) -> tuple[str, str]:
    from autodiff.errors import TargetError

    file, colon, name = target.rpartition(":")
    if not colon or name.endswith(".py") or os.sep in name:  # no name, or a drive letter's colon
        return target, ""
    if not all(part.isidentifier() for part in name.split(".")):
        raise TargetError(f"{target}: expected path/to/file.py:function, found name {name!r}")
    return file, name


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
    from autodiff.errors import TargetError

    public = _functions(module)
    if len(public) == 1:
        return public[0]
    found = _listed("it defines", public) or "it defines no public function"
    raise TargetError(f"{path}: name one function, as in {path}:f; {found}")


# --- arguments -------------------------------------------------------------------------------


class _Numbers(ast.NodeTransformer):
    """``inf`` and ``nan``, alone or as NumPy's and math's, as the numbers they are."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._number(node, node.id)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        of = node.value.id if isinstance(node.value, ast.Name) else ""
        return self._number(node, node.attr if of in ("np", "numpy", "math") else "")

    def _number(self, node: ast.AST, name: str) -> ast.AST:
        return ast.Constant(float(name)) if name in ("inf", "nan") else node


_NUMBERS = _Numbers()


def read_examples(function: Callable[..., object], text: str) -> tuple[object, ...]:
    """Arguments from literals as they would stand in a call: ``"1.0, [1, 2, 3], scale=2"``.

    A list of numbers (or of such lists, of equal lengths) is an array.  Arguments left out take
    their default values.

    Raises:
        ArgumentError: if the text is no list of literals, or does not fit the signature.
    """
    from autodiff.errors import ArgumentError

    try:
        call = _NUMBERS.visit(ast.parse(f"f({text}\n)", mode="eval")).body
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


def _arrayed(value: object) -> Any:
    """``value`` with every list of numbers as an array."""
    import numpy as np

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
    function: Callable[..., object], values: list[object], named: dict[str, object]
) -> tuple[object, ...]:
    from autodiff.errors import ArgumentError
    from autodiff.table.declared import signature_of

    try:
        signature = signature_of(function)
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


def _name(function: Callable[..., object]) -> str:
    return getattr(function, "__name__", type(function).__name__)


def assumed_examples(function: Callable[..., object]) -> tuple[tuple[object, ...], list[str]]:
    """Default values of the signature, a float for each argument without; names of the latter.

    Raises:
        ArgumentError: if the function takes no arguments, or any number of them.
    """
    from autodiff.errors import ArgumentError
    from autodiff.table.declared import signature_of
    from autodiff.trace.functions.named_arguments import signature_examples

    examples = signature_examples(function)
    if examples:
        return examples, []
    try:
        parameters = list(signature_of(function).parameters.values())
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


def read_what(text: str) -> str | tuple[str, ...]:
    """``hessian`` is one derivative, given alone; ``value,hessian`` are several.

    Raises:
        ArgumentError: if it names none.
    """
    from autodiff.errors import ArgumentError

    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise ArgumentError("--what: found nothing; expected names, such as value,hessian")
    return names if len(names) > 1 else names[0]


def read_wrt(text: str | None) -> int | str | list[int | str] | None:
    """``x`` or ``0`` names one argument, ``x,y`` several; None is all."""
    from autodiff.errors import ArgumentError

    if text is None:
        return None
    items = [item.strip() for item in text.split(",") if item.strip()]
    if not items:
        raise ArgumentError("--wrt: found nothing; expected names or positions, such as --wrt x,y")
    chosen: list[int | str] = [int(i) if i.lstrip("-").isdigit() else i for i in items]
    return chosen[0] if len(chosen) == 1 else chosen
