"""Networks whose weights PyTorch does not know of, or whose forward pass cuts the gradient."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from .networks import Encoder, Lstm, Tensor, dense, images

# Each builder takes `faulty`, so that both variants draw the same weights.


class ListedMlp(nn.Module):
    """Hidden layers in a list, one per depth."""

    def __init__(self, faulty: bool, inputs: int, width: int, outputs: int, depth: int = 3) -> None:
        super().__init__()
        layers = [nn.Linear(width if i else inputs, width) for i in range(depth)]
        self.layers: Any = layers if faulty else nn.ModuleList(layers)
        self.head = nn.Linear(width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, inputs) to (n, outputs)."""
        for layer in self.layers:
            x = torch.tanh(layer(x))
        out: Tensor = self.head(x)
        return out


class ListedBlocks(nn.Module):
    """A small transformer whose layers stand in a list of dicts."""

    def __init__(self, faulty: bool) -> None:
        super().__init__()
        blocks = [
            nn.ModuleDict({name: nn.Linear(16, 16) for name in ("q", "k", "v", "out")})
            for _ in range(2)
        ]
        blocks.append(nn.ModuleDict({"enter": nn.Linear(1, 16), "wide": nn.Linear(16, 16)}))
        self.place = nn.Parameter(0.3 * torch.randn(1, 12, 16))
        self.blocks: Any = blocks if faulty else nn.ModuleList(blocks)
        self.norm, self.head = nn.LayerNorm(16), nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, 12, 1) to (n, 3)."""
        x = self.blocks[2]["enter"](x) + self.place
        for block in (self.blocks[0], self.blocks[1]):
            scores = block["q"](x) @ block["k"](x).transpose(1, 2) / 4
            mixed = torch.softmax(scores, -1) @ block["v"](x)
            x = x + torch.relu(block["out"](x + mixed))
        out: Tensor = self.head(self.norm(self.blocks[2]["wide"](x).mean(1)))
        return out


class HeadsInDict(nn.Module):
    """Convolutions whose dense layers stand in a plain dict."""

    def __init__(self, faulty: bool) -> None:
        super().__init__()
        parts = {"hidden": nn.Linear(256, 12), "last": nn.Linear(12, 10)}
        self.features = images()
        self.parts: Any = parts if faulty else nn.ModuleDict(parts)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, 1, 8, 8) to (n, 10)."""
        x = torch.relu(self.parts["hidden"](self.features(x)))
        out: Tensor = self.parts["last"](x)
        return out


class OwnWeights(nn.Module):
    """Weights as attributes that require a gradient, as in a lesson on autograd."""

    def __init__(self, faulty: bool, inputs: int, width: int, outputs: int) -> None:
        super().__init__()

        def weight(rows: int, columns: int) -> Any:
            value = torch.randn(rows, columns) / rows**0.5
            return value.requires_grad_() if faulty else nn.Parameter(value)

        self.w1, self.w2 = weight(inputs, width), weight(width, width)
        self.head = nn.Linear(width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, inputs) to (n, outputs)."""
        out: Tensor = self.head(torch.relu(torch.relu(x @ self.w1) @ self.w2))
        return out


class OwnGates(nn.Module):
    """A recurrent cell by hand whose weights are plain tensors."""

    def __init__(self, faulty: bool, outputs: int, width: int = 12) -> None:
        super().__init__()

        def weight(rows: int, scale: float) -> Any:
            value = scale * torch.randn(rows, width)
            return value.requires_grad_() if faulty else nn.Parameter(value)

        self.u, self.w = weight(1, 1.0), weight(width, width**-0.5)
        self.width, self.head = width, nn.Linear(width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, 10, 1) to (n, outputs)."""
        h = torch.tanh(x[:, 0] @ self.u)
        for step in range(1, 10):
            h = torch.tanh(x[:, step] @ self.u + h @ self.w)
        out: Tensor = self.head(h)
        return out


class Cut(nn.Module):
    """A trunk and a head with something between them that cuts the gradient."""

    def __init__(self, faulty: bool, how: str, trunk: nn.Module, width: int, outputs: int) -> None:
        super().__init__()
        self.how = how if faulty else ""
        self.trunk, self.hidden = trunk, nn.Linear(width, width)
        self.head = nn.Linear(width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Map samples to outputs."""
        if self.how == "no_grad":
            with torch.no_grad():
                x = self.trunk(x)
        elif self.how == "detach":
            x = self.trunk(x).detach()
        elif self.how == "data":
            x = self.trunk(x).data
        elif self.how == "hidden":
            return self._head(torch.relu(self.hidden(self.trunk(x))).detach())
        else:
            x = self.trunk(x)
        return self._head(torch.relu(self.hidden(x)))

    def _head(self, x: Tensor) -> Tensor:
        out: Tensor = self.head(x)
        return out


def cut(faulty: bool, how: str, network: str) -> nn.Module:
    """Return a network of that name with a cut."""
    trunks: dict[str, tuple[Any, int, int]] = {
        "spirals": (lambda: dense(2, 24), 24, 3),
        "table": (lambda: dense(6, 24), 24, 1),
        "waves": (lambda: Lstm(1, 16), 16, 3),
        "waves-transformer": (lambda: Encoder(nn.Linear(1, 16), 12), 16, 3),
        "digits": (images, 256, 10),
    }
    make, width, outputs = trunks[network]
    return Cut(faulty, how, make(), width, outputs)
