"""More of what a graph of torch does not show: each kind is honoured, or refused by name."""

# ruff: noqa: ARG005, PT017 - hooks take what torch hands them

import random

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.nn.modules import module as modules  # noqa: E402
from torch_through import MSE, ROWS, Through, agrees, data, refused, through  # noqa: E402

import defib  # noqa: E402

# -- random numbers, and what they decide


@pytest.mark.parametrize(
    ("function", "match"),
    [
        (lambda self, x: self.c(x) if random.random() < 2 else x, "Python's random"),
        (lambda self, x: self.c(x) if np.random.rand() < 2 else x, "numpy.random"),
        (lambda self, x: self.c(x) if torch.rand(2)[0].item() < 2 else x, "torch"),
        (lambda self, x: x * torch.bernoulli(torch.full((8,), 0.5)), "random numbers"),
        (lambda self, x: x + torch.from_numpy(np.random.randn(8)).float(), "numpy.random"),
    ],
)
def test_random_numbers_are_refused_and_leave_no_trace(function, match):
    x, y = data()
    model = Through(function)
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    with pytest.raises(defib.ExportError, match=match):
        defib.check(model, x, y, loss=MSE)
    assert random.getstate() == states[0]
    assert np.array_equal(np.random.get_state()[1], states[1][1])
    assert np.random.get_state()[2] == states[1][2]
    assert torch.equal(torch.get_rng_state(), states[2])


# -- the size of the batch


@pytest.mark.parametrize(
    "function",
    [
        lambda self, x: self.c(x) if x.shape[0] > 16 else x,
        lambda self, x: self.c(x) if x.shape[0] == ROWS else x,
        lambda self, x: self.c(x) if x.shape[0] % 2 else x,
        lambda self, x: torch.stack([self.c(x[i]) for i in range(x.shape[0])]),
    ],
)
def test_paths_that_depend_on_the_size_of_the_batch_are_refused(function):
    refused(through(function), "size of the batch")


# -- hooks


@pytest.mark.parametrize(
    ("register", "hook"),
    [
        (modules.register_module_forward_hook,
         lambda own: lambda m, a, r: r * 2 if m is own else None),
        (modules.register_module_forward_pre_hook,
         lambda own: lambda m, a: (a[0] * 2,) if m is own else None),
        (modules.register_module_full_backward_hook,
         lambda own: lambda m, give, got: (give[0] * 2,) if m is own else None),
    ],
)  # fmt: skip
def test_hooks_on_all_modules_are_honoured_or_named(register, hook):
    model = through()
    handle = register(hook(model.c))
    try:
        agrees(model, *data())
    except defib.ExportError as error:
        assert "hook on all modules" in str(error)
    finally:
        handle.remove()


def test_hooks_after_gradients_are_refused():
    model = through()
    model.c.weight.register_post_accumulate_grad_hook(lambda p: (p.grad.mul_(9), None)[1])
    refused(model, "register_post_accumulate_grad_hook")
    defib.check(model, *data(), loss=MSE, verify=False)


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_hooks_on_gradients_are_seen_in_every_precision(kind):
    model = through().to(kind)
    model.c.weight.register_hook(lambda gradient: gradient * 9)
    refused(model, "gradient of c.weight")


@pytest.mark.parametrize(
    "wrap", [nn.DataParallel, lambda model: torch.compile(model, backend="eager")]
)
def test_hooks_on_wrappers_are_refused(wrap):
    model = wrap(through())
    defib.check(model, *data(), loss=MSE)
    model.register_forward_hook(lambda m, args, result: result * 2)
    refused(model, "forward hook")


# -- what forward changes


def test_forward_that_freezes_is_refused_and_undone():
    def freeze(self, x):
        for parameter in self.c.parameters():
            parameter.requires_grad = False
        return self.c(x)

    model = through(freeze)
    refused(model, "requires_grad")
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_what_forward_keeps_in_lists_and_buffers_stays():
    class Keeping(Through):
        def __init__(self):
            super().__init__(lambda self, x: self.c(x))
            self.log, self.kept = [], {"last": torch.zeros(8)}
            self.numbers = torch.Generator().manual_seed(3)
            self.register_buffer("count", torch.zeros(()))

        def forward(self, x):
            self.log.append(1)
            self.count += 1
            self.kept["last"] = self.count
            return super().forward(x)

    model = Keeping()
    before, state = model.kept["last"], model.numbers.get_state()
    agrees(model, *data())
    model = Keeping()
    before = model.kept["last"]
    defib.check(model, *data(), loss=MSE)
    assert model.log == []
    assert model.kept == {"last": before}
    assert model.count == 0
    assert torch.equal(state, model.numbers.get_state())


def test_a_model_that_keeps_a_result_is_proved_too():
    def keep(self, x):
        self.last = self.c(x)
        return self.last

    model = through(keep)
    model(data()[0])
    model.c.register_full_backward_hook(lambda m, give, got: (give[0] * 3,))
    refused(model, "backward hook")


# -- optional arguments by their position


@pytest.mark.parametrize("kind", [list, tuple])
@pytest.mark.parametrize("array", [lambda t: t, lambda t: t.numpy()])
def test_optional_arguments_are_filled_by_position(kind, array):
    class Words(nn.Module):
        def __init__(self):
            super().__init__()
            self.table, self.head = nn.Embedding(7, 4), nn.Linear(4, 1)

        def forward(self, x, lengths=None):
            rows = self.table(x)
            if lengths is None:
                return self.head(rows.mean(dim=1))
            mask = (torch.arange(x.shape[1])[None] < lengths[:, None]).float()[..., None]
            return self.head((rows * mask).sum(dim=1) / mask.sum(dim=1))

    model = Words()
    tokens, lengths = torch.randint(0, 7, (ROWS, 6)), torch.randint(1, 7, (ROWS,))
    y = torch.randn(ROWS, 1)
    wanted = model(tokens, lengths).detach()
    found = defib.replay(model, kind([array(tokens), array(lengths)]), y, loss=MSE)
    np.testing.assert_allclose(next(iter(found.outputs.values())), wanted, rtol=1e-4, atol=1e-6)
    found = defib.replay(model, tokens, y, loss=MSE)
    wanted = model(tokens).detach()
    np.testing.assert_allclose(next(iter(found.outputs.values())), wanted, rtol=1e-4, atol=1e-6)
