"""A loop in PyTorch, in which three lines of Defib find out why the loss does not move.

The year of construction goes in as it is, near 2000 among features of a few units.
"""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import defib

torch.manual_seed(0)
houses = 400
rooms = torch.randint(1, 9, (houses, 1)).float()
area = torch.rand(houses, 1) * 2 + 0.5  # in hundreds of square metres
built = torch.randint(1900, 2024, (houses, 1)).float()
x = torch.cat([rooms, area, built], dim=1)
y = 0.3 + 1.5 * area + 0.1 * rooms + 0.005 * (built - 1900)

model = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
criterion = nn.MSELoss()
loader = DataLoader(TensorDataset(x, y), batch_size=32, shuffle=True)

recorder = defib.Recorder("runs/pytorch", model, loss=criterion, optimizer=optimizer)
for _ in range(20):
    for xb, yb in loader:
        loss = criterion(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        recorder.step(loss)
recorder.finish(loader)

print(defib.check("runs/pytorch"))
