"""Arrays of a text: NumPy's meaning, number by number.

``made.py`` makes them, ``elementwise.py`` computes with them, ``parts.py`` takes and writes parts,
``forms.py`` moves their numbers, ``sums.py`` goes along axes, ``products.py`` multiplies.

In: arrays, lists, numbers.  Out: arrays and numbers, and steps of the Program.
"""
