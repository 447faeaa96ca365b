import torch
from torch import nn

from fixtures import Topic, numbers

topic = Topic("normalisation")
features, sequences = numbers(5, 7, seed=1), numbers(3, 4, 9, seed=2)
pictures, volumes = numbers(2, 6, 3, 4, seed=3), numbers(2, 3, 2, 3, 2, seed=4)

topic.module("LayerNorm", nn.LayerNorm(7), attributes={"shape": [7]}, x=features)
topic.module("LayerNorm of two dimensions", nn.LayerNorm([4, 9], eps=0.01), attributes={"shape": [4, 9], "epsilon": 0.01}, x=sequences)
topic.module("LayerNorm without weights", nn.LayerNorm(9, elementwise_affine=False), attributes={"shape": [9], "affine": False}, x=sequences)
topic.module("GroupNorm", nn.GroupNorm(3, 6), attributes={"groups": 3, "channels": 6}, x=pictures)
topic.module("GroupNorm of features", nn.GroupNorm(1, 7), attributes={"groups": 1, "channels": 7}, x=features)
topic.module("GroupNorm without weights", nn.GroupNorm(2, 4, affine=False), attributes={"groups": 2, "channels": 4, "affine": False}, x=sequences)
for name, make, channels, x in (("1D", nn.InstanceNorm1d, 4, sequences), ("2D", nn.InstanceNorm2d, 6, pictures), ("3D", nn.InstanceNorm3d, 3, volumes)):
    topic.module("InstanceNorm" + name, make(channels), attributes={"channels": channels}, x=x)
    topic.module(f"InstanceNorm{name} with weights", make(channels, affine=True), attributes={"channels": channels, "affine": True}, x=x)
    tracking = make(channels, affine=True, track_running_stats=True)
    topic.module(f"InstanceNorm{name} in training", tracking, attributes={"channels": channels, "affine": True, "track": True}, x=x)
    topic.module(f"InstanceNorm{name} in evaluation", tracking.eval(), attributes={"channels": channels, "affine": True, "track": True, "eval": True}, x=x)
for dimensions, x in ((1, numbers(6, 3, seed=41)), (1, numbers(4, 3, 5, seed=42)), (2, numbers(2, 3, 4, 5, seed=43)), (3, volumes)):
    batch = getattr(nn, f"BatchNorm{dimensions}d")(3)
    rank = " of features" if x.dim() == 2 else ""
    topic.module(f"BatchNorm{dimensions}D in training{rank}", batch, attributes={"channels": 3}, x=x)
    topic.module(f"BatchNorm{dimensions}D in evaluation{rank}", batch.eval(), attributes={"channels": 3, "eval": True}, x=x)


def rms_norm(x, scale, epsilon=1e-6):
    return scale * x / torch.sqrt((x * x).mean(-1, keepdim=True) + epsilon)


def adaptive_group_norm(x, embedding, weight, bias, groups=2):
    scale, shift = (embedding @ weight.T + bias).chunk(2, dim=1)
    spread = (slice(None), slice(None)) + (None,) * (x.dim() - 2)
    return nn.functional.group_norm(x, groups, eps=1e-5) * (1 + scale[spread]) + shift[spread]


topic.function("RMSNorm", rms_norm, x=sequences, scale=numbers(9, seed=5))
topic.function("AdaptiveGroupNorm", adaptive_group_norm, x=pictures, embedding=numbers(2, 5, seed=6), weight=numbers(12, 5, seed=7, low=-0.5, high=0.5), bias=numbers(12, seed=8))
topic.save()
