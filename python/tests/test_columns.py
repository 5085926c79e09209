"""What a table calls its columns, in a run and in what is found."""

import json
import warnings

import numpy as np
import pytest

import defib
from defib.exporters import taken
from defib.exporters.tables import named_columns, placed

NAMES = ["age", "population", "rooms"]
ROWS = 60
_RANDOM = np.random.default_rng(0)
X = _RANDOM.normal(size=(ROWS, 3)) * [1, 5000, 1] + [0, 20000, 0]
Y = (X[:, :1] - X[:, 2:]).astype(np.float32)


def table_of(library, values, names):
    module = pytest.importorskip(library)
    return module.DataFrame(dict(zip(names, np.asarray(values).T, strict=True)))


def columns(path):
    return json.loads((path / "run.json").read_text())["graph"].get("columns")


@pytest.fixture(params=["pandas", "polars"])
def library(request):
    pytest.importorskip(request.param)
    return request.param


def test_tables_become_arrays_and_their_names_are_kept(library):
    table = table_of(library, X, NAMES)
    x, y, settings = taken(None, table, table["age"], {})
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, X[:, 0])
    assert settings["columns"].x == NAMES
    assert settings["columns"].y == ["age"]


def test_missing_numbers_and_words_in_a_polars_table():
    polars = pytest.importorskip("polars")
    table = polars.DataFrame({"a": [1, None], "b": [True, False], "c": [0.5, 1.5]})
    x, _, _ = taken(None, table, None, {})
    np.testing.assert_array_equal(x, [[1, 1, 0.5], [np.nan, 0, 1.5]])
    with pytest.raises(defib.ExportError, match="x: city, when hold no numbers"):
        taken(None, polars.DataFrame({"city": ["Rome"], "a": [1], "when": [None]}), None, {})


def test_only_names_that_say_more_than_a_number_are_kept():
    pandas = pytest.importorskip("pandas")
    assert named_columns(pandas.DataFrame(X)) is None
    assert named_columns(pandas.Series(X[:, 0])) is None
    assert named_columns(X) is None
    assert named_columns(pandas.DataFrame(X, columns=[3, 7, 9])) == ["3", "7", "9"]
    deep = pandas.MultiIndex.from_tuples([("a", "mean"), ("a", 2), ("b", "")])
    assert named_columns(pandas.DataFrame(X, columns=deep)) == ["a.mean", "a.2", "b."]
    odd = pandas.DataFrame(X, columns=["\ud800x", "n" * 5000, "a\0\n"])
    assert named_columns(odd) == ["?x", "n" * 1000, "a\0\n"]


def test_names_go_to_the_arrays_that_have_them():
    assert placed(["a"], ["x"]) == {"x": ["a"]}
    assert placed([["a"], None], ["x1", "x2"]) == {"x1": ["a"]}
    assert placed({"left": ["a"], "other": ["b"]}, ["left", "right"]) == {"left": ["a"]}
    assert placed({"input": ["a"]}, ["x"]) == {"x": ["a"]}
    assert placed(None, ["x"]) == {}


@pytest.mark.engine
def test_columns_of_pytorch(library, tmp_path):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
    table, price = table_of(library, X, NAMES), table_of(library, Y, ["price"])
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    run = defib.export(
        tmp_path / "run", model, table, price, loss="mse", optimizer=optimizer, epochs=3
    )
    assert columns(run.path) == {"x": NAMES, "y": ["price"]}
    report = defib.check(run)
    found = next(f for f in report.findings if f.rule == "unscaled-features")
    assert found.place.columns == ("population",)
    assert str(found.place) == "x[population]"
    assert "column `population` " in found.message
    assert found.evidence["columns"] == ["population"]
    for form in ("text", "concise", "html", "markdown", "github", "sarif", "junit"):
        assert "population" in report.render(form), form
    # The same in memory, and through JSON.
    same = defib.check(model, table, price, loss="mse", optimizer=optimizer, epochs=3)
    assert str(next(f for f in same.findings if f.rule == found.rule).place) == str(found.place)


@pytest.mark.engine
def test_columns_by_the_names_of_inputs(tmp_path):
    torch = pytest.importorskip("torch")

    class Two(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = torch.nn.Linear(3, 1), torch.nn.Linear(2, 1)

        def forward(self, left, right):
            return self.a(left) + self.b(right)

    left, right = table_of("pandas", X, NAMES), table_of("pandas", X[:, :2], ["u", "v"])
    by_name = defib.export(
        tmp_path / "a", Two(), {"right": right, "left": left}, Y, loss="mse"
    ).path
    assert columns(by_name) == {"left": NAMES, "right": ["u", "v"]}
    in_order = defib.export(tmp_path / "b", Two(), [left, X[:, :2]], Y, loss="mse").path
    assert columns(in_order) == {"left": NAMES}


@pytest.mark.engine
def test_columns_of_a_recorded_training(tmp_path):
    torch = pytest.importorskip("torch")
    model = torch.nn.Linear(3, 1)
    table = table_of("pandas", X, NAMES)
    with defib.Recorder(tmp_path / "run", model, table, Y, loss="mse") as recorder:
        recorder.step(1.0)
    assert columns(recorder.run.path) == {"x": NAMES}


@pytest.mark.engine
def test_columns_of_keras(tmp_path):
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="sgd")
    run = defib.export(tmp_path / "run", model, table_of("pandas", X, NAMES), Y)
    assert columns(run.path) == {"x": NAMES}


@pytest.mark.engine
def test_columns_of_an_estimator(tmp_path):
    pytest.importorskip("sklearn")
    from sklearn.linear_model import SGDRegressor
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures, StandardScaler

    table = table_of("pandas", X, NAMES)

    def told(model, x):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(table, Y[:, 0])
            run = defib.export(tmp_path / "run", model, x, Y[:, 0], overwrite=True)
        return columns(run.path)

    net = MLPRegressor(hidden_layer_sizes=(4,), max_iter=3, random_state=0)
    assert told(net, table) == {"x": NAMES}
    assert told(net, X) == {"x": NAMES}  # the estimator knows
    assert told(make_pipeline(StandardScaler(), net), table) == {"x": NAMES}
    assert told(make_pipeline(StandardScaler(), net), X) == {"x": NAMES}
    grown = make_pipeline(PolynomialFeatures(2, interaction_only=True), SGDRegressor(max_iter=5))
    assert told(grown, table)["x"][:5] == ["1", *NAMES, "age population"]
    assert told(make_pipeline(FunctionTransformer(np.asarray), net), table) is None
