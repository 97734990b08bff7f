"""Known: a number that differs from repetition to repetition and does not depend on arguments.

The index of a loop, the data that it goes over, and what is computed from these: all values are
there while the function is traced.  Where one meets a traced value it becomes a stream.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar

import numpy as np

from autodiff.table import ops
from autodiff.table.primitive import Operand, Primitive
from autodiff.trace.capture.uncapturable import UncapturableError

__all__ = ["Known", "Owner", "differs"]

_Found = TypeVar("_Found")
_SAME = "eq", "ne"  # what may be asked of texts in different loops
_PLAIN = (str, bool, int, float, np.integer, np.floating, np.bool_)


class _Elements(Protocol):
    """What a loop reads element by element."""

    def listed(self, items: list[object], places: list[int], width: int = 0) -> object:
        """The placeholder of elements of a list of traced values."""
        ...

    def places(self, known: Known) -> object:
        """The placeholder of whole numbers, to index with."""
        ...


class Owner(Protocol):
    """The loop in whose repetitions a number differs."""

    tests: dict[int, list[bool]]  # conditions that tell repetitions apart, and nothing else

    def holding(self, condition: int) -> list[bool] | None:
        """In which repetitions a condition holds; None if that depends on more than these."""
        ...

    @property
    def elements(self) -> _Elements:
        """What it reads."""
        ...

    def tracer(self, known: Known) -> object:
        """What stands for the number in the repetition that is recorded."""
        ...


def _of(name: str, reflected: bool = False) -> Callable[[Known, object], object]:
    """An operator, value by value where both sides are known, else on a placeholder."""
    function = getattr(operator, name)

    def method(self: Known, other: object) -> object:
        if isinstance(other, _PLAIN):
            pairs = [(other, x) if reflected else (x, other) for x in self.values]
        elif isinstance(other, Known) and self.is_text and other.is_text and name in _SAME:
            return function(*_numbered(self, other))
        elif isinstance(other, Known) and other.owner is self.owner:
            pairs = list(zip(self.values, other.values, strict=True))
        else:
            if self.is_whole and isinstance(other, Known) and other.is_whole:
                one, own = other.owner.elements.places(other), self.owner.elements.places(self)
            else:
                one = other.tracer() if isinstance(other, Known) else other
                own = self.tracer()
            return function(one, own) if reflected else function(own, one)
        return self.like([function(x, y) for x, y in pairs])

    return method


def _numbered(*texts: Known) -> list[Known]:
    """A whole number in place of each text, the same for the same."""
    every = {text: k for k, text in enumerate(x for one in texts for x in one.values)}
    return [Known(one.owner, [every[text] for text in one.values]) for one in texts]


def _whole(function: Callable[[float], int]) -> Callable[[Known], object]:
    """A function that makes whole numbers of numbers."""

    def method(self: Known) -> object:
        return self.converted(function)

    return method


class Known(Operand):
    """A number for each repetition.

    Args:
        owner: The loop.
        values: The numbers, in the order of the repetitions.
    """

    __slots__ = ("owner", "values")
    takes_arrays = True

    def __init__(self, owner: Owner, values: Sequence[Any]) -> None:
        self.owner, self.values = owner, list(values)

    def like(self, values: Sequence[object]) -> object:
        """Numbers of the same repetitions; the number itself where they are all the same."""
        first = values[0]
        if all(map(partial(_is_same, first), values)):
            return first
        made = Known(self.owner, values)
        if isinstance(first, (bool, np.bool_)):
            return made._truth()
        return made

    def _truth(self) -> object:
        """A condition: known, if it is the same in all repetitions."""
        if all(self.values) or not any(self.values):
            return bool(self.values[0])
        made = ops.ne(Known(self.owner, [float(x) for x in self.values]).tracer(), 0.0)
        self.owner.tests[made.index] = [bool(x) for x in self.values]
        return made

    @property
    def is_whole(self) -> bool:
        """True if it may be an index."""
        return all(isinstance(x, (int, np.integer)) for x in self.values)

    @property
    def is_text(self) -> bool:
        """True if it is no number."""
        return type(self.values[0]) is str

    def tracer(self) -> object:
        """What stands for it where it meets a traced value."""
        if self.is_text:
            raise UncapturableError
        return self.owner.tracer(self)

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> object:
        """The result of a function of it."""
        if all(isinstance(x, _PLAIN) or self._is_alike(x) for x in operands):
            rows = [np.array(row, np.float64).tolist() for row in self._rows(operands)]
            return self.like([primitive(*row) for row in rows])
        return primitive(*[x.tracer() if isinstance(x, Known) else x for x in operands])

    def _is_alike(self, x: object) -> bool:
        return isinstance(x, Known) and x.owner is self.owner

    def with_others(self, function: Callable[..., object], given: Sequence[object]) -> object:
        """What a function gives in each repetition, of numbers that are known, this one among them.

        Raises:
            UncapturableError: if some of the others are not known.
        """
        if not all(isinstance(x, _PLAIN) or self._is_alike(x) for x in given):
            raise UncapturableError
        return self.like([function(*row) for row in self._rows(given)])

    def _rows(self, given: Sequence[object]) -> Iterable[tuple[object, ...]]:
        """Numbers that are known, side by side, repetition by repetition."""
        columns = [x.values if isinstance(x, Known) else [x] * len(self.values) for x in given]
        return zip(*columns, strict=True)

    def converted(self, kind: Callable[[float], object]) -> object:
        """Each number as another kind of number."""
        return self.like([kind(x) for x in self.values])

    def __bool__(self) -> bool:
        return bool(self._same(bool))

    def __int__(self) -> int:
        return int(self._same(int))

    def __index__(self) -> int:
        return operator.index(self._same(operator.index))

    def __float__(self) -> float:
        return float(self._same(float))

    def _same(self, function: Callable[..., _Found]) -> _Found:
        """What a function gives for all values, if it is the same."""
        found = [function(x) for x in self.values]
        if any(x != found[0] for x in found):
            raise UncapturableError
        return found[0]

    __add__, __radd__ = _of("add"), _of("add", True)
    __sub__, __rsub__ = _of("sub"), _of("sub", True)
    __mul__, __rmul__ = _of("mul"), _of("mul", True)
    __truediv__, __rtruediv__ = _of("truediv"), _of("truediv", True)
    __floordiv__, __rfloordiv__ = _of("floordiv"), _of("floordiv", True)
    __mod__, __rmod__ = _of("mod"), _of("mod", True)
    __pow__, __rpow__ = _of("pow"), _of("pow", True)
    __lt__, __le__, __gt__, __ge__ = _of("lt"), _of("le"), _of("gt"), _of("ge")
    __eq__, __ne__ = _of("eq"), _of("ne")
    __floor__, __ceil__ = _whole(math.floor), _whole(math.ceil)  # type: ignore[assignment]
    __trunc__ = _whole(math.trunc)  # type: ignore[assignment]
    __hash__ = object.__hash__

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, **named: object
    ) -> object:
        if method != "__call__" or any(np.ndim(x) for x in inputs if not isinstance(x, Known)):
            return getattr(ufunc, method)(*map(_met, inputs), **named)
        return super().__array_ufunc__(ufunc, method, *inputs, **named)

    def __array_function__(self, func: Any, types: object, args: Any, kwargs: Any) -> Any:
        return func(*map(_met, args), **{name: _met(x) for name, x in kwargs.items()})

    def __neg__(self) -> object:
        return self.like([-x for x in self.values])

    def __abs__(self) -> object:
        return self.like([abs(x) for x in self.values])


def _is_same(x: Any, y: Any) -> bool:
    if type(x) is not type(y) or x != y:
        return False
    return type(x) is str or math.copysign(1.0, x) == math.copysign(1.0, y)


def _met(x: object) -> object:
    """What stands for it among traced values, in lists and tuples, too."""
    if isinstance(x, (list, tuple)):
        return type(x)(map(_met, x))
    return x.tracer() if isinstance(x, Known) else x


def differs(key: object) -> bool:
    """True for an index that differs from repetition to repetition."""
    return any(type(part) is Known for part in (key if type(key) is tuple else (key,)))
