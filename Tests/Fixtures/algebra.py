import torch

from fixtures import Topic, integers, numbers

topic = Topic("algebra")


def dominant(*shape, seed):
    """Matrices that are far from singular."""
    return numbers(*shape, seed=seed, low=-1, high=1) + 3 * torch.eye(shape[-1])


def symmetric(*shape, seed):
    a = dominant(*shape, seed=seed)
    return (a + a.mT) / 2


topic.function("solve", lambda a, b: torch.linalg.solve(a, b), a=dominant(2, 4, 4, seed=1), b=numbers(2, 4, 3, seed=2))
topic.function("solve, broadcast", lambda a, b: torch.linalg.solve(a, b), a=dominant(4, 4, seed=3), b=numbers(2, 4, 3, seed=4))
topic.function("solve, vector", lambda a, b: torch.linalg.solve(a, b), a=dominant(5, 5, seed=5), b=numbers(5, seed=6))
topic.function("inverse", lambda a: torch.linalg.inv(a), a=dominant(2, 3, 3, seed=7))
topic.function("determinant", lambda a: torch.linalg.det(a), a=dominant(2, 3, 3, seed=8))
topic.function("log-determinant", lambda a: torch.linalg.slogdet(a)[1], a=numbers(2, 5, 5, seed=9))
topic.function("cholesky", lambda a: torch.linalg.cholesky((a + a.mT) / 2), a=symmetric(2, 4, 4, seed=10))
for upper in (False, True):
    for transposed in (False, True):
        for unit in (False, True):
            topic.function(f"triangular, {upper} {transposed} {unit}",
                           lambda a, b: torch.linalg.solve_triangular(a.mT if transposed else a, b, upper=upper != transposed, unitriangular=unit)
                           if not unit else torch.linalg.solve_triangular((a.triu(1) if upper else a.tril(-1)).mT + torch.eye(4) if transposed
                                                                          else (a.triu(1) if upper else a.tril(-1)) + torch.eye(4), b, upper=upper != transposed),
                           attributes={"upper": upper, "transposed": transposed, "unit": unit}, a=dominant(2, 4, 4, seed=11), b=numbers(2, 4, 3, seed=12))

zeros = numbers(3, 5, seed=13)
zeros[0, 2] = zeros[1, 0] = zeros[1, 3] = 0
topic.function("cumprod", lambda x: torch.cumprod(x, 1), attributes={"axis": 1}, x=zeros)
topic.function("cumprod, columns", lambda x: torch.cumprod(x, 0), attributes={"axis": 0}, x=zeros)
for name in ("sum", "mean", "prod", "amax", "amin"):
    for include in (True, False):
        source, own = numbers(3, 7, seed=14), numbers(3, 5, seed=15)
        topic.function(f"scatter, {name} {include}", lambda x, s, i: torch.scatter_reduce(x, 1, i, s, name, include_self=include),
                       attributes={"reduction": {"prod": "product", "amax": "max", "amin": "min"}.get(name, name), "include": include},
                       x=own, s=source, i=integers(3, 7, seed=16, below=5))
for p in (1, 2):
    topic.function(f"cdist {p}", lambda x, y: torch.cdist(x, y, p=p, compute_mode="donot_use_mm_for_euclid_dist"), attributes={"p": p}, x=numbers(2, 5, 7, seed=17), y=numbers(2, 3, 7, seed=18))
topic.function("cosine", lambda x, y: torch.nn.functional.cosine_similarity(x, y, dim=-1), x=numbers(4, 5, seed=19), y=numbers(4, 5, seed=20))
topic.function("kronecker", lambda x, y: torch.kron(x, y), x=numbers(2, 3, seed=21), y=numbers(3, 2, seed=22))
topic.function("cross", lambda x, y: torch.cross(x, y, dim=-1), x=numbers(4, 3, seed=23), y=numbers(4, 3, seed=24))
topic.save()
