"""Each layer and function that the torch exporter knows, against torch, by both ways of tracing."""

import pytest

pytest.importorskip("torch")

import torch_cases
import torch_compare

#: Only normalisations look at the mode.
CASES = [
    (name, mode, way)
    for name in torch_cases.CASES
    for mode in ("train", "eval")
    for way in ("fx", "export")
    if mode == "train" or name in torch_cases.NORMS
    if name not in (torch_cases.EXPORT_ONLY if way == "fx" else torch_cases.FX_ONLY)
]


@pytest.mark.parametrize(("name", "mode", "way"), CASES)
def test_operator(name, mode, way):
    model, inputs = torch_compare.make(torch_cases.CASES[name])
    model.train()
    run = torch_compare.export(model, inputs, mode, way == "export")
    torch_compare.compare(run, model, inputs, mode)
