"""NumPy's indices on whole arrays: basic keys as slices, everything else as one index map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NoReturn, cast

import numpy as np
from numpy.typing import NDArray

from autodiff.errors import TraceError, user_location
from autodiff.graph.tree.leaves import shown
from autodiff.graph.typed_node import Shape
from autodiff.table import ops
from autodiff.table.arrays.choosing import places_of
from autodiff.table.arrays.indexing import assign, gather, kept, scatter_add, slice_
from autodiff.table.arrays.one_place import put_at
from autodiff.table.arrays.reshaping import broadcast_to, reshape
from autodiff.table.arrays.row_params import Key
from autodiff.table.primitive import Operand
from autodiff.trace.array_operand import ArrayOperand, value_of
from autodiff.trace.placeholder import CountError
from autodiff.trace.whole.chosen.chosen_places import as_masks
from autodiff.trace.whole.chosen.chosen_rows import Selection, selected

__all__ = ["assign_at", "get_item", "set_item"]


def _refuse(message: str, kind: type[TraceError] = TraceError) -> NoReturn:
    raise kind(f"{user_location()}: {message}")


def _parts(x: ArrayOperand, key: object) -> list[Any]:
    """The key with one entry per axis, ``...`` written out, known tracers as numbers."""
    given = as_masks(key if isinstance(key, tuple) else (key,))
    parts: list[Any] = []
    for one in given:
        value = value_of(one) if isinstance(one, ArrayOperand) else one
        if value is None and isinstance(one, ArrayOperand):
            value = one
        elif isinstance(one, ArrayOperand) and one.integer:
            whole = np.asarray(value, np.int64)
            value = whole if one.shape else int(whole)
        elif isinstance(one, ArrayOperand) and one.truth:
            value = np.asarray(value, bool)
        if isinstance(value, (list, range)):
            value = np.asarray(value)
            value = value.astype(np.int64) if value.size == 0 else value
        parts.append(value)
    taken = sum(_axes_of(one) for one in parts if one is not None and one is not Ellipsis)
    if taken > x.ndim:
        _refuse(f"index {_shown(key)}: too many indices for an array of shape {x.shape}")
    rest = [slice(None)] * (x.ndim - taken)
    dots = [i for i, one in enumerate(parts) if one is Ellipsis]
    if len(dots) > 1:
        _refuse("an index can only have a single ellipsis ('...')")
    if dots:
        return [*parts[: dots[0]], *rest, *parts[dots[0] + 1 :]]
    return [*parts, *rest]


def _axes_of(one: Any) -> int:
    return one.ndim if _is_mask(one) else 1


def _is_mask(one: object) -> bool:
    return isinstance(one, (np.ndarray, ArrayOperand)) and one.dtype == bool


def _shown(key: object) -> str:
    return f"{key!r:.60}"


def _is_basic(part: object) -> bool:
    is_int = isinstance(part, (int, np.integer)) and not isinstance(part, bool)
    return part is None or is_int or isinstance(part, slice)


def _entry(part: Any, n: int, shape: Shape) -> tuple[int, ...]:
    if isinstance(part, slice):
        try:
            places = range(*part.indices(n))
        except TypeError:
            _refuse(
                f"slice {part!r:.60}: a bound cannot depend on traced values; close over the int"
            )
        step = places.step if len(places) > 1 else 1
        return (places.start if places else 0, len(places), step)
    place = int(part)
    if not -n <= place < n:
        _refuse(f"index {place} is out of bounds for an axis of size {n} of shape {shape}")
    return (place % n,)


def _basic(x: ArrayOperand, parts: list[object]) -> tuple[Key, Shape]:
    """Key of a basic index, and the shape of what it takes, with its new axes."""
    entries: list[tuple[int, ...]] = []
    shape: list[int] = []
    for part in parts:
        if part is None:
            shape.append(1)
            continue
        entry = _entry(part, x.shape[len(entries)], x.shape)
        entries.append(entry)
        if len(entry) == 3:
            shape.append(entry[1])
    return tuple(entries), tuple(shape)


def _one_by_one(key: object) -> tuple[int, list[object]] | None:
    """Axis, and key for each place, where a list has traced whole numbers: ``A[[i, p]]``."""
    given = key if isinstance(key, tuple) else (key,)
    for axis, one in enumerate(given):
        if isinstance(one, list) and any(getattr(place, "integer", False) for place in one):
            around = *given[:axis], *given[axis + 1 :]
            if all(isinstance(part, slice) for part in around):
                return axis, [(*given[:axis], place, *given[axis + 1 :]) for place in one]
    return None


def get_item(x: ArrayOperand, key: object) -> Any:
    """``x[key]``."""
    listed = _one_by_one(key)
    if listed is not None:
        axis, keys = listed
        return np.stack([get_item(x, one) for one in keys], axis=axis)
    parts = _parts(x, key)
    if all(map(_is_basic, parts)):
        entries, shape = _basic(x, parts)
        part = reshape(slice_(x, entries), shape)
        if not shape:
            part = part if part is not x else x.again()
            dots = any(one is Ellipsis for one in (key if isinstance(key, tuple) else (key,)))
            # With ... NumPy gives no number, but a view.
            return part.may_share(x) if dots else part
        made = part.view_of(
            x,
            lambda whole: reshape(slice_(whole, entries), shape),
            lambda whole, new: whole.assigned(assign(whole, reshape(new, kept(entries)), entries)),
        )
        layout = x.in_memory()
        made.lie_as(None if layout is None else layout[tuple(parts)])
        return made
    arrays = [i for i, part in enumerate(parts) if not _is_basic(part)]
    has_new = any(part is None for part in parts)
    traced = [i for i in arrays if isinstance(parts[i], ArrayOperand)]
    if any(_is_mask(parts[i]) for i in traced):
        return _by_mask(x, parts, arrays, key)
    if traced:
        taken = _by_places(x, parts, arrays)
        at_one = all(map(_is_place, (parts[i] for i in arrays)))
        if not at_one or not isinstance(taken, ArrayOperand) or not taken.shape:
            return taken
        if any(getattr(parts[i], "is_argument", False) for i in traced):
            return taken.may_share(x)  # an array of no axes takes a copy, its number does not
        return _following(taken, x, parts, arrays)
    if len(arrays) == 1 and _axes_of(parts[arrays[0]]) == 1 and not has_new:
        return _by_one(x, parts, arrays[0])
    places = _places(x, parts, key)
    return gather(reshape(x, (x.size,)), x.known(places, True))


def _by_places(x: ArrayOperand, parts: list[object], arrays: list[int]) -> object:
    """What indices take of which one at least is traced."""
    if len(arrays) == 1:
        return _by_traced(x, parts, arrays[0])
    return _by_several(x, parts, arrays)


def _following(
    made: ArrayOperand, x: ArrayOperand, parts: list[object], arrays: list[int]
) -> ArrayOperand:
    """What whole numbers take, as the view that it is of ``x``."""
    places = [part if i in arrays else slice(None) for i, part in enumerate(parts)]
    rest = tuple([part for i, part in enumerate(parts) if i not in arrays])

    def write(whole: ArrayOperand, new: object) -> None:
        if all(map(_is_everything, rest)):
            assign_at(whole, places, new)
        else:
            set_item(get_item(whole, tuple(places)), rest, new)

    def read(whole: ArrayOperand) -> ArrayOperand:
        return cast("ArrayOperand", _by_places(whole, parts, arrays))

    view = made.view_of(x, read, write)
    layout = x.in_memory()
    known = tuple([0 if i in arrays else part for i, part in enumerate(parts)])
    view.lie_as(None if layout is None or not layout.size else layout[known])  # type: ignore[index]  # as NumPy's
    return view


def _by_one(x: ArrayOperand, parts: list[object], axis: int) -> ArrayOperand:
    """An index array on one axis, slices on others."""
    index = _index_array(parts[axis])
    if index.dtype == bool:
        if len(index) != x.shape[axis]:
            _refuse(f"mask of {len(index)} for an axis of size {x.shape[axis]}, shape {x.shape}")
        index = np.flatnonzero(index)
    _check(index, x.shape[axis], x.shape)
    others = [slice(None) if i == axis else part for i, part in enumerate(parts)]
    if any(isinstance(part, (int, np.integer)) for part in others):  # NumPy moves axes around
        places = _places(x, parts, tuple(parts))
        return gather(reshape(x, (x.size,)), x.known(places, True))
    entries, _ = _basic(x, others)
    index = np.where(index < 0, index + x.shape[axis], index)
    return gather(slice_(x, entries), x.known(index, True), axis)


def _by_traced(x: ArrayOperand, parts: list[Any], axis: int) -> ArrayOperand:
    """An argument of whole numbers, or an order, as the index of one axis."""
    index = parts[axis]
    if not index.integer:
        _refuse(
            "an index or mask cannot depend on traced floats. Use np.where(mask, x, y), or give "
            "the argument an example of dtype int if it holds indices",
            TraceError if index.shape else CountError,
        )
    if any(part is None for part in parts):
        _refuse("np.newaxis beside an argument as index; index first, then add the axis")
    others = [slice(None) if i == axis else part for i, part in enumerate(parts)]
    ints = [i for i, part in enumerate(others) if not isinstance(part, slice)]
    if ints and not (axis == 0 or max(ints) < axis or ints == list(range(axis + 1, len(parts)))):
        _refuse("an argument as index between an int and a slice; take one after the other")
    entries, _ = _basic(x, others)
    left = axis - sum(1 for i in ints if i < axis)
    return gather(slice_(x, entries), index, left)


def _by_mask(x: ArrayOperand, parts: list[Any], arrays: list[int], key: object) -> object:
    """A mask of traced values, alone or before slices and ints."""
    if arrays != [0] or any(part is None for part in parts):
        _refuse(
            f"index {_shown(key)}: a mask of traced values comes first and without other arrays; "
            "use np.where(mask, x, y)"
        )
    chosen = selected(x, parts[0])
    return chosen if len(parts) == 1 else chosen[(slice(None), *parts[1:])]


def _by_several(x: ArrayOperand, parts: list[Any], arrays: list[int]) -> object:
    """Index arrays on the first axes, of which one at least is traced."""
    indices = [parts[i] for i in arrays]
    if arrays != list(range(len(arrays))) or any(part is None for part in parts):
        _refuse("several index arrays of which one is traced belong on the first axes")
    for one in indices:
        if not (one.integer if isinstance(one, ArrayOperand) else _index_array(one).dtype != bool):
            _refuse("an index cannot depend on traced floats; use np.where(mask, x, y)")
    front = x.shape[: len(arrays)]
    flat = reshape(x, (math.prod(front), *x.shape[len(arrays) :]))
    made = gather(flat, places_of(front, indices))
    rest = parts[len(arrays) :]
    if all(part == slice(None) for part in rest):
        return made
    before = (slice(None),) * (made.ndim - len(rest))
    return get_item(made, (*before, *rest))


def _index_array(part: object) -> Any:
    array = np.asarray(part)
    if array.dtype == object or array.dtype.kind not in "biu":
        if isinstance(part, Operand) or array.dtype == object:
            _refuse("an index or mask cannot depend on traced floats; use np.where")
        _refuse(f"found an index of dtype {array.dtype}; expected integers or a mask")
    return array


def _check(index: NDArray[np.integer], n: int, shape: Shape) -> None:
    if index.size and not (-n <= index.min() and index.max() < n):
        worst = index.max() if index.max() >= n else index.min()
        _refuse(f"index {worst} is out of bounds for an axis of size {n} of shape {shape}")


def _places(x: ArrayOperand, parts: list[Any], key: object) -> object:
    """The flat places that NumPy's index takes."""
    if any(isinstance(part, ArrayOperand) for part in parts):
        _refuse("several index arrays of which one is an argument; index one axis after the other")
    for part in parts:
        if not _is_basic(part):
            _index_array(part)
    try:
        return np.arange(math.prod(x.shape)).reshape(x.shape)[tuple(parts)]
    except IndexError as error:
        _refuse(f"index {_shown(key)} of an array of shape {x.shape}: {error}")


def set_item(x: object, key: object, value: Any) -> None:
    """``x[key] = value``."""
    if not isinstance(x, ArrayOperand):  # of whole numbers, say, or a list
        _refuse(f"cannot store a traced value in {shown(x)}; store it in an array of floats")
    listed = _one_by_one(key)
    if listed is not None:
        axis, keys = listed
        shape = get_item(x, key).shape
        copied = np.copy(value)  # a view would see what is stored
        whole = cast("ArrayOperand", _fitting(x, copied, np.shape(value), shape))
        for place, one in enumerate(keys):
            set_item(x, one, get_item(whole, (*(slice(None),) * axis, place)))
        return
    parts = _parts(x, key)
    given = () if isinstance(value, Selection) else getattr(value, "shape", None)
    given = np.shape(value) if given is None else given
    if all(map(_is_basic, parts)):
        entries, shape = _basic(x, parts)
        value = _fitting(x, value, given, shape)
        x.assigned(assign(x, reshape(value, kept(entries)), entries))
        return
    if _is_mask(parts[0]) and isinstance(parts[0], ArrayOperand):
        _assign_by_mask(x, parts, value)
        return
    if any(isinstance(part, ArrayOperand) for part in parts):
        assign_at(x, parts, value)
        return
    places = np.asarray(_places(x, parts, key))
    values = reshape(_fitting(x, value, given, places.shape), (places.size,))
    last, order = np.unique(places.ravel()[::-1], return_index=True)  # the last one stays
    chosen = x.known(places.size - 1 - order, True)
    fresh = scatter_add(gather(values, chosen), x.known(last, True), 0, x.size)
    mask = np.zeros(x.size)
    mask[last] = 1.0
    from_here = x.known(mask.reshape(x.shape))
    x.assigned(ops.where(from_here, reshape(fresh, x.shape), x))


def assign_at(x: ArrayOperand, parts: Sequence[Any], value: Any) -> None:
    """``x[k] = value`` where a traced whole number, or several beside each other, say where."""
    at = [i for i, part in enumerate(parts) if not _is_everything(part)]
    places = [parts[i] for i in at]
    if at != list(range(at[0], at[-1] + 1)):
        _refuse("several indices of which one is traced stand beside each other")
    if not all(map(_is_place, places)):
        _refuse("cannot assign where traced floats, or an array of traced indices, say; np.add.at "
                "adds there, np.where chooses")  # fmt: skip
    axis, front = at[0], tuple(x.shape[i] for i in at)
    index = places[0] if len(at) == 1 else places_of(front, places)
    whole = reshape(x, (*x.shape[:axis], math.prod(front), *x.shape[at[-1] + 1 :]))
    kept_shape = (*x.shape[:axis], *x.shape[at[-1] + 1 :])
    fitting = _fitting(x, value, np.shape(value), kept_shape)
    x.assigned(reshape(put_at(whole, index, fitting, axis), x.shape))


def _is_everything(part: object) -> bool:
    return isinstance(part, slice) and part == slice(None)


def _is_place(part: object) -> bool:
    """True for one whole number, traced or not."""
    if isinstance(part, ArrayOperand):
        return part.integer and not part.shape
    return _is_basic(part) and part is not None and not isinstance(part, slice)


def _assign_by_mask(x: ArrayOperand, parts: list[Any], value: Any) -> None:
    """``x[mask] = value`` for a number, something for each row, or what the mask chose."""
    mask = parts[0]
    if any(part != slice(None) for part in parts[1:]):
        _refuse("cannot assign to a part of x[mask]; use np.where(mask, x, y)")
    chosen = selected(x, mask)
    if isinstance(value, Selection):
        if value.mask.index != chosen.mask.index:
            _refuse("cannot assign what another mask has chosen; use np.where(mask, x, y)")
        value = value.whole
    elif np.ndim(value) > x.ndim - mask.ndim:
        _refuse(
            f"cannot assign an array of shape {np.shape(value)} where a mask of traced values "
            "says; use np.where(mask, x, y)"
        )
    rows = reshape(chosen.mask, (mask.size, *(1,) * (x.ndim - mask.ndim)))
    x.assigned(reshape(ops.where(rows, value, chosen.whole), x.shape))


def _fitting(x: ArrayOperand, value: object, given: Shape, shape: Shape) -> object:
    made = value
    if not isinstance(value, ArrayOperand):
        made = x.lifted(value, "assign")
    while len(given) > len(shape) and given[0] == 1:
        given = given[1:]
        made = reshape(made, given)
    try:
        if np.broadcast_shapes(given, shape) != shape:
            raise ValueError
    except ValueError:
        _refuse(f"cannot put an array of shape {given} into shape {shape}")
    return broadcast_to(made, shape)
