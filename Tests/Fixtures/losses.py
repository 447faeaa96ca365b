import torch
import torch.nn.functional as F

from fixtures import Topic, integers, numbers

topic = Topic("losses")
REDUCTIONS = ("none", "mean", "sum")


def each(name, f, *, attributes=None, constants=(), **inputs):
    """One case for each reduction."""
    for reduction in REDUCTIONS:
        topic.function(f"{name}, {reduction}", lambda **x: f(reduction=reduction, **x), attributes={"reduction": reduction, **(attributes or {})}, constants=constants, **inputs)


def reduced(losses, reduction):
    return losses.mean() if reduction == "mean" else losses.sum() if reduction == "sum" else losses


x, t = numbers(3, 5, seed=1), numbers(3, 5, seed=2)
each("l1", lambda x, t, reduction: F.l1_loss(x, t, reduction=reduction), x=x, t=t)
each("mse", lambda x, t, reduction: F.mse_loss(x, t, reduction=reduction), x=x, t=t)
each("huber", lambda x, t, reduction: F.huber_loss(x, t, reduction=reduction, delta=0.75), attributes={"delta": 0.75}, x=x, t=t)
each("smooth l1", lambda x, t, reduction: F.smooth_l1_loss(x, t, reduction=reduction, beta=0.5), attributes={"beta": 0.5}, x=x, t=t)
each("insensitive", lambda x, t, reduction: reduced(((x - t).abs() - 0.3).relu(), reduction), attributes={"epsilon": 0.3}, x=x, t=t)
each("gaussian", lambda x, t, v, reduction: F.gaussian_nll_loss(x, t, v, reduction=reduction), x=x, t=t, v=numbers(3, 5, seed=3, low=0.5, high=3))

logits, classes = numbers(4, 5, seed=4), integers(4, seed=5, below=5)
weights = numbers(5, seed=6, low=0.5, high=2)
ignoring = classes.clone()
ignoring[1] = -7
each("cross-entropy", lambda x, t, w, reduction: F.cross_entropy(x, t, w, ignore_index=-7, label_smoothing=0.125, reduction=reduction),
     attributes={"ignore": -7, "smoothing": 0.125}, constants=("w",), x=logits, t=ignoring, w=weights)
soft = torch.softmax(numbers(4, 5, 3, seed=7), 1)
soft = torch.round(soft * 64) / 64
each("soft cross-entropy", lambda x, t, w, reduction: F.cross_entropy(x, t, w, label_smoothing=0.125, reduction=reduction),
     attributes={"smoothing": 0.125}, constants=("w",), x=numbers(4, 5, 3, seed=8), t=soft, w=weights)
each("nll", lambda x, t, w, reduction: F.nll_loss(x, t, w, ignore_index=-7, reduction=reduction), attributes={"ignore": -7}, constants=("w",), x=logits, t=ignoring, w=weights)
each("nll pixels", lambda x, t, reduction: F.nll_loss(x, t, reduction=reduction), x=numbers(2, 3, 4, seed=9), t=integers(2, 4, seed=10, below=3))

yes = numbers(4, 5, seed=11, low=0, high=1)
each("logits", lambda x, t, w, p, reduction: F.binary_cross_entropy_with_logits(x, t, w, pos_weight=p, reduction=reduction),
     constants=("w", "p"), x=4 * logits, t=yes, w=numbers(4, 1, seed=12, low=0.5, high=2), p=weights)
each("probabilities", lambda x, t, w, reduction: F.binary_cross_entropy(x, t, w, reduction=reduction), constants=("t", "w"),
     x=numbers(4, 5, seed=13, low=0.05, high=0.95), t=yes, w=numbers(4, 5, seed=12, low=0.5, high=2))
each("multi-label", lambda x, t, w, reduction: F.multilabel_soft_margin_loss(x, t, w, reduction=reduction), constants=("t", "w"), x=logits, t=yes.round(), w=weights)
each("hinge", lambda x, t, reduction: reduced((1 - t * x).relu(), reduction), constants=("t",), x=logits, t=2 * yes.round() - 1)
each("focal", lambda x, t, reduction: reduced((0.25 * t + 0.75 * (1 - t)) * (1 - (t * torch.sigmoid(x) + (1 - t) * torch.sigmoid(-x))) ** 2
     * F.binary_cross_entropy_with_logits(x, t, reduction="none"), reduction), constants=("t",), x=logits, t=yes.round())
for p in (1, 2):
    each(f"multiclass hinge {p}", lambda x, t, reduction: 5 * F.multi_margin_loss(x, t, p=p, margin=0.75, reduction=reduction), attributes={"margin": 0.75, "p": p}, x=logits, t=classes)

q, r = torch.log_softmax(logits, 1).detach(), torch.log_softmax(numbers(4, 5, seed=14), 1).detach()
each("kl", lambda x, t, reduction: F.kl_div(x, t, log_target=True, reduction="none").sum(1) if reduction == "none"
     else F.kl_div(x, t, log_target=True, reduction="batchmean" if reduction == "mean" else "sum"), x=torch.round(q * 64) / 64, t=torch.round(r * 64) / 64)
each("normal", lambda mu, v, reduction: reduced(torch.distributions.kl_divergence(torch.distributions.Normal(mu, (0.5 * v).exp()), torch.distributions.Normal(0, 1)).sum((1, 2)), reduction),
     mu=numbers(3, 2, 4, seed=15), v=numbers(3, 2, 4, seed=16))
each("distillation", lambda x, t, reduction: 9 * reduced(F.kl_div(torch.log_softmax(x / 3, 1), torch.softmax(t / 3, 1), reduction="none").sum(1), reduction),
     constants=("t",), attributes={"temperature": 3}, x=logits, t=numbers(4, 5, seed=17))

a, b, c = (numbers(4, 6, seed=s) for s in (18, 19, 20))
for p, swap in ((2, False), (2, True), (1, False)):
    each(f"triplet {p} {swap}", lambda a, b, c, reduction: F.triplet_margin_loss(a, b, c, margin=1.5, p=p, eps=0, swap=swap, reduction=reduction),
         attributes={"margin": 1.5, "p": p, "swap": swap}, a=a, b=b, c=c)
sign = torch.tensor([1.0, -1, -1, 1])
each("cosine", lambda a, b, t, reduction: F.cosine_embedding_loss(a, b, t, margin=0.1, reduction=reduction), attributes={"margin": 0.1}, constants=("t",), a=a, b=b, t=sign)
each("contrastive", lambda a, b, t, reduction: reduced(t * (a - b).norm(dim=1) ** 2 / 2 + (1 - t) * (4 - (a - b).norm(dim=1)).relu() ** 2 / 2, reduction),
     attributes={"margin": 4}, constants=("t",), a=a, b=b, t=(sign + 1) / 2)
each("infonce", lambda a, b, reduction: F.cross_entropy(F.normalize(a) @ F.normalize(b).T / 0.5, torch.arange(4), reduction=reduction), attributes={"temperature": 0.5}, a=a, b=b)


def nt_xent(a, b, reduction):
    z = F.normalize(torch.cat([a, b]))
    logits = (z @ z.T / 0.5).masked_fill(torch.eye(8, dtype=torch.bool), float("-inf"))
    return F.cross_entropy(logits, torch.arange(8).roll(4), reduction=reduction)


each("ntxent", nt_xent, attributes={"temperature": 0.5}, a=a, b=b)
each("vq", lambda a, b, reduction: F.mse_loss(b, a.detach(), reduction=reduction) + 0.5 * F.mse_loss(a, b.detach(), reduction=reduction), attributes={"beta": 0.5}, a=a, b=b)
topic.save()
