import torch

from fixtures import Topic

topic = Topic("schedules")
S = torch.optim.lr_scheduler


def rates(name, steps, make, lr=1.0, momentum=None):
    """The rates of the first steps."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr, momentum=0.9 if momentum is None else momentum)
    scheduler = make(optimizer)
    found, momenta = [], []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        momenta.append(optimizer.param_groups[0]["momentum"])
        optimizer.step()
        scheduler.step()
    outputs = {"rates": torch.tensor(found)}
    if momentum is not None:
        outputs["momenta"] = torch.tensor(momenta)
    topic.case(name, outputs=outputs)


rates("step", 25, lambda o: S.StepLR(o, 7, gamma=0.3))
rates("multi-step", 25, lambda o: S.MultiStepLR(o, [3, 10, 11], gamma=0.5))
rates("exponential", 25, lambda o: S.ExponentialLR(o, 0.9))
rates("cosine", 21, lambda o: S.CosineAnnealingLR(o, 20, eta_min=0.125))
rates("cosine restarts", 40, lambda o: S.CosineAnnealingWarmRestarts(o, 5, T_mult=1, eta_min=0.125))
rates("cosine restarts, growing", 40, lambda o: S.CosineAnnealingWarmRestarts(o, 5, T_mult=2, eta_min=0.125))
rates("linear", 25, lambda o: S.LinearLR(o, 1.0, 0.25, 20))
rates("polynomial", 25, lambda o: S.PolynomialLR(o, 20, power=2))
rates("one cycle", 20, lambda o: S.OneCycleLR(o, 2.0, 20), momentum=0.9)
rates("one cycle, other options", 30, lambda o: S.OneCycleLR(o, 2.0, 30, pct_start=0.4, div_factor=10, final_div_factor=100, base_momentum=0.8, max_momentum=0.9), momentum=0.9)
rates("cyclic", 30, lambda o: S.CyclicLR(o, 0.25, 1.0, step_size_up=4, step_size_down=6, cycle_momentum=False))
rates("cyclic, halving", 30, lambda o: S.CyclicLR(o, 0.25, 1.0, step_size_up=4, mode="triangular2", cycle_momentum=False))
rates("cyclic, exponential", 30, lambda o: S.CyclicLR(o, 0.25, 1.0, step_size_up=4, mode="exp_range", gamma=0.9, cycle_momentum=False))

# Schedules that torch has no class for, as functions of the step.
rates("constant", 5, lambda o: S.LambdaLR(o, lambda t: 1.0), lr=0.25)
rates("inverse time", 25, lambda o: S.LambdaLR(o, lambda t: 1 / (1 + 0.25 * t)))
rates("inverse square root", 25, lambda o: S.LambdaLR(o, lambda t: (4 / (4 + t)) ** 0.5))
rates("warm-up, then cosine", 25, lambda o: S.SequentialLR(o, [S.LinearLR(o, 0.2, 1.0, 4), S.CosineAnnealingLR(o, 20)], [5]))

VALUES = [5, 4, 4.1, 3.9999, 4, 4.2, 3, 3.1, 3.2, 3.3, 3.4, 3.5, 3.6, 2, 2.1, 2.2, 2.3, 2.4, 2.5, 2.6, 2.7, 2.8, 2.9, 3, 3.1]


def plateau(name, **options):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = S.ReduceLROnPlateau(optimizer, **options)
    found = []
    for value in VALUES:
        scheduler.step(value)
        found.append(optimizer.param_groups[0]["lr"])
    topic.case(name, attributes={"values": VALUES}, outputs={"rates": torch.tensor(found)})


plateau("plateau", factor=0.5, patience=2, threshold=1e-3, cooldown=1, min_lr=0.2)
plateau("plateau, larger is better", mode="max", factor=0.25, patience=3)
topic.save()
