"""Modules and tensors that a PyTorch model uses and does not list are parameters of the run."""

# ruff: noqa: ARG005 - stand-ins take what is handed to them

import copy
import itertools

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

import defib  # noqa: E402
from defib.exporters import Settings, build  # noqa: E402
from defib.exporters.torch import unlisted  # noqa: E402

torch.manual_seed(0)
X, Y = torch.randn(40, 5), torch.randn(40, 1)
GLOBAL = nn.Linear(5, 8)


class Net(nn.Module):
    """A head, what `parts` adds to the model, and what `function` does with it."""

    def __init__(self, function, **parts):
        super().__init__()
        self.head, self.function = nn.Linear(8, 1), function
        for name, part in parts.items():
            vars(self)[name] = part

    def forward(self, x):
        return self.head(self.function(self, x))


class Own(nn.Module):
    """A module of the user's own, with a list inside."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(8, 5))
        self.more = [nn.Linear(8, 8)]

    def forward(self, x):
        return torch.tanh(self.more[0](x @ self.weight.T))


def through(layers, x):
    for layer in layers:
        x = through(layer, x) if isinstance(layer, list) else layer(x)
    return x


def branching(net, x):
    """Take a path that torch.fx cannot follow."""
    if int(x.sum(0).shape[0]) == 5 and x.shape[0] > 0:
        x = through(net.hidden, x)
    return x + net.shift[0]


def linear(*widths):
    return [nn.Linear(a, b) for a, b in itertools.pairwise(widths)]


def trained(*shape):
    return torch.randn(*shape).requires_grad_()


class Lambda:
    """Holds a layer where nobody looks."""

    def __init__(self):
        self.layer = nn.Linear(5, 8)

    def __call__(self, x):
        return torch.tanh(self.layer(x))


MODELS = {
    "a list": (
        lambda: Net(lambda net, x: through(net.hidden, x), hidden=[*linear(5, 8), nn.Tanh()]),
        ["hidden.0.weight", "hidden.0.bias"],
    ),
    "lists in a list": (
        lambda: Net(lambda net, x: through(net.hids, x),
                    hids=[[*linear(5, 8), nn.Tanh()], [*linear(8, 8), nn.BatchNorm1d(8)]]),
        ["hids.0.0.weight", "hids.0.0.bias", "hids.1.0.weight", "hids.1.0.bias",
         "hids.1.1.weight", "hids.1.1.bias"],
    ),
    "a dict": (
        lambda: Net(lambda net, x: net.parts["the layer"](x), parts={"the layer": linear(5, 8)[0]}),
        ["parts.the_layer.weight", "parts.the_layer.bias"],
    ),
    "a module of one's own": (
        lambda: Net(lambda net, x: net.blocks[0](x), blocks=[Own()]),
        ["blocks.0.weight", "blocks.0.more.0.weight", "blocks.0.more.0.bias"],
    ),
    "tensors": (
        lambda: Net(lambda net, x: torch.tanh(x @ net.w + net.b[0]), w=trained(5, 8),
                    b=[trained(8)]),
        ["w", "b.0"],
    ),
    "tensors that are computed with at once": (
        lambda: Net(lambda net, x: torch.tanh(x @ (net.w * 2) + net.b[0].exp()), w=trained(5, 8),
                    b=[trained(8)]),
        ["w", "b.0"],
    ),
    "parameters in a tuple": (
        lambda: Net(lambda net, x: x @ net.ws[0] @ net.ws[1],
                    ws=(nn.Parameter(trained(5, 8)), nn.Parameter(trained(8, 8)))),
        ["ws.0", "ws.1"],
    ),
    "a global": (lambda: Net(lambda net, x: GLOBAL(x)), ["linear.weight", "linear.bias"]),
    "an object": (
        lambda: Net(lambda net, x: net.code(x), code=Lambda()), ["linear.weight", "linear.bias"],
    ),
    "a teacher": (
        lambda: Net(lambda net, x: net.body[0](x) + net.teacher[0](x).detach(),
                    body=linear(5, 8), teacher=linear(5, 8)),
        ["body.0.weight", "body.0.bias", "teacher.0.weight", "teacher.0.bias"],
    ),
    "recurrence": (
        lambda: Net(lambda net, x: net.memory[0](x.unsqueeze(1))[0][:, -1],
                    memory=[nn.RNN(5, 8, batch_first=True)]),
        [f"memory.0.{part}_l0" for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")],
    ),
    "a layer twice": (
        lambda: Net(lambda net, x: net.twice[0](torch.tanh(net.twice[0](net.first[0](x)))),
                    first=linear(5, 8), twice=linear(8, 8)),
        ["first.0.weight", "first.0.bias", "twice.0.weight", "twice.0.bias"],
    ),
    "inside another module": (
        lambda: nn.Sequential(Net(lambda net, x: through(net.hidden, x), hidden=linear(5, 8))),
        ["0.hidden.0.weight", "0.hidden.0.bias"],
    ),
    "torch.export": (
        lambda: Net(branching, hidden=linear(5, 8, 8), shift=[trained(8)]),
        ["hidden.0.weight", "hidden.0.bias", "hidden.1.weight", "hidden.1.bias", "shift.0"],
    ),
}  # fmt: skip


def settings(**more):
    return Settings(loss=nn.MSELoss(), **more)


def unregistered(document):
    return [e["name"] for e in document.parameters if e.get("registered", True) is False]


@pytest.mark.engine
@pytest.mark.parametrize("name", MODELS)
def test_unlisted_tensors_are_parameters_and_their_gradients_are_right(name):
    make, names = MODELS[name]
    model = make()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    before = copy.deepcopy(model.state_dict())
    document = build(model, X, Y, settings(optimizer=optimizer, initial=before))
    assert sorted(unregistered(document)) == sorted(names)
    assert sorted(document.training["optimizer"]["missing"]) == sorted(names)
    assert all("initial" in entry for entry in document.parameters if entry["name"] in names)
    assert not [e for e in document.parameters if e.get("trainable", True) and "initial" not in e]

    held = {**unlisted.named_tensors(model), **dict(model.named_parameters())}
    held |= {f"linear.{k}": v for k, v in GLOBAL.named_parameters() if name == "a global"}
    if name == "an object":
        held |= {f"linear.{k}": v for k, v in model.code.layer.named_parameters()}
    for tensor in held.values():
        tensor.grad = None
    nn.MSELoss()(model(X), Y).backward()
    found = defib.replay(model, X, Y, loss=nn.MSELoss(), verify=True).gradients
    for key in [*names, *dict(model.named_parameters())]:
        if held[key].grad is None:
            assert not np.any(found.get(key, 0)), key
        else:
            np.testing.assert_allclose(found[key], held[key].grad, rtol=1e-3, atol=1e-5)


def test_what_the_optimizer_holds_is_not_missing():
    model = MODELS["a list"][0]()
    held = [*model.parameters(), *model.hidden[0].parameters()]
    document = build(model, X, Y, settings(
        optimizer=torch.optim.SGD(held, 0.1), initial=copy.deepcopy(model.state_dict()),
    ))  # fmt: skip
    assert unregistered(document) == ["hidden.0.weight", "hidden.0.bias"]
    assert "missing" not in document.training["optimizer"]
    # They have moved, and nobody kept where from.
    assert not [e for e in document.parameters if "initial" in e and "hidden" in e["name"]]


def test_a_second_model_tells_where_they_began():
    model, first = MODELS["a list"][0](), MODELS["a list"][0]()
    document = build(model, X, Y, settings(initial=first))
    entry = next(e for e in document.parameters if e["name"] == "hidden.0.weight")
    began = document.arrays[entry["initial"]]
    np.testing.assert_array_equal(began, first.hidden[0].weight.detach())


def test_what_is_not_used_or_not_trained_is_left_out():
    model = Net(lambda net, x: net.frozen[0](x), frozen=linear(5, 8), spare=linear(5, 8),
                kept=None)  # fmt: skip
    model.frozen[0].requires_grad_(False)
    model.kept = model(X)  # a result that is part of a graph
    document = build(model, X, Y, settings())
    assert unregistered(document) == []
    assert [e["name"] for e in document.parameters] == [
        "head.weight", "head.bias", "frozen.0.weight", "frozen.0.bias",
    ]  # fmt: skip
    assert document.parameters[2]["trainable"] is False


@pytest.mark.parametrize("name", MODELS)
def test_the_model_stays_as_it_was(name):
    model = MODELS[name][0]().train()
    attributes = {id(m): dict(vars(m)) for m in unlisted.modules(model)}
    values = {k: v.clone() for k, v in unlisted.named_tensors(model).items()}
    build(model, X, Y, settings())
    assert {id(m): dict(vars(m)) for m in unlisted.modules(model)} == attributes
    now = unlisted.named_tensors(model)
    assert list(now) == list(values)
    assert all(torch.equal(now[key], value) for key, value in values.items())
    assert all(type(each.held) is not torch.fx.Proxy for each in unlisted.find(model))


def test_a_recorder_keeps_where_they_began(tmp_path):
    model = MODELS["a list"][0]()
    optimizer = torch.optim.SGD([*model.parameters(), *model.hidden[0].parameters()], 0.1)
    began = model.hidden[0].weight.detach().clone()
    recorder = defib.Recorder(tmp_path / "run", model, loss=nn.MSELoss(), optimizer=optimizer)
    for _ in range(3):
        optimizer.zero_grad()
        loss = nn.MSELoss()(model(X), Y)
        loss.backward()
        optimizer.step()
        recorder.step(loss)
    run = recorder.finish(X, Y)
    entries = {e["name"]: e for e in run.to_dict()["graph"]["parameters"]}
    kept = np.load(run.path / entries["hidden.0.weight"]["initial"])
    np.testing.assert_array_equal(kept, began)
    assert not np.array_equal(kept, model.hidden[0].weight.detach())


def test_a_state_that_a_model_keeps_is_no_parameter():
    class Stateful(nn.Module):
        def __init__(self):
            super().__init__()
            self.cell, self.head, self.state = nn.RNNCell(5, 8), nn.Linear(8, 1), (None,)

        def forward(self, x):
            state = self.state[0]
            self.state = (self.cell(x, None if state is None else state.detach()),)
            return self.head(self.state[0])

    model = Stateful()
    model(X)
    with pytest.raises(defib.ExportError):  # its rows are those of one batch
        build(model, X, Y, settings())
    model.state = (None,)
    assert unregistered(build(model, X, Y, settings())) == []


@pytest.mark.engine
@pytest.mark.parametrize("kind", ["forward", "backward", "gradient", "after"])
def test_hooks_on_what_is_not_listed_are_honoured_or_named(kind):
    model = MODELS["a list"][0]()
    layer = model.hidden[0]
    if kind == "forward":
        layer.register_forward_hook(lambda module, given, result: result * 2)
    elif kind == "backward":
        layer.register_full_backward_hook(lambda module, given, got: (got[0] * 0,))
    elif kind == "gradient":
        layer.weight.register_hook(lambda gradient: gradient * 10)
    else:
        layer.weight.register_post_accumulate_grad_hook(lambda parameter: None)
    try:
        found = defib.replay(model, X, Y, loss=nn.MSELoss(), verify=True)
    except defib.ExportError as error:
        if "hook" not in str(error):
            raise
    else:
        model.zero_grad()
        nn.MSELoss()(model(X), Y).backward()
        wanted = layer.weight.grad
        np.testing.assert_allclose(found.gradients["hidden.0.weight"], wanted, rtol=1e-3, atol=1e-5)
