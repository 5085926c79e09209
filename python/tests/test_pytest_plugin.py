"""The plugin of pytest, and baselines of known faults."""

import json

import pytest

import defib

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.engine

#: a test of a network with dead units, or of a sound one
NETWORK = """
import numpy as np
import defib

def network(bias):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 4))
    y = x[:, :1]
    first = defib.Dense(rng.normal(size=(4, 8)), np.full(8, bias), name="hidden")
    last = defib.Dense(rng.normal(size=(8, 1)), np.zeros(1))
    return defib.Sequential(first, defib.ReLU(), last), x, y

def test_learns(defib_check):
    report = defib_check(*network(-90.0), loss="mse")
    assert report.causes
"""


def run(pytester, *options):
    plugin = "defib.integrations.pytest_plugin"
    return pytester.runpytest_inprocess("-p", plugin, "-p", "no:cacheprovider", *options)


def test_a_fault_fails_the_test_by_its_report(pytester):
    pytester.makepyfile(NETWORK)
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*the network is not healthy:*", "*dead-units*"])


def test_known_causes_pass_and_new_ones_fail(pytester):
    file = pytester.makepyfile(NETWORK)
    baseline = pytester.path / "known.json"
    options = ("--defib-baseline", str(baseline))
    run(pytester, *options, "--defib-write-baseline").assert_outcomes(passed=1)
    content = json.loads(baseline.read_text())
    (name,) = content["known"]
    assert name.endswith("::test_learns")
    assert "dead-units:relu1" in content["known"][name]
    run(pytester, *options).assert_outcomes(passed=1)

    content["known"][name].remove("dead-units:relu1")
    baseline.write_text(json.dumps(content))
    result = run(pytester, *options)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*causes that the baseline does not know:*"])
    assert file.exists()


def test_the_baseline_of_a_project_stands_in_its_settings(pytester):
    pytester.makepyfile(NETWORK)
    pytester.makeini("[pytest]\ndefib_baseline = known.json\n")
    run(pytester, "--defib-write-baseline").assert_outcomes(passed=1)
    run(pytester).assert_outcomes(passed=1)
    (pytester.path / "known.json").write_text("{}")
    result = run(pytester)
    result.stdout.fnmatch_lines(["*known.json is not a baseline of version 1*"])


def test_the_summary_of_a_job_is_asked_for(pytester, tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    pytester.makepyfile(NETWORK)
    run(pytester)
    assert not (tmp_path / "summary.md").exists()
    run(pytester, "--defib-summary")
    assert "dead-units" in (tmp_path / "summary.md").read_text()


def test_a_baseline_is_written_to_a_file(pytester):
    pytester.makepyfile(NETWORK)
    result = run(pytester, "--defib-write-baseline")
    result.stdout.fnmatch_lines(["*needs --defib-baseline FILE*"])


@pytest.fixture(scope="module")
def report():
    names = {}
    exec(NETWORK, names)
    return defib.check(*names["network"](-90.0), loss="mse")


def test_without_the_plugin(report, tmp_path):
    with pytest.raises(AssertionError, match="is not healthy"):
        defib.assert_healthy(report)
    baseline = defib.Baseline()
    with pytest.raises(AssertionError, match="does not know"):
        defib.assert_healthy(report, baseline, name="net")
    baseline.accept(report, "net")
    defib.assert_healthy(report, baseline, name="net")
    baseline.write(tmp_path / "known.json")
    defib.assert_healthy(report, tmp_path / "known.json", name="net")
    with pytest.raises(AssertionError):
        defib.assert_healthy(report, tmp_path / "known.json", name="other")


def test_a_network_that_could_not_be_judged():
    content = {
        "format": "defib-report", "version": 1, "findings": [], "causes": [], "healthy": False,
        "verdict": "could-not-tell", "missing": ["pass the targets"],
    }  # fmt: skip
    report = defib.Report.from_dict(content)
    with pytest.raises(AssertionError, match="pass the targets"):
        defib.assert_healthy(report)
    defib.assert_healthy(report, defib.Baseline())


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"format": "defib-baseline", "version": 2, "known": {}}',
     '{"format": "defib-baseline", "version": 1, "known": {"a": [1]}}',
     '{"format": "defib-baseline", "version": 1, "known": {"a": "b"}}'],
)  # fmt: skip
def test_files_that_are_no_baseline(text, tmp_path):
    (tmp_path / "known.json").write_text(text)
    with pytest.raises(defib.InvalidArgument, match=r"known\.json"):
        defib.Baseline.read(tmp_path / "known.json")
    with pytest.raises(defib.InvalidArgument, match="No such file"):
        defib.Baseline.read(tmp_path / "missing.json")
