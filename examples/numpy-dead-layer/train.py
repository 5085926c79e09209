"""Trains a network written in nothing but NumPy on raw house data, and loses its hidden layer.

The features go in as they come: square metres, rooms, and the year the house was built. At a step
of 0.01, which would be sound for features of spread 1, the second step throws every ReLU unit so
far off that none fires for any house again. What is left of the network is one bias.
"""

import sys
from pathlib import Path

import numpy as np

import defib

HERE = Path(__file__).resolve().parent
HOUSES = 400
UNITS = 16
LEARNING_RATE = 0.01
EPOCHS = 4000


def make_houses(random):
    area = random.uniform(40, 250, HOUSES)
    rooms = random.integers(1, 9, HOUSES)
    built = random.integers(1900, 2024, HOUSES)
    # In hundreds of thousands.
    price = 0.3 + 0.015 * area + 0.1 * rooms + 0.005 * (built - 1900)
    price += random.normal(0, 0.2, HOUSES)
    return np.stack([area, rooms, built], axis=1), price[:, None]


def main(run):
    random = np.random.default_rng(0)
    x, y = make_houses(random)

    # He's initialisation, as one does before a ReLU.
    w1 = random.normal(0, np.sqrt(2 / x.shape[1]), (x.shape[1], UNITS))
    b1 = np.zeros(UNITS)
    w2 = random.normal(0, np.sqrt(2 / UNITS), (UNITS, 1))
    b2 = np.zeros(1)
    before = [parameter.copy() for parameter in (w1, b1, w2, b2)]

    losses = []
    for epoch in range(1, EPOCHS + 1):
        # Forward.
        z = x @ w1 + b1
        hidden = np.maximum(z, 0)
        prediction = hidden @ w2 + b2
        error = prediction - y
        losses.append(np.mean(error**2))
        if epoch in (1, 2, 3, 100, 1000, EPOCHS):
            firing = np.count_nonzero((z > 0).any(axis=0))
            print(f"epoch {epoch:4}  loss {losses[-1]:<12.6g} units that fire: {firing}")

        # Backward.
        d_prediction = 2 * error / error.size
        d_w2 = hidden.T @ d_prediction
        d_b2 = d_prediction.sum(axis=0)
        d_z = d_prediction @ w2.T * (z > 0)
        d_w1 = x.T @ d_z
        d_b1 = d_z.sum(axis=0)

        # Update.
        w1 -= LEARNING_RATE * d_w1
        b1 -= LEARNING_RATE * d_b1
        w2 -= LEARNING_RATE * d_w2
        b2 -= LEARNING_RATE * d_b2

    prediction = np.maximum(x @ w1 + b1, 0) @ w2 + b2
    print(f"outputs {prediction.min():.6g} to {prediction.max():.6g}")
    print(f"targets {y.min():.6g} to {y.max():.6g}, mean {y.mean():.6g}, variance {y.var():.6g}")

    defib.export(
        run,
        defib.Sequential(
            defib.Dense(w1, b1, name="hidden"),
            defib.ReLU(name="relu"),
            defib.Dense(w2, b2, name="price"),
        ),
        x,
        y,
        loss="mse",
        optimizer={"kind": "sgd", "learning_rate": LEARNING_RATE},
        batch_size=HOUSES,
        epochs=EPOCHS,
        history=losses,
        initial=before,
    )
    print(f"run in {run}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "runs" / HERE.name)
