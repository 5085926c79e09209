"""Networks for tables: TabNet."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import torch
from torch import nn

from .subject import Subject, Trial


def subjects() -> Iterator[Subject]:
    """Return the networks of pytorch-tabnet."""
    yield Subject("pytorch-tabnet", "TabNetNoEmbeddings", _tabnet)
    yield Subject("pytorch-tabnet", "TabNet with embeddings", _embedded)


def _tabnet() -> Trial:
    network = importlib.import_module("pytorch_tabnet.tab_network")
    model = network.TabNetNoEmbeddings(8, 3, group_attention_matrix=torch.eye(8))
    return Trial(model, torch.randn(32, 8), torch.randint(0, 3, (32,)), nn.CrossEntropyLoss())


def _embedded() -> Trial:
    network = importlib.import_module("pytorch_tabnet.tab_network")
    model = network.TabNet(
        5, 1, cat_idxs=[0], cat_dims=[4], cat_emb_dim=[2], group_attention_matrix=torch.eye(5)
    )
    x = torch.cat([torch.randint(0, 4, (32, 1)).float(), torch.randn(32, 4)], 1)
    return Trial(model, x, torch.randn(32, 1), nn.MSELoss())
