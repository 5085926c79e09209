"""Masks of -infinity are not a fault; what is not finite for other reasons still is."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

import defib  # noqa: E402

ROWS, STEPS, WORDS = 64, 6, 11


class Encoder(nn.Module):
    """A classifier of token sequences with one of the usual masks."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        self.table = nn.Embedding(WORDS, 16)
        layer = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.head = nn.Linear(16, 3)
        self.register_buffer("causal", nn.Transformer.generate_square_subsequent_mask(STEPS))

    def forward(self, x):
        h = self.table(x)
        if self.kind == "padding":
            return self.head(self.encoder(h, src_key_padding_mask=x == 0).mean(dim=1))
        if self.kind == "both":
            h = self.encoder(h, mask=self.causal < 0, src_key_padding_mask=x == 0)
            return self.head(h.mean(dim=1))
        return self.head(self.encoder(h, mask=self.causal).mean(dim=1))


class Handmade(nn.Module):
    """Attention as people write it: a tril buffer and masked_fill, or an added constant."""

    def __init__(self, fill):
        super().__init__()
        self.fill = fill
        self.table, self.head = nn.Embedding(WORDS, 16), nn.Linear(16, 3)
        self.q, self.k, self.v = (nn.Linear(16, 16) for _ in range(3))
        self.register_buffer("tril", torch.tril(torch.ones(STEPS, STEPS)))

    def forward(self, x):
        h = self.table(x)
        scores = self.q(h) @ self.k(h).transpose(1, 2) / 4
        if self.fill is None:  # as Hugging Face has it
            floor = torch.finfo(torch.float32).min
            scores = scores + (1 - self.tril) * floor + (1 - self.tril) * floor
        else:
            scores = scores.masked_fill(self.tril == 0, self.fill)
        return self.head((F.softmax(scores, dim=-1) @ self.v(h)).mean(dim=1))


def tokens():
    random = np.random.default_rng(0)
    x = random.integers(1, WORDS, (ROWS, STEPS))
    x[::3, 4:] = 0
    return torch.tensor(x), torch.tensor(x[:, 0] % 3)


def trained(model, x, y, loss, steps=150):
    torch.manual_seed(0)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    history = []
    for _ in range(steps):
        optimizer.zero_grad()
        value = loss(model(x), y)
        value.backward()
        optimizer.step()
        history.append(value.item())
    return {
        "loss": loss, "optimizer": optimizer, "history": history, "initial": before,
        "steps": steps, "batch_size": len(x),
    }  # fmt: skip


@pytest.mark.parametrize(
    "make",
    [
        lambda: Encoder("padding"), lambda: Encoder("causal"), lambda: Encoder("both"),
        lambda: Handmade(float("-inf")), lambda: Handmade(-1e9), lambda: Handmade(None),
    ],
)  # fmt: skip
def test_masked_attention_is_sound(make):
    torch.manual_seed(0)
    x, y = tokens()
    model = make()
    report = defib.check(model, x, y, **trained(model, x, y, nn.CrossEntropyLoss()))
    assert "non-finite" not in {finding.rule for finding in report.findings}
    assert not [finding for finding in report.findings if finding.severity == "error"], report
    # Whatever asks for finite values had them.
    assert not [rule for rule, reason in report.not_checked.items() if "finite" in reason]


def test_a_mask_that_hides_a_whole_row_is_a_fault():
    class Hidden(Handmade):
        def forward(self, x):
            h = self.table(x)
            scores = self.q(h) @ self.k(h).transpose(1, 2) / 4
            scores = scores.masked_fill((x == 0).unsqueeze(1), float("-inf"))
            return self.head((F.softmax(scores, dim=-1) @ self.v(h)).mean(dim=1))

    x, y = tokens()
    x[5] = 0
    report = defib.check(Hidden(0.0), x, y, loss=nn.CrossEntropyLoss())
    (cause,) = [f for f in report.findings if f.rule == "non-finite"]
    assert "mask" in cause.message
    assert "sample 5" in cause.message


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_weights_that_are_not_finite_are_one_finding(value):
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.view(-1)[0] = value
    report = defib.check(model, torch.randn(ROWS, 4), torch.randn(ROWS, 1), loss=nn.MSELoss())
    found = [f for f in report.findings if f.rule == "non-finite"]
    assert len(found) == 1
    assert found[0].severity == "error"


def relative_loss(report):
    for finding in report.findings:
        for measure in finding.evidence:
            if measure.name == "relative_loss":
                return measure.value
    return None


@pytest.mark.parametrize("kind", ["nll", "weighted nll", "kl", "smoothing", "pos_weight", "bce"])
def test_what_learned_well_is_no_constant(kind):
    """A loss near its floor is reported as such, whatever form targets and weights have."""
    torch.manual_seed(0)
    x = torch.randn(400, 4)
    y = (x[:, 0] > 0).long() + (x[:, 1] > 0).long()
    head = nn.LogSoftmax(dim=1) if kind in ("nll", "weighted nll", "kl") else nn.Identity()
    loss = {
        "nll": nn.NLLLoss(),
        "weighted nll": nn.NLLLoss(weight=torch.tensor([1.0, 5.0, 0.2])),
        "kl": nn.KLDivLoss(reduction="batchmean"),
        "smoothing": nn.CrossEntropyLoss(label_smoothing=0.1),
        "pos_weight": nn.BCEWithLogitsLoss(pos_weight=torch.tensor([4.0])),
        "bce": nn.BCELoss(),
    }[kind]
    width = 1 if kind in ("pos_weight", "bce") else 3
    if kind == "bce":
        head = nn.Sigmoid()
    model = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, width), head)
    if kind == "kl":
        y = F.one_hot(y, 3).float() * 0.9 + 0.1 / 3
    elif width == 1:
        y = (x[:, :1] > 1).float()
    report = defib.check(model, x, y, **trained(model, x, y, loss, 300))
    assert "loss-at-baseline" not in {finding.rule for finding in report.findings}
    assert not [finding for finding in report.findings if finding.severity == "error"], report


def test_certain_probabilities_cost_nothing():
    y = torch.tensor([[0.0], [1.0]] * 8)
    replay = defib.replay(nn.Identity(), y, y, loss={"kind": "bce", "clip": 0}, verify=False)
    assert replay.loss == 0
