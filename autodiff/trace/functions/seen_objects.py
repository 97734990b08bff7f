"""Objects of the user's, seen through a class that has other methods.

``self.forward(x)`` finds its method in the class, whatever name it is called by.  What stands for
the object has a class derived from its own, with some methods replaced, and shares its
``__dict__``: what a method stores is stored in the original.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from typing import Any, TypeGuard

__all__ = ["derived", "is_plain", "may_be_seen", "methods_of", "seen_through"]

_LIBRARIES = frozenset({"autodiff", "codegen", "verify", "proofgrad", "numpy", "scipy"})
Method = tuple[str, types.FunctionType, Callable[[Any], object]]


def may_be_seen(thing: object) -> bool:
    """True for an instance of a plain class of the user's."""
    return is_plain(type(thing)) and hasattr(thing, "__dict__")


def is_plain(kind: object) -> TypeGuard[type]:
    """True for a class from which one can be derived without anybody's noticing."""
    if not isinstance(kind, type):
        return False
    package = kind.__module__.partition(".")[0]
    if package in _LIBRARIES or package in sys.stdlib_module_names:
        return False
    file = getattr(sys.modules.get(kind.__module__), "__file__", None) or ""
    return (
        type(kind) is type
        and "site-packages" not in file
        and not any(name in vars(one) for one in kind.__mro__[:-1] for name in _PARTICULAR)
    )


_PARTICULAR = ("__slots__", "__getattribute__", "__setattr__", "__new__", "__init_subclass__")


def methods_of(kind: type) -> Iterator[Method]:
    """Name and function of each method that is the user's, and what makes a method of one again."""
    found: dict[str, object] = {}
    for one in reversed(kind.__mro__[:-1]):
        found |= vars(one)
    for name, member in found.items():
        if isinstance(member, types.FunctionType):
            yield name, member, lambda function: function
        elif isinstance(member, (staticmethod, classmethod)):
            if isinstance(member.__func__, types.FunctionType):
                yield name, member.__func__, type(member)
        elif isinstance(member, property) and isinstance(member.fget, types.FunctionType):
            yield name, member.fget, member.getter


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
    return _Standing(kind.__name__, (kind, *above), facts)


def seen_through(thing: object, above: tuple[type, ...] = ()) -> object:
    """What stands for an object: of a class of its own, whose methods may be set."""
    kind = type(thing)
    facts = {"__module__": kind.__module__}
    seen: object = object.__new__(type(kind.__name__, (kind, *above), facts))
    seen.__dict__ = thing.__dict__
    return seen
