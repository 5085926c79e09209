"""What a script would do to look at a small network with PyTorch: run by the benchmark.

    python small.py RUN

Reads the weights and the data of an exported MLP, replays it forward and backward in batches of 32,
and collects for every unit of every layer what a replay of Defib measures first.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

run = Path(sys.argv[1])
weights = [
    torch.from_numpy(np.load(run / parameter["file"]))
    for parameter in json.loads((run / "run.json").read_text())["graph"]["parameters"]
]
layers: list[nn.Module] = []
for weight, bias in zip(weights[::2], weights[1::2], strict=True):
    linear = nn.Linear(weight.shape[1], weight.shape[0])
    linear.load_state_dict({"weight": weight, "bias": bias})
    layers += [linear, nn.ReLU()]
model = nn.Sequential(*layers[:-1])
x, y = (torch.from_numpy(np.load(run / f"data/{name}.npy")) for name in "xy")

collected: list[object] = []


def forward(_module: nn.Module, _inputs: object, output: torch.Tensor) -> None:
    """Collect the statistics of a layer's output, by unit."""
    value = output.detach()
    collected.append(((value == 0).sum(0), value.mean(0), value.var(0), value.amin(0)))
    output.register_hook(  # type: ignore[no-untyped-call]
        lambda gradient: collected.append((gradient.mean(0), gradient.norm()))
    )


for layer in model:
    layer.register_forward_hook(forward)
for start in range(0, len(x), 32):
    model.zero_grad(set_to_none=True)
    loss = nn.functional.mse_loss(model(x[start : start + 32]), y[start : start + 32])
    loss.backward()  # type: ignore[no-untyped-call]
norms = [each.grad.norm() for each in model.parameters() if each.grad is not None]
print(len(collected), [float(norm) for norm in norms])
