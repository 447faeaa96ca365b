import torch

from fixtures import Topic, numbers

topic = Topic("attention")
x, memory = numbers(2, 4, 6, seed=1), numbers(2, 3, 6, seed=2)
real = torch.tensor([[True, True, True, False], [True, True, True, True]])
shown = torch.tensor([[True, False, True, True], [True, True, False, True], [False, True, True, True], [True, True, True, True]])


def attend(module, query, key, value, **masks):
    return module(query, key, value, need_weights=False, **masks)[0]


topic.module("attention to itself", torch.nn.MultiheadAttention(6, 2, batch_first=True), run=lambda m, x: attend(m, x, x, x), attributes={"heads": 2}, x=x)
topic.module("attention, causal", torch.nn.MultiheadAttention(6, 3, bias=False, batch_first=True), attributes={"heads": 3, "bias": False, "causal": True},
             run=lambda m, x: attend(m, x, x, x, attn_mask=torch.ones(4, 4).triu(1).bool()), x=x)
topic.module("attention, masks", torch.nn.MultiheadAttention(6, 2, batch_first=True), attributes={"heads": 2}, x=x, key_mask=real, mask=shown,
             run=lambda m, x, key_mask, mask: attend(m, x, x, x, key_padding_mask=~key_mask, attn_mask=~mask))
topic.module("attention to others", torch.nn.MultiheadAttention(6, 2, kdim=4, vdim=5, batch_first=True), attributes={"heads": 2, "keys": 4, "values": 5},
             run=attend, query=x, key=numbers(2, 3, 4, seed=3), value=numbers(2, 3, 5, seed=4))
for norm_first in (False, True):
    for activation in ("relu", "gelu"):
        options = {"dim_feedforward": 5, "dropout": 0.0, "activation": activation, "norm_first": norm_first, "batch_first": True}
        attributes = {"heads": 2, "hidden": 5, "activation": activation, "norm_first": norm_first}
        name = f"{activation}, {'norm first' if norm_first else 'norm last'}"
        topic.module(f"encoder, {name}", torch.nn.TransformerEncoderLayer(6, 2, **options), run=lambda m, x, key_mask: m(x, src_key_padding_mask=~key_mask),
                     attributes=attributes, x=x, key_mask=real)
        topic.module(f"decoder, {name}", torch.nn.TransformerDecoderLayer(6, 2, **options), run=lambda m, x, memory: m(x, memory, tgt_mask=torch.ones(4, 4).triu(1).bool()),
                     attributes=attributes, x=x, memory=memory)


def waves(x):
    length, features = x.shape[-2:]
    p = torch.zeros(length, features)
    for t in range(length):
        for i in range(features):
            angle = torch.tensor(t / 10000 ** (i // 2 * 2 / features))
            p[t, i] = angle.cos() if i % 2 else angle.sin()
    return x + p


class Learnt(torch.nn.Module):
    def __init__(self, length, features):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(length, features))

    def forward(self, x):
        return x + self.weight[:x.shape[-2]]


topic.function("sinusoidal positions, even", waves, attributes={"features": 6}, x=x)
topic.function("sinusoidal positions, odd", waves, attributes={"features": 5}, x=numbers(2, 9, 5, seed=5))
topic.function("sinusoidal positions of one sequence", waves, attributes={"features": 4}, x=numbers(20, 4, seed=6))
topic.module("learnt positions, all", Learnt(4, 6), attributes={"length": 4}, x=x)
topic.module("learnt positions, the first", Learnt(7, 6), attributes={"length": 7}, x=x)
options = {"dim_feedforward": 5, "dropout": 0.0, "norm_first": True, "batch_first": True}
topic.module("stacked encoders", torch.nn.TransformerEncoder(torch.nn.TransformerEncoderLayer(6, 2, **options), 2, torch.nn.LayerNorm(6)), x=x)
topic.module("stacked decoders", torch.nn.TransformerDecoder(torch.nn.TransformerDecoderLayer(6, 2, **options), 2, torch.nn.LayerNorm(6)), x=x, memory=memory,
             run=lambda m, x, memory: m(x, memory, tgt_mask=torch.ones(4, 4).triu(1).bool()))
topic.save()
