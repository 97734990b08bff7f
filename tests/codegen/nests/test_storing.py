"""Places in memory that calls share."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from codegen.nests.lower.loop_statement import Access, Home, Statement, Tensor
from codegen.nests.storing import shared_places

_TREES = 12


def _touch(tensor: int) -> Statement:
    access = Access(tensor, 0, ())
    return Statement((), access, None, (access,))


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, 1, 8, 9, 100]),
            st.tuples(st.integers(0, _TREES), st.integers(0, _TREES)).map(sorted),
        ),
        max_size=25,
    )
)
def test_tensors_that_live_together_lie_apart(drawn: list[tuple[int, list[int]]]) -> None:
    """No number has two owners at a time, and the memory ends where the last tensor does."""
    tensors = [Tensor(size, Home.WORK) for size, _ in drawn]
    touched = sorted((k, t) for t, (_, life) in enumerate(drawn) for k in life)
    trees = [_touch(t) for _, t in touched]
    at = {t: [k for k, (_, found) in enumerate(touched) if found == t] for t in range(len(drawn))}
    places, length = shared_places(trees, tensors, {})
    ends = {t: place + tensors[t].size for t, place in places.items()}
    assert all(end <= length for end in ends.values())
    for a, b in combinations(places, 2):
        together = at[a][0] <= at[b][-1] and at[b][0] <= at[a][-1]
        assert not together or ends[a] <= places[b] or ends[b] <= places[a]


def test_places_are_used_again() -> None:
    """A chain of tensors of which two live at a time takes the room of two."""
    tensors = [Tensor(16, Home.WORK) for _ in range(50)]
    trees = [
        Statement((), Access(t + 1, 0, ()), None, (Access(t, 0, ()),))
        for t in range(len(tensors) - 1)
    ]
    assert shared_places(trees, tensors, {})[1] == 32
