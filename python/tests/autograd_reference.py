"""Replays a run in float64 from run.json and its arrays alone, gradients included.

The operators follow the text of the ONNX specification, written with elementary functions of
torch so that autograd gives the gradients that an engine must find.
"""

# ruff: noqa: ARG001, ARG005 - operators take all the attributes that ONNX gives them

import math

import autograd_recurrence
import autograd_windows
import numpy as np
import torch

F64 = torch.float64


def replay(document, arrays, seed=0):
    """Return (outputs by name, gradient of a random projection of them by parameter)."""
    graph = document["graph"]
    values = {name: _held(arrays[document["data"][name]]) for name in graph["inputs"]}
    leaves = {}
    for entry in graph["parameters"]:
        values[entry["name"]] = tensor = _held(arrays[entry["file"]])
        if entry.get("trainable", True):
            leaves[entry["name"]] = tensor.requires_grad_()
    names = set()
    for node in graph["nodes"]:
        assert node["name"] not in names
        names.add(node["name"])
        inputs = [values[name] if name else None for name in node["inputs"]]
        result = OPERATORS[node["op"]](*inputs, **node.get("attributes", {}))
        results = list(result) if isinstance(result, (tuple, list)) else [result]
        assert len(node["outputs"]) <= len(results), node
        for name, value in zip(node["outputs"], results, strict=False):
            if name:
                assert name not in values, name
                values[name] = value
    outputs = {name: values[name] for name in graph["outputs"]}
    total = project(outputs.values(), seed)
    held = list(leaves.values())
    gradients = torch.autograd.grad(total, held, allow_unused=True) if total.requires_grad else []
    found = dict(zip(leaves, gradients, strict=False))
    return outputs, {n: torch.zeros_like(leaves[n]) if g is None else g for n, g in found.items()}


def project(outputs, seed=0):
    """Return one number that depends on every element of every output."""
    generator = torch.Generator().manual_seed(seed)
    return sum(
        (tensor * torch.randn(tensor.shape, generator=generator, dtype=F64)).sum()
        for tensor in outputs
    )


def _held(array):
    array = np.ascontiguousarray(array)
    if array.dtype.kind == "f":
        return torch.tensor(array.astype(np.float64))
    return torch.tensor(array.astype(np.float64 if array.dtype.kind == "b" else np.int64))


def _list(tensor):
    return None if tensor is None else [int(v) for v in tensor.reshape(-1)]


def _constant(*, value_int=None, value_ints=None, value_float=None):
    if value_int is not None:
        return torch.tensor(value_int)
    if value_ints is not None:
        return torch.tensor(value_ints, dtype=torch.int64)
    return torch.tensor(float(np.float32(value_float)), dtype=F64)


def _gemm(a, b, c=None, *, transA=0, transB=0, alpha=1.0, beta=1.0):
    assert a.ndim == b.ndim == 2
    product = alpha * ((a.T if transA else a) @ (b.T if transB else b))
    return product if c is None else product + beta * c


def _reshape(x, shape):
    return x.reshape([x.shape[i] if n == 0 else n for i, n in enumerate(_list(shape))])


def _flatten(x, *, axis=1):
    return x.reshape(math.prod(x.shape[:axis]), -1)


def _slice(x, starts, ends, axes=None, steps=None):
    starts, ends = _list(starts), _list(ends)
    axes = list(range(len(starts))) if axes is None else _list(axes)
    steps = [1] * len(starts) if steps is None else _list(steps)
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        places = np.arange(x.shape[axis])[slice(start, end if end > -(2**62) else None, step)]
        x = x.index_select(axis, torch.tensor(places.copy()))
    return x


def _gather(x, index, *, axis=0):
    index = index.long()
    taken = x.index_select(axis, (index % x.shape[axis]).reshape(-1))
    return taken.reshape(*x.shape[:axis], *index.shape, *x.shape[axis + 1 :])


def _split(x, sizes, *, axis=0):
    assert sum(_list(sizes)) == x.shape[axis]
    return x.split(_list(sizes), axis)


def _unsqueeze(x, axes):
    rank = x.ndim + len(axes)
    for axis in sorted(a % rank for a in _list(axes)):
        x = x.unsqueeze(axis)
    return x


def _squeeze(x, axes):
    for axis in sorted((a % x.ndim for a in _list(axes)), reverse=True):
        assert x.shape[axis] == 1
        x = x.squeeze(axis)
    return x


def _expand(x, shape):
    return x.expand(torch.broadcast_shapes(x.shape, _list(shape)))


def _reduction(function):
    def reduce(x, axes, *, keepdims=1):
        return function(x, tuple(_list(axes)), bool(keepdims))

    return reduce


def _prod(x, axes, keep):
    for axis in sorted(axes, reverse=True):
        x = x.prod(axis, keepdim=keep)
    return x


def _clip(x, low=None, high=None):
    x = x if low is None else torch.maximum(x, low)
    return x if high is None else torch.minimum(x, high)


def _truth(function):
    return lambda *inputs: function(*inputs).to(F64)


def _where(condition, a, b):
    # Numbers and truth values look alike in a run.
    return torch.where(condition != 0, a.to(F64), b.to(F64))


def _gelu(x, *, approximate="none"):
    if approximate == "tanh":
        inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
        return 0.5 * x * (1 + torch.tanh(inner))
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


def _elu(x, *, alpha=1.0):
    return torch.where(x < 0, alpha * torch.expm1(x.clamp(max=0)), x)


def _celu(x, *, alpha=1.0):
    return x.clamp(min=0) + (alpha * torch.expm1(x / alpha)).clamp(max=0)


def _selu(x, *, alpha=1.67326319217681884765625, gamma=1.05070102214813232421875):
    return gamma * _elu(x, alpha=alpha)


def _softplus(x):
    return torch.logaddexp(x, torch.zeros((), dtype=F64))


def _hard_sigmoid(x, *, alpha=0.2, beta=0.5):
    return (alpha * x + beta).clamp(0, 1)


def _prelu(x, slope):
    assert torch.broadcast_shapes(x.shape, slope.shape) == x.shape
    return torch.where(x < 0, slope * x, x)


def _batch_norm(x, scale, bias, mean, var, *, epsilon=1e-5, momentum=0.9, training_mode=0):
    axes = [0, *range(2, x.ndim)]
    shape = [1, -1, *[1] * (x.ndim - 2)]
    if training_mode:
        mean, var = x.mean(axes), x.var(axes, correction=0)
    unit = (x - mean.reshape(shape)) / torch.sqrt(var.reshape(shape) + epsilon)
    return unit * scale.reshape(shape) + bias.reshape(shape)


def _standard(x, axes, epsilon):
    centred = x - x.mean(axes, keepdim=True)
    return centred / torch.sqrt((centred**2).mean(axes, keepdim=True) + epsilon)


def _layer_norm(x, scale, bias=None, *, axis=-1, epsilon=1e-5):
    unit = _standard(x, list(range(axis % x.ndim, x.ndim)), epsilon) * scale
    return unit if bias is None else unit + bias


def _group_norm(x, scale, bias, *, num_groups, epsilon=1e-5):
    assert scale.shape == bias.shape == x.shape[1:2]
    tall = x.reshape(x.shape[0], num_groups, -1)
    shape = [1, -1, *[1] * (x.ndim - 2)]
    unit = _standard(tall, [2], epsilon).reshape(x.shape)
    return unit * scale.reshape(shape) + bias.reshape(shape)


def _instance_norm(x, scale, bias, *, epsilon=1e-5):
    return _group_norm(x, scale, bias, num_groups=x.shape[1], epsilon=epsilon)


def _rms_norm(x, scale, *, axis=-1, epsilon=1e-5):
    axes = list(range(axis % x.ndim, x.ndim))
    return x / torch.sqrt((x**2).mean(axes, keepdim=True) + epsilon) * scale


def _attention(q, k, v, mask=None, *, q_num_heads=None, kv_num_heads=None, is_causal=0, scale=None):
    flat = q.ndim == 3
    if flat:
        q = q.reshape(*q.shape[:2], q_num_heads, -1).transpose(1, 2)
        k, v = (t.reshape(*t.shape[:2], kv_num_heads, -1).transpose(1, 2) for t in (k, v))
    k, v = (t.repeat_interleave(q.shape[1] // t.shape[1], 1) for t in (k, v))
    scores = q @ k.transpose(2, 3) * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    if is_causal:
        ahead = torch.ones(scores.shape[-2:]).triu(1).bool()
        scores = scores.masked_fill(ahead, -math.inf)
    if mask is not None:
        scores = scores + mask
    result = torch.softmax(scores, -1) @ v
    return result.transpose(1, 2).flatten(2) if flat else result


def _cast(x, *, to):
    return {1: x.to(F64), 7: x.trunc() if x.is_floating_point() else x, 9: (x != 0).to(F64)}[to]


def _cumsum(x, axis):
    return x.cumsum(int(axis))


OPERATORS = {
    "ArgMax": lambda x, *, axis=0, keepdims=1: x.argmax(axis, bool(keepdims)).to(F64),
    "IsNaN": lambda x: x.isnan(),
    "Shape": lambda x, *, start=0, end=None: torch.tensor(x.shape[start:end], dtype=F64),
    "Size": lambda x: torch.tensor(x.numel(), dtype=F64),
    "Trilu": lambda x, k=None, *, upper=1: (torch.triu if upper else torch.tril)(
        x, 0 if k is None else int(k)
    ),
    "Constant": _constant, "Identity": lambda x: x, "Dropout": lambda x, ratio: x,
    "Gemm": _gemm, "MatMul": torch.matmul,
    "Einsum": lambda *x, equation: torch.einsum(equation, *x),
    "Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Div": torch.div, "Pow": torch.pow,
    "Max": torch.maximum, "Min": torch.minimum, "Neg": torch.neg, "Abs": torch.abs,
    "Exp": torch.exp, "Log": torch.log, "Sqrt": torch.sqrt, "Reciprocal": torch.reciprocal,
    "Erf": torch.erf, "Sin": torch.sin, "Cos": torch.cos, "Sign": torch.sign,
    "Floor": torch.floor, "Round": torch.round,
    "StopGradient": lambda x: x.detach(), "Clip": _clip, "CumSum": _cumsum,
    "Equal": _truth(torch.eq), "Greater": _truth(torch.gt), "Less": _truth(torch.lt),
    "GreaterOrEqual": _truth(torch.ge), "LessOrEqual": _truth(torch.le),
    "And": _truth(lambda a, b: (a != 0) & (b != 0)), "Not": _truth(lambda a: a == 0),
    "Or": _truth(lambda a, b: (a != 0) | (b != 0)), "Where": _where, "Cast": _cast,
    "Reshape": _reshape, "Flatten": _flatten, "Squeeze": _squeeze, "Unsqueeze": _unsqueeze,
    "Transpose": lambda x, *, perm: x.permute(perm), "Expand": _expand,
    "Tile": lambda x, times: x.repeat(_list(times)),
    "Slice": _slice, "Gather": _gather, "Split": _split,
    "GatherElements": lambda x, i, *, axis=0: x.gather(axis, i.long()),
    "Concat": lambda *x, axis: torch.cat([t.to(F64) for t in x], axis),
    "ReduceSum": _reduction(torch.sum), "ReduceMean": _reduction(torch.mean),
    "ReduceMax": _reduction(torch.amax), "ReduceMin": _reduction(torch.amin),
    "ReduceProd": _reduction(_prod),
    "ReduceL1": _reduction(lambda x, a, k: x.abs().sum(a, k)),
    "ReduceL2": _reduction(lambda x, a, k: torch.linalg.vector_norm(x, 2, a, k)),
    "Relu": torch.relu, "Sigmoid": torch.sigmoid, "Tanh": torch.tanh,
    "LeakyRelu": lambda x, *, alpha=0.01: torch.where(x >= 0, x, alpha * x),
    "Elu": _elu, "Celu": _celu, "Selu": _selu, "Gelu": _gelu, "Softplus": _softplus,
    "Softsign": lambda x: x / (1 + x.abs()), "HardSigmoid": _hard_sigmoid,
    "HardSwish": lambda x: x * _hard_sigmoid(x, alpha=1 / 6, beta=0.5),
    "Swish": lambda x, *, alpha=1.0: x * torch.sigmoid(alpha * x),
    "Mish": lambda x: x * torch.tanh(_softplus(x)), "PRelu": _prelu,
    "ThresholdedRelu": lambda x, *, alpha=1.0: torch.where(x > alpha, x, 0 * x),
    "Softmax": lambda x, *, axis=-1: torch.softmax(x, axis),
    "LogSoftmax": lambda x, *, axis=-1: torch.log_softmax(x, axis),
    "BatchNormalization": _batch_norm, "LayerNormalization": _layer_norm,
    "GroupNormalization": _group_norm, "InstanceNormalization": _instance_norm,
    "RMSNormalization": _rms_norm, "Attention": _attention,
    **autograd_windows.OPERATORS, **autograd_recurrence.OPERATORS,
}  # fmt: skip
