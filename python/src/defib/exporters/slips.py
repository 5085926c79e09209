"""What is often handed over by mistake, and the sentence that says what to pass instead."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .arrays import is_tensor
from .kinds import class_names

_MODELS = {
    "torch.nn.modules.module.Module", "keras.src.models.model.Model", "sklearn.base.BaseEstimator",
    "defib.sequential.model.Sequential",
}  # fmt: skip


def of_model(model: Any, x: Any) -> str:
    """Say what was passed as the model that is none; empty where it is nothing usual."""
    if inspect.isclass(model):
        return (
            f"model is the class {model.__name__}; pass an object of it, the one that was trained"
        )
    if class_names(x) & _MODELS:
        return "the model comes first: check(model, x, y)"
    if isinstance(model, Mapping) and model and all(map(is_tensor, model.values())):
        return (
            "model is a state dict, the weights alone; build the module, call "
            "model.load_state_dict(…), and pass the model"
        )
    if inspect.isgenerator(model) and model.__name__ in ("parameters", "named_parameters"):
        return f"model is what model.{model.__name__}() returned; pass the model itself"
    if inspect.isroutine(model):
        return (
            f"model is the function {getattr(model, '__name__', '')}; pass a module whose forward "
            "calls it, or describe its layers by a defib.Sequential"
        )
    return ""


def of_loss(loss: Any) -> str:
    """Say what was passed as the loss that is none; empty where nothing is seen."""
    if isinstance(loss, (list, tuple)):
        return next((told for each in loss if (told := of_loss_function(each))), "")
    return of_loss_function(loss)


def of_loss_function(loss: Any) -> str:
    """Say the same of one loss of several, among which numbers are weights."""
    if inspect.isclass(loss):
        return f"loss is the class {loss.__name__}; pass an object of it: loss={loss.__name__}()"
    if is_tensor(loss) or isinstance(loss, np.ndarray):
        return "loss is a value; pass the function that computes it, such as loss=nn.MSELoss()"
    return ""


def of_optimizer(optimizer: Any) -> str:
    """Say what was passed as the optimizer that is none; empty where nothing is seen."""
    if inspect.isclass(optimizer):
        return (
            f"optimizer is the class {optimizer.__name__}; pass the object that trained the model"
        )
    if any("lr_scheduler" in kind for kind in class_names(optimizer)):
        return (
            f"optimizer is a scheduler, {type(optimizer).__name__}; pass it as scheduler=…, and as "
            "optimizer=… what it schedules"
        )
    return ""


def of_names(strangers: Sequence[str], known: Sequence[str]) -> str:
    """Suggest the settings that may have been meant; empty where none is near."""
    near = [close[0] for name in strangers if (close := difflib.get_close_matches(name, known, 1))]
    return f"; did you mean {', '.join(near)}?" if near else ""
