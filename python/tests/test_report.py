"""The report object from a report written by hand."""

import copy
import json
import math
import pickle
from dataclasses import FrozenInstanceError

import pytest

import defib

CONTENT = {
    "format": "defib-report",
    "version": 1,
    "healthy": False,
    "causes": ["dead-units:relu1"],
    "findings": [
        {
            "id": "identical-outputs:out",
            "rule": "identical-outputs",
            "title": "The same output for every input",
            "severity": "error",
            "place": {"kind": "output", "name": "out"},
            "message": "spread is 0",
            "evidence": [{"name": "spread", "value": 0.0, "unit": "", "threshold": 1e-6}],
            "caused_by": ["dead-units:relu1"],
            "remedy": "see the cause",
        },
        {
            "id": "dead-units:relu1",
            "rule": "dead-units",
            "title": "Units that never fire <script>alert(1)</script>",
            "severity": "error",
            "place": {"kind": "layer", "name": "relu1", "layer": None, "units": [0, 3]},
            "message": 'largest pre-activation is <b>-2</b> & "below" zero',
            "evidence": [
                {"name": "largest_pre_activation", "value": "-inf", "unit": "1"},
                {"name": "samples", "value": 100, "unit": "samples"},
                {"name": "profile", "value": [1.0, "nan"], "threshold": "inf"},
            ],
            "caused_by": [],
            "remedy": "raise the bias",
        },
    ],
    "checked": ["dead-units", "identical-outputs"],
    "not_checked": [{"rule": "constant-loss", "reason": "no history <none>"}],
    "run": {"samples": 100, "parameters": 9, "loss": "nan", "digest": "ab"},
}


@pytest.fixture
def report():
    return defib.Report.from_dict(copy.deepcopy(CONTENT), "the text\n")


def test_findings_are_linked(report):
    (cause,) = report.causes
    assert cause is report.findings[1]
    assert report.findings[0].caused_by == (cause,)
    assert not report.healthy
    assert str(cause.place) == "relu1[0, 3]"
    assert str(report.findings[0].place) == "out"
    assert report.not_checked == {"constant-loss": "no history <none>"}


def test_a_column_called_nan_stays_a_name():
    content = copy.deepcopy(CONTENT)
    content["run"] = {"name": "nan", "framework": "inf", "loss": "nan"}
    content["findings"][0]["evidence"] = [
        {"name": "columns", "value": ["nan", "x"], "is_text": True},
        {"name": "drift", "value": ["nan", 1.0]},
    ]
    report = defib.Report.from_dict(content)
    evidence = next(f.evidence for f in report.findings if "drift" in f.evidence)
    assert evidence["columns"] == ["nan", "x"]
    assert math.isnan(evidence["drift"][0])
    assert (report.run["name"], report.run["framework"]) == ("nan", "inf")
    assert math.isnan(report.run["loss"])


def test_evidence_is_numbers(report):
    evidence = report.causes[0].evidence
    assert evidence["largest_pre_activation"] == -math.inf
    assert evidence.unit("samples") == "samples"
    assert evidence.threshold("samples") is None
    assert evidence.threshold("profile") == math.inf
    assert math.isnan(evidence["profile"][1])
    assert list(evidence) == ["largest_pre_activation", "samples", "profile"]
    assert math.isnan(report.run["loss"])


def test_nothing_changes_a_report(report):
    with pytest.raises(FrozenInstanceError):
        report.healthy = True
    with pytest.raises(FrozenInstanceError):
        report.causes[0].severity = "note"


def test_text_and_json(report):
    assert str(report) == "the text"
    assert json.loads(report.to_json()) == CONTENT == report.to_dict()
    assert "dead-units at relu1[0, 3]" in str(defib.Report.from_dict(CONTENT))


def test_html_escapes_everything(report, tmp_path):
    html = report._repr_html_()
    for hostile in ("<script>", "<b>-2</b>", "<none>"):
        assert hostile not in html
    assert "&lt;script&gt;alert(1)" in html
    assert html.count("<details") == html.count("</details>") >= 3
    assert html.index("Units that never fire") < html.index("The same output")
    report.to_html(tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert html.rpartition("</style>")[2].rstrip() in page
    assert "://" not in page


def test_any_format_of_the_engine(report):
    copied = pickle.loads(pickle.dumps(report))
    assert copied.render("text").startswith("Diagnosis: 1 cause; 1 finding follows from it.\n")
    assert copied.render("html") == report.render("html")
    assert json.loads(report.render("json"))["findings"][0]["evidence"][0]["value"] == 0
    with pytest.raises(defib.InvalidArgument, match='found "pdf", expected "text" or "concise"'):
        report.render("pdf")
    damaged = copy.deepcopy(CONTENT)
    damaged["findings"][0]["severity"] = "<b>"
    with pytest.raises(defib.InvalidArgument, match="severity: found"):
        defib.Report.from_dict(damaged).render("html")


def test_circular_causes_do_not_hang():
    content = copy.deepcopy(CONTENT)
    content["findings"][1]["caused_by"] = ["identical-outputs:out"]
    content["causes"] = []
    html = defib.Report.from_dict(content)._repr_html_()
    assert html.count("Units that never fire") == html.count("The same output") == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "version 2"),
        ({"causes": ["nothing"]}, "damaged"),
        ({"findings": [{}]}, "damaged"),
    ],
)
def test_other_reports_are_refused(change, message):
    with pytest.raises(defib.DefibError, match=message):
        defib.Report.from_dict(copy.deepcopy(CONTENT) | change)
