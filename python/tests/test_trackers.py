"""Reports in trackers, in the summary of a job, as a figure, and progress in a notebook."""

import sys
import types

import numpy as np
import pytest

import defib
from defib._progress import Monitor

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def report():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 4))
    start = [rng.normal(size=(4, 8)), np.full(8, -90.0), rng.normal(size=(8, 1)), np.zeros(1)]
    model = defib.Sequential(
        defib.Dense(*[array.copy() for array in start[:2]]), defib.ReLU(),
        defib.Dense(*[array.copy() for array in start[2:]]),
    )  # fmt: skip
    return defib.check(
        model, x, x[:, :1], loss="mse", batch_size=20, epochs=10, initial=start,
        optimizer={"kind": "sgd", "learning_rate": 0.01}, snapshots={40: start},
    )  # fmt: skip


class Calls:
    """Notes what it is told, under the names of the methods that it is made with."""

    def __init__(self, *names):
        self.told = []
        for name in names:
            setattr(self, name, lambda *given, name=name: self.told.append((name, *given)))


def test_mlflow(report):
    tracker = Calls("log_metrics", "log_text", "log_artifact")
    report.log(tracker)
    (_, numbers), (_, text, name), (_, page, other) = tracker.told
    assert numbers["defib/healthy"] == 0
    assert numbers["defib/errors"] == sum(f.severity == "error" for f in report.findings)
    assert numbers[f"defib/cause/{report.causes[0].rule}"] == 1
    assert (text, name, other) == (str(report), "defib/report.txt", "defib/report.html")
    assert page.startswith("<!")


def test_weights_and_biases(report, monkeypatch):
    run = Calls("log")
    report.log(run)
    assert run.told[0][1]["defib/report"] == str(report)
    monkeypatch.setitem(
        sys.modules, "wandb", types.SimpleNamespace(Html=lambda page: ("Html", page))
    )
    report.log(run)
    assert run.told[1][1]["defib/report"][0] == "Html"


def test_tensorboard_and_a_logger_around_it(report):
    writer = Calls("add_scalar", "add_text")
    report.log(writer)
    logger = Calls("log_hyperparams", "log_metrics")
    logger.experiment = Calls("add_scalar", "add_text")
    report.log(logger)
    assert writer.told == logger.experiment.told
    assert writer.told[-1][:2] == ("add_text", "defib/report")


def test_others(report):
    tracker = Calls("log_metrics")
    report.log(tracker)
    assert len(tracker.told) == 1
    with pytest.raises(defib.InvalidArgument, match="neither log_metrics"):
        report.log(object())


def test_the_summary_of_a_job(report, tmp_path, monkeypatch):
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    assert report.to_step_summary() is False
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "summary.md").write_text("# Before\n")
    assert report.to_step_summary() is True
    text = (tmp_path / "summary.md").read_text()
    assert text.startswith("# Before\n")
    assert report.causes[0].rule in text


def test_a_figure(report, tmp_path):
    pytest.importorskip("matplotlib")
    figure = report.plot()
    assert len(figure.axes) == 3
    bars = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert "dead-units at relu1" in " ".join(bars)
    figure.savefig(tmp_path / "report.png")
    assert (tmp_path / "report.png").stat().st_size > 5000


def test_a_figure_takes_matplotlib(report, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(defib.InvalidArgument, match="pip install matplotlib"):
        report.plot()


def test_progress_in_a_notebook(monkeypatch):
    shown = []
    handle = types.SimpleNamespace(update=shown.append)
    shell = types.SimpleNamespace(kernel=object())
    module = types.ModuleType("IPython")
    module.get_ipython = lambda: shell
    monkeypatch.setitem(sys.modules, "IPython", module)
    display = types.SimpleNamespace(HTML=str, display=lambda *_, **__: handle)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    with Monitor(True) as monitor:
        for done in range(300):
            assert monitor.tell("<trials>", done, 300)
    assert shown[0].endswith("&lt;trials&gt; 0 %")
    assert len(shown) == 101  # one per percent, and the end
    assert shown[-1] == ""
