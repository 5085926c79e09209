"""The engine through the package, without any framework. Needs the library."""

import numpy as np
import pytest

import defib
from defib import _engine
from defib._results import total

pytestmark = pytest.mark.engine
rng = np.random.default_rng(0)


def least_squares(x, w, b, y):
    """Output, loss and gradients of mean((x @ w + b - y)²), by hand."""
    output = x @ w + b
    slope = 2 * (output - y) / y.size
    return output, np.mean((output - y) ** 2), x.T @ slope, slope.sum(axis=0)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("dtype", ["<f4", "<f8", ">f8", ">f4"])
@pytest.mark.parametrize("order", ["C", "F", "strided", "reversed"])
def test_any_layout(order, dtype, workers):
    def laid(array):
        array = array.astype(dtype)
        if order == "strided":
            wide = np.zeros([2 * n for n in array.shape], dtype)
            part = wide[tuple(slice(None, None, 2) for _ in array.shape)]
            part[...] = array
            return part
        return array[::-1].copy()[::-1] if order == "reversed" else np.asarray(array, order=order)

    x, w, b = (rng.normal(size=size) for size in ((50, 6), (6, 4), (4,)))
    y = rng.normal(size=(50, 4))
    replay = defib.replay(
        defib.Sequential(defib.Dense(laid(w), laid(b))), laid(x), laid(y), loss="mse",
        batch_size=25, workers=workers,
    )  # fmt: skip
    output, loss, dw, db = least_squares(x, w, b, y)
    assert replay.loss == pytest.approx(loss, rel=1e-5)
    np.testing.assert_allclose(replay.outputs["dense1"], output, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(replay.gradients["dense1.weight"], dw, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(replay.gradients["dense1.bias"], db, rtol=1e-4, atol=1e-6)


def test_dead_network_is_diagnosed():
    model = defib.Sequential(
        defib.Dense(np.ones((2, 4)), np.full(4, -100.0)), defib.ReLU(),
        defib.Dense(np.ones((4, 1)), np.zeros(1)),
    )  # fmt: skip
    x = np.random.default_rng(0).normal(size=(64, 2))
    report = defib.check(model, x, x.sum(axis=1, keepdims=True), loss="mse")
    assert not report.healthy
    assert "dead-units" in {finding.rule for finding in report.findings}
    assert report.causes
    assert str(report)
    assert defib.vitals(model, x).seconds >= 0


def test_several_losses_of_one_kind_have_names_and_a_total_of_their_own():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 2)), rng.normal(size=(40, 3))
    model = defib.Sequential(defib.Dense(rng.normal(size=(2, 3)), np.zeros(3)))
    loss = [
        {"kind": "mse", "prediction": "dense1", "target": "a", "weight": 2.0},
        {"kind": "mse", "prediction": "dense1", "target": "b", "weight": 0.5},
    ]
    replay = defib.replay(model, x, {"a": y, "b": 2 * y}, loss=loss)
    output = replay.outputs["dense1"]
    first, second = ((output - y) ** 2).mean(), ((output - 2 * y) ** 2).mean()
    assert replay.losses == pytest.approx({"mse:dense1": first, "mse:dense1_1": second})
    assert replay.loss == pytest.approx(2 * first + 0.5 * second)


def test_the_total_takes_losses_in_the_order_of_the_run_and_penalties_behind_them():
    entries = [{"kind": "mse", "weight": 2.0}, {"kind": "l1"}]
    assert total(entries, [("mse", 3.0), ("l1", 5.0), ("penalty", 0.25)]) == 11.25
    assert np.isnan(total([], []))
    with pytest.raises(ValueError, match="zip"):
        total(entries, [("mse", 3.0)])


def test_the_engine_is_of_the_same_release():
    assert _engine.parsed("defib_catalogue")["release"] == defib.__version__


def test_catalogue_and_inspection(tmp_path):
    assert "dead-units" in {rule.id for rule in defib.rules()}
    np.save(tmp_path / "w.npy", np.ones((3, 4), np.float32))
    seen = defib.inspect(tmp_path / "w.npy")
    assert (seen.shape, seen.type, seen.figures["max"]) == ((3, 4), "float32", 1)
    np.savez(tmp_path / "w.npz", a=np.ones(3), b=np.zeros(2))
    assert {array.member for array in defib.inspect(tmp_path / "w.npz").arrays} == {"a", "b"}


def test_progress_may_stop_a_replay():
    def stop(*_):
        raise KeyboardInterrupt

    x = np.ones((20000, 50))
    model = defib.Sequential(defib.Dense(np.ones((50, 50))))
    with pytest.raises(KeyboardInterrupt):
        defib.replay(model, x, x, loss="mse", batch_size=10, progress=stop)
