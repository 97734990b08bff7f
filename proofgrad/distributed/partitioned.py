"""A sum over rows in partitions: one task a partition, one tree of sums over them.

The tree depends on the number of partitions alone, never on which worker is done first, and tasks
are pure; so the result has the same bits on any number of machines, and after any of them was lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autodiff.errors import ArgumentError
from autodiff.graph.tree.tree import tree_of
from autodiff.run.reverse_plan import selected
from autodiff.trace.functions.named_arguments import argument_names
from codegen import CompiledFunction
from proofgrad.distributed.schedulers import Rows, Scheduler
from proofgrad.distributed.sent_text import Part, added, kernel_of, part_of

__all__ = ["Partitioned", "Wrt", "shared_arguments"]

Wrt = int | str | Sequence[int | str]
_ADDED_AT_ONCE = 16


def shared_arguments(
    caller: str, function: Callable[..., object], count: int, wrt: Wrt
) -> tuple[list[str], list[bool]]:
    """The names of a function's arguments, and which of them all rows share: the first ones.

    Raises:
        ArgumentError: if no argument has rows, or the shared ones do not come first.
    """
    names = argument_names(function, count)
    positions, _ = selected(names, wrt)
    shared = [place in positions for place in range(len(names))]
    if all(shared) or shared != sorted(shared, reverse=True):
        raise ArgumentError(
            f"{caller}: found wrt={wrt!r} of the arguments {', '.join(names) or 'none'}; "
            "expected the shared ones first, and one or more with rows behind them"
        )
    return names, shared


class Partitioned:
    """A sum over rows; made by ``distribute`` or ``normal_equations``.

    Args:
        compiled: The function of a batch, summed.
        names: Names of the user's arguments.
        shared: For each argument, whether all rows have the same.
        scheduler: Who runs the tasks.
    """

    def __init__(
        self,
        compiled: CompiledFunction,
        names: Sequence[str],
        shared: Sequence[bool],
        scheduler: Scheduler,
    ) -> None:
        self.compiled, self.scheduler = compiled, scheduler
        self._names = list(names)
        self.shared_count = sum(shared)
        self._kernel = kernel_of(compiled)

    def lazy(self, *args: object) -> object:
        """The task that a call waits for: Dask's ``Delayed``, or a reference of Ray.

        Its result is one array: the numbers of the sum in order, and behind them how many rows it
        is of.
        """
        self._require_count(args)
        count = self.shared_count
        return self.task(self.packed(args[:count]), self.rows(args[count:]))

    def rebuilt(self, part: Part) -> Any:
        """What a call of the compiled function gives, from its numbers."""
        return tree_of(self.compiled.result).rebuild(part[:-1].tolist())

    def packed(self, shared: Sequence[object]) -> Sequence[object]:
        """The shared arguments, as the compiled function takes them."""
        return shared

    def task(self, shared: Sequence[object], rows: Rows) -> object:
        """The sum over rows, to be computed."""
        scheduler = self.scheduler
        kernel, values = scheduler.shared(self._kernel), scheduler.shared(list(shared))
        parts = scheduler.parts(part_of, rows, kernel, values)
        while len(parts) > 1:
            parts = [scheduler.task(added, *few) for few in _in_turn(parts)]
        return parts[0]

    def rows(self, args: Sequence[object]) -> Rows:
        """The rows of the arguments that are not shared.

        Raises:
            ArgumentError: if they are no collections of the scheduler, or differ in partitions.
        """
        names = self._names[self.shared_count :]
        columns = self.scheduler.columns(args[0]) if len(args) == 1 else None
        if columns is not None and (len(names) > 1 or names[0] in columns):
            missing = [name for name in names if name not in columns]
            if missing:
                raise ArgumentError(
                    f"{self._name}: found a DataFrame with the columns "
                    f"{', '.join(map(str, columns))}; expected {', '.join(missing)} as well"
                )
            return self.scheduler.of_frame(args[0], names)
        if len(args) != len(names):
            self._refuse_count(self.shared_count + len(args))
        given = dict(zip(names, args, strict=True))
        counts = {name: self.scheduler.count(name, rows) for name, rows in given.items()}
        if len(set(counts.values())) != 1:
            raise ArgumentError(
                f"{self._name}: found different numbers of partitions: {counts}; expected the same "
                "rows in each. Use .rechunk(...) or .repartition(...)"
            )
        return self.scheduler.of_arguments(given)

    def _require_count(self, args: Sequence[object]) -> None:
        if len(args) <= self.shared_count:
            self._refuse_count(len(args))

    def _refuse_count(self, found: int) -> None:
        raise ArgumentError(
            f"{self._name}: found {found} arguments; expected {len(self._names)} "
            f"({', '.join(self._names)})"
        )

    @property
    def _name(self) -> str:
        return self.compiled.graph.name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} sum of {self._name} over {', '.join(self._with_rows())}>"

    def _with_rows(self) -> Iterator[str]:
        yield from self._names[self.shared_count :]


def _in_turn(parts: Sequence[object]) -> Iterator[Sequence[object]]:
    """Neighbours that one task adds.  A power of two of them, so that the tree stays the same."""
    return (parts[start : start + _ADDED_AT_ONCE] for start in range(0, len(parts), _ADDED_AT_ONCE))
