"""Normalisations of every kind."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import fx, nn

from ...._errors import ExportError
from ..call import Call
from ..registry import FUNCTIONS, aten, function, module
from .reductions import norm


def _held(call: Call, given: Any, length: int | tuple[int, ...], value: float, part: str) -> str:
    """Name a parameter, or a constant where the layer has none."""
    if given is not None:
        return call.tensor(given)
    return call.constant(np.full(length, value, dtype=np.float32), part)


def _channels(call: Call, input: fx.Node) -> int:
    channels = call.shape(input)[1]
    if channels is None:
        raise ExportError("has the samples on the axis of the channels")
    return channels


@function("batch_norm")
def _batch_norm(
    call: Call, input: fx.Node, running_mean: Any, running_var: Any, weight: Any = None,
    bias: Any = None, training: Any = False, momentum: Any = 0.1, eps: float = 1e-5,
) -> str:  # fmt: skip
    channels = _channels(call, input)
    # ONNX's momentum is the share that the running figures keep.
    kept: dict[str, Any] = {} if momentum is None else {"momentum": 1 - float(momentum)}
    return call.emit(
        "BatchNormalization", call.tensor(input), _held(call, weight, channels, 1, "ones"),
        _held(call, bias, channels, 0, "zeros"), _held(call, running_mean, channels, 0, "mean"),
        _held(call, running_var, channels, 1, "var"), epsilon=float(eps),
        training_mode=int(bool(call.value(training))), **kept,
    )  # fmt: skip


@aten("batch_norm")
def _aten_batch_norm(
    call: Call, input: fx.Node, weight: Any, bias: Any, mean: Any, var: Any, training: bool,
    momentum: float, eps: float, *_: Any,
) -> str:  # fmt: skip
    return _batch_norm(call, input, mean, var, weight, bias, training, momentum, eps)


FUNCTIONS[torch.batch_norm] = _aten_batch_norm


@module(nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)
def _batch_norm_module(call: Call, owner: Any, input: fx.Node) -> str:
    mean, var = call.param("running_mean"), call.param("running_var")
    training = owner.training or mean is None
    return _batch_norm(
        call, input, mean, var, call.param("weight"), call.param("bias"), training,
        owner.momentum, owner.eps,
    )  # fmt: skip


@function("layer_norm")
def _layer_norm(
    call: Call, input: fx.Node, normalized_shape: Any, weight: Any = None, bias: Any = None,
    eps: float = 1e-5, *_: Any,
) -> str:  # fmt: skip
    shape = tuple(call.value(list(normalized_shape)))
    held = [_held(call, weight, shape, 1, "ones")]
    held += [] if bias is None else [call.tensor(bias)]
    return call.emit(
        "LayerNormalization", call.tensor(input), *held, axis=-len(shape), epsilon=float(eps)
    )


@module(nn.LayerNorm)
def _layer_norm_module(call: Call, owner: Any, input: fx.Node) -> str:
    weight, bias = call.param("weight"), call.param("bias")
    return _layer_norm(call, input, owner.normalized_shape, weight, bias, owner.eps)


@function("rms_norm")
def _rms_norm(
    call: Call, input: fx.Node, normalized_shape: Any, weight: Any = None, eps: Any = None
) -> str:
    shape = tuple(call.value(list(normalized_shape)))
    epsilon = float(torch.finfo(call.lowering.kind(input)).eps if eps is None else eps)
    scale = _held(call, weight, shape, 1, "ones")
    return call.emit(
        "RMSNormalization", call.tensor(input), scale, axis=-len(shape), epsilon=epsilon
    )


if hasattr(nn, "RMSNorm"):  # torch 2.4

    @module(nn.RMSNorm)
    def _rms_norm_module(call: Call, owner: Any, input: fx.Node) -> str:
        return _rms_norm(call, input, owner.normalized_shape, call.param("weight"), owner.eps)


@function("group_norm")
def _group_norm(
    call: Call, input: fx.Node, num_groups: int, weight: Any = None, bias: Any = None,
    eps: float = 1e-5, *_: Any,
) -> str:  # fmt: skip
    channels = _channels(call, input)
    return call.emit(
        "GroupNormalization", call.tensor(input), _held(call, weight, channels, 1, "ones"),
        _held(call, bias, channels, 0, "zeros"), num_groups=int(num_groups), epsilon=float(eps),
    )  # fmt: skip


@module(nn.GroupNorm)
def _group_norm_module(call: Call, owner: Any, input: fx.Node) -> str:
    weight, bias = call.param("weight"), call.param("bias")
    return _group_norm(call, input, owner.num_groups, weight, bias, owner.eps)


@function("instance_norm")
def _instance_norm(
    call: Call, input: fx.Node, running_mean: Any = None, running_var: Any = None,
    weight: Any = None, bias: Any = None, use_input_stats: bool = True, momentum: float = 0.1,
    eps: float = 1e-5,
) -> str:  # fmt: skip
    if not use_input_stats:  # the running figures serve all samples, as in a batch norm
        return _batch_norm(
            call, input, running_mean, running_var, weight, bias, False, momentum, eps
        )
    channels = _channels(call, input)
    return call.emit(
        "InstanceNormalization", call.tensor(input), _held(call, weight, channels, 1, "ones"),
        _held(call, bias, channels, 0, "zeros"), epsilon=float(eps),
    )  # fmt: skip


@aten("instance_norm")
def _aten_instance_norm(
    call: Call, input: fx.Node, weight: Any, bias: Any, mean: Any, var: Any, stats: bool,
    momentum: float, eps: float, *_: Any,
) -> str:  # fmt: skip
    return _instance_norm(call, input, mean, var, weight, bias, stats, momentum, eps)


FUNCTIONS[torch.instance_norm] = _aten_instance_norm


@module(nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)
def _instance_norm_module(call: Call, owner: Any, input: fx.Node) -> str:
    stats = owner.training or not owner.track_running_stats
    return _instance_norm(
        call, input, call.param("running_mean"), call.param("running_var"), call.param("weight"),
        call.param("bias"), stats, owner.momentum, owner.eps,
    )  # fmt: skip


@function("normalize")
def _normalize(
    call: Call, input: fx.Node, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: Any = None
) -> str:
    x, axis = call.tensor(input), call.axis(input, dim)
    size = norm(call, x, float(p), [axis], True, "norm")
    return call.emit("Div", x, call.emit("Max", size, call.number(float(eps)), part="bounded"))
