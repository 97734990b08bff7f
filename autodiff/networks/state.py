"""The parameters of a module by name, and as a JSON file.

A name is the way to the parameter, ``layers[0].neurons[3].w[1]``, so a file can be read, compared
and edited by people.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping

from autodiff.errors import ArgumentError
from autodiff.files import write_whole
from autodiff.networks.nn import Module
from autodiff.run.values.value import Value

__all__ = ["load_state", "named_parameters", "save_state"]

_FORMAT = "proofgrad.state/1"


def named_parameters(module: Module) -> dict[str, Value]:
    """The parameters in the order of ``module.parameters()``, each under its name.

    >>> from autodiff.nn import MLP
    >>> list(named_parameters(MLP(1, [1])))
    ['layers[0].neurons[0].w[0]', 'layers[0].neurons[0].b']
    """
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

    Raises:
        ArgumentError: if a parameter is not finite: such a state is of no use.
        OSError: if the file cannot be written.
    """
    numbers = {name: p.data for name, p in named_parameters(module).items()}
    for name, number in numbers.items():
        if not math.isfinite(number):
            raise ArgumentError(f"{name} is {number}; only finite parameters are saved")
    content = {"format": _FORMAT, "module": repr(module), "parameters": numbers}
    write_whole(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def load_state(module: Module, path: str | os.PathLike[str]) -> None:
    """Set all parameters to what ``save_state`` wrote; every bit comes back.

    Raises:
        ArgumentError: if the file is no such state, or a state of another shape; the module is
            then unchanged.
        OSError: if the file cannot be read.
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
    for name, number in numbers.items():
        wanted[name].data = number


def _read(path: str | os.PathLike[str]) -> tuple[dict[str, float], str]:
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
    for name, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not _finite(number):
            raise ArgumentError(f"{path}: {name} is {number!r}; expected a finite number")
    return {name: float(number) for name, number in numbers.items()}, str(content.get("module"))


def _finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # an integer of a thousand digits
        return False


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
