"""Arithmetic on single numbers: Python's own where nothing depends on the inputs, else a step.

An operation on ints, floats and bools alone is done by CPython, exactly.  As soon as a ``Real``
takes part the step goes into the Program, with the other operand as the double that Python makes
of it.  What would differ between Python's numbers and the reals is refused: an int that no double
holds, ints that grow beyond 2**53, sums of truth values (NumPy's are no ints), ``==`` and ``abs``
of what may be complex.
"""

from __future__ import annotations

import ast
import functools
import operator
from collections.abc import Callable, Sequence

from autodiff.table.primitive import REGISTRY
from verify.program.language.demands import Demands
from verify.program.language.read_values import (
    COMPLEX,
    MIXED,
    NOT_NEGATIVE,
    NUMPY,
    WHOLE,
    Number,
    Real,
    kind_of,
    widest,
)
from verify.program.language.refusal import RefusedError
from verify.program.language.scalars.by_conditions import ByConditions
from verify.program.language.scalars.noted_folds import note_fold
from verify.program.language.scalars.plain_numbers import (
    COMPARED_EXACTLY,
    are_finite,
    bound_of,
    check_finite,
    exact,
    flags_of,
    is_double,
    is_nan,
    is_not_negative,
    may_turn_complex,
    not_negative,
)
from verify.program.language.scalars.rough_numbers import (
    Rough,
    in_pairs,
    is_product_exact,
    is_sum_exact,
    of_product,
    of_sum,
    spread,
)
from verify.program.program import ProgramBuilder

__all__ = ["MAY_BE_COMPLEX", "Arithmetic"]

_ONES = [Rough(1.0, 0.0)] * 3  # that NumPy's powers may be as far off as products of four
_OTHER_WAY = 1e-12  # that a library may be off by that computes in another way
_EXACT_BELOW = 2**53
_ROWS: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Mod: "mod", ast.Pow: "pow",
}  # fmt: skip
_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne",
}  # fmt: skip
_NUMPY_S = NUMPY | MIXED  # what is complex there slips through functions of math
_RAISING = frozenset({"div", "mod", "pow"})
_POSITIVE = frozenset({"abs", "sqrt", "exp", "exp2", "cosh", "square", "hypot"})
_NO_DOUBLE = "an integer that no double holds; write it as a float"
_NOBODY_KNOWS = "Python raises an exception at this, NumPy gives inf or nan; write the number"
_NO_DERIVATIVE = "an operator without a derivative"
MAY_BE_COMPLEX = (
    "may be complex, as Python's ** of a negative number is; write math.pow or math.sqrt"
)


class Arithmetic(ByConditions):
    """Numbers of a text, and the steps that compute them.

    Args:
        builder: Where steps are added.

    Attributes:
        numpy_met: True once a number may be one of NumPy's, whose comparisons give NumPy's truth
            values: these have no difference and no sign.
        raised: How often plain numbers made Python raise.
    """

    def __init__(self, builder: ProgramBuilder) -> None:
        super().__init__()
        self.builder = builder
        self.demands = Demands()
        self.numpy_met = self.many = False  # many: a number of the text may stand for an array
        self.raised = 0

    # --- numbers ---

    def place(self, x: Number) -> int:
        """Where the Program has a number.

        Raises:
            RefusedError: if no double is that number.
        """
        if isinstance(x, Real):
            return x.place
        if type(x) is float:
            return self.builder.literal(x)
        if is_double(x):
            return self.builder.literal(float(x))
        raise RefusedError(_NO_DOUBLE)

    def step(self, name: str, *operands: Number, kind: str = "float", flags: int = 0) -> Real:
        """The result of a primitive."""
        return Real(self._apply(name, *operands), kind, 1, flags)

    def _apply(self, name: str, *operands: Number) -> int:
        """The place of the result of a primitive."""
        place = self.builder.apply(REGISTRY[name].sympy, *map(self.place, operands))
        if self.builder.rough and any(map(self.is_rough, operands)):
            known = [self._known(x) for x in operands]
            if None not in known:
                self.builder.rough[place] = spread(
                    REGISTRY[name].impl, [x for x in known if x is not None]
                )
        return place

    def is_rough(self, x: Number) -> bool:
        """True if nobody knows the last digits of a number."""
        return isinstance(x, Real) and x.place in self.builder.rough

    def _known(self, x: Number) -> Rough | None:
        """A number that is made of numbers alone, and how far off it may be."""
        if isinstance(x, Real):
            value = self.builder.value(x.place)
            return self.builder.rough.get(x.place) if value is None else Rough(value, 0.0)
        self.place(x)
        return Rough(float(x), 0.0)

    def raises(self) -> None:
        """Python raises an exception here, whatever the inputs are: as for ``1.0 / 0.0``."""
        self.raised += 1
        self.demands.note(self.step("div", 1.0, 0.0).place)

    @staticmethod
    def _check_doubles(*numbers: int | float) -> None:
        for x in numbers:
            if not isinstance(x, float) and not is_double(x):
                raise RefusedError(_NO_DOUBLE)

    # --- operators ---

    def binary(self, kind: type[ast.operator], x: Number, y: Number) -> Number:
        """``x + y`` and its like."""
        if not isinstance(x, Real) and not isinstance(y, Real):
            result = exact(kind, x, y)
            if result is not None or kind not in _ROWS:
                if isinstance(result, float) and kind in _ROWS and are_finite(x, y, result):
                    note_fold(self.builder.folds, _ROWS[kind], kind, x, y, result)
                return self._existing(result)
            if self.numpy_met:
                raise RefusedError(_NOBODY_KNOWS)
            self.raises()
            return self.step(_ROWS[kind], x, y)  # undefined, or infinite
        if (chosen := self.in_cases(kind, x, y)) is not None:
            return chosen
        kinds = {kind_of(x), kind_of(y)}
        if kinds <= {"int", "bool"}:
            return self._integral(kind, x, y)
        name = _ROWS.get(kind)
        if name is None:
            raise RefusedError(_NO_DERIVATIVE)
        flags = (flags_of(x) | flags_of(y)) & ~NOT_NEGATIVE
        if name == "pow" and may_turn_complex(x, y):
            flags |= COMPLEX
        elif not_negative(kind, x, y):
            flags |= NOT_NEGATIVE
        place = self._apply(name, x, y)
        if (name in _RAISING and not flags & NUMPY) or flags & WHOLE:
            self.demands.note(place)
        made = "float" if "float" in kinds or kind is ast.Div else "mixed"
        return Real(place, made, 1, flags)

    def in_array(self, kind: type[ast.operator], x: Number, y: Number) -> Number:
        """``x + y`` of numbers of arrays, whose powers NumPy rounds in its own way."""
        if kind is ast.Pow and isinstance(x, Real) and y == 2.0 and not x.flags & COMPLEX:
            flags = x.flags & ~MIXED | NUMPY | NOT_NEGATIVE
            return self.step("square", x, flags=flags)  # which rounds as x * x does
        if kind is not ast.Pow or isinstance(x, Real) or isinstance(y, Real):
            return self.binary(kind, x, y)
        plain = self.binary(kind, x, y)
        if isinstance(plain, Real) or (y in (1.0, 2.0, 3.0) and is_product_exact([x] * int(y))):
            return plain
        place = self.builder.apply(REGISTRY["pow"].sympy, self.place(x), self.place(y))
        return self._roughly(place, of_product([Rough(float(plain), 0.0), *_ONES]), numpy=True)

    def added(self, numbers: Sequence[Number], numpy: bool = False) -> Number:
        """A sum of numbers, in whatever order; of none 0."""
        plain = [x for x in numbers if not isinstance(x, Real)]
        exact = is_sum_exact(plain, rounded=2 if len(plain) == len(numbers) else 1)
        return self._combined(ast.Add, numbers or [0.0], exact, of_sum, numpy)

    def multiplied(self, numbers: Sequence[Number]) -> Number:
        """NumPy's product of numbers, in whatever order, rounded between or not; of none 1."""
        plain = [x for x in numbers if not isinstance(x, Real)]
        exact = is_product_exact(plain)
        return self._combined(ast.Mult, numbers or [1.0], exact, of_product, numpy=True)

    def _combined(
        self,
        kind: type[ast.operator],
        numbers: Sequence[Number],
        exact: bool,
        rough: Callable[[Sequence[Rough]], Rough],
        numpy: bool,
    ) -> Number:
        """``x + y + z`` and its like, of which nothing is folded but what is exact."""
        known = [] if exact else [self._known(x) for x in numbers]
        if not exact and None not in known:
            apply = functools.partial(self.builder.apply, REGISTRY[_ROWS[kind]].sympy)
            places = [*map(self.place, numbers)]
            if numpy and kind is ast.Add:
                places = [places[0], in_pairs(apply, places[1:])]
            place = functools.reduce(apply, places)
            return self._roughly(place, rough([x for x in known if x]), numpy)
        first = 0 if exact else known.index(None)  # what depends on the inputs comes first
        result = numbers[first]
        for number in (*numbers[:first], *numbers[first + 1 :]):
            result = self.binary(kind, result, number)
        return result

    def divided_roughly(self, x: Number, y: Number) -> Number:
        """A quotient that a library computes in a way of its own."""
        place = self.builder.apply(REGISTRY["div"].sympy, self.place(x), self.place(y))
        known = [self._known(z) for z in (x, y)]
        if None in known:
            return Real(place, flags=NUMPY)
        value, error = spread(REGISTRY["div"].impl, [z for z in known if z])
        return self._roughly(place, Rough(value, error + _OTHER_WAY * abs(value)), numpy=True)

    def _roughly(self, place: int, rough: Rough, numpy: bool) -> Real:
        """A number of which the last digits are not known."""
        self.builder.rough[place] = rough
        return Real(place, "float", 1, NUMPY if numpy else 0)

    @staticmethod
    def _existing(result: Number | None) -> Number:
        if result is None:
            raise RefusedError("raises an exception whenever it runs")
        return result

    def _integral(self, kind: type[ast.operator], x: Number, y: Number) -> Real:
        """Of ints and truth values: as long as NumPy's and Python's agree."""
        bools = kind_of(x) == kind_of(y) == "bool"
        a, b = bound_of(x), bound_of(y)
        if kind is ast.Div:
            ratio = self.step("div", x, y)
            self.demands.note(ratio.place)
            return ratio
        if bools and kind in (ast.BitAnd, ast.BitOr):
            return self.step(
                "logical_and" if kind is ast.BitAnd else "logical_or", x, y, kind="bool"
            )
        if kind is ast.Mult:
            bound = a * b
        elif kind is ast.Sub and bools and self.numpy_met:
            raise RefusedError("NumPy's truth values have no difference; write float() around them")
        elif kind is ast.Sub or (kind is ast.Add and not bools):
            bound = a + b
        elif kind is ast.Add:
            raise RefusedError("NumPy's truth values have another sum; write float() around them")
        else:
            raise RefusedError(f"{_NO_DERIVATIVE} on integers; write float() around them")
        if bound > _EXACT_BELOW:
            raise RefusedError("an integer that may be too large for a double; write it as a float")
        if bools and kind is ast.Mult:
            return self.step("mul", x, y, kind="bool")
        result = self.whole(self.step(_ROWS[kind], x, y))
        result.bound = bound
        return result

    def whole(self, x: Real) -> Real:
        """A float as the int that it equals: of these there is one zero, not two."""
        return Real(self._apply("add", x, 0.0), "int", x.bound, 0)

    def unary(self, kind: type[ast.unaryop], x: Number) -> Number:
        """``-x``, ``+x`` and ``not x``."""
        if kind is ast.Not:
            return not x if not isinstance(x, Real) else self.step(
                "logical_not", self.tested(x), kind="bool"
            )  # fmt: skip
        if kind is ast.Invert:
            raise RefusedError(f"{_NO_DERIVATIVE}; write not")
        if not isinstance(x, Real):
            return -x if kind is ast.USub else +x
        if kind is ast.UAdd and x.kind != "bool":
            return x
        if x.kind in ("float", "mixed"):
            return Real(self.step("neg", x).place, x.kind, 1, x.flags & ~NOT_NEGATIVE)
        if x.kind == "bool" and self.numpy_met:
            raise RefusedError("NumPy's truth values have no sign; write float() around them")
        place = x.place if kind is ast.UAdd else self.step("sub", 0.0, x).place
        return Real(place, "int", x.bound)

    def compare(self, kind: type[ast.cmpop], x: Number, y: Number) -> bool | Real:
        """``x < y`` and its like."""
        if kind not in _COMPARED:
            raise RefusedError("only <, <=, >, >=, == and != compare numbers")
        if not isinstance(x, Real) and not isinstance(y, Real):
            if self.numpy_met and type(x) is not type(y):  # NumPy makes a double of an int first
                self._check_doubles(x, y)
            return COMPARED_EXACTLY[kind](x, y)
        flags = flags_of(x) | flags_of(y)
        if flags & COMPLEX and (flags & _NUMPY_S or kind in (ast.Eq, ast.NotEq)):
            raise RefusedError(MAY_BE_COMPLEX)
        if is_nan(x) or is_nan(y):  # nan is neither above, below nor equal: max(x, nan) is x
            return kind is ast.NotEq
        return self.step(_COMPARED[kind], x, y, kind="bool")

    # --- conditions ---

    def tested(self, x: Number) -> Number:
        """A number whose truth is asked for."""
        if isinstance(x, Real) and x.flags & COMPLEX:
            raise RefusedError(MAY_BE_COMPLEX)
        return x

    def truth(self, x: Number) -> Number:
        """A number whose truth Python asks for: an array of many has none."""
        if self.many and isinstance(x, Real):
            raise RefusedError("may stand for many numbers, which have no one truth")
        return self.tested(x)

    def joined(self, disjunction: bool, x: Number, y: Number, as_value: bool) -> Number:
        """``x or y``, ``x and y``, where x depends on the inputs."""
        self.truth(x)
        if as_value and not kind_of(x) == kind_of(y) == "bool":
            text = "either({0}, {1})" if disjunction else "both({0}, {1})"
            return self._merged(self.builder.apply(text, self.place(x), self.place(y)), x, y)
        self.truth(y)
        return self.step("logical_or" if disjunction else "logical_and", x, y, kind="bool")

    def choose(self, condition: Number, x: Number, y: Number) -> Number:
        """``x if condition else y``, where the condition depends on the inputs."""
        return self._merged(self._apply("where", self.tested(condition), x, y), x, y)

    def _merged(self, place: int, x: Number, y: Number) -> Real:
        kinds = {kind_of(x), kind_of(y)}
        kind = "mixed" if len(kinds) > 1 and kinds & {"float", "mixed"} else widest(kinds)
        flags = (flags_of(x) | flags_of(y)) & ~NOT_NEGATIVE
        if flags & NUMPY and not flags_of(x) & flags_of(y) & NUMPY:
            flags = flags & ~NUMPY | MIXED
        if is_not_negative(x) and is_not_negative(y):
            flags |= NOT_NEGATIVE
        return Real(place, kind, max(bound_of(x), bound_of(y)), flags)

    # --- functions ---

    def called(self, row: str, module: str, operands: list[Number]) -> Real:
        """A library's function of numbers."""
        check_finite(row, operands)
        flags = functools.reduce(operator.or_, map(flags_of, operands), 0)
        known = row == "abs" or module == "scipy" or (flags & _NUMPY_S and module != "numpy")
        if flags & COMPLEX and known:
            raise RefusedError(MAY_BE_COMPLEX)
        flags = (flags & COMPLEX) | NUMPY if module in ("numpy", "scipy") else 0
        flags |= NOT_NEGATIVE if row in _POSITIVE else 0
        if module == "math" and row in ("floor", "ceil", "trunc"):
            whole = self.whole(self.step(row, *operands))
            self.demands.note(whole.place)  # an int of nan, or of what is infinite
            return Real(whole.place, "mixed", flags=WHOLE)
        predicate = REGISTRY[row].predicate
        result = self.step(row, *operands, kind="bool" if predicate else "float", flags=flags)
        if module == "math":
            self.demands.note(result.place)
        return result

    def size(self, x: Real) -> Real:
        """``abs(x)`` of an int, which is one again, or of what may be one."""
        if x.kind == "bool":
            raise RefusedError("NumPy's truth values have another size; write float() around it")
        if x.kind == "mixed":
            size = self.called("abs", "", [x])
            return Real(size.place, "mixed", 1, size.flags | (x.flags & (WHOLE | NUMPY | MIXED)))
        return Real(self.step("abs", x).place, "int", x.bound)

    def as_float(self, x: Number) -> Number:
        """``float(x)``."""
        if isinstance(x, Real):
            if x.flags & COMPLEX:
                raise RefusedError(MAY_BE_COMPLEX)
            if x.flags & WHOLE:
                self.demands.note(x.place)
            plain = x.kind == "float" and not x.flags & ~NOT_NEGATIVE
            return x if plain else Real(x.place, "float", 1, x.flags & NOT_NEGATIVE)
        try:
            return float(x)
        except OverflowError:
            raise RefusedError("an integer too large for a float") from None
