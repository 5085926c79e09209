"""The cure: what it promises is what the user's own framework gives with its weights."""

from __future__ import annotations

import json

import numpy as np
import pytest

import defib

ROWS = 240


def data(scale=1.0, shift=0.0):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, 4))
    y = np.sin(2 * x[:, :1]) + x[:, 1:2]
    return (x * scale + shift).astype(np.float32), y.astype(np.float32)


def drawn(*shapes):
    rng = np.random.default_rng(1)
    return [rng.normal(size=s) * 0.4 if len(s) > 1 else np.zeros(s) for s in shapes]


SHAPES = ((4, 16), (16,), (16, 1), (1,))


def sequential(arrays, activation=None):
    a, b, c, d = arrays
    return defib.Sequential(defib.Dense(a, b), activation or defib.Tanh(), defib.Dense(c, d))


def numpy_report(x, y, rate=1e-5, **settings):
    start = drawn(*SHAPES)
    return defib.check(
        sequential(start), x, y, loss="mse", initial=drawn(*SHAPES), batch_size=16, epochs=40,
        optimizer={"kind": "sgd", "learning_rate": rate}, **settings,
    )  # fmt: skip


def test_nobody_asked_for_a_cure():
    report = numpy_report(*data())
    assert report.cure is None
    assert report.to_dict()["cure"] is None


def test_the_loss_that_is_promised_is_that_of_numpy():
    x, y = data()
    cure = numpy_report(x, y, cure=True).cure
    assert cure.outcome == "cured"
    assert min(cure.after) > 0.5
    assert len(cure.after) == 5
    for updates, scores in cure.courses.values():
        assert len(updates) == len(scores) > 1
    assert cure.courses["with the cure"][1][-1] > cure.courses["as set, again"][1][-1] + 0.3
    arrays = list(cure.weights().values())
    assert [a.shape for a in arrays] == list(SHAPES)
    a, b, c, d = arrays
    told = np.tanh(x @ a + b) @ c + d
    assert np.mean((told - y) ** 2) == pytest.approx(cure.loss, rel=1e-4)


def test_the_change_is_a_line_of_code_and_is_in_every_format():
    report = numpy_report(*data(), cure=True)
    (change,) = report.cure.changes
    assert change.code.endswith("# was 1e-5")
    assert str(change) == change.text
    for text in (str(report), report.render("html"), str(report.cure)):
        assert "learning_rate" in text
    again = defib.Report.from_dict(json.loads(report.to_json()))
    assert again.cure.changes == report.cure.changes
    with pytest.raises(defib.DefibError, match="kept has no weights"):
        again.cure.weights()


def test_what_has_no_cure_has_no_weights():
    x, _ = data()
    y = np.random.default_rng(5).normal(size=(ROWS, 1))
    cure = numpy_report(x, y, rate=0.01, cure=True).cure
    assert cure.outcome == "none"
    assert cure.loss is None
    assert cure.changes == ()
    assert "Nothing that was tried" in cure.text
    with pytest.raises(defib.DefibError, match="nothing that was tried helps"):
        cure.weights()


def test_a_run_that_tells_too_little_says_what_is_missing():
    x, y = data()
    report = defib.check(sequential(drawn(*SHAPES)), x, y, loss="mse", epochs=3, cure=True)
    assert report.cure.outcome == "not-tried"
    assert "which optimizer" in report.cure.text


def test_the_loss_that_is_promised_is_that_of_pytorch():
    torch = pytest.importorskip("torch")
    from torch import nn

    x, y = data(scale=300, shift=1000)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 24), nn.BatchNorm1d(24), nn.Tanh(), nn.Linear(24, 1))
    start = {name: value.clone() for name, value in model.state_dict().items()}
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-6)
    report = defib.check(
        model, x, y, loss=nn.MSELoss(), optimizer=optimizer, batch_size=24, epochs=60,
        initial=start, cure=True,
    )  # fmt: skip
    cure = report.cure
    assert cure.outcome == "cured", cure
    assert cure.changes[0].code.startswith("optimizer = torch.optim.")
    cure.load(model)
    missing = model.load_state_dict(cure.state_dict(), strict=False)
    assert all(name.endswith("num_batches_tracked") for name in missing.missing_keys)
    model.eval()
    with torch.no_grad():
        loss = nn.MSELoss()(model(torch.tensor(x)), torch.tensor(y)).item()
    assert cure.additions == ()
    assert loss == pytest.approx(cure.loss, rel=1e-3)


def test_standardized_inputs_are_folded_into_the_layers_of_pytorch():
    torch = pytest.importorskip("torch")
    from torch import nn

    x, y = data(scale=50, shift=400)
    y = y * 80 + 500
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 24), nn.Tanh(), nn.Linear(24, 1))
    start = {name: value.clone() for name, value in model.state_dict().items()}
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    cure = defib.check(
        model, x, y, loss=nn.MSELoss(), optimizer=optimizer, batch_size=24, epochs=60,
        initial=start, cure=True,
    ).cure  # fmt: skip
    assert any("standardized" in change.text for change in cure.changes), cure
    assert cure.additions == ()
    model.load_state_dict(cure.state_dict())
    with torch.no_grad():
        loss = nn.MSELoss()(model(torch.tensor(x)), torch.tensor(y)).item()
    assert loss == pytest.approx(cure.loss, rel=1e-3)


def test_the_loss_that_is_promised_is_that_of_keras():
    keras = pytest.importorskip("keras")
    x, y = data()
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(24, "tanh"), keras.layers.Dense(1)]
    )
    model.compile(keras.optimizers.SGD(1e-5), "mse")
    start = model.get_weights()
    cure = defib.check(model, x, y, batch_size=24, epochs=40, initial=start, cure=True).cure
    assert cure.outcome == "cured", cure
    assert "keras.optimizers." in cure.changes[0].code
    cure.load(model)
    assert model.evaluate(x, y, batch_size=ROWS, verbose=0) == pytest.approx(cure.loss, rel=1e-3)


def test_a_weight_without_a_place_is_named():
    torch = pytest.importorskip("torch")
    cure = numpy_report(*data(), cure=True).cure
    with pytest.raises(defib.DefibError, match=r"no place for dense1\.weight"):
        cure.load(torch.nn.Sequential(torch.nn.Linear(4, 16)))


def test_an_estimator_of_scikit_learn_is_revived_by_its_attributes():
    pytest.importorskip("sklearn")
    from sklearn.neural_network import MLPRegressor

    x, y = data()
    estimator = MLPRegressor(
        hidden_layer_sizes=(16,), activation="tanh", solver="sgd", learning_rate_init=1e-6,
        max_iter=30, batch_size=24, alpha=0, momentum=0, random_state=0,
    ).fit(x, y[:, 0])  # fmt: skip
    cure = defib.check(estimator, x, y[:, 0], cure=True).cure
    assert cure.outcome == "cured", cure
    assert "learning_rate_init" in "".join(c.code for c in cure.changes)
    for name, array in cure.weights().items():
        owner, _, index = name.partition(".")
        owner, index = (owner, index) if index else (name.split("[")[0], name.split("[")[1][:-1])
        getattr(estimator, owner)[int(index)] = array.astype(float)
    told = estimator.predict(x)
    assert np.mean((told - y[:, 0]) ** 2) / 2 == pytest.approx(cure.loss, rel=1e-3)
