"""docs/run.schema.json accepts what the exporters write, and refuses what the engine refuses."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import defib

jsonschema = pytest.importorskip("jsonschema")
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "run.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 3)), rng.normal(size=(20, 1))
    model = defib.Sequential(
        defib.Dense(rng.normal(size=(3, 4)), np.zeros(4)),
        defib.ReLU(),
        defib.Dense(rng.normal(size=(4, 1)), np.zeros(1)),
    )
    return defib.export(
        tmp_path_factory.mktemp("schema") / "run",
        model,
        x,
        y,
        loss="mse",
        optimizer={"kind": "adam", "learning_rate": 1e-3, "betas": [0.9, 0.999]},
        batch_size=5,
        epochs=3,
        history=[3.0, 2.0, 1.0],
        scheduler=[1e-3, 1e-3, 1e-4],
        clip=1.0,
        accumulation=2,
        initial=[rng.normal(size=(3, 4)), np.zeros(4), rng.normal(size=(4, 1)), np.zeros(1)],
    )


def document(run):
    return json.loads((run.path / "run.json").read_text())


def test_an_export_fits_the_schema(run):
    VALIDATOR.validate(document(run))


CHANGES = {
    "unknown key": lambda d: d.update(extra=1),
    "path outside": lambda d: d["data"].update(x="../x.npy"),
    "absolute path": lambda d: d["data"].update(x="/x.npy"),
    "no outputs": lambda d: d["graph"].update(outputs=[]),
    "unknown optimizer": lambda d: d["training"]["optimizer"].update(kind="lion"),
    "unknown setting": lambda d: d["training"]["optimizer"].update(speed=1),
    "schedule without rates": lambda d: d["training"]["optimizer"]["schedule"].pop("rates"),
    "schedule from 1 on": lambda d: d["training"]["optimizer"]["schedule"].update(updates=[1, 2]),
    "schedule of another shape": lambda d: d["training"]["optimizer"]["schedule"].update(
        interpolation="cubic"
    ),
    "negative rate": lambda d: d["training"]["optimizer"]["schedule"].update(rates=[1, -1]),
    "schedule too long": lambda d: d["training"]["optimizer"].update(
        schedule={"updates": list(range(513)), "rates": [1] * 513}
    ),
    "two clips": lambda d: d["training"].update(clip={"norm": 1, "value": 1}),
    "clip of nothing": lambda d: d["training"].update(clip={}),
    "negative clip": lambda d: d["training"].update(clip={"norm": -1}),
    "no accumulation": lambda d: d["training"].update(accumulation=0),
    "registered is a number": lambda d: d["graph"]["parameters"][0].update(registered=1),
    "batch of zero": lambda d: d["training"].update(batch_size=0),
    "wrong type": lambda d: d["graph"]["nodes"][0].update(op=3),
}


@pytest.mark.parametrize("name", CHANGES)
def test_schema_and_engine_refuse_the_same(name, run, tmp_path):
    changed = copy.deepcopy(document(run))
    CHANGES[name](changed)
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(changed)
    folder = tmp_path / "run"
    shutil.copytree(run.path, folder)
    defib.replay(folder)
    (folder / "run.json").write_text(json.dumps(changed))
    with pytest.raises(defib.DefibError):
        defib.replay(folder)
