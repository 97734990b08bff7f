"""Native calls with containers: the numbers of each call are its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient
from tests.at_once import at_once


def loss(p: Any, rows: Any) -> Any:
    """Takes a dict with arrays, a float and None, and a list of floats."""
    return np.sum(p["w"] @ p["b"]) * p["c"] + rows[0] * rows[1] ** 2


def arguments(scale: float = 1.0) -> tuple[Any, Any]:
    """One point."""
    w = scale * np.arange(1.0, 7.0).reshape(2, 3)
    return {"w": w, "b": np.array([1.0, -2.0, 0.5]), "c": scale, "n": None}, [scale, 3.0]


def flat(value: Any) -> list[float]:
    """All numbers of a result, in order."""
    if isinstance(value, dict):
        return [x for item in value.values() for x in flat(item)]
    if isinstance(value, (list, tuple)):
        return [x for item in value for x in flat(item)]
    return [] if value is None else np.ravel(value).tolist()


def test_results_have_the_interpreters_bits() -> None:
    """Scalars and arrays of every call are in their places, of the same types."""
    df, graph = compile_gradient(loss, *arguments(), target="native"), ad.trace(loss, *arguments())
    for scale in (1.0, -0.0, 0.1, float("inf"), float("nan")):
        found, wanted = df(*arguments(scale)), ad.backpropagate(graph, *arguments(scale))
        assert repr(found) == repr(wanted)


def test_a_result_is_not_changed_by_the_next_call() -> None:
    """What a call returned belongs to the caller."""
    df = compile_gradient(loss, *arguments(), target="native")
    first = df(*arguments(2.0))
    kept = flat(first)
    df(*arguments(5.0))
    first[1][0]["w"][...] = 7.0
    assert kept != flat(first)
    assert flat(df(*arguments(2.0))) == kept


def test_threads_do_not_meet() -> None:
    """Each call has room of its own."""
    df = compile_gradient(loss, *arguments(), target="native")
    expected = {scale: flat(df(*arguments(scale))) for scale in (1.0, 2.0, 3.0)}

    def is_right(scale: float) -> bool:
        return all(flat(df(*arguments(scale))) == expected[scale] for _ in range(300))

    assert all(at_once(is_right, expected))


@pytest.mark.parametrize(
    "change",
    [{"c": 2}, {"w": np.ones((2, 3), np.float32)}, {"w": np.asfortranarray(np.ones((2, 3)))},
     {"w": [[1.0, 2.0, 3.0]] * 2}, {"b": np.ones(6)[::2]}],
)  # fmt: skip
def test_other_numbers_are_converted(change: dict[str, Any]) -> None:
    """What is no float or plain array gives what it stands for."""
    df, (p, rows) = compile_gradient(loss, *arguments(), target="native"), arguments()
    plain = {key: np.array(value, float) if key != "c" else 2.0 for key, value in change.items()}
    assert flat(df({**p, **change}, rows)) == flat(df({**p, **plain}, rows))


@pytest.mark.parametrize("change", [{"c": "1"}, {"w": np.ones((3, 2))}, {"n": 1.0}, {"z": 1.0}])
def test_wrong_ones_are_refused(change: dict[str, Any]) -> None:
    """The error names the path."""
    df, (p, rows) = compile_gradient(loss, *arguments(), target="native"), arguments()
    with pytest.raises(ad.ArgumentError, match="loss: argument p"):
        df({**p, **change}, rows)
