"""The language of gradients: what the reader accepts, and what it means.

A text is read, never run.  It means what CPython 3.11 or later, with NumPy 2, makes of it for
float arguments and ``float64`` arrays; arithmetic on what depends on the inputs is that of the real
numbers, everything else is done exactly.  What is not listed here is refused with its line.

In: text.  Out: steps of a Program, and the results of its functions.

**File.**  UTF-8 without byte order mark, null bytes, or another encoding in its first two lines;
CPython compiles it.

**Top level**, by node:

==================  ================================================================================
``Import``          ``math``, ``numpy``, ``numpy.linalg``, ``autodiff``, ``scipy.special``, of
                    ``itertools`` and ``functools`` what is called, of ``typing`` types
``ImportFrom``      names that these have (SciPy: those of our primitives, and of what is made of
                    few of them), no star;
                    ``from __future__ import annotations``
``FunctionDef``     no decorator; annotations name types, defaults are plain numbers
``Assign``          names, to plain numbers, and to lists, dicts and what NumPy, ``math`` and
                    functions above make of these: they exist once, so nothing writes to them;
                    ``lambda``; no name that starts and ends with ``__``, but ``__all__`` and its
                    like
``If``              ``if __name__ == "__main__":`` is not run where the file is imported
``Expr``            a docstring
==================  ================================================================================

The last definition of a name counts; it hides a builtin of that name everywhere.  A copy of one of
our own functions means its primitive, if what it calls is ours as well.

**Statements**

==================  ================================================================================
``Assign``          to names, items, tuples of these; all names of a list or an array see its change
``AugAssign``       ``+=`` changes lists and arrays in place, and rebinds numbers and tuples
``If``              by a condition that depends on the inputs both sides are read: what they leave
                    in names and items is put together number by number; a side that returns,
                    breaks or leaves another list is a way of its own (128 ways at most).  What
                    both sides append is put together
``For``, ``While``  over what does not depend on the inputs; no ``else``.  A ``while`` that the
                    inputs end is a way of its own for each number of rounds (32 at most)
``Try``             ``try: ... return``, ``except Exception: ... return``: each ``try`` may take
                    either way, whatever the others do, unless nothing in it can raise.  Nothing
                    that existed may change inside
``FunctionDef``     an inner function sees what is around it as it is when it is called
``With``            ``numpy.errstate`` that ignores; ``Assert`` of what hangs on no input and
                    holds; ``Delete`` of names
``Return``          a value; ``Break``, ``Continue``, ``Pass``, ``Expr`` of a call or a docstring
==================  ================================================================================

**Expressions**

==================  ================================================================================
``Constant``        int, float, bool, None, texts
``Name``            local as Python decides it (bound anywhere in the function), else of the top
                    level, else a builtin function
``BinOp``           numbers that do not depend on the inputs: Python's, exactly (ints of 8192 bits
                    at most).  Others: ``+ - * / % **``; an int that meets them must be a double.
                    Ints made of conditions stay below 2**53.  ``x ** y`` may be complex: it is
                    neither compared, nor given to ``abs`` or ``float``
                    Lists and tuples: ``+`` joins, ``* n`` repeats; arrays: elementwise, broadcast,
                    ``@``; an array of ints or truths only beside floats
``UnaryOp``         ``- +`` of numbers and arrays, ``not``; once NumPy is there, truth values have
                    no sign, and no difference: NumPy's comparisons give its own
``Compare``         numbers and arrays, chains of numbers; ``is`` with None; ``in`` among what hangs
                    on no input.  nan is above, below and equal to nothing: ``max(x, nan)`` is x,
                    ``max(nan, x)`` nan
``BoolOp``          Python's: the value is one of the operands; what decides ends it
``IfExp``           numbers, or arrays and tuples of them
``Subscript``       plain ints and slices; keys of a dict; of arrays also ``None``, ``...`` and
                    lists of ints side by side, which choose in pairs.  An int that conditions
                    chose among few is a plain one in each case (no slice).  A slice of a list
                    is a copy, one of an array a view: from then on neither is written to.  Of
                    ``x[conditions]``, and of the places that ``argmax``, ``argmin`` and a stable
                    ``argsort`` give, each choice is a way of its own; a number is written under
                    conditions without.  Places, and NumPy's ints that hang on no input, index,
                    are computed with (2**31 at most), and are floats beside floats
``List Tuple Dict`` with stars; keys of a dict are texts, ints and tuples of these
``Lambda``          as an inner function
``ListComp``        and of dicts, with its own names; a generator only where ``sum``, ``max``,
                    ``list`` use it up
``Call``            functions of the text (24 inside themselves), those that are values,
                    ``library.py``, ``numpy_names.py`` with the arguments that stand there
                    (``dtype`` is ``float``), and methods:
                    ``append extend insert copy pop reverse`` of lists, ``items keys values get`` of
                    dicts, of arrays ``METHODS`` there and
                    ``reshape flatten tolist astype``
``Attribute``       ``shape size ndim T`` of arrays; ``pi e tau inf nan`` of modules that have them
==================  ================================================================================

What Python computes may raise: ``t = math.log(x - 5)`` ends a function for x = 3, whether or not t
is used.  So every division, remainder, power and function of ``math`` has to be defined wherever
the function is, under the conditions it is computed under; those of NumPy's numbers give nan.

Arguments are the caller's: nothing changes them.  Lists, arrays, loops and calls are counted; what
grows beyond a million items and the length of the text, 8192 bits or 100 000 rounds is refused
before it is made.
Sums of three and more floats, and what NumPy sums, multiplies or raises to a power, are real
numbers too: nobody knows how they are rounded, so what their last digits decide is refused.
Where ints and floats meet, zero has no sign: what a pole gives is infinite, this way or that.
Nor has it one for ``copysign``: what that makes of a zero is either number, and no proof rests on
which.

Emitted code (``Text(batches=True)``) is read in a smaller language still: a number of it may stand
for an array of many, so it makes no arrays, sums none, and changes nothing in place; over NumPy it
asks for no truth of a number (``if``, ``and``, ``max``) and makes no float of it, either.
"""
