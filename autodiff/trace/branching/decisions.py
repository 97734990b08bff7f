"""Decisions: what ``if`` hears about a traced condition, and which paths that leaves to run.

A function is run once along each path.  The first path is the one that the examples take; from
then on the last decision that was not turned yet is turned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple, TypeVar

from autodiff.errors import ProofgradError, TraceError, user_location
from autodiff.graph.graph import Builder
from autodiff.origins.origin import Refusal
from autodiff.trace.branching.example_values import ExampleValues
from autodiff.trace.branching.restarts import BranchedError

__all__ = ["Decided", "Decisions", "Path", "Raised"]

_PATHS = 64
_ALONG_A_PATH = 10_000  # decisions: more are a loop that does not end
_ASKED = 100_000  # times that conditions are looked at along one path
_Result = TypeVar("_Result")


class Decided(NamedTuple):
    """One decision along a path."""

    condition: int  # its node
    holds: bool
    place: str  # the user's line


class Raised(NamedTuple):
    """The result of a path that ends in an exception of the user's."""

    error: Exception


class Path(NamedTuple):
    """A path through a function."""

    decided: tuple[Decided, ...]
    result: object
    refused: tuple[Refusal, ...] = ()  # where the path has no result after all


class Decisions:
    """Answers whether traced conditions hold, along one path after another.

    Args:
        builder: What records the function.
        values: What conditions are at the examples.
        whole: Inputs that are whole numbers, and no numbers at all if the function branches on
            them alone.

    Attributes:
        straight: True while the function is taken for one that does not branch.
    """

    def __init__(
        self,
        builder: Builder,
        values: ExampleValues,
        whole: Collection[int] = (),
    ) -> None:
        self.straight = False
        self._builder, self._values, self._whole = builder, values, frozenset(whole)
        self._wanted: Sequence[Decided] = ()
        self._decided: list[Decided] = []
        self._known: dict[int, bool] = {}
        self._asked = 0
        self.within: list[tuple[int, bool]] = []  # sides that run now
        self._refused: list[Refusal] = []

    def at_example(self, condition: int) -> bool | None:
        """Whether a condition holds at the examples; None if that is not known."""
        return self._values.holds(condition)

    def is_of(self, builder: Builder) -> bool:
        """True if this decides for what ``builder`` records."""
        return builder is self._builder

    @property
    def refusals(self) -> int:
        """How often it was noted on this path that there is no result."""
        return len(self._refused)

    def taken_back(self, since: int) -> list[Refusal]:
        """What was noted since then, which is noted no longer."""
        found = self._refused[since:]
        del self._refused[since:]
        return found

    def refuse(self, condition: int, error: Exception) -> None:
        """Note that there is no result where a condition holds, on the sides that run now."""
        within = [side for side in self.within if side[0] >= 0]
        self._refused.append(((*within, (condition, True)), error))

    def decide(self, condition: int) -> bool | None:
        """Whether a condition holds on this path; None if it must not be decided.

        Raises:
            TraceError: if there is no end to the decisions, or if the function asks for another
                condition than it did when it ran before.
            BranchedError: if it was taken for one without branches.
        """
        number = self._builder.value(condition)
        if number is not None:
            return bool(number)
        self._asked += 1
        if self._asked > _ASKED:
            raise TraceError(
                f"{user_location()}: {_ASKED} decisions on traced values; does this loop end? "
                "A loop whose number of repetitions depends on values needs a bound: for _ in "
                "range(n), with break"
            )
        known = self._known.get(condition)
        if known is not None:
            return known
        if self._whole and self._is_of_whole(condition):
            return None
        at = len(self._decided)
        if at < len(self._wanted):
            wanted = self._wanted[at]
            if wanted.condition != condition:
                raise TraceError(f"{user_location()}: {_CHANGES}")
            answer = wanted
        else:
            if at >= _ALONG_A_PATH:
                raise self._endless()
            if self.straight:
                raise BranchedError(self)
            holds = self._values.holds(condition)
            answer = Decided(condition, True if holds is None else holds, user_location())
        self._decided.append(answer)
        self._known[condition] = answer.holds
        return answer.holds

    def known(self, builder: Builder, condition: int) -> bool | None:
        """What is known of a condition on this path."""
        if builder is not self._builder:
            return None
        return self._known.get(condition)

    def must_not_decide(self, builder: Builder, condition: int) -> bool:
        """True for a condition of whole numbers that may be none."""
        return builder is self._builder and bool(self._whole) and self._is_of_whole(condition)

    def paths(self, run: Callable[[], object], source: str) -> list[Path]:
        """What ``run`` gives along each path, the example's own first.

        Args:
            run: Runs the function.
            source: How to call it in an error.

        Raises:
            TraceError: if there are too many paths, or a path that has no end.
        """
        found: list[Path] = []
        pending: list[tuple[Decided, ...]] = [()]
        while pending:
            if len(found) == _PATHS:
                raise self._too_many(found)
            wanted = pending.pop()
            found.append(self._along(wanted, run))
            decided = found[-1].decided
            for at in range(len(wanted), len(decided)):
                one = decided[at]
                pending.append((*decided[:at], one._replace(holds=not one.holds)))
        if not self.straight:
            self._hold_to(found[0], run, source)
        return found

    def _along(self, wanted: tuple[Decided, ...], run: Callable[[], object]) -> Path:
        self._wanted, self._decided, self._known, self._asked = wanted, [], {}, 0
        self.within, self._refused = [], []
        try:
            result = run()
        except ProofgradError:
            raise
        except Exception as error:  # meant, as the function's result on this path
            if not wanted:  # the example's own path
                raise
            result = Raised(error.with_traceback(None))
        if len(self._decided) < len(wanted):
            raise TraceError(f"{wanted[-1].place}: {_CHANGES}")
        return Path(tuple(self._decided), result, tuple(self._refused))

    def _hold_to(self, first: Path, run: Callable[[], object], source: str) -> None:
        """Run along the first path again: the function must do what it did."""
        count = len(self._builder.nodes)
        again = self._along(first.decided, run)
        if len(again.decided) > len(first.decided) or len(self._builder.nodes) > count:
            raise TraceError(f"{source}: {_CHANGES}")

    def _is_of_whole(self, condition: int) -> bool:
        """True if a condition depends on inputs that are whole numbers, and on no others."""
        nodes, seen, queue = self._builder.nodes, {condition}, [condition]
        while queue:
            index = queue.pop()
            node = nodes[index]
            if node.primitive is None and not node.params and index not in self._whole:
                return False
            fresh = [i for i in node.operands if i not in seen]
            seen.update(fresh)
            queue += fresh
        return True

    def _endless(self) -> TraceError:
        place, count = Counter(one.place for one in self._decided).most_common(1)[0]
        return TraceError(
            f"{place}: {count} decisions here along one path; does this loop end? A loop whose "
            "number of repetitions depends on values needs a bound: for _ in range(n), with break"
        )

    def _too_many(self, found: Sequence[Path]) -> TraceError:
        forks = Counter({one[:2]: one.place for path in found for one in path.decided}.values())
        places = [f"{place} ({count} of them)" for place, count in forks.most_common(3)]
        line = places[0].partition(" ")[0]
        return TraceError(
            f"{line}: more than {_PATHS} paths through the function. Branches on traced values: "
            f"{', '.join(places)}. Choose values with np.where(condition, x, y), np.maximum, "
            "np.minimum or np.clip there; bound a loop whose end depends on values: for _ in "
            "range(n): if condition: ..., whose sides meet after each repetition"
            + (_NO_SOURCE if line.startswith("<") else "")
        )


_NO_SOURCE = (
    ". Sides of one branch meet where its source can be read: write the function in a file, not "
    "at the prompt or by exec"
)
_CHANGES = (
    "the function does something else each time it is run (random numbers, the clock, a counter, "
    "state that it keeps?). Draw them outside and pass them as an argument"
)
