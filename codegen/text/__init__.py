"""Graph to the text of a file: lines, functions, chunks, header, comments.

In: a graph after the passes, and a language.  Out: a module's text.
"""
