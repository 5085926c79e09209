"""Whole networks from the torch exporter, against torch: outputs and every gradient."""

import pytest

pytest.importorskip("torch")

import torch_compare
import torch_networks


@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize("name", torch_networks.NETWORKS)
def test_network(name, mode):
    model, inputs = torch_compare.make(torch_networks.NETWORKS[name])
    model.train()
    run = torch_compare.export(model, inputs, mode)
    torch_compare.compare(run, model, inputs, mode)


#: torch.export cannot follow these: it names a module `code` wrongly, asks a mask for its values,
#: and takes a bag of embeddings apart into something that no run can hold.
FX_ONLY = {"autoencoder", "translator", "bag"}


@pytest.mark.parametrize("name", sorted(torch_networks.NETWORKS.keys() - FX_ONLY))
def test_network_by_way_of_torch_export(name):
    model, inputs = torch_compare.make(torch_networks.NETWORKS[name])
    model.train()
    run = torch_compare.export(model, inputs, "train", exported=True)
    torch_compare.compare(run, model, inputs, "train")


#: Where no transpose moves the samples away from axis 0.
ROWS_STAY = [
    "vgg", "resnet", "depthwise", "1-d cnn", "cells", "loop", "transformer", "attention",
    "transformer time first", "patches", "encoder layer", "many", "autoencoder",
]  # fmt: skip


@pytest.mark.parametrize("name", ROWS_STAY)
def test_samples_stay_on_axis_0(name):
    model, inputs = torch_compare.make(torch_networks.NETWORKS[name])
    run = torch_compare.export(model, inputs)
    batched = set(run.inputs)
    for node in run.nodes:
        if not batched.intersection(node["inputs"]):
            continue
        batched.update(node["outputs"])
        if node["op"] == "Transpose":
            assert node["attributes"]["perm"][0] == 0, node
        if node["op"] == "Reshape":
            shape = next(n for n in run.nodes if n["outputs"][0] == node["inputs"][1])
            assert shape["attributes"]["value_ints"][0] in (0, -1), node


@pytest.mark.parametrize("name", torch_networks.NETWORKS)
def test_layers_are_the_users(name):
    model, inputs = torch_compare.make(torch_networks.NETWORKS[name])
    model.train()
    run = torch_compare.export(model, inputs)
    layers = {node["layer"] for node in run.nodes}
    wanted = {
        path
        for path, part in model.named_modules()
        if path and not list(part.children()) and "parametrizations" not in path
    }
    # An attention is one layer, with its last projection in it.
    assert {path for path in wanted - layers if not path.endswith(".out_proj")} == set()
    known = {name for name, _ in model.named_parameters()}
    assert {e["name"] for e in run.parameters if e.get("trainable", True)} == known
