"""Changes of a run on disk that must not change its diagnosis."""

import json
import shutil
from pathlib import Path

import numpy as np


def copied(run: Path, to: Path) -> dict:
    """Copy the run and return its run.json."""
    shutil.copytree(run, to)
    return json.loads((to / "run.json").read_text())


def every_array(run: Path, to: Path, change) -> None:
    """Put every array through `change`."""
    copied(run, to)
    for path in to.rglob("*.npy"):
        np.save(path, change(np.load(path)))


def float64(run: Path, to: Path) -> None:
    """Store floats in double precision."""
    every_array(run, to, lambda a: a.astype(np.float64) if a.dtype == np.float32 else a)


def fortran(run: Path, to: Path) -> None:
    """Store arrays column by column."""
    every_array(run, to, np.asfortranarray)


def big_endian(run: Path, to: Path) -> None:
    """Store numbers with their bytes reversed."""
    every_array(run, to, lambda a: a.astype(a.dtype.newbyteorder(">")))


def shards(run: Path, to: Path) -> None:
    """Store the data in folders of five files, one of them empty."""
    for path in copied(run, to)["data"].values():
        array = np.load(to / path)
        (to / path).unlink()
        (to / path).mkdir()
        parts = np.array_split(array, [0, len(array) // 7, len(array) // 2, len(array) - 1])
        for index, part in enumerate(parts):
            np.save(to / path / f"part-{index:05}.npy", part)


def doubled_loss(run: Path, to: Path) -> None:
    """Double the loss and halve the rate of plain gradient descent."""
    document = copied(run, to)
    for loss in document["losses"]:
        loss["weight"] = 2 * loss.get("weight", 1.0)
    optimizer = document["training"]["optimizer"]
    if optimizer["kind"] == "sgd":
        optimizer["learning_rate"] /= 2
        if optimizer.get("weight_decay"):
            optimizer["weight_decay"] *= 2
    (to / "run.json").write_text(json.dumps(document))


def permuted_units(run: Path, to: Path) -> None:
    """Put the units of the first hidden layer into another order."""
    document = copied(run, to)
    files = {p["name"]: p for p in document["graph"]["parameters"]}
    kernels = [n for n in files if n.endswith("weight")]
    first, second = kernels[0], kernels[1]
    bias = first.replace("weight", "bias")
    order = np.random.default_rng(1).permutation(np.load(to / files[first]["file"]).shape[0])
    for name, axis in ((first, 0), (bias, 0), (second, 1)):
        for key in ("file", "initial"):
            if name in files and key in files[name]:
                path = to / files[name][key]
                np.save(path, np.take(np.load(path), order, axis=axis))


def doubled_rows(run: Path, to: Path) -> None:
    """Repeat every sample, one after the other, in batches of twice the size."""
    document = copied(run, to)
    for path in document["data"].values():
        np.save(to / path, np.repeat(np.load(to / path), 2, axis=0))
    training = document["training"]
    if training.get("batch_size"):
        training["batch_size"] *= 2
    (to / "run.json").write_text(json.dumps(document))


def appended_layer(run: Path, to: Path) -> None:
    """Put a frozen layer that changes nothing after the last rectifier: the identity, rectified."""
    document = copied(run, to)
    graph = document["graph"]
    index = max(i for i, node in enumerate(graph["nodes"]) if node["op"] == "Relu")
    features = graph["nodes"][index]["outputs"][0]
    before = next(n for n in graph["nodes"] if n["outputs"] == graph["nodes"][index]["inputs"][:1])
    kernel = next(p for p in graph["parameters"] if p["name"] == before["inputs"][1])
    units = np.load(to / kernel["file"]).shape[0]
    for name, values in (("extra.weight", np.eye(units)), ("extra.bias", np.zeros(units))):
        np.save(to / "weights" / f"{name}.npy", values.astype(np.float32))
        path = f"weights/{name}.npy"
        graph["parameters"].append({"name": name, "file": path, "trainable": False})
    for node in graph["nodes"][index + 1 :]:
        node["inputs"] = ["extra.relu" if name == features else name for name in node["inputs"]]
    graph["nodes"][index + 1 : index + 1] = [
        {
            "name": "extra", "op": "Gemm", "inputs": [features, "extra.weight", "extra.bias"],
            "outputs": ["extra"], "attributes": {"transB": 1},
        },
        {"name": "extra.relu", "op": "Relu", "inputs": ["extra"], "outputs": ["extra.relu"]},
    ]  # fmt: skip
    (to / "run.json").write_text(json.dumps(document))


#: Nothing but how numbers are stored differs: the whole report stays.
STORED = (float64, fortran, big_endian, shards)
#: Sums are taken in another order: what is found and how bad it is stays.
REARRANGED = (doubled_loss, permuted_units, doubled_rows)
