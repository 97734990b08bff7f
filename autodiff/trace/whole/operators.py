"""The operators of whole arrays; in place, whole arrays go on as another array."""

from __future__ import annotations

from collections.abc import Callable

from autodiff.table.primitive import REGISTRY
from autodiff.trace.array_operand import ArrayOperand
from autodiff.trace.array_tracer import ArrayTracer
from autodiff.trace.whole.fitting import mismatch

__all__ = ["install_operators"]


def _operator(name: str, reflected: bool) -> Callable[[ArrayOperand, object], object]:
    primitive = REGISTRY[name]

    def method(self: ArrayOperand, other: object) -> object:
        return self.bind(primitive, (other, self) if reflected else (self, other))

    return method


def _in_place(name: str) -> Callable[[ArrayTracer, object], object]:
    def method(self: ArrayTracer, other: object) -> object:
        made = getattr(self, f"__{name}__")(other)
        if not self.shape:
            return made  # numbers do not change
        if made.shape != self.shape:
            raise mismatch(f"{name} in place", [self.shape, made.shape])
        self.assigned(made)
        return self

    return method


def _right_add(self: ArrayOperand, other: object) -> object:
    # sum() starts from the integer 0, which is no number of the user's.
    return self if type(other) is int and other == 0 else self.bind(REGISTRY["add"], (other, self))


def install_operators() -> None:
    """Give whole arrays their operators."""
    for name, row in (("add", "add"), ("sub", "sub"), ("mul", "mul"), ("truediv", "div")):
        setattr(ArrayOperand, f"__{name}__", _operator(row, False))
        setattr(ArrayOperand, f"__r{name}__", _operator(row, True))
    setattr(ArrayOperand, "__radd__", _right_add)  # noqa: B010  # the type of self is narrower
    for name in ("add", "sub", "mul", "truediv", "pow", "mod", "floordiv", "matmul"):
        setattr(ArrayTracer, f"__i{name}__", _in_place(name))
