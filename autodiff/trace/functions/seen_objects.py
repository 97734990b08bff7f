"""Objects of the user's, seen through a class that has other methods.

``self.forward(x)`` finds its method in the class, whatever name it is called by.  What stands for
the object has a class derived from its own, with some methods replaced, and shares its
``__dict__``: what a method stores is stored in the original.
"""

from __future__ import annotations

import sys
import types
from abc import ABC, ABCMeta
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from typing import Any, Generic, Protocol, TypeGuard

from autodiff.table.primitive import Operand

__all__ = [
    "derived",
    "holds_traced",
    "is_own",
    "is_plain",
    "may_be_seen",
    "methods_of",
    "remade",
    "seen_through",
]

_LIBRARIES = frozenset({"autodiff", "codegen", "verify", "proofgrad", "numpy", "scipy"})
Method = tuple[str, object, tuple[types.FunctionType, ...]]


def may_be_seen(thing: object) -> bool:
    """True for an instance of a plain class of the user's."""
    return is_plain(type(thing)) and hasattr(thing, "__dict__")


def is_plain(kind: object) -> TypeGuard[type]:
    """True for a class from which one can be derived without anybody's noticing."""
    return (
        isinstance(kind, type)
        and type(kind) in _KINDS
        and is_own(kind)
        and not any(name in vars(one) for one in _written(kind) for name in _PARTICULAR)
        and not any("__setattr__" in vars(one) for one in _written(kind) if not _is_frozen(one))
    )


_KINDS = type, ABCMeta, type(Protocol)
_PARTICULAR = ("__slots__", "__getattribute__", "__new__", "__init_subclass__")


def is_own(thing: object) -> bool:
    """True for a function or a class in a module of the user's, no library's."""
    module = str(getattr(thing, "__module__", ""))
    package = module.partition(".")[0]
    if package in _LIBRARIES or package in sys.stdlib_module_names:
        return False
    return "site-packages" not in (getattr(sys.modules.get(module), "__file__", None) or "")


def _written(kind: type) -> Iterator[type]:
    """The class and its bases, but for those that only say what it is: ABC, Generic, Protocol."""
    return (one for one in kind.__mro__[:-1] if one not in (ABC, Generic, Protocol))


def _is_frozen(kind: type) -> bool:
    """True for a frozen dataclass: it writes ``__setattr__`` itself."""
    return bool(getattr(vars(kind).get("__dataclass_params__"), "frozen", False))


def methods_of(kind: type) -> Iterator[Method]:
    """Name, member and functions of each method and property that is the user's."""
    found: dict[str, object] = {}
    for one in reversed([*_written(kind)]):
        found |= vars(one)
    for name, member in found.items():
        functions = tuple(f for f in _inside(member) if isinstance(f, types.FunctionType))
        if functions:
            yield name, member, functions


def _inside(member: object) -> tuple[object, ...]:
    if isinstance(member, property):
        return member.fget, member.fset, member.fdel
    if isinstance(member, cached_property):
        return (member.func,)
    if isinstance(member, (staticmethod, classmethod)):
        return (member.__func__,)
    return (member,)


def remade(member: object, name: str, copy: Callable[[object], Any]) -> object:
    """A member of a class with copies of its functions."""
    functions: list[Any] = [None if f is None else copy(f) for f in _inside(member)]
    if isinstance(member, property):
        getter, setter, deleter = functions
        return property(getter, setter, deleter, member.__doc__)
    if not isinstance(member, (cached_property, staticmethod, classmethod)):
        return functions[0]
    made = type(member)(functions[0])
    if isinstance(made, cached_property):
        made.__set_name__(object, name)
    return made


class _Standing(type):
    """Makes an instance of a class an instance of what stands for the class."""

    def __instancecheck__(cls, thing: object) -> bool:
        return isinstance(thing, cls.__mro__[1])

    def __subclasscheck__(cls, kind: type) -> bool:
        return issubclass(kind, cls.__mro__[1])


def derived(kind: type, above: tuple[type, ...] = ()) -> type:
    """What stands for a class: one whose methods may be set.

    Args:
        kind: The class.
        above: What stands for its bases: ``super()`` in a method of the class finds these next.
    """
    facts = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    made = _standing(type(kind))(kind.__name__, (kind, *above), facts)
    if Generic in kind.__mro__:
        made.__parameters__ = vars(kind)["__parameters__"]
    return made  # type: ignore[no-any-return]


@cache
def _standing(meta: type) -> type:
    """``_Standing`` for classes of a metaclass."""
    return _Standing if meta is type else type("_Standing", (_Standing, meta), {})


def seen_through(thing: object, above: tuple[type, ...] = ()) -> object:
    """What stands for an object: of a class of its own, whose methods may be set."""
    kind = type(thing)
    facts = {"__module__": kind.__module__}
    seen: object = object.__new__(type(kind.__name__, (kind, *above), facts))
    seen.__dict__ = thing.__dict__
    return seen


def holds_traced(value: object) -> bool:
    """True for a traced value, and a tuple with one in it."""
    if isinstance(value, tuple):
        return any(map(holds_traced, value))
    return isinstance(value, Operand) and not isinstance(value, float)
