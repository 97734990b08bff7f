"""Arrays of a text: NumPy's meaning, number by number.

``new_arrays.py`` makes them, ``elementwise.py`` computes with them, ``indexed_parts.py`` takes and
writes parts, ``moved_numbers.py`` moves their numbers, ``along_axes.py`` goes along axes,
``multiplied.py`` multiplies, ``decided_places.py`` finds what is largest, ``by_determinants.py``
solves, ``numpy_names.py`` says which functions are read; ``pythons_own.py`` has Python's, which go
through sequences of any kind.

In: arrays, lists, numbers.  Out: arrays and numbers, and steps of the Program.
"""
