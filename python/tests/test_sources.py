"""The lines of a script that call layers, in a run and in what is found."""

import json
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import defib  # noqa: E402

pytestmark = pytest.mark.engine

MODEL = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 8)
        self.rest = nn.Sequential(nn.ReLU(), nn.Linear(8, 1))
        nn.init.constant_(self.first.bias, -50)

    def forward(self, x):
        h = self.first(
            x * 2
        )
        return self.rest(h)
"""


@pytest.fixture
def model(tmp_path, monkeypatch):
    """A network of a module of the project, whose units are dead."""
    (tmp_path / "project" / "nets").mkdir(parents=True)
    (tmp_path / "project" / "nets" / "own.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.syspath_prepend(str(tmp_path / "project"))
    torch.manual_seed(0)
    yield __import__("nets.own", fromlist=["Net"]).Net()
    for name in ("nets", "nets.own"):
        sys.modules.pop(name, None)


X = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)


def sources(path):
    return json.loads((path / "run.json").read_text())["graph"].get("sources")


def test_layers_have_the_line_that_calls_them(model, tmp_path):
    run = defib.export(tmp_path / "run", model, X, X[:, :1], loss="mse").path
    assert sources(run) == {
        "mul": "nets/own.py:14", "first": "nets/own.py:13",
        "rest.0": "nets/own.py:16", "rest.1": "nets/own.py:16",
    }  # fmt: skip
    dead = next(f for f in defib.check(run).findings if f.rule == "dead-units")
    assert dead.place.source == "nets/own.py:16"
    assert "(nets/own.py:16)" in str(defib.check(run))


def test_a_package_elsewhere_is_named_from_its_own_folder(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    run = defib.export(tmp_path / "run", model, X, X[:, :1], loss="mse").path
    assert sources(run)["first"] == "nets/own.py:13"
    monkeypatch.setattr(sys, "path", [])
    run = defib.export(tmp_path / "other", model, X, X[:, :1], loss="mse").path
    assert sources(run) is None


def test_torch_export_tells_lines_too(model):
    program = torch.export.export(model, (torch.from_numpy(X),), strict=True)
    assert any("own.py" in (n.meta.get("stack_trace") or "") for n in program.graph.nodes)
    from defib.exporters.torch import sources as lines

    told = {lines.of(node) for node in program.graph.nodes} - {None}
    assert told <= {f"nets/own.py:{line}" for line in (13, 14, 16)}
    assert told


def test_a_bare_sequence_of_layers_has_no_line(tmp_path):
    net = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
    assert sources(defib.export(tmp_path / "run", net, X, X[:, :1], loss="mse").path) is None


@pytest.mark.parametrize("text", ["net.py", "net.py:0", ":3", "net.py:x"])
def test_what_is_no_line_is_an_error(model, tmp_path, text):
    run = defib.export(tmp_path / "run", model, X, X[:, :1], loss="mse").path
    content = json.loads((run / "run.json").read_text())
    content["graph"]["sources"]["first"] = text
    (run / "run.json").write_text(json.dumps(content))
    with pytest.raises(defib.InvalidRun, match=r"graph\.sources\.first is .* expected a file"):
        defib.check(run)
