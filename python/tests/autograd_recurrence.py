"""RNN, LSTM and GRU as the ONNX specification writes their equations, with layout 1."""

import torch

ACTIVATIONS = {"Relu": torch.relu, "Tanh": torch.tanh, "Sigmoid": torch.sigmoid}


def _directions(count, x, direction, step, states):
    """Run `step` over the times of every direction; return Y (N, T, D, H) and last states."""
    assert count == (2 if direction == "bidirectional" else 1)
    outputs, lasts = [], []
    for d in range(count):
        state = tuple(s[:, d] for s in states)
        shown = []
        for t in range(x.shape[1]) if d == 0 else reversed(range(x.shape[1])):
            state = step(d, x[:, t], *state)
            shown.append(state[0])
        outputs.append(torch.stack(shown[:: 1 if d == 0 else -1], 1))
        lasts.append(state)
    last = [torch.stack(part, 1) for part in zip(*lasts, strict=True)]
    return torch.stack(outputs, 2), *last


def _zeros(given, x, w, hidden):
    if given is not None:
        assert given.shape == (x.shape[0], w.shape[0], hidden)
        return given
    return torch.zeros(x.shape[0], w.shape[0], hidden, dtype=x.dtype)


def _bias(b, w):
    zero = torch.zeros(w.shape[0], 2 * w.shape[1], dtype=w.dtype)
    return (zero if b is None else b).chunk(2, 1)


def rnn(
    x, w, r, b=None, lens=None, h=None, *, hidden_size, layout, direction="forward",
    activations=("Tanh",),
):  # fmt: skip
    assert layout == 1
    assert lens is None
    wb, rb = _bias(b, w)

    def step(d, now, state):
        return (ACTIVATIONS[activations[d]](now @ w[d].T + state @ r[d].T + wb[d] + rb[d]),)

    return _directions(w.shape[0], x, direction, step, (_zeros(h, x, w, hidden_size),))


def lstm(x, w, r, b=None, lens=None, h=None, c=None, *, hidden_size, layout, direction="forward"):
    assert layout == 1
    assert lens is None
    wb, rb = _bias(b, w)

    def step(d, now, state, memory):
        i, o, f, g = (now @ w[d].T + state @ r[d].T + wb[d] + rb[d]).chunk(4, 1)
        memory = torch.sigmoid(f) * memory + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(memory), memory

    states = (_zeros(h, x, w, hidden_size), _zeros(c, x, w, hidden_size))
    return _directions(w.shape[0], x, direction, step, states)


def gru(
    x, w, r, b=None, lens=None, h=None, *, hidden_size, layout, direction="forward",
    linear_before_reset=0,
):  # fmt: skip
    assert layout == 1
    assert lens is None
    wb, rb = _bias(b, w)

    def step(d, now, state):
        wz, wr, wh = w[d].chunk(3)
        rz, rr, rh = r[d].chunk(3)
        (bz, br, bh), (cz, cr, ch) = wb[d].chunk(3), rb[d].chunk(3)
        z = torch.sigmoid(now @ wz.T + state @ rz.T + bz + cz)
        reset = torch.sigmoid(now @ wr.T + state @ rr.T + br + cr)
        if linear_before_reset:
            new = torch.tanh(now @ wh.T + reset * (state @ rh.T + ch) + bh)
        else:
            new = torch.tanh(now @ wh.T + (reset * state) @ rh.T + ch + bh)
        return ((1 - z) * new + z * state,)

    return _directions(w.shape[0], x, direction, step, (_zeros(h, x, w, hidden_size),))


OPERATORS = {"RNN": rnn, "LSTM": lstm, "GRU": gru}
