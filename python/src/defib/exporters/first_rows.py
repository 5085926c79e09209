"""A few rows of what a training reads, to see before it begins whether a model can be exported."""

from __future__ import annotations

from typing import Any

from .reading import Held, is_source, read


def first_rows(source: Any, y: Any, model: Any, rows: int = 4) -> Held | None:
    """Return the first rows of arrays, of a dataset or of a loader, as arrays.

    No sampler is asked, whose next order would be another one then.

    Returns:
        None where the rows can be had in their order only, as those of a stream.

    Raises:
        ExportError: the rows are no arrays of one shape.
    """
    loader = getattr(source, "base_dataloader", source)
    if not is_source(loader):
        return None
    dataset = getattr(loader, "dataset", loader)
    if not (hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__")) or not len(dataset):
        return None
    from torch.utils.data import default_collate

    from .torch.undisturbed import same_random_numbers

    collate = getattr(loader, "collate_fn", None) or default_collate
    with same_random_numbers():
        batch = collate([dataset[i] for i in range(min(rows, len(dataset)))])
    return read(iter([batch]), y, model)
