"""The parameters of a module by name, and as a JSON file.

A name is the way to the parameter, ``layers[0].neurons[3].w[1]``, so a file can be read, compared
and edited by people.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.files import write_whole
from autodiff.networks.nn import Module
from autodiff.run.values.value import Value

__all__ = ["load_state", "named_parameters", "save_state"]

_FORMAT = "proofgrad.state/1"


def named_parameters(module: Module) -> dict[str, Value]:
    """The parameters in the order of ``module.parameters()``, each under its name.

    Args:
        module: A network, or a part of one.

    Returns:
        The Values by the way to them; ``parameters[k]`` where no attribute leads to one.

    Raises:
        ArgumentError: if it is no module.

    >>> from autodiff.nn import MLP
    >>> list(named_parameters(MLP(1, [1])))
    ['layers[0].neurons[0].w[0]', 'layers[0].neurons[0].b']
    """
    if not callable(getattr(module, "parameters", None)):
        raise ArgumentError(
            f"module: found {type(module).__name__}; expected a network, or a part of one"
        )
    found: dict[int, str] = {}
    stack: list[tuple[str, object]] = [("", module)]
    seen = set()
    while stack:
        path, thing = stack.pop()
        if isinstance(thing, Value):
            found.setdefault(id(thing), path)
        elif id(thing) not in seen:
            seen.add(id(thing))
            stack.extend(reversed(_parts(path, thing)))
    return {found.get(id(p), f"parameters[{k}]"): p for k, p in enumerate(module.parameters())}


def _parts(path: str, thing: object) -> list[tuple[str, object]]:
    if isinstance(thing, Module):
        dot = "." if path else ""
        return [(f"{path}{dot}{name}", part) for name, part in vars(thing).items()]
    if isinstance(thing, (list, tuple)):
        return [(f"{path}[{i}]", part) for i, part in enumerate(thing)]
    if isinstance(thing, Mapping):
        return [(f"{path}[{key!r}]", part) for key, part in thing.items()]
    return []


def save_state(module: Module, path: str | os.PathLike[str]) -> None:
    """Write the numbers of all parameters as JSON, the whole file or none of it.

    Args:
        module: A network, or a part of one.
        path: The file; one that is there is replaced.

    Raises:
        ArgumentError: if it is no module, or a parameter is not finite: such a state is of no use.
        OSError: if the file cannot be written.

    >>> import os, tempfile
    >>> from autodiff.nn import MLP
    >>> trained, fresh = MLP(1, [1]), MLP(1, [1])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_state(trained, os.path.join(folder, "state.json"))
    ...     load_state(fresh, os.path.join(folder, "state.json"))
    >>> fresh([0.5]).data == trained([0.5]).data
    True
    """
    numbers = {name: p.data for name, p in named_parameters(module).items()}
    for name, number in numbers.items():
        if not np.isfinite(number).all():
            shown = number if np.ndim(number) == 0 else "not finite everywhere"
            raise ArgumentError(f"{name} is {shown}; only finite parameters are saved")
    numbers = {name: np.asarray(number).tolist() for name, number in numbers.items()}
    content = {"format": _FORMAT, "module": repr(module), "parameters": numbers}
    write_whole(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def load_state(module: Module, path: str | os.PathLike[str]) -> None:
    """Set all parameters to what ``save_state`` wrote; every bit comes back.

    Args:
        module: Of the same shape as the one that was saved.
        path: The file.

    Raises:
        ArgumentError: if the file is no such state, or a state of another shape; the module is
            then unchanged.
        OSError: if the file cannot be read.

    >>> from autodiff.nn import MLP
    >>> load_state(MLP(1, [1]), "nowhere.json")
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] No such file or directory: 'nowhere.json'
    """
    numbers, shape = _read(path)
    wanted = named_parameters(module)
    if list(numbers) != list(wanted):
        missing = [name for name in wanted if name not in numbers]
        extra = [name for name in numbers if name not in wanted]
        odd = f"no {missing[0]}" if missing else f"{extra[0]}" if extra else "another order"
        raise ArgumentError(
            f"{path}: found {odd} among {len(numbers)} parameters of {_short(shape)}; expected the "
            f"{len(wanted)} of {_short(repr(module))}. Load it into a module of the same shape"
        )
    for name, p in wanted.items():
        if np.shape(numbers[name]) != p.shape:
            raise ArgumentError(
                f"{path}: {name} has shape {np.shape(numbers[name])}; expected {p.shape}. Load it "
                "into a module of the same shape"
            )
    for name, p in wanted.items():
        p.data = numbers[name]


def _read(path: str | os.PathLike[str]) -> tuple[dict[str, Any], str]:
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except ValueError as error:
        raise ArgumentError(f"{path}: is no JSON: {error}") from None
    except RecursionError:
        raise ArgumentError(
            f"{path}: nested too deeply; expected a file that save_state wrote"
        ) from None
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise ArgumentError(f"{path}: found no {_FORMAT!r}; expected a file that save_state wrote")
    numbers = content.get("parameters")
    if not isinstance(numbers, dict):
        raise ArgumentError(f"{path}: 'parameters' is missing; the file was changed")
    found = {name: _numbers(number) for name, number in numbers.items()}
    for name, number in found.items():
        if number is None:
            raise ArgumentError(
                f"{path}: {name} is {numbers[name]!r:.60}; expected a finite number, or an array"
            )
    return found, str(content.get("module"))


def _numbers(given: object) -> Any:
    """A finite number, or an array of some; None if it is neither."""
    if isinstance(given, list):
        items = [_numbers(item) for item in given]
        alike = len({np.shape(item) for item in items}) == 1
        return np.array(items) if alike and all(item is not None for item in items) else None
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        return None
    try:
        return float(given) if math.isfinite(given) else None
    except OverflowError:  # an integer of a thousand digits
        return None


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
