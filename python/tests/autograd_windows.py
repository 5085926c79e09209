"""Convolution and pooling of ONNX: each window is cut out and weighed by itself."""

import itertools
import math

import torch


def _padded(x, pads, value=0.0):
    dims = len(pads) // 2
    flat = [width for i in reversed(range(dims)) for width in (pads[i], pads[i + dims])]
    return torch.nn.functional.pad(x, flat, value=value)


def _windows(x, kernel, strides, dilations, sizes):
    """Return (N, C, positions, kernel cells) and the number of positions along each axis."""
    places = []
    for start in itertools.product(*(range(n) for n in sizes)):
        cells = x
        for axis, (i, k, s, d) in enumerate(zip(start, kernel, strides, dilations, strict=True)):
            cells = cells.index_select(axis + 2, torch.arange(k) * d + i * s)
        places.append(cells.flatten(2))
    return torch.stack(places, 2)


def _sizes(lengths, kernel, strides, dilations, ceil=False):
    found = []
    for n, k, s, d in zip(lengths, kernel, strides, dilations, strict=True):
        free = n - d * (k - 1) - 1
        found.append((math.ceil(free / s) if ceil else free // s) + 1)
    return found


def conv(x, w, b=None, *, kernel_shape, strides, pads, dilations, group):
    assert list(w.shape[2:]) == kernel_shape
    x = _padded(x, pads)
    sizes = _sizes(x.shape[2:], kernel_shape, strides, dilations)
    cells = _windows(x, kernel_shape, strides, dilations, sizes)
    results = []
    for part, weight in zip(cells.chunk(group, 1), w.chunk(group, 0), strict=True):
        results.append(torch.einsum("ncpk,ock->nop", part, weight.flatten(2)))
    y = torch.cat(results, 1).unflatten(2, sizes)
    return y if b is None else y + b.reshape(1, -1, *[1] * len(sizes))


def conv_transpose(x, w, b=None, *, kernel_shape, strides, pads, output_padding, dilations, group):
    """Spread every input over its window: the definition as the gradient of a convolution."""
    dims = len(kernel_shape)
    axes = list(zip(x.shape[2:], kernel_shape, strides, dilations, output_padding, strict=True))
    whole = [(n - 1) * s + d * (k - 1) + 1 + o for n, k, s, d, o in axes]
    parts = []
    for xs, ws in zip(x.chunk(group, 1), w.chunk(group, 0), strict=True):
        y = torch.zeros(x.shape[0], ws.shape[1], *whole, dtype=x.dtype)
        for cell in itertools.product(*(range(k) for k in kernel_shape)):
            piece = torch.einsum("nc...,co->no...", xs, ws[(slice(None), slice(None), *cell)])
            place = [torch.arange(n) * s + i * d
                     for i, (n, _, s, d, _) in zip(cell, axes, strict=True)]  # fmt: skip
            grid = torch.meshgrid(*place, indexing="ij")
            y = _added(y, grid, piece)
        parts.append(y)
    y = torch.cat(parts, 1)
    for i in range(dims):
        y = y.narrow(i + 2, pads[i], whole[i] - pads[i] - pads[i + dims])
    return y if b is None else y + b.reshape(1, -1, *[1] * dims)


def _added(y, grid, piece):
    strides = [math.prod(y.shape[3 + i :]) for i in range(len(grid))]
    flat = sum(g * s for g, s in zip(grid, strides, strict=True)).reshape(-1)
    return y.flatten(2).index_add(2, flat, piece.flatten(2)).unflatten(2, y.shape[2:])


def max_pool(x, *, kernel_shape, strides, pads=None, dilations=None, ceil_mode=0):
    pads = pads or [0] * (2 * len(kernel_shape))
    dilations = dilations or [1] * len(kernel_shape)
    return _pooled(
        x, kernel_shape, strides, pads, dilations, ceil_mode, -math.inf,
        lambda cells, _: cells.amax(-1),
    )  # fmt: skip


def average_pool(x, *, kernel_shape, strides, pads=None, ceil_mode=0, count_include_pad=0):
    pads = pads or [0] * (2 * len(kernel_shape))

    def mean(cells, valid):
        return cells.sum(-1) / valid.sum(-1)

    return _pooled(
        x, kernel_shape, strides, pads, [1] * len(kernel_shape), ceil_mode, 0.0, mean,
        count_include_pad,
    )  # fmt: skip


def _pooled(x, kernel, strides, pads, dilations, ceil, filler, function, count_pad=0):
    dims = len(kernel)
    lengths = [n + pads[i] + pads[i + dims] for i, n in enumerate(x.shape[2:])]
    sizes = _sizes(lengths, kernel, strides, dilations, ceil)
    for i in range(dims):  # a window must not begin in the padding after the end
        if (sizes[i] - 1) * strides[i] >= x.shape[2 + i] + pads[i]:
            sizes[i] -= 1
    more = [max(0, (m - 1) * s + d * (k - 1) + 1 - n) for m, s, d, k, n in
            zip(sizes, strides, dilations, kernel, lengths, strict=True)]  # fmt: skip
    wide = _padded(_padded(x, pads, filler), [0] * dims + more, filler)
    counted = torch.ones_like(x)
    counted = _padded(_padded(counted, pads, 1.0 if count_pad else 0.0), [0] * dims + more)
    cells = _windows(wide, kernel, strides, dilations, sizes)
    valid = _windows(counted, kernel, strides, dilations, sizes)
    return function(cells, valid).unflatten(2, sizes)


def pad(x, pads, value=None, *, mode="constant"):
    pads = [int(p) for p in pads]
    rank = len(pads) // 2
    for axis in range(rank):
        n = x.shape[axis]
        places = torch.arange(-pads[axis], n + pads[axis + rank])
        inside = (places >= 0) & (places < n)
        if mode == "reflect":
            places = (places.abs() - (n - 1)).abs().neg() + (n - 1)
        elif mode == "wrap":
            places = places % n
        x = x.index_select(axis, places.clamp(0, n - 1))
        if mode == "constant":
            shape = [-1 if i == axis else 1 for i in range(rank)]
            fill = torch.zeros((), dtype=x.dtype) if value is None else value
            x = torch.where(inside.reshape(shape), x, fill)
    return x


OPERATORS = {
    "Conv": conv, "ConvTranspose": conv_transpose, "MaxPool": max_pool,
    "AveragePool": average_pool, "Pad": pad,
    "GlobalAveragePool": lambda x: x.mean(list(range(2, x.ndim)), keepdim=True),
    "GlobalMaxPool": lambda x: x.amax(list(range(2, x.ndim)), keepdim=True),
}  # fmt: skip
