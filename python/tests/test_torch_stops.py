"""Where PyTorch stops gradients, the replay has none: detach, .data, torch.no_grad."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402
from torch_unseen import Middle, Through, no_grad, off, partly  # noqa: E402

import defib  # noqa: E402
from defib.exporters import Settings, build  # noqa: E402

torch.manual_seed(0)
X, Y = torch.randn(40, 5), torch.randn(40, 1)


class Net(nn.Module):
    """Two layers, and what becomes of an input in them."""

    def __init__(self, function):
        super().__init__()
        self.a, self.b, self.function = nn.Linear(5, 8), nn.Linear(8, 1), function

    def forward(self, x):
        return self.function(self, x)


class Backbone(nn.Module):
    """A frozen backbone, by no_grad alone."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU())
        self.head = nn.Linear(8, 1)

    def forward(self, x):
        with torch.no_grad():
            h = self.body(x)
        return self.head(h)


class Memory(nn.Module):
    """A recurrence whose several results leave the region as one."""

    def __init__(self):
        super().__init__()
        self.memory, self.head = nn.LSTM(5, 4, batch_first=True), nn.Linear(4, 1)

    def forward(self, x):
        with torch.no_grad():
            result = self.memory(x.unsqueeze(1).expand(-1, 3, -1))
        return self.head(result[0][:, -1])


class Decorated(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(5, 8), nn.Linear(8, 1)

    @torch.no_grad()
    def features(self, x):
        return torch.relu(self.a(x))

    def forward(self, x):
        return self.b(self.features(x))


def branching(net, x):
    """Take a path that torch.fx cannot follow, with regions inside one another."""
    if x.shape[1] != 5 or int(x.sum(0).shape[0]) != 5:
        raise ValueError
    h = net.a(x)
    with torch.no_grad():
        kept = torch.relu(h)
        with torch.enable_grad():
            free = net.a(x)
    return net.b(kept) + net.b(h.detach()) + net.b(free)


def in_place(net, x):
    h = net.a(x)
    with torch.no_grad():
        h.mul_(0.5)
    return net.b(h)


MODELS = {
    "no_grad": lambda: Through(Middle(no_grad)),
    "set_grad_enabled": lambda: Through(Middle(off)),
    "a part": lambda: Through(Middle(partly)),
    "detach": lambda: Through(Middle(lambda x: x.detach() * 2)),
    "detach_": lambda: Net(lambda net, x: net.b((net.a(x) * 1).detach_())),
    "data": lambda: Through(Middle(lambda x: x.data * 2)),
    "straight through": lambda: Through(Middle(lambda x: torch.round(x).detach() + x - x.detach())),
    "both ways": lambda: Net(lambda net, x: net.b(net.a(x).detach() * net.a(x))),
    "a weight": lambda: Net(lambda net, x: net.b(F.linear(x, net.a.weight.detach(), net.a.bias))),
    "a weight's data": lambda: Net(lambda net, x: net.b(F.linear(x, net.a.weight.data))),
    "a root of zero": lambda: Net(lambda net, x: net.b((net.a(x) * 0).sqrt().detach() + net.a(x))),
    "backbone": Backbone,
    "memory": Memory,
    "decorated": Decorated,
    "torch.export": lambda: Net(branching),
}


@pytest.mark.engine
@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize("name", MODELS)
def test_gradients_stop_where_pytorch_stops_them(name, verify):
    model = MODELS[name]()
    nn.MSELoss()(model(X), Y).backward()
    found = defib.replay(model, X, Y, loss=nn.MSELoss(), verify=verify).gradients
    assert any(p.grad is None for p in model.parameters()) or name in ("a part", "straight through",
        "both ways", "torch.export", "a root of zero")  # fmt: skip
    for key, parameter in model.named_parameters():
        if parameter.grad is None:
            assert not np.any(found.get(key, 0)), key
        else:
            np.testing.assert_allclose(found[key], parameter.grad, rtol=1e-3, atol=1e-5)


def test_a_stop_is_one_node_after_what_leaves_the_region():
    document = build(Backbone(), X, Y, Settings(loss=nn.MSELoss(), verify=False))
    stops = [node for node in document.nodes if node["op"] == "StopGradient"]
    assert [(node["name"], node["layer"]) for node in stops] == [("body.2/stopped", "body.2")]


def test_what_changes_a_tensor_in_a_region_is_refused():
    with pytest.raises(defib.ExportError, match=r"mul is computed in torch\.no_grad"):
        build(Net(in_place), X, Y, Settings(loss=nn.MSELoss(), verify=False))
