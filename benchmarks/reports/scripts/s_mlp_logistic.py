"""scikit-learn issue 31235: 45 small updates, then the solver stopped by itself. Cure: tol, n_iter_no_change, a larger rate."""

# ruff: noqa
from ..checking import *
from sklearn.neural_network import MLPClassifier

C = "s_mlp_logistic"
np.random.seed(1)
X = np.random.random((500, 2))
Y = np.array([int(a + (2 * (b - 0.5)) ** 2 - 0.75 >= 0) for a, b in X])
m = MLPClassifier(hidden_layer_sizes=(20, 20), activation="logistic", random_state=42).fit(X, Y)
note(
    C,
    faulty=dict(
        acc=m.score(X, Y),
        iters=m.n_iter_,
        loss=m.loss_,
        spread=float(m.predict_proba(X)[:, 1].std()),
        majority=float(max(Y.mean(), 1 - Y.mean())),
    ),
)
diagnose(C, "full", m, X, Y)
diagnose(C, "lazy", m, X, Y)
m = MLPClassifier(
    hidden_layer_sizes=(20, 20),
    activation="logistic",
    random_state=42,
    learning_rate_init=0.03,
    max_iter=3000,
    n_iter_no_change=200,
).fit(X, Y)
note(C, fixed=dict(acc=m.score(X, Y), iters=m.n_iter_, loss=m.loss_))
diagnose(C, "fixed", m, X, Y)
