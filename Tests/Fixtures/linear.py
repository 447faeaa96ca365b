import torch

from fixtures import Topic, numbers

topic = Topic("linear")
topic.module("with bias", torch.nn.Linear(3, 4), x=numbers(5, 3, seed=1))
topic.module("without bias", torch.nn.Linear(7, 2, bias=False), attributes={"bias": False}, x=numbers(2, 3, 7, seed=2))
topic.save()
