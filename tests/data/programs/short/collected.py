"""A decorator that keeps a program beside the arguments and options that it is called with."""


def collector():
    """A list, and the decorator that fills it with ``(program, arguments, options)``."""
    programs = []

    def prog(*args, **options):
        def kept(function):
            programs.append((function, args, options))
            return function

        return kept

    return programs, prog
