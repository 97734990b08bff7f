"""The file of emitted functions of arrays: its text, and the arrays of constants beside it."""

from __future__ import annotations

import io
import os
import re
from collections import ChainMap
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from autodiff.graph.array_constant import ArrayConstant
from codegen.language.numpy.placing import PLACING
from codegen.language.target import NUMPY
from codegen.text.module import TARGETS, Module

__all__ = ["ARRAYS", "ArrayModule", "data_file"]

# NumPy over whole arrays: the text of the table's rows, and functions of ours for rows of arrays.
ARRAYS = replace(
    NUMPY,
    name="arrays",
    portable=ChainMap(dict(PLACING), NUMPY.portable),  # type: ignore[arg-type]
)
TARGETS["arrays"] = ARRAYS

_MATH = re.compile(r"\bmath_*\.")  # where a parameter has the name, ours has another


@dataclass(frozen=True)
class ArrayModule(Module):
    """The parts of one emitted file of arrays.

    Args:
        data: The arrays of constants, under their names in the file.
    """

    data: tuple[tuple[str, ArrayConstant], ...] = ()

    @cached_property
    def source(self) -> str:
        """Text of the file; it reads its data from the file of the same name beside it."""
        text = super().source
        if any(_MATH.search(function.text) for function in self.functions):
            text = text.replace("import numpy as np\n", "import math\n\nimport numpy as np\n", 1)
        if not self.data:
            return text
        names = ", ".join(name for name, _ in self.data)
        items = ", ".join(f'_data["{name}"]' for name, _ in self.data)
        digests = "".join(
            f"#   {name}: {array.kind}{list(array.shape)}, sha256 {array.digest}\n"
            for name, array in self.data
        )
        head = "import numpy as np\n"
        reading = (
            f"{head}\n# Data of the file of the same name with .npz:\n{digests}"
            f'_data = np.load(__file__.removesuffix(".py") + ".npz")\n{names} = {items}\n'
        )
        return text.replace(head, reading, 1)


def data_file(
    path: str | os.PathLike[str], data: tuple[tuple[str, ArrayConstant], ...]
) -> tuple[str, bytes]:
    """Name and content of the file beside ``path`` that holds the arrays of constants."""
    held = io.BytesIO()
    np.savez(held, **{name: one.array for name, one in data})  # type: ignore[arg-type]  # no option
    return os.path.splitext(os.fspath(path))[0] + ".npz", held.getvalue()
