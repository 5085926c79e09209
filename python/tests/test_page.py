"""The HTML report as a browser shows it: in light and dark, on a phone, and on paper."""

from __future__ import annotations

import browser
import numpy as np
import pytest

import defib

pytestmark = pytest.mark.skipif(
    browser.BROWSER is None, reason="no chromium: scripts/install-system-packages --tests"
)


def dead(depth: int = 1, width: int = 12) -> defib.Report:
    """A network whose first rectifier never fires, with a history and the weights of its start."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(120, 4)).astype(np.float32) * np.float32([1, 100, 1, 5000])
    y = np.tanh(x[:, :1]).astype(np.float32)
    layers, size = [], 4
    for index in range(depth):
        weights = rng.normal(size=(size, width)).astype(np.float32) / size
        bias = np.full(width, -1e6 if index == 0 else 0.1, np.float32)
        name = f"encoder.{index // 8}.a_layer_with_a_long_name_{index}"
        layers += [defib.Dense(weights, bias, name=name), defib.ReLU(name=f"relu{index}")]
        size = width
    head = rng.normal(size=(size, 1)).astype(np.float32)
    layers.append(defib.Dense(head, np.zeros(1, np.float32), name="out"))
    return defib.check(
        defib.Sequential(*layers),
        x,
        y,
        loss="mse",
        optimizer={"kind": "sgd", "learning_rate": 0.01},
        batch_size=40,
        epochs=20,
        history=[1 / (1 + epoch) for epoch in range(20)],
    )


def classes() -> defib.Report:
    """Scores of three classes, of which one is rare, with a cure."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(150, 3)).astype(np.float32)
    y = (x[:, 0] > 0).astype(np.int64) + (x[:, 1] > 2).astype(np.int64)
    weights = rng.normal(size=(3, 3)).astype(np.float32)
    return defib.check(
        defib.Sequential(
            defib.Dense(weights, np.zeros(3, np.float32), name="scores"), defib.Softmax(name="soft")
        ),
        x,
        y,
        loss="cross-entropy",
        optimizer={"kind": "sgd", "learning_rate": 1e-4},
        batch_size=50,
        epochs=10,
        cure=True,
    )


@pytest.fixture(scope="module", params=["dead", "deep", "classes"])
def page(request) -> str:
    report = {"dead": dead, "deep": lambda: dead(60), "classes": classes}[request.param]()
    return report.render("html")


@pytest.mark.parametrize(
    ("width", "dark"), [(375, False), (375, True), (1000, False), (1000, True)]
)
def test_everything_is_in_its_place(page, tmp_path, width, dark):
    facts = browser.facts(page, tmp_path, width=width, dark=dark)
    assert facts["complaints"] == []
    assert facts["requests"] == 0
    assert facts["width"] == width
    assert facts["wide"] == []
    assert facts["clipped"] == []
    assert facts["overlaps"] == []
    assert facts["figures"] >= 4
    assert facts["ground"] == ("rgb(21, 25, 30)" if dark else "rgb(255, 255, 255)")


def test_no_request_leaves_the_page_and_it_prints(page, tmp_path):
    assert len(page.encode()) <= 300_000
    file = tmp_path / "page.html"
    file.write_text(page, encoding="utf-8")
    assert not {url for url in browser.requests(file, tmp_path) if url.startswith("http")}
    paper = browser.printed(file, tmp_path / "page.pdf")
    assert paper.startswith(b"%PDF")
    assert 1 <= paper.count(b"/Type /Page\n") <= 12


def test_pictures_have_their_ground_and_something_on_it(page, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(page, encoding="utf-8")
    for dark, ground in ((False, (255, 255, 255)), (True, (21, 25, 30))):
        image = browser.picture(file, tmp_path / "p.png", width=375, height=900, dark=dark)
        content = image.read_bytes()
        assert browser.first_pixel(content) == ground
        assert len(content) > 20_000


def test_a_fragment_brings_its_style_and_leaves_the_notebook_alone(tmp_path):
    fragment = dead()._repr_html_()
    notebook = f"<!DOCTYPE html><body><h2>Mine</h2><p>text</p>{fragment}</body>"
    facts = browser.facts(notebook, tmp_path, width=700)
    assert facts["figures"] >= 4
    assert facts["clipped"] == []
    assert facts["complaints"] == []


def test_a_run_in_a_folder_gives_the_page_its_name(tmp_path):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(20, 2)).astype(np.float32)
    weights = np.ones((2, 1), np.float32)
    model = defib.Sequential(defib.Dense(weights, np.zeros(1, np.float32), name="out"))
    run = defib.export(tmp_path / "spring <water>", model, x, x @ weights, loss="mse")
    report = defib.check(tmp_path / "spring <water>")
    assert "<title>spring &lt;water&gt; · Defib report</title>" in report.render("html")
    assert "name" not in report.to_dict()["run"]
    assert "in spring &lt;water&gt;." in report._repr_html_()
    assert report.to_json() == defib.check(run).to_json()


def test_the_probe_sees_what_is_wrong(tmp_path):
    page = """<!DOCTYPE html><body style="margin:0"><div class="defib">
      <div style="width:900px">wide</div><figure><svg width="90" height="40">
      <text x="80" y="20">beyond the edge</text><text x="80" y="22">upon it</text></svg></figure>
      <script>console.error("trouble")</script></div></body>"""
    facts = browser.facts(page, tmp_path, width=375)
    assert facts["width"] > 375
    assert "beyond the edge" in facts["clipped"]
    assert facts["overlaps"] == ["beyond the edge | upon it"]
    assert any("trouble" in line for line in facts["complaints"])
    asking = tmp_path / "asking.html"
    asking.write_text('<img src="http://127.0.0.1:9/pixel.png">', encoding="utf-8")
    assert "http://127.0.0.1:9/pixel.png" in browser.requests(asking, tmp_path)
