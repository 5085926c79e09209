"""Losses as scripts write them, with the kinds of run.json that they are."""

import torch
from torch import nn
from torch.nn import functional as F

CUSTOM = "custom"
WEIGHTS = torch.tensor([1.0, 2.0, 0.5])


class RootMeanSquare(nn.Module):
    def __init__(self, eps=1e-6):
        super().__init__()
        self.mse, self.eps = nn.MSELoss(), eps

    def forward(self, output, target):
        return torch.sqrt(self.mse(output, target) + self.eps)


class Renamed(nn.MSELoss):
    """A subclass that changes nothing."""


class Focal(nn.Module):
    def __init__(self, gamma=2.0):
        super().__init__()
        self.gamma = gamma
        self.register_buffer("alpha", WEIGHTS.clone())

    def forward(self, logits, labels):
        entropy = F.cross_entropy(logits, labels, reduction="none")
        return (self.alpha[labels] * (1 - torch.exp(-entropy)) ** self.gamma * entropy).mean()


class Weighted(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.CrossEntropyLoss(weight=WEIGHTS, ignore_index=1)

    def forward(self, logits, labels):
        return 2 * self.inner(logits, labels)


def dice(output, target):
    p = torch.sigmoid(output)
    return 1 - (2 * (p * target).sum() + 1) / (p.sum() + target.sum() + 1)


def quantile(output, target):
    error = target - output
    return torch.mean(torch.max(0.9 * error, -0.1 * error))


def pearson(output, target):
    a, b = output - output.mean(), target - target.mean()
    return 1 - (a * b).sum() / torch.sqrt((a**2).sum() * (b**2).sum())


def mixture(output, target):
    logs, mean, spread = F.log_softmax(output[:, :2], 1), output[:, 2:4], output[:, 4:6]
    terms = logs - 0.5 * ((target - mean) / spread.exp()) ** 2 - spread
    return -torch.logsumexp(terms, dim=1).mean()


def contrastive(output, target):
    scores = F.normalize(output, dim=1) @ F.normalize(target, dim=1).T / 0.1
    return F.cross_entropy(scores, torch.arange(len(output)))


def triplet(output, target):
    near, far = output.chunk(2, dim=1)
    return F.triplet_margin_loss(target, near, far, margin=0.5)


#: name -> (loss, outputs of the network, targets, kinds)
LOSSES = {
    "squares": (lambda o, t: ((o - t) ** 2).mean(), 2, "values", ["mse"]),
    "squares the other way": (lambda o, t: torch.mean((t - o) * (t - o)), 2, "values", ["mse"]),
    "sum of squares": (lambda o, t: (o - t).square().sum(), 2, "values", ["mse"]),
    "mean of means": (lambda o, t: (o - t).pow(2).mean(dim=1).mean(), 2, "values", ["mse"]),
    "half of squares": (lambda o, t: 0.5 * ((o - t) ** 2).mean(), 2, "values", ["mse"]),
    "absolute": (lambda o, t: torch.abs(o - t).mean(), 2, "values", ["l1"]),
    "subclass": (Renamed(), 2, "values", ["mse"]),
    "squeezed": (lambda o, t: F.mse_loss(o.squeeze(), t.squeeze()), 1, "values", ["mse"]),
    "squeezed logits": (
        lambda o, t: F.binary_cross_entropy_with_logits(o.squeeze(1), t), 1, "flat events",
        ["bce-with-logits"],
    ),
    "pairs": (lambda o, t: ((o - t) ** 2).mean(), 1, "flat values", ["mse"]),
    "call of cross-entropy": (lambda o, t: F.cross_entropy(o, t), 3, "labels", ["cross-entropy"]),
    "weighted module": (Weighted(), 3, "labels", ["cross-entropy"]),
    "two terms": (
        lambda o, t: F.mse_loss(o, t) + 0.1 * F.l1_loss(o, t), 2, "values", ["mse", "l1"],
    ),
    "smooth": (lambda o, t: F.smooth_l1_loss(o, t, beta=0.7), 2, "values", ["smooth-l1"]),
    "mean over groups": (lambda o, t: ((o - t) ** 2).sum(1).mean(), 2, "values", [CUSTOM]),
    "root": (RootMeanSquare(), 2, "values", [CUSTOM]),
    "quantile": (quantile, 2, "values", [CUSTOM]),
    "by the batch": (lambda o, t: ((o - t) ** 2).sum() / len(o), 2, "values", [CUSTOM]),
    "by all elements": (lambda o, t: ((o - t) ** 2).sum() / o.numel(), 2, "values", [CUSTOM]),
    "by a size": (lambda o, t: (o - t).abs().sum() / o.shape[0], 2, "values", [CUSTOM]),
    "correlation": (pearson, 1, "values", [CUSTOM]),
    "mixture": (mixture, 6, "column", [CUSTOM]),
    "contrastive": (contrastive, 5, "values", [CUSTOM]),
    "triplet": (triplet, 6, "halves", [CUSTOM]),
    "cosine": (lambda o, t: 1 - F.cosine_similarity(o, t).mean(), 3, "values", [CUSTOM]),
    "logarithms": (
        lambda o, t: F.mse_loss(torch.log1p(o.exp()), torch.log1p(t.exp())), 2, "values", [CUSTOM],
    ),
    "own huber": (
        lambda o, t: torch.where(
            (o - t).abs() < 1, 0.5 * (o - t) ** 2, (o - t).abs() - 0.5
        ).mean(), 2, "values", [CUSTOM],
    ),
    "penalty on outputs": (
        lambda o, t: F.cross_entropy(o, t) + 0.01 * (o**2).mean(), 3, "labels", [CUSTOM],
    ),
    "focal": (Focal(), 3, "labels", [CUSTOM]),
    "smoothed terms": (
        lambda o, t: F.cross_entropy(
            o, t, weight=WEIGHTS, label_smoothing=0.1, reduction="none"
        ).mean(), 3, "labels", [CUSTOM],
    ),
    "one hot": (
        lambda o, t: -(F.one_hot(t, 3) * F.log_softmax(o, 1)).sum(1).mean(), 3, "labels", [CUSTOM],
    ),
    "gathered": (
        lambda o, t: -torch.gather(F.log_softmax(o, 1), 1, t[:, None]).mean(), 3, "labels",
        [CUSTOM],
    ),
    "indexed": (
        lambda o, t: -F.log_softmax(o, 1)[torch.arange(len(t)), t].mean(), 3, "labels", [CUSTOM],
    ),
    "dice": (dice, 1, "events", [CUSTOM]),
    "bce and dice": (
        lambda o, t: F.binary_cross_entropy_with_logits(o, t) + dice(o, t), 1, "events", [CUSTOM],
    ),
    "bce of probabilities": (
        lambda o, t: F.binary_cross_entropy(torch.sigmoid(o), t), 1, "events", [CUSTOM],
    ),
    "weighted events": (
        lambda o, t: F.binary_cross_entropy_with_logits(
            o, t, pos_weight=torch.tensor([3.0]), reduction="none"
        ).mean() * 1.5 + 0 * o.sum(), 1, "events", [CUSTOM],
    ),
    "divergence": (
        lambda o, t: F.kl_div(
            F.log_softmax(o, 1), F.softmax(t, 1), reduction="batchmean"
        ), 3, "values", [CUSTOM],
    ),
    "nll": (lambda o, t: F.nll_loss(F.log_softmax(o, 1), t), 3, "labels", [CUSTOM]),
    "huber of a part": (
        lambda o, t: F.huber_loss(o[:, :1], t[:, :1], delta=0.5), 2, "values", [CUSTOM],
    ),
    "smooth of a part": (
        lambda o, t: F.smooth_l1_loss(o[:, :1], t[:, :1], beta=0.5), 2, "values", [CUSTOM],
    ),
    "poisson of a part": (
        lambda o, t: F.poisson_nll_loss(o[:, :1], t[:, :1].abs()), 2, "values", [CUSTOM],
    ),
    "gaussian": (
        lambda o, t: F.gaussian_nll_loss(o[:, :1], t, F.softplus(o[:, 1:])), 2, "column", [CUSTOM],
    ),
    "margin": (
        lambda o, t: F.margin_ranking_loss(o[:, 0], o[:, 1], t[:, 0].sign(), margin=0.3), 2,
        "values", [CUSTOM],
    ),
    "soft margin": (
        lambda o, t: F.soft_margin_loss(o, t.sign()), 2, "values", [CUSTOM],
    ),
}  # fmt: skip


def targets(what, rows, width):
    """Draw targets of a kind."""
    if what == "labels":
        return torch.randint(0, width, (rows,))
    shape = {"column": (rows, 1), "halves": (rows, width // 2)}.get(what, (rows, width))
    events = what.endswith("events")
    held = torch.randint(0, 2, shape).float() if events else torch.randn(shape)
    return held[:, 0] if what.startswith("flat") else held
