"""Convolutions of one to three axes: strides, dilations, groups, borders; and transposed ones."""

import torch

from fixtures import Topic, numbers

topic = Topic("convolution")
LAYERS = [torch.nn.Conv1d, torch.nn.Conv2d, torch.nn.Conv3d]
TRANSPOSED = [torch.nn.ConvTranspose1d, torch.nn.ConvTranspose2d, torch.nn.ConvTranspose3d]
SIZES = [(9,), (5, 6), (3, 4, 4)]
IMAGES = [2, 2, 1]


def lists(axes, *values):
    """Each value as a list of `axes` numbers, the last ones of those given."""
    return [list(v[-axes:]) if isinstance(v, tuple) else [v] * axes for v in values]


def convolution(axes, name, inputs, outputs, size, stride=1, padding=0, dilation=1, groups=1, bias=True, mode="zeros", extent=None):
    size, stride, padding, dilation = lists(axes, size, stride, padding, dilation)
    layer = LAYERS[axes - 1](inputs, outputs, size, stride, padding, dilation, groups, bias, mode)
    attributes = dict(inputs=inputs, outputs=outputs, size=size, stride=stride, padding=padding, dilation=dilation, groups=groups, bias=bias, mode=mode)
    topic.module(f"Conv{axes}D, {name}", layer, attributes=attributes, x=numbers(IMAGES[axes - 1], inputs, *(extent or SIZES[axes - 1]), seed=axes))


def constant_border(axes, value):
    size, padding = lists(axes, 3, (2, 1, 1))
    layer = LAYERS[axes - 1](2, 2, size)
    border = [n for p in reversed(padding) for n in (p, p)]
    attributes = dict(inputs=2, outputs=2, size=size, stride=[1] * axes, padding=padding, dilation=[1] * axes, groups=1, bias=True, mode="constant", value=value)
    topic.module(f"Conv{axes}D, constant border", layer, run=lambda m, x: m(torch.nn.functional.pad(x, border, value=value)), attributes=attributes,
        x=numbers(IMAGES[axes - 1], 2, *SIZES[axes - 1], seed=axes))


def same(axes, mode):
    size, dilation = lists(axes, (3, 2, 4), (1, 2, 1))
    layer = LAYERS[axes - 1](2, 3, size, padding="same", dilation=dilation, padding_mode=mode)
    attributes = dict(inputs=2, outputs=3, size=size, stride=[1] * axes, dilation=dilation, groups=1, bias=True, mode=mode, same=True)
    topic.module(f"Conv{axes}D, same size, {mode}", layer, attributes=attributes, x=numbers(1, 2, *SIZES[axes - 1], seed=axes))


def transposed(axes, name, inputs, outputs, size, stride=1, padding=0, output_padding=0, groups=1, bias=True, dilation=1):
    size, stride, padding, output_padding, dilation = lists(axes, size, stride, padding, output_padding, dilation)
    layer = TRANSPOSED[axes - 1](inputs, outputs, size, stride, padding, output_padding, groups, bias, dilation)
    attributes = dict(inputs=inputs, outputs=outputs, size=size, stride=stride, padding=padding, outputPadding=output_padding, dilation=dilation, groups=groups, bias=bias)
    extent = [(5,), (3, 2), (2, 2, 2)][axes - 1]
    topic.module(f"ConvTranspose{axes}D, {name}", layer, attributes=attributes, x=numbers(IMAGES[axes - 1], inputs, *extent, seed=axes))


for axes in (1, 2, 3):
    convolution(axes, "plain", 2, 3, (2, 3, 2))
    convolution(axes, "strides", 2, 3, (2, 3, 3), stride=(1, 2, 3), padding=(1, 0, 1))
    convolution(axes, "dilation", 2, 2, (2, 2, 3), stride=(1, 1, 2), padding=(1, 2, 2), dilation=(2, 3, 2))
    convolution(axes, "groups", 4, 6, 2, groups=2, bias=False)
    convolution(axes, "depthwise", 3, 3, (2, 3, 3), padding=1, groups=3)
    convolution(axes, "depthwise, two filters a channel", 2, 4, 3, stride=(1, 2, 1), padding=1, groups=2)
    convolution(axes, "pointwise", 3, 4, 1)
    for mode in ("reflect", "replicate"):
        convolution(axes, mode, 2, 2, (2, 3, 2), stride=(1, 1, 2), padding=(1, 2, 1), mode=mode)
    constant_border(axes, 0.75)
    for mode in ("zeros", "reflect", "replicate"):
        same(axes, mode)
    transposed(axes, "plain", 2, 3, (2, 3, 2))
    transposed(axes, "strides", 3, 2, (2, 3, 3), stride=(1, 2, 3), padding=(0, 1, 1), output_padding=(0, 1, 2))
    transposed(axes, "dilation", 2, 2, (2, 2, 3), stride=(1, 1, 2), padding=1, dilation=(2, 3, 2))
    transposed(axes, "groups", 4, 6, 2, stride=2, output_padding=1, groups=2, bias=False)
    transposed(axes, "depthwise", 3, 3, (2, 3, 3), stride=(1, 2, 2), padding=1, output_padding=(0, 1, 1), groups=3)
topic.save()
