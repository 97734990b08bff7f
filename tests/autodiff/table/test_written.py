"""Where functions are written: found in long files, too, and never in edited ones."""

from __future__ import annotations

import ast
import linecache
from pathlib import Path
from typing import Any

import pytest

from autodiff.table.written import written
from tests.modules_by_path import module_at

_FILE = '''\
from functools import wraps; import math


def kept(function):
    """What says where
    it is."""
    return function


small = [lambda x: x + 1.0,
    lambda x: x * 2.0]


class Model:
    scale = 2.0

    @kept
    def loss(self, x):
        return self.scale * x

'''


def test_functions_of_a_long_file_are_found_and_it_is_parsed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the number of its functions; each is what the file says, at its lines."""
    path, count, parsed = tmp_path / "long.py", 100, 0
    path.write_text(_FILE + "".join(f"\ndef f{k}(x):\n    return x + {k}\n" for k in range(count)))
    module = module_at(path)
    parse = ast.parse

    def counted(text: str, *given: Any) -> ast.Module:
        nonlocal parsed
        parsed += len(text.strip())
        return parse(text, *given)

    monkeypatch.setattr(ast, "parse", counted)
    functions = [module.kept, *module.small, module.Model.loss]
    for function in [*functions, *(getattr(module, f"f{k}") for k in range(count))]:
        found = written(function.__code__)
        assert found is not None
        assert found.statement.lineno <= function.__code__.co_firstlineno
    assert parsed < 3 * path.stat().st_size

    lines = path.read_text().replace("x + 7\n", "x + 8\n")
    path.write_text(lines)
    linecache.checkcache(str(path))
    assert written(module.f7.__code__) is None
    assert written(module.f8.__code__) is not None
