import math

import torch

from fixtures import Topic, numbers

STEPS, SHOWN = 20, [1, 2, 10, 20]
W, B = numbers(3, 4, seed=1), numbers(3, seed=2)
GW, GB = numbers(STEPS, 3, 4, seed=3), numbers(STEPS, 3, seed=4)
topic = Topic("optimizers")


def trajectory(name, optimizer, step, **attributes):
    """step(t) changes the parameters w and b in place, by their gradients GW[t] and GB[t]; t counts from 0."""
    w, b = torch.nn.Parameter(W.clone()), torch.nn.Parameter(B.clone())
    run = step(w, b)
    shown = {"w": [], "b": []}
    for t in range(STEPS):
        w.grad, b.grad = GW[t].clone(), GB[t].clone()
        with torch.no_grad():
            run(t)
        if t + 1 in SHOWN:
            shown["w"].append(w.detach().clone())
            shown["b"].append(b.detach().clone())
    topic.case(name, attributes={"optimizer": optimizer, **attributes}, inputs={"w": W, "b": B, "gw": GW, "gb": GB},
               outputs={key: torch.stack(values) for key, values in shown.items()})


def torch_case(name, optimizer, make, **attributes):
    def step(w, b):
        chosen = make([w, b])
        return lambda t: chosen.step()

    trajectory(name, optimizer, step, **attributes)


def paper_case(name, optimizer, make, **attributes):
    """make(x) gives a function (g, t) that changes x; t counts from 1. Each tensor is on its own."""

    def step(w, b):
        of_w, of_b = make(w), make(b)

        def run(t):
            of_w(w.grad, t + 1)
            of_b(b.grad, t + 1)

        return run

    trajectory(name, optimizer, step, **attributes)


O = torch.optim
torch_case("sgd", "sgd", lambda p: O.SGD(p, lr=0.1), lr=0.1)
torch_case("sgd with decay", "sgd", lambda p: O.SGD(p, lr=0.1, weight_decay=0.25), lr=0.1, decay=0.25)
torch_case("sgd with momentum", "sgd", lambda p: O.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.25), lr=0.1, momentum=0.9, decay=0.25)
torch_case("sgd with dampening", "sgd", lambda p: O.SGD(p, lr=0.1, momentum=0.9, dampening=0.5), lr=0.1, momentum=0.9, dampening=0.5)
torch_case("sgd with look-ahead", "sgd", lambda p: O.SGD(p, lr=0.1, momentum=0.9, nesterov=True), lr=0.1, momentum=0.9, nesterov=True)
torch_case("adagrad", "adagrad", lambda p: O.Adagrad(p, lr=0.1, weight_decay=0.25), lr=0.1, decay=0.25)
torch_case("adagrad from a sum", "adagrad", lambda p: O.Adagrad(p, lr=0.1, initial_accumulator_value=0.5), lr=0.1, initial=0.5)
for centred in (False, True):
    for momentum in (0, 0.9):
        torch_case(f"rmsprop centred={centred} momentum={momentum}", "rmsprop",
                   lambda p: O.RMSprop(p, lr=0.05, alpha=0.9, eps=1e-3, momentum=momentum, centered=centred, weight_decay=0.25),
                   lr=0.05, rho=0.9, epsilon=1e-3, momentum=momentum, centred=centred, decay=0.25)
torch_case("adadelta", "adadelta", lambda p: O.Adadelta(p, lr=1, rho=0.9, eps=1e-3, weight_decay=0.25), lr=1, rho=0.9, epsilon=1e-3, decay=0.25)
torch_case("adam", "adam", lambda p: O.Adam(p, lr=0.1, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.25), lr=0.1, beta1=0.8, beta2=0.95, epsilon=1e-4, decay=0.25)
torch_case("amsgrad", "adam", lambda p: O.Adam(p, lr=0.1, betas=(0.8, 0.9), amsgrad=True), lr=0.1, beta1=0.8, beta2=0.9, epsilon=1e-8, amsgrad=True)
torch_case("adamw", "adamw", lambda p: O.AdamW(p, lr=0.1, weight_decay=0.25), lr=0.1, beta1=0.9, beta2=0.999, epsilon=1e-8, decay=0.25)
torch_case("adamw with amsgrad", "adamw", lambda p: O.AdamW(p, lr=0.1, betas=(0.9, 0.8), weight_decay=0.25, amsgrad=True),
           lr=0.1, beta1=0.9, beta2=0.8, epsilon=1e-8, decay=0.25, amsgrad=True)


def nadam(x):
    # torch 1.13 multiplies its product for the next step by mu twice, so this is the paper's formula, as in later versions.
    m, v, mu = torch.zeros_like(x), torch.zeros_like(x), lambda t: 0.9 * (1 - 0.5 * 0.96 ** (0.01 * t))

    def run(g, t):
        g = g + 0.25 * x
        m.copy_(0.9 * m + 0.1 * g)
        v.copy_(0.99 * v + 0.01 * g * g)
        product = math.prod(mu(i) for i in range(1, t + 1))
        step = (1 - mu(t)) / (1 - product) * g + mu(t + 1) / (1 - product * mu(t + 1)) * m
        x.sub_(0.1 * step / ((v / (1 - 0.99 ** t)).sqrt() + 1e-8))

    return run


def uncorrected_adam(x):
    m, v = torch.zeros_like(x), torch.zeros_like(x)

    def run(g, t):
        m.copy_(0.9 * m + 0.1 * g)
        v.copy_(0.99 * v + 0.01 * g * g)
        x.sub_(0.1 * m / (v.sqrt() + 1e-8))

    return run


def lion(x):
    m = torch.zeros_like(x)

    def run(g, t):
        x.mul_(1 - 0.01 * 0.25)
        x.sub_(0.01 * torch.sign(0.9 * m + 0.1 * g))
        m.copy_(0.99 * m + 0.01 * g)

    return run


def lars(x):
    v = torch.zeros_like(x)

    def run(g, t):
        trust = 0.02 * x.norm() / (g.norm() + 0.25 * x.norm())
        v.copy_(0.9 * v + 0.5 * trust * (g + 0.25 * x))
        x.sub_(v)

    return run


def lamb(x):
    m, v = torch.zeros_like(x), torch.zeros_like(x)

    def run(g, t):
        m.copy_(0.9 * m + 0.1 * g)
        v.copy_(0.99 * v + 0.01 * g * g)
        u = (m / (1 - 0.9 ** t)) / ((v / (1 - 0.99 ** t)).sqrt() + 1e-6) + 0.25 * x
        x.sub_(0.02 * x.norm() / u.norm() * u)

    return run


def nesterov(x):
    """x starts at x + mu v with v = 0; the points where gradients are taken."""
    v = torch.zeros_like(x)

    def run(g, t):
        position = x - 0.9 * v
        v.copy_(0.9 * v - 0.1 * g)
        x.copy_(position + v + 0.9 * v)

    return run


def muon(x):
    if x.dim() < 2:
        adam = torch.optim.AdamW([x], lr=0.05 * 0.5, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.25)

        def run_rest(g, t):
            x.grad = g
            adam.step()

        return run_rest

    m = torch.zeros_like(x)

    def run(g, t):
        m.copy_(0.9 * m + 0.1 * g)
        d = 0.9 * m + 0.1 * g
        a, b, c = 3.4445, -4.7750, 2.0315
        y = d / (d.norm() + 1e-7)
        for _ in range(5):
            s = y @ y.T
            y = a * y + (b * s + c * s @ s) @ y
        x.mul_(1 - 0.05 * 0.25)
        x.sub_(0.05 * math.sqrt(max(1, x.shape[0] / x.shape[1])) * y)

    return run


paper_case("adam without bias correction", "adam", uncorrected_adam, lr=0.1, beta1=0.9, beta2=0.99, epsilon=1e-8, uncorrected=True)
paper_case("nadam", "nadam", nadam, lr=0.1, beta1=0.9, beta2=0.99, epsilon=1e-8, decay=0.25, momentum_decay=0.01)
paper_case("lion", "lion", lion, lr=0.01, beta1=0.9, beta2=0.99, decay=0.25)
paper_case("lars", "lars", lars, lr=0.5, momentum=0.9, decay=0.25, trust=0.02)
paper_case("lamb", "lamb", lamb, lr=0.02, beta1=0.9, beta2=0.99, epsilon=1e-6, decay=0.25)
paper_case("nesterov", "nesterov", nesterov, lr=0.1, momentum=0.9)
paper_case("muon", "muon", muon, lr=0.05, momentum=0.9, decay=0.25, other=0.5)


def minimum(name, f, start, **options):
    """The points after each of 8 calls of L-BFGS, with its number of evaluations."""
    x = torch.nn.Parameter(start.clone())
    optimizer = O.LBFGS([x], **options)
    points = []

    def closure():
        optimizer.zero_grad()
        loss = f(x)
        loss.backward()
        return loss

    for _ in range(8):
        optimizer.step(closure)
        points.append(x.detach().clone())
    topic.case(name, attributes={"optimizer": "lbfgs", "search": "line_search_fn" in options, **{k: v for k, v in options.items() if k != "line_search_fn"}},
               inputs={"x": start}, outputs={"points": torch.stack(points)})


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def bowl(x):
    return (torch.arange(1.0, len(x) + 1) * (x - 0.5) ** 2).sum()


minimum("lbfgs bowl, fixed step", bowl, numbers(5, seed=7), lr=0.25, max_iter=2, history_size=3)
minimum("lbfgs bowl, line search", bowl, numbers(5, seed=7), lr=1, max_iter=1, history_size=3, line_search_fn="strong_wolfe")
minimum("lbfgs rosenbrock, line search", rosenbrock, torch.tensor([-1.5, 2.0]), lr=1, max_iter=3, history_size=10, line_search_fn="strong_wolfe")
topic.save()
