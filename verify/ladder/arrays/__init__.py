"""Arrays: the check that every compile of whole arrays gets.

In: a compiled function, and the examples it was traced with.  Out: what fields tell of its text, or
doubles where no field does, and machine code that gives what the text gives.
"""
