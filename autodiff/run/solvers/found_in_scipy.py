"""Where traced functions find the solvers: under SciPy's names, imported at their first call."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from autodiff.trace.libraries.libraries import replace_in

__all__ = ["put_solvers"]

_NAMES = {
    "scipy.optimize": (
        "of_equations",
        "bisect brenth brentq fixed_point fsolve newton ridder root root_scalar toms748",
    ),
    "scipy.integrate": ("of_motion", "odeint solve_ivp"),
}


def put_solvers() -> None:
    """Let traced functions find ours in ``scipy.optimize`` and ``scipy.integrate``."""
    for library, (module, names) in _NAMES.items():
        replace_in(library, {name: _late(module, name) for name in names.split()})


def _late(module: str, name: str) -> Callable[..., Any]:
    def solver(*args: Any, **kwargs: Any) -> Any:
        found = import_module(f"{__package__}.{module}").SOLVERS[name]
        return found(*args, **kwargs)

    return solver
