"""The engine's loss against scikit-learn's own. Needs the library."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn import datasets, linear_model
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from test_export_sklearn import own_loss

import defib

pytestmark = [
    pytest.mark.engine,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


def test_classifier_on_digits_with_its_defaults():
    x, y = datasets.load_digits(return_X_y=True)
    model = MLPClassifier(random_state=0).fit(x, y)
    replay = defib.replay(model, x, y)
    assert replay.loss == pytest.approx(own_loss(model, x, np.eye(10)[y]), abs=1e-5)
    (probabilities,) = replay.outputs.values()
    np.testing.assert_allclose(probabilities, model.predict_proba(x), atol=1e-5)


def test_regressor_on_diabetes_with_its_defaults():
    x, y = datasets.load_diabetes(return_X_y=True)
    model = MLPRegressor(random_state=0).fit(x, y)
    replay = defib.replay(model, x, y)
    assert replay.loss == pytest.approx(own_loss(model, x, y[:, None]), rel=1e-5)


def test_gradients_of_a_whole_batch_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 4)), rng.integers(0, 3, 50)
    model = MLPClassifier((6, 5), random_state=0, max_iter=3, alpha=0.5).fit(x, y)
    activations = [x, *[np.empty((50, n)) for n in (6, 5, 3)]]
    deltas = [np.empty_like(a) for a in activations[1:]]
    coefs = [np.empty_like(w) for w in model.coefs_]
    biases = [np.empty_like(b) for b in model.intercepts_]
    model._backprop(x, np.eye(3)[y], None, activations, deltas, coefs, biases)
    gradients = defib.replay(model, x, y).gradients
    for i in range(3):
        for name, own in ((f"coefs_[{i}]", coefs[i]), (f"intercepts_[{i}]", biases[i])):
            found = gradients[name]
            assert np.linalg.norm(found - own) < 1e-4 * np.linalg.norm(own)


def test_fitted_linear_models_have_no_slope_left():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(80, 3)) * [1.0, 10.0, 0.1]
    y = (x[:, 0] + rng.normal(size=80) > 0).astype(int)
    pipe = make_pipeline(StandardScaler(), linear_model.LogisticRegression(tol=1e-10))
    for model in (pipe, linear_model.Ridge()):
        gradients = defib.replay(model.fit(x, y), x, y).gradients
        assert all(np.abs(g).max() < 1e-5 for g in gradients.values())
