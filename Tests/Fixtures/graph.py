import torch

from fixtures import Topic, numbers

topic = Topic("graph")
nodes = 6
sources, targets = torch.tensor([1, 5, 0, 3, 1, 2, 5, 1]), torch.tensor([2, 0, 2, 4, 1, 3, 4, 5])


def adjacency(sources, targets):
    """Row i counts the edges that end in node i, and one from itself."""
    a = torch.eye(nodes)
    for j, i in zip(sources.tolist(), targets.tolist()):
        a[i, j] += 1
    return a


class Convolution(torch.nn.Module):
    """Kipf and Welling 2017: D^(-1/2) (A + I) D^(-1/2) X W."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight, self.bias = torch.nn.Parameter(torch.zeros(outputs, inputs)), torch.nn.Parameter(torch.zeros(outputs))

    def forward(self, x, sources, targets):
        a = adjacency(sources, targets)
        d = torch.diag(a.sum(1) ** -0.5)
        return d @ a @ d @ x @ self.weight.T + self.bias


class Attention(torch.nn.Module):
    """Velickovic et al. 2018; an edge that is there twice counts twice."""

    def __init__(self, inputs, outputs, heads, average):
        super().__init__()
        self.heads, self.outputs, self.average = heads, outputs, average
        self.weight = torch.nn.Parameter(torch.zeros(heads * outputs, inputs))
        self.att_src, self.att_dst = torch.nn.Parameter(torch.zeros(1, heads, outputs)), torch.nn.Parameter(torch.zeros(1, heads, outputs))
        self.bias = torch.nn.Parameter(torch.zeros(outputs if average else heads * outputs))

    def forward(self, x, sources, targets):
        a, h = adjacency(sources, targets), (x @ self.weight.T).reshape(nodes, self.heads, self.outputs)
        heads = []
        for k in range(self.heads):
            scores = torch.nn.functional.leaky_relu((h[:, k] @ self.att_dst[0, k])[:, None] + (h[:, k] @ self.att_src[0, k])[None, :], 0.2)
            heads.append(torch.softmax(scores + torch.log(a), 1) @ h[:, k])
        return (torch.stack(heads).mean(0) if self.average else torch.cat(heads, 1)) + self.bias


graph = {"x": numbers(nodes, 4, seed=1), "sources": sources, "targets": targets}
topic.module("convolution, narrower", Convolution(4, 3), **graph)
topic.module("convolution, wider", Convolution(4, 5), **graph)
topic.module("attention, side by side", Attention(4, 3, 2, False), attributes={"heads": 2, "average": False}, **graph)
topic.module("attention, averaged", Attention(4, 3, 2, True), attributes={"heads": 2, "average": True}, **graph)
topic.save()
