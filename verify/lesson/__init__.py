"""A lesson: one page that steps through a function, forward and backward.

``steps.py`` says what happens at each step, ``verify.beside.formulas`` how a derivative is written,
``page.py`` puts steps, drawing, code and verdict into ``page.html``.

In: a traced function.  Out: one HTML page.
"""

from verify.lesson.page import lesson_page

__all__ = ["lesson_page"]
