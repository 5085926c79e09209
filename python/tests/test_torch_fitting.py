"""Models, outputs and targets as scripts have them, where they fit in one way alone."""

import copy

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

import defib  # noqa: E402

pytestmark = pytest.mark.engine

ROWS = 24


def gradients(model, loss):
    model.zero_grad()
    loss.backward()
    return {name: p.grad.numpy().copy() for name, p in model.named_parameters()}


def compare(replay, model, loss):
    assert replay.loss == pytest.approx(loss.item(), rel=1e-5)
    for name, wanted in gradients(model, loss).items():
        assert replay.gradients[name] == pytest.approx(wanted, rel=2e-3, abs=1e-6), name


class Auxiliary(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk, self.side, self.head = nn.Linear(4, 6), nn.Linear(6, 3), nn.Linear(6, 3)

    def forward(self, x):
        held = torch.tanh(self.trunk(x))
        return self.head(held), self.side(held), held


def test_one_target_serves_outputs_of_one_shape():
    torch.manual_seed(0)
    model, x, y = Auxiliary(), torch.randn(ROWS, 4), torch.randint(0, 3, (ROWS,))
    with pytest.warns(defib.DefibWarning, match="one loss and one target for 3 outputs"):
        replay = defib.replay(model, x, y, loss=nn.CrossEntropyLoss())
    first, second, _ = model(x)
    compare(replay, model, F.cross_entropy(first, y) + F.cross_entropy(second, y))


@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss(), "cross-entropy"])
def test_classes_on_the_last_axis_are_turned_where_labels_say_so(loss):
    torch.manual_seed(1)
    model, x, y = nn.Linear(4, 3), torch.randn(ROWS, 6, 4), torch.randint(0, 3, (ROWS, 6))
    replay = defib.replay(model, x, y, loss=loss)
    wanted = F.cross_entropy(model(x).movedim(-1, 1), y)
    assert replay.loss == pytest.approx(wanted.item(), rel=1e-5)


def test_classes_on_axis_1_stay_there():
    torch.manual_seed(2)
    model, x = nn.Conv1d(4, 3, 1), torch.randn(ROWS, 4, 6)
    y = torch.randint(0, 3, (ROWS, 6))
    loss = nn.CrossEntropyLoss()
    replay = defib.replay(model, x, y, loss=loss)
    assert replay.loss == pytest.approx(loss(model(x), y).item(), rel=1e-5)


@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize("kind", [lambda: nn.Linear(4, 3), lambda: nn.Conv1d(4, 3, 2)])
def test_spectral_norm_divides_by_the_largest_singular_value(mode, kind):
    torch.manual_seed(3)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.utils.parametrizations.spectral_norm(kind())

        def forward(self, x):
            return self.layer(x)

    model = Net().train(mode == "train")
    x = torch.randn(ROWS, 4) if isinstance(model.layer, nn.Linear) else torch.randn(ROWS, 4, 5)
    y = torch.randn_like(model(x))
    before = copy.deepcopy(model.state_dict())
    replay = defib.replay(model, x, y, loss="mse", mode=mode)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    (found,) = replay.outputs.values()
    assert found == pytest.approx(model(x).detach().numpy(), rel=1e-4, abs=1e-6)


class Classified(dict):
    """Dict and attributes at once, as the outputs of some packages are."""

    def __getattr__(self, name):
        if name in self:
            return self[name]
        raise AttributeError(name)


class Open(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.head = nn.Embedding(9, 5), nn.Linear(5, 3)

    def forward(self, input_ids=None, attention_mask=None, use_cache=None, **_):
        held = self.table(input_ids)
        if attention_mask is not None:
            rows = torch.arange(input_ids.shape[0], device=input_ids.device)[:, None, None]
            places = torch.arange(input_ids.shape[1], device=input_ids.device)[None, :, None]
            held = held * attention_mask[rows, places]
        logits = self.head(held.mean(1))
        return Classified(logits=logits) if use_cache is False else (logits, held)


def test_arguments_by_keyword_and_output_classes_are_taken_as_they_are():
    torch.manual_seed(4)
    model = Open()
    x = {
        "input_ids": torch.randint(0, 9, (ROWS, 6)),
        "attention_mask": torch.randint(0, 2, (ROWS, 6)),
    }
    y = torch.randint(0, 3, (ROWS,))

    def loss(output, labels):
        return F.cross_entropy(output.logits, labels)

    replay = defib.replay(model, x, y, loss=loss)
    compare(replay, model, loss(model(**x, use_cache=False), y))


class Packing(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.LSTM(3, 4, batch_first=True)

    def forward(self, x, lengths):
        held = nn.utils.rnn.pack_padded_sequence(x, lengths, True, enforce_sorted=False)
        return self.layer(held)[1][0][-1]


class Last(Packing):
    def forward(self, x, lengths):
        held, _ = self.layer(x)
        return held[torch.arange(len(held)), lengths - 1]


def test_the_last_step_of_each_sequence_takes_the_place_of_packing():
    torch.manual_seed(5)
    x, lengths, y = torch.randn(ROWS, 5, 3), torch.randint(1, 6, (ROWS,)), torch.randn(ROWS, 4)
    with pytest.raises(defib.ExportError, match=r"packs sequences.*h\[torch.arange\(len\(h\)\)"):
        defib.replay(Packing(), [x, lengths], y, loss="mse")
    model = Last()
    replay = defib.replay(model, [x, lengths], y, loss="mse")
    compare(replay, model, F.mse_loss(model(x, lengths), y))
    packing = Packing()
    packing.load_state_dict(model.state_dict())
    assert torch.allclose(packing(x, lengths), model(x, lengths), atol=1e-6)
