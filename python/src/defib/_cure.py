"""What would cure a run: the changes, what they were proved with, and the weights they lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ._errors import DefibError
from ._json import decoded
from ._text import printable


@dataclass(frozen=True)
class Change:
    """One change of a cure."""

    text: str
    #: The change as lines of code, in the terms of the run's framework.
    code: str
    #: The rule whose finding asked for it; None: any training is tried with it.
    rule: str | None
    #: Scores without it and with all others; empty where there is nothing to leave out.
    without: tuple[float, ...]

    def __str__(self) -> str:
        return printable(self.text)


@dataclass(frozen=True, eq=False)
class Cure:
    """What brought the network back when its training was tried with changes."""

    #: "cured", "helped" (much is left), "none" (nothing does better) or "not-tried".
    outcome: str
    text: str
    #: What a score is: "R²" or "balanced accuracy".
    score: str
    #: The score of the weights after the training; None without a training.
    before: float | None
    #: Scores of the same training done again.
    as_set: tuple[float, ...]
    #: Scores with the changes, one for each order of the rows and draw of weights.
    after: tuple[float, ...]
    #: The changes, what is worth the most first.
    changes: tuple[Change, ...]
    #: "as set, again" and "with the cure" -> updates made, and the score after them.
    courses: Mapping[str, tuple[tuple[int, ...], tuple[float, ...]]]
    #: What else was tried, alone -> its scores, the best first.
    tried: Mapping[str, tuple[float, ...]]
    #: What was not tried -> why.
    not_tried: Mapping[str, str]
    #: The loss over all rows with `weights()`, as the network is used: no dropout, and
    #: normalizations by their running statistics. None without weights.
    loss: float | None
    #: Lines that data must go through before it fits `weights()`; most often none.
    additions: tuple[str, ...]
    _weights: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict, repr=False)

    @classmethod
    def read(
        cls, content: Mapping[str, Any] | None, weights: Mapping[str, npt.NDArray[Any]]
    ) -> Cure | None:
        """Read the cure of a report's JSON; None: it has none."""
        if content is None:
            return None
        return cls(
            outcome=str(content["outcome"]),
            text=str(content["text"]),
            score=str(content["score"]),
            before=decoded(content.get("before")),
            as_set=tuple(map(float, content["as_set"])),
            after=tuple(map(float, content["after"])),
            changes=tuple(
                Change(e["text"], e["code"], e.get("rule"), tuple(map(float, e["without"])))
                for e in content["changes"]
            ),
            courses={
                e["name"]: (tuple(map(int, e["updates"])), tuple(map(float, e["scores"])))
                for e in content.get("courses", ())
            },
            tried={e["text"]: tuple(map(float, e["scores"])) for e in content["tried"]},
            not_tried={e["what"]: e["reason"] for e in content["not_tried"]},
            loss=decoded(content.get("loss")),
            additions=tuple(content["additions"]),
            _weights=weights,
        )

    def __str__(self) -> str:
        lines = [self.text, *(c.code for c in self.changes), *self.additions]
        return "\n".join(map(printable, lines))

    def weights(self) -> dict[str, npt.NDArray[Any]]:
        """Return the weights that one of the trainings ended with: parameter -> array.

        The names are the user's own: keys of a state dict for PyTorch, ends of the paths of
        variables for Keras, attributes for scikit-learn. The changes that touch the network's code
        must be made first.

        Raises:
            DefibError: nothing that was tried helps, or the report was read from a file.
        """
        if not self._weights:
            raise DefibError(
                "there are no revived weights: nothing that was tried helps"
                if self.loss is None
                else "a report that was kept has no weights; expected one that check() returned"
            )
        return {name: np.array(array) for name, array in self._weights.items()}

    def load(self, model: Any) -> None:
        """Put the weights into a model of PyTorch or Keras, as the changes have made it.

        Raises:
            DefibError: there are none, or a weight has no place in the model.
        """
        weights = self.weights()
        if hasattr(model, "load_state_dict"):
            unknown = model.load_state_dict(self.state_dict(), strict=False).unexpected_keys
        else:
            unknown = []
            for name, array in weights.items():
                paths = {str(v.path): v for v in model.weights}
                found = [v for p, v in paths.items() if p == name or p.endswith(f"/{name}")]
                if len(found) == 1:
                    found[0].assign(array)
                else:
                    unknown.append(name)
        if unknown:
            raise DefibError(f"the model has no place for {', '.join(unknown)}")

    def state_dict(self) -> dict[str, Any]:
        """Return the same as a state dict of PyTorch: `model.load_state_dict(..., strict=False)`.

        Raises:
            DefibError: as `weights` does.
        """
        import torch

        return {name: torch.from_numpy(array) for name, array in self.weights().items()}
