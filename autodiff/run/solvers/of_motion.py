"""``scipy.integrate.odeint`` and ``solve_ivp`` as steps of a fixed number between two times.

SciPy chooses steps as it goes, for the value alone; how its choice moves with a parameter is no
derivative of the solution.  Here the steps are recorded: Dormand and Prince's method of order 8,
so many of them between two times as its own estimate of the error asks for at the examples.  The
estimate stays in what is recorded: for arguments that need shorter steps the solution is nan.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from autodiff.errors import ProofgradError, TraceError, user_location
from autodiff.graph.structure import SCALAR
from autodiff.run.interpret import evaluate
from autodiff.table.primitive import Quantity
from autodiff.trace.array_operand import WholeArray
from autodiff.trace.libraries.constructors import as_array
from autodiff.trace.placeholder import Tracer
from autodiff.trace.regions.scan import scan

__all__ = ["SOLVERS", "at_examples", "one_or_nan"]

Slopes = Callable[[Any, Any], Any]
_TIGHT = 1e-9  # the estimate of order 5 at which the method of order 8 is right to 1e-12
_LOOSE, _MOST_LOOSE = 1e-7, 1e-6  # and that above which it says nothing, by what is asked for
_NEAR = 1e-5  # how near SciPy comes to a solution
_OFF, _FAR = 1e3, 0.05  # how many tolerances of a step it may be off, and what at most
_UNKNOWN = 8  # steps where examples say nothing
_MOST = 256
_BLIND = 32  # steps with which an estimate is finite, unless the equation is stiff
_STIFF = ("BDF", "Radau")  # methods that people take for stiff equations


class _Method:
    """DOP853, as SciPy has it."""

    def __init__(self) -> None:
        method = sys.modules["scipy.integrate"].DOP853
        self._nodes, self._weights = method.C.tolist(), method.B.tolist()
        self._stages, self._error = method.A.tolist(), method.E5.tolist()

    def step(self, f: Slopes, t: Quantity, h: Quantity, y: Quantity) -> tuple[Quantity, Quantity]:
        """The solution a step later, and how far one of order 5 would be off."""
        slopes = [f(t, y)]
        for node, row in zip(self._nodes[1:], self._stages[1:], strict=True):
            slopes.append(f(t + node * h, y + h * _combined(row, slopes)))
        after = y + h * _combined(self._weights, slopes)
        slopes.append(f(t + h, after))
        return after, h * _combined(self._error, slopes)


def _combined(weights: Sequence[float], slopes: Sequence[Quantity]) -> Quantity:
    total: Quantity = 0.0
    for weight, slope in zip(weights, slopes, strict=False):
        if weight:
            total = total + weight * slope
    return total


def _integrated(
    f: Slopes, y0: WholeArray, times: WholeArray, rtol: float, atol: float, blind: int = _BLIND
) -> WholeArray:
    """The solution at each of the times, in rows.

    Args:
        f: The slope at a time and a place.
        y0: The place at the first time.
        times: The times.
        rtol: The relative error that is allowed.
        atol: The absolute error that is allowed.
        blind: With how many steps the estimate has to be finite.
    """
    count = 1
    while count <= _MOST:
        rows, wrong = _with_steps(f, y0, times, count, atol / rtol)
        square = at_examples(wrong, max(_NEAR, min(_OFF * rtol, _FAR)))
        found = None if square is None else math.sqrt(square)
        if found is None and count < _UNKNOWN:
            count = _UNKNOWN
        elif found is None or found <= _TIGHT:
            return rows * one_or_nan(max(min(rtol, _MOST_LOOSE), _LOOSE) ** 2 - wrong)
        else:  # the estimate goes with the sixth power of a step
            wanted = 1.1 * count * (found / _TIGHT) ** (1.0 / 6.0)
            if not math.isfinite(wanted) and count >= blind:
                break
            count = max(count + 1, math.ceil(wanted)) if math.isfinite(wanted) else 8 * count
    raise TraceError(
        f"{user_location()}: the differential equation is stiff, or needs more than {_MOST} steps "
        "between two of the times that are asked for; ask for more times, or write the steps of a "
        "method for stiff equations with autodiff.scan and autodiff.root"
    )


def one_or_nan(spare: Quantity) -> Quantity:
    """1 for a positive number, else nan: a choice without sides, so nothing flows through it."""
    return np.sqrt(2.0 * np.sign(spare) - 1.0)


def _with_steps(
    f: Slopes, y0: WholeArray, times: WholeArray, count: int, floor: float
) -> tuple[WholeArray, Quantity]:
    """The solution with so many steps between two times, and the square of its estimated error.

    Squares and their sum have a derivative everywhere, as absolute values and the largest have not.
    """
    method = _Method()
    lengths = np.repeat((times[1:] - times[:-1]) / count, count)
    before = np.repeat(times[:-1], count)
    starts = before + np.tile(np.arange(float(count)), len(times) - 1) * lengths

    def step(y: Quantity, at: tuple[Quantity, Quantity]) -> tuple[Quantity, object]:
        after, wrong = method.step(f, at[0], at[1], y)
        return after, (after, np.sum(wrong * wrong / (floor * floor + y * y)))

    _, (rows, wrong) = scan(step, y0, (starts, lengths))
    return np.concatenate([np.reshape(y0, (1, -1)), rows[count - 1 :: count]]), np.sum(wrong)


def at_examples(x: Any, near: float = _NEAR) -> float | None:
    """What a traced number is at the examples; None if that is not known.

    Args:
        x: The number.
        near: How near SciPy's own solution comes to ours, of its largest number.
    """
    if not isinstance(x, Tracer):
        return float(x)
    builder = x.builder
    if builder.recorder is None:
        return None
    builder.recorder.solves = max(builder.recorder.solves, near)
    parameters, examples = builder.recorder.examples
    graph = builder.graph("at_examples", parameters, [x.index], SCALAR)
    try:
        found = evaluate(graph, *examples)
    except ProofgradError:  # there are fewer: a function inside closes over traced values
        return None
    return found if isinstance(found, float) else None


def _start(y0: object) -> WholeArray:
    return np.reshape(1.0 * as_array(y0), (-1,))


def _tolerances(
    rtol: float | None, atol: float | None, usual: tuple[float, float]
) -> tuple[float, float]:
    """What is asked for, as numbers; our solution is the equation's to more digits."""
    rtol = usual[0] if rtol is None else float(rtol)
    atol = usual[1] if atol is None else float(np.min(atol))
    return rtol, max(atol, 1e-300)


def _refuse(name: str, named: dict[str, object], known: str) -> None:
    asked = [key for key, value in named.items() if key not in known.split() and value]
    if asked:
        raise TraceError(
            f"{user_location()}: scipy.integrate.{name}({asked[0]}=...) cannot be traced; the "
            "solution at given times can be"
        )


def _odeint(
    func: Any, y0: object, t: object, args: object = (), *more: object, **named: Any
) -> Any:
    _refuse("odeint", {"Dfun": bool(more)} | named, "Dfun rtol atol tfirst h0 hmax mxstep mxordn")
    rtol, atol = _tolerances(named.get("rtol"), named.get("atol"), (1.5e-8, 1.5e-8))
    rest = args if isinstance(args, tuple) else (args,)
    first = bool(named.get("tfirst"))

    def slope(time: object, y: object) -> WholeArray:
        return _start(func(time, y, *rest) if first else func(y, time, *rest))

    return _integrated(slope, _start(y0), _start(t), rtol, atol)


def _solve_ivp(
    fun: Any, t_span: Any, y0: Any, method: object = "RK45", t_eval: object = None, *more: object,
    args: Sequence[object] | None = None, **named: Any,
) -> SimpleNamespace:  # fmt: skip
    _refuse("solve_ivp", {"dense_output": bool(more)} | named,
            "rtol atol max_step first_step jac vectorized")  # fmt: skip
    rtol, atol = _tolerances(named.get("rtol"), named.get("atol"), (1e-3, 1e-6))
    rest = args or ()
    times = _start(t_span if t_eval is None else t_eval)
    blind = 1 if method in _STIFF else _BLIND
    rows = _integrated(
        lambda t, y: _start(fun(t, y, *rest)),
        _start(y0),
        _from(t_span[0], times),
        rtol,
        atol,
        blind,
    )
    columns = np.transpose(rows[len(rows) - len(times) :])
    return SimpleNamespace(t=times, y=columns, success=True, status=0, message="")


def _from(begin: float, times: WholeArray) -> WholeArray:
    """The times, with that of the start before them if it is another."""
    if isinstance(begin, Tracer) or isinstance(times[0], Tracer):
        return np.concatenate([_start(begin), times])
    return times if begin == times[0] else np.concatenate([_start(begin), times])


SOLVERS: dict[str, Callable[..., object]] = {"odeint": _odeint, "solve_ivp": _solve_ivp}
