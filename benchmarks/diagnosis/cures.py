"""Whether the cure that a report prints cures in the framework itself: its lines are run."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

import defib

from . import data, losses, networks, training
from .cases import Case

#: trainings that a cure must bring back on average
SEEDS = (11, 12, 13)
#: the share of the promised gain that counts as brought back
SHARE = 0.8
#: what a last layer gives where the loss takes scores before a sigmoid or a softmax
LOGITS = ("bce_logits", "ce_logits", "BCEWithLogitsLoss", "CrossEntropyLoss")


@dataclass(frozen=True)
class Cured:
    """What one case's cure came to."""

    name: str
    outcome: str
    changes: tuple[str, ...]
    before: float
    promised: float
    #: The mean score of trainings in PyTorch with the printed lines; None: they do not run.
    retrained: float | None
    why: str = ""

    @property
    def back(self) -> bool:
        """Whether PyTorch got most of what the report promised."""
        if self.retrained is None:
            return False
        start = max(0.0, self.before)
        return self.retrained - start >= SHARE * (self.promised - start)


def judge(case: Case, run: Path) -> Cured:
    """Look for the cure of a run, and train with it."""
    cure = defib.check(run, cure=True).cure
    assert cure is not None
    texts = tuple(change.text for change in cure.changes)
    before = -1.0 if cure.before is None else cure.before
    if not cure.changes:
        return Cured(case["id"], cure.outcome, texts, before, before, None, cure.text)
    promised = float(np.mean(cure.after))
    try:
        scores = [_retrained(case, cure, seed) for seed in SEEDS]
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        return Cured(case["id"], cure.outcome, texts, before, promised, None, why)
    return Cured(case["id"], cure.outcome, texts, before, promised, float(np.mean(scores)))


def _retrained(case: Case, cure: defib.Cure, seed: int) -> float:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    drawn = data.make(case["data"], rng)
    x = torch.from_numpy(np.asarray(drawn.x, np.float32))
    y = torch.from_numpy(losses.targets(case["loss"], drawn.y))
    model = networks.build(case["layers"])
    names: dict[str, Any] = {"model": model, "torch": torch, "nn": nn, "np": np, "epoch": 0}
    names |= {"x": x, "y": y, "input": x, "prediction": model(x)}
    names["criterion"] = losses.LOSSES[case["loss"]][0]
    epochs = case["epochs"]
    # Whatever makes the network comes before the optimizer that takes its parameters.
    lines = [line for change in cure.changes for line in change.code.split("\n")]
    for line in sorted(lines, key=lambda line: line.startswith("optimizer")):
        counted = re.match(r"for epoch in range\((\d+)\):", line)
        if counted:
            epochs = int(counted[1])
        elif not line.startswith("# and so on"):
            exec(line, names)
    updates = names.get("optimizer") or training.optimizer(
        case["optimizer"], case["lr"], model.parameters()
    )
    inputs = names["input"] if names["input"] is not x else names["x"]
    order = rng.permutation(len(x))
    held = torch.from_numpy(order[: len(x) // 4] if len(x) >= 40 else order)
    kept = torch.from_numpy(order[len(x) // 4 :] if len(x) >= 40 else order)
    _fit(model, names["criterion"], updates, inputs[kept], names["y"][kept], epochs, case, rng)
    model.eval()
    with torch.no_grad():
        told = model(inputs[held])
    if names["y"] is not y:
        told = told * y.std(0) + y.mean(0)
    kind = type(names["criterion"]).__name__
    isolated = kind if isinstance(names["criterion"], nn.Module) else case["loss"]
    return _score(told.numpy(), y[held].numpy(), cure.score, isolated in LOGITS)


def _fit(
    model: nn.Module, compute: Callable[..., Any], updates: Any, x: torch.Tensor, y: torch.Tensor,
    epochs: int, case: Case, rng: np.random.Generator,
) -> None:  # fmt: skip
    size = min(case["batch_size"] or len(x), len(x))
    # As many updates as the script made on all of its rows.
    whole = math.ceil(len(x) * 4 / 3 / size) if len(x) >= 30 else math.ceil(len(x) / size)
    passes = max(1, round(epochs * whole / math.ceil(len(x) / size)))
    for _ in range(passes):
        training._epoch(model, compute, updates, x, y, size, rng)


def _score(told: Any, true: Any, kind: str, logits: bool) -> float:
    if not np.isfinite(told).all():
        return -1.0
    if kind == "R²":
        told, true = told.reshape(len(told), -1), true.reshape(len(true), -1)
        left = ((told - true) ** 2).sum(0) / np.maximum(((true - true.mean(0)) ** 2).sum(0), 1e-30)
        return float(np.mean(np.maximum(-1, 1 - left)))
    if told.shape[1] > 1:
        told, true = told.argmax(1), true if true.ndim == 1 else true.argmax(1)
    else:
        told, true = (told[:, 0] > (0 if logits else 0.5)), true.reshape(-1) > 0.5
    return float(np.mean([(told[true == label] == label).mean() for label in np.unique(true)]))


def show(found: list[Cured]) -> dict[str, Any]:
    """Print the cures and whether PyTorch confirms them; returns the figures."""
    print("\ncures: what the report proved, and what PyTorch makes of its lines of code\n")
    for cured in found:
        told = "-" if cured.retrained is None else f"{cured.retrained:.2f}"
        mark = "yes" if cured.back else "no"
        print(
            f"  {mark:>3}  {cured.name:24} {cured.before:5.2f} → {cured.promised:.2f}, "
            f"PyTorch {told}: {'; '.join(cured.changes) or cured.outcome} {cured.why[:120]}"
        )
    proposed = [cured for cured in found if cured.changes]
    back = sum(cured.back for cured in found)
    print(f"\n  a change that helps       {len(proposed)} of {len(found)}")
    print(f"  cured in PyTorch          {back} of {len(found)}")
    return {"runs": len(found), "proposed": len(proposed), "cured": back}
