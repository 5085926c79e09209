"""Data as scripts hold it: loaders, datasets, generators of batches. Read once into arrays."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._errors import DefibWarning, ExportError
from .arrays import Array, as_array
from .collating import CHUNK, chunk_of, collated
from .kinds import class_names
from .tables import Columns, is_table, named_columns, table_array

#: The most bytes of what has to be read: beyond, a part of the rows stands for all.
LIMIT = 1 << 30
#: The most rows of what does not say how many it has, as a generator that never ends.
ROWS = 1 << 16
_DATASET = "torch.utils.data.dataset.Dataset"
_LOADER = "torch.utils.data.dataloader.DataLoader"
#: what Accelerate, and so the Trainer of Transformers, puts around a DataLoader
_ADAPTER = "accelerate.data_loader.DataLoaderAdapter"
#: What items call their targets.
_LABELS = ("labels", "label", "targets", "target", "y")


@dataclass(frozen=True)
class Held:
    """What was read: inputs, targets, and what a loader says of batches."""

    x: Any
    y: Any
    batch_size: int | None = None
    shuffle: bool | None = None


def is_source(value: Any) -> bool:
    """Whether a value gives samples or batches one after the other, and is no array itself."""
    kinds = class_names(value)
    if kinds & {_DATASET, _LOADER, _ADAPTER}:
        return True
    if any(kind.startswith("tensorflow.python.data") for kind in kinds):
        return True
    if any(kind.endswith(("PyDataset", "Sequence")) and "keras" in kind for kind in kinds):
        return True
    return isinstance(value, Iterator) or inspect.isgenerator(value)


def taken(model: Any, x: Any, y: Any, training: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """Read what is no array yet; return inputs, targets and the settings of the training.

    A loader also says how large its batches are and whether it shuffles, where the user does not.

    Raises:
        ExportError: a source is empty, or its parts are no arrays of one shape.
    """
    settings = dict(training)
    # An estimator may choose columns of a table by their names, and says itself what reaches it.
    own = "sklearn.base.BaseEstimator" in class_names(model)
    # What was read before is an array now, and its names stand in the settings.
    columns = Columns(None if own else named_columns(x), named_columns(y))
    if columns != Columns():
        settings["columns"] = columns
    if is_source(x):
        held = read(x, y, model)
        x, y = held.x, held.y
        for name in ("batch_size", "shuffle"):
            if settings.get(name) is None and getattr(held, name) is not None:
                settings[name] = getattr(held, name)
    elif not own:
        x, y = plain(x, "x"), plain(y, "y")
    validation = settings.get("validation")
    if is_source(validation):
        held = read(validation, None, model, "validation")
        settings["validation"] = (held.x, held.y)
    elif isinstance(validation, (tuple, list)) and len(validation) == 2 and not own:
        names = ("validation x", "validation y")
        settings["validation"] = tuple(
            plain(part, name) for part, name in zip(validation, names, strict=True)
        )
    return x, y, settings


def plain(value: Any, what: str) -> Any:
    """Turn tables of pandas and polars into arrays, in what may be a list or a dict of them."""
    if is_table(value):
        return table_array(value, what)
    if isinstance(value, Mapping) and any(is_table(item) for item in value.values()):
        return {key: plain(item, f"{what}[{key!r}]") for key, item in value.items()}
    if isinstance(value, (list, tuple)) and any(is_table(item) for item in value[:64]):
        items = [plain(item, f"{what}[{i}]") for i, item in enumerate(value)]
        return tuple(items) if isinstance(value, tuple) else items
    return value


def read(source: Any, y: Any, model: Any, what: str = "x") -> Held:
    """Read all batches of a source into arrays.

    Args:
        source: The source.
        y: Targets that were given beside it: an error, for the source has them.
        model: The model, which says how many of the parts of a batch are inputs.
        what: What messages call the source.

    Raises:
        ExportError: it is empty, or its parts are no arrays of one shape.
    """
    if y is not None:
        raise ExportError(f"{what} is {_named(source)}, which gives its own targets; leave y out")
    names = _argument_names(model)
    batches, batch_size, shuffle, total = _batches(source)
    parts = _Parts(what, names)
    for batch in batches:
        parts.add(batch)
        if parts.bytes > LIMIT or (total is None and parts.rows >= ROWS):
            break
    if not parts.rows:
        raise ExportError(f"{what} is {_named(source)} that gives nothing")
    if total is None or parts.rows < total:
        rest = f" of {total}" if total is not None else ""
        more = next(iter(batches), None) if total is None else True
        if more is not None:
            warnings.warn(
                f"{what}: the first {parts.rows} rows{rest} were read; they stand for all",
                DefibWarning,
                stacklevel=4,
            )
    x, targets = parts.joined()
    return Held(x, targets, batch_size, shuffle)


def _named(source: Any) -> str:
    return f"a {type(source).__name__}"


class _Parts:
    """Gathers batches: inputs and targets, each by name or by place."""

    def __init__(self, what: str, names: Sequence[str]) -> None:
        self.what, self.names = what, names
        self.rows = self.bytes = 0
        self._x: list[Any] = []
        self._y: list[Any] = []

    def add(self, batch: Any) -> None:
        """Take one batch."""
        x, y = _divided(batch, self.names)
        self._x.append(x)
        if y is not None:
            self._y.append(y)
        leaves = _leaves(x)
        self.rows += len(leaves[0]) if leaves else 0
        self.bytes += sum(leaf.nbytes for leaf in (*leaves, *_leaves(y)))

    def joined(self) -> tuple[Any, Any]:
        """Return inputs and targets over all batches."""
        if self._y and len(self._y) != len(self._x):
            raise ExportError(f"{self.what}: some batches have targets and others have none")
        return self._join(self._x), self._join(self._y) if self._y else None

    def _join(self, held: Sequence[Any]) -> Any:
        first = held[0]
        if isinstance(first, Mapping):
            return {key: self._join([item[key] for item in held]) for key in first}
        if isinstance(first, (list, tuple)):
            return [self._join([item[i] for item in held]) for i in range(len(first))]
        shapes = {array.shape[1:] for array in held}
        if len(shapes) > 1:
            raise ExportError(
                f"{self.what}: batches have rows of different shapes, as {sorted(shapes)[:2]}; "
                "pad them to one"
            )
        return np.concatenate(held) if len(held) > 1 else held[0]


def _divided(batch: Any, names: Sequence[str]) -> tuple[Any, Any]:
    """Tell the inputs of a batch from its targets."""
    if isinstance(batch, Mapping):
        label = next((key for key in _LABELS if key in batch), None)
        x: Any = {
            k: _array(v) for k, v in batch.items() if k != label and (not names or k in names)
        }
        if not x and label is not None:
            x = {k: _array(v) for k, v in batch.items() if k != label}
        only = next(iter(x.values())) if len(x) == 1 else x
        return only, None if label is None else _array(batch[label])
    if not isinstance(batch, (list, tuple)):
        return _array(batch), None
    if len(batch) == 1:
        return _array(batch[0]), None
    if len(batch) == 2:
        return _array(batch[0]), _array(batch[1])
    count = max(1, min(len(names), len(batch) - 1)) if names else len(batch) - 1
    x = [_array(item) for item in batch[:count]]
    y = [_array(item) for item in batch[count:]]
    return x[0] if len(x) == 1 else x, y[0] if len(y) == 1 else y


def _array(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _array(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and value and not np.isscalar(value[0]):
        return [_array(item) for item in value]
    if hasattr(value, "numpy") and type(value).__module__.startswith("tensorflow"):
        value = value.numpy()
    # A loader may use the memory of a batch again.
    return np.array(as_array(value, "a part of a batch"))


def _leaves(value: Any) -> list[Array]:
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value]


def _argument_names(model: Any) -> list[str]:
    """Return the names of the inputs that a model needs; none where it does not say."""
    if "torch.nn.modules.module.Module" in class_names(model):
        try:
            held = inspect.signature(model.forward).parameters.values()
        except (TypeError, ValueError):
            return []
        named = [p for p in held if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        return [p.name for p in named]
    return [str(tensor.name) for tensor in getattr(model, "inputs", None) or []]


# -- sources

Batches = tuple[Iterator[Any], "int | None", "bool | None", "int | None"]


def _batches(source: Any) -> Batches:
    """Return an iterator of batches, their size, whether they are shuffled, and how many rows."""
    kinds = class_names(source)
    if kinds & {_LOADER, _ADAPTER}:
        return _loader(getattr(source, "base_dataloader", source))
    if _DATASET in kinds:
        if "torch.utils.data.dataset.IterableDataset" in kinds:
            return collated(iter(source), None), None, None, None
        rows = range(len(source))
        return collated((source[i] for i in rows), None), None, None, len(source)
    if any(kind.startswith("tensorflow.python.data") for kind in kinds):
        return _tensorflow(source)
    if hasattr(source, "__getitem__") and hasattr(source, "__len__"):  # keras.utils.PyDataset
        held = (source[i] for i in range(len(source)))
        return held, getattr(source, "batch_size", None), None, None
    return iter(source), None, None, None


def _loader(loader: Any) -> Batches:
    """Read the dataset of a loader in its order, so that two reports of it are the same."""
    size, held = loader.batch_size, loader
    if size is None and type(getattr(loader, "batch_sampler", None)).__name__ == "BatchSampler":
        held = loader.batch_sampler
        size = held.batch_size
    samplers = [kind.__name__ for kind in type(getattr(held, "sampler", None)).__mro__]
    sampler = next((n for n in samplers if n in ("RandomSampler", "SequentialSampler")), None)
    shuffle = None if sampler is None else sampler == "RandomSampler"
    dataset = loader.dataset
    mapped = hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__")
    if not mapped or size is None or shuffle is None:
        return iter(loader), size, shuffle, None
    samples = (dataset[i] for i in range(len(dataset)))
    if sampler == "SequentialSampler" and getattr(loader, "batch_sampler", None) is not None:
        own = type(loader.batch_sampler).__name__
        if own != "BatchSampler":
            return iter(loader), None, shuffle, None
    batches = collated(samples, loader.collate_fn, chunk_of(dataset))
    return batches, int(size), shuffle, len(dataset)


def _tensorflow(dataset: Any) -> Batches:
    """Read a tf.data.Dataset; one that is not batched yet is read in batches."""
    size, node = None, dataset
    while node is not None:
        if "Batch" in type(node).__name__:
            held = getattr(node, "_batch_size", None)
            size = int(held) if held is not None else -1
            break
        node = getattr(node, "_input_dataset", None)
    if size is None:
        return iter(dataset.batch(CHUNK)), None, None, None
    return iter(dataset), size if size > 0 else None, None, None
