"""What is compiled of a function, as data: a graph as it is, or some of its derivatives.

Everything that differs between a gradient, a Hessian and a graph as it is stands here: the graph
that they are written from, the name of the emitted function, the words for messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autodiff.errors import ArgumentError, warn
from autodiff.graph.graph import Graph
from autodiff.graph.pattern import Lines
from autodiff.graph.rebuild import live_nodes
from autodiff.graph.structure import Scalar, Sparse, Structure, Tuple
from autodiff.run.derive.extension import with_inputs
from autodiff.run.derive.joint import (
    derivatives,
    differentiated_by,
    extra_arguments,
    fitting,
)
from autodiff.run.reverse_plan import Wrt, reverse_plan, select_arguments
from autodiff.run.sparse.dropping import without_entries, without_entries_of_arrays
from autodiff.run.sparse.passing_on import passed_on
from autodiff.run.transform import value_and_gradient
from autodiff.run.whole.scalarize import scalarize
from autodiff.table.provers import prover

__all__ = ["AS_IT_IS", "GRADIENT", "Kind", "kind_of"]

_WORDS = {
    "value": "value",
    "gradient": "gradient",
    "jacobian": "Jacobian",
    "hessian": "Hessian",
    "jvp": "tangent",
    "hvp": "Hessian-vector product",
    "vjp": "cotangents",
}


_SPARSE = {False: "", True: "csr", "csr": "csr", "csc": "csc", "coo": "coo"}


@dataclass(frozen=True)
class Kind:
    """What is compiled.

    Args:
        what: The quantities, of ``autodiff.run.derive.joint``; none for a graph as it is.
        sparse: How a call gives a sparse matrix: as "csr", "csc" or "coo"; "": whole.
        drop_zeros: True if a sparse matrix does without entries that cancel identically.
    """

    what: tuple[str, ...] = ()
    sparse: str = ""
    drop_zeros: bool = False

    @property
    def in_halves(self) -> bool:
        """True for value and gradient, which are emitted as ``forward`` and ``backward``, too."""
        return self.what == ("value", "gradient")

    @property
    def entry(self) -> str:
        """Name of the emitted function."""
        return "_and_".join(filter(None, ["_".join(self.what[:-1]), *self.what[-1:]])) or "evaluate"

    @property
    def suffix(self) -> str:
        """What the compiled function's name has behind that of the user's."""
        return "gradient" if self.in_halves else self.entry

    @property
    def prover(self) -> str:
        """Who checks the code (``autodiff.table.provers``)."""
        if not self.what:
            return "compiled graph"
        return "compiled gradient" if self.in_halves else "compiled derivative"

    @property
    def noun(self) -> str:
        """What it is called in messages."""
        return "gradient" if self.in_halves else self.listed

    @property
    def listed(self) -> str:
        """What it is, in words: the value, gradient and Hessian."""
        words = [_WORDS[one] for one in self.what] or ["value"]
        return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))

    @property
    def title(self) -> str:
        """What it is, as a title begins."""
        return self.listed[0].upper() + self.listed[1:]

    @property
    def twice(self) -> bool:
        """True with second derivatives."""
        return not {"hessian", "hvp"}.isdisjoint(self.what)

    @property
    def lines(self) -> Lines | None:
        """The order of a sparse matrix's entries; None if it is whole."""
        if not self.sparse:
            return None
        return "columns" if self.sparse == "csc" else "rows"

    def leads_with_value(self, graph: Graph) -> bool:
        """True if a call gives the function's one float first: ``out=`` has no place for it."""
        return self.what[:1] in ((), ("value",)) and isinstance(graph.result, Scalar)

    def fitting(self, graph: Graph) -> Graph:
        """The function as its derivatives take it.

        Raises:
            DifferentiationError: naming what it has instead of these.
        """
        return fitting(graph, self.what) if self.what else graph

    @property
    def has_matrix(self) -> bool:
        """True with a Jacobian or a Hessian that is whole."""
        return not self.sparse and not {"jacobian", "hessian"}.isdisjoint(self.what)

    def passed_on(self, graph: Graph, wrt: Wrt) -> int:
        """The numbers that straight code for its matrix, if there is one, passes on."""
        if not self.has_matrix:
            return 0
        return passed_on(scalarize(self.fitting(graph)), self.twice, wrt)[0]

    def frame(self, graph: Graph, wrt: Wrt) -> Graph:
        """The function with all arguments that a call takes."""
        extra = extra_arguments(graph, self.what, wrt)
        return with_inputs(graph, extra) if extra else graph

    def parts(self, graph: Graph, wrt: Wrt) -> list[tuple[int, ...]]:
        """Per scalar or array of the result, the arguments it is differentiated by."""
        return differentiated_by(graph, self.what or ("value",), wrt, bool(self.sparse))

    def flags(
        self, graph: Graph, wrt: Wrt, flags: tuple[bool, ...], reduce: str | None
    ) -> tuple[bool, ...]:
        """Which arguments of a call are batched, given which of the function's are.

        A direction is as its argument; one cotangent serves the sum of all points.
        """
        names = [name for name, _ in extra_arguments(graph, self.what, wrt)]
        positions, _ = select_arguments(graph, wrt)
        directed = len(names) - ("vjp" in self.what)
        own = [flags[p] for p in positions[:directed]]
        return (*flags, *own, *([reduce is None] if "vjp" in self.what else []))

    def whole(self, graph: Graph, wrt: Wrt) -> Graph:
        """The graph of all of it, before the passes; who compiles it and who proves it share it."""
        if not self.what:
            return graph
        if self.in_halves:
            return value_and_gradient(graph, wrt)
        key = self, wrt if wrt is None or isinstance(wrt, (int, str)) else tuple(wrt)
        if key not in graph.plans:
            graph.plans[key] = self._derivatives(graph, wrt)
        whole: Graph = graph.plans[key]
        return whole

    def _derivatives(self, graph: Graph, wrt: Wrt) -> Graph:
        whole = derivatives(graph, self.what, wrt, self.lines)
        if not self.drop_zeros:
            return whole
        vanishing = prover("vanishing numbers")
        if whole.expanded:
            return without_entries(whole, vanishing(whole))
        return without_entries_of_arrays(whole, vanishing(scalarize(whole)))

    def say_what_is_full(self, result: Structure) -> None:
        """Warn of a matrix that is asked for sparse, and keeps every entry."""
        if not self.sparse:
            return
        for part in result.items if isinstance(result, Tuple) else (result,):
            pattern = part.pattern if isinstance(part, Sparse) else None
            if pattern is not None and pattern.full and pattern.count > 1:
                name = "hessian" if "hessian" in self.what else "jacobian"
                rows, columns = pattern.shape
                warn(
                    f"sparse: every entry of the {rows} x {columns} {name} can differ from zero; "
                    "it is as good without sparse="
                )

    def say_what_is_flat(self, graph: Graph, wrt: Wrt) -> None:
        """Warn of a gradient that is zero everywhere though the result depends on the inputs."""
        if not self.in_halves:
            return
        plan = reverse_plan(graph, wrt)
        (output,) = graph.outputs
        if plan.active[output]:
            return
        live = live_nodes(graph)
        names = [
            name
            for place, (name, _) in enumerate(graph.parameters)
            if any(live[i] for i in set(graph.inputs.of([place])).intersection(plan.inputs))
        ]
        if names:
            warn(
                f"{graph.name}: the result depends on {', '.join(names)} through comparisons and "
                "rounding alone, so its gradient is 0 wherever there is one. What a search finds "
                "(bisection, say) has its derivative by autodiff.root"
            )


AS_IT_IS = Kind()
GRADIENT = Kind(("value", "gradient"))


def kind_of(
    what: str | Sequence[str], sparse: bool | str = False, drop_zeros: bool = False
) -> Kind:
    """The kind that ``what=``, ``sparse=`` and ``drop_zeros=`` ask for.

    Raises:
        ArgumentError: if it is neither a name nor some names.
    """
    if not isinstance(what, (str, tuple, list)) or not what:
        raise ArgumentError(
            f"what: found {what!r}; expected a name, or a tuple of names: "
            '("value", "gradient", "hessian")'
        )
    names = (what,) if isinstance(what, str) else tuple(what)
    if not isinstance(sparse, (bool, str)) or sparse not in _SPARSE:
        raise ArgumentError(
            f"sparse: found {sparse!r:.60}; expected True or 'csr', 'csc', 'coo' (rows, columns, "
            "values), or False"
        )
    if sparse and not {"jacobian", "hessian"}.intersection(names):
        raise ArgumentError(
            f"sparse: found {sparse!r} for {' and '.join(map(str, names))}, which holds no matrix; "
            "expected it with a jacobian or a hessian"
        )
    if not isinstance(drop_zeros, bool) or (drop_zeros and not sparse):
        raise ArgumentError(
            f"drop_zeros: found {drop_zeros!r:.60} with sparse={sparse!r}; expected True or False, "
            "and True with sparse= alone: a whole matrix has all its zeros"
        )
    return AS_IT_IS if names == ("value",) else Kind(names, _SPARSE[sparse], drop_zeros)
