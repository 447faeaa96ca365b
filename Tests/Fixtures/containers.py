import torch
from torch import nn

from fixtures import Topic, numbers

topic = Topic("containers")
x, picture = numbers(3, 5, seed=1), numbers(2, 3, 5, 4, seed=2)


class Residual(nn.Module):
    def __init__(self, body, projection=None):
        super().__init__()
        self.body, self.projection = body, projection

    def forward(self, x):
        return self.body(x) + (x if self.projection is None else self.projection(x))


class Branches(nn.ModuleList):
    def __init__(self, join, *branches):
        super().__init__(branches)
        self.join = join

    def forward(self, x):
        return self.join([branch(x) for branch in self])


class DenseConcat(nn.Module):
    def __init__(self, body, axis=1):
        super().__init__()
        self.body, self.axis = body, axis

    def forward(self, x):
        return torch.cat([x, self.body(x)], self.axis)


topic.module("residual", Residual(nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 5))), x=x)
topic.module("residual with projection", Residual(nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.Conv2d(3, 4, 1, stride=2, bias=False)), x=picture)
topic.module("branches side by side", Branches(lambda y: torch.cat(y, 1), nn.Conv2d(3, 2, 1), nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(3, 1, 5, padding=2)), x=picture)
topic.module("branches along the last dimension", Branches(lambda y: torch.cat(y, -1), nn.Linear(4, 2), nn.Linear(4, 3)), x=picture)
topic.module("branches added up", Branches(sum, nn.Linear(5, 2), nn.Linear(5, 2, bias=False)), x=x)
topic.module("branches averaged", Branches(lambda y: torch.stack(y).mean(0), nn.Linear(5, 2), nn.Sequential(nn.Linear(5, 2), nn.Tanh()), nn.Linear(5, 2)), x=x)
topic.module("dense", nn.Sequential(DenseConcat(nn.Conv2d(3, 2, 3, padding=1)), DenseConcat(nn.Conv2d(5, 2, 3, padding=1))), x=picture)
topic.module("dense along the last dimension", DenseConcat(nn.Linear(4, 2), -1), x=picture)
topic.save()
