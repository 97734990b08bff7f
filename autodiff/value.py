"""``Value``, under the name of micrograd's module."""

from autodiff.run.values.value import Value

__all__ = ["Value"]
