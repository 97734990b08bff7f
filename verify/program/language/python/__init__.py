"""What Python has beside numbers and arrays: dicts, texts, None, functions as values.

In: values of the text.  Out: values of the text; nothing of them depends on an input.
"""
