"""Findings speak of losses and settings as the framework of the run does."""

import warnings

import numpy as np
import pytest

import defib

pytestmark = pytest.mark.engine

_RANDOM = np.random.default_rng(0)
X = _RANDOM.normal(size=(80, 3)).astype(np.float32)
Y = (X[:, :1] > 0).astype(np.float32)


def found(report, rule):
    return next(finding for finding in report.findings if finding.rule == rule)


def reason(report, rule):
    return next(r for name, r in report.not_checked.items() if name == rule)


def test_pytorch():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 1), torch.nn.Sigmoid())
    report = defib.check(model, X, Y, loss=torch.nn.BCEWithLogitsLoss())
    assert "`nn.BCEWithLogitsLoss()` expects" in found(report, "activation-loss-mismatch").message
    assert "history=, the losses in a list" in reason(report, "diverging-loss")
    assert "model.state_dict()" in reason(report, "initialization-scale")


def test_keras():
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(loss="binary_crossentropy")
    report = defib.check(model, X, Y)
    message = found(report, "activation-loss-mismatch").message
    assert "the loss `binary_crossentropy` expects probabilities" in message
    assert "history=, what fit() returned" in reason(report, "diverging-loss")


def test_scikit_learn():
    pytest.importorskip("sklearn")
    from sklearn.neural_network import MLPRegressor

    y = X @ [1.0, -2.0, 0.5]
    model = MLPRegressor(hidden_layer_sizes=(16,), max_iter=4, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = defib.check(model.fit(X, y), X, y)
    told = [f.remedy for f in report.findings if f.rule == "too-few-updates"]
    told += [f.remedy for f in report.findings if f.rule == "learning-rate-too-low"]
    assert told
    assert any("`max_iter` and `tol`" in text or "`learning_rate_init`" in text for text in told)
