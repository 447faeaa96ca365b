import torch
from torch import nn
from torch.nn import functional as F

from fixtures import Topic, integers, numbers

topic = Topic("embedding")
topic.module("plain", nn.Embedding(6, 5), x=integers(3, 4, seed=1, below=6))
weight = numbers(6, 5, seed=2)
weight[2] = 0
topic.function("padding", lambda index, weight: F.embedding(index, weight, padding_idx=2), index=integers(3, 4, seed=3, below=6), weight=weight)


def limited(index, weight, limit=2.0):
    rows = weight[index]
    return rows * (limit / rows.norm(dim=-1, keepdim=True).clamp(min=limit))


topic.function("limited norm", limited, index=integers(7, seed=4, below=6), weight=numbers(6, 5, seed=5))
topic.save()
