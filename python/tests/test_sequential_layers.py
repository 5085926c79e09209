"""The layers of defib.Sequential against plain NumPy, by way of ONNX's reference implementation."""

import itertools
import json

import numpy as np
import pytest

pytest.importorskip("onnx")

import onnx_reference

import defib
from defib.exporters import Settings, build

rng = np.random.default_rng(0)


def outputs(x, *layers, mode="eval"):
    run = build(defib.Sequential(*layers), x, None, Settings(mode=mode))
    (found,) = onnx_reference.forward(json.loads(run.to_json()), run.arrays).values()
    return found


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def conv(x, w, b, stride, padding, dilation, groups):
    """Cross-correlation, number by number."""
    x = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)])
    kernel = w.shape[2:]
    sizes = [
        (n - d * (k - 1) - 1) // s + 1
        for n, k, s, d in zip(x.shape[2:], kernel, stride, dilation, strict=True)
    ]
    out = np.zeros((len(x), len(w), *sizes))
    per_in, per_out = w.shape[1], len(w) // groups
    for unit, place in itertools.product(range(len(w)), itertools.product(*map(range, sizes))):
        window = tuple(
            slice(p * s, p * s + d * (k - 1) + 1, d)
            for p, s, d, k in zip(place, stride, dilation, kernel, strict=True)
        )
        first = unit // per_out * per_in
        part = x[(slice(None), slice(first, first + per_in), *window)]
        out[(slice(None), unit, *place)] = (part * w[unit]).sum(tuple(range(1, part.ndim))) + b[
            unit
        ]
    return out


def test_convolutions():
    x, w, b = rng.normal(size=(3, 4, 9)), rng.normal(size=(6, 2, 3)), rng.normal(size=(1, 6))
    layer = defib.Conv1D(w, b, stride=2, padding=1, dilation=2, groups=2)
    np.testing.assert_allclose(outputs(x, layer), conv(x, w, b[0], [2], [1], [2], 2))
    x, w = rng.normal(size=(2, 3, 7, 8)), rng.normal(size=(4, 3, 3, 2))
    layer = defib.Conv2D(w, stride=(1, 2), padding=(1, 0))
    np.testing.assert_allclose(
        outputs(x, layer), conv(x, w, np.zeros(4), [1, 2], [1, 0], [1, 1], 1)
    )


def test_pooling():
    x = rng.normal(size=(2, 3, 6, 4))
    blocks = x.reshape(2, 3, 3, 2, 2, 2)
    np.testing.assert_allclose(outputs(x, defib.MaxPool2D(2)), blocks.max((3, 5)))
    np.testing.assert_allclose(outputs(x, defib.AveragePool2D(2)), blocks.mean((3, 5)))
    np.testing.assert_allclose(outputs(x, defib.GlobalAveragePool()), x.mean((2, 3)))
    line = x[:, :, :, 0]
    np.testing.assert_allclose(outputs(line, defib.GlobalMaxPool()), line.max(2))
    found = outputs(line, defib.MaxPool1D(3, stride=2, padding=1))
    padded = np.pad(line, [(0, 0), (0, 0), (1, 1)], constant_values=-np.inf)
    expected = np.stack([padded[:, :, i : i + 3].max(2) for i in (0, 2, 4)], 2)
    np.testing.assert_allclose(found, expected)
    assert outputs(line, defib.AveragePool1D(2, padding=1)).shape == (2, 3, 4)


def test_normalisation():
    x = rng.normal(size=(5, 3, 4))
    gamma, beta, mean = rng.normal(size=(3, 3))
    variance = rng.uniform(0.5, 2, 3)
    layer = defib.BatchNorm(gamma, beta, mean, variance)
    column = (slice(None), None)
    expected = (x - mean[column]) / np.sqrt(variance[column] + 1e-5) * gamma[column] + beta[column]
    np.testing.assert_allclose(outputs(x, layer), expected)
    found = outputs(x, layer, mode="train")
    own = (x - x.mean((0, 2), keepdims=True)) / np.sqrt(x.var((0, 2), keepdims=True) + 1e-5)
    np.testing.assert_allclose(found, own * gamma[column] + beta[column], rtol=1e-6)
    run = build(defib.Sequential(layer), x, None, Settings())
    frozen = [entry["name"] for entry in run.parameters if entry.get("trainable") is False]
    assert frozen == ["batchnorm1.mean", "batchnorm1.variance"]
    gamma = rng.normal(size=(3, 4))
    own = (x - x.mean((1, 2), keepdims=True)) / np.sqrt(x.var((1, 2), keepdims=True) + 1e-3)
    np.testing.assert_allclose(outputs(x, defib.LayerNorm(gamma, eps=1e-3)), own * gamma)


def lstm(x, w, r, b, gates):
    h = c = np.zeros((len(x), r.shape[0]))
    steps = []
    for t in range(x.shape[1]):
        parts = dict(zip(gates, np.split(x[:, t] @ w + h @ r + b, 4, axis=1), strict=True))
        c = sigmoid(parts["f"]) * c + sigmoid(parts["i"]) * np.tanh(parts["c"])
        h = sigmoid(parts["o"]) * np.tanh(c)
        steps.append(h)
    return np.stack(steps, 1)


def gru(x, w, r, b, rb, gates, reset_after):
    h, units = np.zeros((len(x), r.shape[0])), r.shape[0]
    where = {letter: slice(i * units, (i + 1) * units) for i, letter in enumerate(gates)}
    for t in range(x.shape[1]):
        a = {k: x[:, t] @ w[:, s] + b[s] for k, s in where.items()}
        u = {k: h @ r[:, s] + rb[s] for k, s in where.items()}
        z, reset = sigmoid(a["z"] + u["z"]), sigmoid(a["r"] + u["r"])
        if reset_after:
            new = np.tanh(a["h"] + reset * u["h"])
        else:
            new = np.tanh(a["h"] + (reset * h) @ r[:, where["h"]] + rb[where["h"]])
        h = z * h + (1 - z) * new
    return h


@pytest.mark.parametrize("gates", ["ifco", "iofc", "cofi"])
def test_lstm(gates):
    x, w, r, b = (rng.normal(size=s) for s in ((3, 5, 2), (2, 16), (4, 16), (16,)))
    steps = lstm(x, w, r, b, gates)
    found = outputs(x, defib.LSTM(w, r, b, gates=gates, sequences=True))
    np.testing.assert_allclose(found, steps)
    np.testing.assert_allclose(outputs(x, defib.LSTM(w, r, b, gates=gates)), steps[:, -1])
    back = outputs(x, defib.LSTM(w, r, b, gates=gates, backwards=True))
    np.testing.assert_allclose(back, lstm(x[:, ::-1], w, r, b, gates)[:, -1])


@pytest.mark.parametrize("gates", ["zrh", "rzh"])
@pytest.mark.parametrize("reset_after", [False, True])
def test_gru(gates, reset_after):
    shapes = ((3, 5, 2), (2, 12), (4, 12), (12,), (12,))
    x, w, r, b, rb = (rng.normal(size=s) for s in shapes)
    layer = defib.GRU(w, r, b, rb, gates=gates, reset_after=reset_after)
    np.testing.assert_allclose(outputs(x, layer), gru(x, w, r, b, rb, gates, reset_after))
    layer = defib.GRU(w, r, recurrent_bias=rb, gates=gates, reset_after=reset_after)
    np.testing.assert_allclose(outputs(x, layer), gru(x, w, r, 0 * b, rb, gates, reset_after))


def test_simple_recurrence_behind_an_embedding():
    table, w, r = rng.normal(size=(9, 2)), rng.normal(size=(2, 3)), rng.normal(size=(3, 3))
    x = rng.integers(0, 9, (4, 5))
    h = np.zeros((4, 3))
    for t in range(5):
        h = np.tanh(table[x[:, t]] @ w + h @ r)
    np.testing.assert_allclose(outputs(x, defib.Embedding(table), defib.RNN(w, r)), h)


def test_activations():
    x = rng.normal(size=(6, 3, 2)) * 2
    slope = rng.uniform(0.1, 0.5, (3, 1))
    softplus = np.log1p(np.exp(x))
    elu = np.where(x > 0, x, np.expm1(x))
    for layer, expected in [
        (defib.PReLU(slope), np.where(x > 0, x, slope * x)),
        (defib.PReLU(0.25), np.where(x > 0, x, 0.25 * x)),
        (defib.ELU(0.7), np.where(x > 0, x, 0.7 * np.expm1(x))),
        (defib.CELU(0.5), np.maximum(x, 0) + np.minimum(0.5 * np.expm1(x / 0.5), 0)),
        (defib.SELU(), np.where(x > 0, 1.0507010 * x, 1.0507010 * 1.6732632 * elu)),
        (defib.GELU(approximate=True),
         x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))),
        (defib.SiLU(), x * sigmoid(x)),
        (defib.Mish(), x * np.tanh(softplus)),
        (defib.Softplus(), softplus),
        (defib.Softsign(), x / (1 + abs(x))),
        (defib.HardSigmoid(), np.clip(x / 6 + 0.5, 0, 1)),
        (defib.HardSwish(), x * np.clip(x / 6 + 0.5, 0, 1)),
        (defib.Clip(-1, 0.5), np.clip(x, -1, 0.5)),
        (defib.Transpose(2, 1), x.transpose(0, 2, 1)),
    ]:  # fmt: skip
        np.testing.assert_allclose(outputs(x, layer), expected, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize(
    ("make", "x", "message"),
    [
        (lambda: defib.Conv2D(np.ones((4, 3, 3))), None, r"weight has shape \(4, 3, 3\); expected"),
        (lambda: defib.Conv2D(np.ones((4, 3, 3, 3)), np.ones(3)), None, r"bias .* \(4,\)"),
        (lambda: defib.Conv1D(np.ones((4, 3, 3)), stride=0), None, "stride is 0"),
        (lambda: defib.Conv1D(np.ones((4, 3, 3)), padding="same"), None, "padding is 'same'"),
        (lambda: defib.Conv1D(np.ones((4, 3, 3))), (2, 9, 3),
         r"conv1d1: weight .* samples of shape \(3, n\), channels first; it gets \(9, 3\)"),
        (lambda: defib.Conv1D(np.ones((4, 3, 5))), (2, 3, 4), r"kernel of \(5,\) does not fit"),
        (lambda: defib.MaxPool2D(2, padding=2), None, "more than half"),
        (lambda: defib.MaxPool2D(2), (2, 3, 4), "expected 3 axes"),
        (lambda: defib.BatchNorm(*np.ones((4, 3))), (2, 4), "gamma has 3 channels"),
        (lambda: defib.LayerNorm(np.ones(3)), (2, 4), r"gamma has shape \(3,\)"),
        (lambda: defib.LSTM(np.ones((2, 12)), np.ones((3, 9))), None, r"expected \(3, 12\)"),
        (lambda: defib.LSTM(np.ones((2, 12)), np.ones((3, 12)), gates="ifgo"), None, "gates is"),
        (lambda: defib.LSTM(np.ones((2, 12)), np.ones((3, 12))), (2, 5),
         r"lstm1: .* samples of shape \(steps, 2\); it gets \(5,\)"),
        (lambda: defib.Transpose(1), (2, 3, 4), "axes 1 to 2"),
        (lambda: defib.PReLU(np.ones(3)), (2, 4), "does not broadcast"),
        (lambda: defib.Clip(1, 0), None, "low is 1"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(make, x, message):
    with pytest.raises(defib.ExportError, match=message):
        build(defib.Sequential(make()), np.ones(x or (1, 1)), None, Settings())


def test_a_recorder_copies_the_arrays(tmp_path):
    from defib.integrations.recorder import Recorder

    w = rng.normal(size=(3, 1))
    model = defib.Sequential(defib.Dense(w))
    recorder = Recorder(tmp_path / "run", model, loss="mse")
    w += 1
    recorder.step(0.5)
    run = recorder.finish(np.ones((4, 3)), np.ones((4, 1)))
    held = {entry["name"]: entry for entry in run.to_dict()["graph"]["parameters"]}
    before = np.load(run.path / held["dense1.weight"]["initial"])
    np.testing.assert_allclose(before, w - 1)
