"""Histories from files of loggers."""

import json
import struct

import numpy as np
import pytest

import defib

ROWS = [
    {"step": 1, "epoch": 0.5, "loss": 3.0, "learning_rate": 0.1},
    {"step": 2, "epoch": 1.0, "loss": 2.0, "learning_rate": 0.1},
    {"step": 2, "epoch": 1.0, "eval_loss": 2.5, "eval_runtime": 1.0},
    {"step": 3, "epoch": 1.5, "loss": 1.5, "learning_rate": 0.05},
    {"step": 4, "epoch": 2.0, "loss": 1.0, "learning_rate": 0.05},
    {"step": 4, "epoch": 2.0, "eval_loss": 1.5, "eval_runtime": 1.0},
    {"step": 4, "epoch": 2.0, "train_runtime": 9.0, "train_loss": 1.9},
]


def history(value, folder):
    """Return the series of a run that is made with a history."""
    x = np.random.default_rng(0).normal(size=(12, 2))
    model = defib.Sequential(defib.Dense(np.ones((2, 1)), np.zeros(1)))
    run = defib.export(folder / "run", model, x, x[:, :1], loss="mse", batch_size=6, history=value)
    held = run.to_dict().get("history", {})
    return {n: (e["per"], np.load(run.path / e["file"]).tolist()) for n, e in held.items()}


def write_events(path, points, tensor=False):
    """Write an event file as TensorBoard's own writers do, checksums left at zero."""

    def field(number, kind, data):
        size = bytes([len(data)]) if kind == 2 else b""
        return bytes([number << 3 | kind]) + size + data

    def record(data):
        return struct.pack("<QI", len(data), 0) + data + struct.pack("<I", 0)

    with path.open("wb") as file:
        file.write(record(field(1, 1, struct.pack("<d", 1.0)) + field(3, 2, b"brain.Event:2")))
        for tag, step, value in points:
            number = struct.pack("<f", value)
            held = field(2, 5, number)
            if tensor:
                held = field(8, 2, field(1, 0, b"\x01") + field(4, 2, number))
            one = field(1, 2, tag.encode()) + held
            file.write(record(field(2, 0, bytes([step])) + field(5, 2, field(1, 2, one))))


def test_the_state_of_a_trainer(tmp_path):
    path = tmp_path / "trainer_state.json"
    path.write_text(json.dumps({"log_history": ROWS, "global_step": 4}))
    wanted = {
        "loss": ("step", [3.0, 2.0, 1.5, 1.0]),
        "learning_rate": ("step", pytest.approx([0.1, 0.1, 0.05, 0.05])),
        "validation_loss": ("epoch", [2.5, 1.5]),
        "eval_runtime": ("epoch", [1.0, 1.0]),
    }
    for given in (path, str(path), tmp_path, {"log_history": ROWS}):
        assert history(given, tmp_path / "made") == wanted


def test_several_values_of_an_epoch_become_their_mean(tmp_path):
    rows = [{"step": 5 * i, "epoch": i / 2, "loss": float(8 - i)} for i in range(1, 7)]
    assert history({"log_history": rows}, tmp_path) == {"loss": ("epoch", [6.5, 4.5, 2.5])}


def test_what_stands_for_no_update_and_no_epoch_is_left_out(tmp_path):
    rows = [{"step": 500 * i, "epoch": 3.0 * i, "loss": 1.0} for i in range(1, 5)]
    with pytest.warns(defib.DefibWarning, match="logging_steps=1"):
        assert history({"log_history": rows}, tmp_path) == {}


@pytest.mark.parametrize("tensor", [False, True])
def test_event_files_of_tensorboard(tensor, tmp_path):
    points = [("train/loss", i, 4.0 - i) for i in range(4)] + [("lr-SGD", 0, 0.5)]
    write_events(tmp_path / "events.out.tfevents.1.host", points, tensor)
    for given in (tmp_path, tmp_path / "events.out.tfevents.1.host"):
        found = history(given, tmp_path / "made")
        assert found == {"loss": ("step", [4.0, 3.0, 2.0, 1.0]), "learning_rate": ("step", [0.5])}


def test_the_folders_that_keras_writes(tmp_path):
    for part, first in (("train", 2.0), ("validation", 3.0)):
        (tmp_path / "logs" / part).mkdir(parents=True)
        points = [("epoch_loss", i, first - i) for i in range(2)]
        write_events(tmp_path / "logs" / part / "events.out.tfevents.1", points)
    wanted = {"loss": ("epoch", [2.0, 1.0]), "validation_loss": ("epoch", [3.0, 2.0])}
    assert history(tmp_path / "logs", tmp_path) == wanted


def test_a_file_that_tensorboard_wrote(tmp_path):
    pytest.importorskip("tensorboard")
    tensorboard = pytest.importorskip("torch.utils.tensorboard")
    with tensorboard.SummaryWriter(tmp_path / "logs") as writer:
        for step in range(5):
            writer.add_scalar("Loss/train", 5.0 - step, step)
            writer.add_histogram("weights", np.arange(3), step)
    assert history(tmp_path / "logs", tmp_path) == {"loss": ("step", [5.0, 4.0, 3.0, 2.0, 1.0])}


def test_a_file_that_was_cut(tmp_path):
    path = tmp_path / "events.out.tfevents.1"
    write_events(path, [("loss", i, 1.0) for i in range(4)])
    path.write_bytes(path.read_bytes()[:-10])
    assert history(path, tmp_path) == {"loss": ("step", [1.0, 1.0, 1.0])}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("epoch,loss,val_loss\n0,2,3\n1,1,2\n",
         {"loss": ("epoch", [2.0, 1.0]), "validation_loss": ("epoch", [3.0, 2.0])}),
        ("epoch,step,train_loss,val_loss\n0,0,4,\n0,1,3,\n0,1,,5\n1,2,2,\n1,3,1,\n1,3,,4\n",
         {"loss": ("step", [4.0, 3.0, 2.0, 1.0]), "validation_loss": ("epoch", [5.0, 4.0])}),
        ("loss\n3\n2\n1\n", {"loss": ("epoch", [3.0, 2.0, 1.0])}),
    ],
)  # fmt: skip
def test_tables(text, wanted, tmp_path):
    (tmp_path / "log.csv").write_text(text)
    assert history(tmp_path / "log.csv", tmp_path) == wanted


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.json", b"{", "cannot be read"),
        ("a.json", b"[1]", "log_history"),
        ("a.json", b"[" * 100_000, "cannot be read"),
        ("a.csv", b"name\nx\n", "no series of numbers"),
        ("a.csv", b"\xff\xfe\x00,", "cannot be read"),
        ("a.txt", b"1", "no log that is known"),
        ("x.tfevents.1", b"\xff" * 64, "not an event file"),
        ("x.tfevents.1", struct.pack("<QI", 3, 0) + b"\x2a\x7f\x01" + b"1234", "longer"),
        ("x.tfevents.1", struct.pack("<QI", 11, 0) + b"\xff" * 11 + b"1234", "64 bits"),
    ],
)
def test_files_that_are_no_logs(name, content, told, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(defib.ExportError, match=told):
        history(tmp_path / name, tmp_path)


def test_files_that_are_missing(tmp_path):
    with pytest.raises(defib.ExportError, match="No such file"):
        history(tmp_path / "trainer_state.json", tmp_path)
    with pytest.raises(defib.ExportError, match="holds no event file"):
        history(tmp_path, tmp_path)
