"""Operations on values of any kind: numbers, arrays, lists."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence

from verify.program.language.arrays.indexed_parts import is_mask
from verify.program.language.arrays.numpy_names import METHODS
from verify.program.language.library import Library
from verify.program.language.memory import Memory
from verify.program.language.python.dicts import is_key, is_plain, of_table, pairs_of
from verify.program.language.read_values import (
    Array,
    Given,
    List,
    Number,
    OneSided,
    Place,
    Real,
    Table,
    Unsettled,
    Value,
    is_index,
    is_number,
    kind_of,
)
from verify.program.language.refusal import RefusedError
from verify.program.language.scalars.arithmetic import Arithmetic
from verify.program.language.scalars.by_conditions import Chosen, wholes
from verify.program.language.scalars.numpy_ints import of_ints
from verify.program.program import ProgramBuilder

__all__ = ["Operations", "depends", "put"]


class Operations:
    """Computes with values.

    Args:
        builder: Where steps are added.
    """

    def __init__(self, builder: ProgramBuilder) -> None:
        self.numbers = Arithmetic(builder)
        self.memory = Memory()
        self.library = Library(self.numbers, self.memory.clock)
        self.arrays = self.library.arrays

    def item(self, owner: Value, key: Value) -> Value:
        """``owner[key]``."""
        if depends(key):
            found = self.selected(owner, key)
            if isinstance(found, Array):  # perhaps a view
                found.shared = owner.shared = True
            return found
        if isinstance(owner, Array):
            if is_mask(key):
                return self.arrays.under_mask(owner, key)
            return self.arrays.item(owner, key)
        try:
            if isinstance(owner, Table) and is_key(key):
                return _settled(owner[key])
            if isinstance(owner, (list, tuple, range)) and is_index(key):
                return _settled(owner[key])
            if isinstance(owner, (list, tuple, range)) and type(key) is slice:
                part = owner[key]
                if type(owner) is Given:
                    return Given(part)
                return self.library.new_list(part) if isinstance(part, list) else part
        except (IndexError, KeyError, TypeError, ValueError):
            pass
        raise RefusedError("an index that the value does not have")

    def selected(self, owner: Value, key: Value) -> Value:
        """``owner[key]``: a copy, of an index that conditions chose whichever it is."""
        if not depends(key):
            return (self.arrays.part if isinstance(owner, Array) else self.item)(owner, key)
        at, cases = self.places(key)
        return self._of_cases(cases, lambda k: self.selected(owner, put(key, at, k)))

    def places(self, key: Value) -> tuple[int, float | Chosen]:
        """Which part of a key conditions chose, and what it may be."""
        keys = key if isinstance(key, tuple) else (key,)
        at = next(i for i, k in enumerate(keys) if isinstance(k, Real))
        found = keys[at]
        cases = wholes(self.numbers.builder, found.place) if found.kind == "int" else None
        if cases is None or self.library.batches:
            raise RefusedError("an index that is no int, or one of many")
        return at, cases

    def _of_cases(self, cases: float | Chosen, read: Callable[[int], Value]) -> Value:
        """What is read in each case, as the conditions choose."""
        if not isinstance(cases, Chosen):
            return read(int(cases))
        x, y = (self._of_cases(side, read) for side in (cases.here, cases.there))
        found = self.chosen(Real(cases.condition, "bool"), x, y)
        self.numbers.note_chosen(found, cases.condition, x, y)
        return found

    def operate(self, kind: type[ast.operator], x: Value, y: Value) -> Value:
        """``x + y`` and its like: of numbers, arrays, lists."""
        if is_number(x) and is_number(y):
            return self.numbers.binary(kind, x, y)
        if isinstance(x, Place) or isinstance(y, Place):
            if is_index(x) and is_index(y):
                return of_ints(kind, x, y)
            return self.operate(kind, _beside(x, y), _beside(y, x))
        if isinstance(x, Array) or isinstance(y, Array):
            if isinstance(x, Given) or isinstance(y, Given):
                raise RefusedError("arithmetic on a sequence; write it element by element")
            return self.arrays.binary(kind, x, y)
        if kind is ast.Mult and type(x) is int:
            x, y = y, x
        if type(x) in (List, tuple) and type(x) is type(y) and kind is ast.Add:
            return self._sequence(x, len(x) + len(y), lambda: x + y)
        if type(x) in (List, tuple) and type(y) is int and kind is ast.Mult:
            return self._sequence(x, len(x) * max(y, 0), lambda: x * y)
        if kind is ast.MatMult and (is_number(x) or is_number(y)):
            raise RefusedError("an operator without a derivative")
        raise RefusedError("arithmetic on a sequence; write it element by element")

    def _sequence(self, like: Value, length: int, made: Callable[[], Sequence[object]]) -> Value:
        born = self.library.make(length)
        return made() if type(like) is tuple else List(made(), born)

    def conjunction(self, x: Number, y: Number) -> Number:
        """``x and y`` of two comparisons in a chain."""
        if isinstance(y, Real):
            return self.numbers.joined(False, x, y, as_value=False)
        return x if y else False

    def compared(self, kind: type[ast.cmpop], x: Value, y: Value) -> Value:
        """``x < y`` and its like: of numbers and arrays."""
        x, y = (int(one) if isinstance(one, Place) else one for one in (x, y))
        if kind in (ast.Is, ast.IsNot):
            return _same(x, y) is (kind is ast.Is)
        if kind in (ast.In, ast.NotIn):
            return _among(x, y) is (kind is ast.In)
        alike = type(x) is type(y) and type(x) in (str, tuple) and is_plain(x) and is_plain(y)
        if alike and kind in (ast.Eq, ast.NotEq):
            return (x == y) is (kind is ast.Eq)
        if isinstance(x, Array) or isinstance(y, Array):
            if isinstance(x, Given) or isinstance(y, Given):
                raise RefusedError("only numbers and arrays are compared")
            return self.arrays.compare(kind, x, y)
        if not is_number(x) or not is_number(y):
            raise RefusedError("only numbers and arrays are compared")
        return self.numbers.compare(kind, x, y)

    def chosen(self, condition: Number, x: Value, y: Value) -> Value:
        """``x if condition else y``: of numbers, of arrays and of tuples item by item."""
        if type(x) is tuple and type(y) is tuple and len(x) == len(y):
            return tuple(self.chosen(condition, a, b) for a, b in zip(x, y, strict=True))
        if is_number(x) and is_number(y):
            return self.numbers.choose(condition, x, y)
        if (
            isinstance(x, Array) and isinstance(y, Array)
            and (x.shape, x.kind) == (y.shape, y.kind) and x.shape
        ):  # fmt: skip
            found = self.arrays.elementwise(
                lambda a, b: self.numbers.choose(condition, a, b), x, y, kind=x.kind
            )
            found.shared = x.shared = y.shared = True  # it is one of them
            return found
        raise RefusedError("a condition chooses between numbers; write it element by element")

    def table(self, items: Iterable[Value]) -> Table:
        """A new dict."""
        table = Table(born=self.library.make(0))
        for key, item in pairs_of(items):
            self.library.make(1)
            table[key] = item
        return table

    def method(
        self, owner: Value, name: str, arguments: list[Value], keywords: Mapping[str, Value]
    ) -> Value:
        """``owner.name(arguments)``."""
        if isinstance(owner, Array) and name == "transpose" and len(arguments) > 1:
            arguments = [tuple(arguments)]
        if isinstance(owner, Array) and name in METHODS:
            return self.library.call(f"numpy.{name}", [owner, *arguments], keywords)
        if isinstance(owner, Array) and name == "astype" and [*keywords] == ["dtype"]:
            return self.arrays.in_floats(owner)
        if keywords:
            raise RefusedError("a call with keywords")
        if isinstance(owner, Table):
            return of_table(owner, name, arguments)
        if isinstance(owner, List):
            return self._of_list(owner, name, arguments)
        match name, owner, arguments:
            case "item", Array(), [] if len(owner.items) == 1:
                return self.library.float_of(owner.number(0))
            case "flatten", Array(), []:
                return self.arrays.shaped(owner, (-1,))
            case "tolist", Array(), [] if len(owner.shape) == 1:
                items = self.arrays.floats(owner).items
                return self.library.new_list([self.numbers.as_float(x) for x in items])
            case "reshape", Array(), [*_]:
                sizes = arguments[0] if len(arguments) == 1 else tuple(arguments)
                return self.arrays.reshaped(owner, sizes)
        raise RefusedError(f"{name!r} is no method with a derivative")

    def _of_list(self, owner: List, name: str, arguments: list[Value]) -> Value:
        match name, arguments:
            case "append", [item]:
                self.memory.grow(owner, at_end=True)
                self.library.make(1)
                owner.append(item)
            case "insert", [place, item] if type(place) is int:
                self.memory.grow(owner)
                self.library.make(1)
                owner.insert(place, item)
            case "extend", [items]:
                more = self.library.listed(items)
                self.memory.grow(owner, at_end=True)
                owner.extend(more)
            case "reverse", []:
                self.memory.grow(owner)
                owner.reverse()
            case "pop", [] | [int()] if _has(owner, *arguments):
                self.memory.grow(owner)
                return _settled(owner.pop(*arguments))
            case "copy", []:
                return self.library.new_list(owner)
            case _:
                raise RefusedError(f"{name!r} is no method with a derivative")
        return None


def _same(x: Value, y: Value) -> bool:
    """``x is y`` of what is None, or not."""
    if x is not None and y is not None:
        raise RefusedError("only None is compared by is")
    return x is y


def _among(x: Value, y: Value) -> bool:
    """``x in y`` of what hangs on no input."""
    if isinstance(y, Given) or not isinstance(y, (list, tuple, range, Table)):
        raise RefusedError("only lists, tuples, ranges and dicts are searched")
    if not all(map(is_plain, (x, *y) if not isinstance(y, range) else (x,))):
        raise RefusedError("what hangs on the inputs is searched for")
    return x in y


def _beside(x: Value, y: Value) -> Value:
    """An int of NumPy's beside a float, or beside an array; anything else as it is."""
    if not isinstance(x, Place):
        return x
    if isinstance(y, Array):
        return int(x)
    if kind_of(y) != "float":
        raise RefusedError("arithmetic on an index of NumPy's; only ints and floats go with it")
    return float(x)


def _has(owner: List, place: int = -1) -> bool:
    """True for an index of a list."""
    return -len(owner) <= place < len(owner)


def put(key: Value, at: int, k: int) -> Value:
    """A key with a plain index in one place."""
    return (*key[:at], k, *key[at + 1 :]) if isinstance(key, tuple) else k


def depends(key: Value) -> bool:
    """True for an index that conditions chose, alone or among others."""
    return any(isinstance(k, Real) for k in (key if isinstance(key, tuple) else (key,)))


def _settled(value: Value) -> Value:
    if type(value) in (OneSided, Unsettled):
        raise RefusedError(value.why)
    return value
