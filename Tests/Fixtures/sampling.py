import torch

from fixtures import Topic, numbers

topic = Topic("sampling")

sequence, picture, volume = numbers(2, 2, 5, seed=1), numbers(2, 2, 4, 5, seed=2), numbers(1, 2, 3, 2, 4, seed=3)


def resize(x, size, mode, corners=None):
    topic.function(f"Resize {list(x.shape[2:])} to {size} {mode}{'' if corners is None else f' corners {corners}'}",
                   lambda x: torch.nn.functional.interpolate(x, size=size, mode=mode, align_corners=corners),
                   attributes={"size": size, "mode": mode, "corners": bool(corners)}, x=x)


for x, mode, sizes in ((sequence, "linear", [[10], [3], [1], [13]]), (picture, "bilinear", [[8, 10], [3, 7], [1, 2]]), (volume, "trilinear", [[6, 4, 8], [2, 5, 3]])):
    for size in sizes:
        resize(x, size, "nearest")
        resize(x, size, mode, False)
        resize(x, size, mode, True)
topic.save()
