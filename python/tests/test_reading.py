"""Data as scripts hold it: loaders, datasets, generators, tables. They are read as they are."""

import os

import numpy as np
import pytest

import defib
from defib.exporters import reading
from defib.exporters.reading import taken

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

ROWS = 50
RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((ROWS, 4)).astype(np.float32)
Y = RANDOM.standard_normal((ROWS, 1)).astype(np.float32)


def same(found, wanted):
    np.testing.assert_array_equal(np.asarray(found), wanted)


def batches(size=16):
    for first in range(0, ROWS, size):
        yield X[first : first + size], Y[first : first + size]


def test_a_generator_of_batches_is_read_once():
    x, y, settings = taken(None, batches(), None, {})
    same(x, X)
    same(y, Y)
    assert "batch_size" not in settings


def test_an_endless_generator_is_read_in_part_with_a_warning(monkeypatch):
    monkeypatch.setattr(reading, "ROWS", 200)

    def endless():
        while True:
            yield from batches()

    with pytest.warns(defib.DefibWarning, match="the first 200 rows were read"):
        x, _, _ = taken(None, endless(), None, {})
    assert len(x) == 200


def test_large_data_are_read_in_part_with_a_warning(monkeypatch):
    monkeypatch.setattr(reading, "LIMIT", X[:20].nbytes)
    with pytest.warns(defib.DefibWarning, match="the first 32 rows were read"):
        x, _, _ = taken(None, batches(), None, {})
    same(x, X[:32])


def test_memory_that_a_source_uses_again_is_copied():
    held = np.zeros((4, 2), np.float32)

    def source():
        for i in range(3):
            held[:] = i
            yield held, held[:, :1]

    x, _, _ = taken(None, source(), None, {})
    same(x[:, 0], np.repeat(np.arange(3), 4))


def test_what_cannot_be_read_is_refused():
    with pytest.raises(defib.ExportError, match="gives nothing"):
        taken(None, iter(()), None, {})
    with pytest.raises(defib.ExportError, match="leave y out"):
        taken(None, batches(), Y, {})
    with pytest.raises(defib.ExportError, match="pad them"):
        taken(None, iter([(np.ones((2, 3)), Y[:2]), (np.ones((2, 4)), Y[:2])]), None, {})


class TestTorch:
    torch = pytest.importorskip("torch")

    def dataset(self):
        return self.torch.utils.data.TensorDataset(*map(self.torch.from_numpy, (X, Y)))

    @pytest.mark.parametrize("shuffle", [False, True])
    def test_a_loader_is_read_in_the_order_of_its_data(self, shuffle):
        loader = self.torch.utils.data.DataLoader(self.dataset(), 8, shuffle=shuffle)
        x, y, settings = taken(None, loader, None, {})
        same(x, X)
        same(y, Y)
        assert (settings["batch_size"], settings["shuffle"]) == (8, shuffle)
        _, _, settings = taken(None, loader, None, {"batch_size": 5, "shuffle": False})
        assert (settings["batch_size"], settings["shuffle"]) == (5, False)

    def test_datasets_are_read(self):
        data = self.torch.utils.data
        x, _, settings = taken(None, data.Subset(self.dataset(), range(10, 30)), None, {})
        same(x, X[10:30])
        assert settings == {}
        loader = data.DataLoader(self.dataset(), 8)
        _, _, settings = taken(None, X, Y, {"validation": loader})
        same(settings["validation"][1], Y)

    def test_dicts_and_several_inputs_are_divided_by_the_arguments_of_forward(self):
        torch = self.torch

        class Two(torch.nn.Module):
            def forward(self, ids, mask):
                return ids * mask

        class Items(torch.utils.data.Dataset):
            def __len__(self):
                return ROWS

            def __getitem__(self, index):
                return {"ids": X[index], "mask": X[index] > 0, "labels": index, "text_id": 1}

        x, y, _ = taken(Two(), torch.utils.data.DataLoader(Items(), 7), None, {})
        assert list(x) == ["ids", "mask"]
        same(x["mask"], X > 0)
        same(y, np.arange(ROWS))
        held = torch.utils.data.TensorDataset(*map(torch.from_numpy, (X, X + 1, Y)))
        x, y, _ = taken(Two(), held, None, {})
        same(x[1], X + 1)
        same(y, Y)

    @pytest.mark.engine
    def test_a_check_of_a_loader_is_that_of_its_arrays(self):
        torch = self.torch
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
        loader = torch.utils.data.DataLoader(self.dataset(), 16, shuffle=True)
        found = defib.check(model, loader, loss="mse")
        wanted = defib.check(model, X, Y, loss="mse", batch_size=16, shuffle=True)
        assert found.to_dict() == wanted.to_dict()

    def test_a_layer_that_takes_more_columns_is_named(self):
        torch = self.torch
        model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Linear(3, 1))
        with pytest.raises(defib.ExportError, match=r"^x has 3 columns, layer 0 takes 4$"):
            defib.replay(model, X[:, :3], Y, loss="mse")
        model[1] = torch.nn.Linear(5, 1)
        with pytest.raises(defib.ExportError, match=r"^layer 1 gets 3 columns, and takes 5$"):
            defib.replay(model, X, Y, loss="mse")


class TestKeras:
    @pytest.fixture(autouse=True)
    def framework(self):
        self.keras = pytest.importorskip("keras")

    def test_a_dataset_of_tensorflow_is_read(self):
        tf = pytest.importorskip("tensorflow")
        held = tf.data.Dataset.from_tensor_slices((X, Y))
        for source, size in ((held, None), (held.batch(8).prefetch(2), 8)):
            x, y, settings = taken(None, source, None, {})
            same(x, X)
            same(y, Y)
            assert settings.get("batch_size") == size

    def test_batches_of_keras_are_read(self):
        class Batches(self.keras.utils.PyDataset):
            def __len__(self):
                return 5

            def __getitem__(self, index):
                return X[10 * index : 10 * index + 10], Y[10 * index : 10 * index + 10]

        x, y, _ = taken(None, Batches(), None, {})
        same(x, X)
        same(y, Y)

    def test_a_model_that_takes_more_columns_says_so(self):
        keras = self.keras
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
        with pytest.raises(defib.ExportError, match=r"^x has 3 columns, the model takes 4$"):
            defib.replay(model, X[:, :3], Y, loss="mse")


def test_tables_become_arrays():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(X, columns=list("abcd"))
    table["e"] = np.arange(ROWS)
    x, y, _ = taken(None, table, pandas.Series(Y[:, 0]), {"validation": (table[:5], Y[:5])})
    same(x[:, :4], X)
    same(x[:, 4], np.arange(ROWS))
    same(y, Y[:, 0])
    table["city"] = "Rome"
    with pytest.raises(defib.ExportError, match="x: city holds no numbers"):
        taken(None, table, Y, {})


@pytest.mark.parametrize(
    ("name", "how"), [("model.pt", "load_state_dict"), ("m.keras", "keras.models.load_model"),
                      ("m.joblib", "joblib.load")],
)  # fmt: skip
def test_the_file_of_a_model_says_how_it_is_loaded(name, how, tmp_path):
    with pytest.raises(defib.InvalidArgument, match=how):
        defib.check(tmp_path / name)
    with pytest.raises(defib.ExportError, match=how):
        defib.export(tmp_path / "run", str(tmp_path / name), X, Y)


def test_rows_of_several_lengths_that_a_collator_pads():
    torch = pytest.importorskip("torch")
    rows = [(torch.ones(1 + i % 5), torch.tensor(float(i))) for i in range(300)]
    rows.append((torch.ones(9), torch.tensor(0.0)))

    def padded(batch):
        xs, ys = zip(*batch, strict=True)
        return torch.nn.utils.rnn.pad_sequence(xs, batch_first=True), torch.stack(ys)

    held = reading.read(
        torch.utils.data.DataLoader(rows, batch_size=4, collate_fn=padded), None, None
    )
    assert held.x.shape == (301, 9)
    assert held.y.shape == (301,)
