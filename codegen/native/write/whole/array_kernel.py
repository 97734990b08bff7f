"""Graph of arrays -> LLVM IR: the function that computes it, tree of loops by tree of loops.

``compute`` takes a pointer per scalar or array of the arguments, then one per scalar or array of
the result; none of the result's memory may overlap the arguments'.  It returns 0, or 2 where an
index does not fit or the derivative is to be settled.  Memory for arrays in between is taken from
``@work``, one stretch that is kept; a second call at the same time makes its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autodiff.graph.graph import Graph
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.primitive import Primitive
from codegen.native.form.blas import dgemm_address
from codegen.native.form.widen import WideLibrary
from codegen.native.write.whole.calling import Calling
from codegen.native.write.whole.repeat_writer import tree_function
from codegen.nests.fusing import Branch, fused, statements_in
from codegen.nests.lower.builder import Numbers
from codegen.nests.lower.loop_statement import Home, Opaque, Repeat
from codegen.nests.lower.lowering import lower
from codegen.nests.sharing import shared
from codegen.nests.storing import private_rooms, shared_places

__all__ = ["ArrayKernel"]

_ALIGN = 64
_LONG = 60  # statements of one function


class ArrayKernel:
    """IR of one graph of arrays.

    Args:
        graph: The graph, after the passes.
        watched: True if its last output is no result, but above 0 where ``compute`` gives 2.

    Attributes:
        inputs: Size of each scalar or array of the arguments.
        outputs: Size of each scalar or array of the result.
        library: The functions that it calls.
        data: Arrays of constants; ``@"data.K"`` is a pointer to each, to be filled in.
        rows: What NumPy computes; ``@"row.K"`` is a pointer to a function of each, likewise.
        work: Numbers of memory that ``@work`` points to, to be filled in; known after ``main``.
    """

    def __init__(self, graph: Graph, watched: bool = False) -> None:
        self.library = WideLibrary()
        lowered = lower(shared(graph, self._is_called), dgemm_address() is not None)
        self.data: list[Numbers] = lowered.data
        self._calling = Calling(self.library)
        self.rows: list[Opaque] = self._calling.rows
        self._tensors = lowered.tensors
        sizes = [_size(shape) for shape in graph.inputs.shapes]
        self.inputs = sizes
        self.tabled = self.tiered = False
        self.outputs = [_size(graph.nodes[i].shape) for i in graph.outputs]
        self._watched = watched
        if watched:
            self.outputs.pop()
        self.work = 0
        self._trees = fused(lowered.steps)
        self._private = private_rooms(self._trees, self._tensors)
        self._places, self._shared = shared_places(self._trees, self._tensors, self._private)
        self._functions: list[str] = []
        self._between: list[str] = []  # lines of compute
        self._calls = 0
        self._starts: set[int] = set()  # places in the shared memory that are named

    def _is_called(self, primitive: Primitive) -> bool:
        """True for what takes a call of a function."""
        if isinstance(primitive, ArrayRow):
            return False
        text = self.library.scalar.form(primitive).text
        return " call " in text and '@"' in text

    def main(self) -> str:
        """``compute``, with all it calls."""
        beside = 0
        for bundle in _bundles(self._trees):
            if isinstance(bundle, Opaque):
                self._opaque(bundle)
                continue
            name = f"loops{len(self._functions)}"
            made = tree_function(
                name, bundle, self._tensors, self._private, self._calling, self.library
            )
            self._functions.append(made.text)
            beside = max(beside, made.beside)
            self._call(name, [self._work(self._shared), *map(self._pointer, made.tensors)])
        self.work = self._shared + beside
        return "".join((self._globals(), self.library.definitions(), *self._functions,
                        self._compute()))  # fmt: skip

    def _globals(self) -> str:
        data = [f'@"data.{k}" = global ptr null\n' for k in range(len(self.data))]
        faults = "@faults = global i64 0\n" if self._watched else ""
        return "".join(("@work = global ptr null\n", faults, self._calling.globals(), *data))

    def _pointer(self, tensor: int) -> str:
        known = self._tensors[tensor]
        if known.home is Home.WORK:
            return self._work(self._places[tensor])
        return f"%{known.home.value}{known.place}"

    def _work(self, place: int) -> str:
        self._starts.add(place)
        return f"%t{place}"

    def _call(self, function: str, pointers: Sequence[str]) -> None:
        arguments = ", ".join(f"ptr {name}" for name in pointers)
        name = f"%status{self._calls}"
        self._between.append(f"{name} = call i32 @{function}({arguments})\n")
        self._leave_if(name)

    def _leave_if(self, status: str) -> None:
        k, self._calls = self._calls, self._calls + 1
        self._between.append(
            f"%bad{k} = icmp ne i32 {status}, 0\n"
            f"br i1 %bad{k}, label %faulty, label %after{k}\nafter{k}:\n"
        )

    def _opaque(self, step: Opaque) -> None:
        operands = [self._pointer(tensor) for tensor in step.operands]
        called = self._calling.call(step, operands, self._pointer(step.target))
        self._between += [called.slots, called.lines]
        if called.status:
            self._leave_if(called.status)

    def _compute(self) -> str:
        names = [f"ptr noalias %x{k}" for k in range(len(self.inputs))]
        names += [f"ptr noalias %y{k}" for k in range(len(self.outputs))]
        lines = [f"define internal i32 @compute({', '.join(names)}) #2 {{\nentry:\n"]
        if self._watched:
            lines.append(f"%y{len(self.outputs)} = alloca double\n")
        for k in range(len(self.data)):
            lines.append(f'%d{k} = load ptr, ptr @"data.{k}"\n')
        if self.work:
            lines += self._taken()
        else:
            lines += [f"%t{place} = inttoptr i64 0 to ptr\n" for place in sorted(self._starts)]
        lines += self._between
        good = "0"
        if self._watched:
            good = "%good"
            lines.append(f"%watched = load double, ptr %y{len(self.outputs)}\n")
            lines.append("%tied = fcmp ogt double %watched, 0.0\n")
            lines.append("%good = select i1 %tied, i32 2, i32 0\n")
        counted = _COUNTED if self._watched else ""
        lines.append(f"br label %done\nfaulty:\n{counted}br label %done\ndone:\n")
        last = f"after{self._calls - 1}" if self._calls else self._start
        lines.append(f"%answer = phi i32 [{good}, %{last}], [2, %faulty]\n")
        if self.work:
            lines.append(_GIVEN_BACK)
        lines.append("ret i32 %answer\n}\n")
        return "".join(lines)

    @property
    def _start(self) -> str:
        return "ready" if self.work else "entry"

    def _taken(self) -> list[str]:
        """Take the stretch of memory, or make another one while somebody else has it."""
        places = sorted(self._starts)
        size = self.work * 8 + _ALIGN
        return [
            "%kept = atomicrmw xchg ptr @work, ptr null seq_cst\n",
            "%mine = icmp ne ptr %kept, null\n",
            "br i1 %mine, label %ready, label %make\nmake:\n",
            f"%made = call ptr @PyMem_RawMalloc(i64 {size})\n",
            "%none = icmp eq ptr %made, null\n",
            "br i1 %none, label %lost, label %ready\n",
            "lost:\n%state = call i32 @PyGILState_Ensure()\n%no = call ptr @PyErr_NoMemory()\n",
            "call void @PyGILState_Release(i32 %state)\nret i32 1\n",
            "ready:\n%work = phi ptr [%kept, %entry], [%made, %make]\n",
            f"%odd = ptrtoint ptr %work to i64\n%up = add i64 %odd, {_ALIGN - 1}\n",
            f"%even = and i64 %up, {-_ALIGN}\n%first = inttoptr i64 %even to ptr\n",
            *(f"%t{p} = getelementptr double, ptr %first, i64 {p}\n" for p in places),
        ]


_COUNTED = "%faults = atomicrmw add ptr @faults, i64 1 seq_cst\n"  # ties leave the results there
_GIVEN_BACK = (
    "br i1 %mine, label %keep, label %drop\n"
    "keep:\nstore atomic ptr %work, ptr @work seq_cst, align 8\nbr label %end\n"
    "drop:\ncall void @PyMem_RawFree(ptr %work)\nbr label %end\nend:\n"
)


def _size(shape: Sequence[int]) -> int:
    found = 1
    for n in shape:
        found *= n
    return found


def _bundles(trees: Sequence[Branch]) -> Iterator[list[Branch] | Opaque]:
    """Trees that stand in one function: as many as stay short."""
    bundle: list[Branch] = []
    count = 0
    for tree in trees:
        own = len(statements_in(tree))
        alone = isinstance(tree, (Opaque, Repeat))
        if bundle and (alone or count + own > _LONG):
            yield bundle
            bundle, count = [], 0
        if isinstance(tree, Opaque):
            yield tree
        elif isinstance(tree, Repeat):
            yield [tree]
        else:
            bundle.append(tree)
            count += own
    if bundle:
        yield bundle
