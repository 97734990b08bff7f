"""Where switches tie, in C: the functions that settle derivatives there.

``f_settled`` asks ``f_sides`` at the point itself, and ``f_piece`` a step away where something is
infinite at the point; what it makes of their answers is ``autodiff.numbers.settle``, in C.
"""

from __future__ import annotations

from dataclasses import replace

from autodiff.graph.graph import Graph
from autodiff.graph.structure import SCALAR, Array
from autodiff.numbers.settle import GENERIC
from autodiff.run.one_sided import sides_graph
from autodiff.run.pieces import FARTHEST, piece_graph
from codegen.c99.c_function import CFunction, braced
from codegen.language.lines import INDENT
from codegen.passes import before_emission, run_passes

__all__ = ["SETTLING", "AtTies"]

_STACK = 2_000  # numbers that may lie on the stack


class AtTies:
    """What a C function calls where switches tie.

    Args:
        name: Its name.
        whole: Its graph before the passes, whose limits say what to settle.
    """

    def __init__(self, name: str, whole: Graph) -> None:
        limits = whole.limits
        assert limits is not None
        self.name = f"{name}_settled"
        self._count, self._size = whole.inputs.count, len(limits.outputs)
        self._moving = limits.inputs
        self.leaves = len(whole.nodes) <= FARTHEST
        self._sides = _flat(f"{name}_sides", sides_graph(whole), self._size)
        functions = [self._sides]
        if self.leaves:
            self._piece = _flat(f"{name}_piece", piece_graph(whole), 0)
            functions.append(self._piece)
        self.calls = {call for function in functions for call in function.calls}
        self._steps = 2 * len(GENERIC) - (2 if len(self._moving) == 1 else 0)
        self._room = self._steps * self._size
        self._on_stack = self._room + self._count <= _STACK
        self.in_parts = not self._on_stack or any(function.in_parts for function in functions)
        self.text = "\n".join([*(function.text for function in functions), self._settled()])

    def _settled(self) -> str:
        lines = self._memory()
        clear = [] if self._on_stack else ["free(found);"]
        size = self._size
        lines += [
            f"if ({self._sides.name}(point, bars, found) == 0.0) {{",
            f"{INDENT}for (long i = 0; i < {size}; ++i) {{",
            f"{INDENT * 2}bars[i] = found[i];",
            f"{INDENT}}}",
        ]
        if not self.leaves:
            lines += ["}", *clear]
        else:
            moving = "NULL" if self._all_move else "moving"
            lines += [
                *(INDENT + line for line in (*clear, "return;")),
                "}",
                f"for (int k = 0; k < {self._steps}; ++k) {{",
                f"{INDENT}tie_step(k, {moving}, {len(self._moving)}, step);",
                f"{INDENT}{self._piece.name}(point, step, found + k * {size}L);",
                "}",
                f"tie_settle(found, {self._steps}, {size}, bars);",
                *clear,
            ]
        return braced(f"static void {self.name}(const double *point, double *bars)", lines)

    @property
    def _all_move(self) -> bool:
        return self._moving == tuple(range(self._count))

    def _memory(self) -> list[str]:
        """Lines that make room."""
        count = self._count
        lines = []
        if self.leaves and not self._all_move:
            places = ", ".join(map(str, self._moving))
            lines.append(f"static const long moving[] = {{{places}}};")
        if self._on_stack:
            lines.append(f"double found[{self._room}];")
            if self.leaves:
                lines.append(f"double step[{count}] = {{0.0}};")
            return lines
        lines += [
            f"double *found = malloc({self._room + count} * sizeof *found);",
            *([f"double *step = found + {self._room};"] if self.leaves else []),
            "if (found == NULL) {",
            f"{INDENT}return;",
            "}",
        ]
        if self.leaves:
            lines += [f"for (long i = 0; i < {count}; ++i) {{", f"{INDENT}step[i] = 0.0;", "}"]
        return lines


def _flat(name: str, graph: Graph, returned: int) -> CFunction:
    """A graph over flat arrays as a function that writes its outputs and returns one of them.

    It writes all but the one behind the derivatives, if that is what it returns.
    """
    graph = run_passes(graph, before_emission("exact", "c"))
    written = graph.outputs[:returned] or graph.outputs
    outputs = (graph.outputs[returned], *written)
    graph = replace(graph, outputs=outputs, result=SCALAR, limits=None)
    return CFunction(name, graph, [("bar", Array((len(written),)))], static=True)


_GENERIC = ",\n".join(f"        {{{', '.join(map(repr, row))}}}" for row in GENERIC)
SETTLING = f"""\
/* Where several switches tie, derivatives are those of the smooth pieces that meet. */
static void tie_step(int k, const long *moving, long count, double *step)
{{
    static const double generic[][3] = {{
{_GENERIC}
    }};
    const double *one = generic[k / 2];
    for (long i = 0; i < count; ++i) {{
        const double place = (double)(i + 1);
        const double far = one[0] * (1.0 + fmod(place * one[1], 1.0));
        const int up = (fmod(place * one[2], 1.0) < 0.5) == (k % 2 == 0);
        step[moving == NULL ? i : moving[i]] = up ? far : -far;
    }}
}}

static double tie_settle_one(double table, const double *found, long count, long size, double noise)
{{
    double low = INFINITY, high = -INFINITY, largest, slack;
    long known = 0;
    for (long k = 0; k < count; ++k) {{
        const double d = found[k * size];
        if (d == d) {{
            low = d < low ? d : low;
            high = d > high ? d : high;
            ++known;
        }}
    }}
    if (known < 2 || isinf(low) || isinf(high)) {{
        return table;
    }}
    largest = fabs(low) > fabs(high) ? fabs(low) : fabs(high);
    slack = noise + 1e-10 * largest;
    if (low - slack <= table && table <= high + slack) {{
        return table;
    }}
    if (high - low <= slack) {{
        return 0.5 * (low + high);
    }}
    if (largest <= 0x1p-64) {{
        return 0.0;
    }}
    if (fabs(table) < INFINITY && fabs(found[0] - found[2 * size]) <= slack
        && fabs(found[size] - found[3 * size]) <= slack) {{
        return 0.5 * (low + high);
    }}
    return table;
}}

static void tie_settle(const double *found, long count, long size, double *bars)
{{
    double largest = 0.0;
    for (long i = 0; i < size; ++i) {{
        const double *own = found + i;
        if (fabs(own[0]) > 2.0 * fabs(own[2 * size])
            || fabs(own[size]) > 2.0 * fabs(own[3 * size])) {{
            continue; /* It grows as the step shrinks. */
        }}
        for (long k = 0; k < count; ++k) {{
            const double d = fabs(own[k * size]);
            largest = largest < d && d < 1e300 ? d : largest;
        }}
    }}
    for (long i = 0; i < size; ++i) {{
        bars[i] = tie_settle_one(bars[i], found + i, count, size, 1e-13 * largest);
    }}
}}
"""
