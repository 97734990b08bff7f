"""SciPy's functions on whole arrays, by what they compute; found by the identity of SciPy's own."""
