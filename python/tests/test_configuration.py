"""A defib.toml beside a run, or in it, adds to the options of a check."""

import numpy as np
import pytest

import defib

pytestmark = pytest.mark.engine


@pytest.fixture
def run(tmp_path):
    """A network with two dead units of four."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 3)).astype(np.float32)
    bias = np.array([0.1, 0.2, -50, -60], np.float32)
    model = defib.Sequential(
        defib.Dense(rng.normal(size=(3, 4)).astype(np.float32), bias),
        defib.ReLU(),
        defib.Dense(rng.normal(size=(4, 1)).astype(np.float32), np.zeros(1, np.float32)),
    )
    return defib.export(tmp_path / "runs" / "one", model, x, x[:, :1], loss="mse").path


def severity(run, **options):
    report = defib.check(run, **options).to_dict()
    return {f["severity"] for f in report["findings"] if f["rule"] == "dead-units"}


def test_thresholds_and_ignored_rules(run):
    assert severity(run) == {"warning"}
    (run / "defib.toml").write_text("[dead-units]\nerror-share = 0.3  # half are dead\n")
    assert severity(run) == {"error"}
    assert severity(run, set={"dead-units.error-share": 0.9}) == {"warning"}
    (run / "defib.toml").write_text('ignore = ["dead-units", "zero-gradient"]\n')
    assert severity(run) == set()


def test_the_nearer_file_counts(run):
    (run.parent / "defib.toml").write_text('select = ["dead-units"]\n')
    assert {f["rule"] for f in defib.check(run).to_dict()["findings"]} == {"dead-units"}
    (run / "defib.toml").write_text("# nothing\n")
    assert severity(run) == {"warning"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("select = dead-units", "line 1: found dead-units, expected a value"),
        ("\n\n[dead-units]\nwarn-share = much", "line 4: found much, expected a value"),
        ("select = 'dead-units'", 'select: found "dead-units", expected a list'),
        ("[dead-units]\nwarn-share = 'much'", 'dead-units.warn-share: found "much", expected a nu'),
        ("colour = true", "colour: found true, expected select, ignore"),
        ("[dead-unit]\nwarn-share = 1", 'unknown rule "dead-unit"'),
        (
            "[dead-units]\nwarn = 1",
            'unknown option "dead-units.warn": expected one of dead-units.w',
        ),
        ("just words", "line 1: found words, expected key = value"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(run, text, message):
    (run / "defib.toml").write_text(text)
    with pytest.raises(defib.InvalidRun, match=message.replace("[", r"\[")) as caught:
        defib.check(run)
    assert "defib.toml" in str(caught.value)
