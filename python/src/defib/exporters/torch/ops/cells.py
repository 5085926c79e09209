"""One step of a recurrence: RNNCell, LSTMCell, GRUCell, written as products and gates."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import nn

from ...nodes import Named
from ..call import Call
from ..registry import aten, module


def _products(
    call: Call, input: Any, state: Any, weights: tuple[Any, Any], biases: tuple[Any, Any]
) -> tuple[Named, Named]:
    """Return input · W' + b and state · R' + c."""
    pairs = zip((input, state), weights, biases, ("input", "hidden"), strict=True)
    left, right = (
        call.emit(
            "Gemm", call.tensor(x), call.tensor(w), *([] if b is None else [call.tensor(b)]),
            part=part, transB=1,
        )
        for x, w, b, part in pairs
    )  # fmt: skip
    return left, right


def _gates(
    call: Call, tensor: str, width: int, names: tuple[str, ...], part: str
) -> tuple[Named, ...]:
    sizes = call.integers([width] * len(names), "sizes")
    return call.emit_several("Split", tensor, sizes, parts=names, part=part, axis=1)


@aten("lstm_cell")
def _lstm(
    call: Call, input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None
) -> tuple[str, str]:
    hidden, memory = call.items(hx)
    width = int(call.shape(w_hh)[1] or 0)
    both = _products(call, input, hidden, (w_ih, w_hh), (b_ih, b_hh))
    total = call.emit("Add", *both, part="gates")
    i, f, g, o = _gates(call, total, width, ("in", "forget", "cell", "out"), "split")
    kept = call.emit(
        "Mul", call.emit("Sigmoid", f, part="forget/gate"), call.tensor(memory), part="kept"
    )
    new = call.emit(
        "Mul", call.emit("Sigmoid", i, part="in/gate"), call.emit("Tanh", g, part="cell/new"),
        part="new",
    )  # fmt: skip
    state = call.emit("Add", kept, new, part="memory")
    shown = call.emit("Tanh", state, part="shown")
    return call.emit("Mul", call.emit("Sigmoid", o, part="out/gate"), shown), state


@aten("gru_cell")
def _gru(
    call: Call, input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None
) -> str:
    width = int(call.shape(w_hh)[1] or 0)
    left, right = _products(call, input, hx, (w_ih, w_hh), (b_ih, b_hh))
    names = ("reset", "update", "new")
    ri, zi, ni = _gates(call, left, width, tuple(f"input/{name}" for name in names), "input/split")
    rh, zh, nh = _gates(
        call, right, width, tuple(f"hidden/{name}" for name in names), "hidden/split"
    )
    r = call.emit("Sigmoid", call.emit("Add", ri, rh, part="reset/sum"), part="reset")
    z = call.emit("Sigmoid", call.emit("Add", zi, zh, part="update/sum"), part="update")
    gated = call.emit("Mul", r, nh, part="new/gated")
    n = call.emit("Tanh", call.emit("Add", ni, gated, part="new/sum"), part="new")
    step = call.emit("Sub", call.tensor(hx), n, part="difference")
    return call.emit("Add", n, call.emit("Mul", z, step, part="kept"))


def _rnn(op: str) -> Any:
    def handle(
        call: Call, input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None
    ) -> str:
        both = _products(call, input, hx, (w_ih, w_hh), (b_ih, b_hh))
        return call.emit(op, call.emit("Add", *both, part="sum"))

    return handle


_rnn_tanh = aten("rnn_tanh_cell")(_rnn("Tanh"))
_rnn_relu = aten("rnn_relu_cell")(_rnn("Relu"))


def _parameters(call: Call) -> list[Named | None]:
    return [call.param(name) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]


def _zeros(call: Call, input: Any, owner: Any) -> Named:
    array = np.zeros((1, owner.hidden_size), dtype=np.float32)
    return call.follow_batch(call.constant(array, "zeros"), (call.shape(input)[0], array.shape[1]))


@module(nn.LSTMCell)
def _lstm_module(call: Call, owner: Any, input: Any, hx: Any = None) -> Any:
    if hx is None:
        hx = [_zeros(call, input, owner)] * 2
    return _lstm(call, input, hx, *_parameters(call))


@module(nn.GRUCell)
def _gru_module(call: Call, owner: Any, input: Any, hx: Any = None) -> Any:
    return _gru(call, input, _zeros(call, input, owner) if hx is None else hx, *_parameters(call))


@module(nn.RNNCell)
def _rnn_module(call: Call, owner: Any, input: Any, hx: Any = None) -> Any:
    cell = _rnn_relu if owner.nonlinearity == "relu" else _rnn_tanh
    return cell(call, input, _zeros(call, input, owner) if hx is None else hx, *_parameters(call))
