"""What derivatives of any order must be: the chain rule written down once, and once more for two.

Everything that is asked for is recorded into one graph, number by number, by the chain rule of
``spec.py``.  A Hessian is the chain rule of the chain rule: every number is found by itself, in one
order and, across the diagonal, in the other; what is emitted may follow either.

The numbers form rows: those of one row are the derivatives of one function of one float, which is
what all rungs of the ladder know how to look at.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autodiff.graph.graph import Builder, Graph
from autodiff.graph.pattern import Pattern
from autodiff.graph.structure import SCALAR, Array, Structure, leaf_names
from autodiff.run.derive.extension import with_inputs
from autodiff.run.derive.joint import extra_arguments, fitting
from autodiff.run.derive.matrix import product
from autodiff.run.reverse_plan import Wrt, mirror_of, select_arguments
from autodiff.table.float import Float
from autodiff.table.primitive import Primitive
from autodiff.trace.placeholder import Tracer
from verify.truth.known import exact_number
from verify.truth.near import pulled_near
from verify.truth.spec import Numbers, pulled, pushed, users_of, values_and_known

__all__ = ["Expected", "Row", "expected"]


@dataclass(frozen=True)
class Row:
    """Numbers of a result that are the derivatives of one function, or its value.

    Args:
        graph: The function, of all arguments of a call.
        inputs: The inputs the numbers are derivatives by; none if the number is the value.
        places: Places of the numbers among all that are expected.
        names: What each number is called.
        first: False if the function is a derivative itself.
        slope_of: Of a derivative by one input, what it is that of, and by which.
    """

    graph: Graph
    inputs: tuple[int, ...]
    places: tuple[int, ...]
    names: tuple[str, ...]
    first: bool = True
    slope_of: tuple[Graph, int] | None = None


@dataclass(frozen=True)
class Expected:
    """What derivatives of a function must be.

    Args:
        graph: All numbers, in the order of the result, as a graph of all arguments of a call.
        rows: The same numbers by row.
        turn: The first node that is none of the function's own.
        absent: How many of the numbers, the last ones, stand in no result: what a sparse matrix
            does not keep must be zero.
        across: Of numbers of a Hessian, the place of the one across the diagonal.
    """

    graph: Graph
    rows: tuple[Row, ...]
    turn: int
    absent: int = 0
    across: Mapping[int, int] = field(default_factory=dict)

    def matrix_shape(self) -> tuple[int, int] | None:
        """Rows and columns, if all numbers are those of one matrix."""
        widths = {len(row.inputs) for row in self.rows}
        if len(widths) != 1 or widths == {0}:
            return None
        return len(self.rows), widths.pop()

    def matrix_order(self) -> list[int]:
        """Of each number its place in the matrix, row by row."""
        flat = [place for row in self.rows for place in row.places]
        order = [0] * len(flat)
        for k, place in enumerate(flat):
            order[place] = k
        return order

    @property
    def names(self) -> list[str]:
        """What each number is called, in order."""
        named = {p: n for row in self.rows for p, n in zip(row.places, row.names, strict=True)}
        return [named[place] for place in range(len(self.graph.outputs))]


def expected(
    graph: Graph,
    what: Sequence[str],
    wrt: Wrt = None,
    patterns: Patterns | None = None,
    exact: bool = False,
) -> Expected:
    """What these derivatives of a function must be.

    Args:
        graph: The function.
        what: Names as for ``codegen.compile``; none for the function itself.
        wrt: Positions or names of the arguments to differentiate; all by default.
        patterns: Of the quantities that are sparse matrices, where their entries stand.
        exact: Whether products of the function's constants that doubles would round are steps of
            their own (known.py), as a proof needs it; else they are the doubles of emitted text.

    Raises:
        ArgumentError: if a name is unknown.
        DifferentiationError: if the function has no such derivative.

    >>> import autodiff as ad
    >>> found = expected(ad.trace(lambda x, y: x * x * y, 1.0, 2.0), ["hessian"])
    >>> found.names
    ['x, x', 'x, y', 'y, x', 'y, y']
    >>> ad.evaluate(found.graph, 3.0, 5.0)
    array([10.,  6.,  6.,  0.])
    """
    what = tuple(what) or ("value",)
    graph = fitting(graph, what)
    found = _Recording(graph, what, wrt, patterns or {}, exact)
    rows = [row for one in what for row in found.rows_of(one)]
    absent = found.add_absent()
    outputs = [found.index(x) for x in found.numbers]
    whole = found.whole
    made = found.builder.graph(whole.name, whole.parameters, outputs, Array((len(outputs),)))
    return Expected(made, tuple(row(made) for row in rows), found.turn, absent, found.across)


Patterns = Mapping[str, Pattern]
Place = tuple[str, int, int]  # quantity, row, column
Later = Callable[[Graph], Row]  # a row, once the graph of all numbers is there


@dataclass
class _Recording:
    """The numbers, recorded one after the other.

    Attributes:
        whole: The function with all arguments of a call.
        numbers: What was recorded, in the order of the result.
    """

    graph: Graph
    what: tuple[str, ...]
    wrt: Wrt
    patterns: Patterns
    exact: bool = False
    numbers: list[object] = field(default_factory=list)
    _absent: list[Place] = field(default_factory=list)
    _lost: dict[Place, object] = field(default_factory=dict)
    _places: dict[Place, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        extra = extra_arguments(self.graph, self.what, self.wrt)
        self.whole = with_inputs(self.graph, extra) if extra else self.graph
        self._positions, single = select_arguments(self.graph, self.wrt)
        self._mirror = mirror_of(self.graph, self._positions, single)
        inputs = self.whole.inputs
        self._inputs = inputs.of(self._positions)
        self._names = [inputs.names[i] for i in self._inputs]
        self.builder = Builder(inputs.count)
        tracers = [Tracer(self.builder, i) for i in range(inputs.count)]
        self._number: Numbers = exact_number(self._record) if self.exact else Float
        self._values, self._known = values_and_known(self.whole, tracers, self._number)
        self.turn = len(self.builder.nodes)
        self._slopes: list[object] = []
        if {"gradient", "hessian", "hvp"}.intersection(self.what):
            self._slopes = self._bars({self.whole.outputs[0]: self._number(1.0)})

    def _record(self, primitive: Primitive, numbers: tuple[float, ...]) -> object:
        """The node of what a primitive makes of known numbers."""
        return Tracer(self.builder, self.builder.literal(numbers[0])).bind(primitive, numbers)

    def index(self, x: Any) -> int:
        """The node of a number; None is 0."""
        return x.index if isinstance(x, Tracer) else self.builder.literal(float(x or 0.0))

    def _bars(self, seeds: Mapping[int, object]) -> list[object]:
        bars = pulled(self.whole, self._values, self._known, seeds, self._number)
        return [bars[i] for i in self._inputs]

    def _extra(self, of: str) -> list[Tracer]:
        """The cotangent, or the directions."""
        own, inputs = len(self.graph.parameters), self.whole.inputs
        last = len(self.whole.parameters) - ("vjp" in self.what)
        places = range(last, last + 1) if of == "vjp" else range(own, own + len(self._positions))
        return [Tracer(self.builder, i) for i in inputs.of(list(places))]

    # --- rows ---

    def rows_of(self, one: str) -> list[Later]:
        """Record the numbers of one quantity; its rows."""
        made: dict[str, Callable[[], list[Later]]] = {
            "value": self._value,
            "gradient": self._gradient,
            "jacobian": self._jacobian,
            "hessian": self._hessian,
            "jvp": self._jvp,
            "hvp": self._hvp,
            "vjp": self._vjp,
        }
        return made[one]()

    def _value(self) -> list[Later]:
        names = [f"value{name}" for name in leaf_names("", self.graph.result)]
        values = [self._values[i] for i in self.whole.outputs]
        functions = [_scalar(self.whole, i) for i in self.whole.outputs]
        return [
            self._row(function, (), [x], [name])
            for function, x, name in zip(functions, values, names, strict=True)
        ]

    def _gradient(self) -> list[Later]:
        return [self._row(self.whole, self._inputs, self._slopes, self._names)]

    def _jacobian(self) -> list[Later]:
        outputs = self.whole.outputs
        names = [name or "result" for name in leaf_names("", self.graph.result)]
        functions = [_scalar(self.whole, i) for i in outputs]
        if "jacobian" in self.patterns:
            near = [self._near(self.whole, self._values, self._known, i) for i in outputs]
            return self._sparse("jacobian", near, names, functions)
        rows = [self._bars({i: self._number(1.0)}) for i in outputs]
        return self._matrix("jacobian", self.graph.result, rows, names, functions)

    def _hessian(self) -> list[Later]:
        slope, values = self._slope()
        known = slope.constants
        functions = [_scalar(slope, i) for i in slope.outputs]
        if "hessian" in self.patterns:
            near = [self._near(slope, values, known, i) for i in slope.outputs]
            return self._sparse("hessian", near, self._names, functions, first=False)
        users = users_of(slope)
        one, number = self._number(1.0), self._number
        columns = [pushed(slope, values, known, {i: one}, users, number) for i in self._inputs]
        rows = [[column.get(i) for column in columns] for i in slope.outputs]
        return self._matrix("hessian", self._mirror, rows, self._names, functions, first=False)

    def _near(
        self, graph: Graph, values: Sequence[object], known: Container[int], output: int
    ) -> dict[int, object]:
        return pulled_near(graph, values, known, output, self._number)

    def _slope(self) -> tuple[Graph, list[object]]:
        """The graph of the gradient, which the chain rule is applied to again."""
        outputs = [self.index(x) for x in self._slopes]
        whole = self.whole
        slope = self.builder.graph(whole.name, whole.parameters, outputs, Array((len(outputs),)))
        values: list[object] = [Tracer(self.builder, i) for i in range(len(slope.nodes))]
        for index, value in slope.constants.items():
            values[index] = self._number(value)
        return slope, values

    def _jvp(self) -> list[Later]:
        dots = dict(zip(self._inputs, self._extra("jvp"), strict=True))
        users, number = users_of(self.whole), self._number
        found = pushed(self.whole, self._values, self._known, dots, users, number)
        names = [f"tangent{name}" for name in leaf_names("", self.graph.result)]
        return self._each([found.get(i) for i in self.whole.outputs], names)

    def _hvp(self) -> list[Later]:
        slope, values = self._slope()
        dots = dict(zip(self._inputs, self._extra("hvp"), strict=True))
        users, known = users_of(slope), slope.constants
        found = pushed(slope, values, known, dots, users, self._number)
        return self._each([found.get(i) for i in slope.outputs], [f"{n}_dot" for n in self._names])

    def _vjp(self) -> list[Later]:
        seeds: dict[int, Tracer] = {}
        for i, seed in zip(self.whole.outputs, self._extra("vjp"), strict=True):
            seeds[i] = seed if i not in seeds else seeds[i] + seed
        total: object = self._number(0.0)
        for i, seed in seeds.items():
            total = total + self._values[i] * seed
        names = [f"{name}_bar" for name in self._names]
        index = self.index(total)  # the function whose gradient this is: the sum with the seeds
        place = self._place(self._bars(seeds))
        inputs = tuple(self._inputs)
        return [lambda made: Row(_scalar(made, index), inputs, place, tuple(names))]

    # --- into the result ---

    def _place(self, numbers: Iterable[object]) -> tuple[int, ...]:
        start = len(self.numbers)
        self.numbers += numbers
        return tuple(range(start, len(self.numbers)))

    def _row(
        self,
        function: Graph,
        inputs: Sequence[int],
        numbers: Sequence[object],
        names: Sequence[str],
    ) -> Later:
        row = Row(function, tuple(inputs), self._place(numbers), tuple(names))
        return lambda made: row

    def _each(self, numbers: Sequence[object], names: Sequence[str]) -> list[Later]:
        """Numbers each of which is the value of a function."""
        places = self._place(numbers)
        indices = [self.index(x) for x in numbers]

        def row(index: int, place: int, name: str) -> Later:
            return lambda made: Row(_scalar(made, index), (), (place,), (name,), first=False)

        return [row(*each) for each in zip(indices, places, names, strict=True)]

    def _matrix(
        self,
        one: str,
        outer: Structure,
        rows: Sequence[Sequence[object]],
        names: Sequence[str],
        functions: Sequence[Graph],
        first: bool = True,
    ) -> list[Later]:
        """Rows of numbers, put where the result has them."""
        labels = [[(k, i) for i in range(len(self._inputs))] for k in range(len(rows))]
        order: list[Any] = []
        product(outer, self._mirror, iter([list[object](row) for row in labels]), order)
        start = len(self.numbers)
        self.numbers += [rows[k][i] for k, i in order]
        place = {label: start + p for p, label in enumerate(order)}
        self._places |= {(one, *label): p for label, p in place.items()}

        def row(k: int) -> Later:
            places = tuple(place[label] for label in labels[k])
            named = tuple(f"{names[k]}, {name}" for name in self._names)
            of = None if first else (self.whole, self._inputs[k])
            made = Row(functions[k], tuple(self._inputs), places, named, first, of)
            return lambda _: made

        return [row(k) for k in range(len(rows))]

    def _sparse(
        self,
        one: str,
        rows: Sequence[Mapping[int, object]],
        names: Sequence[str],
        functions: Sequence[Graph],
        first: bool = True,
    ) -> list[Later]:
        """The entries of a sparse matrix; those that it does not keep come last of all numbers."""
        column = {index: k for k, index in enumerate(self._inputs)}
        pattern = self.patterns[one]
        kept = list(zip(pattern.rows.tolist(), pattern.columns.tolist(), strict=True))
        places: list[list[Place]] = [[] for _ in rows]
        for k, i in kept:
            self._places[one, k, i] = len(self.numbers)
            self.numbers.append(rows[k].get(self._inputs[i]))
            places[k].append((one, k, i))
        keeps = set(kept)
        for k, bars in enumerate(rows):
            others = [column[i] for i in sorted(bars) if i in column]
            lost = [(one, k, i) for i in others if (k, i) not in keeps]
            self._absent += lost
            self._lost |= {place: bars[self._inputs[place[2]]] for place in lost}
            places[k] += lost

        def row(k: int) -> Later:
            own = places[k]
            named = tuple(f"{names[k]}, {self._names[i]}" for _, _, i in own)
            inputs = tuple(self._inputs[i] for _, _, i in own)
            at, of = self._places, None if first else (self.whole, self._inputs[k])
            return lambda _: Row(functions[k], inputs, tuple(at[p] for p in own), named, first, of)

        return [row(k) for k in range(len(rows)) if places[k]]

    @property
    def across(self) -> dict[int, int]:
        """Of numbers of a Hessian, the place of the one across the diagonal."""
        own = {(k, i): place for (one, k, i), place in self._places.items() if one == "hessian"}
        return {place: own[i, k] for (k, i), place in own.items() if k != i and (i, k) in own}

    def add_absent(self) -> int:
        """Put what no matrix keeps behind all other numbers; how many that are."""
        for place in self._absent:
            self._places[place] = len(self.numbers)
            self.numbers.append(self._lost[place])
        return len(self._absent)


def _scalar(graph: Graph, index: int) -> Graph:
    """One node of a graph as a function."""
    return Graph(graph.name, graph.parameters, graph.nodes, (index,), SCALAR)
