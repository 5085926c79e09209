"""PyTorch: any torch.nn.Module that torch.fx or torch.export can trace."""

from .build import build

__all__ = ["build"]
