"""The callback for model.fit()."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")

import reference  # noqa: E402
from keras import layers as L  # noqa: E402

import defib  # noqa: E402

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(70, 4)).astype("float32"), rng.normal(size=(70, 1)).astype("float32")


def model():
    keras.utils.set_random_seed(0)
    made = keras.Sequential([keras.Input((4,)), L.Dense(5, "relu", name="a"), L.Dense(1, name="b")])
    made.compile("adam", "mse")
    return made


def test_a_training_becomes_a_run(tmp_path):
    net = model()
    before = net.get_weights()
    recorder = defib.KerasRecorder(tmp_path / "run", X, Y, validation=(X[:9], Y[:9]))
    net.fit(X, Y, epochs=3, verbose=0, callbacks=[recorder], validation_data=(X[:9], Y[:9]))
    past = net.history.history
    document, arrays = reference.load(recorder.run.path)
    training = document["training"]
    assert (training["batch_size"], training["epochs"], training["steps"]) == (32, 3, 9)
    loss = arrays[document["history"]["loss"]["file"]]
    np.testing.assert_allclose(loss, past["loss"])
    np.testing.assert_allclose(arrays["history/validation_loss.npy"], past["val_loss"])
    np.testing.assert_array_equal(arrays["initial/a_kernel.npy"], before[0])
    np.testing.assert_array_equal(arrays["weights/a_kernel.npy"], net.get_weights()[0])
    assert not np.array_equal(arrays["weights/a_kernel.npy"], before[0])
    net.fit(X, Y, epochs=2, verbose=0, callbacks=[recorder])
    document, arrays = reference.load(recorder.run.path)
    assert document["training"]["epochs"] == 5
    np.testing.assert_array_equal(arrays["initial/a_kernel.npy"], before[0])


def test_what_cannot_be_exported_shows_before_the_training(tmp_path):
    net = keras.Sequential([keras.Input((4,)), L.ActivityRegularization(0.1), L.Dense(1)])
    net.compile("sgd", "mse")
    with pytest.raises(defib.ExportError, match="ActivityRegularization"):
        net.fit(X, Y, verbose=0, callbacks=[defib.KerasRecorder(tmp_path / "run", X, Y)])
    assert not (tmp_path / "run").exists()


def test_other_names_stay_unknown():
    with pytest.raises(AttributeError, match="no attribute 'Recordings'"):
        defib.Recordings  # noqa: B018
