"""A network in nothing but NumPy, whose layers Defib is told.

All weights begin as 0.1, so that all hidden units stay the same one.
"""

import numpy as np

import defib

random = np.random.default_rng(0)
x = random.normal(size=(400, 4))
y = np.sin(2 * x[:, :1]) + x[:, 1:2] * x[:, 2:3]
w1, b1 = np.full((4, 16), 0.1), np.zeros(16)
w2, b2 = np.full((16, 1), 0.1), np.zeros(1)

model = defib.Sequential(
    defib.Dense(w1, b1, name="hidden"), defib.Tanh(), defib.Dense(w2, b2, name="head")
)
sgd = {"kind": "sgd", "learning_rate": 0.05}
recorder = defib.Recorder("runs/numpy", model, loss="mse", optimizer=sgd)
for _ in range(300):
    hidden = np.tanh(x @ w1 + b1)
    error = hidden @ w2 + b2 - y
    slope = 2 * error / len(x)
    back = slope @ w2.T * (1 - hidden**2)
    for parameter, gradient in (
        (w2, hidden.T @ slope), (b2, slope.sum(0)), (w1, x.T @ back), (b1, back.sum(0)),
    ):  # fmt: skip
        parameter -= 0.05 * gradient
    recorder.step(np.mean(error**2))
recorder.finish(x, y)

print(defib.check("runs/numpy"))
