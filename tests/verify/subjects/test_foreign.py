"""Gradients somebody else wrote: callables, traced or not, and source text."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen import compile_gradient, compile_graph
from tests.verify.subjects.foreign_cases import f, g, verdict
from verify import Verdict, verify_gradient

FORMS: list[Callable[..., Any]] = [
    lambda x, y: (y + np.cos(x), x),
    lambda x, y: [y + np.cos(x), x],
    lambda x, y: np.array([y + np.cos(x), x]),
    lambda x, y: (f(x, y), (y + np.cos(x), x)),
    lambda x, y: (f(x, y), np.array([y + np.cos(x), x])),
    lambda x, y, scale=1.0: (scale * y + np.cos(x), x),
    ad.grad(f),
    ad.value_and_grad(f),
]


@pytest.mark.parametrize("gradient", FORMS)
def test_right_gradients_are_proved_in_any_form(gradient: Callable[..., Any]) -> None:
    """Tuple, list, array, with the value or without: all are proved."""
    assert verdict(gradient) is Verdict.PROVED


def filled(w: Any) -> Any:
    """An array that numbers are written to."""
    slopes = np.zeros(3)
    for i in range(3):
        slopes[i] += 2.0 * w[i]
    slopes[:2] += w[1::-1]
    return slopes


ARRAYS: list[Callable[..., Any]] = [
    filled,
    lambda w: 2.0 * w + np.array([w[1], w[0], 0.0 * w[2]]),
    lambda w: [2.0 * w[0] + w[1], 2.0 * w[1] + w[0], 2.0 * w[2]],
    lambda w: (2.0 * w + np.array([w[1], w[0], 0.0 * w[2]]),),
    lambda w: (g(w), 2.0 * w + np.array([w[1], w[0], 0.0 * w[2]])),
]


@pytest.mark.parametrize("gradient", ARRAYS)
def test_gradients_of_arrays_are_proved(gradient: Callable[..., Any]) -> None:
    """An array, a list or a tuple of one array is the gradient by an array."""
    assert verdict(gradient, g, np.ones(3)) is Verdict.PROVED


def _of_ramps(w: Any) -> Any:
    return np.sum(np.maximum(w, 0.0) ** 2)


@pytest.mark.parametrize(("below", "verdict"), [(0.0, Verdict.PROVED), (1e-3, Verdict.REFUTED)])
def test_gradients_written_under_masks_are_traced(below: float, verdict: Verdict) -> None:
    """Which elements are written hangs on the numbers: traced as whole arrays, read as numbers."""

    def masked(w: Any) -> Any:
        g = 2.0 * w
        g[w < 0.0] = below
        return g

    def chosen(w: Any) -> Any:
        g = np.full(2, below)
        at = w > 0.0
        g[at] = 2.0 * w[at]
        return g

    for gradient in (masked, chosen):
        report = verify_gradient(_of_ramps, np.array([0.5, -0.3]), gradient=gradient)
        assert report.verdict is verdict, f"{gradient.__name__}\n{report}"
        assert "floats at" not in str(report)


def _left_out(w: Any) -> Any:
    g = np.empty_like(w)
    g[w > 0.0] = w[w > 0.0]
    g[w < 0.0] = w[w < 0.0]
    return g


def _times_nothing(w: Any) -> Any:
    unwritten = np.empty(2)
    return w + 0.0 * unwritten


def _filled(w: Any) -> Any:
    g = np.empty(2)
    g[0] = w[0]
    g[1:] = w[1:]
    return g


def _filled_under_masks(w: Any) -> Any:
    g, low = np.empty_like(w), w < 0.0
    g[low] = w[low]
    g[~low] = w[~low]
    return g


@pytest.mark.parametrize("gradient", [_left_out, _times_nothing])
def test_memory_that_nobody_wrote_is_no_number(gradient: Callable[..., Any]) -> None:
    """Where it was 0 when the gradient was called, it need not be the next time."""
    report = verify_gradient(lambda w: 0.5 * np.sum(w**2), np.ones(2), gradient=gradient)
    assert report.verdict not in (Verdict.PROVED, Verdict.CERTIFIED), report


@pytest.mark.parametrize("gradient", [_filled, _filled_under_masks])
def test_memory_that_is_written_is_what_was_written(gradient: Callable[..., Any]) -> None:
    """Element by element, or under masks that leave none out."""
    report = verify_gradient(lambda w: 0.5 * np.sum(w**2), np.ones(2), gradient=gradient)
    assert report.verdict is Verdict.PROVED, report


def test_one_scalar_argument_has_a_bare_gradient() -> None:
    """The gradient by one float may be a float, a tuple of one, or the pair with the value."""
    for gradient in (lambda x: 2.0 * x, lambda x: (2.0 * x,), lambda x: (x * x, 2.0 * x)):
        assert verdict(gradient, lambda x: x * x, 1.0) is Verdict.PROVED


def test_compiled_gradients_are_read() -> None:
    """Our own compiled code stands for itself, whichever function it was made from."""
    assert verdict(compile_gradient(f, 1.0, 2.0)) is Verdict.PROVED
    assert verdict(compile_graph(ad.gradient(ad.trace(f, 1.0, 2.0)))) is Verdict.PROVED
    other = compile_gradient(lambda x, y: x * y, 1.0, 2.0)
    assert verdict(other) is Verdict.REFUTED


WRONG: list[tuple[Callable[..., Any], str]] = [
    (lambda x, y: (y - np.cos(x), x), ""),
    (lambda x, y: (x, y + np.cos(x)), "this is the derivative by y"),
    (lambda x, y: (-y - np.cos(x), x), "the sign is wrong"),
    (lambda x, y: (y, x), ""),
    (lambda x, y: (1.0003 * (y + np.cos(x)), x), ""),
    (lambda x, y: (y + np.cos(x) + 1e-20, x), ""),
    (lambda x, y: (np.where(x > 1.2, y, y + np.cos(x)), x), ""),
    (lambda x, y: (0.0, 0.0), ""),
    (lambda x, y: (math.nan, math.nan), ""),
]


@pytest.mark.parametrize(("gradient", "note"), WRONG)
def test_wrong_gradients_are_refuted(gradient: Callable[..., Any], note: str) -> None:
    """A wrong entry is refuted with point and numbers; common mistakes are named."""
    entry = verify_gradient(f, 1.0, 2.0, gradient=gradient).entries[0]
    assert entry.verdict is Verdict.REFUTED
    assert entry.witness is not None
    assert set(entry.witness.point) == {"x", "y"}
    assert note in entry.note


def test_a_wrong_value_is_refuted() -> None:
    """The value that comes with a gradient is verified, too."""
    report = verify_gradient(f, 1.0, 2.0, gradient=lambda x, y: (x * y, (y + np.cos(x), x)))
    assert report.value is not None
    assert report.value.verdict is Verdict.REFUTED
    assert [e.verdict for e in report.entries] == [Verdict.PROVED, Verdict.PROVED]
    assert report.verdict is Verdict.REFUTED


SLOPE = 1.0


def helper(x: float) -> float:
    """Called by a gradient: found through its globals, and calls math itself."""
    return SLOPE * math.cos(x)


def with_helper(x: float, y: float) -> Any:
    """A gradient written for floats."""
    total = 0.0
    for _ in range(2):
        total += 0.5 * y
    return math.fsum([total, helper(x)]), float(max(x, x))


class Gradients:
    """A gradient may be a method."""

    def by_hand(self, x: float, y: float) -> Any:
        """The gradient of f."""
        return y + math.cos(x), x


def closure() -> Callable[..., Any]:
    """A gradient that finds what it calls in a closure."""
    cosine = math.cos

    def inner(x: float) -> float:
        return cosine(x)

    return lambda x, y: (inner(x) + y, x)


FLOATS = [
    lambda x, y: (y + math.cos(x), x),
    with_helper,
    Gradients().by_hand,
    closure(),
]


@pytest.mark.parametrize("gradient", FLOATS)
def test_gradients_that_call_math_are_proved(gradient: Callable[..., Any]) -> None:
    """math.cos needs a float, so a copy of the gradient that finds ours instead is traced."""
    assert verdict(gradient) is Verdict.PROVED
    assert math.cos(0.0) == 1.0  # nothing of the original was changed
    assert isinstance(with_helper(1.0, 2.0)[0], float)


def test_wrong_gradients_that_call_math_are_refuted() -> None:
    """The copy means what the original means, errors included."""
    assert verdict(lambda x, y: (y + math.sin(x), x)) is Verdict.REFUTED
    assert verdict(lambda x, y: (y + math.log(math.exp(x), 2.0), x)) is Verdict.REFUTED


def test_a_gradient_that_changes_its_argument_is_told() -> None:
    """It cannot be traced, and whoever calls it finds another array than it passed."""

    def doubled(x: Any) -> Any:
        x *= 2.0
        return x

    def copied(x: Any) -> Any:
        return doubled(x.copy())

    for gradient, changes in ((doubled, True), (copied, False)):
        report = verify_gradient(lambda x: np.sum(x * x), np.ones(2), gradient=gradient)
        assert ("changes the array that it is given" in str(report)) is changes
        assert (report.verdict is Verdict.PROVED) is not changes


@pytest.mark.parametrize(
    "gradient",
    ["def g(y, x):\n    return 2.0 * y * x, y * y\n", lambda y, x: (2.0 * y * x, y * y)],
)
def test_arguments_under_each_others_names_are_refused(gradient: Any) -> None:
    """Right by place is wrong by name; whoever takes them by place alone may call them so."""
    with pytest.raises(
        ad.ArgumentError, match=r"takes \(y, x\), the arguments of .* another order"
    ):
        verify_gradient(lambda x, y: x * x * y, 1.0, 2.0, gradient=gradient)
    by_place = "def g(y, x, /):\n    return 2.0 * y * x, y * y\n"
    report = verify_gradient(lambda x, y: x * x * y, 1.0, 2.0, gradient=by_place)
    assert report.verdict is Verdict.PROVED


def _knocked_out(s: Any) -> Any:
    """What a call is worth on a few paths that stay below a barrier."""
    total = 0.0
    for z in (-1.2, -0.3, 0.4, 1.1):
        end = s * math.exp(0.2 * z - 0.02)
        if end < 120.0:
            total += max(end - 95.0, 0.0)
    return total / 4


def _slope_knocked_out(s: Any, most: float = 120.0) -> Any:
    delta = 0.0
    for z in (-1.2, -0.3, 0.4, 1.1):
        m = math.exp(0.2 * z - 0.02)
        if 95.0 < s * m < most:
            delta += m
    return delta / 4


@pytest.mark.parametrize(("most", "verdict"), [(120.0, Verdict.PROVED), (119.9, Verdict.REFUTED)])
def test_branches_of_a_gradient_meet(most: float, verdict: Verdict) -> None:
    """As those of functions do, so that many in a row are not more paths than can be run."""
    report = verify_gradient(_knocked_out, 100.0, gradient=lambda s: _slope_knocked_out(s, most))
    assert report.verdict is verdict, report


@pytest.mark.parametrize(("most", "verdict"), [("120.0", True), ("119.9", False)])
def test_what_a_text_computes_of_numbers_is_the_double_of_the_trace(
    most: str, verdict: bool
) -> None:
    """Also in what it asks: the function asks for the same double times s."""
    text = (
        "import math\ndef g(s):\n d = 0.0\n for z in (-1.2, 0.4):\n"
        f"  m = math.exp(0.2*z - 0.02)\n  if 95.0 < s*m < {most}:\n   d += m\n return d\n"
    )

    def function(s: Any) -> Any:
        total = 0.0
        for z in (-1.2, 0.4):
            end = s * math.exp(0.2 * z - 0.02)
            if end < 120.0:
                total += max(end - 95.0, 0.0)
        return total

    report = verify_gradient(function, 100.0, gradient=text)
    assert (report.verdict is Verdict.PROVED) is verdict, report


def _soft_maximum(*x: Any) -> Any:
    m = max(x)
    return m + ad.log(sum(ad.exp(v - m) for v in x))


@pytest.mark.parametrize("count", [5, 6, 10])
def test_branches_meet_before_their_paths_are_too_many(count: int) -> None:
    """A trace along dozens of paths is worth less than one in which they meet."""

    def slope(*x: Any) -> Any:
        m = max(x)
        total = sum(ad.exp(v - m) for v in x)
        return tuple(ad.exp(v - m) / total for v in x)

    def other(*x: Any) -> Any:
        return tuple(s + (1.0 if max(x) == x[-1] else 0.0) for s in slope(*x))

    x = [0.1 * k * (5.5 - k) for k in range(count)]
    report = verify_gradient(_soft_maximum, *x, gradient=slope)
    assert report.verdict is Verdict.PROVED, report
    assert verify_gradient(_soft_maximum, *x, gradient=other).verdict is Verdict.REFUTED
