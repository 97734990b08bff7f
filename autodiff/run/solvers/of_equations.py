"""``scipy.optimize``'s roots of equations, with the derivative of the implicit function theorem."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.run.implicit import newton_step, root
from autodiff.table.never_tying import is_above_zero
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.constructors import as_array
from autodiff.trace.placeholder import Tracer
from autodiff.trace.regions.repeated import refused_where
from autodiff.trace.regions.scan import scan

__all__ = ["SOLVERS"]

_HALVINGS = 60  # as many as there are digits between the ends of a bracket
_IGNORED = frozenset({"xtol", "rtol", "tol", "maxiter", "maxfev", "ftol", "disp", "fprime", "jac",
                      "fprime2", "col_deriv", "epsfcn", "factor", "band", "x1", "method",
                      "options"})  # fmt: skip


def _require_plain(name: str, named: dict[str, object]) -> None:
    """Refuse what asks for more than the root."""
    asked = [key for key, value in named.items() if key not in _IGNORED and value]
    if asked:
        raise TraceError(
            f"{user_location()}: scipy.optimize.{name}({asked[0]}=...) cannot be traced; leave it "
            "out: the root alone has a derivative"
        )


def _arguments(args: object) -> tuple[object, ...]:
    return tuple(args) if isinstance(args, (tuple, list)) else (args,)


def _bracketed(name: str) -> Callable[..., object]:
    """A root between two numbers: halvings of the bracket, and a step of Newton's method."""

    def solve(
        f: Callable[..., Quantity], a: Quantity, b: Quantity, args: object = (), **named: object
    ) -> object:
        _require_plain(name, named)
        rest = _arguments(args)
        low, high = f(a, *rest), f(b, *rest)
        sign = np.sign(low)

        def halved(bracket: tuple[Any, Any], _: object) -> tuple[object, None]:
            middle = 0.5 * (bracket[0] + bracket[1])
            # Most brackets end on a root, and there either half is right.
            is_left = is_above_zero(sign * f(middle, *rest))
            left = np.where(is_left, middle, bracket[0])
            return (left, np.where(is_left, bracket[1], middle)), None

        (left, right), _ = scan(halved, (1.0 * a, 1.0 * b), length=_HALVINGS)
        found = newton_step(f, rest, name)(0.5 * (left + right))
        is_wrong = np.logical_not(sign * np.sign(high) <= 0.0)
        if not isinstance(is_wrong, Tracer):
            return np.nan if is_wrong else found
        error = TraceError(
            f"{user_location()}: scipy.optimize.{name}: the function has the same sign at both "
            "ends of the bracket for these arguments; there is no root to find"
        )
        return refused_where(is_wrong, error, found)

    return solve


def _newton(
    f: Callable[..., object], x0: object, fprime: object = None, args: object = (), **named: object
) -> object:
    _require_plain("newton", named)
    return root(f, x0, *_arguments(args))


def _fsolve(f: Callable[..., object], x0: object, args: object = (), **named: object) -> object:
    _require_plain("fsolve", named)
    rest, start = _arguments(args), np.reshape(as_array(x0), (-1,))
    return root(lambda x: np.reshape(as_array(f(x, *rest)), (-1,)), start)


def _root(f: Callable[..., object], x0: object, args: object = (), **named: object) -> object:
    _require_plain("root", named)
    return SimpleNamespace(x=_fsolve(f, x0, args), success=True)


def _root_scalar(
    f: Callable[..., object],
    args: object = (),
    method: object = None,
    bracket: Sequence[Quantity] | None = None,
    fprime: object = None,
    fprime2: object = None,
    x0: object = None,
    **named: object,
) -> object:
    _require_plain("root_scalar", named)
    if bracket is not None:
        found = _bracketed("root_scalar")(f, *bracket, args)
    else:
        found = root(f, x0, *_arguments(args))
    return SimpleNamespace(root=found, converged=True)


def _fixed_point(
    f: Callable[..., object], x0: object, args: object = (), **named: object
) -> object:
    _require_plain("fixed_point", named)
    return root(lambda x, *rest: x - f(x, *rest), x0, *_arguments(args))


SOLVERS: dict[str, Callable[..., object]] = {
    **{name: _bracketed(name) for name in ("bisect", "brenth", "brentq", "ridder", "toms748")},
    "fixed_point": _fixed_point,
    "fsolve": _fsolve,
    "newton": _newton,
    "root": _root,
    "root_scalar": _root_scalar,
}
