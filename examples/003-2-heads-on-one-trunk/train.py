"""Three heads of a Keras network that share one hidden layer."""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

import defib

HERE = Path(__file__).resolve().parent
EPOCHS = 30


def make_model() -> keras.Model:
    x = keras.layers.Input((10,), name="x")
    hidden = keras.layers.Dense(64, activation="relu", name="hidden")(x)
    heads = [keras.layers.Dense(1, name=f"head{i}")(hidden) for i in range(3)]
    return keras.Model(x, heads)


def main(run: Path) -> None:
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 10)).astype(np.float32)
    weights = rng.normal(size=(10, 3)).astype(np.float32) / 3
    y = np.tanh(x @ weights) + 0.05 * rng.normal(size=(500, 3)).astype(np.float32)
    model = make_model()
    before = [np.copy(weight) for weight in model.get_weights()]
    targets = [y[:, i : i + 1] for i in range(3)]
    model.compile(optimizer="adam", loss="mse")
    history = model.fit(x, targets, epochs=EPOCHS, batch_size=32, verbose=0)
    losses = history.history["loss"]
    print(f"loss {losses[0]:.4g} after 1 epoch, {losses[-1]:.4g} after {EPOCHS}")

    outputs = np.concatenate(model.predict(x, verbose=0), axis=1)
    apart = [np.abs(outputs[:, i] - outputs[:, j]).max() for i, j in ((0, 1), (0, 2), (1, 2))]
    print("largest differences between two heads:", " ".join(f"{d:.4g}" for d in apart))

    defib.export(
        run,
        model,
        x,
        targets,
        batch_size=32,
        epochs=EPOCHS,
        history=losses,
        initial=before,
    )
    print(f"run in {run}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "runs" / HERE.name)
