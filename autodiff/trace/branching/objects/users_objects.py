"""Records: objects of users' classes, what they hold, and others made like them."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from functools import partial

__all__ = [
    "CONSTANT_MODULES", "fields_of", "is_record", "is_users_object", "package_of", "set_fields",
    "with_fields",
]  # fmt: skip

CONSTANT_MODULES = frozenset({"autodiff", "codegen", "verify", "proofgrad", "numpy", "scipy"})


def package_of(one: object) -> str:
    """The package that a function, or the class of an object, is from."""
    named = one if isinstance(one, (types.FunctionType, types.MethodType)) else type(one)
    return str(named.__module__ or "").partition(".")[0]


def is_users_object(one: object) -> bool:
    """True for an object that holds values by name, of a class that is none of ours."""
    return (
        (hasattr(one, "__dict__") or any(_slots(type(one))))
        and package_of(one) not in CONSTANT_MODULES
        and not isinstance(one, (types.FunctionType, partial))
    )


def is_record(one: object) -> bool:
    """True for an object that is nothing but what it holds: another one can be made like it."""
    return type(one).__new__ is object.__new__ and is_users_object(one)


def _slots(kind: type) -> Iterator[str]:
    """Names of what objects of a class hold besides their dict."""
    for one in kind.__mro__:
        names = one.__dict__.get("__slots__", ())
        yield from (names,) if isinstance(names, str) else names


def fields_of(one: object) -> dict[str, object]:
    """What an object holds, by name."""
    found: dict[str, object] = dict(vars(one)) if hasattr(one, "__dict__") else {}
    for name in _slots(type(one)):
        if name not in ("__dict__", "__weakref__") and hasattr(one, name):
            found[name] = getattr(one, name)
    return found


def set_fields(one: object, fields: Mapping[str, object]) -> None:
    """Make an object hold these, and nothing else."""
    if hasattr(one, "__dict__"):
        vars(one).clear()
    for name in _slots(type(one)):
        if name not in fields and name not in ("__dict__", "__weakref__") and hasattr(one, name):
            object.__delattr__(one, name)
    for name, value in fields.items():
        if hasattr(one, "__dict__") and name not in _slots(type(one)):
            vars(one)[name] = value
        else:
            object.__setattr__(one, name, value)


def with_fields(one: object, fields: Mapping[str, object]) -> object:
    """Another object of the same class, which holds these."""
    made = object.__new__(type(one))
    set_fields(made, fields)
    return made
