"""What emitted text of arrays gives over residues beside what it must give, at a random point.

A product with a tangent is met by the chain rule backwards: ``u @ (J @ v) == (u @ J) @ v`` for a
random ``u``; over loops, by the chain rule forwards.  A matrix is multiplied by a random ``u`` as
well, so that one sweep holds all of its numbers, or by a random direction where its loops carry
tangents along.  A second derivative is the chain rule over our gradient's graph, which is held to
the chain rule over the function at the same point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import starmap
from typing import Any, TypeAlias

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.graph.pattern import Pattern
from autodiff.run.transform import gradient
from autodiff.table.arrays.indexing import gather, scatter_add
from autodiff.table.arrays.reshaping import reshape, transpose
from codegen.call.code import GradientCode
from codegen.call.compiled import CompiledFunction
from codegen.load.load import Loaded
from verify.field.meaning import PoleError
from verify.field.whole.array_field import ArrayField, Residues
from verify.field.whole.block_products import applied, inner, multiplied
from verify.field.whole.execute_lists import ListText, is_of_lists
from verify.field.whole.execute_whole import call_text, run_text
from verify.subjects.any_direction import patterns_of
from verify.subjects.same_lines import halves_of, says_the_same, texts_of
from verify.truth.array_chain import ArrayRun, array_run
from verify.truth.array_facts import index_bounds, own_numbers
from verify.truth.array_tangents import tangents_of_outputs

__all__ = ["pairs_in_field", "texts_agree"]

Pairs: TypeAlias = list[tuple[Residues, Residues]]
_TRIES = 3


def texts_agree(compiled: CompiledFunction, field: ArrayField) -> bool:
    """True if all texts of a gradient give the same at a random point, so that one tells of all."""
    if halves_of(compiled) is not None or not isinstance(compiled.code, GradientCode):
        return False
    try:
        compared = _Compared(compiled, _random_inputs(compiled.frame, field), field)
        return compared.same(compared.of_other_texts(compiled, compiled.code))
    except PoleError:
        return False


def pairs_in_field(compiled: CompiledFunction, field: ArrayField, all_texts: bool = True) -> Pairs:
    """What must come out and what the code gives, at a random point.

    Args:
        compiled: What was compiled.
        field: What numbers are elements of.
        all_texts: False if one text tells of all.

    Raises:
        PoleError: if there is a zero in a denominator at each of several points.
        TypeError: if the text gives numbers of other shapes.
    """
    for _ in range(_TRIES):
        inputs = _random_inputs(compiled.frame, field)
        try:
            compared = _Compared(compiled, inputs, field, all_texts)
            field.require_enough()  # known soon, as a text uses what the function does
            pairs = compared.of_texts(compiled)
            if field.folded and not compared.same(pairs):
                pairs = compared.as_read(compiled) or pairs
            return pairs
        except PoleError:
            continue
    raise PoleError("a denominator is zero everywhere")


class _Compared:
    """The parts that a text gave, each quantity beside what it must be.

    Args:
        compiled: What was compiled.
        inputs: The scalars and arrays of all arguments of a call.
        field: What they are elements of.
        all_texts: False if one text tells of all.
    """

    def __init__(
        self, compiled: CompiledFunction, inputs: Sequence[Residues], field: ArrayField,
        all_texts: bool = True,
    ) -> None:  # fmt: skip
        self._all_texts = all_texts
        self._field, self._graph, self._wrt = field, compiled.graph, compiled.wrt
        self._what = compiled.what or ("value",)
        count = self._graph.inputs.count
        self._run = array_run(self._graph, inputs[:count], field)
        self._inputs, self._extra = inputs, list(inputs[count:])
        self._found: Iterator[Residues] = iter(())
        self._chosen = self._graph.inputs.of(compiled.positions)
        self._shapes = [self._graph.nodes[i].shape for i in self._chosen]
        self._patterns = patterns_of(compiled.kind, compiled.result)
        self._second: ArrayRun | None = None
        self._once: list[Residues] | None = None  # the cotangents from 1
        self._own = frozenset(own_numbers(self._graph))
        self._reads = False

    def of_texts(self, compiled: CompiledFunction) -> Pairs:
        """All that the texts of what was compiled give.

        Halves are not run once what they are the halves of differs: the answer is there.
        """
        if (halves := halves_of(compiled)) is not None:
            return self._of_halves(halves)
        pairs = self._pairs(self._given_by(compiled.loaded, compiled.entry, self._inputs))
        if not self._all_texts:
            return pairs
        watched = compiled.code.watched
        if watched and not says_the_same(compiled.loaded, compiled.entry, watched, "watched"):
            pairs += self._pairs(self._given_by(watched, "watched", self._inputs)[:-1])
        if isinstance(compiled.code, GradientCode) and self.same(pairs):
            pairs += self._of_halves(compiled.code.halves)
        return pairs

    def of_other_texts(self, compiled: CompiledFunction, code: GradientCode) -> Pairs:
        """What the first text gives beside what each of the others gives."""
        value, *bars = first = self._given_by(compiled.loaded, compiled.entry, self._inputs)
        pairs: Pairs = []
        watched = code.watched
        if watched and not says_the_same(compiled.loaded, compiled.entry, watched, "watched"):
            pairs += zip(first, self._given_by(watched, "watched", self._inputs)[:-1], strict=True)
        self._once = [_shaped(x, shape) for x, shape in zip(bars, self._shapes, strict=True)]
        (_, halved), *rest = self._of_halves(code.halves)
        return self._lifted([*pairs, (value, halved), *rest])

    def same(self, pairs: Iterable[tuple[object, object]]) -> bool:
        """True if all that was given is what it must be."""
        return all(starmap(self._field.same, self._lifted(pairs)))

    def as_read(self, compiled: CompiledFunction) -> Pairs | None:
        """As ``of_texts``, texts' numbers read as what the chain rule's rounded to them.

        None if they differ in each such reading.
        """
        self._reads = True
        for _ in self._field.folded.readings():
            self._second = None
            pairs = self.of_texts(compiled)
            if self.same(pairs):
                return pairs
        return None

    def _reading(self) -> AbstractContextManager[None]:
        return self._field.folded.read(self._own) if self._reads else nullcontext()

    def _given_by(self, loaded: Loaded, entry: str, inputs: Sequence[Residues]) -> list[Residues]:
        """The numbers and arrays that a function of a text gives."""
        with self._reading():
            if is_of_lists(loaded):
                text = ListText(loaded)
                return text.parts(text.call(entry, inputs, self._field), self._field)
            data = getattr(loaded.module, "data", ())
            return run_text(loaded.functions, data, entry, inputs, self._field, texts_of(loaded))

    def _pairs(self, given: Sequence[Residues]) -> Pairs:
        """Every quantity in its order, beside what a text gave."""
        self._found = iter(given)
        made: dict[str, Callable[[], Iterator[tuple[object, object]]]] = {
            "value": self._value,
            "gradient": self._gradient,
            "jvp": self._jvp,
            "vjp": self._vjp,
            "hvp": self._hvp,
            "jacobian": self._jacobian,
            "hessian": self._hessian,
        }
        found = [pair for one in self._what for pair in made[one]()]
        if next(self._found, None) is not None:
            raise TypeError("the text gives more numbers than there should be")
        return self._lifted(found)

    def _of_halves(self, halves: Loaded) -> Pairs:
        """What ``forward`` gives, and ``backward`` from its residuals and a random cotangent."""
        lift, seed = self._field.lift, self._field.unknown(())
        with self._reading():
            if is_of_lists(halves):
                value, kept = ListText(halves).call("forward", self._inputs, self._field)
            else:
                data, functions = getattr(halves.module, "data", ()), halves.functions
                given = functions, data, "forward", self._inputs, self._field, texts_of(halves)
                value, residuals = call_text(*given)
                kept = tuple(x if isinstance(x, list) else lift(x) for x in residuals)
        bars = self._given_by(halves, "backward", [kept, seed])
        # All cotangents are linear in the first; where one is cut, or rounded, they may differ.
        once = self._once
        wanted = self._pulled(self._run, [seed]) if once is None else [seed * x for x in once]
        if len(bars) != len(wanted):
            raise TypeError(f"backward gives {len(bars)} parts; expected {len(wanted)}")
        bars = [_shaped(x, y.shape) for x, y in zip(bars, wanted, strict=True)]
        if once is not None and not self.same(zip(wanted, bars, strict=True)):
            wanted = self._pulled(self._run, [seed])
        first = self._run.values[self._graph.outputs[0]], lift(value)
        return [first, *zip(wanted, bars, strict=True)]

    # --- what a text gave ---

    def _next(self, shape: tuple[int, ...]) -> Residues:
        """The next part."""
        part = next(self._found, None)
        part = None if part is None else _shaped(part, shape)
        if part is None or part.shape != shape:
            raise TypeError(f"found a part {part and part.shape}; expected one of shape {shape}")
        return part

    def _parts(self, shapes: Sequence[tuple[int, ...]]) -> list[Residues]:
        return [self._next(shape) for shape in shapes]

    # --- runs ---

    def _unknowns(self, shapes: Sequence[tuple[int, ...]]) -> list[Residues]:
        return [self._field.unknown(shape) for shape in shapes]

    def _pulled(self, run: ArrayRun, seeds: Sequence[Residues]) -> list[Residues]:
        """The cotangents of the differentiated inputs."""
        total: dict[int, Residues] = {}
        for output, seed in zip(run.graph.outputs, seeds, strict=True):
            total[output] = total[output] + seed if output in total else seed
        bars = run.pulled(total)
        return [bars[i] for i in self._chosen]

    def _one(self) -> list[Residues]:
        if self._once is None:
            self._once = self._pulled(self._run, [self._field.lift(1.0)])
        return self._once

    @property
    def _outputs(self) -> list[tuple[int, ...]]:
        return [self._graph.nodes[i].shape for i in self._graph.outputs]

    def _slope(self) -> Iterator[tuple[object, object]]:
        """Run our gradient's graph, the first time beside the chain rule."""
        if self._second is None:
            values = self._run.values[: self._graph.inputs.count]
            with self._reading():  # our graph, which has folded what the text has
                self._second = ArrayRun(gradient(self._graph, self._wrt), values, self._field)
            outputs = [self._second.values[i] for i in self._second.graph.outputs]
            yield from zip(self._one(), outputs, strict=True)

    # --- quantities ---

    def _value(self) -> Iterator[tuple[object, object]]:
        values = [self._run.values[i] for i in self._graph.outputs]
        yield from zip(values, self._parts(self._outputs), strict=True)

    def _gradient(self) -> Iterator[tuple[object, object]]:
        yield from zip(self._one(), self._parts(self._shapes), strict=True)

    def _vjp(self) -> Iterator[tuple[object, object]]:
        cotangents = self._extra[-len(self._outputs) :]
        bars = self._pulled(self._run, cotangents)
        yield from zip(bars, self._parts(self._shapes), strict=True)

    def _jvp(self) -> Iterator[tuple[object, object]]:
        yield from self._product(self._run, self._outputs)

    def _hvp(self) -> Iterator[tuple[object, object]]:
        yield from self._slope()
        assert self._second is not None
        yield from self._product(self._second, self._shapes)

    def _product(
        self, run: ArrayRun, shapes: Sequence[tuple[int, ...]]
    ) -> Iterator[tuple[object, object]]:
        """``(u J) v`` and ``u (J v)`` for a random u; with loops, ``J v`` as it goes forwards."""
        dots, parts = self._extra[: len(self._chosen)], self._parts(shapes)
        if loops_of(run.graph):
            yield from zip(self._pushed(run, dots), parts, strict=True)
            return
        seeds = self._unknowns(shapes)
        yield inner(self._pulled(run, seeds), dots), inner(seeds, parts)

    def _pushed(self, run: ArrayRun, dots: Sequence[Residues]) -> list[Residues]:
        return tangents_of_outputs(run, dict(zip(self._chosen, dots, strict=True)))

    def _jacobian(self) -> Iterator[tuple[object, object]]:
        yield from self._matrix("jacobian", self._run, self._outputs)

    def _hessian(self) -> Iterator[tuple[object, object]]:
        yield from self._slope()
        assert self._second is not None
        yield from self._matrix("hessian", self._second, self._shapes)

    def _matrix(
        self, one: str, run: ArrayRun, rows: Sequence[tuple[int, ...]]
    ) -> Iterator[tuple[object, object]]:
        """``u J`` by the chain rule, and the matrix multiplied by u."""
        seeds = self._unknowns(rows)
        bars = self._pulled(run, seeds)
        pattern = self._patterns.get(one)
        if pattern is not None:
            yield self._sparse(pattern, seeds, bars)
            return
        blocks = [[self._next(outer + inner) for inner in self._shapes] for outer in rows]
        totals: list[Any] = [0.0] * len(bars)
        for seed, row in zip(seeds, blocks, strict=True):
            for k, block in enumerate(row):
                totals[k] = totals[k] + multiplied(seed, block)
        pairs: list[tuple[object, object]] = list(zip(bars, totals, strict=True))
        if loops_of(run.graph) and not self.same(pairs):
            pairs = list(self._block_by_block(run, rows, blocks, one == "hessian"))
        yield from pairs

    def _block_by_block(
        self,
        run: ArrayRun,
        rows: Sequence[tuple[int, ...]],
        blocks: Sequence[Sequence[Residues]],
        mirrored: bool,
    ) -> Iterator[tuple[object, object]]:
        """Each block by the way that its loops go: backwards, or forwards with tangents.

        A Hessian is found below its diagonal; what is above mirrors that.
        """
        lift, unknown = self._field.lift, self._field.unknown
        dots = [unknown(shape) for shape in self._shapes]
        tangents = [
            tangents_of_outputs(run, {i: dot}) for i, dot in zip(self._chosen, dots, strict=True)
        ]
        for j, row in enumerate(blocks):
            seeds = [unknown(s) if i == j else lift(np.zeros(s)) for i, s in enumerate(rows)]
            bars = self._pulled(run, seeds)
            for k, block in enumerate(row):
                backwards = bars[k], multiplied(seeds[j], block)
                if mirrored and j < k:
                    below, first = blocks[k][j], len(self._shapes[k])
                    yield transpose(below, (*range(first, below.ndim), *range(first))), block
                elif self.same([backwards]):
                    yield backwards
                else:
                    yield tangents[k][j], applied(block, dots[k])

    def _lifted(self, pairs: Iterable[tuple[object, object]]) -> Pairs:
        return [(self._field.lift(x), self._field.lift(y)) for x, y in pairs]

    def _sparse(
        self, pattern: Pattern, seeds: Sequence[Residues], bars: Sequence[Residues]
    ) -> tuple[object, object]:
        """As ``_matrix``; what is not kept is zero."""
        entries = self._next((pattern.count,))
        rows, columns = (np.asarray(x, np.float64) for x in (pattern.rows, pattern.columns))
        terms = gather(_flat(self._field, seeds), self._field.lift(rows)) * entries
        made = scatter_add(terms, self._field.lift(columns), 0, pattern.shape[1])
        return _flat(self._field, bars), made


def _shaped(part: Residues, shape: tuple[int, ...]) -> Residues:
    """A part of a text; what stands in a list is an array row by row."""
    if len(shape) > 1 and part.shape == (int(np.prod(shape)),):
        return part.reshape(shape)
    return part


def _flat(field: ArrayField, parts: Sequence[Residues]) -> Residues:
    """All numbers of some parts, side by side."""
    flat = [reshape(part, (part.size,)) for part in parts]
    return field.lift(
        np.concatenate([x.known for x in flat])
        if all(x.known is not None for x in flat)
        else Residues(
            field,
            np.concatenate([x.v for x in flat], axis=1),
            max(x.n for x in flat),
            max(x.d for x in flat),
        )
    )


def _random_inputs(frame: Graph, field: ArrayField) -> list[Residues]:
    """Random elements for the arguments; random places for those that are index maps."""
    draw, bounds = np.random.default_rng(), index_bounds(frame)
    inputs = []
    for i, shape in enumerate(frame.inputs.shapes):
        if i in bounds:
            inputs.append(field.lift(draw.integers(0, max(bounds[i], 1), shape)))
        else:
            inputs.append(field.unknown(shape))
    return inputs
