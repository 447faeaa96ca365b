import math

import numpy
import torch

from fixtures import Topic, integers, numbers

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

for label, size, options in (("3x3", [3, 3], {"padding": [1, 1]}), ("strides", [2, 3], {"stride": [2, 1], "padding": [0, 1], "dilation": [1, 2]})):
    w = {"size": size, "stride": [1, 1], "padding": [0, 0], "dilation": [1, 1], **options}
    x = numbers(2, 2, 4, 5, seed=4)
    arguments = {("kernel_size" if k == "size" else k): tuple(v) for k, v in w.items()}
    topic.function(f"Unfold {label}", lambda x: torch.nn.functional.unfold(x, **arguments), attributes=w, x=x)
    columns = torch.nn.functional.unfold(x, **arguments)
    topic.function(f"Fold {label}", lambda x: torch.nn.functional.fold(x, (4, 5), **arguments), attributes={**w, "output": [4, 5]}, x=numbers(*columns.shape, seed=5))

for corners in (False, True):
    for size in ([3, 4], [1, 5]):
        topic.function(f"AffineGrid {size} corners {corners}", lambda x: torch.nn.functional.affine_grid(x, (2, 1, *size), align_corners=corners),
                       attributes={"size": size, "corners": corners}, x=numbers(2, 2, 3, seed=6))
    for border in ("zeros", "border", "reflection"):
        for mode in ("bilinear", "nearest"):
            x, grid = numbers(2, 2, 4, 5, seed=7), numbers(2, 3, 4, 2, seed=8, low=-2.3, high=2.1)
            topic.function(f"GridSample {mode} {border} corners {corners}", lambda x, grid: torch.nn.functional.grid_sample(x, grid, mode, border, corners),
                           attributes={"mode": mode, "border": border, "corners": corners}, x=x, grid=grid)


# What torch does not have by itself is written out from the papers' formulas, sample by sample.
def align(x, boxes, size, scale, samples, aligned):
    """RoIAlign (He et al. 2017)."""
    n, c, h, w = x.shape
    y = []
    for image, *corners in boxes.tolist():
        left, top, right, bottom = (v * scale - (0.5 if aligned else 0) for v in corners)
        across, down = right - left, bottom - top
        if not aligned:
            across, down = max(across, 1), max(down, 1)
        nv, nh = samples or math.ceil(down / size[0]), samples or math.ceil(across / size[1])
        for i in range(size[0]):
            for j in range(size[1]):
                total = x.new_zeros(c)
                for a in range(nv):
                    for b in range(nh):
                        v, u = top + (i + (a + 0.5) / nv) * down / size[0], left + (j + (b + 0.5) / nh) * across / size[1]
                        if v < -1 or v > h or u < -1 or u > w:
                            continue
                        v, u = min(max(v, 0), h - 1), min(max(u, 0), w - 1)
                        v0, u0 = int(v), int(u)
                        v1, u1 = min(v0 + 1, h - 1), min(u0 + 1, w - 1)
                        p, q = v - v0, u - u0
                        total = total + (1 - p) * ((1 - q) * x[int(image), :, v0, u0] + q * x[int(image), :, v0, u1]) + p * ((1 - q) * x[int(image), :, v1, u0] + q * x[int(image), :, v1, u1])
                y.append(total / max(nv * nh, 1))
    return torch.stack(y).reshape(len(boxes), *size, c).permute(0, 3, 1, 2)


def pool(x, boxes, size, scale):
    """RoI pooling (Girshick 2015): coordinates rounded, both ends included."""
    n, c, h, w = x.shape
    y = []
    for image, *corners in boxes.tolist():
        left, top, right, bottom = (math.floor(v * scale + 0.5) for v in corners)
        across, down = max(right - left + 1, 1), max(bottom - top + 1, 1)
        for i in range(size[0]):
            rows = range(max(top + i * down // size[0], 0), min(top - (-(i + 1) * down // size[0]), h))
            for j in range(size[1]):
                columns = range(max(left + j * across // size[1], 0), min(left - (-(j + 1) * across // size[1]), w))
                inside = [x[int(image), :, a, b] for a in rows for b in columns]
                y.append(torch.stack(inside).max(0).values if inside else x.new_zeros(c))
    return torch.stack(y).reshape(len(boxes), *size, c).permute(0, 3, 1, 2)


def suppress(boxes, scores, threshold, classes):
    """Greedy non-maximum suppression, written with sets."""
    left = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
    stay = []
    while left:
        best, *left = left
        stay.append(best)
        left = [i for i in left if classes[i] != classes[best] or overlap(boxes[i], boxes[best]) <= threshold]
    return stay


def overlap(a, b):
    both = max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


picture = numbers(2, 2, 6, 7, seed=9)
boxes = torch.tensor([[0, 1.25, 0.5, 9.0, 7.75], [1, -3.0, 2.25, 5.25, 14.0], [0, 4.0, 4.0, 4.5, 4.25], [1, 6.625, 5.125, 30.0, 6.25], [1, 0, 0, 14.0, 12.0]])
for samples in (0, 2):
    for aligned in (True, False):
        topic.function(f"RoiAlign {samples} samples aligned {aligned}", lambda x, boxes: align(x, boxes, [2, 3], 0.5, samples, aligned), constants=("boxes",),
                       attributes={"size": [2, 3], "scale": 0.5, "samples": samples, "aligned": aligned}, x=picture, boxes=boxes)
for size in ([2, 3], [5, 4]):
    topic.function(f"RoiPool {size}", lambda x, boxes: pool(x, boxes, size, 0.5), constants=("boxes",), attributes={"size": size, "scale": 0.5}, x=picture, boxes=boxes)

corners = numbers(40, 2, seed=10, low=0, high=8)
many = torch.cat([corners, corners + numbers(40, 2, seed=11, low=1, high=5)], 1)
scores, classes = torch.round(numbers(40, seed=12, low=0, high=1) * 8) / 8, integers(40, seed=13, below=3)
for threshold in (0.125, 0.5):
    for kind in (torch.zeros(40, dtype=torch.int64), classes):
        stay = suppress(many.tolist(), scores.tolist(), threshold, kind.tolist())
        topic.case(f"Suppression {threshold}{' of classes' if kind is classes else ''}", attributes={"threshold": threshold},
                   inputs={"boxes": many, "scores": scores, "classes": kind}, outputs={"y0": torch.tensor(stay)})
topic.case("Overlaps", inputs={"a": many[:3], "b": many[:7]}, outputs={"y0": torch.tensor(numpy.array([[overlap(a, b) for b in many[:7].tolist()] for a in many[:3].tolist()]))})
topic.save()
