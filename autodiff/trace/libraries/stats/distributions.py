"""A continuous distribution of scipy.stats on traced values: a standard one, moved and scaled."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, TypeAlias

import numpy as np

from autodiff.errors import TraceError, user_location
from autodiff.table import ops
from autodiff.table.ops.rows import as_literal
from autodiff.table.primitive import Quantity
from autodiff.trace.libraries.constructors import as_array
from autodiff.trace.libraries.scipy_functions import LOG_2PI, over_arrays
from autodiff.trace.libraries.special.incomplete import where_served

__all__ = [
    "LOG_2PI",
    "NEGATIVE",
    "POSITIVE",
    "UNIT",
    "Distribution",
    "is_number",
    "is_positive",
    "parameters",
    "tails",
    "where_all_served",
]

NEGATIVE, POSITIVE = (-math.inf, 0.0), (0.0, math.inf)
UNIT = (0.0, 1.0)
_OfStandard: TypeAlias = Callable[..., Quantity]
_Valid: TypeAlias = Callable[..., object]
_Ends: TypeAlias = Callable[..., tuple[Quantity, Quantity]]


def tails(below: Callable[..., object], above: Callable[..., object]) -> Any:
    """A distribution function and that of the upper tail, or the quantiles by each."""
    return below, above


def is_positive(shape: Quantity) -> object:
    """What most shapes are."""
    return ops.gt(shape, 0.0)


def is_number(shape: Quantity) -> object:
    """True unless it is nan."""
    return ops.eq(shape, shape)


class Distribution:
    """A continuous distribution of ``scipy.stats``: shape parameters, then ``loc`` and ``scale``.

    As SciPy's, it is nan where a parameter is none of its kind, and where x is nan.

    Args:
        name: Its name there.
        shapes: Names of its shape parameters.
        logpdf: Logarithm of the standard density, of x and the shapes.
        support: Where the standard density is not zero; a function of the shapes where it depends
            on them.
        cdf: The standard distribution function, and that of the upper tail; None if there is none
            in closed form.
        ppf: The standard quantiles of a probability below, and of one above.
        pdf: The standard density everywhere, where it has a better form than ``exp(logpdf)``.
        logs: The logarithms of ``cdf`` where these have a form of their own, which stays a number
            where the probability is too small for one.
        valid: Of a shape parameter, whether it is one; of each, where they differ.
        order: What the last two shapes are to each other.
        settled: True if the density's own form is nan where a shape is none.
        beyond_end: True if the lower end of the support is no part of it.
    """

    def __init__(
        self,
        name: str,
        shapes: tuple[str, ...],
        logpdf: _OfStandard,
        support: tuple[float, float] | _Ends = (-math.inf, math.inf),
        cdf: tuple[_OfStandard, _OfStandard] | None = None,
        ppf: tuple[_OfStandard, _OfStandard] | None = None,
        logs: tuple[_OfStandard | None, _OfStandard | None] = (None, None),
        pdf: _OfStandard | None = None,
        valid: _Valid | tuple[_Valid, ...] = is_positive,
        order: _OfStandard | None = None,
        settled: bool = False,
        beyond_end: bool = False,
    ) -> None:
        self.name, self._shapes, self._logpdf = name, shapes, logpdf
        self._support, self._cdf, self._ppf, self._logs = support, cdf, ppf, logs
        self._pdf, self._order = pdf, order
        self._valid = valid if isinstance(valid, tuple) else (valid,) * len(shapes)
        self._settled, self._beyond_end = settled, beyond_end

    def _standard(
        self, x: object, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> list[Quantity]:
        given = parameters(self.name, (*self._shapes, "loc", "scale"), self._shapes, args, kwargs)
        scale = as_array(given.get("scale", 1.0))
        z = (as_array(x) - as_array(given.get("loc", 0.0))) / scale
        return [z, *(as_array(given[name]) for name in self._shapes), scale]

    def _served(self, value: Quantity, shapes: Sequence[Quantity], scale: Quantity) -> Quantity:
        """The value, nan where a shape or the scale is none."""
        each = [one(shape) for one, shape in zip(self._valid, shapes, strict=False)]
        found = where_all_served([*each, ops.gt(scale, 0.0)], (*shapes, scale), value)
        return where_served(self._order(*shapes[-2:]), found) if self._order and shapes else found

    def logpdf(self, x: object, *args: object, **kwargs: object) -> Any:
        """Logarithm of the density."""

        def density(z: Quantity, *rest: Quantity) -> object:
            *shapes, scale = rest

            def inside(z: Quantity) -> Quantity:
                return self._logpdf(z, *shapes) - ops.log(scale)

            value = self._supported(z, shapes, inside, -math.inf, -math.inf)
            # Everywhere the logarithm of the scale is met, which is nan where it is none.
            everywhere = self._support == (-math.inf, math.inf)
            return self._served(
                value, () if self._settled else shapes, 1.0 if everywhere else scale
            )

        return over_arrays(density)(*map(_number, self._standard(x, args, kwargs)))

    def pdf(self, x: object, *args: object, **kwargs: object) -> object:
        """The density."""
        z, *shapes, scale = self._standard(x, args, kwargs)
        known = as_literal(_number(scale)) or 0.0  # where it is not, its logarithm sees to its sign
        if self._pdf is None or not known > 0.0:
            return np.exp(self.logpdf(x, *args, **kwargs))
        standard: Any = over_arrays(self._pdf)(*map(_number, (z, *shapes)))
        return standard / known

    def _supported(
        self,
        z: Quantity,
        shapes: Sequence[Quantity],
        value: Callable[[Quantity], Quantity],
        below: float,
        above: float,
    ) -> Quantity:
        """The value at what lies in the support or is nan; else what is given."""
        low, high = self._support(*shapes) if callable(self._support) else self._support
        sides: list[tuple[Quantity, Quantity, float]] = []
        if as_literal(low) != -math.inf:
            inside = (ops.gt if self._beyond_end else ops.ge)(z, low)
            sides.append((inside, (ops.le if self._beyond_end else ops.lt)(z, low), below))
        if as_literal(high) != math.inf:
            sides.append((ops.le(z, high), ops.gt(z, high), above))
        if not sides:
            return value(z)
        inside = reduce(ops.logical_and, [side for side, _, _ in sides])
        beyond: Quantity = z  # nan
        for _, outside, end in reversed(sides):
            beyond = ops.where(outside, end, beyond)
        somewhere = -1.0 if as_literal(high) == 0.0 else 0.5
        made: Quantity = ops.where(inside, value(ops.where(inside, z, somewhere)), beyond)
        return made

    def _distribution(
        self,
        value: Callable[..., Quantity],
        ends: tuple[float, float],
        x: object,
        args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> object:
        def probability(z: Quantity, *rest: Quantity) -> object:
            *shapes, scale = rest
            return self._served(
                self._supported(z, shapes, lambda z: value(z, *shapes), *ends), shapes, scale
            )

        return over_arrays(probability)(*map(_number, self._standard(x, args, kwargs)))

    def _tails(self) -> tuple[_OfStandard, _OfStandard]:
        if self._cdf is None:
            raise TraceError(
                f"{user_location()}: scipy.stats.{self.name} has no distribution function in "
                "closed form here; its density (pdf, logpdf) can be traced"
            )
        return self._cdf

    def cdf(self, x: object, *args: object, **kwargs: object) -> object:
        """Probability below x."""
        return self._distribution(self._tails()[0], (0.0, 1.0), x, args, kwargs)

    def sf(self, x: object, *args: object, **kwargs: object) -> object:
        """Probability above x."""
        return self._distribution(self._tails()[1], (1.0, 0.0), x, args, kwargs)

    def _logarithm(self, which: int) -> _OfStandard:
        """The logarithm of a tail; where it is nearly 1, by the digits of the other."""
        one, other = self._tails()[which], self._tails()[1 - which]

        def logarithm(z: Quantity, *shapes: Quantity) -> Quantity:
            here = one(z, *shapes)
            there = ops.log1p(-other(z, *shapes))
            found: Quantity = ops.where(here < 0.5, ops.log(here), there)
            return found

        return self._logs[which] or logarithm

    def logcdf(self, x: object, *args: object, **kwargs: object) -> object:
        """Logarithm of ``cdf``."""
        return self._distribution(self._logarithm(0), (-math.inf, 0.0), x, args, kwargs)

    def logsf(self, x: object, *args: object, **kwargs: object) -> object:
        """Logarithm of ``sf``."""
        return self._distribution(self._logarithm(1), (0.0, -math.inf), x, args, kwargs)

    def _quantile(
        self, which: int, q: object, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> object:
        if self._ppf is None:
            raise TraceError(
                f"{user_location()}: scipy.stats.{self.name} has no quantiles in closed form here; "
                "solve cdf(x) = q with autodiff.root"
            )
        function = self._ppf[which]
        # The place is what quantiles are moved to, not what q is measured from.
        loc = dict(zip((*self._shapes, "loc"), args, strict=False)) | kwargs
        standard = self._standard(0.0, args, kwargs)

        def quantile(p: Quantity, place: Quantity, *rest: Quantity) -> object:
            *shapes, scale = rest
            inside = ops.logical_and(ops.ge(p, 0.0), ops.le(p, 1.0))
            found = where_served(inside, place + scale * function(p, *shapes))
            return self._served(found, shapes, scale)

        given = (as_array(q), as_array(loc.get("loc", 0.0)), *standard[1:])
        return over_arrays(quantile)(*map(_number, given))

    def ppf(self, q: object, *args: object, **kwargs: object) -> object:
        """The place below which the probability is q."""
        return self._quantile(0, q, args, kwargs)

    def median(self, *args: object, **kwargs: object) -> object:
        """The place in the middle."""
        return self.ppf(0.5, *args, **kwargs)

    def interval(self, confidence: float, *args: object, **kwargs: object) -> tuple[object, object]:
        """The places between which the probability is this, as much below as above."""
        rest = 0.5 * (1.0 - confidence)
        return self.ppf(rest, *args, **kwargs), self.isf(rest, *args, **kwargs)

    def isf(self, q: object, *args: object, **kwargs: object) -> object:
        """The place above which the probability is q."""
        return self._quantile(1, q, args, kwargs)


def parameters(
    name: str,
    names: tuple[str, ...],
    needed: tuple[str, ...],
    args: tuple[object, ...],
    kwargs: dict[str, object],
) -> dict[str, object]:
    """What a distribution of SciPy's is given, by name.

    Raises:
        TraceError: if one is missing, or unknown.
    """
    given = dict(zip(names, args, strict=False)) | kwargs
    if given.keys() - set(names) or set(needed) - given.keys() or len(args) > len(names):
        raise TraceError(
            f"{user_location()}: scipy.stats.{name}: found {', '.join(given) or 'none'}; "
            f"expected {', '.join(names)}"
        )
    return given


def where_all_served(
    conditions: Sequence[object], of: Sequence[Quantity], value: Quantity
) -> Quantity:
    """The value, nan unless every condition holds; conditions of known numbers are decided."""
    asked: list[object] = []
    for condition, parameter in zip(conditions, of, strict=True):
        if as_literal(parameter) is None:
            asked.append(condition)
        elif not condition:
            return where_served(False, value)
    return reduce(lambda found, served: ops.where(served, found, math.nan), asked, value)


def _number(value: object) -> Any:
    return value[()] if isinstance(value, np.ndarray) and value.shape == () else value
