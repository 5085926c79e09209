"""The floor: the matrix products of a perceptron's forward and backward pass, and nothing else."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import partial

import torch
from torch import nn

LIBRARIES = ("libdnnl.so.2", "libdnnl.so.3")
Product = Callable[[], None]
Operand = tuple[torch.Tensor, str]
"""A contiguous matrix, and "N" or "T": as it lies or transposed."""


def products(model: nn.Module, rows: int) -> Product | None:
    """Return what multiplies as `model` would for a batch of `rows` rows.

    oneDNN does it, through `dnnl_sgemm` as in the engine. None: `model` is no perceptron, or there
    is no oneDNN on this machine.
    """
    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    others = [module for module in model.children() if not isinstance(module, (nn.Linear, nn.ReLU))]
    library = _library()
    if others or library is None:
        return None
    multiply = partial(_product, library)
    calls: list[Product] = []
    backward: list[Product] = []
    values = torch.randn(rows, layers[0].in_features)
    for number, layer in enumerate(layers):
        weight = layer.weight.detach()
        result = torch.randn(rows, layer.out_features)
        gradient = torch.randn(rows, layer.out_features)
        calls.append(multiply((values, "N"), (weight, "T"), result))
        backward.append(multiply((gradient, "T"), (values, "N"), torch.empty_like(weight)))
        if number:
            backward.append(multiply((gradient, "N"), (weight, "N"), torch.empty_like(values)))
        values = result
    calls += reversed(backward)

    def run() -> None:
        for call in calls:
            call()

    return run


def use_threads(count: int) -> None:
    """Let oneDNN work with so many threads when it is called from this one."""
    ctypes.CDLL("libgomp.so.1").omp_set_num_threads(count)


def product(a: Operand, b: Operand, c: torch.Tensor) -> Product:
    """Return what computes c = a · b.

    Raises:
        RuntimeError: there is no oneDNN on this machine.
    """
    library = _library()
    if library is None:
        raise RuntimeError("there is no oneDNN to multiply with")
    return _product(library, a, b, c)


def has_library() -> bool:
    """Whether there is a oneDNN on this machine whose products can be called."""
    return _library() is not None


def _library() -> ctypes.CDLL | None:
    for name in LIBRARIES:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


def _product(library: ctypes.CDLL, a: Operand, b: Operand, c: torch.Tensor) -> Product:
    """Return what computes c = a · b."""
    (left, left_flag), (right, right_flag) = a, b
    inner = left.shape[0 if left_flag == "T" else 1]
    size, floats = ctypes.c_int64, ctypes.c_void_p
    arguments = (
        ctypes.c_char(left_flag.encode()), ctypes.c_char(right_flag.encode()),
        size(c.shape[0]), size(c.shape[1]), size(inner), ctypes.c_float(1),
        floats(left.data_ptr()), size(left.shape[1]),
        floats(right.data_ptr()), size(right.shape[1]), ctypes.c_float(0),
        floats(c.data_ptr()), size(c.shape[1]),
    )  # fmt: skip
    kept = (left, right, c)

    def call() -> None:
        status = library.dnnl_sgemm(*arguments)
        if status != 0:
            raise RuntimeError(f"dnnl_sgemm of {[tuple(m.shape) for m in kept]} gave {status}")

    return call
