import torch
from torch import nn
from torch.nn import functional as F

from fixtures import Topic, numbers

topic = Topic("activation")
x, wide = numbers(3, 7, seed=1, low=-4, high=4), numbers(2, 7, seed=2, low=-8, high=8)
# hardsigmoid stands as its formula: torch 1.13 rounds the slope of its own to single precision.
for name, f in {
    "ReLU": F.relu, "ReLU6": F.relu6, "LeakyReLU": F.leaky_relu, "ELU": F.elu, "SELU": F.selu, "Tanh": torch.tanh, "Sigmoid": torch.sigmoid, "Softplus": F.softplus,
    "GELU": F.gelu, "GELU through tanh": lambda x: F.gelu(x, approximate="tanh"), "SiLU": F.silu, "HardSigmoid": lambda x: torch.clamp(x / 6 + 0.5, 0, 1), "HardSwish": F.hardswish, "Mish": F.mish,
    "Softmax": lambda x: F.softmax(x, -1), "LogSoftmax": lambda x: F.log_softmax(x, -1),
}.items():
    topic.function(name, lambda x, f=f: f(x), x=wide if name in ("ReLU6", "HardSigmoid", "HardSwish", "Mish") else x)
topic.function("steep Sigmoid", lambda x: torch.sigmoid(2.5 * x), x=x)
topic.function("sharp Softplus", lambda x: F.softplus(x, beta=3), x=x)
topic.function("Swish", lambda x: x * torch.sigmoid(1.5 * x), x=x)
topic.function("learnt Swish", lambda x, beta: x * torch.sigmoid(beta * x), x=x, beta=torch.tensor(1.25))
topic.module("PReLU", nn.PReLU(), attributes={"channels": 1}, x=x)
topic.module("PReLU per channel", nn.PReLU(3), attributes={"channels": 3}, x=numbers(2, 3, 4, seed=3))
topic.function("Maxout", lambda x, weight, bias: (x @ weight.T + bias).reshape(*x.shape[:-1], -1, 4).max(-1).values,
               x=x, weight=numbers(12, 7, seed=4, low=-0.5, high=0.5), bias=numbers(12, seed=5))
topic.save()
