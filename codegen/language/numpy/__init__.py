"""Array forms of the functions NumPy lacks; their source is copied into emitted files.

In: scalar source.  Out: functions of arrays, by name.
"""
