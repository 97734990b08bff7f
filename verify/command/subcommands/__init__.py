"""One subcommand of ``proofgrad`` a file.

In: options and a function of the user's file.  Out: text on the terminal, or files.
"""
