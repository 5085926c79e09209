"""The scikit-learn exporter against scikit-learn's own predictions and objectives."""

import json
import warnings

import numpy as np
import pytest

pytest.importorskip("sklearn")

import reference
import reference_losses
from sklearn import datasets, linear_model, svm
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.neural_network._base import LOSS_FUNCTIONS
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import defib
from defib.exporters import Settings, build

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4))
Y = X @ rng.normal(size=4) + 0.1 * rng.normal(size=60)
TWO = np.where(Y > 0, "yes", "no")
THREE = np.array(["a", "b", "c"])[np.digitize(Y, [-0.7, 0.8])]
PAIR = np.stack([Y, -Y], 1)
MANY = np.stack([Y > 0, X[:, 0] > 0, X[:, 1] > 0.3], 1).astype(int)


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", FutureWarning)
        yield


def export(model, x, y=None, **settings):
    return build(model, x, y, Settings(**settings))


def replayed(run):
    """Return the output, and the loss with the penalties."""
    document = json.loads(run.to_json())
    arrays = run.arrays
    values = reference.forward(document, arrays)
    loss = reference_losses.loss(document, arrays, values)
    return values[run.outputs[0]], loss, loss + reference_losses.penalty(document, arrays)


def own_loss(model, x, y):
    """What fit() would add up for loss_ at the present weights, batch by batch, unshuffled."""
    size = min(200, len(x)) if model.batch_size == "auto" else int(model.batch_size)
    total = 0.0
    for first in range(0, len(x), size):
        rows = slice(first, first + size)
        p = model._forward_pass_fast(x[rows])
        name = model.loss
        if name == "log_loss" and model.out_activation_ == "logistic":
            name = "binary_log_loss"
        loss = LOSS_FUNCTIONS[name](y[rows], p.reshape(len(p), -1))
        squares = sum(float((w**2).sum()) for w in model.coefs_)
        total += (loss + 0.5 * model.alpha * squares / len(p)) * len(p) / len(x)
    return total


def test_digits():
    x, y = datasets.load_digits(return_X_y=True)
    model = MLPClassifier(random_state=0, max_iter=30).fit(x, y)
    run = export(model, x, y)
    output, _, loss = replayed(run)
    np.testing.assert_allclose(output, model.predict_proba(x), rtol=1e-6, atol=1e-12)
    assert loss == pytest.approx(own_loss(model, x, np.eye(10)[y]), rel=1e-6, abs=1e-9)
    assert run.training["batch_size"] == 200
    assert run.training["optimizer"]["kind"] == "adam"
    assert run.training["epochs"] == len(run.arrays[run.history["loss"]["file"]]) == model.n_iter_
    assert [node["layer"] for node in run.nodes] == ["hidden1", "hidden1", "output", "output"]


def test_diabetes():
    x, y = datasets.load_diabetes(return_X_y=True)
    model = MLPRegressor(random_state=0).fit(x, y)
    output, _, loss = replayed(export(model, x, y))
    np.testing.assert_allclose(output[:, 0], model.predict(x), rtol=1e-9)
    assert loss == pytest.approx(own_loss(model, x, y[:, None]), rel=1e-9)


@pytest.mark.parametrize(
    ("model", "y", "encoded"),
    [
        (MLPClassifier((5,), max_iter=20), TWO, (TWO == "yes")[:, None]),
        (MLPClassifier((5, 3), activation="tanh", max_iter=20), MANY, MANY),
        (MLPClassifier((5,), activation="logistic", solver="sgd", batch_size=7), THREE,
         THREE[:, None] == np.array(["a", "b", "c"])),
        (MLPRegressor(solver="sgd", learning_rate_init=0.01, batch_size=11), Y, Y[:, None]),
        (MLPRegressor(activation="identity"), PAIR, PAIR),
    ],
)  # fmt: skip
def test_perceptrons(model, y, encoded):
    model.set_params(random_state=1, alpha=0.3).fit(X, y)
    output, _, loss = replayed(export(model, X, y))
    size = model.batch_size if model.batch_size != "auto" else 60
    assert loss == pytest.approx(own_loss(model, X, encoded.astype(float)), rel=1e-9), size
    expected = model._forward_pass_fast(X)
    np.testing.assert_allclose(output, expected.reshape(output.shape), rtol=1e-9)


def test_penalised_least_squares():
    ridge = linear_model.Ridge(alpha=2.0).fit(X, Y)
    run = export(ridge, X, Y)
    output, _, loss = replayed(run)
    np.testing.assert_allclose(output[:, 0], ridge.predict(X))
    own = ((Y - ridge.predict(X)) ** 2).sum() + 2.0 * (ridge.coef_**2).sum()
    assert loss * 60 == pytest.approx(own)
    net = linear_model.ElasticNet(alpha=0.1, l1_ratio=0.3).fit(X, Y)
    own = 0.5 * np.mean((Y - net.predict(X)) ** 2) + 0.1 * (
        0.3 * np.abs(net.coef_).sum() + 0.35 * (net.coef_**2).sum()
    )
    assert replayed(export(net, X, Y))[2] == pytest.approx(own)
    lasso = linear_model.Lasso(alpha=0.2).fit(X, Y)
    own = 0.5 * np.mean((Y - lasso.predict(X)) ** 2) + 0.2 * np.abs(lasso.coef_).sum()
    assert replayed(export(lasso, X, Y))[2] == pytest.approx(own)
    plain = linear_model.LinearRegression(fit_intercept=False).fit(X, np.stack([Y, 2 * Y], 1))
    output, loss, _ = replayed(export(plain, X, np.stack([Y, 2 * Y], 1)))
    np.testing.assert_allclose(output, plain.predict(X))
    assert [e["name"] for e in export(plain, X).parameters] == ["coef_"]


@pytest.mark.parametrize(
    ("model", "y"),
    [
        (linear_model.LogisticRegression(C=0.5), TWO),
        (linear_model.LogisticRegression(C=0.5), THREE),
        (linear_model.LogisticRegression(C=2.0, solver="liblinear"), TWO),
        (linear_model.LogisticRegression(class_weight="balanced"), THREE),
    ],
)
def test_logistic_regression_is_at_its_own_minimum(model, y):
    """At the fitted weights the exported objective has no slope, and a step away is worse."""
    model.set_params(tol=1e-10, max_iter=10_000).fit(X, y)
    run = export(model, X, y)
    output, plain, best = replayed(run)
    scores = model.decision_function(X)
    np.testing.assert_allclose(output, scores.reshape(output.shape))
    own = -np.log(model.predict_proba(X)[np.arange(60), np.searchsorted(model.classes_, y)]).mean()
    if model.class_weight is None:
        assert plain == pytest.approx(own)
    for entry in run.parameters:
        for step in (-1e-3, 1e-3):
            held = dict(run.arrays)
            changed = held[entry["file"]] + step
            run.arrays[entry["file"]] = changed
            assert replayed(run)[2] > best - 1e-10
            run.arrays.update(held)


@pytest.mark.parametrize(
    ("model", "y"),
    [
        (linear_model.RidgeClassifier(alpha=3.0), TWO),
        (linear_model.RidgeClassifier(alpha=3.0), THREE),
        (linear_model.BayesianRidge(), Y),
        (linear_model.HuberRegressor(alpha=0.5, tol=1e-9), Y + 4 * (X[:, 0] > 1)),
    ],
)
def test_other_linear_models_are_at_their_own_minimum(model, y):
    """At the fitted weights the exported objective has no slope: every step away is worse."""
    run = export(model.fit(X, y), X, y)
    output, _, best = replayed(run)
    own = getattr(model, "decision_function", model.predict)(X)
    np.testing.assert_allclose(output, own.reshape(output.shape))
    for entry in run.parameters:
        weight = run.arrays[entry["file"]]
        for place in np.ndindex(weight.shape):
            for step in (-1e-2, 1e-2):
                changed = weight.copy()
                changed[place] += step
                run.arrays[entry["file"]] = changed
                assert replayed(run)[2] > best
        run.arrays[entry["file"]] = weight


def test_support_vectors_and_sgd():
    model = svm.LinearSVC(loss="hinge", C=0.7, max_iter=100_000, tol=1e-8).fit(X, TWO)
    run = export(model, X, TWO)
    _, _, best = replayed(run)
    sign = np.where(TWO == "yes", 1, -1)
    slack = np.maximum(0, 1 - sign * model.decision_function(X)).sum()
    own = 0.5 * ((model.coef_**2).sum() + (model.intercept_**2).sum()) + 0.7 * slack
    assert best * 0.7 * 60 == pytest.approx(own)
    model = svm.LinearSVC(C=0.7, class_weight={"yes": 3.0, "no": 1.0}).fit(X, TWO)
    slack = np.maximum(0, 1 - sign * model.decision_function(X)) ** 2
    own = 0.5 * ((model.coef_**2).sum() + (model.intercept_**2).sum())
    own += 0.7 * (slack * np.where(sign > 0, 3.0, 1.0)).sum()
    assert replayed(export(model, X, TWO))[2] * 0.7 * 60 == pytest.approx(own)
    tube = svm.LinearSVR(epsilon=0.3, C=2.0).fit(X, Y)
    own = 0.5 * ((tube.coef_**2).sum() + (tube.intercept_**2).sum())
    own += 2.0 * np.maximum(0, np.abs(Y - tube.predict(X)) - 0.3).sum()
    assert replayed(export(tube, X, Y))[2] * 2.0 * 60 == pytest.approx(own)
    run = export(linear_model.SGDClassifier(alpha=0.01).fit(X, THREE), X, THREE)
    assert run.training["optimizer"]["learning_rate"] == pytest.approx(10**0.5)
    assert run.losses[0] == {
        "kind": "hinge", "weight": 3.0, "prediction": "output", "target": "y",
    }  # fmt: skip
    assert set(np.unique(run.arrays["data/y.npy"])) == {-1.0, 1.0}
    perceptron = linear_model.Perceptron(random_state=0).fit(X, TWO)
    own = np.maximum(0, -sign * perceptron.decision_function(X)).mean()
    assert replayed(export(perceptron, X, TWO))[1] == pytest.approx(own)
    odd = linear_model.SGDClassifier("modified_huber", learning_rate="constant", eta0=0.1)
    odd.fit(X, TWO)
    with pytest.raises(defib.ExportError, match=r"'modified_huber'.*loss="):
        export(odd, X, TWO)
    assert export(odd, X, TWO, loss="hinge").losses[0]["kind"] == "hinge"
    regressor = linear_model.SGDRegressor(learning_rate="constant", alpha=0.1).fit(X, Y)
    own = 0.5 * np.mean((Y - regressor.predict(X)) ** 2) + 0.05 * (regressor.coef_**2).sum()
    assert replayed(export(regressor, X, Y))[2] == pytest.approx(own)


def test_pipelines_feed_what_they_transform():
    pipe = make_pipeline(
        StandardScaler(), MinMaxScaler(), MLPRegressor(hidden_layer_sizes=(5,), random_state=0)
    )
    pipe.fit(X, Y)
    run = export(pipe, X, Y, validation=(X[:9], Y[:9]))
    np.testing.assert_allclose(replayed(run)[0][:, 0], pipe.predict(X))
    assert run.nodes[0]["layer"] == "mlpregressor/hidden1"
    assert run.parameters[0]["name"] == "mlpregressor/coefs_[0]"
    assert run.arrays["validation/y.npy"].shape == (9, 1)
    np.testing.assert_allclose(run.arrays["validation/x.npy"], run.arrays["data/x.npy"][:9])
    scaled = TransformedTargetRegressor(pipe, transformer=StandardScaler()).fit(X, 9 * Y + 5)
    run = export(scaled, X, 9 * Y + 5)
    assert abs(run.arrays["data/y.npy"].mean()) < 1e-9
    search = GridSearchCV(linear_model.Ridge(), {"alpha": [0.1, 1.0]}).fit(X, Y)
    np.testing.assert_allclose(replayed(export(search, X, Y))[0][:, 0], search.predict(X))


def test_what_cannot_be_exported_is_named():
    for model, y, message in [
        (MLPClassifier(), TWO, "never fitted"),
        (make_pipeline(StandardScaler()), TWO, "does not predict"),
        (svm.SVC().fit(X, TWO), TWO, "SVC cannot be exported; known are"),
        (linear_model.LogisticRegression().fit(X, TWO), THREE, "labels .*'a'.*known are"),
        (linear_model.LinearRegression().fit(X[:, :2], Y), Y, "4 features; .* fitted on 2"),
    ]:
        with pytest.raises(defib.ExportError, match=message):
            export(model, X, y)


def test_initial_and_settings_of_the_caller():
    model = MLPRegressor(hidden_layer_sizes=(3,), random_state=0, max_iter=5).fit(X, Y)
    before = [np.array(w) + 1 for w in (*model.coefs_, *model.intercepts_)]
    run = export(model, X, Y, initial=before, batch_size=4, epochs=2, loss="l1")
    assert all("initial" in entry for entry in run.parameters)
    assert (run.training["batch_size"], run.training["epochs"]) == (4, 2)
    assert run.losses[0]["kind"] == "l1"
    second = MLPRegressor(hidden_layer_sizes=(3,), random_state=1, max_iter=1).fit(X, Y)
    assert all("initial" in entry for entry in export(model, X, Y, initial=second).parameters)
