"""What is described in another way is diagnosed in the same way."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")

import metamorphic  # noqa: E402

import defib  # noqa: E402
from benchmarks.diagnosis import cases, training  # noqa: E402

pytestmark = pytest.mark.engine

#: Of either collection, some with a hidden layer and small data, one kind of cause each.
SAMPLE = (
    "so-50306988", "so-48221692", "so-tf-midlayer", "ptf-13287", "cancer-raw-sgd", "moons-dead",
    "diabetes-relu-head", "wine-momentum", "sine-linear-layers", "cancer-sigmoid-twice",
)  # fmt: skip

#: These speak of how many samples there are, or of chance among them.
COUNTING = {
    "below-baseline", "duplicate-samples", "low-diversity", "too-few-samples", "unlearnable-target",
}  # fmt: skip

CASES = {case["id"]: case for name in cases.COLLECTIONS for case in cases.load(name)}


@pytest.fixture(scope="module", params=SAMPLE)
def run(request, tmp_path_factory):
    torch.set_num_threads(1)
    path = tmp_path_factory.mktemp("runs") / request.param
    training.train(CASES[request.param], 0, path)
    return path


def alarms(report):
    return {
        (finding["rule"], finding["severity"])
        for finding in report["findings"]
        if finding["severity"] != "note" and finding["rule"] not in COUNTING
    }


@pytest.mark.parametrize("change", metamorphic.STORED, ids=lambda change: change.__name__)
def test_how_numbers_are_stored_does_not_matter(run, tmp_path, change):
    change(run, tmp_path / "other")
    before, after = defib.check(run).to_dict(), defib.check(tmp_path / "other").to_dict()
    assert after["findings"] == before["findings"]
    assert after["causes"] == before["causes"]


@pytest.mark.parametrize("change", metamorphic.REARRANGED, ids=lambda change: change.__name__)
def test_order_and_scale_do_not_matter(run, tmp_path, change):
    change(run, tmp_path / "other")
    before, after = defib.check(run).to_dict(), defib.check(tmp_path / "other").to_dict()
    assert alarms(after) == alarms(before)


def test_a_healthy_layer_more_does_not_matter(run, tmp_path):
    if not any(node["op"] == "Relu" for node in defib.Run(run).to_dict()["graph"]["nodes"]):
        pytest.skip("no rectifier whose output an identity could pass on")
    metamorphic.appended_layer(run, tmp_path / "other")
    before, after = defib.check(run).to_dict(), defib.check(tmp_path / "other").to_dict()
    assert alarms(after) == alarms(before)


@pytest.mark.parametrize("workers", [1, 2, 3, 7])
def test_workers_do_not_matter(run, workers):
    assert defib.check(run, workers=workers).to_dict() == defib.check(run).to_dict()
