"""datascience.stackexchange 80165: features of 30..100 as they are under a hand-written logistic regression. Cure: standardise."""

# ruff: noqa
import numpy as np, defib
from ..checking import run


def build(fixed):
    rng = np.random.RandomState(0)
    x = rng.uniform(30, 100, (100, 2))
    y = ((x @ [1.0, 1.0] + rng.randn(100) * 8) > 128).astype(float)[:, None]
    if fixed:
        x = (x - x.mean(0)) / x.std(0)
    w = np.zeros((2, 1))
    b = np.zeros(1)
    first = [w.copy(), b.copy()]
    hist = []
    with np.errstate(all="ignore"):
        for e in range(10000):
            a = 1 / (1 + np.exp(-(x @ w + b)))
            if e % 10 == 0:
                hist.append(float(-np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))))
            d = a - y
            w = w - 0.01 * x.T @ d / 100
            b = b - 0.01 * d.mean(0)
    net = defib.Sequential(defib.Dense(w, b), defib.Sigmoid())
    return dict(
        model=net,
        x=x,
        y=y,
        loss="bce",
        optimizer={"kind": "sgd", "learning_rate": 0.01},
        epochs=10000,
        batch_size=100,
        history=hist,
        initial=first,
        metric=f"acc {((a > 0.5) == y).mean():.2f}, losses {hist[100]:.3g} {hist[500]:.3g} {hist[-1]:.3g}, nan in history {np.isnan(hist).sum()}",
    )


run("ds80165", build)
