"""Where traced functions find the solvers: under SciPy's names, imported at their first call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.forking import late_import

__all__ = ["SOLVERS"]

_ROOM = "autodiff.run.solvers"  # above this one: what solves differentiates
_NAMES = {
    "scipy.optimize": {
        "of_equations": "bisect brenth brentq fixed_point fsolve newton ridder root root_scalar "
        "toms748",
    },
    "scipy.integrate": {
        "of_motion": "odeint solve_ivp",
        "of_integrals": "dblquad fixed_quad quad",
    },
}


def _late(module: str, name: str) -> Callable[..., object]:
    def solver(*args: object, **kwargs: object) -> Any:
        return late_import(f"{_ROOM}.{module}").SOLVERS[name](*args, **kwargs)

    return solver


SOLVERS: dict[str, dict[str, Callable[..., object]]] = {
    library: {
        name: _late(module, name) for module, names in rooms.items() for name in names.split()
    }
    for library, rooms in _NAMES.items()
}
