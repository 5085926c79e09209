"""The ratios as a plot."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from .measuring import Figures
from .table import BY_NAME

PANELS = {
    "plain": "plain forward and backward",
    "hooks": "the same statistics by hooks",
    "tuned": "tuned hooks",
}


def available() -> bool:
    """Whether matplotlib is there."""
    return importlib.util.find_spec("matplotlib") is not None


def draw(figures: Sequence[Figures], path: Path) -> None:
    """Draw Defib's time to that of PyTorch, with the targets, into an SVG file."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "defib", "svg.fonttype": "none", "font.size": 9})
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(PANELS), figsize=(10, 3), sharey=True)
    names = list(dict.fromkeys(found.workload for found in figures))
    counts = sorted({found.threads for found in figures})
    height = 0.8 / len(counts)
    for panel, (side, title) in zip(panels, PANELS.items(), strict=True):
        for order, threads in enumerate(counts):
            chosen = [found for found in figures if found.threads == threads]
            places = [names.index(found.workload) + height * order for found in chosen]
            label = f"{threads} thread{'s' if threads > 1 else ''} each"
            panel.barh(places, [f.ratios[side] for f in chosen], height, label=label)
        targets = {n: BY_NAME[n].targets[side] for n in names if side in BY_NAME[n].targets}
        for name, target in targets.items():
            place = names.index(name)
            panel.plot([target] * 2, [place - height / 2, place + height / 2], "k", linewidth=2)
        panel.axvline(1, color="gray", linestyle=":")
        panel.set_title(f"Defib / {title}", fontsize=9)
        panel.set_xlim(left=0)
    panels[0].set_yticks(range(len(names)), names)
    panels[0].invert_yaxis()
    panels[-1].legend(loc="lower right", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
