"""Public functions as users call them: a wrong call is an error of ours, which names the argument.

Inside the packages functions call each other without this detour; ``__init__`` puts a door before
what it exports.  A door looks at nothing before something went wrong: it refuses no argument that
the function can do with, and costs a call that succeeds some tens of nanoseconds.

What a package exports need not be imported before it is asked for: ``late_names`` finds it then.
"""

from __future__ import annotations

import inspect
import numbers
import re
import sys
import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import wraps
from typing import Any, TypeVar

import numpy as np

from autodiff.errors import ArgumentError, ProofgradError, written_here
from autodiff.forking import IMPORTING, late_import
from autodiff.table.primitive import TOO_LARGE, Operand, Primitive
from autodiff.tracebacks import raise_unshown, shorten

__all__ = ["door", "late_names", "put_doors"]

_AS_THEY_ARE = Exception, Operand, Primitive

_Function = TypeVar("_Function", bound=Callable[..., Any])


def door(function: _Function, package: str, owner: str = "") -> _Function:
    """``function``, whose wrong calls raise ArgumentError.

    Args:
        function: A public function.
        package: The package that exports it, by which a pickle finds it again.
        owner: The class of which it is a method.
    """
    name = f"{owner}.{function.__name__}" if owner else function.__name__

    @wraps(function)
    def called(*args: object, **options: object) -> object:
        try:
            try:
                return function(*args, **options)
            except ProofgradError:
                raise
            except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError) as error:
                if "int too large" in str(error):
                    raise ArgumentError(f"{name}: {TOO_LARGE}") from None
                problem = _problem(function, args, options)
                if problem is None:
                    raise
                raise ArgumentError(f"{name}: {problem}") from error
        except Exception as error:
            raise_unshown(error)
            shorten(error)
            raise

    if not owner:
        called.__module__, called.__qualname__ = package, name
    return called  # type: ignore[return-value]  # it is called as the function is


def put_doors(package: str, namespace: dict[str, object], names: list[str]) -> None:
    """Put a door before each function among the names that a package exports.

    Errors that leave a public method of its classes are shown without our frames.  Operands and
    primitives, whose operations are called by the million, see to that themselves.
    """
    for name in names:
        exported = namespace.get(name)
        if isinstance(exported, types.FunctionType):
            namespace[name] = door(exported, package)
        elif isinstance(exported, type) and not issubclass(exported, _AS_THEY_ARE):
            for method, found in [*vars(exported).items()]:
                public = not method.startswith("_") or method in ("__init__", "__call__")
                if isinstance(found, types.FunctionType) and public:
                    setattr(exported, method, door(found, package, name))


def late_names(
    package: str,
    namespace: dict[str, object],
    homes: Mapping[str, str],
    modules: Collection[str] = (),
    have_doors: bool = False,
) -> Callable[[str], object]:
    """The ``__getattr__`` of a package that imports what it exports when it is asked for.

    Each name becomes an attribute of the package at its first use, with its door.

    Args:
        package: The package.
        namespace: Its attributes.
        homes: The module that defines each name.
        modules: Names of modules of the package that are attributes as well.
        have_doors: Whether the homes are packages that have put their doors.
    """

    def found(name: str) -> object:
        if name in modules:
            return late_import(f"{package}.{name}")
        home = homes.get(name)
        if home is None:
            message = f"module {package!r} has no attribute {name!r}{written_here(name)}"
            raise AttributeError(message, name=name, obj=sys.modules.get(package))
        value = getattr(late_import(home), name)
        with IMPORTING:  # two threads get one door
            if name not in namespace:
                namespace[name] = value
                put_doors(package, namespace, [] if have_doors else [name])
            return namespace[name]

    return found


def _problem(
    function: Callable[..., object], args: tuple[object, ...], options: dict[str, object]
) -> str | None:
    """What is wrong with the arguments, by the signature alone; None if nothing is."""
    signature = inspect.signature(function)
    try:
        bound = signature.bind(*args, **options)
    except TypeError as error:
        call = function.__name__
        decorates = not args and next(iter(signature.parameters), "") == "function"
        how = f"; as a decorator: @functools.partial({call}, ...)" if decorates else ""
        how += "".join(map(written_here, options.keys() - signature.parameters))
        return f"{error}; expected {call}{_plain(signature)}{how}"
    hints = _hints(function)
    for name, one, hint in _each(signature, bound.arguments, hints):
        if not _fits(one, hint):
            shown = re.sub(r"\b(\w+\.)+(?=\w)", "", _text_of(hint))
            found = f"{type(one).__name__} {one!r}"[:80]
            return f"{name}: found {found}; expected {shown}"
    return None


def _each(
    signature: inspect.Signature, arguments: Mapping[str, Any], hints: Mapping[str, Any]
) -> Iterator[tuple[str, object, object]]:
    """Name, value and type of every argument, of those under ``*`` and ``**`` each."""
    for name, value in arguments.items():
        hint, kind = hints.get(name, Any), signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:
            yield from ((name, one, hint) for one in value)
        elif kind is inspect.Parameter.VAR_KEYWORD:
            known = _keywords(hint)
            yield from ((key, one, known.get(key, Any)) for key, one in value.items())
        else:
            yield name, value, hint


def _keywords(hint: object) -> Mapping[str, object]:
    """The types of keywords that a TypedDict names."""
    named = typing.get_args(hint)[0] if typing.get_origin(hint) is typing.Unpack else None
    return typing.get_type_hints(named) if typing.is_typeddict(named) else {}


def _text_of(hint: object) -> str:
    return hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint)


def _hints(function: Callable[..., object]) -> dict[str, object]:
    # Quantity is read where it is used, and names types of the module that it is defined in.
    known = vars(sys.modules[Operand.__module__]) | getattr(function, "__globals__", {})
    try:
        return typing.get_type_hints(function, localns=known)
    except NameError:  # a type that is imported for type checkers only
        return {}


def _fits(value: object, hint: object) -> bool:
    """True unless a value is certainly not of a type."""
    if hint is Any or isinstance(hint, TypeVar):
        return True
    kind = typing.get_origin(hint) or hint
    if kind in (typing.Union, types.UnionType):
        return any(_fits(value, option) for option in typing.get_args(hint))
    if kind in _NUMBERS:
        return isinstance(value, _NUMBERS[kind]) and isinstance(value, bool) <= (kind is bool)
    if kind is None:
        return value is None
    if getattr(kind, "_is_protocol", False) and kind.__module__ != "collections.abc":
        return callable(value) or "__call__" not in vars(kind)
    if not isinstance(kind, type) or not isinstance(value, kind):
        return not isinstance(kind, type)
    if kind is np.ndarray or not isinstance(value, (Collection, np.ndarray)):
        return True  # what an array's type says is not said of its items
    return all(_fits(item, inner) for item, inner in _inside(value, typing.get_args(hint)))


_NUMBERS: dict[object, tuple[type, ...]] = {
    float: (numbers.Real, np.number),
    int: (numbers.Integral,),
    bool: (bool, np.bool_),
}


def _inside(value: Any, hints: tuple[object, ...]) -> Iterator[Any]:
    """The items of a collection, each with its type, as far as that is said."""
    if isinstance(value, Mapping):
        yield from ((item, hints[-1]) for item in value.values() if hints)
    elif len(hints) == 1 or hints[1:] == (...,):
        yield from ((item, hints[0]) for item in value)
    elif len(hints) == len(value):
        yield from zip(value, hints, strict=True)


def _plain(signature: inspect.Signature) -> str:
    """The signature without its types."""
    empty = inspect.Parameter.empty
    parameters = [
        p.replace(annotation=empty) for p in signature.parameters.values() if p.name != "self"
    ]
    return str(signature.replace(parameters=parameters, return_annotation=empty))
