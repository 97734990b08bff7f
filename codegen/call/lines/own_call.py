"""Objects that Python calls without a detour: each has a call of its own.

Of machine code one class serves all (``codegen.native.run.callable``); else each object has a
class, whose ``__call__`` is the function.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MemberDescriptorType, WrapperDescriptorType

from codegen.load.often import HELD, machine

__all__ = ["calls", "class_for", "give_call", "let_go"]


def class_for(base: type, target: str) -> type:
    """A class below ``base`` for an object that has a call of its own."""
    own = machine().own_class(base) if target == "native" else None
    return own or type(base.__name__, (base,), {"__module__": base.__module__})


def give_call(instance: object, call: Callable[..., object]) -> None:
    """Have an object of such a class call ``call``."""
    kind = type(instance)
    if HELD in vars(kind):
        machine().answer(instance, call)
    else:
        kind.__call__ = staticmethod(call)  # type: ignore[method-assign]


def let_go(instance: object) -> None:
    """Let go of the call: a class waits for the collector, and what it holds with it."""
    kind = type(instance)
    if isinstance(vars(kind).get("__call__"), staticmethod):
        del kind.__call__


def calls(instance: object) -> object:
    """What a call of the object calls; None where somebody gave it another class."""
    inside = vars(type(instance))
    call = inside.get("__call__")
    if isinstance(call, staticmethod):
        return call.__func__
    room = inside.get(HELD)
    is_ours = isinstance(call, WrapperDescriptorType) and isinstance(room, MemberDescriptorType)
    return room.__get__(instance) if is_ours and room is not None else None
