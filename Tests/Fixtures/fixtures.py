"""Writes fixtures: what an independent implementation computes from given numbers, as JSON that the tests read.

    topic = Topic("linear")
    topic.module("with bias", torch.nn.Linear(3, 4), x=numbers(2, 3, seed=1))
    topic.save()

Everything is computed in double precision. Inputs and parameters are multiples of 1/64, so that they are the same numbers in single precision.
"""

import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def numbers(*shape, seed, low=-2, high=2):
    """Multiples of 1/64 between low and high, spread evenly, in random order: no two are equal where there is room."""
    count = 1
    for length in shape:
        count *= length
    generator = torch.Generator().manual_seed(seed)
    places = (torch.arange(count, dtype=torch.float64) + 0.5) / max(count, 1)
    values = torch.round((low + (high - low) * places) * 64) / 64
    return values[torch.randperm(count, generator=generator)].reshape(shape)


def integers(*shape, seed, below):
    """Whole numbers from 0 to below - 1."""
    return torch.randint(below, shape, generator=torch.Generator().manual_seed(seed))


class Topic:
    """A file of cases."""

    def __init__(self, name):
        self.name, self.cases = name, []

    def case(self, name, *, attributes=None, inputs=None, parameters=None, upstream=None, outputs=None, gradients=None):
        """A case as it is: tensors by name; a gradient bears the name of the input or parameter."""
        groups = {"inputs": inputs, "parameters": parameters, "upstream": upstream, "outputs": outputs, "gradients": gradients}
        case = {"name": name, "attributes": attributes or {}}
        case.update({key: {k: _tensor(v) for k, v in group.items()} for key, group in groups.items() if group})
        self.cases.append(case)

    def function(self, name, f, *, attributes=None, constants=(), **inputs):
        """f(**inputs) and its gradients by the floating-point inputs, but the constants."""
        self._run(name, f, attributes, constants, inputs, {}, {})

    def module(self, name, module, *, run=None, attributes=None, constants=(), scale=0.5, **inputs):
        """A module on its inputs; run(module, **inputs) says how, where it is not module(*inputs). Its parameters are set to numbers in +-scale; state names are torch's."""
        module = module.double()
        with torch.no_grad():
            for i, parameter in enumerate(module.parameters()):
                parameter.copy_(numbers(*parameter.shape, seed=100 + i, low=-scale, high=scale))
        state = {k: v.clone() for k, v in module.state_dict().items() if v.is_floating_point()}
        run = run or (lambda m, **x: m(*x.values()))
        self._run(name, lambda **x: run(module, **x), attributes, constants, inputs, dict(module.named_parameters()), state)

    def save(self):
        path = pathlib.Path(__file__).with_name(self.name + ".json")
        lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in self.cases)
        path.write_text(f"[\n{lines}\n]\n")
        print(f"{path.name}: {len(self.cases)} cases, {path.stat().st_size // 1024} KB")

    def _run(self, name, f, attributes, constants, inputs, parameters, state):
        variables = {k: v.detach().clone().requires_grad_(v.is_floating_point() and k not in constants) for k, v in inputs.items()}
        results = f(**variables)
        results = _flat(results)
        floating = [(f"y{i}", y) for i, y in enumerate(results)]
        upstream = {k: numbers(*y.shape, seed=200 + i) for i, (k, y) in enumerate(floating) if y.requires_grad}
        gradients = {}
        if upstream:
            wanted = {k: v for k, v in {**variables, **parameters}.items() if v.requires_grad}
            total = sum((y * upstream[k]).sum() for k, y in floating if k in upstream)
            found = torch.autograd.grad(total, list(wanted.values()), allow_unused=True)
            gradients = {k: g for k, g in zip(wanted, found) if g is not None}
        self.case(name, attributes=attributes, inputs=inputs, parameters=state, upstream=upstream, outputs=dict(floating), gradients=gradients)


def _flat(results):
    return [results] if isinstance(results, torch.Tensor) else [t for r in results if r is not None for t in _flat(r)]


def _tensor(x):
    x = torch.as_tensor(x).detach()
    kind = "bool" if x.dtype == torch.bool else "float" if x.is_floating_point() else "int"
    values = x.reshape(-1).tolist()
    return {"type": kind, "shape": list(x.shape), "values": [int(v) if kind != "float" or v == int(v) else v for v in values]}
