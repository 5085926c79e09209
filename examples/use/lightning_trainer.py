"""A module of Lightning, whose training one callback records.

Its learning rate is a thousand times too low.
"""

import lightning.pytorch as pl
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import defib


class Regressor(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1))

    def training_step(self, batch, _):
        x, y = batch
        return nn.functional.mse_loss(self.net(x), y)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.0001)


torch.manual_seed(0)
x = torch.randn(400, 4)
y = torch.sin(2 * x[:, :1]) + x[:, 1:2]
loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)

trainer = pl.Trainer(
    max_epochs=20, accelerator="cpu", logger=False, enable_checkpointing=False,
    enable_progress_bar=False, enable_model_summary=False,
    callbacks=[defib.LightningRecorder("runs/lightning")],
)  # fmt: skip
trainer.fit(Regressor(), loader)

print(defib.check("runs/lightning"))
