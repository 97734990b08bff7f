"""One subcommand of ``proofgrad`` a file."""
