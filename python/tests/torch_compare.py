"""Compares an export with torch itself: outputs, and gradients at the user's own parameters."""

import copy
import json

import autograd_reference
import numpy as np
import torch

from defib.exporters import Settings
from defib.exporters.torch import build
from defib.exporters.torch.build import _Builder
from defib.exporters.torch.undisturbed import same_attributes
from defib.exporters.torch.unwrap import training_mode

ROWS = 9


def make(case, seed=0):
    """Return (model, inputs); an input is given by its shape, or made by a function of rows."""
    torch.manual_seed(seed)
    factory, shapes = case
    return factory(), [s(ROWS) if callable(s) else torch.randn(ROWS, *s) for s in shapes]


def export(model, inputs, mode="train", exported=None, y=None, **settings):
    """Export by one of both ways of tracing, or by whichever works."""
    x = inputs if len(inputs) > 1 else inputs[0]
    chosen = Settings(mode=mode, **settings)
    if exported is None:
        return build(model, x, y, chosen)
    with training_mode(model, mode == "train"), same_attributes(model):
        return _Builder(model, x, chosen).build(y, exported=exported)


def leaves(value):
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return [value]
    return [leaf for item in value for leaf in leaves(item)]


def expected(model, inputs, mode):
    """Return outputs and gradients of torch in float64."""
    twin = copy.deepcopy(model).double()
    modes = [m.training for m in twin.modules()]
    if mode == "eval" or not any(modes):
        twin.train(mode == "train")
    for module in twin.modules():
        if isinstance(module, torch.nn.modules.dropout._DropoutNd):
            module.p = 0.0
        if isinstance(module, (torch.nn.RNNBase, torch.nn.MultiheadAttention)):
            module.dropout = 0.0
    torch.set_default_dtype(torch.float64)
    try:
        outputs = leaves(twin(*(x.double() if x.is_floating_point() else x for x in inputs)))
    finally:
        torch.set_default_dtype(torch.float32)
    total = autograd_reference.project(t.double() for t in outputs)
    held = dict(twin.named_parameters())
    wanted = {n: p for n, p in held.items() if p.requires_grad}
    gradients = {}
    if total.requires_grad:
        found = torch.autograd.grad(total, list(wanted.values()), allow_unused=True)
        gradients = {
            n: torch.zeros_like(p) if g is None else g
            for (n, p), g in zip(wanted.items(), found, strict=True)
        }
    return outputs, gradients


def compare(run, model, inputs, mode="train"):
    """Assert that the run computes what torch computes."""
    outputs, gradients = autograd_reference.replay(json.loads(run.to_json()), run.arrays)
    wanted, slopes = expected(model, inputs, mode)
    assert len(outputs) == len(wanted)
    for found, tensor in zip(outputs.values(), wanted, strict=True):
        close(found, tensor)
    assert set(gradients) == set(slopes)
    for name, gradient in gradients.items():
        close(gradient, slopes[name])


def close(found, tensor):
    a, b = found.detach().double().numpy(), tensor.detach().double().numpy()
    np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7 * max(1.0, np.abs(b).max(initial=0)))
