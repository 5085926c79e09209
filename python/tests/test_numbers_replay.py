"""Data pass, products, losses and gradients beside exact arithmetic, with bounds on the error."""

import math
from fractions import Fraction
from itertools import chain

import exact
import numpy as np
import pytest
from exact import MAX32, TINY32, U32
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

import defib

pytestmark = pytest.mark.engine

few = settings(
    deadline=None, max_examples=80, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
rows = st.integers(1, 12)


def line():
    """A model whose output is its input, to the bit."""
    return defib.Sequential(defib.Dense(np.ones((1, 1), np.float32), [0.0], name="out"))


@few
@given(exact.arrays("f4", st.tuples(rows, st.integers(1, 4)), exact.floats(32)), rows)
@example(np.array([[1e38], [1e38], [-1e38]], np.float32), 2)
@example(np.array([[1e8], [1e8 + 8], [1e8 - 8]], np.float32), 1)
def test_columns_of_the_data(x, batch):
    """Counts and extremes are exact, mean and spread within 4·2⁻²⁴ of the root mean square."""
    width = x.shape[1]
    model = defib.Sequential(defib.Dense(np.ones((width, 1), np.float32), [0.0]))
    y = np.zeros((len(x), 1), np.float32)
    data = defib.vitals(model, x, y, loss="mse", batch_size=batch).to_dict()["data"]
    columns = next(entry for entry in data if entry["name"] == "x")["columns"]
    for index, column in enumerate(x.T.tolist()):
        told = {name: float(values[index]) for name, values in columns.items()}
        finite = [value for value in column if math.isfinite(value)]
        assert told["count"] == len(finite)
        assert told["non_finite"] == len(column) - len(finite)
        assert told["zeros"] == finite.count(0)
        if not finite:
            assert all(math.isnan(told[name]) for name in ("mean", "std", "min", "max"))
            continue
        assert (told["min"], told["max"]) == (min(finite), max(finite))
        size = exact.root(sum(Fraction(value) ** 2 for value in finite) / len(finite))
        bound = 4 * Fraction(U32) * size + Fraction(TINY32)
        assert exact.within(told["mean"], exact.mean(finite), bound)
        assert exact.within(told["std"], exact.root(exact.variance(finite)), bound)


@pytest.mark.parametrize("shape", [(64, 1), (3, 40), (5, 2, 35)])
@pytest.mark.parametrize("scale", [1e-36, 1e-30, 1e-24, 1e-20, 1e-10, 1e18, 1e20, 1e30])
def test_spread_and_gradients_of_any_scale(scale, shape):
    """Squares of what is small are nothing in float32, and those of what is large are infinite."""
    x = (np.random.default_rng(0).normal(size=shape) * scale).astype(np.float32)
    # Its slope is trained, so that the gradient is needed there.
    model = defib.Sequential(defib.PReLU(np.float32([0.25]), name="out"))
    vitals = defib.vitals(model, x, np.zeros(shape, np.float32), loss="mse").to_dict()
    columns = next(entry for entry in vitals["data"] if entry["name"] == "x")["columns"]
    np.testing.assert_allclose(columns["std"], x.astype(float).std(0).ravel(), rtol=1e-6)
    p = np.where(x > 0, x, x / 4).astype(float)
    layer = next(entry for entry in vitals["layers"] if entry["name"] == "out")
    told = {name: np.array(values, float) for name, values in layer["forward"].items()}
    squares = (told["count"] * (told["std"] ** 2 + told["mean"] ** 2)).sum()
    np.testing.assert_allclose(squares, (p**2).sum(), rtol=1e-6)
    norm = np.linalg.norm(layer["backward"]["norm"])
    np.testing.assert_allclose(norm, np.linalg.norm(2 * p / x.size), rtol=1e-6)


def products(left, right):
    """The exact products of rows and columns, and the sums of the absolute values."""
    a = [[Fraction(value) for value in row] for row in left.tolist()]
    b = [[Fraction(value) for value in row] for row in right.T.tolist()]
    pairs = [[[p * q for p, q in zip(r, c, strict=True)] for c in b] for r in a]
    return [[sum(v) for v in row] for row in pairs], [[sum(map(abs, v)) for v in r] for r in pairs]


def agree(found, left, right, terms, factor=1):
    """Within 2·2⁻²⁴ of the sizes of all terms; what is too large for float32 is not finite."""
    values, sizes = products(left, right)
    for got, value, size in zip(found.ravel().tolist(), chain(*values), chain(*sizes), strict=True):
        value, size = value * factor, size * factor
        bound = terms * Fraction(U32) * size * 2 + terms * Fraction(TINY32)
        if size + bound < MAX32:
            assert exact.within(got, value, bound), (got, float(value), float(bound))
        elif abs(value) - bound > 2 * MAX32:
            assert not math.isfinite(got)


@few
@given(st.integers(1, 9), st.integers(1, 5), rows, st.data())
def test_products_and_their_gradients(width, units, count, data):
    """Outputs and gradients of a layer, with cancellation, denormals and products beyond 1e38."""
    hard = exact.floats(32, special=False)
    x = data.draw(exact.arrays("f4", (count, width), hard))
    w = data.draw(exact.arrays("f4", (width, units), hard))
    model = defib.Sequential(defib.Dense(w, np.zeros(units, np.float32), name="out"))
    # The gradient of the mean of |p - y| by p is a sign by the number of values: exact in float32
    # where that is a power of two.
    assume((count * units) & (count * units - 1) == 0)
    y = np.full((count, units), -np.inf, np.float32)
    replay = defib.replay(model, x, y, loss="l1")
    agree(replay.outputs["out"], x, w, width + 1)
    p = replay.outputs["out"]
    if np.isfinite(p).all():
        slope = np.full(p.shape, 1 / p.size, np.float32)
        agree(replay.gradients["out.weight"], x.T, slope, count + 1)


@few
@given(exact.arrays("f4", st.tuples(st.integers(2, 9), st.just(3)), exact.floats(32)), st.data())
def test_a_row_that_is_not_finite_leaves_the_others_alone(x, data):
    broken = x.copy()
    row = data.draw(st.integers(0, len(x) - 1))
    broken[row, 1] = data.draw(st.sampled_from(exact.SPECIAL))
    model = defib.Sequential(
        defib.Dense(np.eye(3, 4, dtype=np.float32), np.ones(4, np.float32)), defib.Tanh(),
        defib.Dense(np.ones((4, 1), np.float32), [0.0], name="out"),
    )  # fmt: skip
    ours, theirs = (defib.replay(model, a).outputs["out"] for a in (x, broken))
    keep = np.arange(len(x)) != row
    np.testing.assert_array_equal(ours[keep], theirs[keep])
    if np.isnan(broken[row, 1]):
        assert np.isnan(theirs[row]).all()


def softplus(z):
    return np.logaddexp(0, z)


#: Kind -> value and slope of an element by prediction and target in double, and targets.
LOSSES = {
    "mse": (lambda p, y: (p - y) ** 2, lambda p, y: 2 * (p - y), "any"),
    "l1": (lambda p, y: abs(p - y), lambda p, y: np.sign(p - y), "any"),
    "smooth-l1": (
        lambda p, y: np.where(abs(p - y) < 1, 0.5 * (p - y) ** 2, abs(p - y) - 0.5),
        lambda p, y: np.clip(p - y, -1, 1), "any",
    ),
    "huber": (
        lambda p, y: np.where(abs(p - y) < 1, 0.5 * (p - y) ** 2, abs(p - y) - 0.5),
        lambda p, y: np.clip(p - y, -1, 1), "any",
    ),
    "bce-with-logits": (
        lambda p, y: softplus(p) - p * y, lambda p, y: 1 / (1 + np.exp(-p)) - y, "share",
    ),
    "hinge": (
        lambda p, y: np.maximum(0, 1 - p * y), lambda p, y: np.where(p * y < 1, -y, 0.0), "sign",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", LOSSES)
@settings(
    deadline=None, max_examples=50, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(st.integers(1, 3), st.integers(1, 4), st.data())
def test_losses_and_their_slopes(kind, batch, batches, data):
    """Values within 16·2⁻²⁴ of the sum of their parts, slopes of the parts of theirs; no NaN."""
    value, slope, targets = LOSSES[kind]
    count = batch * batches
    hard = exact.floats(32, special=False)
    choices = {
        "any": hard, "share": st.sampled_from([0.0, 1.0, 0.5, 0.25]),
        "sign": st.sampled_from([-1.0, 1.0]),
    }  # fmt: skip
    x = data.draw(exact.arrays("f4", (count, 1), hard))
    y = data.draw(exact.arrays("f4", (count, 1), choices[targets]))
    replay = defib.replay(line(), x, y, loss=kind, batch_size=batch)
    p, t = x.astype(float), y.astype(float)
    with np.errstate(over="ignore"):
        parts, slopes = value(p, t), slope(p, t)
    # What differs by less than the rounding of the difference itself may be on either side.
    assume(kind not in ("l1", "hinge") or (abs(slopes) > 0).all() or (p == t).all())
    assert not math.isnan(replay.loss)
    if abs(parts).max() < MAX32 / 16:
        expected = math.fsum(parts.ravel().tolist()) / count
        size = np.mean(abs(p) + abs(t) + abs(parts))
        loose = size if kind == "bce-with-logits" else np.mean(abs(parts))
        assert abs(replay.loss - expected) <= 16 * U32 * loose + 8 * TINY32, (replay.loss, expected)
    if abs(slopes).max() < MAX32 / 16:
        found = float(replay.gradients["out.bias"][0])
        expected = math.fsum(slopes.ravel().tolist()) / count
        bound = 16 * U32 * np.mean(abs(slopes) + (kind == "bce-with-logits")) + 8 * TINY32
        assert abs(found - expected) <= bound, (found, expected)


@settings(
    deadline=None, max_examples=50, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(st.integers(2, 6), rows, st.data())
@example(3, 2, None)
def test_cross_entropy_of_any_logits(classes, count, data):
    """Within 16·2⁻²⁴ of the logits' size; 1e38 beside -1e38 neither overflows nor gives a NaN."""
    if data is None:
        x = np.array([[1e38, -1e38, 0], [3e38, 3e38, -3e38]], np.float32)
        y = np.array([1, 0])
    else:
        x = data.draw(
            exact.arrays(
                "f4",
                (count, classes),
                exact.floats(32, special=False, largest=float(np.float32(1e38))),
            )
        )
        y = data.draw(exact.arrays("i8", count, st.integers(0, classes - 1)))
    model = defib.Sequential(
        defib.Dense(
            np.eye(x.shape[1], dtype=np.float32), np.zeros(x.shape[1], np.float32), name="out"
        )
    )
    replay = defib.replay(model, x, y, loss="cross-entropy")
    p = x.astype(float)
    shifted = p - p.max(1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    parts = -logs[np.arange(len(y)), y]
    if parts.max() < MAX32 / 16:
        bound = 16 * U32 * (np.mean(parts + abs(p).max(1) * 2 * U32) + 1)
        assert abs(replay.loss - parts.mean()) <= bound
    assert not math.isnan(replay.loss)
    expected = np.exp(logs)
    expected[np.arange(len(y)), y] -= 1
    np.testing.assert_allclose(
        replay.gradients["out.bias"], expected.mean(0), rtol=0, atol=32 * U32 * x.shape[1]
    )


@pytest.mark.parametrize("dtype", ["i1", "u1", "i4", "u4", "i8", "u8"])
def test_integers_are_taken_as_the_nearest_float(dtype):
    limits = np.iinfo(dtype)
    x = np.array([[limits.min], [limits.max], [limits.max - 1], [1]], dtype)
    np.testing.assert_array_equal(defib.replay(line(), x).outputs["out"], x.astype(np.float32))


@pytest.mark.parametrize("batch", [1, 2, 64])
def test_one_sample_is_a_run(batch):
    x, y = np.array([[3.0]], np.float32), np.array([[1.0]], np.float32)
    replay = defib.replay(line(), x, y, loss="mse", batch_size=batch)
    assert replay.loss == 4
    assert replay.gradients["out.weight"].tolist() == [[12.0]]
    assert defib.vitals(line(), x, y, loss="mse").to_dict()["data"][0]["columns"]["std"] == [0]


def test_no_sample_is_no_trap(tmp_path):
    with pytest.raises(defib.DefibError, match="no rows"):
        defib.replay(line(), np.zeros((0, 1), np.float32))
    run = defib.export(tmp_path / "run", line(), np.ones((3, 1)), np.ones((3, 1)), loss="mse").path
    for name in ("x", "y"):
        np.save(run / "data" / f"{name}.npy", np.zeros((0, 1), np.float32))
    replay = defib.replay(run)
    assert replay.outputs["out"].shape == (0, 1)
    assert replay.gradients["out.weight"].tolist() == [[0]]
    # The mean of nothing is not 0, which would be a perfect fit.
    assert np.isnan(replay.loss)
    assert all(map(np.isnan, replay.losses.values()))
    assert defib.vitals(run).to_dict()["loss"] == "nan"
    report = defib.check(run)
    assert not report.healthy
    assert "0 samples" in str(report)
    assert report.run["loss"] is None
