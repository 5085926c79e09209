"""stackoverflow 76450489: hand-written softmax sums over the batch, so every hand-written gradient is wrong. Cure: sum over the classes."""

# ruff: noqa
import numpy as np, defib
from sklearn.datasets import load_digits
from ..checking import run


def build(fixed):
    rng = np.random.RandomState(0)
    d = load_digits()
    x = d.data / 16
    y = d.target
    m = len(x)
    w1 = rng.rand(64, 20) - 0.5
    b1 = rng.rand(1, 20) - 0.5
    w2 = rng.rand(20, 10) - 0.5
    b2 = rng.rand(1, 10) - 0.5
    first = [w1.copy(), b1.ravel().copy(), w2.copy(), b2.ravel().copy()]
    one = np.eye(10)[y]
    alpha = 0.1
    hist = []
    for it in range(500):
        z1 = x @ w1 + b1
        a1 = np.maximum(z1, 0)
        z2 = a1 @ w2 + b2
        e = np.exp(z2)
        a2 = e / e.sum(1, keepdims=True) if fixed else e / sum(e)
        hist.append(float(-np.log(a2[np.arange(m), y] + 1e-12).mean()))
        dz = a2 - one
        dw2 = a1.T @ dz / m
        db2 = dz.sum(0, keepdims=True) / m
        dh = (dz @ w2.T) * (z1 > 0)
        dw1 = x.T @ dh / m
        db1 = dh.sum(0, keepdims=True) / m
        w1 = w1 - alpha * dw1
        b1 = b1 - alpha * db1
        w2 = w2 - alpha * dw2
        b2 = b2 - alpha * db2
    acc = ((np.maximum(x @ w1 + b1, 0) @ w2 + b2).argmax(1) == y).mean()
    acc2 = (a2.argmax(1) == y).mean()
    cls = np.bincount(a2.argmax(1), minlength=10)
    net = defib.Sequential(
        defib.Dense(w1, b1.ravel()), defib.ReLU(), defib.Dense(w2, b2.ravel()), defib.Softmax()
    )
    return dict(
        model=net,
        x=x,
        y=y,
        loss="categorical-cross-entropy",
        optimizer={"kind": "sgd", "learning_rate": alpha},
        epochs=500,
        batch_size=m,
        history=hist,
        initial=first,
        metric=f"acc {acc2:.3f} (proper softmax {acc:.3f}), class counts {cls.tolist()}",
    )


run("so76450489", build)
