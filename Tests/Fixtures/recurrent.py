import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from fixtures import Topic, numbers

topic = Topic("recurrent")
STEPS, ROWS, INPUTS, HIDDEN = 4, 3, 3, 4


def run(batch_first, lengths, with_state):
    """On whole sequences, or on packed ones of these lengths; results: outputs, last states."""

    def forward(module, x, **states):
        state = None
        if with_state:
            state = tuple(states.values()) if len(states) > 1 else states["h"]
        if lengths is None:
            return module(x, state)
        packed = pack_padded_sequence(x, torch.tensor(lengths), batch_first=batch_first, enforce_sorted=False)
        output, last = module(packed, state)
        return pad_packed_sequence(output, batch_first=batch_first, total_length=x.shape[1 if batch_first else 0])[0], last

    return forward


def sequences(name, kind, layers=1, bidirectional=False, batch_first=False, bias=True, lengths=None, with_state=True, **more):
    module = kind(INPUTS, HIDDEN, num_layers=layers, bidirectional=bidirectional, batch_first=batch_first, bias=bias, **more)
    count = layers * (2 if bidirectional else 1)
    inputs = {"x": numbers(ROWS, STEPS, INPUTS, seed=1) if batch_first else numbers(STEPS, ROWS, INPUTS, seed=1)}
    if with_state:
        inputs["h"] = numbers(count, ROWS, HIDDEN, seed=2, low=-1, high=1)
        if kind is torch.nn.LSTM:
            inputs["c"] = numbers(count, ROWS, HIDDEN, seed=3)
    attributes = {"kind": kind.__name__, "layers": layers, "bidirectional": bidirectional, "batchFirst": batch_first, "bias": bias, "relu": more.get("nonlinearity") == "relu"}
    if lengths is not None:
        attributes["lengths"] = lengths
    topic.module(f"{kind.__name__}, {name}", module, run=run(batch_first, lengths, with_state), attributes=attributes, **inputs)


def cell(name, kind, **more):
    module = kind(INPUTS, HIDDEN, **more)
    inputs = {"x": numbers(ROWS, INPUTS, seed=1), "h": numbers(ROWS, HIDDEN, seed=2, low=-1, high=1)}
    if kind is torch.nn.LSTMCell:
        inputs["c"] = numbers(ROWS, HIDDEN, seed=3)

    def forward(m, x, h, c=None):
        return m(x, h if c is None else (h, c))

    attributes = {"kind": kind.__name__, "bias": more.get("bias", True), "relu": more.get("nonlinearity") == "relu"}
    topic.module(f"{kind.__name__}, {name}", module, run=forward, attributes=attributes, **inputs)


for kind in (torch.nn.RNN, torch.nn.LSTM, torch.nn.GRU):
    sequences("one layer", kind)
    sequences("no bias, no first state, batch first", kind, batch_first=True, bias=False, with_state=False)
    sequences("two layers, both directions", kind, layers=2, bidirectional=True)
    sequences("lengths", kind, lengths=[4, 1, 3])
    sequences("two layers, both directions, lengths, batch first", kind, layers=2, bidirectional=True, batch_first=True, lengths=[2, 4, 1])
sequences("relu", torch.nn.RNN, layers=2, nonlinearity="relu", bidirectional=True, lengths=[3, 4, 2])

for kind in (torch.nn.RNNCell, torch.nn.LSTMCell, torch.nn.GRUCell):
    cell("one step", kind)
    cell("no bias", kind, bias=False)
cell("relu", torch.nn.RNNCell, nonlinearity="relu")
topic.save()
