import torch
from torch import nn

from fixtures import Topic, numbers

topic = Topic("pooling")

sequence, picture, volume = numbers(2, 3, 11, seed=1), numbers(2, 2, 9, 7, seed=2), numbers(1, 2, 5, 6, 7, seed=3)


def window(size, stride=None, padding=0, dilation=1, ceil=False):
    return {"size": size, "stride": stride or size, "padding": padding, "dilation": dilation, "ceil": ceil}


def pool(kind, dimensions, x, *, counts=True, **w):
    w = window(**w)
    layer = getattr(nn, f"{kind}Pool{dimensions}d")
    options = {"dilation": tuple(w["dilation"])} if kind == "Max" else {"count_include_pad": counts}
    layer = layer(tuple(w["size"]), tuple(w["stride"]), tuple(w["padding"]), ceil_mode=w["ceil"], **options)
    name = f"{kind}Pool{dimensions}D {' '.join(f'{k} {v}' for k, v in w.items())}{'' if counts else ' border not counted'}"
    topic.function(name, lambda x: layer(x), attributes={**w, "counts": counts}, x=x)


pool("Max", 1, sequence, size=[3], stride=[2], padding=[1], dilation=[1])
pool("Max", 1, sequence, size=[2], padding=[1], dilation=[3], ceil=True)
pool("Max", 2, picture, size=[2, 2], padding=[0, 0], dilation=[1, 1])
pool("Max", 2, picture, size=[3, 2], stride=[2, 1], padding=[1, 0], dilation=[1, 2], ceil=True)
pool("Max", 3, volume, size=[2, 2, 2], padding=[0, 0, 0], dilation=[1, 1, 1])
pool("Max", 3, volume, size=[3, 2, 3], stride=[2, 1, 2], padding=[1, 0, 1], dilation=[1, 2, 1], ceil=True)
for counts in (True, False):
    pool("Avg", 1, sequence, size=[3], stride=[2], padding=[1], dilation=[1], counts=counts)
    pool("Avg", 2, picture, size=[3, 2], stride=[2, 1], padding=[1, 0], dilation=[1, 1], ceil=True, counts=counts)
    pool("Avg", 3, volume, size=[3, 2, 3], stride=[2, 1, 2], padding=[1, 0, 1], dilation=[1, 1, 1], ceil=True, counts=counts)

for kind in ("Avg", "Max"):
    for dimensions, x, sizes in ((1, sequence, [[4], [1], [11], [13]]), (2, picture, [[4, 3], [9, 1]]), (3, volume, [[2, 3, 4], [5, 1, 6]])):
        for size in sizes:
            layer = getattr(nn, f"Adaptive{kind}Pool{dimensions}d")(tuple(size))
            topic.function(f"Adaptive{kind}Pool{dimensions}D {size}", lambda x: layer(x), attributes={"size": size}, x=x)

for dimensions, x in ((1, sequence), (2, picture), (3, volume)):
    axes = list(range(2, 2 + dimensions))
    topic.function(f"GlobalAveragePool{dimensions}D", lambda x: x.mean(axes), x=x)
    topic.function(f"GlobalMaxPool{dimensions}D", lambda x: x.amax(axes), x=x)

for dimensions, x in ((1, sequence), (2, picture), (3, volume)):
    size, stride, padding = [3] * dimensions, [2] * dimensions, [1] * dimensions
    layer = getattr(nn, f"MaxPool{dimensions}d")(3, 2, 1, return_indices=True)
    topic.function(f"MaxPool{dimensions}DWithIndices", lambda x: layer(x), attributes=window(size, stride, padding, [1] * dimensions), x=x)
    values, indices = getattr(nn, f"MaxPool{dimensions}d")(2, return_indices=True)(x)
    unpool = getattr(nn, f"MaxUnpool{dimensions}d")(2)
    topic.function(f"MaxUnpool{dimensions}D", lambda values, indices: unpool(values, indices, output_size=x.shape), attributes={"size": list(x.shape[2:])}, values=values, indices=indices)

# The draws are odd multiples of 1/65536 and no window begins where the formula's rounding could matter.
draws = (torch.randint(65536, (2, 2, 2), generator=torch.Generator().manual_seed(4)) | 1)
for size, output in (([2, 2], [6, 5]), ([3, 2], [4, 3]), ([2, 3], [5, 1])):
    # torch keeps the samples as (width, height); here they are (height, width).
    samples = (draws.double() / 65536).flip(-1)
    topic.function(f"FractionalMaxPool2D {size} {output}", lambda x, draws: nn.functional.fractional_max_pool2d(x, size, output_size=output, _random_samples=samples),
                   attributes={"size": size, "output": output}, x=picture, draws=draws)
topic.save()
