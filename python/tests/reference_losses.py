"""Every loss kind that exporters write, by its formula in docs/run-format.md, in float64."""

import numpy as np


def loss(document, arrays, values):
    """Return the weighted total of a run's losses at these values of the predictions."""
    total = 0.0
    for entry in document["losses"]:
        target = np.asarray(arrays[document["data"][entry["target"]]])
        prediction = values[entry["prediction"]].astype(np.float64)
        if "sample_weight" in entry:
            each = arrays[document["data"]["sample_weight"]]
            rows = range(len(each))
            parts = [_one(entry, prediction[i : i + 1], target[i : i + 1]) for i in rows]
            found = np.mean(each * parts)
        else:
            found = _one(entry, prediction, target)
        total += entry.get("weight", 1.0) * found
    return total


def penalty(document, arrays):
    """Return the penalties on the weights."""
    files = {entry["name"]: entry["file"] for entry in document["graph"]["parameters"]}
    total = 0.0
    for entry in document["training"].get("regularization", ()):
        weights = arrays[files[entry["parameter"]]].astype(np.float64)
        total += entry.get("l1", 0.0) * np.abs(weights).sum()
        total += entry.get("l2", 0.0) * (weights**2).sum()
    return total


def _one(entry, p, y):
    kind, reduce = entry["kind"], np.sum if entry.get("reduction") == "sum" else np.mean
    if kind in ("cross-entropy", "categorical-cross-entropy", "nll"):
        return _classes(entry, p, y, reduce)
    assert p.shape == y.shape, (kind, p.shape, y.shape)
    if kind == "kl-div":
        p, y = np.clip(p, entry["clip"], 1), np.clip(y, entry["clip"], 1)
        assert entry["row_mean"]
        return reduce((y * np.log(y / p)).sum(-1))
    return reduce(_elements(entry, p, y.astype(np.float64)))


def _elements(entry, p, y):
    kind, away = entry["kind"], np.abs(p - y)
    clip, smoothing = entry.get("clip", 0.0), entry.get("label_smoothing", 0.0)
    y = y * (1 - smoothing) + smoothing / 2
    if kind == "bce":
        p = _clipped(p, clip)
        return -(y * np.log(p) + (1 - y) * np.log(1 - p))
    if kind == "huber":
        delta = entry["delta"]
        return np.where(away <= delta, away**2 / 2, delta * away - delta**2 / 2)
    return {
        "mse": lambda: away**2,
        "l1": lambda: away,
        "log-cosh": lambda: away + np.log1p(np.exp(-2 * away)) - np.log(2),
        "bce-with-logits": lambda: np.logaddexp(0, p) - y * p,
        "hinge": lambda: _hinge(entry, p, y),
        "epsilon-insensitive": lambda: (
            np.maximum(away - entry["epsilon"], 0) ** (2 if entry.get("squared") else 1)
        ),
        "poisson-nll": lambda: p - y * np.log(p + entry["eps"]),
    }[kind]()


def _hinge(entry, p, y):
    y = 2 * y - 1 if entry.get("binary") else y
    gap = np.maximum(entry.get("margin", 1.0) - y * p, 0)
    return gap**2 if entry.get("squared") else gap


def _clipped(p, clip):
    """1 - 1e-7 is another number in float32, and that is the one that frameworks see."""
    return np.clip(p, np.float32(clip), np.float32(1) - np.float32(clip)).astype(np.float64)


def _classes(entry, p, y, reduce):
    """Classes lie on axis 1."""
    if entry["kind"] == "categorical-cross-entropy":
        assert "clip" in entry or (p > 0).all()
        if entry.get("normalize"):
            p = p / p.sum(1, keepdims=True)
        logs = np.log(_clipped(p, entry.get("clip", 0.0)))
    else:
        logs = p if entry["kind"] == "nll" else p - np.logaddexp.reduce(p, axis=1, keepdims=True)
    counted = np.ones(y.shape if y.ndim < p.ndim else (y.shape[0], *y.shape[2:]), bool)
    if y.ndim < p.ndim:
        counted = y != entry.get("ignore_index", -100)
        y = np.moveaxis(np.eye(p.shape[1])[np.where(counted, y, 0).astype(int)], -1, 1)
    smoothing = entry.get("label_smoothing", 0.0)
    y = y * (1 - smoothing) + smoothing / p.shape[1]
    return reduce(-(y * logs).sum(1)[counted])
