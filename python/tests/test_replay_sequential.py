"""The engine's outputs and gradients of defib.Sequential against autograd. Needs the library."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional as F  # noqa: E402

import defib  # noqa: E402

pytestmark = pytest.mark.engine

rng = np.random.default_rng(0)


def array(*shape):
    return rng.normal(size=shape).astype(np.float32)


def compare(layers, x, forward, mode="eval"):
    """`forward(x, p)` computes the network on tensors p, named as the parameters of the run."""
    model = defib.Sequential(*layers)
    names = {name: torch.tensor(a, requires_grad=True) for name, a in model.arrays().items()}
    output = forward(torch.from_numpy(x), names)
    y = array(*output.shape)
    F.mse_loss(output, torch.from_numpy(y)).backward()
    replay = defib.replay(model, x, y, loss="mse", mode=mode)
    (found,) = replay.outputs.values()
    np.testing.assert_allclose(found, output.detach().numpy(), rtol=1e-4, atol=1e-5)
    for name, tensor in names.items():
        if tensor.grad is None or name not in replay.gradients:
            continue
        own, gradient = tensor.grad.numpy(), replay.gradients[name]
        assert gradient.shape == own.shape
        assert np.linalg.norm(gradient - own) <= 1e-4 * max(np.linalg.norm(own), 1e-3), name
    trained = {name for name in names if not name.endswith((".mean", ".variance"))}
    assert trained <= set(replay.gradients)


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_image_network(mode):
    layers = [
        defib.Conv2D(array(6, 3, 3, 3), array(6), stride=2, padding=1),
        defib.BatchNorm(array(6), array(6), array(6), np.abs(array(6)) + 0.5),
        defib.SiLU(),
        defib.Conv2D(array(6, 1, 3, 3), groups=6, padding=1),
        defib.MaxPool2D(2),
        defib.GlobalAveragePool(),
        defib.LayerNorm(array(6), array(6)),
        defib.Dense(array(6, 2), array(2)),
    ]

    def forward(x, p):
        h = F.conv2d(x, p["conv2d1.weight"], p["conv2d1.bias"], 2, 1)
        mean, variance = p["batchnorm1.mean"].detach(), p["batchnorm1.variance"].detach()
        gamma, beta = p["batchnorm1.gamma"], p["batchnorm1.beta"]
        h = F.silu(F.batch_norm(h, mean, variance, gamma, beta, mode == "train"))
        h = F.max_pool2d(F.conv2d(h, p["conv2d2.weight"], None, 1, 1, 1, 6), 2).mean((2, 3))
        h = F.layer_norm(h, (6,), p["layernorm1.gamma"], p["layernorm1.beta"])
        return h @ p["dense1.weight"] + p["dense1.bias"]

    compare(layers, array(9, 3, 12, 12), forward, mode)


def test_sequences():
    layers = [
        defib.LSTM(array(3, 16), array(4, 16), array(16), sequences=True, gates="ifco"),
        defib.GRU(array(4, 15), array(5, 15), array(15), array(15), gates="rzh", reset_after=True),
        defib.PReLU(0.2),
    ]

    def forward(x, p):
        h = c = torch.zeros(len(x), 4)
        steps = []
        for t in range(x.shape[1]):
            gates = x[:, t] @ p["lstm1.weight"] + h @ p["lstm1.recurrent"] + p["lstm1.bias"]
            i, f, new, o = gates.chunk(4, 1)
            c = f.sigmoid() * c + i.sigmoid() * new.tanh()
            h = o.sigmoid() * c.tanh()
            steps.append(h)
        state = torch.zeros(len(x), 5)
        for step in steps:
            a = (step @ p["gru1.weight"] + p["gru1.bias"]).chunk(3, 1)
            u = (state @ p["gru1.recurrent"] + p["gru1.recurrent_bias"]).chunk(3, 1)
            r, z = (a[0] + u[0]).sigmoid(), (a[1] + u[1]).sigmoid()
            state = z * state + (1 - z) * (a[2] + r * u[2]).tanh()
        return torch.where(state > 0, state, state * p["prelu1.slope"])

    compare(layers, array(6, 5, 3), forward)


def test_words():
    layers = [defib.Embedding(array(11, 4)), defib.Transpose(2, 1), defib.Conv1D(array(5, 4, 3)),
              defib.GELU(), defib.AveragePool1D(2, padding=1), defib.GlobalMaxPool()]  # fmt: skip

    def forward(x, p):
        h = F.embedding(x, p["embedding1.weight"]).transpose(1, 2)
        h = F.gelu(F.conv1d(h, p["conv1d1.weight"]))
        return F.avg_pool1d(h, 2, padding=1, count_include_pad=False).amax(2)

    compare(layers, rng.integers(0, 11, (7, 9)), forward)


ACTIVATIONS = [
    (defib.ELU(0.7), lambda x: F.elu(x, 0.7)), (defib.SELU(), F.selu), (defib.Mish(), F.mish),
    (defib.CELU(0.5), lambda x: F.celu(x, 0.5)), (defib.Softplus(), F.softplus),
    (defib.Softsign(), F.softsign), (defib.HardSigmoid(), F.hardsigmoid),
    (defib.HardSwish(), F.hardswish), (defib.Clip(-0.5, 0.7), lambda x: x.clamp(-0.5, 0.7)),
    (defib.GELU(approximate=True), lambda x: F.gelu(x, approximate="tanh")),
]  # fmt: skip


@pytest.mark.parametrize("case", ACTIVATIONS, ids=lambda case: case[0].kind)
def test_activations(case):
    layer, function = case
    layers = [defib.Dense(array(4, 5), array(5)), layer, defib.Dense(array(5, 2))]

    def forward(x, p):
        h = function(x @ p["dense1.weight"] + p["dense1.bias"])
        return h @ p["dense2.weight"]

    compare(layers, array(30, 4), forward)
