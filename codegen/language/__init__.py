"""What differs between the languages we write: spelling, parentheses, names, line breaks.

In: rows of the table.  Out: pieces of text.
"""
