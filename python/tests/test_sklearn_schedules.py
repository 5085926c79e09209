"""How estimators of scikit-learn change their learning rate."""

import json
import warnings

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import SGDClassifier, SGDRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.neural_network import _stochastic_optimizers as inner

import defib
from defib.exporters import Settings, build
from defib.exporters.schedules import rate_at

rng = np.random.default_rng(0)
X = rng.normal(size=(120, 4))
Y = X @ [1, 2, -1, 0.5] + 0.1 * rng.normal(size=120)
CLASSES = (Y > 0).astype(int)


def training(model, y):
    document = build(model, X, y, Settings(verify=False))
    return json.loads(document.to_json())["training"]


@pytest.fixture
def rates(monkeypatch):
    """The rate of every update of a network."""
    seen = []
    own = inner.SGDOptimizer._get_updates

    def noting(self, gradients):
        seen.append(self.learning_rate)
        return own(self, gradients)

    monkeypatch.setattr(inner.SGDOptimizer, "_get_updates", noting)
    return seen


@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("kind", ["adaptive", "invscaling"])
@pytest.mark.parametrize("of", [MLPRegressor, MLPClassifier])
def test_every_rate_of_a_network_is_in_the_run(of, kind, early, rates):
    model = of(
        hidden_layer_sizes=(6,), solver="sgd", learning_rate=kind, early_stopping=early,
        max_iter=300, random_state=0, learning_rate_init=0.05, n_iter_no_change=3, batch_size=27,
    )  # fmt: skip
    y = Y if of is MLPRegressor else CLASSES
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)
    with warnings.catch_warnings():
        if not early:
            warnings.simplefilter("error", defib.DefibWarning)
        else:
            warnings.simplefilter("ignore", defib.DefibWarning)
        entry = training(model, y)["optimizer"]
    assert len(set(rates)) > 2
    batches = 5 if not early else 4  # a tenth of the rows is held out then, the run has all
    wanted = np.asarray(rates).reshape(-1, batches)[:, 0]
    found = [rate_at(entry["schedule"], epoch * 5) for epoch in range(len(wanted))]
    assert found == pytest.approx(wanted, rel=0.01)
    assert entry["current_learning_rate"] == pytest.approx(model._optimizer.learning_rate)
    assert entry["learning_rate"] == 0.05


@pytest.mark.parametrize("of", [SGDRegressor, SGDClassifier])
def test_formulas_of_linear_estimators(of):
    y = Y if of is SGDRegressor else CLASSES
    model = of(learning_rate="invscaling", eta0=0.02, power_t=0.3, random_state=0).fit(X, y)
    entry = training(model, y)["optimizer"]
    updates = int(model.t_) - 1
    assert updates == model.n_iter_ * len(X)
    wanted = [0.02 / (t + 1) ** 0.3 for t in range(updates)]
    found = [rate_at(entry["schedule"], t) for t in range(updates)]
    assert found == pytest.approx(wanted, rel=0.01)
    model = of(learning_rate="optimal", alpha=0.01, random_state=0).fit(X, y)
    entry = training(model, y)["optimizer"]
    first = np.sqrt(1 / np.sqrt(0.01))
    assert entry["learning_rate"] == pytest.approx(first)
    updates = int(model.t_) - 1
    wanted = [1 / (0.01 * (1 / (first * 0.01) + t)) for t in range(updates)]
    found = [rate_at(entry["schedule"], t) for t in range(updates)]
    assert found == pytest.approx(wanted, rel=0.01)


def test_a_rate_that_nobody_kept_is_a_warning():
    model = SGDRegressor(learning_rate="adaptive", random_state=0).fit(X, Y)
    with pytest.warns(defib.DefibWarning, match="'adaptive' the first one is used"):
        assert "schedule" not in training(model, Y)["optimizer"]


def test_a_constant_rate_has_no_schedule():
    model = SGDRegressor(learning_rate="constant", random_state=0).fit(X, Y)
    assert set(training(model, Y)["optimizer"]) == {"kind", "learning_rate"}
