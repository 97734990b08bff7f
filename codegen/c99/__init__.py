"""The C99 target: a source file and a header that any C or C++ program can use.

Spellings are read off the ``python`` column of the table; only what C spells differently is named
(``spelling_c.py``), and the portable functions are translated from their Python source
(``to_c.py``).  ``c_forms.py`` chooses: ``c_scalars.py`` writes numbers one by one, ``whole``
arrays and loops as loops.

In: a graph after the passes.  Out: the text of both files.
"""

from codegen.c99.c_files import CSource, to_c
from codegen.c99.c_forms import form_in_c

__all__ = ["CSource", "form_in_c", "to_c"]
