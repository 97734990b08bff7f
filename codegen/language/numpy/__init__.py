"""Array forms of the functions NumPy lacks; their source is copied into emitted files."""
