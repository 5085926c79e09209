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
from .cases import Case, accepted, repaired

#: trainings that a cure must bring back on average
SEEDS = (11, 12, 13)
#: the share of the promised gain that counts as brought back
SHARE = 0.8
#: where the accepted repair gains less, a script has nothing to bring back
ROOM = 0.03
#: what a last layer gives where the loss takes scores before a sigmoid or a softmax
LOGITS = ("bce_logits", "ce_logits", "BCEWithLogitsLoss", "CrossEntropyLoss")


@dataclass(frozen=True)
class Cured:
    """What one case's cure came to.

    Scores are those of PyTorch, means over `SEEDS`; None where nothing could be trained.
    """

    name: str
    outcome: str
    changes: tuple[str, ...]
    promised: float
    #: the training as the script has it, and with the accepted repair
    faulty: float
    repaired: float
    #: with the printed lines, under each seed
    scores: tuple[float, ...] = ()
    why: str = ""
    #: accepted causes that the report says cannot be tried
    untried: bool = False

    @property
    def retrained(self) -> float | None:
        """The mean score with the printed lines."""
        return float(np.mean(self.scores)) if self.scores else None

    @property
    def back(self) -> bool:
        """Whether PyTorch got most of what the report promised, or of what the repair brings."""
        if self.retrained is None:
            return False
        start = max(0.0, self.faulty)
        wanted = min(self.promised, max(self.repaired, start + ROOM)) - start
        return self.retrained - start >= SHARE * wanted

    @property
    def state(self) -> str:
        """`cured`, `not`, `sound` where the repair scores no better, or `untried`."""
        if self.back:
            return "cured"
        if self.repaired - self.faulty < ROOM:
            return "sound"
        return "untried" if self.untried and not self.changes else "not"


def judge(case: Case, run: Path) -> Cured:
    """Look for the cure of a run, and train with it."""
    cure = defib.check(run, cure=True).cure
    assert cure is not None
    texts = tuple(change.text for change in cure.changes)
    score = cure.score or _kind(case)
    faulty, repair = (
        float(np.mean([_retrained(variant, None, score, seed) for seed in SEEDS]))
        for variant in (case, repaired(case))
    )
    if not cure.changes:
        told = set(cure.not_tried)
        return Cured(
            case["id"], cure.outcome, texts, faulty, faulty, repair, why=cure.text,
            untried=bool(told & set(accepted(case))),
        )  # fmt: skip
    promised = float(np.mean(cure.after))
    try:
        scores = tuple(_retrained(case, cure, score, seed) for seed in SEEDS)
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        return Cured(case["id"], cure.outcome, texts, promised, faulty, repair, why=why)
    return Cured(case["id"], cure.outcome, texts, promised, faulty, repair, scores)


def _kind(case: Case) -> str:
    return "R²" if case["loss"] in ("mse", "mse_half", "mse_flat_target", "mae", "huber") else ""


def _retrained(case: Case, cure: defib.Cure | None, score: str, seed: int) -> float:
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
    lines = [change.code for change in (cure.changes if cure else ())]
    for code in sorted(lines, key=lambda code: code.startswith("optimizer")):
        counted = re.match(r"for epoch in range\((\d+)\):", code)
        if counted:
            epochs = int(counted[1])
        elif code.startswith("loss = loss"):
            names["criterion"] = _after(names["criterion"], code)
        else:
            exec(code, names)
    updates = names.get("optimizer") or training.optimizer(
        case["optimizer"], case["lr"], model.parameters()
    )
    inputs = names["input"] if names["input"] is not x else names["x"]
    order = rng.permutation(len(x))
    held = torch.from_numpy(order[: len(x) // 4] if len(x) >= 40 else order)
    kept = torch.from_numpy(order[len(x) // 4 :] if len(x) >= 40 else order)
    if sampler := names.get("sampler"):
        kept = _drawn(sampler, kept)
    _fit(model, names["criterion"], updates, inputs[kept], names["y"][kept], epochs, case, rng)
    model.eval()
    with torch.no_grad():
        told = model(inputs[held])
    if not torch.equal(names["y"].flatten(), y.flatten()):
        told = told * y.std(0) + y.mean(0)
    kind = type(names["criterion"]).__name__
    isolated = kind if isinstance(names["criterion"], nn.Module) else case["loss"]
    return _score(told.numpy(), y[held].numpy(), score, isolated in LOGITS)


def _after(criterion: Callable[..., Any], line: str) -> Callable[..., Any]:
    """Return the loss with a line of the loop run after it."""

    def compute(prediction: torch.Tensor, y: torch.Tensor) -> Any:
        names = {"loss": criterion(prediction, y), "x": prediction}
        exec(line, names)
        return names["loss"]

    return compute


def _drawn(sampler: Any, kept: torch.Tensor) -> torch.Tensor:
    """Draw as many of the rows to train on as there are, by the weights of a sampler."""
    chosen = torch.multinomial(sampler.weights[kept].double(), len(kept), replacement=True)
    return kept[chosen]


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
        spread = f" ({min(cured.scores):.2f} to {max(cured.scores):.2f})" if cured.scores else ""
        told = "-" if cured.retrained is None else f"{cured.retrained:.2f}{spread}"
        print(
            f"  {cured.state:>7}  {cured.name:24} {cured.faulty:5.2f} → {cured.promised:.2f} "
            f"promised, PyTorch {told}, the accepted repair {cured.repaired:.2f}: "
            f"{'; '.join(cured.changes) or cured.outcome} {cured.why[:120]}"
        )
    states = [cured.state for cured in found]
    proposed = sum(1 for cured in found if cured.changes)
    sound, untried = states.count("sound"), states.count("untried")
    curable = len(found) - sound - untried
    print(f"\n  a change that helps       {proposed} of {len(found)}")
    print(f"  cured in PyTorch          {states.count('cured')} of {curable}")
    print(f"  the repair scores no better than the fault, by {ROOM}: {sound}")
    print(f"  the report says what it would need, which no trial knows: {untried}")
    return {
        "runs": len(found), "proposed": proposed, "curable": curable, "sound": sound,
        "untried": untried, "cured": states.count("cured"),
    }  # fmt: skip
