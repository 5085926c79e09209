"""The network of a case, as a `torch.nn.Sequential`."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

ACTIVATIONS = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "softplus": nn.Softplus,
    "gelu": nn.GELU,
}


def build(specs: list[dict[str, Any]]) -> nn.Sequential:
    """Build the layers of a case, initialised as it says (from torch's own random state)."""
    layers = [layer for spec in specs for layer in _layers(spec)]
    return nn.Sequential(*layers)


def _layers(spec: dict[str, Any]) -> list[nn.Module]:
    kind = spec["type"]
    if kind == "act":
        if spec["fn"] == "linear":
            return []
        return [nn.Softmax(dim=1) if spec["fn"] == "softmax" else ACTIVATIONS[spec["fn"]]()]
    if kind == "dropout":
        return [nn.Dropout(spec["p"])]
    if kind == "maxpool2d":
        return [nn.MaxPool2d(spec.get("k", 2))]
    if kind == "flatten":
        return [nn.Flatten()]
    if kind == "batchnorm":
        return [nn.BatchNorm1d(spec["units"])]
    if kind == "dense":
        layer: nn.Module = nn.Linear(spec["in"], spec["out"], bias=spec.get("bias", True))
    elif kind == "conv2d":
        layer = nn.Conv2d(spec["in"], spec["out"], spec["k"], padding=spec.get("pad", 0))
    else:
        raise ValueError(f"layer {kind!r} is not known")
    _initialise(layer.weight, spec.get("init", "torch_default"))
    if layer.bias is not None:
        _initialise(layer.bias, spec.get("bias_init", "torch_default"))
    return [layer]


def _initialise(tensor: Any, init: Any) -> None:
    kind = init["kind"] if isinstance(init, dict) else init
    with torch.no_grad():
        if kind == "torch_default":
            return
        if kind == "zeros":
            tensor.zero_()
        elif kind == "constant":
            tensor.fill_(init["value"])
        elif kind == "normal":
            tensor.normal_(init.get("mean", 0.0), init["sd"])
        elif kind == "trunc_normal":
            sd = init["sd"]
            nn.init.trunc_normal_(tensor, 0.0, sd, -2 * sd, 2 * sd)
        elif kind == "uniform":  # Keras' default limits
            limit = init.get("limit", 0.05) if isinstance(init, dict) else 0.05
            tensor.uniform_(-limit, limit)
        elif kind == "glorot_uniform":
            nn.init.xavier_uniform_(tensor)
        elif kind == "he_normal":
            tensor.normal_(0.0, math.sqrt(2.0 / tensor[0].numel()))
        else:
            raise ValueError(f"init {kind!r} is not known")
