"""Models that torch.onnx.export writes, in both of its ways, against PyTorch's own gradients."""

import io
import logging
import warnings

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
torch = pytest.importorskip("torch")

from onnx.reference import ReferenceEvaluator  # noqa: E402
from torch import nn  # noqa: E402

import defib  # noqa: E402
from defib.exporters import Settings, build  # noqa: E402

pytestmark = pytest.mark.engine


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 6))
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        x = torch.relu(x + self.layers(x))
        return self.head(x.view(x.size(0), -1))


class Convolutional(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(4, 4, 3, groups=4), nn.LeakyReLU(0.1), nn.AvgPool2d(2),
        )  # fmt: skip
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        return self.head(torch.flatten(self.features(x), 1))


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.rnn = kind(3, 5, num_layers=2, batch_first=True, bidirectional=True)
        self.head = nn.Linear(10, 2)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Linear(3, 8)
        self.block = nn.TransformerEncoderLayer(
            8, 2, 16, dropout=0.0, activation="gelu", batch_first=True
        )
        self.head = nn.Linear(8, 2)

    def forward(self, x):
        return self.head(self.block(self.embedding(x)).mean(dim=1))


CASES = {
    "mlp": (Residual, (6,)),
    "cnn": (Convolutional, (2, 10, 10)),
    "lstm": (lambda: Recurrent(nn.LSTM), (4, 3)),
    "gru": (lambda: Recurrent(nn.GRU), (4, 3)),
    "transformer": (Transformer, (5, 3)),
}


def drawn(model):
    """Draw every parameter anew: the export holds equal ones (a bias of zeros) only once."""
    with torch.no_grad():
        for tensor in model.parameters():
            tensor.copy_(torch.randn(tensor.shape) / 2)
    return model.eval()


def exported(model, x, dynamo, dynamic):
    buffer = io.BytesIO()
    axes = {}
    if dynamic and dynamo:
        axes = {"dynamic_shapes": ({0: torch.export.Dim("batch")},)}
    elif dynamic:
        axes = {"dynamic_axes": {"x": {0: "batch"}}}
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                model, (x,), None if dynamo else buffer, dynamo=dynamo, input_names=["x"],
                output_names=["out"], verbose=False, **axes,
            )  # fmt: skip
    finally:
        logging.disable(logging.NOTSET)
    return program.model_proto if dynamo else buffer.getvalue()


def near(found, expected, what, limit=1e-4):
    assert found.shape == expected.shape, what
    distance = np.linalg.norm((found - expected).astype(float).ravel())
    size = max(np.linalg.norm(expected.astype(float).ravel()), 1e-20)
    assert distance / size < limit, f"{what}: {distance / size:.2e}"


@pytest.mark.parametrize("dynamic", [True, False])
@pytest.mark.parametrize("dynamo", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_parity(name, dynamo, dynamic):
    """Outputs over more rows than the export saw, and the gradients of every named parameter."""
    make, shape = CASES[name]
    torch.manual_seed(5)
    model = drawn(make())
    proto = exported(model, torch.randn(3, *shape), dynamo, dynamic)
    x = torch.randn(17, *shape)
    out = model(x)
    y = torch.randn(out.shape)
    nn.MSELoss()(out, y).backward()
    replay = defib.replay(proto, x, y, loss="mse", mode="eval")
    near(replay.outputs["out"], out.detach().numpy(), "out")
    document = build(proto, x, None, Settings(mode="eval"))
    held = {e["name"]: document.array_of(e["name"]) for e in document.parameters}
    compared = 0
    for key, tensor in model.named_parameters():
        # A normalisation that was folded into the convolution before it changed the weight.
        if key in held and np.array_equal(held[key], tensor.detach().numpy()):
            near(replay.gradients[key], tensor.grad.numpy(), key)
            compared += 1
    assert compared


@pytest.mark.parametrize("name", CASES)
def test_parity_with_the_reference(name):
    """A model as it stands, over the rows that it was exported with."""
    make, shape = CASES[name]
    torch.manual_seed(6)
    x = torch.randn(3, *shape)
    proto = exported(drawn(make()), x, False, False)
    (wanted,) = ReferenceEvaluator(proto).run(None, {"x": x.numpy()})
    near(defib.replay(proto, x, mode="eval").outputs["out"], wanted, name)


@pytest.mark.parametrize("dynamo", [False, True])
def test_layers_are_the_modules(dynamo):
    proto = exported(Residual(), torch.randn(3, 6), dynamo, True)
    layers = {n["layer"] for n in build(proto, torch.randn(3, 6), None, Settings()).nodes}
    assert {"layers.0", "layers.1", "layers.2", "head"} <= layers
