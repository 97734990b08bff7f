"""``python -m autodiff``: the same command as ``proofgrad``."""

from autodiff.cli import main

if __name__ == "__main__":
    main()
