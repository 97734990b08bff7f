"""``python -m proofgrad``: the same command as ``proofgrad``."""

from verify.command import main

if __name__ == "__main__":
    main()
