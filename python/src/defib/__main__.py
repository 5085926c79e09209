"""`python -m defib`: the command `defib`."""

import sys

from ._commands import defib

if __name__ == "__main__":
    sys.exit(defib())
