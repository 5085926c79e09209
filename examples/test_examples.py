"""Runs every example and holds its diagnosis against its expected.json.

    healthy            whether the report says so: no error, no warning
    first_cause        rules of which one must lead the causes; [] leaves it open
    causes_include     rules that must be among the causes
    findings_include   rules that must be found, as causes or as what follows from one
    must_not           rules that would be a false alarm as an error or a warning

An example that trains several runs has these under `runs`, by the name of the run's folder.

The command line and the Python package must agree to the last figure.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import defib

EXAMPLES = Path(__file__).resolve().parent
COMMAND = EXAMPLES.parent / "bin" / "defib"
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/train.py"))


def train(name, run):
    script = EXAMPLES / name / "train.py"
    process = subprocess.run(
        [sys.executable, script, run],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr


def check_by_command(run):
    process = subprocess.run(
        [COMMAND, "check", "--format", "json", run], capture_output=True, text=True, check=False
    )
    assert process.returncode in (0, 1), process.stderr
    report = json.loads(process.stdout)
    errors = any(finding["severity"] == "error" for finding in report["findings"])
    assert process.returncode == (1 if errors else 0)
    return report


def rules(report, *severities):
    return {
        finding["rule"]
        for finding in report["findings"]
        if not severities or finding["severity"] in severities
    }


def test_there_are_examples():
    assert len(NAMES) >= 17


@pytest.mark.parametrize("name", NAMES)
def test_example(name, tmp_path):
    expected = json.loads((EXAMPLES / name / "expected.json").read_text())
    run = tmp_path / "run"
    train(name, run)
    if "runs" not in expected:
        hold(run, expected)
        return
    assert {path.name for path in run.iterdir()} == set(expected["runs"])
    for variant, wanted in expected["runs"].items():
        hold(run / variant, wanted)


def hold(run, expected):
    report = check_by_command(run)
    assert defib.check(run).to_dict() == report

    alarms = rules(report, "error", "warning")
    assert report["healthy"] == expected["healthy"] == (not alarms), (run.name, alarms)
    assert not alarms & set(expected["must_not"])
    assert rules(report) >= set(expected["findings_include"])

    rule_of = {finding["id"]: finding["rule"] for finding in report["findings"]}
    causes = [rule_of[cause] for cause in report["causes"]]
    assert set(causes) >= set(expected["causes_include"]), (run.name, causes)
    if expected["first_cause"]:
        assert causes, "no cause was found"
        assert causes[0] in expected["first_cause"], (run.name, causes)
