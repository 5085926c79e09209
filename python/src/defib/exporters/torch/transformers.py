"""What models of the package transformers do differently while they are traced."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from unittest import mock


@contextmanager
def without_packing(inputs: Sequence[str]) -> Iterator[None]:
    """Let models take positions that they count themselves for those of one sequence a row.

    They look for sequences that were packed into one row, and in a traced graph they always mask
    them, although positions that the model counts have none.
    """
    held = sys.modules.get("transformers.masking_utils")
    with ExitStack() as stack:
        if hasattr(held, "find_packed_sequence_indices") and "position_ids" not in inputs:
            stack.enter_context(
                mock.patch.object(held, "find_packed_sequence_indices", return_value=None)
            )
        yield
